"""Whose token is this? Verified once, beside the loop, and remembered until the public keys change.

A signature costs a quarter of a millisecond: in the loop, a flood of made-up tokens would slow
everybody down. A connection whose last token was none shares the verifier with all others like it: a
thousand of them ask one after the other, and each new connection in between. Whoever has hung up comes
after all who still wait, and not as fast as they come: to connect, send and be gone is the cheapest
flood there is, and a phone that presses stays.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tocsin.gate import journal, limits
from tocsin.runtime import tokens

_SCHEME = "bearer "

Keys = tuple[Ed25519PublicKey, ...]
Then = Callable[[bytes | None], None]
Awaited = Callable[[], bool]
"""Whether anybody still waits for the answer."""


class _Asked(NamedTuple):
    authorization: str
    keys: Keys
    is_awaited: Awaited
    is_strangers: bool
    then: Then


class DeviceKeys:
    """The public keys of `<keys_dir>/device-public.txt`, read again whenever the file changes."""

    def __init__(self, path: Path) -> None:
        """Read the file; without one, no token verifies until it is there."""
        self._path = path
        self._stamp: tuple[int, int, int] | None = None
        self._keys: Keys = ()
        self._known: dict[str, bytes] = {}
        self._problem: str | None = None
        self._asked: deque[_Asked] = deque()
        self._strangers: deque[_Asked] = deque()
        self._is_strangers_turn = False
        self._left: deque[_Asked] = deque(maxlen=limits.LEFT_KEPT)
        # Turns of the verifier that belonged to one who was pushed out; and how many were, in all.
        self._idle_turns = self.n_unchecked = 0
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="verifier")
        self.refresh()

    @property
    def n_keys(self) -> int:
        """Return how many keys are in force."""
        return len(self._keys)

    def check(
        self,
        authorization: str,
        then: Then,
        is_awaited: Awaited = lambda: True,
        *,
        is_strangers: bool = False,
    ) -> None:
        """Call `then`, now or soon, with the 48 id bytes of a header's token; None: not valid.

        `is_strangers`: the same connection had none before, and takes turns with those that did not.
        Of those for whom `is_awaited` is false the oldest beyond `limits.LEFT_KEPT` are never checked, and `then` is not called.
        """
        known = self._known.get(authorization)
        if known is not None:
            then(known)
            return
        waiting = self._strangers if is_strangers else self._asked
        waiting.append(_Asked(authorization, self._keys, is_awaited, is_strangers, then))
        self._pool.submit(self._verify_next, asyncio.get_running_loop())

    def _verify_next(self, loop: asyncio.AbstractEventLoop) -> None:
        asked = self._next_awaited() or self._next_left()
        if asked is None:
            return
        claims = tokens.verify(asked.keys, token_of(asked.authorization))
        loop.call_soon_threadsafe(self._verified, asked, claims)

    def _next_awaited(self) -> _Asked | None:
        while waiting := self._whose_turn():
            asked = waiting.popleft()
            if asked.is_awaited():
                return asked
            if len(self._left) == limits.LEFT_KEPT:
                self._idle_turns += 1
                self.n_unchecked += 1
            self._left.append(asked)
        return None

    def _whose_turn(self) -> deque[_Asked]:
        # In turn, so that neither waits for ever.
        queues = (self._asked, self._strangers)
        first, second = reversed(queues) if self._is_strangers_turn else queues
        self._is_strangers_turn = not self._is_strangers_turn
        return first or second

    def _next_left(self) -> _Asked | None:
        # A flood of them must not leave more turns behind than there is to check.
        if self._idle_turns:
            self._idle_turns -= 1
            return None
        time.sleep(limits.LEFT_S)
        return self._left.popleft()

    def refresh(self) -> bool:
        """Read the file if it changed; return whether the keys did (not if it is unreadable)."""
        try:
            status = self._path.stat()
            stamp = (status.st_mtime_ns, status.st_ino, status.st_size)
            if stamp == self._stamp:
                return False
            keys = tokens.read_public_keys(self._path)
        except (OSError, ValueError) as problem:
            if str(problem) != self._problem:
                self._problem = str(problem)
                journal.error("gate.keys_unreadable", problem=self._problem)
            return False
        # A key that was taken out must not live on in what was remembered.
        self._stamp, self._keys, self._known, self._problem = stamp, keys, {}, None
        journal.info("gate.keys_read", n_keys=len(keys))
        return True

    def close(self) -> None:
        """Verify nothing more."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _verified(self, asked: _Asked, claims: tokens.Claims | None) -> None:
        authorization, keys, is_awaited, is_strangers, then = asked
        if keys is not self._keys or (claims is None and self.refresh()):
            self.check(authorization, then, is_awaited, is_strangers=is_strangers)
            return
        if claims is None:
            then(None)
            return
        if len(self._known) >= limits.TOKENS_KNOWN:
            del self._known[next(iter(self._known))]
        self._known[authorization] = claims.ids
        then(claims.ids)


def token_of(authorization: str) -> str:
    """Return the token of an Authorization header, "" if its scheme is not Bearer."""
    is_bearer = authorization[: len(_SCHEME)].lower() == _SCHEME
    return authorization[len(_SCHEME) :].strip() if is_bearer else ""
