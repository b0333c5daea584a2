"""An SOS: on disk already, now heard by everybody on duty, until a person is in charge."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from tocsin.decisions.rules.incident import Incident, Kind, Shown
from tocsin.flow.alarms import Alarms, Change, Raiser, Signal
from tocsin.flow.ask_to_look import with_phrases_held_back
from tocsin.flow.decide import called_by_name, decide, entry, facts_for
from tocsin.notifications.rules.calling import involved
from tocsin.notifications.rules.happenings import Opened, RaisedAgain
from tocsin.record.rules.entries import Entry
from tocsin.registry.rules.policy import Policy, SiteFacts
from tocsin.registry.rules.usual import usual_sos
from tocsin.runtime.ids import Ids, named_uuid, named_word
from tocsin.signals.rules.press import UNCONFIRMED_NUMBER, Press

# Not a character of a key that a sender makes: no other press has such a key.
APART: Final = "~sos"
MAX_KEY: Final = 64
# Of a key from before an outage nobody knows the act any more: it counts as a repeat.
SAME: Final = frozenset({"sos", ""})


def raise_sos(
    alarms: Alarms, presses: Sequence[Press], *, ids: Ids, engine: str = ""
) -> list[Change]:
    """Return what a batch of presses has changed; one press is a batch of one.

    A press whose key is kept already changes nothing; one whose key was that of a walk or a code is kept under another,
    and raises (I5). A second press of the same person joins her open incident and calls again; another person's is always an incident of its own. A revoked device, an inactive person, a
    site without a policy or a roster: it alarms all the same, labelled. Somebody unknown is left out: the caller shows
    the press as unverified.
    """
    at = alarms.now()
    known = alarms.known_keys(presses)
    if any(act not in SAME for act in known.values()):
        presses = [_apart(press, known) for press in presses]
        known = alarms.known_keys(presses)
    raisers = alarms.raisers(presses, at)
    fresh = [p for p in _once(presses) if _who(p) in raisers and (*_who(p), p.key) not in known]
    running = alarms.open_incidents([_who(press) for press in fresh])
    sites = _Sites(alarms, [raisers[_who(press)] for press in fresh], running.values(), at)
    changes = []
    for press in fresh:
        change = _raised(
            press, raisers[_who(press)], running.get(press.person_id), sites, (at, ids, engine)
        )
        if change.incident:
            running[press.person_id] = change.incident
        changes.append(change)
    alarms.save(changes)
    return changes


def _apart(press: Press, known: Mapping[tuple[UUID, UUID, str], str]) -> Press:
    """Return a press under a key of its own, if another act of hers has used its key; she is told under the one she gave."""
    if known.get((*_who(press), press.key), "") in SAME:
        return press
    return replace(press, key=f"{press.key[: MAX_KEY - len(APART)]}{APART}", of=press.key)


def _raised(
    press: Press,
    raiser: Raiser,
    running: Incident | None,
    sites: "_Sites",
    how: tuple[datetime, Ids, str],
) -> Change:
    at, ids, engine = how
    incident = joined(running, raiser.site_id, sites.policy(raiser)) if running else None
    incident = incident or new_incident(press, raiser, sites.policy(raiser), at)
    # What becomes of it is not told to a phone that counts for nothing: whoever found it hears that it is stored (I18).
    key = press.of if press.key.endswith(APART) else press.key
    told = "" if raiser.device_revoked else key
    labels = tuple(dict.fromkeys((*incident.labels, *raiser.labels)))
    incident = replace(incident, is_from_doubted=_is_doubted(press, running), labels=labels)
    if told and not running:
        incident = replace(incident, keys=(told,))
    what = RaisedAgain(is_silent=press.is_silent, key=told) if running else Opened()
    # Where somebody was seen and where she is may be two sites: the people of both are called.
    facts = facts_for(sites.alarms, incident, at) if incident.case_ids else sites.facts(raiser)
    change = decide(incident, what, facts, at, ids=ids, engine=engine)
    if press.is_silent:
        change = with_phrases_held_back(sites.alarms, change, at, ids=ids)
    return kept(
        change,
        press,
        raiser,
        "sos.raised_again" if running else "sos.raised",
        (at, ids),
        is_new=not running,
    )


def _is_doubted(press: Press, running: Incident | None) -> bool:
    """Return whether no press so far came from a phone that is hers: it is said to everybody who is called."""
    if UNCONFIRMED_NUMBER not in press.labels:
        return False
    return running is None or not running.raised_count or running.is_from_doubted


def joined(running: Incident, site_id: UUID, policy: Policy) -> Incident:
    """Return the open incident as her press, or her overdue walk, at this site finds it.

    What a sighting only asked or told becomes an SOS with hers.
    """
    if not running.case_ids:
        return running
    sites = (*running.also_sites, running.site_id)
    moved = replace(
        running,
        site_id=site_id,
        also_sites=tuple(dict.fromkeys(site for site in sites if site != site_id)),
    )
    if running.needs_emergency_call:
        return moved
    return replace(moved, kind=Kind.SOS, is_confirmed=True, policy=policy)


def kept(
    change: Change,
    press: Press,
    raiser: Raiser,
    kind: str,
    how: tuple[datetime, Ids],
    *,
    is_new: bool = False,
) -> Change:
    """Return the change with the press itself kept, first in the record."""
    at, ids = how
    signal = Signal(ids.uuid(), press)
    body: dict[str, Any] = {
        "signal": signal.id,
        "person": press.person_id,
        "key": press.key,
        "silent": press.is_silent,
        "device": press.device_id,
        "path": press.source,
        "label": ", ".join(dict.fromkeys((*press.labels, *raiser.labels))) or None,
        "late_ms": max(0, int((at - press.received_at).total_seconds() * 1000)),
    }
    entries = change.entries
    if incident := change.incident:
        heard = entry(incident, kind, body, at, ids, press.person_id)
        entries = (heard, *_flood(incident, press, signal, at, ids), *entries)
    return replace(change, signals=(signal,), entries=entries, is_new=is_new)


def _flood(
    incident: Incident, press: Press, signal: Signal, at: datetime, ids: Ids
) -> tuple[Entry, ...]:
    """Return the line that says for how many of a flood this press stands; none for a press that came alone."""
    if not press.stands_for:
        return ()
    body = {
        "signal": signal.id,
        "person": press.person_id,
        "device": press.device_id,
        "count": press.stands_for,
        "last_key": press.key,
    }
    return (entry(incident, "sos.folded", body, at, ids, press.person_id),)


def new_incident(press: Press, raiser: Raiser, policy: Policy, at: datetime) -> Incident:
    """Return a new incident for this press, with the policy as it stands now: a later edit does not change it."""
    # The same press taken again (a restart, an outage) is the same incident, with the same name and references.
    own_id = named_uuid(
        int(press.received_at.timestamp() * 1000),
        raiser.organisation_id,
        raiser.person_id,
        press.key,
    )
    return Incident(
        id=own_id,
        organisation_id=raiser.organisation_id,
        site_id=raiser.site_id,
        person_id=raiser.person_id,
        word=named_word(own_id),
        kind=Kind.SOS,
        is_drill=False,
        key=press.key,
        keys=() if raiser.device_revoked else (press.key,),
        opened_at=at,
        policy=policy,
        ladder_from=at,
        last_raised_at=at,
        shown=Shown.STORED if press.is_silent else Shown.TRUTH,
        labels=raiser.labels,
    )


class _Sites:
    """The facts of the sites of one batch, loaded once."""

    def __init__(
        self, alarms: Alarms, raisers: Sequence[Raiser], running: Iterable[Incident], at: datetime
    ) -> None:
        self.alarms = alarms
        self._facts: dict[UUID, SiteFacts] = {}
        self._policies: dict[UUID, Policy] = {}
        self._gone: frozenset[UUID] = frozenset()
        for organisation in {raiser.organisation_id for raiser in raisers}:
            own = [raiser for raiser in raisers if raiser.organisation_id == organisation]
            sites = sorted({raiser.site_id for raiser in own})
            policies = alarms.policies(organisation, sites, "sos")
            also = {raiser.person_id for raiser in own}.union(
                *map(called_by_name, policies.values())
            )
            theirs = [one for one in running if one.organisation_id == organisation]
            acting = frozenset[UUID]().union(*map(involved, theirs))
            also = also.union(acting, *(called_by_name(one.policy) for one in theirs))
            self._policies |= policies
            found = alarms.site_facts(organisation, sites, at, also)
            unknown = acting.difference(*(facts.people for facts in found.values()))
            self._gone |= alarms.inactive(organisation, unknown) if unknown else frozenset()
            self._facts |= found

    def facts(self, raiser: Raiser) -> SiteFacts:
        facts = self._facts[raiser.site_id]
        return replace(facts, kept_out=facts.kept_out | raiser.kept_out, gone=self._gone)

    def policy(self, raiser: Raiser) -> Policy:
        return self._policies.get(raiser.site_id) or usual_sos(raiser.site_id)


def _who(press: Press) -> tuple[UUID, UUID]:
    return press.organisation_id, press.person_id


def _once(presses: Sequence[Press]) -> list[Press]:
    """Drop repeats of one (person, key) inside the batch."""
    return list(
        {
            (press.organisation_id, press.person_id, press.key): press
            for press in reversed(presses)
        }.values()
    )[::-1]
