"""Whose token is this? Verified once and remembered until the public keys change."""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tocsin.gate import journal, limits
from tocsin.runtime import tokens

_SCHEME = "bearer "


class DeviceKeys:
    """The public keys of `<keys_dir>/device-public.txt`, read again whenever the file changes."""

    def __init__(self, path: Path) -> None:
        """Read the file; without one, no token verifies until it is there."""
        self._path = path
        self._stamp: tuple[int, int, int] | None = None
        self._keys: tuple[Ed25519PublicKey, ...] = ()
        self._known: dict[str, bytes] = {}
        self._problem: str | None = None
        self.refresh()

    @property
    def n_keys(self) -> int:
        """Return how many keys are in force."""
        return len(self._keys)

    def ids_of(self, authorization: str) -> bytes | None:
        """Return the 48 id bytes of a `Bearer` header whose token verifies, else None."""
        known = self._known.get(authorization)
        if known is not None:
            return known
        token = token_of(authorization)
        claims = tokens.verify(self._keys, token)
        if claims is None and self.refresh():
            claims = tokens.verify(self._keys, token)
        if claims is None:
            return None
        if len(self._known) >= limits.TOKENS_KNOWN:
            del self._known[next(iter(self._known))]
        self._known[authorization] = claims.ids
        return claims.ids

    def refresh(self) -> bool:
        """Read the file if it changed; return whether the keys did (not if it is unreadable)."""
        try:
            status = self._path.stat()
            stamp = (status.st_mtime_ns, status.st_ino, status.st_size)
            if stamp == self._stamp:
                return False
            self._stamp = stamp
            keys = tokens.read_public_keys(self._path)
        except (OSError, ValueError) as problem:
            if str(problem) != self._problem:
                self._problem = str(problem)
                journal.error("gate.keys_unreadable", problem=self._problem)
            return False
        # A key that was taken out must not live on in what was remembered.
        self._keys, self._known, self._problem = keys, {}, None
        journal.info("gate.keys_read", n_keys=len(keys))
        return True


def token_of(authorization: str) -> str:
    """Return the token of an Authorization header, "" if its scheme is not Bearer."""
    is_bearer = authorization[: len(_SCHEME)].lower() == _SCHEME
    return authorization[len(_SCHEME) :].strip() if is_bearer else ""
