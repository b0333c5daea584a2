"""What must be true of a night in which the store went away, whatever else went wrong? Nothing lost, nobody quiet, few repeats."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Final
from uuid import UUID

from tests.simulation.history import Fact, History
from tests.simulation.reading import SOON_S, is_known, unknown_s
from tests.simulation.script import Script
from tocsin.decisions.rules.incident import ASKING, Incident
from tocsin.engine.brownout import PROBE_S
from tocsin.flow.alarms import Change

HANDING_OVER_S: Final = 2.0
WORD: Final = re.compile(r"Tocsin ([A-Z0-9]{4})\b")
CODE: Final = re.compile(r"\b1 ([1-9][0-9]{2})\b")


def every_press_calls_people_at_once(script: Script, history: History) -> Iterator[str]:
    """I1: what the gate took is decided about within two seconds of running, the store being there or not."""
    heard: dict[tuple[UUID, str], float] = {}
    for fact, change in _decided(history):
        for signal in change.signals:
            heard.setdefault((signal.press.person_id, signal.press.key), fact.t)
    for (person_id, key), t in _presses(history).items():
        when = heard.get((person_id, key), 1e9)
        if history.late_s(t, when) > SOON_S:
            yield f"I1: {key} was stored at {t:.1f} and decided about at {when:.1f}"


def every_press_is_kept(script: Script, history: History) -> Iterator[str]:
    """I1: in the end each is on record, in an incident of its own person."""
    kept = {
        (signal.press.person_id, signal.press.key): change.incident
        for fact in history.of("saved", "kept")
        for change in _kept(fact)
        for signal in change.signals
    }
    for person_id, key in _presses(history):
        incident = kept.get((person_id, key))
        if incident is None or incident.person_id != person_id:
            yield f"I1: {key} is not on record in an incident of hers"
        elif incident.is_drill or incident.kind in ASKING:
            yield f"I10: {key} was swallowed by a drill"


def it_goes_on_while_nobody_answers(script: Script, history: History) -> Iterator[str]:
    """I3: where nobody ever answers, somebody is called anew as often as the policy says, through every outage.

    A process that starts on a clock that was set back waits the whole time again, as in any night.
    """
    if script.answers or any(p.act != "sos" for _, p in history.presses()):
        return
    about: dict[UUID, Incident] = {}
    called: dict[UUID, list[float]] = defaultdict(list)
    for fact, change in _decided(history):
        incident = change.incident
        if incident and not incident.is_drill:
            about[incident.person_id] = incident
            if change.deliveries or any(e.kind == "step.skipped" for e in change.entries):
                called[incident.person_id].append(fact.t)
    until = next((f.t for f in history.of("calm")), history.seconds)
    for person_id, times in called.items():
        wait = _longest_wait(about[person_id])
        for now, following in zip(times, [*times[1:], until], strict=True):
            again = unknown_s(script, history, now, following, wait)
            if history.late_s(now + wait + again, following) > SOON_S:
                yield f"I3: {about[person_id].key} was quiet from {now:.1f} to {following:.1f}"


def no_press_is_raised_anew(script: Script, history: History) -> Iterator[str]:
    """I5: what called people in an outage is on record; only a death in memory forgets it."""
    del script
    if _deaths(history):
        return
    for fact, change in _decided(history):
        incident = change.incident
        if change.is_new and incident and incident.id not in history.incidents:
            yield f"I5: {incident.key} was raised anew at {fact.t:.1f}, and is not on record"


def it_comes_back(script: Script, history: History) -> Iterator[str]:
    """I2: soon after its return the store has all that was done without it, unless the process died meanwhile."""
    ends = [fact.t for fact in history.of("back", "died", "restart")]
    for fact in history.of("away"):
        returns = next((b for a, b in script.away if a <= fact.t < b), None)
        if returns is None or not fact.data["memory"]:
            continue
        back = min((t for t in ends if t >= fact.t), default=1e9)
        if back > returns + PROBE_S + HANDING_OVER_S:
            yield f"I2: away at {fact.t:.1f}, back at {returns:.1f}, handed over at {back:.1f}"


def repeats_are_few(script: Script, history: History) -> Iterator[str]:
    """I7: a reference goes out again at most once for each death and for each time that the store went or came."""
    unknown = 2 * len(script.away) + _deaths(history)
    taken = Counter(fact.data["reference"] for fact in history.of("taken"))
    for reference, times in taken.items():
        if times > 1 + unknown:
            yield f"I7: {reference[-8:]} was taken {times} times"
    many = sum(times - 1 for times in taken.values())
    if not unknown and many:
        yield f"I7: {many} repeats in a night without an outage"


def told_again_is_told_alike(script: Script, history: History) -> Iterator[str]:
    """I15: what goes out again names the same incident, and is answered by the same three digits, whoever sends it."""
    del script
    said: dict[tuple[str, int], str] = {}
    for fact in history.of("send"):
        reference, text = fact.data["reference"], fact.data["text"]
        for number, kind in enumerate((WORD, CODE)):
            for told in kind.findall(text):
                before = said.setdefault((reference, number), told)
                if before != told:
                    yield f"I15: {reference[-8:]} said {before}, and at {fact.t:.1f} {told}"


def _deaths(history: History) -> int:
    """Return how often the process died, but for the last restart of every night."""
    until = next((fact.t for fact in history.of("restart")), history.seconds)
    return sum(fact.t < until for fact in history.of("died"))


def _presses(history: History) -> dict[tuple[UUID, str], float]:
    first: dict[tuple[UUID, str], float] = {}
    for t, press in history.presses():
        if press.act == "sos" and is_known(press):
            first.setdefault((press.person_id, press.key), t)
    return first


def _decided(history: History) -> Iterator[tuple[Fact, Change]]:
    """Return what was decided, in the store or in memory, kept or overtaken."""
    return ((fact, fact.data["change"]) for fact in history.of("saved", "overtaken"))


def _kept(fact: Fact) -> list[Change]:
    """Return what the store has since this fact."""
    if fact.kind == "kept":
        return [change for change in fact.data["changes"] if isinstance(change, Change)]
    return [fact.data["change"]] if fact.data["by"] != "memory" else []


def _longest_wait(incident: Incident) -> float:
    offsets = [step.offset_s for step in incident.policy.steps]
    between = [b - a for a, b in zip(offsets, offsets[1:], strict=False)]
    return float(max(incident.policy.repeat_after_s, offsets[0], *between, 0))


CHECKERS: Final = (
    every_press_calls_people_at_once,
    every_press_is_kept,
    it_goes_on_while_nobody_answers,
    no_press_is_raised_anew,
    it_comes_back,
    repeats_are_few,
    told_again_is_told_alike,
)
