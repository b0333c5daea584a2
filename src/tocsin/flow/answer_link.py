"""Somebody answers from the link in a message, without signing in: that one incident, that one person.

A link dies when its incident has been closed for an hour, when its contact method is revoked, or its person inactive.
Opening it shows the incident and changes nothing; a scanner that opens links has done nothing.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from tocsin.decisions import store as incidents
from tocsin.decisions.rules.incident import Doing, Incident, Kind
from tocsin.flow.alarms import Change
from tocsin.flow.ask_to_look import ANOTHER_WAY
from tocsin.flow.change_contacts import verify_by_answer
from tocsin.flow.look import Looking, look
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.respond import Answered, Refused, respond
from tocsin.notifications import store as notifications
from tocsin.notifications.rules.delivery import Delivery
from tocsin.registry.access import Hidden
from tocsin.registry.rules.rows import SiteRow
from tocsin.registry.store import find_reader, load_short_names
from tocsin.registry.store_sites import find_site
from tocsin.runtime.database import set_viewer
from tocsin.runtime.ids import Ids, named_uuid
from tocsin.runtime.links import AnswerLink
from tocsin.signals.rules.hold import How, Saw
from tocsin.signals.store_holds import load_looks_of

ALIVE_FOR: Final = timedelta(hours=1)
LINK: Final = "link"


@dataclass(frozen=True, slots=True)
class LinkView:
    """What a link shows. `is_work`: the message went to a work device, where the place is no secret."""

    incident: Incident
    delivery: Delivery
    site: SiteRow
    language: str
    is_work: bool
    names: dict[UUID, str]


def open_link(alarms: PostgresAlarms, link: AnswerLink) -> LinkView:
    """Return what this link shows, and change nothing. The organisation of the transaction is the link's.

    Raises:
        Hidden: unknown, or dead.
    """
    conn, organisation_id = alarms.conn, link.organisation_id
    delivery = notifications.load_delivery(conn, organisation_id, link.delivery_id)
    if delivery is None:
        raise Hidden
    # From here on the database shows what this link's person may know: an incident of somebody he is kept from is none.
    set_viewer(conn, organisation_id, delivery.person_id)
    reader = find_reader(conn, delivery.person_id, delivery.contact_id)
    incident = incidents.load_incident(conn, organisation_id, delivery.incident_id, lock=False)
    if reader is None or incident is None:
        raise Hidden
    if incident.closed_at is not None and incident.closed_at + ALIVE_FOR < alarms.now():
        raise Hidden
    site = find_site(conn, organisation_id, incident.site_id)
    if site is None:
        raise Hidden
    (incident,) = incidents.as_shown(conn, [incident])
    people = {incident.caller_id, incident.charge.person_id if incident.charge else None}
    names = load_short_names(conn, alarms.ring, {person for person in people if person})
    return LinkView(incident, delivery, site, *reader, names)


def answer_link(
    alarms: PostgresAlarms, link: AnswerLink, doing: Doing, *, ids: Ids, press: str = ""
) -> Change | Refused:
    """Return what the act of this link's person has changed.

    `press`: the name that the page gave to this press, the same at every try of it; "" for a press without one. The
    empty change if it has arrived: else a try whose answer was lost would take the charge back from whoever took over
    meanwhile.

    Raises:
        Hidden: unknown, or dead.
    """
    view = open_link(alarms, link)
    act_id = _name(view, press, doing)
    if act_id and _has_arrived(alarms, view, act_id):
        return Change()
    return respond(
        alarms,
        link.organisation_id,
        view.incident.id,
        by=view.delivery.person_id,
        doing=doing,
        via=LINK,
        ids=ids,
        on=Answered(view.delivery.id, act_id),
    )


def _name(view: LinkView, press: str, *what: str) -> UUID | None:
    """Return the one name of what this press of this link did, and of nothing else; None if it has none."""
    return named_uuid(view.delivery.id, view.delivery.id, press, *what) if press else None


def _has_arrived(alarms: PostgresAlarms, view: LinkView, act_id: UUID) -> bool:
    organisation_id = view.incident.organisation_id
    # The lock first: another try may be under way, and its act is seen only when it lets go.
    alarms.incident(organisation_id, view.incident.id)
    return incidents.has_act(alarms.conn, organisation_id, act_id)


def look_by_link(
    alarms: PostgresAlarms,
    link: AnswerLink,
    how: How,
    saw: Saw,
    *,
    ids: Ids,
    press: str = "",
    waited: timedelta = timedelta(0),
) -> list[Change] | Refused:
    """Return what a look of this link's person has changed; only where the link asked for one.

    `waited`: for how long the page has kept the press because nothing answered.

    `press` as in `answer_link`: no changes if that look has arrived. Kept twice it would be looked twice on record, and
    what was seen would be asked of the leads again.

    Raises:
        Hidden: unknown, or dead, or it asked for something else.
    """
    view = open_link(alarms, link)
    if view.incident.kind is not Kind.LOOK or view.incident.walk_id is None:
        raise Hidden
    is_old = view.incident.closed_how == ANOTHER_WAY
    name = _name(view, press, how, saw)
    looking = Looking(
        view.delivery.person_id, how, saw, LINK, is_old=is_old, id=name, waited=waited
    )
    if _has_looked(alarms, view, looking):
        return []
    done = look(alarms, link.organisation_id, view.incident.walk_id, looking, ids=ids)
    if not isinstance(done, Refused):
        verify_by_answer(
            alarms.conn,
            link.organisation_id,
            view.delivery.person_id,
            view.delivery.contact_id,
            via=LINK,
            at=alarms.now(),
        )
    return done


def _has_looked(alarms: PostgresAlarms, view: LinkView, looking: Looking) -> bool:
    incident = view.incident
    if looking.id is None or incident.walk_id is None:
        return False
    # The lock first, as above.
    alarms.hold(incident.organisation_id, incident.walk_id)
    looks = load_looks_of(alarms.conn, incident.organisation_id, [incident.walk_id])
    return any(one.id == looking.id for one in looks)
