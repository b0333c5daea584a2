"""Which wrong engines must be caught? Each is the shipped one with one believable mistake.

A harness that lets one of them live is broken. `breaks` are the invariants of which one must be
named. `nights` come before the seeds, where a mistake shows only under rare circumstances.
"""

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import pytest

from tests import cast
from tests.builders import a_policy, a_step
from tests.simulation.faults import PoisonedStore
from tests.simulation.script import Do, Script, Trouble, a_quiet_night
from tests.simulation.world import Shipped
from tests.snapshots import DURESS_CODE, TRUE_CODE, SeededIds
from tocsin.decisions.rules.incident import Doing, Grade, Incident, Shown, acted
from tocsin.engine import composing, intake, settling, telling
from tocsin.engine.engine import Engine
from tocsin.engine.outbox import Outbox
from tocsin.engine.timers import Timers
from tocsin.flow import cancel_sos, decide, memory_alarms, raise_sos, receive_text, settle, walks
from tocsin.flow.alarms import Alarms, Change, Settlement, Waiting
from tocsin.notifications.rules import delivery, due, escalation, hers, wording
from tocsin.notifications.rules.delivery import Delivery, Outcome, State
from tocsin.record.rules.entries import Entry
from tocsin.registry.rules import policy
from tocsin.registry.rules.policy import SiteFacts
from tocsin.signals.rules import codes
from tocsin.signals.rules.codes import Verdict
from tocsin.signals.rules.press import Press

Patch = pytest.MonkeyPatch
IDS: Final = SeededIds("mutants")


@dataclass(frozen=True, slots=True)
class Mutant:
    """One wrong engine: what is wrong, which invariants that breaks, how it is made."""

    name: str
    breaks: tuple[str, ...]
    make: Callable[[Patch], Shipped | None]
    nights: tuple[Script, ...] = ()


# --- the engine -----------------------------------------------------------------------------------


def _mark_then_send(patch: Patch) -> None:
    shipped = Outbox._send

    async def send(self: Outbox, peer: Any, one: Delivery, message: Any) -> None:
        self._settle(one, Outcome(is_accepted=True))
        await asyncio.sleep(0.05)
        await shipped(self, peer, one, message)

    patch.setattr(Outbox, "_send", send)


def _one_stuck_provider_blocks_others(patch: Patch) -> None:
    shipped = Outbox._send
    locks: dict[int, asyncio.Lock] = {}

    async def send(self: Outbox, peer: Any, one: Delivery, message: Any) -> None:
        async with locks.setdefault(id(self), asyncio.Lock()):
            await shipped(self, peer, one, message)

    patch.setattr(Outbox, "_send", send)


def _a_provider_that_refuses_is_silent(patch: Patch) -> None:
    patch.setattr(Outbox, "_say_waits", lambda *_: None)


def _one_answer_proves_every_channel(patch: Patch) -> None:
    def answered(one: Delivery, at: datetime, **_: Any) -> Delivery:
        is_open = one.state in delivery.MAY_BE_SEEN
        return replace(one, state=State.SEEN, ended_at=at, leased_by="") if is_open else one

    patch.setattr(memory_alarms, "after_answer", answered)


def _a_drill_waits_in_front_of_a_real_one(patch: Patch) -> None:
    patch.setattr(composing, "goes_first", lambda _: True)


def _waits_by_the_wall_clock(patch: Patch) -> None:
    shipped = Timers.__init__

    class Wall:
        def __init__(self, clock: Any) -> None:
            self.now = clock.now

        def monotonic(self) -> float:
            return float(self.now().timestamp())

    def init(self: Timers, clock: Any) -> None:
        shipped(self, Wall(clock))

    patch.setattr(Timers, "__init__", init)


def _drained_before_it_is_taken(patch: Patch) -> None:
    shipped = Engine._take

    async def take(self: Engine, entries: Sequence[Any]) -> None:
        self._drained = entries[-1].seq
        self.parts.mark_drained(self._drained)
        await asyncio.sleep(0.05)
        await shipped(self, entries)

    patch.setattr(Engine, "_take", take)


def _a_poisoned_press_takes_its_batch_along(patch: Patch) -> None:
    async def one_by_one(_self: Engine, _presses: Sequence[Any]) -> None:
        return

    patch.setattr(Engine, "_one_by_one", one_by_one)


