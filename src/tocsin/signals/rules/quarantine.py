"""Why is a message set aside, and how many of them are kept? Pure."""

from enum import StrEnum
from typing import Final

# Of one sender and one reason so many are kept as they came; the rest is counted.
KEEP_RAW: Final = 20
MAX_RAW_BYTES: Final = 16_384
# A sender has at most KEEP_RAW rows for each of the reasons below, whatever it sends.


class Why(StrEnum):
    """Why a message, or one line of it, could not be taken."""

    NOT_JSON = "not JSON"
    NOT_TEXT = "not text in UTF-8"
    NOT_A_LIST = "not the form that this feed has"
    TOO_MANY = "too many in one message"
    NO_PLATE = "no plate in it that could be one"
    NO_BADGE = "no badge in it"
    NO_NAME = "nobody named in it"
    NO_TIME = "no time in it"
    BAD_TIME = "a time that is none"
    FUTURE = "a time in the future"
    TOO_OLD = "too old to mean anything now"
    NO_POSITION = "no position in it"
    BAD_POSITION = "a position that is not on Earth"
    OTHER_DEVICE = "another device's message"
    BAD_FIELD = "a field that is not what it should be"
    NO_COLUMNS = "no column that this list needs"
    UNDECIDED = "could not be decided about"
    NO_SENDER = "no number in it that sent it"
    NO_SIGNAL = "no signal in it"
    UNKNOWN_NUMBER = "unknown number"
    NATIONAL_NUMBER = "number in national form"
    WORDS_ONLY = "words without a code"
    # Of every one, whether a case knows of whom it speaks or none does: who may write to that address, and read this list,
    # would else learn whether there is a case.
    CUSTODY_NOTICE = "a custody notice"


# A camera whose battery died says 1970: it lives, and nothing that it sees is taken.
WRONG_CLOCK: Final = frozenset({Why.TOO_OLD, Why.FUTURE})
