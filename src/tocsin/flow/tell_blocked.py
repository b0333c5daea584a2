"""Somebody texted STOP, or a carrier lets nothing of ours through since: she and a lead are told, and how to undo it.

The word turns nothing off here: a person in panic types it. A carrier may heed it all the same, and block every later text to
that number, an alarm's too, until its owner texts START. What a proof of reach was worth ends with the carrier's word
(`store_blocked.py`), not with hers.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from tocsin.decisions import store as incidents
from tocsin.decisions.rules.incident import Kind
from tocsin.flow.alarms import Change
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.receive_text import TextIn
from tocsin.flow.tell_quietly import QUIET_CHANNELS, Telling, page_duty, tell_person
from tocsin.notifications.rules.calling import on_record
from tocsin.notifications.rules.due import BLOCKED, STOP_HEARD, STOP_SAID
from tocsin.notifications.store_blocked import STOPPED, Refusal, latest_refusals
from tocsin.record import store as record
from tocsin.record.rules.entries import Entry
from tocsin.registry.store_grants import site_of
from tocsin.runtime.ids import Ids
from tocsin.signals.rules.text import is_carriers_stop
from tocsin.signals.store_texts import was_unclear

LOOKS_BACK: Final = timedelta(days=1)
# within it a sender's STOP is told of once
STOP_ONCE_IN: Final = timedelta(hours=1)
MAX_TOLD_AT_ONCE: Final = 20
# A text that her carrier refuses says at once that it does.
EVERY_WAY: Final = ((),)
NO_TEXT: Final = (QUIET_CHANNELS,)


def tell_stop(alarms: PostgresAlarms, text: TextIn, *, ids: Ids, engine: str = "") -> list[Change]:
    """Return what is told of a text that is nothing but a word which carriers heed as STOP, saved; [] of any other.

    Once in an hour for each sender. Whoever holds the phone is answered whatever is open and whoever wrote the number down: by
    an answer that does not come he would know that something is (I9, I11). Nothing to who does not work here any more.
    """
    sender = alarms.sender(text.organisation, text.number) if is_carriers_stop(text.text) else None
    if sender is None or sender.person_id is None or sender.is_inactive:
        return []
    organisation_id, person_id = sender.organisation_id, sender.person_id
    # Not her agreed answer to a question, which may be any word.
    is_word = was_unclear(alarms.conn, organisation_id, (text.gateway, text.provider_id))
    site_id = site_of(alarms.conn, organisation_id, person_id) if is_word else None
    if site_id is None:
        return []
    since = alarms.now() - STOP_ONCE_IN
    mark, before = (f"{person_id.hex}-{at:%Y%m%d%H}" for at in (alarms.now(), since))
    where = (organisation_id, site_id)
    # An hour since the last, not one of the clock: 10:59 and 11:01 are one telling.
    is_said = incidents.opened_since(alarms.conn, organisation_id, _said(before), since)
    whom = (person_id, mark, EVERY_WAY)
    found = [] if is_said else _to_her(alarms, where, whom, ids, engine)
    if incidents.opened_since(alarms.conn, organisation_id, f"{STOPPED}{before}", since):
        return found
    leads = Telling(
        organisation_id=organisation_id,
        site_id=site_id,
        case_id=None,
        kept_out=frozenset({person_id}),
        text=STOP_HEARD,
        key=f"{STOPPED}{mark}",
    )
    about = ("number.stopped", None, {"person": person_id})
    return found + _to_leads(alarms, leads, about, ids, engine)


def tell_blocked(alarms: PostgresAlarms, *, ids: Ids, engine: str = "") -> list[Change]:
    """Return what is told of numbers that their carriers block, saved: each once a day while messages to it are refused.

    While there is no lead to tell it is tried again; the board and the page of who is reachable show it in any case.
    """
    changes: list[Change] = []
    for refusal in latest_refusals(alarms.conn, alarms.now() - LOOKS_BACK):
        changes += _blocked(alarms, refusal, ids, engine)
        if len(changes) >= MAX_TOLD_AT_ONCE:
            break
    return changes


def _blocked(alarms: PostgresAlarms, one: Refusal, ids: Ids, engine: str) -> list[Change]:
    mark = _mark(one, one.at)
    where = (one.organisation_id, one.site_id)
    is_told = _told_before(alarms, one, _said)
    # She has not asked: while an alarm of hers is open her phone must not ring for it (I22).
    is_left = is_told or incidents.has_open(alarms.conn, one.organisation_id, one.person_id)
    whom = (one.person_id, mark, NO_TEXT)
    found = [] if is_left else _to_her(alarms, where, whom, ids, engine)
    kept_out = {one.person_id}
    if one.about_id:
        # A silent press must not show on her own screens, nor any of hers to whom she ruled out.
        kept_out |= {one.about_id, *alarms.kept_out(one.organisation_id, one.about_id)}
    leads = Telling(
        organisation_id=one.organisation_id,
        site_id=one.site_id,
        case_id=None,
        kept_out=frozenset(kept_out),
        text=BLOCKED,
        key=_blocked_key(mark),
    )
    if _told_before(alarms, one, _blocked_key):
        return found
    about = ("number.blocked", one.incident_id, {"row": one.contact_id, "person": one.person_id})
    return found + _to_leads(alarms, leads, about, ids, engine)


def _told_before(alarms: PostgresAlarms, one: Refusal, key: Callable[[str], str]) -> bool:
    """Return whether it was told of the refusal's day, or in the past day of the one before: midnight makes nothing new."""
    if alarms.was_opened(one.organisation_id, key(_mark(one, one.at))):
        return True
    before, since = key(_mark(one, one.at - LOOKS_BACK)), alarms.now() - LOOKS_BACK
    return incidents.opened_since(alarms.conn, one.organisation_id, before, since)