def _a_poisoned_press_stops_the_loop(patch: Patch) -> None:
    async def one_by_one(_self: Engine, presses: Sequence[Any]) -> None:
        message = f"{len(presses)} cannot be taken"
        raise RuntimeError(message)

    patch.setattr(Engine, "_one_by_one", one_by_one)


def _forgets_timers_at_start(patch: Patch) -> None:
    async def load(_self: Engine) -> None:
        return

    patch.setattr(Engine, "_load_timers", load)


def _goes_on_sending_after_the_end(patch: Patch) -> None:
    patch.setattr(Outbox, "stop_incident", lambda *_: None)
    patch.setattr(memory_alarms.MemoryAlarms, "_save_deliveries", _only_add)


def _only_add(self: Any, change: Any) -> None:
    for one in change.deliveries:
        self._put_delivery(one)


# --- what counts as an answer ---------------------------------------------------------------------


def _a_receipt_is_an_answer(patch: Patch) -> None:
    shipped = delivery.settled

    def settled(one: Delivery, outcome: Outcome, now: datetime) -> Delivery:
        after = shipped(one, outcome, now)
        if after.state is not State.SENT:
            return after
        return replace(after, state=State.SEEN, ended_at=now)

    patch.setattr(settle, "settled", settled)


def _a_receipt_takes_charge(patch: Patch) -> None:
    shipped = settle.settle

    def charging(alarms: Alarms, attempts: Any) -> Any:
        for one, outcome in attempts:
            if outcome.is_accepted:
                _takes_charge(alarms, one.organisation_id, one.incident_id, one.person_id, IDS)
        return shipped(alarms, attempts)

    patch.setattr(settling, "settle", charging)


def _takes_charge(
    alarms: Alarms, organisation_id: UUID, incident_id: UUID, person_id: UUID, ids: Any
) -> None:
    from tocsin.flow.respond import respond

    respond(
        alarms,
        organisation_id,
        incident_id,
        by=person_id,
        doing=Doing.IN_CHARGE,
        via="receipt",
        ids=ids,
    )


def _stop_disables(patch: Patch) -> None:
    shipped = receive_text.receive_text

    def receive(alarms: Alarms, text: Any, *, ids: Any, engine: str = "") -> Any:
        found = alarms.sender(text.organisation, text.number)
        if text.text.upper() in {"STOP", "CANCEL", "END"} and found and found.person_id:
            for incident_id in alarms.told(found.organisation_id, found.person_id):
                _takes_charge(alarms, found.organisation_id, incident_id, found.person_id, ids)
            return []
        return shipped(alarms, text, ids=ids, engine=engine)

    patch.setattr(intake, "receive_text", receive)


def _any_code_will_do(patch: Patch) -> None:
    def by_code(self: Any, organisation_id: UUID, person_id: UUID, _code: str) -> list[Delivery]:
        return self._told(organisation_id, person_id)[-1:]  # type: ignore[no-any-return]

    patch.setattr(memory_alarms.MemoryAlarms, "by_code", by_code)


def _a_revoked_device_cancels(patch: Patch) -> None:
    shipped = cancel_sos.judged

    def judged(alarms: Alarms, press: Press, raiser: Any) -> Any:
        return shipped(alarms, press, replace(raiser, device_revoked=False))

    patch.setattr(cancel_sos, "judged", judged)


# --- presses --------------------------------------------------------------------------------------


class _DrillSwallows(PoisonedStore):
    def open_incidents(
        self, people: Sequence[tuple[UUID, UUID]], *, is_drill: bool = False
    ) -> dict[UUID, Incident]:
        return super().open_incidents(people, is_drill=is_drill) or super().open_incidents(
            people, is_drill=True
        )


class _PeopleMerged(PoisonedStore):
    def open_incidents(
        self, people: Sequence[tuple[UUID, UUID]], *, is_drill: bool = False
    ) -> dict[UUID, Incident]:
        wanted = {organisation for organisation, _ in people}
        running = [i for i in self.incidents() if i.is_open and i.is_drill is is_drill]
        ours = [i for i in running if i.organisation_id in wanted]
        return {person: ours[0] for _, person in people} if ours else {}


def _second_press_dropped(patch: Patch) -> None:
    patch.setattr(hers, "press_again", lambda incident, *_: (incident, ()))


