"""Who looks at the way, how do her walks go, and which looks were missed?"""

from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tocsin.console.installation import clock, ids, key_ring
from tocsin.console.pages.page import page
from tocsin.console.ringing import ring_engine_when_kept, ring_when_kept
from tocsin.flow.alarms import Change
from tocsin.flow.leave import answer_hold, decline_hold
from tocsin.flow.look import IS_OVER, Looking, look, met_at_door
from tocsin.flow.plan_walks import (
    PlanDraft,
    answer_offer,
    explain_missed,
    forget_choices,
    make_offer,
    set_plan,
)
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.respond import Refused
from tocsin.registry.access import Hidden, Viewer
from tocsin.runtime.database import Connection
from tocsin.signals import access_walks as access
from tocsin.signals.rules.hold import How, Kind, Saw, State
from tocsin.signals.rules.offers import Answer, Offer, What
from tocsin.signals.rules.phrase import MAX_ANSWER, MAX_PHRASE, SUGGESTED, USUAL_ANSWER

PAGE: Final = "page"
KEPT: Final = "kept"
HOW_WORDS: Final = {
    How.CAMERA: _("camera"),
    How.PATROL: _("on foot"),
    How.CAR: _("car at the door"),
    How.DOOR: _("from the door"),
    How.NOT_SAID: _("not said with what"),
}
SAW_WORDS: Final = {
    Saw.NOTHING: _("Nothing seen"),
    Saw.SOMETHING: _("Something seen"),
    Saw.COULD_NOT: _("Could not see"),
}
ASKED_HOWS: Final = (How.CAMERA, How.PATROL, How.CAR, How.DOOR)
OFFER_WORDS: Final = {
    What.EXIT: _("Another way out"),
    What.TIME: _("Another time"),
    What.PICK_UP: _("A car at the door"),
}
ANSWER_WORDS: Final = {
    Answer.OFFERED: pgettext_lazy("offer", "not answered"),
    Answer.TAKEN: pgettext_lazy("offer", "taken"),
    Answer.DECLINED: pgettext_lazy("offer", "declined"),
}
STATE_WORDS: Final = {
    State.HELD: _("Nobody has looked yet. Please stay inside until somebody has."),
    State.LOOKED: _("Somebody has looked in the last three minutes and saw nothing."),
    State.SOMETHING: _("Something was seen. Please stay inside: a person decides."),
}
BECAUSE_WORDS: Final = {
    "nobody_on_duty": _("nobody was on duty"),
    "nobody_asked": _("the message reached nobody"),
    "camera_out": _("the camera did not work"),
    "busy": _("everybody was busy"),
    "forgotten": _("it was forgotten"),
    "other": _("another reason, told in person"),
}
PROBLEM_WORDS: Final = {
    "range": _("Choose a time from the list."),
    "unknown": _("Choose places from the list."),
    "empty": _("Write at least one word."),
    "long": _("This is too long."),
    "unseen": _("This has characters in it that nobody sees."),
    "sos": _("Words like SOS or help would call everybody when they come back by text."),
    "telling": _("This tells too much. Take something that anybody at work could write."),
    "value": _("This cannot be offered."),
}
TIMERS: Final = (60, 180, 300, 600, 1_200)


@require_GET
@page
def walks(request: HttpRequest, viewer: Viewer, conn: Connection) -> HttpResponse:
    """Show the ways that somebody is to look at now."""
    return _ways(request, viewer, conn)


def _ways(
    request: HttpRequest, viewer: Viewer, conn: Connection, refused: str = ""
) -> HttpResponse:
    context = looking_context(conn, viewer) | {
        "viewer": viewer,
        "missed": access.count_missed(conn, viewer),
        "refused": refused,
    }
    is_part = request.headers.get("X-Tocsin-Part") == "walks"
    return render(request, "parts/walks.html" if is_part else "walks.html", context)


def looking_context(
    conn: Connection, viewer: Viewer, hold_id: UUID | None = None
) -> dict[str, object]:
    """Return the ways that somebody is to look at now, and what a look may say; `hold_id`: that way alone, if it waits."""
    ways = access.load_ways(conn, key_ring(), viewer, at=clock().now())
    return {
        "ways": [(way, _latest(way)) for way in ways if hold_id in {None, way.hold.id}],
        "hows": [(how.value, HOW_WORDS[how]) for how in ASKED_HOWS],
        "saws": [(saw.value, words) for saw, words in SAW_WORDS.items()],
        "may_decide": access.may_decide(viewer),
    }


