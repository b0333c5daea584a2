"""What may be entered of an order, what contradicts itself, and what of it a guard shows to police?"""

import struct
import zlib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import cast
from tests.rules.test_order import ISSUED, fact, number, order
from tocsin.registry.rules import first_page, paper
from tocsin.registry.rules.conditions import CONDITIONS, MAX_METRES, metres, unknown
from tocsin.registry.rules.findings import errors
from tocsin.registry.rules.order import End, Fact, FactKind, Family, StayAway
from tocsin.registry.rules.order_amending import FactDraft, judge_fact, only_tightens
from tocsin.registry.rules.order_document import (
    Elsewhere,
    OrderBody,
    ProtectedPerson,
    Respondent,
    body_from_dict,
    body_to_dict,
    respondent_from_dict,
    respondent_to_dict,
)
from tocsin.registry.rules.order_entry import OrderDraft, When, facts_of, has_name_of, judge

AT = datetime(2025, 3, 9, 8, 0, tzinfo=UTC)
DAY = timedelta(days=1)
REX = Respondent(name=cast.RESPONDENT.name, aliases=("Rexy",), born_on=date(1980, 1, 2))


def draft(**changes: object) -> OrderDraft:
    """Return an order as it is entered with little."""
    values: dict[str, object] = {"respondent": REX, "court_time_zone": "America/Chicago", "protected_id": cast.PROTECTED.id}  # fmt: skip
    return OrderDraft(**values | changes)  # type: ignore[arg-type]


def fields(**changes: object) -> set[str]:
    """Return the fields at which something is wrong."""
    return {finding.path for finding in errors(judge(draft(**changes), AT))}


def test_nothing_is_mandatory_that_is_not_needed() -> None:
    assert fields() == set()
    kinds = [one.kind for one in facts_of(draft(), AT, cast.SHIFT_LEAD.id, lambda: number(1))]
    assert kinds == [FactKind.ISSUED]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"respondent": Respondent(name=" ")}, "respondent_name"),
        ({"protected_id": None}, "protected"),
        ({"colleague_id": cast.PROTECTED.id}, "colleague"),
        ({"linked_ids": (cast.PROTECTED.id,)}, "linked"),
        ({"respondent": replace(REX, born_on=date(2025, 3, 10))}, "respondent_born_on"),
        ({"respondent": replace(REX, born_on=date(1899, 12, 31))}, "respondent_born_on"),
        ({"conditions": ("01", "10")}, "conditions"),
        ({"issued": When(at=AT + DAY)}, "issued_on"),
        ({"issued": When(on=date(2025, 3, 5)), "end": End(on=date(2025, 3, 4))}, "ends_on"),
        ({"issued": When(at=AT), "end": End(at=AT)}, "ends_on"),
        ({"end": End(at=AT + DAY), "effective": When(at=AT + DAY)}, "effective_on"),
        ({"issued": When(at=AT), "effective": When(at=AT - DAY)}, "effective_on"),
        ({"notice": FactKind.SERVED, "notice_when": When(at=AT + DAY)}, "notice_on"),
        ({"issued": When(at=AT), "notice": FactKind.SERVED, "notice_when": When(at=AT - DAY)}, "notice_on"),
        ({"issued": When(on=date(2025, 3, 1)), "end": End(on=date(2025, 3, 4)), "notice": FactKind.SERVED, "notice_when": When(on=date(2025, 3, 5))}, "notice_on"),
        ({"body": OrderBody(others=(ProtectedPerson("Wanda", date(2025, 3, 10)),))}, "others"),
        ({"body": OrderBody(others=(ProtectedPerson("Wanda", date(1899, 12, 31)),))}, "others"),
        ({"notice_when": When(at=AT)}, "notice"),
        ({"issued": When(at=AT), "hearing": When(at=AT - DAY)}, "hearing_on"),
        ({"body": OrderBody(her_word="objects")}, "her_ground"),
    ],
)  # fmt: skip
def test_each_contradiction_is_said_at_its_field(changes: dict[str, object], field: str) -> None:
    assert fields(**changes) == {field}


def test_served_on_the_day_of_issue_without_hours_is_no_contradiction() -> None:
    today = When(on=date(2025, 3, 9))
    assert fields(issued=today, notice=FactKind.SERVED, notice_when=today, end=End(on=date(2025, 3, 9))) == set()  # fmt: skip


def test_served_on_the_day_of_its_end_or_nobody_knows_when_is_no_contradiction() -> None:
    ended = {"issued": When(on=date(2025, 3, 1)), "end": End(on=date(2025, 3, 4)), "notice": FactKind.SERVED}  # fmt: skip
    assert fields(**ended, notice_when=When(on=date(2025, 3, 4))) == set()
    assert fields(**ended) == set()


