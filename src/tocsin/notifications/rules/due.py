"""What does time do next to an incident, and when?

Pure; times are aware UTC. Every due time comes with the time at which it was set, so that whoever waits can bound the
wait by their difference, whatever the machine's clock does (I6).
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from tocsin.decisions.rules.incident import ASKING, Charge, Incident, Kind, stopped
from tocsin.registry.rules.policy import PRIVATE, Step

CONFIRM_AGAIN_WITHIN_S: Final = 30
CALL_AGAIN_AT_MOST_EVERY_S: Final = 10
# The name of the policy is the text's where the kind does not say enough: a GAP that is about the roster's lines, or about a
# word that carriers heed, not about too few people; and what her own phone is told of that word.
UNPLANNED: Final = "lead_unplanned"
STOP_HEARD: Final = "lead_stop"
BLOCKED: Final = "lead_blocked"
STOP_SAID: Final = "stop_said"
# A TASK_DUE that a person at the machine has to do: mail could not be taken in.
MAIL_KEPT: Final = "lead_mail_kept"
# A TASK that is to be looked at today: somebody reads a case without a second person.
GLASS: Final = "glass_broken"
_BY_POLICY: Final = frozenset({UNPLANNED, STOP_HEARD, BLOCKED, STOP_SAID, MAIL_KEPT, GLASS})
_NAMED: Final = frozenset({Kind.GAP, Kind.TASK, Kind.TASK_DUE})
_ASKED_BY: Final = {
    Kind.PROOF: "proof",
    Kind.GAP: "lead_uncovered",
    Kind.TASK: "task",
    Kind.TASK_DUE: "task_due",
    Kind.BLIND: "blind",
    Kind.SEES: "sees",
}

Due = tuple[datetime, datetime]
"""When it was set, and when it is due."""


def next_due(incident: Incident) -> tuple[datetime, datetime] | None:
    """Return (set at, due at) of the next thing that time does to this incident, or None.

    The wait that is left is never more than due - set, so a stepped clock cannot stretch it (I6).
    """
    return min(_dues(incident), key=lambda due: due[1], default=None)


def _dues(incident: Incident) -> Iterator[tuple[datetime, datetime]]:
    if not incident.is_open:
        return
    if incident.kind in ASKING:
        yield incident.opened_at, incident.opened_at + seconds(incident.policy.deadline_s)
    ladder = ladder_due(incident)
    if ladder:
        yield ladder
    unclaimed = unclaimed_due(incident)
    if unclaimed:
        yield unclaimed
    again = again_due(incident)
    if again:
        yield again
    charge = incident.charge
    if charge:
        yield charge_due(incident, charge)


def ladder_due(incident: Incident) -> tuple[datetime, datetime] | None:
    """Return when the next step begins, or everybody is called again; None while somebody is in charge."""
    if stopped(incident):
        return None
    policy = incident.policy
    if incident.next_step < len(policy.steps):
        # Set when the step before began: after a restart with a stepped clock no more than that is waited for again.
        set_at = max(incident.ladder_from, incident.called_at or incident.ladder_from)
        return set_at, incident.ladder_from + seconds(policy.steps[incident.next_step].offset_s)
    if incident.kind in ASKING:
        return None
    since = incident.called_at or incident.ladder_from
    return since, since + seconds(policy.repeat_after_s)


def unclaimed_due(incident: Incident) -> tuple[datetime, datetime] | None:
    """Return when it must be said that nobody owns the emergency call; None if somebody does."""
    if incident.emergency_from is None or incident.caller_id is not None or incident.kind in ASKING:
        return None
    if incident.unclaimed_said_at is not None:
        # From when it was last said: an hour without an engine, or a clock set forward, is one
        # call more and not sixty at once.
        said_at = incident.unclaimed_said_at
        return said_at, said_at + seconds(incident.policy.repeat_after_s)
    since = incident.emergency_from
    return since, since + seconds(incident.policy.call_unclaimed_s)


def again_due(incident: Incident) -> Due | None:
    """Return when everybody is called for a press that came soon after the last call; None if no press is owed one."""
    if not incident.is_again_owed:
        return None
    since = incident.last_raised_at or incident.opened_at
    return since, since + seconds(CALL_AGAIN_AT_MOST_EVERY_S)


def charge_due(incident: Incident, charge: Charge) -> tuple[datetime, datetime]:
    """Return when the one in charge is asked, and once asked, when her charge lapses."""
    if charge.asked_at is None:
        return charge.last_act_at, charge.last_act_at + seconds(incident.policy.confirm_every_s / 2)
    return charge.asked_at, _lapses_at(incident, charge.asked_at, charge)


def _lapses_at(incident: Incident, asked_at: datetime, charge: Charge) -> datetime:
    half = incident.policy.confirm_every_s / 2
    usual = charge.last_act_at + seconds(incident.policy.confirm_every_s)
    # Asked late (the engine was away, a clock was set forward), she still has the time to answer.
    fair = asked_at + seconds(min(CONFIRM_AGAIN_WITHIN_S, half))
    return min(max(usual, fair), asked_at + seconds(max(CONFIRM_AGAIN_WITHIN_S, half)))


def seconds(n: float) -> timedelta:
    """Return a duration."""
    return timedelta(seconds=n)


def first_public_step(incident: Incident) -> int:
    """Return the number of the first step that is not hers or her watcher's."""
    return next((i for i, s in enumerate(incident.policy.steps) if not set(s.who) <= PRIVATE), 0)


def public_offset(incident: Incident) -> int:
    """Return after how many seconds that step would begin by itself."""
    return incident.policy.steps[first_public_step(incident)].offset_s


def asked_with(incident: Incident, rung: Step) -> str:
    """Return the text of an incident that only asks or tells. Of a way, the one who asks is named by its policy."""
    if incident.kind in _NAMED and incident.policy.name in _BY_POLICY:
        return incident.policy.name
    if incident.kind is Kind.LOOK:
        return "hold_her" if set(rung.who) <= PRIVATE else incident.policy.name
    return _ASKED_BY[incident.kind]
