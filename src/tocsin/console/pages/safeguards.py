"""What is to be done about a case, by whom, by when? Her offers; one's own tasks; the release of the visible steps."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tocsin.console.installation import clock, ids, key_ring
from tocsin.console.pages.page import page
from tocsin.console.pages.safeguard_words import EVENT_WORDS, STATE_WORDS, how_of, words_of
from tocsin.decisions.access_safeguards import (
    RELEASE,
    CaseSafeguards,
    SafeguardView,
    load_case_safeguards,
    load_mine,
    load_offers,
)
from tocsin.decisions.forms_safeguards import FactForm, ReleaseForm
from tocsin.decisions.rules.safeguards import Safeguard, State, is_late
from tocsin.flow import do_safeguard as doing
from tocsin.flow.open_safeguards import open_safeguards
from tocsin.flow.release_steps import agree_release, plan_release, withdraw_release
from tocsin.flow.respond import Refused
from tocsin.registry.access import Hidden, Viewer
from tocsin.registry.rules.wall_time import latest
from tocsin.runtime.database import Connection

# The sections of a case's page: what is to be done first.
SECTIONS: Final = (State.OPEN, State.PREPARED, State.OFFERED, State.DONE, State.DROPPED)


@require_GET
@page
def tasks(request: HttpRequest, viewer: Viewer, conn: Connection) -> HttpResponse:
    """Show what is the viewer's to do over all cases; the title says nothing of what it is about."""
    return _tasks(request, viewer, conn)


def _tasks(
    request: HttpRequest,
    viewer: Viewer,
    conn: Connection,
    *,
    problem: str = "",
    about: UUID | None = None,
) -> HttpResponse:
    at = clock().now()
    mine = load_mine(conn, viewer, at=at)
    context = {
        "viewer": viewer,
        "mine": mine,
        "open": [
            _line(s, viewer, at) | {"word": mine.readable.get(s.case_id, "")} for s in mine.open
        ],
        "done": [_line(s, viewer, at) for s in mine.done],
        "problem": problem,
        "about": about,
    }
    return render(request, "tasks.html", context, status=400 if problem else 200)


def _line(safeguard: Safeguard, viewer: Viewer, at: datetime) -> dict[str, Any]:
    return {
        "it": safeguard,
        "words": words_of(safeguard.template, viewer.language),
        "how": how_of(safeguard.template, viewer.language),
        "state": STATE_WORDS[safeguard.state],
        "is_late": is_late(safeguard, at),
        "was_given": safeguard.escalated_to_id == viewer.person_id,
    }


@require_POST
@page
def task_done(
    request: HttpRequest, viewer: Viewer, conn: Connection, safeguard_id: UUID
) -> HttpResponse:
    """Say that a task is done, and by what it is seen; or that it is not done after all."""
    at = clock().now()
    if request.POST.get("act") == "reopen":
        done = doing.reopen_safeguard(conn, viewer, safeguard_id, at=at)
    else:
        words = request.POST.get("words", "")
        done = doing.finish_safeguard(conn, key_ring(), viewer, safeguard_id, words, at=at)
    if done is None:
        return redirect("tasks")
    return _tasks(request, viewer, conn, problem=_(done.because), about=safeguard_id)


@require_GET
@page
def offers(request: HttpRequest, viewer: Viewer, conn: Connection) -> HttpResponse:
    """Show what is offered to the viewer, to take or to decline with one press; a neutral page for everybody."""
    found = load_offers(conn, key_ring(), viewer)
    at = clock().now()
    context = {
        "viewer": viewer,
        "offered": [_line(s, viewer, at) for s in found.offered],
        "taken": [(_line(v.safeguard, viewer, at), v.owner) for v in found.taken],
        "declined": [_line(s, viewer, at) for s in found.declined],
        "zone": found.zone,
    }
    return render(request, "offers.html", context)


@require_POST
@page
def offer(
    request: HttpRequest, viewer: Viewer, conn: Connection, safeguard_id: UUID
) -> HttpResponse:
    """Take, decline or forget an offer: one press, no reason."""
    act, at = request.POST.get("act", ""), clock().now()
    if act == "take":
        doing.take_offer(conn, viewer, safeguard_id, at=at)
    elif act == "decline":
        doing.decline_offer(conn, viewer, safeguard_id, at=at)
    elif act == "forget":
        doing.forget_offer(conn, viewer, safeguard_id, at=at)
    else:
        raise Hidden
    return redirect("offers")


@require_http_methods(["GET", "POST"])
@page
def safeguards(
    request: HttpRequest, viewer: Viewer, conn: Connection, case_id: UUID
) -> HttpResponse:
    """Show the safeguards of a case, and enter a fact that opens some."""
    at = clock().now()
    view = load_case_safeguards(conn, key_ring(), viewer, case_id, at=at)
    form = FactForm(request.POST or None, initial={"fact_id": ids().uuid()})
    if request.method == "POST":
        if not viewer.is_lead:
            raise Hidden
        if form.is_valid():
            fact = form.cleaned_data
            _enter(conn, viewer, case_id, fact["event"], fact["fact_id"], at)
            return redirect("safeguards", case_id)
    return _case_shown(request, viewer, view, at, fact_form=form)


def _enter(
    conn: Connection, viewer: Viewer, case_id: UUID, event: str, fact_id: UUID, at: datetime
) -> None:
    open_safeguards(
        conn,
        organisation_id=viewer.organisation_id,
        case_id=case_id,
        event=event,
        event_id=fact_id,
        at=at,
        by=viewer.person_id,
    )


