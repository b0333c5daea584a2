"""What is it called? The only module that makes identifiers and random numbers."""

import base64
import secrets
import time
from hashlib import blake2b
from typing import Final, Protocol
from uuid import UUID

# No letter or digit that is mistaken for another when read aloud or off a pager.
READABLE: Final = "ACDEFGHJKLMNPQRTUVWXY34679"
CODES: Final = range(100, 1000)
_DECK: Final[list[int]] = []


class Ids(Protocol):
    """Identifiers as the code sees them; tests and the simulator bring a seeded one."""

    def uuid(self) -> UUID:
        """Return a new UUIDv7."""
        ...

    def code(self) -> str:
        """Return three digits for a text message."""
        ...

    def word(self) -> str:
        """Return four readable characters, the name of an incident on the phone."""
        ...

    def fraction(self) -> float:
        """Return a number from 0 up to 1."""
        ...


def uuid7() -> UUID:
    """Return a UUIDv7 (RFC 9562 5.7): 48 bits of milliseconds, then randomness, so that keys sort by time."""
    ms = time.time_ns() // 1_000_000
    value = (ms & (1 << 48) - 1) << 80 | secrets.randbits(80)
    value = value & ~(0xF << 76) | 0x7 << 76
    return UUID(int=value & ~(0x3 << 62) | 0x2 << 62)


def named_uuid(like: UUID | int, *parts: object) -> UUID:
    """Return the UUIDv7 that these parts always have: whoever does a thing again gives it the same name.

    `like`: milliseconds since 1970, or a UUIDv7 whose time is taken. It is no secret, and none may rest on it.
    """
    ms = like.int >> 80 if isinstance(like, UUID) else like
    text = "\n".join(map(str, parts)).encode()
    value = (ms & (1 << 48) - 1) << 80 | int.from_bytes(blake2b(text, digest_size=10).digest())
    value = value & ~(0xF << 76) | 0x7 << 76
    return UUID(int=value & ~(0x3 << 62) | 0x2 << 62)


def secret(n_bytes: int = 32) -> str:
    """Return `n_bytes` of randomness as URL-safe text without padding."""
    return secrets.token_urlsafe(n_bytes)


def webhook_secret() -> str:
    """Return a new secret of a webhook, as Standard Webhooks spells it: `whsec_`, then 32 bytes as base64."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"


class RandomIds:
    """Identifiers from the system's random source."""

    def uuid(self) -> UUID:
        """Return a new UUIDv7."""
        return uuid7()

    def code(self) -> str:
        """Return three digits, 100 to 999, so that none is lost as a leading zero.

        Dealt from a shuffled deck of this process, so that one that a person got comes again as late as it can: an
        answer with a code that meant two incidents of a day is refused.
        """
        try:
            return str(_DECK.pop())
        except IndexError:
            fresh = list(CODES)
            secrets.SystemRandom().shuffle(fresh)
            dealt = fresh.pop()
            _DECK.extend(fresh)
            return str(dealt)

    def word(self) -> str:
        """Return four characters that cannot be misread."""
        return "".join(secrets.choice(READABLE) for _ in range(4))

    def fraction(self) -> float:
        """Return a number from 0 up to 1."""
        return secrets.randbelow(1 << 53) / (1 << 53)
