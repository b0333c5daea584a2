"""How do the carrier's providers behave now? Each can be told to refuse, hang or fail.

`refuse`: the mail port is closed; the HTTP providers share the pages' port, so theirs is reset.
`hang`: taken and never answered, until the mode changes. `500`: an answer that asks to try again.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

OK: Final = "ok"
REFUSE: Final = "refuse"
HANG: Final = "hang"
FAIL: Final = "500"
MODES: Final = (OK, REFUSE, HANG, FAIL)
PROVIDERS: Final = ("twilio", "kannel", "hook", "smtp")


class Moods:
    """The mode of every provider."""

    def __init__(self) -> None:
        """Begin with all in order."""
        self._modes = dict.fromkeys(PROVIDERS, OK)
        self._changed = asyncio.Condition()
        self.on_change: Callable[[str, str], Awaitable[None]] | None = None

    def mode(self, provider: str) -> str:
        """Return how a provider behaves."""
        return self._modes[provider]

    def every(self) -> dict[str, str]:
        """Return all of them."""
        return dict(self._modes)

    async def set(self, provider: str, mode: str) -> None:
        """Change one; raises ValueError for a provider or mode that there is not."""
        if provider not in self._modes or mode not in MODES:
            message = f"providers are {', '.join(PROVIDERS)}; modes are {', '.join(MODES)}"
            raise ValueError(message)
        self._modes[provider] = mode
        if self.on_change is not None:
            await self.on_change(provider, mode)
        async with self._changed:
            self._changed.notify_all()

    async def meet(self, provider: str) -> str:
        """Return the mode that a request meets; while it hangs, this hangs."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._modes[provider] != HANG)
        return self._modes[provider]
