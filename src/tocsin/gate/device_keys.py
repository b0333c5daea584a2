"""Whose token is this? Verified once, beside the loop, and remembered until the public keys change.

A signature costs a quarter of a millisecond: in the loop, a flood of made-up tokens would slow
everybody down.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tocsin.gate import journal, limits
from tocsin.runtime import tokens

_SCHEME = "bearer "

Keys = tuple[Ed25519PublicKey, ...]
Then = Callable[[bytes | None], None]


class DeviceKeys:
    """The public keys of `<keys_dir>/device-public.txt`, read again whenever the file changes."""

    def __init__(self, path: Path) -> None:
        """Read the file; without one, no token verifies until it is there."""
        self._path = path
        self._stamp: tuple[int, int, int] | None = None
        self._keys: Keys = ()
        self._known: dict[str, bytes] = {}
        self._problem: str | None = None
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="verifier")
        self.refresh()

    @property
    def n_keys(self) -> int:
        """Return how many keys are in force."""
        return len(self._keys)

    def check(self, authorization: str, then: Then) -> None:
        """Call `then`, now or soon, with the 48 id bytes of a header's token; None: not valid."""
        known = self._known.get(authorization)
        if known is not None:
            then(known)
            return
        loop, keys, token = asyncio.get_running_loop(), self._keys, token_of(authorization)

        def verify() -> None:
            claims = tokens.verify(keys, token)
            loop.call_soon_threadsafe(self._verified, authorization, claims, keys, then)

        self._pool.submit(verify)

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

    def _verified(
        self, authorization: str, claims: tokens.Claims | None, keys: Keys, then: Then
    ) -> None:
        if keys is not self._keys or (claims is None and self.refresh()):
            self.check(authorization, then)
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
