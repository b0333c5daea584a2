"""Is this the body of a signal, and which key and act has it? All else is the engine's."""

import json
import math
import re
from typing import Final, NamedTuple, NoReturn

from tocsin.gate import limits

ACTS: Final = frozenset({"sos", "cancel", "walk", "extend", "end", "way", "stay", "decline"})

# Under this name every phone asks whether she has to wait (`signals.rules.hold.WAY_KEY`); what is answered is the last
# grade, so an SOS under it would be answered and raise nothing.
WAY_KEY: Final = "the-way-now"

# What the engine takes for a plain no (`signals.rules.press`): a flood that is counted is silent as soon as one of it is.
LOUD: Final = frozenset({"", "0", "false", "no", "none", "null", "off"})

_KEY: Final = re.compile(r"[A-Za-z0-9._-]{8,64}", re.ASCII)


class MalformedError(Exception):
    """A body that is no signal; its text is the short answer to the sender."""


class Signal(NamedTuple):
    """What the gate itself needs of a body."""

    key: str
    act: str
    is_silent: bool = False


def read(body: bytes) -> Signal:
    """Return key and act of a body.

    Raises:
        MalformedError: it is not UTF-8, not one JSON object, or has a wrong key or act, a name
            twice, a number that is none or too long, or too deep a nesting.
    """
    try:
        value = _DECODER.decode(body.decode("utf-8"))
    except UnicodeDecodeError as problem:
        message = "the body is not UTF-8"
        raise MalformedError(message) from problem
    except RecursionError as problem:
        message = "the body is nested too deeply"
        raise MalformedError(message) from problem
    except json.JSONDecodeError as problem:
        message = f"the body is not JSON: {problem.msg} at character {problem.pos}"
        raise MalformedError(message) from problem
    if not isinstance(value, dict):
        message = "the body is not a JSON object"
        raise MalformedError(message)
    if body.count(b"{") + body.count(b"[") > limits.NESTING:
        _check_nesting(value, limits.NESTING)
    key, act = value.get("key"), value.get("act", "sos")
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        message = "key must be 8 to 64 characters of A-Z a-z 0-9 . _ -"
        raise MalformedError(message)
    return Signal(key, _act(key, act), _is_silent(value.get("silent")))


def _is_silent(value: object) -> bool:
    return bool(value) and str(value).strip().lower() not in LOUD


def _act(key: str, act: object) -> str:
    if not isinstance(act, str) or act not in ACTS:
        message = "act must be sos, cancel, walk, extend, end, way, stay or decline"
        raise MalformedError(message)
    if key == WAY_KEY and act != "way":
        message = "this key is for asking about the way; make another"
        raise MalformedError(message)
    return act


def _check_nesting(value: object, levels: int) -> None:
    if not isinstance(value, dict | list):
        return
    if not levels:
        message = "the body is nested too deeply"
        raise MalformedError(message)
    for inside in value.values() if isinstance(value, dict) else value:
        _check_nesting(inside, levels - 1)


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        message = "a name stands twice in one object"
        raise MalformedError(message)
    return found


def _whole_number(text: str) -> int:
    if len(text) > limits.NUMBER_DIGITS:
        message = "a number is too long"
        raise MalformedError(message)
    return int(text)


def _fraction(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        message = "a number is too large"
        raise MalformedError(message)
    return value


def _no_number(text: str) -> NoReturn:
    message = f"{text} is not a JSON number"
    raise MalformedError(message)


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_object,
    parse_int=_whole_number,
    parse_float=_fraction,
    parse_constant=_no_number,
)