def _case_shown(
    request: HttpRequest,
    viewer: Viewer,
    view: CaseSafeguards,
    at: datetime,
    **more: Any,
) -> HttpResponse:
    lines = [(_line(v.safeguard, viewer, at), v, _event(v)) for v in view.views]
    context = {
        "viewer": viewer,
        "view": view,
        "sections": [
            (state, STATE_WORDS[state], [one for one in lines if one[1].safeguard.state is state])
            for state in SECTIONS
        ],
        "may_work": viewer.is_lead and not view.is_hers,
        "fact_form": FactForm(initial={"fact_id": ids().uuid()}),
        **more,
    }
    status = 400 if more.get("problem") else 200
    return render(request, "safeguards.html", context, status=status)


def _event(view: SafeguardView) -> str:
    return str(EVENT_WORDS.get(view.safeguard.event, view.safeguard.event))  # type: ignore[call-overload]


@require_POST
@page
def safeguard(
    request: HttpRequest, viewer: Viewer, conn: Connection, case_id: UUID, safeguard_id: UUID
) -> HttpResponse:
    """Do something with one safeguard of a case, as its owner or a lead."""
    at = clock().now()
    done = _done(request, viewer, conn, safeguard_id, at)
    if done is None:
        return redirect("safeguards", case_id)
    view = load_case_safeguards(conn, key_ring(), viewer, case_id, at=at)
    return _case_shown(request, viewer, view, at, problem=_(done.because), about=safeguard_id)


def _done(
    request: HttpRequest, viewer: Viewer, conn: Connection, safeguard_id: UUID, at: datetime
) -> Refused | None:
    act, words = request.POST.get("act", ""), request.POST.get("words", "")
    if act == "finish":
        return doing.finish_safeguard(conn, key_ring(), viewer, safeguard_id, words, at=at)
    if act == "drop":
        return doing.drop_safeguard(conn, key_ring(), viewer, safeguard_id, words, at=at)
    if act == "reopen":
        return doing.reopen_safeguard(conn, viewer, safeguard_id, at=at)
    if act == "assign":
        owner = _uuid(request.POST.get("owner", ""))
        return doing.assign_safeguard(conn, viewer, safeguard_id, owner, at=at)
    if act == "take_in_person":
        return doing.take_offer(conn, viewer, safeguard_id, at=at, in_person=True)
    raise Hidden


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as problem:
        raise Hidden from problem


@require_http_methods(["GET", "POST"])
@page
def release(request: HttpRequest, viewer: Viewer, conn: Connection, case_id: UUID) -> HttpResponse:
    """Show and choose when the visible steps are released; afterwards, the receipts of each."""
    at = clock().now()
    view = load_case_safeguards(conn, key_ring(), viewer, case_id, at=at, what=RELEASE)
    form = ReleaseForm(is_served=view.is_served)
    problem = ""
    if request.method == "POST":
        form = ReleaseForm(
            request.POST if request.POST.get("act") == "plan" else None, is_served=view.is_served
        )
        done = _chosen(request, viewer, conn, view, form, at)
        if done is None:
            return redirect("release", case_id)
        problem = _(done.because)
    return _release_shown(request, viewer, view, form, problem)


def _chosen(
    request: HttpRequest,
    viewer: Viewer,
    conn: Connection,
    view: CaseSafeguards,
    form: ReleaseForm,
    at: datetime,
) -> Refused | None:
    case_id, act = view.case.case_id, request.POST.get("act", "")
    if act == "plan":
        if not form.is_valid():
            return Refused("choose a day and a time")
        planned = plan_release(
            conn,
            key_ring(),
            viewer,
            case_id,
            _instant(form.cleaned_data["release_at"], view.zone),
            at=at,
            before_service=form.cleaned_data.get("before_service", False),
        )
        return planned if isinstance(planned, Refused) else None
    if act == "agree":
        in_person = "in_person" in request.POST
        agreed = agree_release(conn, viewer, case_id, at=at, in_person=in_person)
        return agreed if isinstance(agreed, Refused) else None
    if act == "withdraw":
        return withdraw_release(conn, viewer, case_id, at=at)
    raise Hidden


def _instant(wall: datetime, zone: str) -> datetime:
    # In the hour that comes twice the second one: steps that wait an hour can be brought forward, released ones cannot wait.
    return latest(wall, ZoneInfo(zone))


def _release_shown(
    request: HttpRequest, viewer: Viewer, view: CaseSafeguards, form: ReleaseForm, problem: str
) -> HttpResponse:
    at = clock().now()
    steps = [v for v in view.views if v.safeguard.is_visible_step]
    plan = next((p for p in view.plans if p.is_open), None)
    done = next((p for p in view.plans if p.released_at), None)
    context = {
        "viewer": viewer,
        "view": view,
        "plan": plan,
        "done": done,
        "by": view.names.get(plan.planned_by_id, "") if plan else "",
        "agreed_by": view.names.get(plan.agreed_by_id, "") if plan and plan.agreed_by_id else "",
        "steps": [(_line(v.safeguard, viewer, at), v) for v in steps],
        "finished": sum(1 for v in steps if v.safeguard.state is State.DONE),
        "form": form,
        "problem": problem,
        "may_choose": view.is_hers or viewer.role == "safety_lead",
        "is_planner": plan is not None and plan.planned_by_id == viewer.person_id,
        "planned_by_her": plan is not None and plan.planned_by_id == view.case.protected_id,
    }
    return render(request, "release.html", context, status=400 if problem else 200)