def _latest(way: access.Way) -> tuple[Any, Any] | None:
    latest = way.latest
    return (HOW_WORDS[latest.how], SAW_WORDS[latest.saw]) if latest else None


@require_POST
@page
def look_at(request: HttpRequest, viewer: Viewer, conn: Connection, hold_id: UUID) -> HttpResponse:
    """Keep that the viewer has looked, and what she saw."""
    how, saw = request.POST.get("how", ""), request.POST.get("saw", "")
    if saw not in set(Saw) or how not in {*How, ""}:
        raise Hidden
    decides = bool(request.POST.get("decides")) and access.may_decide(viewer)
    way = request.POST.get("way", "")
    looking = Looking(viewer.person_id, How(how or How.NOT_SAID), Saw(saw), PAGE, decides, way)
    alarms = PostgresAlarms(conn, key_ring())
    if saw == Saw.NOTHING and not _may_look(alarms, viewer, hold_id):
        refused = _("You are not on duty, and nobody asked you: somebody who is there has to look.")
        return _ways(request, viewer, conn, str(refused))
    return _done(
        request, viewer, conn, look(alarms, viewer.organisation_id, hold_id, looking, ids=ids())
    )


def _may_look(alarms: PostgresAlarms, viewer: Viewer, hold_id: UUID) -> bool:
    """Return whether the viewer is there, or was asked; what somebody saw is never turned away."""
    if access.may_look(alarms.conn, viewer, at=clock().now()):
        return True
    asked = {question.id for question in alarms.questions(viewer.organisation_id, hold_id)}
    return not asked.isdisjoint(alarms.told(viewer.organisation_id, viewer.person_id))


@require_POST
@page
def met(request: HttpRequest, viewer: Viewer, conn: Connection, hold_id: UUID) -> HttpResponse:
    """Keep that the viewer met somebody at the door."""
    alarms = PostgresAlarms(conn, key_ring())
    by = viewer.person_id
    done = met_at_door(alarms, viewer.organisation_id, hold_id, by=by, via=PAGE, ids=ids())
    return _done(request, viewer, conn, done)


def _done(
    request: HttpRequest, viewer: Viewer, conn: Connection, done: list[Change] | Refused
) -> HttpResponse:
    if isinstance(done, Refused):
        if done.because != IS_OVER:
            raise Hidden
        return _ways(request, viewer, conn, str(_("Nobody waits for this look any more.")))
    _ring(done)
    return redirect("walks")


def _ring(done: Iterable[Change]) -> None:
    for change in done:
        ring_when_kept(change)
    ring_engine_when_kept()


@require_GET
@page
def missed(request: HttpRequest, viewer: Viewer, conn: Connection) -> HttpResponse:
    """Show a lead the looks that nobody took."""
    rows = [
        (one, BECAUSE_WORDS.get(one.missed.explained, ""))
        for one in access.load_missed(conn, key_ring(), viewer)
    ]
    context = {"viewer": viewer, "rows": rows, "reasons": BECAUSE_WORDS.items()}
    return render(request, "missed_looks.html", context)


@require_POST
@page
def explain(request: HttpRequest, viewer: Viewer, conn: Connection, hold_id: UUID) -> HttpResponse:
    """Keep why nobody had looked."""
    explain_missed(conn, viewer, hold_id, request.POST.get("because", ""), at=clock().now())
    return redirect("missed_looks")