def _two_within_a_minute_are_one(patch: Patch) -> None:
    patch.setattr(due, "CALL_AGAIN_AT_MOST_EVERY_S", 60)
    patch.setattr(hers, "CALL_AGAIN_AT_MOST_EVERY_S", 60)


def _a_press_too_soon_is_owed_nothing(patch: Patch) -> None:
    patch.setattr(due, "again_due", lambda _: None)
    patch.setattr(escalation, "again_due", lambda _: None)


def _one_press_of_a_batch(patch: Patch) -> None:
    shipped = raise_sos._once
    patch.setattr(raise_sos, "_once", lambda presses: shipped(presses)[:1])


# --- the ladder -----------------------------------------------------------------------------------


def _a_skip_waits_its_turn(patch: Patch) -> None:
    shipped = escalation._skip

    def skip(incident: Incident, *how: Any) -> Any:
        changed, effects = shipped(incident, *how)
        return replace(changed, ladder_from=incident.ladder_from), effects

    patch.setattr(escalation, "_skip", skip)


def _the_ladder_ends(patch: Patch) -> None:
    shipped = due.ladder_due

    def ladder_due(incident: Incident) -> Any:
        return shipped(incident) if incident.next_step < len(incident.policy.steps) else None

    patch.setattr(due, "ladder_due", ladder_due)
    patch.setattr(escalation, "ladder_due", ladder_due)


def _the_first_call_counts_as_unanswered(patch: Patch) -> None:
    shipped = escalation.loop
    patch.setattr(escalation, "loop", lambda *known, **_: shipped(*known))


def _unclaimed_is_never_said(patch: Patch) -> None:
    patch.setattr(due, "unclaimed_due", lambda _: None)
    patch.setattr(escalation, "unclaimed_due", lambda _: None)


def _charge_never_lapses(patch: Patch) -> None:
    def charge_due(_incident: Incident, charge: Any) -> tuple[datetime, datetime]:
        return charge.last_act_at, charge.last_act_at + timedelta(days=1)

    patch.setattr(due, "charge_due", charge_due)
    patch.setattr(escalation, "charge_due", charge_due)


def _any_answer_stops_it(patch: Patch) -> None:
    def any_act(incident: Incident, person_id: UUID, doing: Doing, at: datetime) -> Incident:
        mine = Doing.IN_CHARGE if doing in {Doing.SEEN, Doing.GOING} else doing
        return acted(incident, person_id, mine, at)

    patch.setattr(escalation, "acted", any_act)


def _every_step_twice(patch: Patch) -> None:
    shipped = escalation._begin

    def begin(incident: Incident, facts: SiteFacts, now: datetime) -> Any:
        changed, effects = shipped(incident, facts, now)
        again, more = shipped(replace(changed, next_step=incident.next_step), facts, now)
        return again, (*effects, *more)

    patch.setattr(escalation, "_begin", begin)


# --- the outbox -----------------------------------------------------------------------------------


class _NoLeaseRecovery(PoisonedStore):
    def release(
        self, engine: str, until: datetime | None = None, but: Collection[UUID] = ()
    ) -> int:
        del engine
        return 0

    def claim(
        self, engine: str, limit: int, at: datetime, since: datetime | None = None
    ) -> list[Delivery]:
        early = at - timedelta(days=9)
        held = [d for d in self._deliveries.values() if d.state is State.LEASED]
        for one in held:
            self._deliveries[one.id] = replace(one, lease_until=at)
        claimed = super().claim(engine, limit, at, since)
        assert early < at
        return claimed


class _NoFence(PoisonedStore):
    def settle(
        self, settlements: Sequence[Settlement], at: datetime, entries: Sequence[Entry] = ()
    ) -> None:
        del at, entries
        for one in settlements:
            self._put_delivery(one.delivery)


class _ClaimsWhatOthersHold(PoisonedStore):
    def claim(
        self, engine: str, limit: int, at: datetime, since: datetime | None = None
    ) -> list[Delivery]:
        for one in list(self._deliveries.values()):
            if one.state in {State.LEASED, State.SENT}:
                self._put_delivery(replace(one, state=State.PENDING, due_at=at, made_at=at))
        return super().claim(engine, limit, at, since)


class _NextMethodWaits(PoisonedStore):
    def _bring_forward(self, failed: Delivery, at: datetime) -> None:
        """Let the next contact method wait for its own time."""