def test_a_trespass_notice_may_protect_a_place_alone() -> None:
    assert fields(family=Family.TRESPASS, protected_id=None) == set()


@pytest.mark.parametrize(
    ("kind", "changes", "field"),
    [
        (FactKind.SERVED, {"when": When(at=ISSUED - DAY)}, "when_on"),
        (FactKind.SERVED, {"when": When(at=AT + DAY)}, "when_on"),
        (FactKind.REINSTATED, {"when": When(at=AT)}, "kind"),
        (FactKind.RENEWED, {"when": When(at=AT)}, "ends_on"),
        (FactKind.ENDS, {"end": End(on=date(2025, 2, 1))}, "ends_on"),
        (FactKind.SUPERSEDED, {"when": When(at=AT)}, "kind"),
        (FactKind.RETRACTED, {"retracts_id": number(77)}, "retracts"),
    ],
)
def test_what_cannot_have_happened_is_refused(
    kind: FactKind, changes: dict[str, object], field: str
) -> None:
    said = FactDraft(kind=kind, **changes)  # type: ignore[arg-type]
    assert [finding.path for finding in judge_fact(order(), said, AT)] == [field]


def test_when_it_takes_effect_can_be_put_right_and_may_lie_ahead() -> None:
    for day in (AT - DAY, AT + DAY):
        said = FactDraft(kind=FactKind.EFFECTIVE, when=When(at=day))
        assert judge_fact(order(), said, AT) == ()
    early = FactDraft(kind=FactKind.EFFECTIVE, when=When(at=ISSUED - DAY))
    assert [finding.path for finding in judge_fact(order(), early, AT)] == ["when_on"]


def test_a_hearing_may_lie_ahead_and_a_recalled_order_be_reinstated() -> None:
    assert judge_fact(order(), FactDraft(kind=FactKind.HEARING, when=When(at=AT + DAY)), AT) == ()
    recalled = order(fact(FactKind.RECALLED, 2, AT - DAY))
    assert judge_fact(recalled, FactDraft(kind=FactKind.REINSTATED, when=When(at=AT)), AT) == ()


UNTIL = AT + 30 * DAY


@pytest.mark.parametrize(
    ("told", "tightens"),
    [
        (fact(FactKind.SERVED, 2, AT), True),
        (fact(FactKind.SERVICE_ATTEMPTED, 2, AT), True),
        (fact(FactKind.HEARING, 2, AT + DAY), True),
        (fact(FactKind.RENEWED, 2, AT, end=End(at=UNTIL)), True),
        (fact(FactKind.RENEWED, 2, AT, end=End(at=UNTIL - timedelta(microseconds=1))), False),
        (fact(FactKind.ENDS, 2, AT, end=End()), True),
        (fact(FactKind.MODIFIED, 2, AT), True),
        (fact(FactKind.RECALLED, 2, AT), False),
        (fact(FactKind.DISMISSED, 2, UNTIL), True),
        (fact(FactKind.EFFECTIVE, 2, AT + DAY), False),
    ],
)
def test_what_only_tightens_is_told_by_what_counts_at_each_instant(
    told: Fact, *, tightens: bool
) -> None:
    assert only_tightens(order(end=End(at=UNTIL)), told) is tightens


def test_taking_back_tightens_where_an_end_is_taken_back_and_not_where_notice_is() -> None:
    off, served = fact(FactKind.RECALLED, 2, AT), fact(FactKind.SERVED, 3, AT)
    known = order(off, served)
    for taken_back, tightens in ((off, True), (served, False), (known.facts[0], False)):
        back = fact(FactKind.RETRACTED, 4, AT + DAY, retracts_id=taken_back.id)
        assert only_tightens(known, back) is tightens


@pytest.mark.parametrize(
    ("typed", "found"),
    [("100", 100), ("100 m", 100), ("1,500 ft", 458), ("1500 feet", 458), ("200 yards", 183), ("0.5 mile", 805), ("1 km", 1000), ("50 km", MAX_METRES)],
)  # fmt: skip
def test_a_distance_is_never_shorter_in_metres_than_it_was_written(typed: str, found: int) -> None:
    assert metres(typed) == found


@pytest.mark.parametrize("typed", ["", "far", "-3 m", "0", "51 km", "1e9", "12 parsec", "½ mile", "9" * 400])  # fmt: skip
def test_what_is_no_distance_is_none(typed: str) -> None:
    assert metres(typed) is None


def test_there_are_nine_conditions() -> None:
    assert unknown(tuple(CONDITIONS)) == ()
    assert unknown(("00", "10", "1", "")) == ("00", "10", "1", "")


# What no database keeps is refused: a zero character, half of a pair.
words = st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=20)


