"""What do her codes, and what people said before, end? Each checker reads a history and names what it breaks."""

from collections.abc import Iterator
from uuid import UUID

from tests.simulation.history import History
from tests.simulation.reading import SOON_S, Committed, by_incident, committed
from tests.simulation.script import Script, player
from tests.snapshots import DURESS_CODE, device_of
from tocsin.decisions.rules.incident import Doing, Incident
from tocsin.signals.rules.press import Press


def over_counts_only_after_what_she_did_last(script: Script, history: History) -> Iterator[str]:
    """I17: two people say *over* after her last press, duress code or overdue walk, and nothing else since."""
    del script
    for states in by_incident(history).values():
        said: dict[UUID, Doing] = {}
        for c in states:
            after = c.change.incident
            assert after is not None
            if _is_alarmed(c):
                said.clear()
            said |= {a.person_id: a.doing for a in c.change.acts if a.doing is not Doing.SEEN}
            over = [who for who, doing in said.items() if doing is Doing.OVER]
            by_people = "people said" in after.closed_how and after.needs_emergency_call
            if by_people and not after.is_drill and len(over) < 2:
                yield f"I17: {after.key} was closed at {c.t:.1f} by {len(over)} of two people"


def _is_alarmed(c: Committed) -> bool:
    kinds = {entry.kind for entry in c.change.entries}
    is_duress = any(e.kind == "cancel.accepted" and e.body["duress"] for e in c.change.entries)
    return is_duress or bool({"sos.raised_again", "walk.overdue"} & kinds)


def a_true_code_ends_only_what_it_means(script: Script, history: History) -> Iterator[str]:
    """I5, I9: a cancel of an older press ends no newer one; after the duress code no code of hers ends it."""
    del script
    for states in by_incident(history).values():
        pressed: list[str] = []
        is_under_duress = False
        for c in states:
            after = c.change.incident
            assert after is not None
            presses = [signal.press for signal in c.change.signals]
            if after.closed_how == "her code":
                if is_under_duress:
                    yield f"I9: {after.key} was ended at {c.t:.1f} by a code after the duress code"
                if any(_means_an_older(press, pressed) for press in presses):
                    yield f"I5: {after.key} was ended at {c.t:.1f} by the cancel of an older press"
            # What a revoked phone adds is no press that her own phone knows: her true code ends what she can see.
            known = [p for p in presses if p.device_id is None or _is_believed(p)]
            pressed += [press.key for press in known if press.act == "sos"]
            is_under_duress |= any(_is_duress(press) for press in presses)


def _means_an_older(press: Press, pressed: list[str]) -> bool:
    return press.act == "cancel" and bool(press.of) and pressed[-1:] != [press.of]


def _is_believed(press: Press) -> bool:
    return press.device_id == device_of(player(press.person_id))


def _is_duress(press: Press) -> bool:
    return _is_believed(press) and press.code == DURESS_CODE and press.act in {"cancel", "end"}


def the_duress_code_always_calls(script: Script, history: History) -> Iterator[str]:
    """I9: it calls people wherever it is typed, whatever is open."""
    del script
    heard: set[tuple[UUID, str]] = set()
    for c in committed(history):
        duress = [s.press for s in c.change.signals if _is_duress(s.press)]
        heard |= {(press.person_id, press.key) for press in duress}
        if duress and not _calls(c.change.incident):
            yield f"I9: the duress code at {c.t:.1f} called nobody"
    for t, press in history.presses():
        is_late = history.late_s(t, history.seconds) > SOON_S
        if _is_duress(press) and is_late and (press.person_id, press.key) not in heard:
            yield f"I9: the duress code of {t:.1f} was not heard"


def _calls(incident: Incident | None) -> bool:
    return incident is not None and incident.is_open and incident.is_under_duress


CHECKERS = (
    over_counts_only_after_what_she_did_last,
    a_true_code_ends_only_what_it_means,
    the_duress_code_always_calls,
)