class _SendsAgainAfterRestart(PoisonedStore):
    def release(
        self, engine: str, until: datetime | None = None, but: Collection[UUID] = ()
    ) -> int:
        for one in list(self._deliveries.values()):
            if one.state in {State.SENT, State.SEEN, State.UNANSWERED}:
                self._put_delivery(replace(one, state=State.PENDING))
        return super().release(engine, until, but)


class _NeverExpires(PoisonedStore):
    def expire(self, at: datetime) -> list[Delivery]:
        del at
        return []


class _HiddenByTheClock(PoisonedStore):
    def waiting(self, until: datetime, since: datetime | None = None) -> list[Waiting]:
        return [w for w in super().waiting(until, since) if w.due_at < until]


def _retry_forgets_its_reference(patch: Patch) -> None:
    shipped = delivery.taken

    def taken(one: Delivery, by: str, now: datetime) -> Delivery:
        after = shipped(one, by, now)
        return replace(after, reference=f"{one.reference}-{after.attempt}")

    patch.setattr(memory_alarms, "taken", taken)


def _busy_is_for_good(patch: Patch) -> None:
    shipped = delivery.settled

    def settled(one: Delivery, outcome: Outcome, now: datetime) -> Delivery:
        after = shipped(one, outcome, now)
        if after.state is State.RETRYING:
            return replace(after, due_at=now + timedelta(hours=1))
        return after

    patch.setattr(settle, "settled", settled)


# --- who hears what -------------------------------------------------------------------------------


def _a_silent_sos_rings_her_phone(patch: Patch) -> None:
    patch.setattr(
        policy, "_may_be_called", lambda who, _, facts: who in facts.people - facts.kept_out
    )
    patch.setattr(
        policy,
        "_may_be_called",
        lambda who, _, facts: who in facts.people and who not in facts.kept_out,
    )


def _whom_she_ruled_out_is_called(patch: Patch) -> None:
    class Deaf(PoisonedStore):
        def kept_out(self, organisation_id: UUID, person_id: UUID) -> frozenset[UUID]:
            del organisation_id, person_id
            return frozenset()

    shipped = decide.facts_for

    def facts_for(alarms: Alarms, incident: Incident, at: datetime) -> SiteFacts:
        return replace(shipped(alarms, incident, at), kept_out=frozenset())

    for module in (decide, cancel_sos):
        patch.setattr(module, "facts_for", facts_for)
    from tocsin.flow import let_time_pass

    patch.setattr(let_time_pass, "facts_for", facts_for)


def _help_is_coming(patch: Patch) -> None:
    def grade(incident: Incident, *, was_sent: bool) -> Grade:
        del was_sent
        return Grade("stored" if incident.is_silent else "calling")

    patch.setattr(telling, "grade", grade)


def _duress_shows_itself(patch: Patch) -> None:
    shipped = hers.cancel

    def cancel(incident: Incident, what: Any, facts: SiteFacts, now: datetime) -> Any:
        changed, effects = shipped(incident, what, facts, now)
        if what.under_duress:
            changed = replace(changed, shown=Shown.TRUTH, cancelled_keys=())
        return changed, effects

    patch.setattr(hers, "cancel", cancel)


def _duress_is_refused(patch: Patch) -> None:
    shipped = codes.judge

    def judge(pair: Any, code: str) -> Any:
        verdict, count = shipped(pair, code)
        return (Verdict.WRONG, count) if verdict is Verdict.DURESS else (verdict, count)

    patch.setattr(cancel_sos, "judge", judge)


def _old_over_counts(patch: Patch) -> None:
    shipped = hers.press_again

    def again(incident: Incident, what: Any, facts: SiteFacts, now: datetime) -> Any:
        changed, effects = shipped(incident, what, facts, now)
        return replace(changed, over=incident.over), effects

    patch.setattr(hers, "press_again", again)


def _any_cancel_ends_it(patch: Patch) -> None:
    shipped = hers.cancel

    def cancel(incident: Incident, what: Any, facts: SiteFacts, now: datetime) -> Any:
        return shipped(incident, replace(what, of=""), facts, now)

    patch.setattr(hers, "cancel", cancel)


def _the_true_code_ends_what_duress_raised(patch: Patch) -> None:
    shipped = hers.cancel

    def cancel(incident: Incident, what: Any, facts: SiteFacts, now: datetime) -> Any:
        return shipped(replace(incident, is_under_duress=False), what, facts, now)

    patch.setattr(hers, "cancel", cancel)


