"""How does a request get to another machine within its time? The one HTTP client of all channels.

At most 64 kept-alive connections for each host, no redirects, answers up to 64 KiB, TLS checked.

    ChannelError
      temporary    refused (nobody listens there; `refused=True`), dns, tls, timeout, closed,
                   unreachable, bad_answer, http_408, http_425, http_429, http_5xx
      permanent    bad_address, bad_header, private_address, redirect, every other http_4xx

The status rules are the caller's to apply with `check`.
"""

import asyncio
import re
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

from tocsin.notifications.channels.resolver import Resolver
from tocsin.notifications.channels.wire import Connection, Reply
from tocsin.notifications.rules.message import ChannelError

CONNECTIONS_PER_HOST: Final = 64
HOSTS_AT_ONCE: Final = 1024
# Firewalls and load balancers forget idle connections; a forgotten one costs a time-out.
IDLE_MAX_S: Final = 20.0
CLOSE_MAX_S: Final = 1.0
# The last of a host's addresses gets the whole time that is left, the others this much.
ADDRESS_MAX_S: Final = 1.0
SUCCESS: Final = 2
REDIRECTION: Final = 3
CLIENT_ERROR: Final = 4
TEMPORARY: Final = frozenset({408, 425, 429})
URL: Final = re.compile(r"https?://[!-~]{1,2040}", re.IGNORECASE)
HEAD: Final = re.compile(r"[\t\r\n -~\x80-\xff]*")


@dataclass(frozen=True, slots=True)
class Target:
    """A parsed address."""

    scheme: str
    host: str
    port: int
    authority: str
    path: str

    @property
    def peer(self) -> str:
        """Return the machine and port, for sharing failures."""
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Request:
    """One request; `headers` need neither Host nor Content-Length."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(slots=True)
class Host:
    """The connections to one host and port."""

    slots: asyncio.Semaphore
    idle: list[Connection] = field(default_factory=list)
    every: set[Connection] = field(default_factory=set)
    under_way: int = 0


@lru_cache(maxsize=4096)
def target_of(url: str) -> Target:
    """Return the parts of an http(s) address.

    Raises:
        ChannelError: `bad_address` (permanent): blanks, control characters, a user name, no host.
    """
    problem = ChannelError(code="bad_address", permanent=True)
    if not URL.fullmatch(url):
        raise problem
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise problem from None
    if not host or port == 0 or "@" in parts.netloc:
        raise problem
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    scheme = parts.scheme.lower()
    return Target(scheme, host, port or (443 if scheme == "https" else 80), parts.netloc, path)


def check(reply: Reply) -> Reply:
    """Return a reply of 2xx as it is.

    Raises:
        ChannelError: `redirect` or `http_NNN`, with what Retry-After asks for.
    """
    status = reply.status
    kind = status // 100
    if kind == SUCCESS:
        return reply
    if kind == REDIRECTION:
        raise ChannelError(code="redirect", permanent=True)
    is_temporary = kind != CLIENT_ERROR or status in TEMPORARY
    raise ChannelError(
        code=f"http_{status}",
        permanent=not is_temporary,
        retry_after_s=retry_after_s(reply.headers),
    )


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that Retry-After asks for; a date counts from the peer's Date header."""
    text = headers.get("retry-after", "").strip()
    if text.isdecimal() and text.isascii():
        return float(text[:9])
    try:
        until = parsedate_to_datetime(text)
        return (until - parsedate_to_datetime(headers.get("date", ""))).total_seconds()
    except (ValueError, TypeError):
        return None


