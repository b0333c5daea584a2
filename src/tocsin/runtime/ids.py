"""What is it called? The only module that makes identifiers and random numbers."""

import base64
import secrets
import time
from hashlib import blake2b
from itertools import chain
from threading import Lock
from typing import Final, Protocol, TypeVar
from uuid import UUID

K = TypeVar("K")
V = TypeVar("V")

# No letter or digit that is mistaken for another when read aloud or off a pager.
READABLE: Final = "ACDEFGHJKLMNPQRTUVWXY34679"
WORD_CHARS: Final = 4
CODES: Final = range(100, 1000)
# As many codes of one person, and of as many people, are kept apart from each other.
CODES_APART: Final = 32
PEOPLE_APART: Final = 2_000
# By person: the message of each code, as its hash. Whole ids of all would be fifty megabytes after a year.
_GIVEN: Final[dict[UUID, dict[int, int]]] = {}
# The lanes of an engine are threads.
_DEALING: Final = Lock()
_OWN_KEY: Final = secrets.token_bytes(32)


class Ids(Protocol):
    """Identifiers as the code sees them; tests and the simulator bring a seeded one."""

    def uuid(self) -> UUID:
        """Return a new UUIDv7."""
        ...

    def code(self, message: UUID, person: UUID) -> str:
        """Return three digits for this text message to this person."""
        ...

    def word(self) -> str:
        """Return four readable characters, the name on the phone of what has no other (see `named_word`)."""
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


def named_word(of: UUID) -> str:
    """Return the four characters that are the name on the phone of what has this id, whoever takes it in again."""
    number = int.from_bytes(blake2b(of.bytes, digest_size=8, person=b"word").digest())
    letters = (number // len(READABLE) ** place % len(READABLE) for place in range(WORD_CHARS))
    return "".join(READABLE[letter] for letter in letters)


def secret(n_bytes: int = 32) -> str:
    """Return `n_bytes` of randomness as URL-safe text without padding."""
    return secrets.token_urlsafe(n_bytes)


def webhook_secret() -> str:
    """Return a new secret of a webhook, as Standard Webhooks spells it: `whsec_`, then 32 bytes as base64."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"


class RandomIds:
    """Identifiers from the system's random source."""

    def __init__(self, key: bytes = _OWN_KEY) -> None:
        """`key`: a secret of at most 64 bytes. Whoever has the same gives a message the same code, also after a restart."""
        self._key = key

    def uuid(self) -> UUID:
        """Return a new UUIDv7."""
        return uuid7()

    def code(self, message: UUID, person: UUID) -> str:
        """Return three digits, 100 to 999, so that none is lost as a leading zero.

        What an engine told before its end, without the database, the next one tells again: the answer to the first
        text must count there too, and so a message has its code from its id. One that she got from this process of late
        for another message is passed over: an answer with a code that meant two incidents of a day is refused.
        """
        digest = blake2b(message.bytes, key=self._key).digest()
        numbers = (int.from_bytes(digest[at : at + 2]) for at in range(0, len(digest), 2))
        codes = (CODES[number % len(CODES)] for number in numbers)
        own, usual = hash(message), next(codes)
        with _DEALING:
            given = _GIVEN.pop(person, {})
            wanted = (one for one in chain((usual,), codes) if given.get(one, own) == own)
            code = next(wanted, usual)
            _keep(given, code, own, CODES_APART)
            _keep(_GIVEN, person, given, PEOPLE_APART)
        return str(code)

    def word(self) -> str:
        """Return four characters that cannot be misread."""
        return "".join(secrets.choice(READABLE) for _ in range(WORD_CHARS))

    def fraction(self) -> float:
        """Return a number from 0 up to 1."""
        return secrets.randbelow(1 << 53) / (1 << 53)


def _keep(kept: dict[K, V], key: K, value: V, most: int) -> None:
    kept.pop(key, None)
    kept[key] = value
    if len(kept) > most:
        del kept[next(iter(kept))]