def _no_walk_no_duress(patch: Patch) -> None:
    shipped = walks.end_walk

    def end(alarms: Alarms, press: Press, *, ids: Any, engine: str = "") -> Any:
        if alarms.open_walk(press.organisation_id, press.person_id) is None:
            return cancel_sos.Answer("ended", Change())
        return shipped(alarms, press, ids=ids, engine=engine)

    patch.setattr(intake, "end_walk", end)


def _a_drill_says_nothing_of_it(patch: Patch) -> None:
    shipped = wording.word

    def word(template: Any, facts: Any, **how: Any) -> Any:
        return shipped(template, replace(facts, is_drill=False), **how)

    patch.setattr(composing, "word", word)


def _store(kind: type[PoisonedStore]) -> Callable[[Patch], Shipped]:
    return lambda _patch: Shipped(store=kind)


def _sos(at: float, who: cast.Player, key: str) -> Do:
    return Do(at, "sos", who, {"key": key, "silent": False})


def _coded(at: float, what: str, code: str, key: str, of: str) -> Do:
    return Do(at, what, cast.PROTECTED, {"key": key, "code": code, "of": of})


A_BATCH: Final = a_quiet_night(
    _sos(2.0, cast.DISPATCHER, "poisoned-1"),
    _sos(2.1, cast.PROTECTED, "sos-0001"),
    _sos(2.2, cast.GUARD, "sos-0002"),
    away=[(1.0, 4.0)],
)
ENDED_WHILE_IT_HUNG: Final = a_quiet_night(
    _sos(1.0, cast.PROTECTED, "sos-0001"),
    Do(3.0, "cancel", cast.PROTECTED, {"key": "cancel-01", "code": TRUE_CODE}),
    troubles=[Trouble("carrier", "hang", 0.0, 20.0)],
)
ALL_REFUSED: Final = a_quiet_night(
    _sos(1.0, cast.PROTECTED, "sos-0001"),
    troubles=[Trouble("carrier", "refuse", 0.0, 20.0)],
)
A_YEAR_BACK: Final = a_quiet_night(
    _sos(2.0, cast.PROTECTED, "sos-0001"),
    steps=[(5.0, -31_536_000.0)],
    crash_at=frozenset({80}),
    until=160.0,
)
LATE_CANCEL: Final = a_quiet_night(
    _sos(1.0, cast.PROTECTED, "sos-0001"),
    _sos(15.0, cast.PROTECTED, "sos-0002"),
    _coded(25.0, "cancel", TRUE_CODE, "cancel-01", "sos-0001"),
)
BOTH_CODES: Final = a_quiet_night(
    _sos(1.0, cast.PROTECTED, "sos-0001"),
    _coded(15.0, "cancel", DURESS_CODE, "cancel-01", "sos-0001"),
    _coded(20.0, "cancel", TRUE_CODE, "cancel-02", "sos-0001"),
)
NOBODY_ON_DUTY: Final = a_quiet_night(_sos(2.0, cast.PROTECTED, "sos-0001"))
NOBODY_ON_DUTY.policy = a_policy(a_step(), a_step("shift_lead", offset_s=10), repeat_after_s=30)
NOBODY_ON_DUTY.snapshot = replace(
    NOBODY_ON_DUTY.snapshot,
    stints=(),
    sites=tuple(
        replace(site, policies=(NOBODY_ON_DUTY.policy,) if site.policies else ())
        for site in NOBODY_ON_DUTY.snapshot.sites
    ),
)
NO_WALK: Final = a_quiet_night(_coded(5.0, "end", DURESS_CODE, "end-0001", "walk-0001"))

