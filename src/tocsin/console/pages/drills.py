"""How did the drills go, and who proved to be reachable?"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tocsin.console.installation import clock, ids, key_ring
from tocsin.console.pages.delivery_words import delivery_words, why_words
from tocsin.console.pages.page import page
from tocsin.console.pages.refusals import in_words
from tocsin.console.pages.tags import clock_time
from tocsin.console.pages.words import CHANNEL_WORDS, name_of
from tocsin.console.ringing import ring_when_kept
from tocsin.flow.alarms import Change
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.respond import Refused
from tocsin.flow.run_drill import end_drill, prove_reachable, run_drill
from tocsin.notifications.access import (
    IncidentView,
    Silenced,
    figures_of,
    load_board,
    load_drills,
    load_incident,
    load_proofs,
    load_silenced,
)
from tocsin.notifications.rules.delivery import Delivery, State, is_left_out
from tocsin.notifications.rules.figures import Figures
from tocsin.notifications.rules.message import OPTED_OUT
from tocsin.registry.access import Hidden, Viewer, load_site_list
from tocsin.runtime.database import Connection


@require_http_methods(["GET", "POST"])
@page
def drills(request: HttpRequest, viewer: Viewer, conn: Connection) -> HttpResponse:
    """Show the drills; on a press, start one at a site."""
    refused = ""
    if request.method == "POST":
        begun = _begun(run_drill, request, viewer, conn)
        if isinstance(begun, Change) and begun.incident:
            return redirect("drill", drill_id=begun.incident.id)
        refused = in_words(begun.because) if isinstance(begun, Refused) else ""
    sites = {site.id: site for site in load_site_list(conn, viewer)}
    context = {
        "viewer": viewer,
        "sites": sites.values(),
        "drills": [(one, sites.get(one.site_id)) for one in load_drills(conn, viewer)],
        "refused": refused,
    }
    return render(request, "drills.html", context)


def _begun(
    begin: Callable[..., Change | Refused], request: HttpRequest, viewer: Viewer, conn: Connection
) -> Change | Refused:
    begun = begin(
        PostgresAlarms(conn, key_ring()),
        viewer.organisation_id,
        _site_id(request, viewer, conn),
        by=viewer.person_id,
        ids=ids(),
    )
    if isinstance(begun, Change):
        ring_when_kept(begun)
    return begun


def _site_id(request: HttpRequest, viewer: Viewer, conn: Connection) -> UUID:
    """Return the site that was chosen, if the viewer may run drills there."""
    known = {str(site.id): site.id for site in load_site_list(conn, viewer)}
    chosen = known.get(request.POST.get("site", ""))
    if not viewer.is_lead or chosen is None:
        raise Hidden
    return chosen


@require_http_methods(["GET", "POST"])
@page
def drill(request: HttpRequest, viewer: Viewer, conn: Connection, drill_id: UUID) -> HttpResponse:
    """Show one drill's figures; on a press, end it."""
    view = load_incident(conn, key_ring(), viewer, drill_id)
    if not view.incident.is_drill:
        raise Hidden
    if request.method == "POST":
        if not viewer.is_lead:
            raise Hidden
        done = end_drill(
            PostgresAlarms(conn, key_ring()), viewer.organisation_id, drill_id, ids=ids()
        )
        if isinstance(done, Change):
            ring_when_kept(done)
        return redirect("drill", drill_id=drill_id)
    figures: Figures = figures_of(view)
    context = {
        "viewer": viewer,
        "view": view,
        "incident": view.incident,
        "figures": figures,
        "not_reached": [
            (name_of(person, view.names), list(dict.fromkeys(_why(view, one) for one in several)))
            for person, several in figures.not_reached.items()
        ],
    }
    return render(request, "drill.html", context)


def _why(view: IncidentView, delivery: Delivery) -> str:
    channel = str(CHANNEL_WORDS.get(delivery.channel, delivery.channel))
    receipt = view.receipts.get(delivery.id, "")
    return f"{channel}: {delivery_words(delivery, receipt, view.site.time_zone)}"


@dataclass(frozen=True, slots=True)
class Proof:
    """What became of the question on one channel, in words. `mark`: how its badge looks."""

    channel: str
    words: str
    mark: str


def proof_of(asked: Delivery, zone: str, *, is_blocked: bool = False) -> Proof:
    """Return what a shift lead reads of one question; `zone` as in `delivery_words`.

    `is_blocked`: since she answered it, her carrier has begun to refuse our texts.

    What was never to go out has failed nobody: it says why, and is no alarm. Nor is what her answer on another channel
    or the end of the question made needless.
    """
    channel = str(CHANNEL_WORDS.get(asked.channel, asked.channel))
    if asked.state is State.SEEN and is_blocked:
        return Proof(channel, why_words(OPTED_OUT), "bad")
    if asked.state is State.SEEN:
        return Proof(channel, _("proven"), "good")
    is_bad = asked.state in {State.FAILED, State.UNANSWERED} and not is_left_out(asked)
    return Proof(channel, delivery_words(asked, "", zone), "bad" if is_bad else "unknown")


def proofs_of(
    person_id: UUID, asked: Sequence[Delivery], silenced: Silenced, zone: str
) -> list[Proof]:
    """Return what a shift lead reads of one person: each question, and what a STOP of hers has done or may have done."""
    found = [proof_of(one, zone, is_blocked=one.contact_id in silenced.blocked) for one in asked]
    channel, known = str(CHANNEL_WORDS["sms"]), {one.contact_id for one in asked}
    hers = {way for way, (owner_id, _since) in silenced.blocked.items() if owner_id == person_id}
    if hers - known:
        found.append(Proof(channel, why_words(OPTED_OUT), "bad"))
    at = silenced.stopped.get(person_id)
    if at and not hers and not any(_is_proved(one, after=at) for one in asked):
        words = _("STOP was texted at %(time)s; the carrier may block our texts until START")
        words %= {"time": clock_time(at, zone)}
        found.append(Proof(channel, words, "unknown"))
    return found


def _is_proved(asked: Delivery, *, after: datetime) -> bool:
    return asked.channel == "sms" and asked.state is State.SEEN and asked.made_at > after


@require_http_methods(["GET", "POST"])
@page
def reachable(request: HttpRequest, viewer: Viewer, conn: Connection) -> HttpResponse:
    """Show who on duty proved to be reachable on which channel; on a press, ask everybody."""
    refused = ""
    if request.method == "POST":
        begun = _begun(prove_reachable, request, viewer, conn)
        if isinstance(begun, Change):
            return redirect("reachable")
        refused = in_words(begun.because)
    at = clock().now()
    board = load_board(conn, key_ring(), viewer, at=at)
    proofs = load_proofs(conn, viewer, at=at)
    silenced = load_silenced(conn, viewer, at=at)
    rows = [
        (
            site,
            [
                (name, proofs_of(person, proofs.get(person, []), silenced, site.time_zone))
                for name, person in sorted(
                    {
                        (name_of(shift.person_id, board.names), shift.person_id)
                        for shift in board.shifts
                        if shift.site_id == site.id and shift.starts_at <= at
                    }
                )
            ],
            len(board.proven.get(site.id, ())),
            board.required.get(site.id, 1),
        )
        for site in board.sites
    ]
    context = {"viewer": viewer, "rows": rows, "refused": refused}
    is_part = request.headers.get("X-Tocsin-Part") == "reachable"
    return render(request, "parts/reachable.html" if is_part else "reachable.html", context)
