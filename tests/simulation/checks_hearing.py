"""Does everybody hear what is true, and nobody what he must not?"""

from collections import defaultdict
from collections.abc import Iterator
from uuid import UUID

from tests import cast
from tests.simulation.history import History
from tests.simulation.reading import committed
from tests.simulation.script import SHOP_PEOPLE, Script
from tocsin.decisions.rules.incident import ABOUT_NOBODY, ASKING, Incident, Kind, Shown

# --- I9, I10, I11, I15, I22: who hears what -------------------------------------------------------


def a_silent_sos_never_reaches_her_own_devices(script: Script, history: History) -> Iterator[str]:
    """I22: nothing rings for the one who pressed; a silent device only ever hears *stored*."""
    del script
    raisers = {i: incident for i, incident in history.incidents.items()}
    for fact in history.of("send"):
        incident = raisers[fact.data["incident"]]
        # A proof or a gap is about nobody: whoever began it is asked like everybody else.
        if fact.data["person"] != incident.person_id or incident.kind in ABOUT_NOBODY:
            continue
        # Of what was seen she is told; her press may have joined it later.
        is_hers = incident.kind in {Kind.WALK, Kind.LOOK} or bool(incident.case_ids)
        if not is_hers or fact.data["is_silent"]:
            yield f"I22: her own {fact.data['channel']} was sent {fact.data['text'][:40]!r}"
    silent = {
        (str(p.person_id), p.key) for _, p in history.presses() if p.act == "sos" and p.is_silent
    }
    for fact in history.of("told"):
        name = (fact.data["person"], fact.data["key"])
        if name in silent and fact.data["grade"] not in {"stored", "cancelled"}:
            yield f"I22: a silent press was told {fact.data['grade']} at {fact.t:.1f}"


def a_silent_incident_stays_silent(script: Script, history: History) -> Iterator[str]:
    """I22, I9: once silent or cancelled under duress, an incident never shows the truth again.

    A walk that she went on with, and that is overdue once more, is another incident under the same key.
    """
    del script
    cancelled: set[tuple[str, str]] = set()
    closed: set[UUID] = set()
    of_key: dict[tuple[str, str], set[UUID]] = defaultdict(set)
    for fact in history.of("told", "saved"):
        if fact.kind == "saved":
            cancelled -= _begun_anew(fact.data["change"].incident, of_key, closed)
            continue
        name = (fact.data["person"], fact.data["key"])
        if name in cancelled and fact.data["grade"] != "cancelled":
            yield f"I9: {name[1]} was told {fact.data['grade']} at {fact.t:.1f}, after its cancel"
        if fact.data["grade"] == "cancelled":
            cancelled.add(name)
    for c in committed(history):
        after = c.change.incident
        for signal in c.change.signals:
            if signal.press.act == "sos" and signal.press.is_silent and after:
                if after.shown is Shown.TRUTH:
                    yield f"I22: a silent press left {after.key} loud at {c.t:.1f}"


def _begun_anew(
    incident: Incident | None, of_key: dict[tuple[str, str], set[UUID]], closed: set[UUID]
) -> set[tuple[str, str]]:
    """Return the keys that this commit takes up in a new incident, each earlier one of which is over."""
    if incident is None:
        return set()
    names = {(str(incident.person_id), key) for key in incident.keys}
    anew = {n for n in names if incident.id not in of_key[n] and of_key[n] <= closed}
    for name in names:
        of_key[name].add(incident.id)
    if not incident.is_open:
        closed.add(incident.id)
    return anew


def drills_and_real_ones_are_told_apart(script: Script, history: History) -> Iterator[str]:
    """I10: every message of a drill says so, and no real one does."""
    del script
    for fact in history.of("send"):
        incident = history.incidents[fact.data["incident"]]
        says = "DRILL" in str(fact.data["text"]).upper() or "SIMULACRO" in str(fact.data["text"])
        if incident.is_drill != (fact.data["is_drill"] and says):
            yield f"I10: {fact.data['text'][:50]!r} of a {'drill' if incident.is_drill else 'real'}"
        is_real = not incident.is_drill and incident.kind not in ASKING
        if is_real != fact.data["is_alarm"]:
            yield f"I10: {fact.data['text'][:50]!r} waits among the wrong ones"


def nobody_hears_who_must_not(script: Script, history: History) -> Iterator[str]:
    """I11: whom she ruled out hears nothing of her, nor does another employer."""
    del script
    shop = {p.id for p in SHOP_PEOPLE}
    for fact in history.of("send"):
        incident = history.incidents[fact.data["incident"]]
        who = fact.data["person"]
        if incident.person_id == cast.PROTECTED.id and who == cast.RESPONDENT.id:
            yield f"I11: Rex was sent {fact.data['text'][:40]!r}"
        if (who in shop) != (incident.organisation_id == cast.ORCHARD_STORES):
            yield "I11: a message crossed to another employer"


def a_device_is_told_only_what_is_true(script: Script, history: History) -> Iterator[str]:
    """I15: no grade is told before it was true."""
    del script
    person_of = {(str(p.person_id), p.key): p for _, p in history.presses()}
    for fact in history.of("told"):
        press = person_of.get((fact.data["person"], fact.data["key"]))
        if press is None or press.act != "sos":
            continue
        grade = fact.data["grade"]
        about = [i for i in history.incidents.values() if i.person_id == press.person_id]
        if not _was_true(history, grade, {i.id for i in about if not i.is_drill}, fact.t):
            yield f"I15: {press.key} was told {grade} at {fact.t:.1f}"


def _was_true(history: History, grade: str, incidents: set[UUID], until: float) -> bool:
    doings = {"seen": "", "calling": "calling", "in_charge": "in_charge", "there": "there"}
    if grade in {"stored", "cancelled", "goes_on", "over"}:
        return True
    if grade == "sent":
        return any(f.t <= until and f.data["incident"] in incidents for f in history.of("taken"))
    acts = (f for f in history.of("act") if f.t <= until and f.data["incident"] in incidents)
    return any(f.data["doing"].startswith(doings[grade]) for f in acts)


# --- I25 and the engine itself --------------------------------------------------------------------


def nothing_broke(script: Script, history: History) -> Iterator[str]:
    """I25: no loop of the engine ever broke, whatever came in."""
    del script
    for line in history.broken[:3]:
        yield f"I25: {line[-300:]}"
