"""Is this her code, or the one that means the opposite?

Everybody has both from the start, so that having a second one says nothing. One digest of what was typed is compared
with both stored ones, in the same time for every answer (I9).
"""

import hashlib
import hmac
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

WRONG_CODES_THAT_ALARM: Final = 3
SCRYPT_N: Final = 2**12


class Verdict(StrEnum):
    """What a typed code means."""

    TRUE = "true"
    DURESS = "duress"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class CodePair:
    """Both codes of a person as digests over one salt, and how many wrong ones came in a row."""

    salt: bytes
    true: bytes
    duress: bytes
    wrong_count: int = 0


def digest(code: str, salt: bytes) -> bytes:
    """Return the digest of a code: scrypt (RFC 7914, n = 4,096, about 10 ms), 32 bytes."""
    return hashlib.scrypt(code.encode(), salt=salt, n=SCRYPT_N, r=8, p=1, dklen=32)


def make_pair(true: str, duress: str, salt: bytes) -> CodePair:
    """Return the stored form of two codes. Whether they may be chosen is `refused_pair`'s to say."""
    return CodePair(salt, digest(true, salt), digest(duress, salt))


def judge(pair: CodePair | None, code: str) -> tuple[Verdict, int]:
    """Return what a code means, and the wrong ones in a row after it.

    The third wrong one looks like a cancel and alarms: a person who cannot remember under a threat, or somebody who
    guesses. Without a stored pair every code is wrong.
    """
    if pair is None:
        return Verdict.WRONG, 1
    typed = digest(code, pair.salt)
    is_true, is_duress = (
        hmac.compare_digest(typed, pair.true),
        hmac.compare_digest(typed, pair.duress),
    )
    if is_true:
        return Verdict.TRUE, 0
    if is_duress:
        return Verdict.DURESS, 0
    wrong = pair.wrong_count + 1
    return (Verdict.DURESS, 0) if wrong >= WRONG_CODES_THAT_ALARM else (Verdict.WRONG, wrong)


def refused_pair(true: str, duress: str) -> str | None:
    """Return why these two codes cannot be chosen, or None. Four to six digits each, not easily mistaken for one another."""
    for code in (true, duress):
        if not (code.isascii() and code.isdigit() and 4 <= len(code) <= 6):
            return "a code has four to six digits"
        if len(set(code)) == 1:
            return "a code is not one digit repeated"
    if true == duress or true == duress[::-1]:
        return "the two codes must differ, and not be each other backwards"
    if len(true) == len(duress) and sum(a != b for a, b in zip(true, duress, strict=True)) < 2:
        return "the two codes must differ in two places, so that a slip is not the other one"
    return None
