"""What do we know of one incident, and what can this person do about it?"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from tocsin.console.installation import clock, ids, key_ring
from tocsin.console.pages.closed_words import closed_words
from tocsin.console.pages.delivery_words import VIA_WORDS, delivery_words
from tocsin.console.pages.page import page
from tocsin.console.pages.refusals import in_words
from tocsin.console.pages.seen_words import title_of
from tocsin.console.pages.sightings import seen_context
from tocsin.console.pages.walks import looking_context
from tocsin.console.pages.words import (
    ACT_WORDS,
    CHANNEL_WORDS,
    NO_LONGER_IN_CHARGE,
    NO_LONGER_OVER,
    USUAL_ACTS,
    acts_of,
    address_lines,
    lines,
    name_of,
    task_lines,
)
from tocsin.console.ringing import ring_when_kept
from tocsin.decisions.rules.incident import Doing, Incident, Kind, Standing
from tocsin.flow.ask_to_look import ASKED
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.respond import Refused, hand_over, respond
from tocsin.notifications.access import (
    IncidentView,
    Went,
    load_incident,
    load_successors,
    load_written_away,
)
from tocsin.notifications.rules.delivery import Delivery, State, is_left_out
from tocsin.registry.access import Viewer
from tocsin.runtime.database import Connection

PAGE = "page"


@dataclass(frozen=True, slots=True)
class Message:
    """What became of one message, in words. `is_left_out`: it never was to go out, so nothing failed and it is no alarm."""

    channel: str
    words: str
    state: str
    is_left_out: bool


@dataclass(frozen=True, slots=True)
class Told:
    """One person, and what became of every message to her: the same of several is said once, with how many."""

    name: str
    is_reached: bool
    is_left_out: bool
    messages: tuple[tuple[Message, int], ...]


@require_GET
@page
def incident(
    request: HttpRequest, viewer: Viewer, conn: Connection, incident_id: UUID
) -> HttpResponse:
    """Show one incident; asked for a part, only what changes."""
    view = load_incident(conn, key_ring(), viewer, incident_id)
    is_part = request.headers.get("X-Tocsin-Part") == "incident"
    context = context_of(view, viewer, conn) | seen_context(viewer, conn, view.incident)
    return render(request, "parts/incident.html" if is_part else "incident.html", context)


def context_of(
    view: IncidentView, viewer: Viewer, conn: Connection, refused: str = ""
) -> dict[str, object]:
    """Return what the templates show of an incident. A question to look names nobody: not her, nor what went to her."""
    view = _without_her(view) if view.incident.kind is Kind.LOOK else view
    found = view.incident
    first, later = acts_of(found)
    at = clock().now()
    is_owner = _is_owner(found, viewer.person_id)
    mine = found.standing.get(viewer.person_id)
    if mine and mine.doing is Doing.IN_CHARGE and not is_owner:
        mine = None
    others = load_successors(conn, key_ring(), viewer, view, at=at) if is_owner else {}
    return {
        "viewer": viewer,
        "view": view,
        "incident": found,
        "title": title_of(found),
        "person": "" if _names_nobody(found) else name_of(found.person_id, view.names),
        "address": address_lines(view.site),
        "tasks": task_lines(found, view.site.kind, view.names),
        "lines": lines(found, view.names, at),
        "standing": [
            (name_of(person_id, view.names), _does(found, person_id, standing), standing.at)
            for person_id, standing in found.standing.items()
        ],
        "written": [
            (name_of(one.person_id, view.names), one.at, one.text, one.is_doubted)
            for one in view.words
        ],
        "acts": _line(view),
        "told": _told(view),
        "usual": _acts(first, mine),
        "cover": _acts(later, mine),
        "goes_near": first is not USUAL_ACTS,
        "is_raiser": found.is_raised_by(viewer.person_id),
        "is_owner": is_owner,
        "others": sorted(others.items(), key=lambda pair: pair[1]),
        "over": [name_of(person_id, view.names) for person_id in found.over],
        "needs_second": found.needs_emergency_call and not found.is_drill,
        "refused": refused,
        "closed_how": closed_words(found.closed_how),
        "written_away": load_written_away(conn, key_ring(), viewer, found),
        **_question(found, viewer, conn),
    }


def _question(found: Incident, viewer: Viewer, conn: Connection) -> dict[str, object]:
    """Return what a question to look shows in place of an alarm's buttons and words; nothing of any other incident."""
    if found.kind is not Kind.LOOK:
        return {}
    asked = {"is_look": True, "is_for_leads": found.policy.name != ASKED}
    return asked | looking_context(conn, viewer, found.walk_id)


def _names_nobody(found: Incident) -> bool:
    """Return whether its page names nobody whom it is about: a place, or the way of one who waits inside."""
    return found.is_about_place or found.kind is Kind.LOOK


