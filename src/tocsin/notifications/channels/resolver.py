"""Which addresses does a host name have, and may we connect to them?

The caller connects to the address that was checked, never to the name: a name whose answer changes
between the check and the connection (DNS rebinding) reaches nothing.
"""

import asyncio
import ipaddress
import socket
import threading
from collections.abc import Callable
from typing import Final

from tocsin.notifications.rules.message import ChannelError

FRESH_S: Final = 30.0
# A name server that is away must not stop an alarm to a host that was reached today.
STALE_S: Final = 86_400.0
LOOKUPS_AT_ONCE: Final = 16
HOSTS_KEPT: Final = 4096
ADDRESSES_TRIED: Final = 4
NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def is_public(address: str) -> bool:
    """Return whether `address` (a literal) lies on the public internet.

    An IPv4 address inside an IPv6 one (mapped, 6to4, NAT64) is judged too.
    """
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    inner = _embedded(ip)
    return all(one.is_global and not one.is_multicast and not one.is_reserved for one in inner)


def _embedded(ip: Address) -> tuple[Address, ...]:
    if isinstance(ip, ipaddress.IPv4Address):
        return (ip,)
    if ip.ipv4_mapped is not None:
        return (ip.ipv4_mapped,)
    if ip.sixtofour is not None:
        return (ip, ip.sixtofour)
    if ip in NAT64:
        return (ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF),)
    return (ip,)


def look_up(host: str) -> tuple[str, ...]:
    """Return the addresses of `host` in the system's order, each once. Blocks; raises OSError."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))[:ADDRESSES_TRIED]


class Resolver:
    """Host names to addresses, kept for 30 s, and for a day when the name server is away."""

    def __init__(
        self, *, allow_private: bool, look_up: Callable[[str], tuple[str, ...]] = look_up
    ) -> None:
        """Refuse private, loopback and link-local addresses unless `allow_private`."""
        self._allow_private = allow_private
        self._look_up = look_up
        self._known: dict[str, tuple[float, tuple[str, ...]]] = {}
        self._under_way: dict[str, asyncio.Future[tuple[str, ...]]] = {}
        self._threads = 0

    async def addresses(self, host: str) -> tuple[str, ...]:
        """Return what to connect to for `host`.

        Raises:
            ChannelError: `dns` (temporary); `private_address` (permanent) when any is not public.
        """
        found = await self._find(host)
        if not self._allow_private and not all(is_public(address) for address in found):
            raise ChannelError(code="private_address", permanent=True)
        return found

    async def _find(self, host: str) -> tuple[str, ...]:
        try:
            return (str(ipaddress.ip_address(host)),)
        except ValueError:
            pass
        now = asyncio.get_running_loop().time()
        known = self._known.get(host)
        if known is not None and now - known[0] < FRESH_S:
            return known[1]
        try:
            # Shielded: the look-up serves all who wait for this host, not only the first.
            found = await asyncio.shield(self._under_way.get(host) or self._start(host))
        except (OSError, UnicodeError) as problem:
            if known is not None and now - known[0] < STALE_S:
                return known[1]
            raise ChannelError(code="dns") from problem
        return found

    def _start(self, host: str) -> asyncio.Future[tuple[str, ...]]:
        loop = asyncio.get_running_loop()
        waiting: asyncio.Future[tuple[str, ...]] = loop.create_future()
        if self._threads >= LOOKUPS_AT_ONCE:
            raise ChannelError(code="dns")
        self._threads += 1
        self._under_way[host] = waiting

        def work() -> None:
            try:
                found: tuple[str, ...] | Exception = self._look_up(host)
            except (OSError, UnicodeError) as problem:
                found = problem
            try:
                loop.call_soon_threadsafe(self._done, host, found)
            except RuntimeError:
                return  # the loop was closed meanwhile

        # A daemon thread, not an executor: a hanging name server must not hold up our end.
        threading.Thread(target=work, name="resolver", daemon=True).start()
        return waiting

    def _done(self, host: str, found: tuple[str, ...] | Exception) -> None:
        self._threads -= 1
        waiting = self._under_way.pop(host)
        if waiting.done():
            return
        if isinstance(found, Exception):
            waiting.set_exception(found)
            waiting.exception()  # read here, so that nobody waiting is no warning
            return
        if len(self._known) >= HOSTS_KEPT:
            self._known.pop(next(iter(self._known)))
        self._known[host] = (asyncio.get_running_loop().time(), found)
        waiting.set_result(found)
