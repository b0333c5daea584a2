"""Which of the two hours is meant, in the night in which the clock is put back?"""

import pytest
from django.conf import settings

from tests.builders import utc
from tocsin.console.pages.tags import clock_time, local_and_utc, span, wall

pytestmark = pytest.mark.pages


@pytest.fixture
def english() -> None:
    """Have Django name days in English."""
    if not settings.configured:
        settings.configure(USE_I18N=False)


@pytest.mark.usefixtures("english")
def test_in_the_night_in_which_the_clock_is_changed_a_time_names_its_clock() -> None:
    first, second = utc("2026-10-25 00:30:00"), utc("2026-10-25 01:30:00")
    evening, morning = utc("2026-10-24 19:00:00"), utc("2026-10-25 09:00:00")
    there = "Europe/Madrid"
    assert span(evening, morning, there) == "Sat 24 Oct 21:00 CEST – Sun 25 Oct 10:00 CET"
    assert span(evening, first, there) == "Sat 24 Oct 21:00 – Sun 25 Oct 02:30 CEST"
    assert span(first, second, there) == "Sun 25 Oct 02:30 CEST – 02:30 CET"
    assert span(second, None, there) == "Sun 25 Oct 02:30 CET –"
    assert [clock_time(at, there) for at in (first, second, morning)] == ["02:30:00 CEST", "02:30:00 CET", "10:00:00"]  # fmt: skip
    assert wall(second, there) == "Sun 25 Oct 02:30:00 CET"
    assert local_and_utc(first, there) == "Sun 25 Oct 02:30:00 CEST · 00:30"
    assert span(first, morning) == "Sun 25 Oct 00:30 – 09:00"
