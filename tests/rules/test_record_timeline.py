"""Does a time line say who did what, when, and no more than this reader may see?"""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from tests import cast
from tocsin.record.rules.entries import Entry, entry_of, leaf_of, sealed
from tocsin.record.rules.timeline import ERASED, FOLDED, Reader, ids_in, timeline

AT = datetime(2026, 11, 6, 5, 59, 59, 500_000, tzinfo=UTC)
NAMES = {cast.PROTECTED.id: "Wren", cast.DISPATCHER.id: "Dara"}


def said(
    *entries: Entry, shows_duress: bool = False, opens: str | None = "by the east door"
) -> list[str]:
    reader = Reader(
        ZoneInfo("America/Chicago"), NAMES.get, lambda *_: opens, shows_duress=shows_duress
    )
    return timeline([entry_of(leaf_of(entry)) for entry in entries], reader).splitlines()


def an_entry(after_s: float, kind: str, actor_id: UUID | None = None, **body: Any) -> Entry:
    at = AT + timedelta(seconds=after_s)
    number = 0xA000 + int(after_s * 1000)
    return Entry(cast.number(number), cast.HARBOUR_EMS, at, kind, None, actor_id, body)


def test_a_line_has_its_time_there_its_distance_and_who_did_it() -> None:
    assert said(
        an_entry(0, "sos.raised", cast.PROTECTED.id, signal=cast.number(0x9201), path="page"),
        an_entry(1.25, "act.in_charge", cast.DISPATCHER.id, person=cast.DISPATCHER.id, via="link"),
    ) == [
        "2026-11-05 (CST)",
        "23:59:59.500     +0.000 s  Wren: An SOS was raised and is stored. (path: page)",
        "2026-11-06 (CST)",
        "00:00:00.750     +1.250 s  Dara: A person is in charge. (person: Dara; via: link)",
    ]


def test_lines_stand_in_the_order_of_their_time() -> None:
    lines = said(an_entry(2, "act.there"), an_entry(1, "act.going"))
    assert ["going" in lines[1], "is there" in lines[2]] == [True, True]


def test_numbers_have_their_unit_and_flags_their_word() -> None:
    line = said(an_entry(0, "step.begun", step=2, late_ms=12, called=5, drill=True))[1]
    assert line.endswith("(step 2; late 12 ms; called 5; drill)")


def test_times_codes_counts_and_people_are_words() -> None:
    step = said(an_entry(0, "step.begun", step=1, due_at=AT, channels=["sms", "live"]))[1]
    assert step.endswith("(step 1; due_at: 2026-11-05 23:59:59-06:00; channels: sms, live)")
    drill = said(an_entry(0, "drill.ended", not_reached=[cast.DISPATCHER.id], reasons={"sms": 2}))
    assert drill[1].endswith("(not_reached: Dara; reasons: sms 2)")


def test_her_words_are_opened_for_who_may_and_erased_with_her_key() -> None:
    note = an_entry(0, "answer.unclear", words=sealed(cast.PROTECTED.id, b"ciphertext"))
    assert said(note)[1].endswith("(words: by the east door)")
    assert said(note, opens=None)[1].endswith(f"(words: {ERASED})")


def test_a_duress_cancel_reads_like_a_true_one_unless_the_reader_may_know() -> None:
    true, forced = (an_entry(0, "cancel.accepted", duress=forced) for forced in (False, True))
    assert said(true) == said(forced)
    assert said(true, shows_duress=True) != said(forced, shows_duress=True)


def test_names_to_load_are_those_in_the_lines() -> None:
    one = an_entry(0, "act.going", cast.DISPATCHER.id, person=str(cast.PROTECTED.id))
    two = an_entry(1, "drill.ended", not_reached=[str(cast.GUARD.id)])
    assert ids_in([one, two]) == {cast.DISPATCHER.id, cast.PROTECTED.id, cast.GUARD.id}


def a_message(after_s: float, kind: str, who: cast.Player, **body: Any) -> Entry:
    given = {"delivery": cast.number(0xD0), "person": who.id, "channel": "sms", "provider_id": "SM00ff"}  # fmt: skip
    return an_entry(after_s, f"delivery.{kind}", **given, **body)


def test_messages_between_two_other_lines_are_counted_without_what_providers_call_them() -> None:
    lines = said(
        an_entry(0, "act.going", cast.DISPATCHER.id),
        a_message(1, "sent", cast.DISPATCHER, reference="r-1"),
        a_message(1.5, "receipt", cast.DISPATCHER, status="delivered"),
        a_message(2, "sent", cast.PROTECTED),
        a_message(2.5, "failed", cast.PROTECTED, code="blocked"),
        a_message(3, "sent", cast.DISPATCHER, reference="r-4"),
    )
    meaning = "A message was handed to its provider; nobody has seen it."
    assert lines[3].endswith(
        f"  {meaning} (2 times; until +2.000 s; person: Dara 1, Wren 1; channel: sms 2)"
    )
    assert sum(meaning in line for line in lines) == 2
    assert sum("could not be delivered" in line and "blocked" in line for line in lines) == 1
    assert not [line for line in lines if "SM00ff" in line or "r-1" in line or "r-4" in line]
    assert lines[-1] == FOLDED


def test_nothing_reads_as_nothing() -> None:
    assert said() == []
