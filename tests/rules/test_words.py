"""Which names are said in free words? Two parts of one beside each other; a first name alone is a word like others."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from tests.cast import GUARD, HARBOUR_EMS
from tocsin.decisions.index import Index
from tocsin.decisions.rules.matching import CERTAIN_FROM, Certainty, Entry, Match, match_entry
from tocsin.decisions.rules.names import MAX_WORDS, read_words
from tocsin.signals.rules.seen import PlateRead, Seen, Source

AT = datetime(2026, 3, 3, 22, 0, tzinfo=UTC)
REX = Entry(case_id=UUID(int=1), names=("Rex Notreal", "Rexy"), phones=("+13125550142",))
WILL = Entry(case_id=UUID(int=2), names=("Will Stone",))


def said(words: str, **changes: object) -> Seen:
    values: dict[str, object] = {"source": Source.GUARD, "reported_by_id": GUARD.id}
    return Seen(
        organisation_id=HARBOUR_EMS, track="t", seen_at=AT, heard_at=AT, words=words,
        **values | changes,
    )  # type: ignore[arg-type]  # fmt: skip


def found(words: str, entry: Entry = REX, **changes: object) -> Match | None:
    """Return the match, which the index of many must find as well."""
    match = match_entry(said(words, **changes), entry)
    assert Index([WILL, REX]).match(said(words, **changes)) == ((match,) if match else ())
    return match


@pytest.mark.parametrize(
    "words",
    [
        "Rex Notreal stands beside her car in the lot, he has a gun",
        "in the lot: NOTREAL, Rex",
        "I think réx nottreal is at the gate",
        "rex allan notreal again",
    ],
)
def test_a_name_in_the_words_is_possible(words: str) -> None:
    match = found(words)
    assert match
    assert match.certainty is Certainty.POSSIBLE
    assert all(code.startswith("words_") for code, _ in match.parts)


@pytest.mark.parametrize(
    "words",
    [
        "Rex is at the gate",
        "Rexy is at the gate",
        "will somebody come to the stone wall",
        "he will stand there",
        "Rex was seen, and later in the evening Mr Notreal too",
        "R Notreal is at the gate",
        "",
    ],
)
def test_a_first_name_an_initial_or_words_far_apart_name_nobody(words: str) -> None:
    assert found(words) is None
    assert found(words, WILL) is None


def test_a_name_that_is_known_in_other_letters_is_found_in_the_words() -> None:
    ming = Entry(case_id=UUID(int=3), names=("王小明",))
    match = match_entry(said("in the lot: Xiaoming Wang"), ming)
    assert match
    assert [code for code, _ in match.parts[:2]] == ["words_name_script"] * 2
    assert Index([REX, ming]).match(said("in the lot: Xiaoming Wang")) == (match,)
    assert match_entry(said("Wang is at the gate"), ming) is None


def test_words_beside_a_number_to_the_letter_are_still_not_certain() -> None:
    match = found("it was Rex Notreal", phone="+13125550142")
    assert match
    assert match.score >= CERTAIN_FROM
    assert match.certainty is Certainty.POSSIBLE


def test_only_what_a_person_tells_is_searched() -> None:
    words = "Rex Notreal called"
    assert found(words, source=Source.CONTACT)
    assert found(words, source=Source.CONTACT, reported_by_id=None) is None
    assert found(words, source=Source.VISITOR_LIST) is None
    assert found(words, plates=(PlateRead("ZZZ0001"),))


def test_so_many_words_are_searched_and_no_more() -> None:
    before = "so " * (MAX_WORDS - 2)
    assert found(before + "Rex Notreal")
    assert found(before + "so Rex Notreal") is None
    assert len(read_words("ab " * (MAX_WORDS + 1))) == MAX_WORDS
