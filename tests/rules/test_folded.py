"""What does the engine read in a flood's count? One more press of that person, as quiet as what it counts."""

import json

import pytest

from tests import cast
from tests.builders import utc
from tocsin.engine.intake import sort_out
from tocsin.runtime.spool_format import FOLD, Entry
from tocsin.signals.rules.press import Press

AT = utc("2026-11-27 03:00:00")
IDS = cast.HARBOUR_EMS.bytes + cast.PROTECTED.id.bytes + bytes(16)


def read(**count: object) -> Press:
    """Return the press that a count is read as."""
    entry = Entry(7, AT, FOLD, IDS + json.dumps(count).encode())
    ((press,), odd) = sort_out([entry], [])
    assert odd == []
    assert isinstance(press, Press)
    return press


def folded(**count: object) -> tuple[str, str, bool, tuple[str, ...]]:
    """Return act, key, silence and labels of the press that a count is read as."""
    press = read(**count)
    return press.act, press.key, press.is_silent, press.labels


@pytest.mark.guarantee("I22")
@pytest.mark.parametrize(("silent", "is_silent"), [(None, False), (True, True), ("yes", True)])
def test_a_count_of_presses_is_silent_if_one_of_them_was(silent: object, is_silent: bool) -> None:
    count = {"count": 9, "sos": 8, "last_key": "key-0009", "last_sos_key": "key-0008"}
    assert folded(**count, silent=silent) == ("sos", "key-0008", is_silent, ("folded",))


@pytest.mark.guarantee("I9")
def test_a_count_of_codes_alone_raises_without_a_sound_on_her_phone() -> None:
    count = {"count": 3, "sos": 0, "last_key": "cancel-0003", "last_sos_key": None}
    assert folded(**count) == ("sos", "cancel-0003", True, ("folded",))


@pytest.mark.parametrize(("count", "stands_for"), [(9, 9), (0, 1), (-3, 1), (True, 1), ("9", 1), (None, 1)])  # fmt: skip
def test_it_stands_for_as_many_as_were_counted_and_for_itself_where_that_is_no_number(
    count: object, stands_for: int
) -> None:
    assert read(count=count, sos=8, last_key="key-0009", last_sos_key="key-0008").stands_for == stands_for  # fmt: skip