class HttpClient:
    """Requests over kept-alive connections, bounded for each host."""

    def __init__(
        self,
        *,
        allow_private: bool,
        resolver: Resolver | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """Take private addresses only if told so; `tls` is for tests and private authorities."""
        self._resolver = resolver or Resolver(allow_private=allow_private)
        self._tls = tls
        self._hosts: dict[tuple[str, str, int], Host] = {}
        self._is_closed = False

    async def send(self, request: Request, *, timeout_s: float) -> Reply:
        """Return the answer, whatever its status.

        Raises:
            ChannelError: see the module's tree; never anything else.
        """
        target = target_of(request.url)
        raw = _bytes_of(request, target)
        try:
            async with asyncio.timeout(timeout_s):
                return await self._send(target, raw)
        except ConnectionRefusedError as problem:
            raise ChannelError(code="refused", refused=True) from problem
        except ssl.SSLError as problem:
            raise ChannelError(code="tls") from problem
        except TimeoutError as problem:
            raise ChannelError(code="timeout") from problem
        except (ConnectionError, EOFError) as problem:
            raise ChannelError(code="closed") from problem
        except OSError as problem:
            raise ChannelError(code="unreachable") from problem

    async def close(self) -> None:
        """Cut every connection and wait until they are gone; sends under way end as `closed`."""
        self._is_closed = True
        connections = [one for host in self._hosts.values() for one in host.every]
        for connection in connections:
            connection.abort()
        if connections:
            await asyncio.wait([one.ended for one in connections], timeout=CLOSE_MAX_S)
        self._hosts.clear()

    async def _send(self, target: Target, raw: bytes) -> Reply:
        host = self._host(target)
        host.under_way += 1
        try:
            async with host.slots:
                return await self._ask(host, target, raw)
        finally:
            host.under_way -= 1

    async def _ask(self, host: Host, target: Target, raw: bytes) -> Reply:
        kept = self._idle(host)
        if kept is not None:
            try:
                return await self._exchange(host, kept, raw)
            except ChannelError as problem:
                # A kept connection may be closed by the peer in the moment in which we use it:
                # nothing was answered, so ask again on a new one.
                if problem.code != "closed" or kept.was_answered:
                    raise
        return await self._exchange(host, await self._connect(host, target), raw)

    async def _exchange(self, host: Host, connection: Connection, raw: bytes) -> Reply:
        reply = await connection.exchange(raw)
        if connection.is_usable:
            connection.idle_since = asyncio.get_running_loop().time()
            host.idle.append(connection)
        return reply

    def _host(self, target: Target) -> Host:
        key = (target.scheme, target.host, target.port)
        host = self._hosts.get(key)
        if host is None:
            if len(self._hosts) >= HOSTS_AT_ONCE:
                self._forget_one()
            host = self._hosts[key] = Host(asyncio.Semaphore(CONNECTIONS_PER_HOST))
        return host

    def _forget_one(self) -> None:
        for key, host in self._hosts.items():
            if host.under_way == 0:
                for connection in self._hosts.pop(key).idle:
                    connection.abort()
                return

    def _idle(self, host: Host) -> Connection | None:
        oldest = asyncio.get_running_loop().time() - IDLE_MAX_S
        while host.idle:
            connection = host.idle.pop()
            if connection.is_usable and connection.idle_since > oldest:
                return connection
            connection.abort()
        return None

    async def _connect(self, host: Host, target: Target) -> Connection:
        addresses = await self._resolver.addresses(target.host)
        for address in addresses[:-1]:
            with suppress(OSError):
                async with asyncio.timeout(ADDRESS_MAX_S):
                    return await self._open(host, target, address)
        return await self._open(host, target, addresses[-1])

    async def _open(self, host: Host, target: Target, address: str) -> Connection:
        if self._is_closed:
            raise ChannelError(code="closed")
        loop = asyncio.get_running_loop()
        if target.scheme == "https":
            self._tls = self._tls or ssl.create_default_context()
            _, connection = await loop.create_connection(
                Connection,
                address,
                target.port,
                ssl=self._tls,
                server_hostname=target.host,
                ssl_shutdown_timeout=CLOSE_MAX_S,
            )
        else:
            _, connection = await loop.create_connection(Connection, address, target.port)
        host.every.add(connection)
        connection.ended.add_done_callback(lambda _: host.every.discard(connection))
        return connection


def _bytes_of(request: Request, target: Target) -> bytes:
    lines = [f"{request.method} {target.path} HTTP/1.1", f"Host: {target.authority}"]
    lines += [f"{name}: {value}" for name, value in request.headers.items()]
    lines.append(f"Content-Length: {len(request.body)}")
    head = "\r\n".join([*lines, "", ""])
    # One look at the whole: a line break inside of a value is one line break too many.
    breaks = len(lines) + 1
    if head.count("\r") != breaks or head.count("\n") != breaks or not HEAD.fullmatch(head):
        raise ChannelError(code="bad_header", permanent=True)
    return head.encode("latin-1") + request.body
