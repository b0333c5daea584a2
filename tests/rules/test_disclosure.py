"""Who is in the ledger of a case that joins an incident to which people were called for another one?"""

from uuid import UUID

import pytest

from tests import cast
from tests.builders import utc
from tocsin.notifications.rules.disclosure import Disclosure, joined_by
from tocsin.runtime.ids import named_uuid

HERS, OTHER = cast.number(0x90), cast.number(0x91)
INCIDENT = cast.number(0x1E1)


def a_line(to: UUID, case_id: UUID = HERS, text: str = "sighting") -> Disclosure:
    """Return that somebody was told at 21:00, and that she had notice of it."""
    return Disclosure(
        id=a_name(case_id, to, text),
        organisation_id=cast.HARBOUR_EMS,
        case_id=case_id,
        incident_id=INCIDENT,
        to_id=to,
        to_role="guard",
        ground="possible_breach",
        what=(f"text {text}", "place", "instruction"),
        at=utc("2026-11-06 21:00"),
        notice_at=utc("2026-11-06 21:00"),
    )


def a_name(*told: object) -> UUID:
    """Return the id that `decide` gives a line."""
    return named_uuid(INCIDENT, "disclosure", *told)


@pytest.mark.guarantee("I19")
def test_whoever_was_told_before_is_in_it_from_when_it_joined():
    at = utc("2026-11-06 21:05")
    told = [a_line(cast.GUARD.id), a_line(cast.SHIFT_LEAD.id, text="sighting_check")]
    lines = joined_by(told, OTHER, at, a_name)
    assert [(line.case_id, line.to_id, line.what, line.at) for line in lines] == [
        (OTHER, cast.GUARD.id, ("text sighting", "place", "instruction"), at),
        (OTHER, cast.SHIFT_LEAD.id, ("text sighting_check", "place", "instruction"), at),
    ]
    # Told the same by a call of its own, it is the same line.
    assert lines[0].id == a_line(cast.GUARD.id, OTHER).id


def test_of_two_cases_in_it_already_each_person_and_text_makes_one_line():
    told = [a_line(cast.GUARD.id), a_line(cast.GUARD.id, cast.number(0x92))]
    assert len(joined_by(told, OTHER, utc("2026-11-06 21:05"), a_name)) == 1


def test_where_nobody_was_told_of_a_case_there_is_no_line():
    assert joined_by([], OTHER, utc("2026-11-06 21:05"), a_name) == ()
