"""Is this the event of which a sender told before under the same name?"""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import cast
from tests.builders import AT
from tocsin.signals.rules.repeat import SAME_FOR
from tocsin.signals.rules.seen import Seen, Source
from tocsin.signals.rules.track import again, is_counted, is_near, names_near

READER = cast.number(0x77A)
TICK = timedelta(microseconds=1)


def a_seen(**changes: Any) -> Seen:
    values: dict[str, Any] = {
        "organisation_id": cast.HARBOUR_EMS,
        "source": Source.BADGE,
        "track": "r:1",
        "seen_at": AT,
        "heard_at": AT,
        "sender_id": READER,
    }
    return Seen(**values | changes)


def test_one_name_is_one_event_for_so_long_and_not_a_moment_longer() -> None:
    assert is_near(AT, AT + SAME_FOR - TICK)
    assert is_near(AT + SAME_FOR - TICK, AT)
    assert not is_near(AT, AT + SAME_FOR)


@given(st.timedeltas(timedelta(0), 2 * SAME_FOR), st.timedeltas(-SAME_FOR + TICK, SAME_FOR - TICK))
def test_whatever_is_near_is_found_under_the_name_that_it_got(
    later: timedelta, apart: timedelta
) -> None:
    first = AT + later
    assert again("r:1", first) in names_near("r:1", first + apart)


@pytest.mark.parametrize("source", [Source.PLATE, Source.MONITOR, Source.VISITOR_LIST])
def test_the_names_of_pictures_positions_and_lists_stay(source: Source) -> None:
    assert not is_counted(a_seen(source=source))


@pytest.mark.parametrize("source", [Source.BADGE, Source.CONTACT, Source.FEED])
def test_what_a_sender_counts_may_come_again_and_what_a_person_tells_may_not(
    source: Source,
) -> None:
    assert is_counted(a_seen(source=source))
    assert not is_counted(a_seen(source=source, sender_id=None))