def _without_her(view: IncidentView) -> IncidentView:
    """Return a question to look without what went to her whose way it is, and without what she did about it.

    Who is to look need not know whose way it is; who may know reads it where her walks are shown.
    """
    her_id = view.incident.person_id
    standing = {one: s for one, s in view.incident.standing.items() if one != her_id}
    return replace(
        view,
        incident=replace(view.incident, standing=standing),
        acts=tuple(act for act in view.acts if act.person_id != her_id),
        deliveries=tuple(one for one in view.deliveries if one.person_id != her_id),
        words=tuple(one for one in view.words if one.person_id != her_id),
    )


def _acts(
    several: Iterable[tuple[Doing, Promise]], mine: Standing | None
) -> list[tuple[str, Promise, bool]]:
    return [(doing.value, words, bool(mine and mine.doing is doing)) for doing, words in several]


def _does(found: Incident, person_id: UUID, standing: Standing) -> Promise:
    """Return what she said last, as it holds now: the page must not name two people in charge, or one who lapsed."""
    if standing.doing is Doing.OVER and person_id not in found.over:
        return NO_LONGER_OVER
    if standing.doing is Doing.IN_CHARGE and not _is_owner(found, person_id):
        return NO_LONGER_IN_CHARGE
    return ACT_WORDS[standing.doing]


def _is_owner(found: Incident, person_id: UUID) -> bool:
    return bool(found.charge and found.charge.person_id == person_id)


def _line(view: IncidentView) -> list[tuple[datetime, str, str | Promise, str]]:
    """Return what people did, that they wrote, and what became of *in charge*, in the order of time."""
    acts: list[tuple[datetime, str, str | Promise, str]] = [
        (
            act.at,
            name_of(act.person_id, view.names),
            ACT_WORDS.get(Doing(act.act), act.act),
            str(VIA_WORDS.get(act.via, act.via)),
        )
        for act in view.acts
    ]
    wrote = [
        (one.at, name_of(one.person_id, view.names), gettext_lazy("wrote"), str(VIA_WORDS["text"]))
        for one in view.words
    ]
    went = [
        (one.at, name_of(one.to_id or one.from_id, view.names), _of_charge(one, view), "")
        for one in view.went
    ]
    return sorted((*acts, *wrote, *went), key=lambda one: one[0])


def _of_charge(one: Went, view: IncidentView) -> str | Promise:
    if one.to_id is None:
        return gettext_lazy("was silent and is no longer in charge")
    return _("took over from %(name)s") % {"name": name_of(one.from_id, view.names)}


def _told(view: IncidentView) -> list[Told]:
    by_person: dict[UUID, Counter[Message]] = {}
    reached = set()
    for delivery in view.deliveries:
        if delivery.state is State.SEEN:
            reached.add(delivery.person_id)
        by_person.setdefault(delivery.person_id, Counter())[_message(view, delivery)] += 1
    told = [
        Told(
            name_of(person_id, view.names),
            person_id in reached,
            all(message.is_left_out for message in messages),
            # Each wave leaves the same person out for the same reason.
            tuple((message, 1 if message.is_left_out else n) for message, n in messages.items()),
        )
        for person_id, messages in by_person.items()
    ]
    return sorted(told, key=lambda one: (one.is_reached, one.name))


def _message(view: IncidentView, delivery: Delivery) -> Message:
    receipt = view.receipts.get(delivery.id, "")
    return Message(
        str(CHANNEL_WORDS.get(delivery.channel, delivery.channel)),
        delivery_words(delivery, receipt, view.site.time_zone),
        delivery.state.value,
        is_left_out(delivery),
    )


@require_http_methods(["GET", "POST"])
@page
def act(request: HttpRequest, viewer: Viewer, conn: Connection, incident_id: UUID) -> HttpResponse:
    """Do what the person pressed, then show the incident; a refusal is shown on it.

    A refusal stays at this address: opened anew it is the incident's page, and no dead end.
    """
    if request.method == "GET":
        return redirect("incident", incident_id=incident_id)
    view = load_incident(conn, key_ring(), viewer, incident_id)
    alarms = PostgresAlarms(conn, key_ring())
    name = request.POST.get("act", "")
    if name == "hand_over":
        done = hand_over(
            alarms,
            viewer.organisation_id,
            incident_id,
            by=viewer.person_id,
            to=_person(request.POST.get("to", ""), viewer),
            ids=ids(),
        )
    elif name in {doing.value for doing in Doing}:
        done = respond(
            alarms,
            viewer.organisation_id,
            incident_id,
            by=viewer.person_id,
            doing=Doing(name),
            via=PAGE,
            ids=ids(),
        )
    else:
        done = Refused(_("there is no such act"))
    if isinstance(done, Refused):
        context = context_of(view, viewer, conn, refused=in_words(done.because))
        context |= seen_context(viewer, conn, view.incident)
        return render(request, "incident.html", context, status=409)
    ring_when_kept(done)
    return redirect("incident", incident_id=incident_id)


def _person(text: str, viewer: Viewer) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        # Handing over to oneself is refused in words by the verb.
        return viewer.person_id
