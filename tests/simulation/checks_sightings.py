"""What must never follow from a sighting? Each checker reads a history and names the invariant that it breaks."""

from collections.abc import Iterator
from uuid import UUID

from tests import cast
from tests.simulation.history import History
from tests.simulation.reading import committed
from tests.simulation.script import Script
from tocsin.decisions.rules.incident import SEEN, Kind

TAKEN_WITHIN_S = 3.5
AS_A_FACT = ("lock what you keep", "seen again", "cierre su puesto", "visto otra vez")


def no_breach_without_a_valid_order(script: Script, history: History) -> Iterator[str]:
    """I13: a possible breach stands on a case whose order is valid; everything else informs, with the reason."""
    valid = {case.case_id for case in script.cases if any(order.valid for order in case.orders)}
    for c in committed(history):
        incident = c.change.incident
        if incident and incident.kind is Kind.POSSIBLE_BREACH and not valid & {*incident.case_ids}:
            yield f"I13: a breach of an order that is not valid at {c.t:.1f}"
        for entry in c.change.entries:
            if entry.kind != "sighting.matched":
                continue
            if entry.body["cause"] == "possible_breach" and entry.body["case"] not in valid:
                yield f"I13: a sighting of {entry.body['case']} was called a breach at {c.t:.1f}"
            if entry.body["cause"] == "inform" and not entry.body["because"]:
                yield f"I13: informed without a reason at {c.t:.1f}"


def every_sighting_goes_to_a_person(script: Script, history: History) -> Iterator[str]:
    """I14: what matched, however unsure, is in the record and somebody was called for it, soon."""
    del script
    taken: dict[tuple[str, UUID], float] = {}
    called: set[UUID] = set()
    for c in committed(history):
        for entry in c.change.entries:
            if entry.kind == "sighting.matched":
                named = entry.body["sighting"]
                taken.setdefault((str(named), entry.body["case"]), c.t)
        if c.change.incident and c.change.deliveries:
            called.add(c.change.incident.id)
    cases = {case for _, case in taken}
    for fact in history.of("seen"):
        if fact.data["case"] not in cases:
            yield f"I14: {fact.data['certainty']} {fact.data['track']} was dropped"
    first: dict[tuple[str, UUID], float] = {}
    for fact in history.of("seen"):
        first.setdefault((fact.data["track"], fact.data["case"]), fact.t)
    by_case: dict[UUID, list[float]] = {}
    for (_, case), t in taken.items():
        by_case.setdefault(case, []).append(t)
    for (track, case), t in first.items():
        done = min((at for at in by_case.get(case, ()) if at >= t), default=1e9)
        if history.late_s(t, done) > TAKEN_WITHIN_S:
            yield f"I14: {track} of {t:.1f} was not taken within seconds"
    for c in committed(history):
        incident = c.change.incident
        if incident and c.change.is_new and incident.kind in SEEN and incident.id not in called:
            yield f"I14: nobody was ever called for {incident.key}"


def what_is_possible_is_never_a_fact(script: Script, history: History) -> Iterator[str]:
    """I14: no text states that he is here before a match was certain, or a person who may has said that it is he."""
    del script
    sure_from: dict[UUID, float] = {}
    for c in committed(history):
        for entry in c.change.entries:
            is_sure = entry.kind == "sighting.confirmed" or (
                entry.kind == "sighting.matched" and entry.body["certainty"] == "certain"
            )
            if is_sure and c.change.incident:
                sure_from.setdefault(c.change.incident.id, c.t)
    certain = [f.t for f in history.of("seen") if f.data["certainty"] == "certain"]
    certain += [f.t for f in history.of("compared") if f.data["is_he"] and f.data["kept"]]
    for fact in history.of("send"):
        says = any(words in str(fact.data["text"]) for words in AS_A_FACT)
        if says and (
            fact.t < sure_from.get(fact.data["incident"], 1e9) or fact.t < min(certain, default=1e9)
        ):
            yield f"I14: stated as certain at {fact.t:.1f}: {str(fact.data['text'])[:50]!r}"


def no_party_hears_of_it(script: Script, history: History) -> Iterator[str]:
    """I11: nothing goes to a party of the case, nobody is told in the ledger that he was, and no act of his counts."""
    del script
    for fact in history.of("send"):
        if fact.data["person"] == cast.RESPONDENT.id:
            yield f"I11: Rex was sent {str(fact.data['text'])[:40]!r}"
    for c in committed(history):
        if any(d.person_id == cast.RESPONDENT.id for d in c.change.deliveries):
            yield f"I11: a delivery for Rex was planned at {c.t:.1f}"
        for entry in c.change.entries:
            if entry.actor_id == cast.RESPONDENT.id:
                yield f"I11: Rex did {entry.kind} at {c.t:.1f}"


