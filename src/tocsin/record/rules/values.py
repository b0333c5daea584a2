"""How does a value stand in an entry? One text for each form, and no other."""

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from tocsin.record.rules.kinds import Form

MAX_LIST: Final = 1_000
MAX_CODE: Final = 128
# Beyond this, a reader in JavaScript or a spreadsheet no longer sees the same number.
MAX_NUMBER: Final = 2**53 - 1

# No @ and no +: an address or a number has no way into a code.
_CODE: Final = re.compile(r"[A-Za-z0-9 ._:;/,=#()'-]{1,128}")
_NO_CODE: Final = re.compile(r"[^A-Za-z0-9 ._:;/,=#()'-]")
# What a provider's error text may quote: a mail address, or a telephone number with its blanks.
_ADDRESS: Final = re.compile(r"\S+@\S+|\+?\d(?:[ ./-]?\d){6,}")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_ID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_TIME: Final = "%Y-%m-%dT%H:%M:%S.%fZ"


class UnfitError(ValueError):
    """The value is not of this form."""


def written(form: Form, value: object) -> object:
    """Return the JSON value for `value`; a UUID and an aware datetime become their text.

    Raises:
        UnfitError: it is not of this form.
    """
    return _WRITERS[form](value)


def as_code(text: str) -> str:
    """Return what a provider or a device said as a code; never empty.

    A surprising answer must not keep an alarm's entry from being written.
    """
    return _NO_CODE.sub("_", text)[:MAX_CODE].strip() or "_"


def as_reason(text: str) -> str:
    """Return the same without mail addresses and telephone numbers."""
    # Cut first: on 64 KB without a blank the search would take seconds.
    return as_code(_ADDRESS.sub("#", text[: 4 * MAX_CODE]))


def time_text(at: datetime) -> str:
    """Return an aware time as the record writes it, in UTC with microseconds."""
    # Not strftime's %Y: it drops leading zeros of the year on some systems.
    return at.astimezone(UTC).isoformat(timespec="microseconds")[:26] + "Z"


def time_of(text: str) -> datetime:
    """Return the time that the record wrote.

    Raises:
        ValueError: any other notation, so that one instant has one text.
    """
    at = datetime.strptime(text, _TIME).replace(tzinfo=UTC)
    if time_text(at) != text:
        raise UnfitError(text)
    return at


def _id(value: object) -> object:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, str) and _ID.fullmatch(value):
        return value
    raise UnfitError


def _code(value: object) -> object:
    if isinstance(value, str) and _CODE.fullmatch(value):
        return value
    raise UnfitError


def _number(value: object) -> object:
    # A flag is an int to Python; it is none to a reader.
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= MAX_NUMBER:
        return value
    raise UnfitError


def _flag(value: object) -> object:
    if isinstance(value, bool):
        return value
    raise UnfitError


def _time(value: object) -> object:
    if isinstance(value, datetime) and value.tzinfo is not None:
        return time_text(value)
    if isinstance(value, str):
        return time_text(time_of(value))
    raise UnfitError


def _digest(value: object) -> object:
    if isinstance(value, str) and _DIGEST.fullmatch(value):
        return value
    raise UnfitError


def _counts(value: object) -> object:
    if not isinstance(value, Mapping) or len(value) > MAX_LIST:
        raise UnfitError
    return {_code(name): _number(count) for name, count in value.items()}


def _sealed(value: object) -> object:
    if not isinstance(value, Mapping) or value.keys() != {"of", "sealed"}:
        raise UnfitError
    text = value["sealed"]
    try:
        if not text or base64.b64encode(base64.b64decode(text, validate=True)).decode() != text:
            raise UnfitError
    except (binascii.Error, TypeError, ValueError) as error:
        raise UnfitError from error
    return {"of": _id(value["of"]), "sealed": text}


def _text(clean: Callable[[str], str]) -> Callable[[object], object]:
    def write(value: object) -> object:
        if not isinstance(value, str):
            raise UnfitError
        return clean(value)

    return write


def _list(write: Callable[[object], object]) -> Callable[[object], object]:
    def write_all(value: object) -> object:
        if not isinstance(value, list | tuple) or len(value) > MAX_LIST:
            raise UnfitError
        return [write(each) for each in value]

    return write_all


_WRITERS: Final[Mapping[Form, Callable[[object], object]]] = {
    Form.ID: _id,
    Form.IDS: _list(_id),
    Form.CODE: _code,
    Form.CODES: _list(_code),
    Form.GIVEN: _text(as_code),
    Form.REASON: _text(as_reason),
    Form.NUMBER: _number,
    Form.FLAG: _flag,
    Form.TIME: _time,
    Form.DIGEST: _digest,
    Form.COUNTS: _counts,
    Form.SEALED: _sealed,
}
