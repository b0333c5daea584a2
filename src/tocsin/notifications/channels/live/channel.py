"""How does a notification reach open screens? The hub is rung; they load what they may see."""

import asyncio
from collections.abc import Awaitable, Callable

from tocsin.notifications.rules.message import Accepted, ChannelError, Message


class LiveChannel:
    """A bell: `Accepted` says that the hub was rung, not that a screen was open."""

    kind = "live"

    def __init__(self, ring: Callable[[Message], Awaitable[None]]) -> None:
        """Take what rings the hub; it raises `ChannelError` or OSError when it cannot."""
        self._ring = ring

    def peer(self, message: Message) -> str:
        """Return the one hub."""
        del message
        return "live"

    async def send(self, message: Message, *, timeout_s: float) -> Accepted:
        """Ring the hub."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._ring(message)
        except TimeoutError as problem:
            raise ChannelError(code="timeout") from problem
        except ConnectionRefusedError as problem:
            raise ChannelError(code="refused", refused=True) from problem
        except OSError as problem:
            raise ChannelError(code="closed") from problem
        return Accepted(message.reference)

    async def close(self) -> None:
        """Hold nothing, so give nothing back."""