@given(st.builds(OrderBody, court=words, docket=words, terms=words, others=st.lists(st.builds(ProtectedPerson, words, st.one_of(st.none(), st.dates()), st.booleans()), max_size=3).map(tuple), elsewhere=st.lists(st.builds(Elsewhere, words, st.one_of(st.none(), st.integers(1, 9)), st.none()), max_size=3).map(tuple)))  # fmt: skip
def test_a_body_is_read_back_as_it_was_written(body: OrderBody) -> None:
    assert body_from_dict(body_to_dict(body)) == body


@given(st.builds(Respondent, name=words, aliases=st.lists(words, max_size=3).map(tuple), born_on=st.one_of(st.none(), st.dates()), description=words))  # fmt: skip
def test_a_respondent_is_read_back_as_he_was_written(respondent: Respondent) -> None:
    assert respondent_from_dict(respondent_to_dict(respondent)) == respondent


def test_the_first_page_names_both_says_that_it_counts_and_leaves_out_what_is_masked() -> None:
    body = OrderBody(
        court="Circuit Court of Nowhere",
        docket="DR-1",
        others=(ProtectedPerson("Wanda", None, is_child=True),),
        elsewhere=(Elsewhere("7 Hidden Lane"),),
        terms="not within sight of 7 Hidden Lane",
        findings="He held a knife",
    )
    found = replace(order(end=End(on=date(2025, 3, 20))), body=body, conditions=("01", "06", "09"))
    page = first_page.page_of([found], REX, cast.PROTECTED.name, AT)
    assert page is not None
    text = first_page.to_text(page)
    for shown in (cast.PROTECTED.name, cast.RESPONDENT.name, "DR-1", "2025-03-20"):
        assert shown in text
    for hidden in ("Hidden", "Wanda", "knife"):
        assert hidden not in text
    assert (page.others, page.conditions) == (1, ("01",))
    assert first_page.from_text(text) == page


def test_the_first_page_says_each_distance_by_what_it_is_measured_from() -> None:
    site, place = cast.HARBOUR.id, cast.number(0xCA4)
    away = (StayAway(150, site), StayAway(30, None, place), StayAway(500))
    found = replace(order(), body=OrderBody(), stay_away=away)
    page = first_page.page_of([found], REX, "Wren", AT)
    assert page is not None
    assert page.distances == ((str(site), 150), (str(place), 30), ("", 500))
    assert first_page.from_text(first_page.to_text(page)) == page


def test_of_no_valid_order_there_is_no_first_page() -> None:
    ended = replace(order(end=End(on=date(2025, 3, 2))), body=OrderBody())
    assert first_page.page_of([ended], REX, "Wren", AT) is None


def chunk(name: bytes, data: bytes) -> bytes:
    """Return a chunk of a PNG."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def test_a_picture_loses_everything_that_is_not_the_picture() -> None:
    head, end = chunk(b"IHDR", b"\0" * 13), chunk(b"IEND", b"")
    png = paper.bare(b"\x89PNG\r\n\x1a\n" + head + chunk(b"tEXt", b"7 Hidden Lane") + end + b"7 Hidden Lane")  # fmt: skip
    assert png == b"\x89PNG\r\n\x1a\n" + head + end
    exif = b"\xff\xe1" + struct.pack(">H", 15) + b"7 Hidden Lane"
    jpeg = (
        b"\xff\xd8"
        + exif
        + b"\xff\xdb\x00\x03q"
        + b"\xff\xda\x00\x02"
        + b"pixels\xff\xd9"
        + b"7 Hidden Lane"
    )
    assert paper.bare(jpeg) == b"\xff\xd8\xff\xdb\x00\x03q\xff\xda\x00\x02pixels\xff\xd9"


@given(st.binary(max_size=200))
def test_no_broken_picture_breaks_anything(raw: bytes) -> None:
    for head in (b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"):
        found = paper.bare(head + raw)
        assert found is None or paper.kind_of(found) in {paper.PNG, paper.JPEG}


def test_a_file_is_what_its_first_bytes_say() -> None:
    assert paper.kind_of(b"%PDF-1.7") == paper.PDF
    assert paper.kind_of(b"<html>%PDF-") is None


@pytest.mark.parametrize(
    ("typed", "person", "is_his"),
    [
        ("Notreal, Réx", "Rex Notreal", True),
        ("REX ANTON NOTREAL", "Rex Notreal", True),
        ("Rex Notreal", "R. Notreal", True),
        ("Rex Notreal", "S. Notreal", False),
        ("Notreal", "Rex Notreal", False),
        ("Rex Notreal", "", False),
        ("", "Rex Notreal", False),
    ],
)
def test_a_namesake_has_every_part_of_the_name(typed: str, person: str, is_his: bool) -> None:
    assert has_name_of(typed, person) is is_his