TWIN_MUTANTS: Final = (
    Mutant("a duress cancel shows itself", ("I9",), _duress_shows_itself),
    Mutant("a duress code is refused", ("I9",), _duress_is_refused),
)
MUTANTS: Final = (
    Mutant("marks, then sends", ("I2", "I7"), _mark_then_send),
    Mutant("one stuck provider blocks the others", ("I7",), _one_stuck_provider_blocks_others),
    Mutant(
        "a provider that refuses is silent",
        ("I2",),
        _a_provider_that_refuses_is_silent,
        (ALL_REFUSED,),
    ),
    Mutant("one answer proves every channel", ("I15",), _one_answer_proves_every_channel),
    Mutant(
        "a drill stands in front of a real one", ("I10",), _a_drill_waits_in_front_of_a_real_one
    ),
    Mutant("waits by the wall clock", ("I3", "I6"), _waits_by_the_wall_clock),
    Mutant("drained before it is taken", ("I1",), _drained_before_it_is_taken),
    Mutant(
        "a poisoned press takes its batch along",
        ("I1",),
        _a_poisoned_press_takes_its_batch_along,
        (A_BATCH,),
    ),
    Mutant(
        "a poisoned press stops the loop",
        ("I25",),
        _a_poisoned_press_stops_the_loop,
        (A_BATCH,),
    ),
    Mutant("forgets its timers at start", ("I3", "I6"), _forgets_timers_at_start),
    Mutant("goes on sending after the end", ("I2", "I4", "I8"), _goes_on_sending_after_the_end),
    Mutant("a receipt is an answer", ("I4",), _a_receipt_is_an_answer),
    Mutant("a receipt takes charge", ("I4",), _a_receipt_takes_charge),
    Mutant("the word STOP disables", ("I4",), _stop_disables),
    Mutant("any code will do", ("I4",), _any_code_will_do),
    Mutant("a revoked device cancels", ("I4",), _a_revoked_device_cancels),
    Mutant("a drill swallows a real one", ("I5", "I10"), _store(_DrillSwallows)),
    Mutant("two people are one incident", ("I5",), _store(_PeopleMerged)),
    Mutant("the second press is dropped", ("I5",), _second_press_dropped),
    Mutant("two presses within a minute are one", ("I5",), _two_within_a_minute_are_one),
    Mutant("a press too soon is owed no call", ("I5",), _a_press_too_soon_is_owed_nothing),
    Mutant("one press of a batch", ("I1",), _one_press_of_a_batch, (A_BATCH,)),
    Mutant("a skipped step waits its turn", ("I6",), _a_skip_waits_its_turn),
    Mutant("the ladder ends", ("I3",), _the_ladder_ends),
    Mutant(
        "the first call counts as unanswered",
        ("I15",),
        _the_first_call_counts_as_unanswered,
        (NOBODY_ON_DUTY,),
    ),
    Mutant("an unclaimed call is never said", ("I3",), _unclaimed_is_never_said),
    Mutant("charge never lapses", ("I16",), _charge_never_lapses),
    Mutant("any answer stops it", ("I4",), _any_answer_stops_it),
    Mutant("every step twice", ("I6",), _every_step_twice),
    Mutant("no lease is taken back", ("I2", "I7"), _store(_NoLeaseRecovery)),
    Mutant(
        "settles without a fence",
        ("I2", "I7", "I8"),
        _store(_NoFence),
        (ENDED_WHILE_IT_HUNG,),
    ),
    Mutant("claims what others hold", ("I7", "I8"), _store(_ClaimsWhatOthersHold)),
    Mutant("the next method waits for its turn", ("I2",), _store(_NextMethodWaits)),
    Mutant("sends again after a restart", ("I7", "I8"), _store(_SendsAgainAfterRestart)),
    Mutant("nothing is ever unanswered", ("I2",), _store(_NeverExpires)),
    Mutant(
        "a clock set back hides what waits", ("I3", "I6"), _store(_HiddenByTheClock), (A_YEAR_BACK,)
    ),
    Mutant("a retry forgets its reference", ("I7",), _retry_forgets_its_reference),
    Mutant("busy is for good", ("I2",), _busy_is_for_good),
    Mutant("a silent SOS rings her phone", ("I22",), _a_silent_sos_rings_her_phone),
    Mutant("whom she ruled out is called", ("I11",), _whom_she_ruled_out_is_called),
    Mutant("help is coming", ("I15",), _help_is_coming),
    Mutant("over said before a new press counts", ("I17",), _old_over_counts),
    Mutant("a cancel of any press ends it", ("I5",), _any_cancel_ends_it, (LATE_CANCEL,)),
    Mutant(
        "the true code ends what the duress code raised",
        ("I9",),
        _the_true_code_ends_what_duress_raised,
        (BOTH_CODES,),
    ),
    Mutant("no walk, no duress", ("I9",), _no_walk_no_duress, (NO_WALK,)),
    Mutant("a drill says nothing of it", ("I10",), _a_drill_says_nothing_of_it),
)
