"""Are sightings decided and told right through bad nights, and is every engine caught that gets one wrong?"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

import pytest

from tests import cast
from tests.simulation import checks_hearing, checks_sending, checks_sightings
from tests.simulation.play import play
from tests.simulation.script import Do, Script
from tests.simulation.sighting import (
    HERS,
    ONLY_RULE,
    OVER,
    PLACE,
    a_seen_night,
    a_sighting,
    compared,
    write_seen,
)
from tocsin.decisions.rules import sighting as rules
from tocsin.decisions.rules.incident import SEEN, Kind
from tocsin.flow import decide, memory_alarms, report_sighting
from tocsin.flow.memory_sightings import MemorySightings
from tocsin.notifications.rules import calling, respondent

SEEDS: Final = 24
# What holds of every incident. A ladder that is begun anew is no other ladder's, and what a place's people are told
# ends later than these nights.
STILL: Final = (
    checks_sending.every_press_is_heard,
    checks_sending.every_message_goes_out_in_time,
    checks_sending.sent_means_taken,
    checks_sending.seen_means_a_person,
    checks_sending.nothing_is_sent_twice,
    checks_sending.one_message_has_one_reference,
    checks_sending.what_is_over_sends_nothing,
    checks_hearing.a_silent_sos_never_reaches_her_own_devices,
    checks_hearing.a_silent_incident_stays_silent,
    checks_hearing.nobody_hears_who_must_not,
    checks_hearing.nothing_broke,
)
Patch = pytest.MonkeyPatch


def violations(script: Script) -> list[str]:
    history = play(script)
    return [
        found
        for checker in (*checks_sightings.CHECKERS, *STILL)
        for found in checker(script, history)
    ]


@dataclass(frozen=True, slots=True)
class Mutant:
    """One wrong engine: what is wrong, which invariants that breaks, how it is made, on which nights it shows."""

    name: str
    breaks: tuple[str, ...]
    make: Callable[[Patch], None]
    nights: tuple[Script, ...]


SURE = a_seen_night(a_sighting(2.0, "t1"), seed="sure")
MAYBE = a_seen_night(a_sighting(2.0, "t1", certainty="possible"), until=150.0, seed="maybe")
CONFIRMED = a_seen_night(
    a_sighting(2.0, "t1", certainty="possible"), compared(12.0, "t1"), seed="confirmed"
)
DISMISSED = a_seen_night(
    a_sighting(2.0, "t1", certainty="possible"), compared(12.0, "t1", is_he=False), seed="dismissed"
)
ENDED = a_seen_night(a_sighting(2.0, "t1", OVER), a_sighting(30.0, "t2", ONLY_RULE), seed="ended")
A_PLACE = a_seen_night(a_sighting(2.0, "t1", PLACE), seed="place")
RUSH = a_seen_night(
    a_sighting(2.0, "t1"),
    a_sighting(2.5, "t2", certainty="possible"),
    Do(4.0, "sos", cast.PROTECTED, {"key": "sos-0001", "silent": True}),
    compared(9.0, "t2", cast.SHIFT_LEAD),
    Do(70.0, "custody", cast.SAFETY_LEAD, {"case": HERS}),
    seed="rush",
)
DIED = a_seen_night(a_sighting(2.0, "t1"), crash_at=frozenset({30, 60}), seed="died")
HE_COMPARES = a_seen_night(
    a_sighting(2.0, "t1", certainty="possible"),
    compared(8.0, "t1", cast.RESPONDENT, is_he=False),
    seed="he compares",
)
NIGHTS: Final = (SURE, MAYBE, CONFIRMED, DISMISSED, ENDED, A_PLACE, RUSH, DIED, HE_COMPARES)


def _a_breach_of_an_ended_order(patch: Patch) -> None:
    shipped = rules._decision

    def decision(seen: Any, hit: Any, case: Any) -> Any:
        orders = tuple(replace(order, valid=True) for order in case.orders)
        return shipped(seen, hit, replace(case, orders=orders))

    patch.setattr(rules, "_decision", decision)


def _an_ended_order_is_no_sighting(patch: Patch) -> None:
    shipped = report_sighting.decide_on_sighting

    def decided(*given: Any) -> Any:
        return tuple(one for one in shipped(*given) if one.kind is not Kind.INFORM)

    patch.setattr(report_sighting, "decide_on_sighting", decided)


def _what_is_only_possible_is_dropped(patch: Patch) -> None:
    shipped = report_sighting.decide_on_sighting

    def decided(*given: Any) -> Any:
        return tuple(one for one in shipped(*given) if one.is_confirmed)

    patch.setattr(report_sighting, "decide_on_sighting", decided)


def _a_second_track_is_taken_for_the_first(patch: Patch) -> None:
    def of_track(self: MemorySightings, *_: Any) -> Any:
        return {row.case_id: row for row in self.rows.values()}

    patch.setattr(MemorySightings, "of_track", of_track)


def _possible_is_stated_as_certain(patch: Patch) -> None:
    patch.setattr(calling, "template_seen", lambda *_, **__: calling.KEEP_AWAY)
    patch.setattr(respondent, "template_seen", lambda *_, **__: calling.KEEP_AWAY)


def _a_match_confirms_itself(patch: Patch) -> None:
    shipped = report_sighting._new_incident

    def new(seen: Any, case: Any, decision: Any, how: Any) -> Any:
        return replace(shipped(seen, case, decision, how), is_confirmed=True)

    patch.setattr(report_sighting, "_new_incident", new)


def _nobody_is_kept_out(patch: Patch) -> None:
    def forgets(shipped: Any) -> Any:
        return lambda *given: replace(shipped(*given), kept_out=frozenset())

    patch.setattr(report_sighting, "facts_for", forgets(report_sighting.facts_for))
    patch.setattr(
        report_sighting,
        "replace",
        lambda one, **changes: replace(
            one, **{k: v for k, v in changes.items() if k != "kept_out"}
        ),
    )


def _a_place_forgets_its_parties_later(patch: Patch) -> None:
    patch.setattr(memory_alarms.MemoryAlarms, "parties", lambda *_: frozenset())


def _over_is_located(patch: Patch) -> None:
    shipped = calling.closed

    def closed(incident: Any, how: str, at: Any) -> Any:
        return shipped(replace(incident, not_located=frozenset()), how, at)

    patch.setattr(calling, "closed", closed)


def _seen_again_locates_him(patch: Patch) -> None:
    shipped = respondent._joined

    def joined(incident: Any, what: Any) -> Any:
        return replace(shipped(incident, what), not_located=frozenset())

    patch.setattr(respondent, "_joined", joined)


def _she_hears_last(patch: Patch) -> None:
    shipped = report_sighting.sighting_policy

    def ladder(*given: Any, **more: Any) -> Any:
        found = shipped(*given, **more)
        return replace(found, steps=(*found.steps[1:], found.steps[0]))

    patch.setattr(report_sighting, "sighting_policy", ladder)


def _told_without_a_line(patch: Patch) -> None:
    patch.setattr(decide, "_disclosures", lambda *_: ())


def _he_may_compare(patch: Patch) -> None:
    shipped = respondent._compared

    def compared_by_anybody(incident: Any, what: Any, facts: Any, now: Any) -> Any:
        return shipped(incident, what, replace(facts, kept_out=frozenset()), now)

    patch.setattr(respondent, "_compared", compared_by_anybody)


def _a_sighting_rings_her_after_a_silent_press(patch: Patch) -> None:
    shipped = respondent._told_of

    def told(incident: Any, what: Any, facts: Any, now: Any) -> Any:
        changed, effects = shipped(incident, what, facts, now)
        hers = calling.select(replace(calling.EVERYBODY, who=("herself",)), facts)
        call = calling.Call(changed.calls, calling.HERSELF, hers)
        return replace(changed, calls=changed.calls + 1), (*effects, call)

    patch.setattr(respondent, "_told_of", told)


def _a_doubtful_reading_makes_it_doubtful(patch: Patch) -> None:
    shipped = respondent._weighed

    def weighed(incident: Any, what: Any) -> Any:
        after = shipped(incident, what)
        is_graver = after.kind is not incident.kind
        return replace(after, is_confirmed=what.is_confirmed if is_graver else after.is_confirmed)

    patch.setattr(respondent, "_weighed", weighed)


def _what_is_certain_of_a_lesser_kind_confirms_nothing(patch: Patch) -> None:
    shipped = respondent._weighed

    def weighed(incident: Any, what: Any) -> Any:
        after = shipped(incident, what)
        is_lesser = what.kind is not after.kind
        return replace(
            after, is_confirmed=incident.is_confirmed if is_lesser else after.is_confirmed
        )

    patch.setattr(respondent, "_weighed", weighed)


def _one_limit_for_all_that_is_seen(patch: Patch) -> None:
    patch.setattr(respondent, "strength", lambda *_, **__: "seen")


def _his_being_compared_is_only_noted(patch: Patch) -> None:
    shipped = respondent._compared

    def compared_in_silence(incident: Any, what: Any, facts: Any, now: Any) -> Any:
        changed, effects = shipped(incident, what, facts, now)
        notes = tuple(one for one in effects if not isinstance(one, calling.Call))
        return changed, effects if incident.kind in SEEN else notes

    patch.setattr(respondent, "_compared", compared_in_silence)


OVER_BY_PEOPLE = a_seen_night(a_sighting(2.0, "t1"), until=60.0, seed="over")
TWICE = a_seen_night(a_sighting(2.0, "t1"), a_sighting(20.0, "t2"), seed="twice")
SILENT = a_seen_night(
    a_sighting(2.0, "t1", ONLY_RULE),
    Do(4.0, "sos", cast.PROTECTED, {"key": "sos-0001", "silent": True}),
    a_sighting(20.0, "t2", HERS),
    seed="silent",
)
DOUBTED = a_seen_night(
    a_sighting(2.0, "t1", ONLY_RULE),
    Do(4.0, "sos", cast.PROTECTED, {"key": "sos-0001", "silent": False}),
    a_sighting(20.0, "t2", HERS, "possible"),
    seed="doubted",
)
LESSER = a_seen_night(
    a_sighting(2.0, "t1", HERS, "possible"), a_sighting(15.0, "t2", ONLY_RULE), seed="lesser"
)
PRESSED = Do(2.0, "sos", cast.PROTECTED, {"key": "sos-0001", "silent": False})
BETTER_READ = a_seen_night(
    PRESSED, a_sighting(12.0, "t1", certainty="possible"), a_sighting(15.0, "t1"), seed="better"
)
TOLD_SO = a_seen_night(
    PRESSED, a_sighting(12.0, "t1", certainty="possible"), compared(25.0, "t1"), seed="told so"
)
MUTANTS: Final = (
    Mutant("a breach of an ended order", ("I13",), _a_breach_of_an_ended_order, (ENDED,)),
    Mutant("an ended order is no sighting", ("I14",), _an_ended_order_is_no_sighting, (ENDED,)),
    Mutant("only possible is dropped", ("I14",), _what_is_only_possible_is_dropped, (MAYBE,)),
    Mutant("a second track is the first", ("I14",), _a_second_track_is_taken_for_the_first, (TWICE,)),
    Mutant("possible is stated as certain", ("I14",), _possible_is_stated_as_certain, (MAYBE,)),
    Mutant("a match confirms itself", ("I14",), _a_match_confirms_itself, (MAYBE,)),
    Mutant("the respondent is among the recipients", ("I11",), _nobody_is_kept_out, (SURE, A_PLACE)),
    Mutant("a place forgets its parties later", ("I11",), _a_place_forgets_its_parties_later, (A_PLACE,)),
    Mutant("over is located", ("I20",), _over_is_located, (OVER_BY_PEOPLE,)),
    Mutant("seen again locates him", ("I20",), _seen_again_locates_him, (TWICE,)),
    Mutant("she hears last", ("I16",), _she_hears_last, (SURE,)),
    Mutant("told without a line in the ledger", ("I19",), _told_without_a_line, (SURE,)),
    Mutant(
        "a graver sighting rings her after a silent press",
        ("I22",),
        _a_sighting_rings_her_after_a_silent_press,
        (SILENT,),
    ),
    Mutant(
        "a doubtful reading makes a certain incident doubtful",
        ("I17",),
        _a_doubtful_reading_makes_it_doubtful,
        (DOUBTED,),
    ),
    Mutant(
        "what is certain of a lesser kind confirms nothing",
        ("I3",),
        _what_is_certain_of_a_lesser_kind_confirms_nothing,
        (LESSER,),
    ),
    Mutant("one limit for all that is seen", ("I16",), _one_limit_for_all_that_is_seen, (BETTER_READ,)),
    Mutant("a comparison in her SOS is only noted", ("I16",), _his_being_compared_is_only_noted, (TOLD_SO,)),
    Mutant("the respondent compares himself", ("I11",), _he_may_compare, (HE_COMPARES,)),
)  # fmt: skip


@pytest.mark.guarantee("I11", "I13", "I14", "I16", "I17", "I20", "I22")
@pytest.mark.parametrize("part", range(4))
def test_no_night_gets_a_sighting_wrong(part: int) -> None:
    found = [
        f"seen {seed}: {each}"
        for seed in range(part, SEEDS, 4)
        for each in violations(write_seen(seed))[:3]
    ]
    assert found == []


@pytest.mark.parametrize(
    "night",
    [*NIGHTS, OVER_BY_PEOPLE, TWICE, SILENT, DOUBTED, LESSER, BETTER_READ, TOLD_SO],
    ids=lambda n: str(n.seed),
)
def test_the_shipped_engine_passes_the_nights_made_for_wrong_ones(night: Script) -> None:
    assert violations(night) == []


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_wrong_engine_is_caught(mutant: Mutant, monkeypatch: Patch) -> None:
    mutant.make(monkeypatch)
    found = [each for night in mutant.nights for each in violations(night)]
    names = tuple(f"{name}:" for name in mutant.breaks)
    assert any(each.startswith(names) for each in found), found[:5]