def who_was_told_is_in_the_ledger(script: Script, history: History) -> Iterator[str]:
    """Design 1: every telling has its line in each case of the incident, one that joined later too; her own is none."""
    del script
    lines: set[tuple[UUID | None, UUID, UUID | None]] = set()
    told: dict[UUID, set[UUID]] = {}
    for c in committed(history):
        incident = c.change.incident
        lines |= {(line.incident_id, line.case_id, line.to_id) for line in c.change.disclosures}
        if incident is None or not incident.case_ids:
            continue
        hers = set() if incident.is_about_place else {incident.person_id}
        people = told.setdefault(incident.id, set())
        people |= {d.person_id for d in c.change.deliveries} - hers
        due = {(incident.id, case, person) for case in incident.case_ids for person in people}
        if due - lines:
            yield f"I19: a telling without its line at {c.t:.1f}"


def not_located_ends_with_custody(script: Script, history: History) -> Iterator[str]:
    """I20: only a person's record of custody ends *not located*, whatever else is said."""
    del script
    recorded: dict[UUID, float] = {}
    for fact in history.of("custody"):
        recorded.setdefault(fact.data["case"], fact.t)
    for c in committed(history):
        before, after = c.before, c.change.incident
        if before and after:
            for case in before.not_located - after.not_located:
                if recorded.get(case, 1e9) > c.t:
                    yield f"I20: {case} counts as located at {c.t:.1f}, and nobody has recorded custody"
        if (
            after
            and not after.is_open
            and after.not_located
            and "not located" not in after.closed_how
        ):
            told = "it is not he" in after.closed_how or after.kind not in SEEN
            if not told:
                yield f"I20: closed as {after.closed_how!r} at {c.t:.1f}"
        must = after and c.change.is_new and after.is_confirmed
        if (
            after
            and must
            and after.kind in {Kind.POSSIBLE_BREACH, Kind.HOUSE_RULE}
            and not after.not_located
        ):
            yield f"I20: opened as located at {c.t:.1f}"


def she_is_told_first(script: Script, history: History) -> Iterator[str]:
    """Design, 5: of a certain sighting she hears before, or with, everybody else; after a silent press not at all."""
    del script
    for c in committed(history):
        incident = c.change.incident
        if incident is None or not c.change.is_new or incident.is_about_place:
            continue
        if incident.kind in {Kind.POSSIBLE_BREACH, Kind.HOUSE_RULE} and incident.is_confirmed:
            first = c.change.deliveries[0].person_id if c.change.deliveries else None
            if first != cast.PROTECTED.id:
                yield f"I16: she was not told first at {c.t:.1f}"


def what_is_certain_stays_so(script: Script, history: History) -> Iterator[str]:
    """I17, I3: nothing that is seen takes the emergency call from an open incident; what is certain gives it one."""
    del script
    for c in committed(history):
        before, after = c.before, c.change.incident
        if after is None or not after.is_open:
            continue
        if before and before.needs_emergency_call and not after.needs_emergency_call:
            yield f"I17: nobody has to own its emergency call any more at {c.t:.1f}"
        for entry in c.change.entries:
            is_sure = entry.kind == "sighting.matched" and entry.body["certainty"] == "certain"
            if is_sure and entry.body["cause"] != "inform" and not after.needs_emergency_call:
                yield f"I3: seen for certain, and nobody has to own the emergency call at {c.t:.1f}"


def who_comes_to_her_sos_hears_that_he_is_there(script: Script, history: History) -> Iterator[str]:
    """I16: what is certain, or what a person confirmed, while her SOS or her walk runs, is told to keep away, once in ten seconds."""
    rules_out = {c.case_id for c in script.cases if not (c.house_rule or any(o.valid for o in c.orders))}  # fmt: skip
    told: dict[UUID, float] = {}
    for c in committed(history):
        before, after = c.before, c.change.incident
        if after and any(d.template in {"sighting", "sighting_again"} for d in c.change.deliveries):
            told[after.id] = c.t
        if before is None or after is None or not after.is_open or after.kind in SEEN:
            continue
        for entry in c.change.entries:
            is_sure = entry.kind == "sighting.confirmed" or (
                entry.kind == "sighting.matched" and entry.body["certainty"] == "certain"
            )
            if (
                is_sure
                and entry.body["case"] not in rules_out
                and not told.get(after.id, -1e9) > c.t - 12
            ):
                yield f"I16: nobody was told to keep away at {c.t:.1f}"


CHECKERS = (
    no_breach_without_a_valid_order,
    every_sighting_goes_to_a_person,
    what_is_possible_is_never_a_fact,
    no_party_hears_of_it,
    who_was_told_is_in_the_ledger,
    not_located_ends_with_custody,
    she_is_told_first,
    what_is_certain_stays_so,
    who_comes_to_her_sos_hears_that_he_is_there,
)
