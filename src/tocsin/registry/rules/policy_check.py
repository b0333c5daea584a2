"""Is this policy well formed, and does it make sense on its own, whoever is on duty?"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from tocsin.registry.rules.contacts import CHANNELS
from tocsin.registry.rules.findings import Finding, error, warning
from tocsin.registry.rules.policy import (
    CALL_UNCLAIMED_S,
    CONFIRM_S,
    DEADLINE_S,
    KINDS,
    MAX_NAME,
    MAX_OFFSET_S,
    MAX_PROVEN,
    MAX_QUORUM,
    MAX_SELECTORS,
    MAX_STEPS,
    REACHES,
    REPEAT_S,
    Policy,
    Step,
    parse_selector,
)

QUIET_FOR_S: Final = 300
# Selectors that need somebody who watches a walk, or the one who raised it.
OF_ONE_INCIDENT: Final = frozenset({"herself", "watcher"})
_HOW_TO_NAME: Final = (
    "everyone_on_duty, role:<name>, team:<id>, post:<id>, person:<id>, herself, watcher,"
    " shift_lead, manager"
)


def check(policy: Policy) -> tuple[Finding, ...]:
    """Return what is wrong with the policy itself; it may be saved if `errors` of it is empty."""
    return (*_numbers(policy), *_ladder(policy), *_each_step(policy), *_sense(policy))


def _numbers(policy: Policy) -> Iterator[Finding]:
    if not policy.name.strip() or len(policy.name) > MAX_NAME:
        yield error("name", "name", f"A policy needs a name of at most {MAX_NAME} characters.")
    if policy.kind not in KINDS:
        yield error("kind", "kind", f"{policy.kind[:MAX_NAME]!r} is none of {', '.join(KINDS)}.")
    ranges = (
        ("repeat_after_s", policy.repeat_after_s, REPEAT_S),
        ("confirm_every_s", policy.confirm_every_s, CONFIRM_S),
        ("call_unclaimed_s", policy.call_unclaimed_s, CALL_UNCLAIMED_S),
        ("deadline_s", policy.deadline_s, DEADLINE_S),
        ("required_proven", policy.required_proven, (0, MAX_PROVEN)),
    )
    for path, value, (low, high) in ranges:
        if not low <= value <= high:
            yield error("range", path, f"{value} is not from {low} to {high}.")


def _ladder(policy: Policy) -> Iterator[Finding]:
    if not 1 <= len(policy.steps) <= MAX_STEPS:
        words = f"A ladder has 1 to {MAX_STEPS} steps; this one has {len(policy.steps)}."
        yield error("steps", "steps", words)
    if policy.steps and policy.steps[0].offset_s != 0:
        words = "The first step must come at once (0 s), or nobody is called at the press."
        yield error("first_step", "steps[0].offset_s", words)
    for index, (before, step) in enumerate(pairwise(policy.steps), start=1):
        path = f"steps[{index}].offset_s"
        if step.offset_s <= before.offset_s:
            words = f"Step {index + 1} ({step.offset_s} s) must come after step {index}."
            yield error("order", path, words)
        if step.offset_s - before.offset_s > QUIET_FOR_S:
            words = f"Nobody new is called for {step.offset_s - before.offset_s} s before this."
            yield warning("long_wait", path, words)


def _each_step(policy: Policy) -> Iterator[Finding]:
    for index, step in enumerate(policy.steps):
        path = f"steps[{index}]"
        yield from _step_numbers(step, path)
        yield from _selectors(step, path)
        yield from _channels(step, path)


def _step_numbers(step: Step, path: str) -> Iterator[Finding]:
    if not 0 <= step.offset_s <= MAX_OFFSET_S:
        words = f"{step.offset_s} s is not from 0 to {MAX_OFFSET_S} (a day): it is never reached."
        yield error("range", f"{path}.offset_s", words)
    if not 1 <= step.quorum <= MAX_QUORUM:
        yield error("range", f"{path}.quorum", f"{step.quorum} is not from 1 to {MAX_QUORUM}.")
    if step.reach not in REACHES:
        yield error(
            "reach", f"{path}.reach", f"{step.reach[:MAX_NAME]!r} is neither all nor in_order."
        )


def _selectors(step: Step, path: str) -> Iterator[Finding]:
    if not 1 <= len(step.who) <= MAX_SELECTORS:
        words = f"A step calls 1 to {MAX_SELECTORS} kinds of people; this one {len(step.who)}."
        yield error("who", f"{path}.who", words)
    for place, text in enumerate(step.who):
        where = f"{path}.who[{place}]"
        if parse_selector(text) is None:
            yield error(
                "selector", where, f"{text[:MAX_NAME]!r} is no way to name people: {_HOW_TO_NAME}."
            )
        elif text in step.who[:place]:
            yield warning("twice", where, f"{text} is there twice; it counts once.")


def _channels(step: Step, path: str) -> Iterator[Finding]:
    for place, channel in enumerate(step.channels):
        where = f"{path}.channels[{place}]"
        if channel not in CHANNELS:
            yield error(
                "channel", where, f"{channel[:MAX_NAME]!r} is none of {', '.join(CHANNELS)}."
            )
        elif channel in step.channels[:place]:
            yield warning("twice", where, f"{channel} is there twice; it counts once.")


def _sense(policy: Policy) -> Iterator[Finding]:
    yield from _same_as_before(policy)
    yield from _quorum_without_effect(policy)
    if policy.kind in {"sos", "walk"} and policy.required_proven == 0:
        words = "With 0 the site counts as covered although nobody is proven to be reachable."
        yield warning("never_uncovered", "required_proven", words)
    if policy.kind == "sos" and policy.steps:
        yield from _sense_of_sos(policy)


def _same_as_before(policy: Policy) -> Iterator[Finding]:
    for index, (before, step) in enumerate(pairwise(policy.steps), start=1):
        if set(step.who) == set(before.who) and set(step.channels) == set(before.channels):
            words = f"Step {index + 1} calls the same people in the same way as step {index}."
            yield warning("same_people", f"steps[{index}].who", words)


def _quorum_without_effect(policy: Policy) -> Iterator[Finding]:
    most = 0
    for index, step in enumerate(policy.steps):
        if step.quorum < most:
            words = (
                f"An earlier step already asks for {most} people; {step.quorum} changes nothing."
            )
            yield warning("quorum_without_effect", f"steps[{index}].quorum", words)
        most = max(most, step.quorum)


def _sense_of_sos(policy: Policy) -> Iterator[Finding]:
    first = policy.steps[0]
    if set(first.who) <= OF_ONE_INCIDENT:
        words = "The first step of an SOS calls nobody but the one who pressed or watches."
        yield error("nobody_first", "steps[0].who", words)
    elif "everyone_on_duty" not in first.who:
        words = "The first step of an SOS does not call everyone on duty."
        yield warning("not_everyone", "steps[0].who", words)
    if first.reach != "all":
        words = "The first step of an SOS tries one channel after the other; all at once is faster."
        yield warning("slow_first", "steps[0].reach", words)
    if len(set(first.channels)) == 1:
        words = f"The first step of an SOS goes out by {first.channels[0]} only."
        yield warning("one_channel", "steps[0].channels", words)
    if len(policy.steps) == 1:
        words = "There is one step only: if those people do not answer, nobody else is called."
        yield warning("one_step", "steps", words)
