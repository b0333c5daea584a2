"""Somebody is told that work waits: once, in neutral words, never with the sound or the colour of an alarm."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from tocsin.decisions.rules.incident import Incident, Kind
from tocsin.flow.alarms import Alarms, Change
from tocsin.flow.decide import called_by_name, decide
from tocsin.notifications.rules.disclosure import Disclosure
from tocsin.notifications.rules.happenings import Opened
from tocsin.record.rules.entries import Entry
from tocsin.registry.rules.policy import SiteFacts, Step, rings_nobody, select
from tocsin.registry.rules.usual import usual_sos
from tocsin.runtime.ids import Ids, named_uuid

# A text message rings like an alarm; it is used only for who has nothing else.
QUIET_CHANNELS: Final = ("live", "webpush", "email")
TASK_OPEN_S: Final = 600
PAGE_OPEN_S: Final = 600
DUTY: Final = (
    Step(offset_s=0, who=("shift_lead",)),
    Step(offset_s=0, who=("role:safety_lead", "role:manager")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """Whom to tell at which site about which case. `kept_out`: who never hears of it. `entries` go with it.

    `ground` and `what`: codes of the ledger's line (who was told what of her case), "" and () for the usual ones; what
    she is told herself (`her_id`) is no line. `also_cases`: others that this one message is about, each with its line.
    `text`: the name of other words than the kind's usual ones; `key`: under which it is told once.
    """

    organisation_id: UUID
    site_id: UUID
    case_id: UUID | None
    also_cases: tuple[UUID, ...] = ()
    her_id: UUID | None = None
    ground: str = ""
    what: tuple[str, ...] = ()
    kept_out: frozenset[UUID] = frozenset()
    entries: tuple[Entry, ...] = ()
    text: str = ""
    key: str = ""


def tell_person(
    alarms: Alarms,
    telling: Telling,
    person_id: UUID,
    *,
    ids: Ids,
    engine: str = "",
    ways: Sequence[tuple[str, ...]] = (QUIET_CHANNELS, ()),
) -> Change | None:
    """Return the message to one person, saved; None if no way to her may be used now: try again later.

    `ways`: the first of these sets of channels by which she can be reached is used, () being all of them.
    """
    facts = _facts(alarms, telling, {person_id})
    if facts is None:
        return None
    for channels in ways:
        step = Step(offset_s=0, who=(f"person:{person_id}",), channels=channels)
        if not rings_nobody(select(step, facts)):
            return _saved(alarms, telling, (Kind.TASK, step, TASK_OPEN_S), facts, (ids, engine))
    return None


def page_duty(
    alarms: Alarms,
    telling: Telling,
    *,
    ids: Ids,
    engine: str = "",
    kind: Kind = Kind.TASK_DUE,
    steps: Sequence[Step] = DUTY,
) -> tuple[Change, tuple[UUID, ...]] | None:
    """Return the page to whoever leads the shift now, else to the safety lead, saved, and who was told; or None.

    `steps`: others in their place; the first that reaches somebody is taken.
    """
    by_name = called_by_name(replace(usual_sos(telling.site_id), steps=tuple(steps)))
    facts = _facts(alarms, telling, set(by_name))
    if facts is None:
        return None
    for step in steps:
        found = select(step, facts)
        if not rings_nobody(found):
            how = (kind, step, PAGE_OPEN_S)
            change = _saved(alarms, telling, how, facts, (ids, engine))
            return change, tuple(recipient.person_id for recipient in found)
    return None


def _facts(alarms: Alarms, telling: Telling, also: set[UUID]) -> SiteFacts | None:
    found = alarms.site_facts(telling.organisation_id, [telling.site_id], alarms.now(), also)
    facts = found.get(telling.site_id)
    if facts is None:
        return None
    # That there is something to read says that something is kept about her: not where he may read it.
    out = facts.kept_out | telling.kept_out
    return replace(facts, kept_out=out, protected_id=telling.her_id)


def _saved(
    alarms: Alarms,
    telling: Telling,
    how: tuple[Kind, Step, int],
    facts: SiteFacts,
    made: tuple[Ids, str],
) -> Change:
    (_kind, step, _open_s), (ids, engine) = how, made
    at = alarms.now()
    incident = _incident(telling, how, select(step, facts)[0].person_id, at, ids)
    change = decide(incident, Opened(), facts, at, ids=ids, engine=engine)
    lines = tuple(_lines(telling, change))
    # What it is about is in the record already, as what it is: a safeguard, a briefing.
    change = replace(change, is_new=True, entries=telling.entries, disclosures=lines)
    alarms.save([change])
    return change


def _lines(telling: Telling, change: Change) -> Iterator[Disclosure]:
    for line in change.disclosures:
        if line.to_id == telling.her_id:
            continue
        what = (line.what[0], *(telling.what or line.what[1:]))
        told = replace(line, ground=telling.ground or line.ground, what=what)
        yield told
        for case_id in telling.also_cases:
            line_id = named_uuid(line.id, "disclosure", case_id)
            yield replace(told, id=line_id, case_id=case_id)


def _incident(
    telling: Telling, how: tuple[Kind, Step, int], person_id: UUID, at: datetime, ids: Ids
) -> Incident:
    kind, step, open_s = how
    incident_id = ids.uuid()
    usual = usual_sos(telling.site_id)
    policy = replace(usual, name=telling.text or usual.name, steps=(step,), deadline_s=open_s)
    return Incident(
        id=incident_id,
        organisation_id=telling.organisation_id,
        site_id=telling.site_id,
        person_id=person_id,
        word=ids.word(),
        kind=kind,
        is_drill=False,
        key=telling.key or f"{kind.value}-{incident_id.hex}",
        opened_at=at,
        policy=policy,
        ladder_from=at,
        last_raised_at=at,
        case_ids=(telling.case_id,) if telling.case_id else (),
    )