def _mark(one: Refusal, at: datetime) -> str:
    return f"{one.contact_id.hex}-{at:%Y%m%d}"


def _said(mark: str) -> str:
    return f"said-{mark}"


def _blocked_key(mark: str) -> str:
    return f"blocked-{mark}"


def _to_leads(
    alarms: PostgresAlarms,
    telling: Telling,
    said: tuple[str, UUID | None, dict[str, UUID]],
    ids: Ids,
    engine: str,
) -> list[Change]:
    """Return the page to who leads; what is written is written of the incident by which it came out."""
    if alarms.was_opened(telling.organisation_id, telling.key):
        return []
    paged = page_duty(alarms, telling, ids=ids, engine=engine, kind=Kind.GAP)
    if paged is None:
        return []
    change, told = paged
    kind, incident_id, body = said
    owner_id = body["person"]
    where = (telling.organisation_id, [telling.site_id], alarms.now(), {owner_id})
    facts = alarms.site_facts(*where)[telling.site_id]
    # Whoever wrote in vain that she left may take the employer's log out.
    if on_record([owner_id], facts):
        named: dict[str, object] = {**body, "told": on_record(told, facts)}
        line = Entry(
            ids.uuid(), telling.organisation_id, alarms.now(), kind, incident_id, None, named
        )
        record.append(alarms.conn, [line])
    return [change]


def _to_her(
    alarms: PostgresAlarms,
    where: tuple[UUID, UUID],
    whom: tuple[UUID, str, tuple[tuple[str, ...], ...]],
    ids: Ids,
    engine: str,
) -> list[Change]:
    """Return the message to the number's owner, on the ways that are named."""
    (organisation_id, site_id), (person_id, mark, ways) = where, whom
    key = _said(mark)
    if alarms.was_opened(organisation_id, key):
        return []
    telling = Telling(
        organisation_id=organisation_id, site_id=site_id, case_id=None, text=STOP_SAID, key=key
    )
    told = tell_person(alarms, telling, person_id, ids=ids, engine=engine, ways=ways)
    return [told] if told else []
