"""Which regions are one? However a state is written; what nobody knows is not said, never another."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from tests.cast import HARBOUR_EMS
from tocsin.decisions.rules.matching import POSSIBLE_FROM, Entry, match_entry
from tocsin.decisions.rules.plates import REGION_OTHER, REGION_SAME, region_points
from tocsin.registry.rules.door import KnownPlate
from tocsin.registry.rules.regions import places_of
from tocsin.signals.rules.seen import PlateRead, Seen, Source

AT = datetime(2026, 3, 3, 22, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("one", "other", "points"),
    [
        ("Illinois", "us-il", REGION_SAME),
        ("IL", "illinois", REGION_SAME),
        ("Arkansas", "us-ar", REGION_SAME),
        ("Ontario", "ca-on", REGION_SAME),
        ("Québec", "QC", REGION_SAME),
        ("Washington, D.C.", "us-dc", REGION_SAME),
        ("Puerto Rico", "US-PR", REGION_SAME),
        ("New York", "NY", REGION_SAME),
        ("D", "Germany", REGION_SAME),
        ("CA", "US-CA", REGION_SAME),
        ("Illinois", "Texas", REGION_OTHER),
        ("us-il", "ca-on", REGION_OTHER),
        ("us", "Illinois", 0),
        ("USA", "us-tx", 0),
        ("Illinoise", "us-il", 0),
        ("Land of Lincoln", "us-tx", 0),
        ("", "us-il", 0),
    ],
)
def test_a_region_is_read_however_it_is_written(one: str, other: str, points: int) -> None:
    assert region_points(one, other) == region_points(other, one) == points


def test_two_letters_may_be_a_state_or_a_country() -> None:
    assert places_of("CA") == {"us-ca", "ca"}
    assert places_of("nowhere") == frozenset()


def match(known: str, text: str, region: str, source: Source, score: float = 1.0) -> int:
    """Return the score of this reading beside his plate; 0: no match."""
    entry = Entry(case_id=UUID(int=1), plates=(KnownPlate("NTR 4821", known),))
    seen = Seen(
        organisation_id=HARBOUR_EMS, source=source, track="t", seen_at=AT, heard_at=AT,
        plates=(PlateRead(text, score, region),),
    )  # fmt: skip
    found = match_entry(seen, entry)
    return found.score if found else 0


def test_a_reading_is_worth_the_same_however_his_state_was_written() -> None:
    for known in ("Illinois", "IL", "us-il"):
        assert match(known, "NTR4821", "us-il", Source.PLATE, 0.98) == 980
        assert match(known, "NTR4", "us-il", Source.PLATE, 0.62) >= POSSIBLE_FROM


@pytest.mark.guarantee("I14")
def test_another_state_lets_no_part_that_a_person_read_fall_under_the_floor() -> None:
    for source in (Source.DESK, Source.GUARD):
        assert match("Illinois", "NTR", "Texas", source) == POSSIBLE_FROM
    assert match("Illinois", "NTR", "Texas", Source.PLATE) == 0
    assert match("Illinois", "NTR4821", "Texas", Source.GUARD) == 750
