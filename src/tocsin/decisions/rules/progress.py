"""How is an incident's state written down as JSON, and read back as it was?

The columns of the table are not repeated here. A progress of an older version lacks what came later: every field
has the default that an incident begins with.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from tocsin.decisions.rules.incident import Charge, Doing, Incident, Kind, Shown, Standing
from tocsin.decisions.rules.said import Said
from tocsin.registry.rules.policy import Policy


def to_progress(incident: Incident) -> dict[str, Any]:
    """Return the JSON-able part of the state that has no column."""
    return {
        "ladder_from": incident.ladder_from.isoformat(),
        "watcher": _text(incident.watcher_id),
        "shown": incident.shown.value,
        "keys": list(incident.keys),
        "cancelled_keys": list(incident.cancelled_keys),
        **({"outlived_keys": list(incident.outlived_keys)} if incident.outlived_keys else {}),
        **({"from_doubted": True} if incident.is_from_doubted else {}),
        **({"labels": list(incident.labels)} if incident.labels else {}),
        "under_duress": incident.is_under_duress,
        "calls": incident.calls,
        "next_step": incident.next_step,
        "called_at": _iso(incident.called_at),
        "loops": incident.loops,
        **({"unheard": sorted(incident.unheard)} if incident.unheard else {}),
        "raised_count": incident.raised_count,
        "last_raised_at": _iso(incident.last_raised_at),
        **({"again_owed": True} if incident.is_again_owed else {}),
        "emergency_from": _iso(incident.emergency_from),
        "unclaimed_said": incident.unclaimed_said,
        "unclaimed_said_at": _iso(incident.unclaimed_said_at),
        "latest_at": _iso(incident.latest_at),
        "caller": _text(incident.caller_id),
        "called_emergency_at": _iso(incident.called_emergency_at),
        "charge": _charge(incident.charge),
        **_offer(incident.charge),
        "standing": {
            str(p): [s.doing.value, s.at.isoformat()] for p, s in incident.standing.items()
        },
        "seen_by": sorted(map(str, incident.seen_by)),
        "over": sorted(map(str, incident.over)),
        **_respondent(incident),
    }


def _respondent(incident: Incident) -> dict[str, Any]:
    """Return what only an incident with a respondent has."""
    if not incident.case_ids:
        return {}
    return {
        "cases": [str(case_id) for case_id in incident.case_ids],
        "not_located": sorted(map(str, incident.not_located)),
        "confirmed": incident.is_confirmed,
        "only_where": incident.is_only_where,
        "also_sites": [str(site_id) for site_id in incident.also_sites],
        "police": list(incident.police),
        "because": list(incident.because),
        "said": [
            [str(one.case_id), _text(one.order_id), list(one.police), list(one.because)]
            for one in incident.said
        ],
        "told_of": {code: at.isoformat() for code, at in incident.told_of.items()},
        "her_notice_at": _iso(incident.her_notice_at),
        "her_answer_at": _iso(incident.her_answer_at),
    }


def from_progress(
    columns: Mapping[str, Any], policy: Policy, progress: Mapping[str, Any]
) -> Incident:
    """Return the incident of these columns (by their names), this policy and this progress."""
    return Incident(
        **{**columns, "kind": Kind(columns["kind"])},
        policy=policy,
        ladder_from=datetime.fromisoformat(progress["ladder_from"]),
        watcher_id=_id(progress.get("watcher")),
        shown=Shown(progress.get("shown", "truth")),
        keys=tuple(progress.get("keys", ())),
        cancelled_keys=tuple(progress.get("cancelled_keys", ())),
        outlived_keys=tuple(progress.get("outlived_keys", ())),
        is_from_doubted=progress.get("from_doubted", False),
        labels=tuple(progress.get("labels", ())),
        is_under_duress=progress.get("under_duress", False),
        calls=progress.get("calls", 0),
        next_step=progress.get("next_step", 0),
        called_at=_at(progress.get("called_at")),
        loops=progress.get("loops", 0),
        unheard=frozenset(progress.get("unheard", ())),
        raised_count=progress.get("raised_count", 1),
        last_raised_at=_at(progress.get("last_raised_at")),
        is_again_owed=progress.get("again_owed", False),
        emergency_from=_at(progress.get("emergency_from")),
        unclaimed_said=progress.get("unclaimed_said", 0),
        unclaimed_said_at=_at(progress.get("unclaimed_said_at")),
        latest_at=_at(progress.get("latest_at")),
        caller_id=_id(progress.get("caller")),
        called_emergency_at=_at(progress.get("called_emergency_at")),
        charge=_read_charge(progress.get("charge"), progress.get("offered_to")),
        standing=MappingProxyType(
            {
                UUID(p): Standing(Doing(d), datetime.fromisoformat(at))
                for p, (d, at) in progress.get("standing", {}).items()
            }
        ),
        seen_by=frozenset(map(UUID, progress.get("seen_by", ()))),
        over=frozenset(map(UUID, progress.get("over", ()))),
        **_read_respondent(progress),
    )


def _read_respondent(progress: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that only an incident with a respondent has."""
    return {
        "case_ids": tuple(map(UUID, progress.get("cases", ()))),
        "not_located": frozenset(map(UUID, progress.get("not_located", ()))),
        "is_confirmed": progress.get("confirmed", True),
        "is_only_where": progress.get("only_where", False),
        "also_sites": tuple(map(UUID, progress.get("also_sites", ()))),
        "police": tuple(progress.get("police", ())),
        "because": tuple(progress.get("because", ())),
        "said": _read_said(progress.get("said", ())),
        "told_of": MappingProxyType(
            {code: datetime.fromisoformat(at) for code, at in progress.get("told_of", {}).items()}
        ),
        "her_notice_at": _at(progress.get("her_notice_at")),
        "her_answer_at": _at(progress.get("her_answer_at")),
    }


def _read_said(written: Sequence[tuple[str, str | None, list[str], list[str]]]) -> tuple[Said, ...]:
    return tuple(
        Said(UUID(case_id), _id(order_id), tuple(police), tuple(because))
        for case_id, order_id, police, because in written
    )


def _charge(charge: Charge | None) -> list[str | None] | None:
    if charge is None:
        return None
    return [
        str(charge.person_id),
        charge.since.isoformat(),
        charge.last_act_at.isoformat(),
        _iso(charge.asked_at),
    ]


def _offer(charge: Charge | None) -> dict[str, str]:
    """Return to whom it is offered, beside the charge: what reads four values there may have to read this, too."""
    return {"offered_to": str(charge.offered_to)} if charge and charge.offered_to else {}


def _read_charge(written: list[str] | None, offered_to: str | None) -> Charge | None:
    if written is None:
        return None
    person, since, last, asked = written
    return Charge(
        UUID(person),
        datetime.fromisoformat(since),
        datetime.fromisoformat(last),
        _at(asked),
        _id(offered_to),
    )


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _at(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _text(value: UUID | None) -> str | None:
    return str(value) if value else None


def _id(text: str | None) -> UUID | None:
    return UUID(text) if text else None
