"""Does a page say all of why somebody counts as kept away, however much it is?"""

import pytest
from django.conf import settings

from tests import cast
from tests.rules.night import an_incident
from tocsin.console.pages.seen_words import reasons_of
from tocsin.decisions.rules.said import Said
from tocsin.notifications.rules.respondent import MAX_REASONS


@pytest.fixture(autouse=True)
def english() -> None:
    """Have Django say words in English; the pages themselves are served by another process."""
    if not settings.configured:
        settings.configure(USE_I18N=False)


@pytest.mark.parametrize("before", [MAX_REASONS - 1, MAX_REASONS])
def test_a_reason_beyond_those_that_are_kept_with_the_incident_is_said_too(before: int) -> None:
    codes = (*(f"code {n}" for n in range(before)), "dismissed")
    said = (Said(cast.number(0x701), cast.number(0x703), (), codes),)
    incident = an_incident(because=codes[:MAX_REASONS], said=said)
    assert reasons_of(incident) == ["The order was dismissed."]