@require_http_methods(["GET", "POST"])
@page
def mine(request: HttpRequest, viewer: Viewer, conn: Connection) -> HttpResponse:
    """Show the viewer how her own walks go, and let her change it."""
    problems: dict[str, Any] = {}
    if request.method == "POST":
        alarms = PostgresAlarms(conn, key_ring())
        kept = set_plan(alarms, viewer, _draft(request), at=clock().now(), ids=ids())
        if not kept.problems:
            _ring(kept.changes)
            return redirect(f"{reverse('my_walks')}?{KEPT}")
        problems = {field: PROBLEM_WORDS[problem] for field, problem in kept.problems.items()}
    view = access.load_my_walks(conn, key_ring(), viewer, at=clock().now())
    context = {
        "viewer": viewer,
        "view": view,
        "state": STATE_WORDS.get(view.hold.state, "") if view.hold else "",
        "is_leaving": bool(view.hold and view.hold.kind is Kind.LEAVING),
        "offers": _offers(view),
        "problems": problems,
        "is_kept": KEPT in request.GET and not problems,
        "typed": request.POST,
        "timers": [(seconds, seconds // 60) for seconds in TIMERS],
        "suggested": SUGGESTED.get(viewer.language[:2], SUGGESTED["en"]),
        "usual_answer": USUAL_ANSWER,
        "max_phrase": MAX_PHRASE,
        "max_answer": MAX_ANSWER,
    }
    return render(request, "my_walks.html", context, status=422 if problems else 200)


def _offers(view: access.MyWalks) -> list[tuple[Offer, Any, str, Any]]:
    return [
        (offer, OFFER_WORDS[offer.what], place, ANSWER_WORDS[offer.answer])
        for offer, place in view.offers
    ]


def _draft(request: HttpRequest) -> PlanDraft:
    said = request.POST
    timer = said.get("timer_s", "")
    return PlanDraft(
        at_start=bool(said.get("at_start")),
        at_end=bool(said.get("at_end")),
        timer_s=int(timer) if timer.isdecimal() and len(timer) < 6 else 0,
        places=tuple(dict.fromkeys(_uuid(text) for text in said.getlist("places"))),
        phrase=said.get("phrase", "").strip(),
        answer=said.get("answer", "").strip(),
        forget_phrase=bool(said.get("forget_phrase")),
    )


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        # The nil id is the id of no place, so the field's own error is shown.
        return UUID(int=0)


@require_POST
@page
def my_hold(request: HttpRequest, viewer: Viewer, conn: Connection) -> HttpResponse:
    """Let the viewer decline her own hold, say that she stays, or delete what she chose before."""
    alarms, act = PostgresAlarms(conn, key_ring()), request.POST.get("act", "")
    if act == "forget":
        forget_choices(conn, viewer)
        return redirect("my_walks")
    if act not in {"decline", "stay"}:
        raise Hidden
    verb = decline_hold if act == "decline" else answer_hold
    verb(alarms, viewer.organisation_id, viewer.person_id, is_page=True)
    ring_engine_when_kept()
    return redirect("my_walks")


@require_POST
@page
def my_offer(request: HttpRequest, viewer: Viewer, conn: Connection) -> HttpResponse:
    """Let the viewer take or decline what was offered to her."""
    what, act = request.POST.get("what", ""), request.POST.get("act", "")
    if what not in set(What) or act not in {"take", "decline"}:
        raise Hidden
    alarms, takes = PostgresAlarms(conn, key_ring()), act == "take"
    _ring(answer_offer(alarms, viewer, What(what), takes=takes, at=clock().now(), ids=ids()))
    return redirect("my_walks")


@require_http_methods(["GET", "POST"])
@page
def offers(request: HttpRequest, viewer: Viewer, conn: Connection, person_id: UUID) -> HttpResponse:
    """Show a lead what was offered to her, and let the lead offer more."""
    problem = ""
    if request.method == "POST":
        what = request.POST.get("what", "")
        if what not in set(What):
            raise Hidden
        offer = Offer(What(what), request.POST.get("value", "").strip())
        alarms = PostgresAlarms(conn, key_ring())
        made = make_offer(alarms, viewer, person_id, offer, at=clock().now(), ids=ids())
        if not isinstance(made, str):
            _ring(made)
            return redirect("walk_offers", person_id)
        problem = made
    view = access.load_walks_of(conn, key_ring(), viewer, person_id, at=clock().now())
    context = {
        "viewer": viewer,
        "view": view,
        "person_id": person_id,
        "offers": _offers(view),
        "problem": PROBLEM_WORDS.get(problem, ""),
    }
    return render(request, "walk_offers.html", context, status=422 if problem else 200)
