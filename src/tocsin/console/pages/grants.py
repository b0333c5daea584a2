"""Who may read a case? Ask, agree, break glass, look who looked, shut somebody out.

The page of everybody says nothing of any case but its word. The page of one case is for her and for who may read it; for
anybody else there is none.
"""

from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tocsin.console.installation import clock, ids, key_ring
from tocsin.console.letting_go import let_go_now
from tocsin.console.pages.page import page
from tocsin.console.pages.refusals import in_words
from tocsin.console.pages.wishes import wish_shown
from tocsin.console.pages.words import GRANT_WORDS, LOOK_WORDS
from tocsin.console.ringing import ring_when_kept
from tocsin.console.sign_in import ring_revoked
from tocsin.flow.agree_grant import agree_grant, end_grant, review_grant
from tocsin.flow.alarms import Change
from tocsin.flow.ask_grant import ask_grant
from tocsin.flow.break_glass import break_glass
from tocsin.flow.keep_case import lift_hold, set_erase_on
from tocsin.flow.link_account import agree_unlink, ask_unlink, link_account, name_advocate
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.respond import Refused
from tocsin.registry.access import Hidden, Viewer, load_people, zone_of
from tocsin.registry.access_cases import (
    CaseAccess,
    Reading,
    load_access,
    load_case_access,
    reading_of,
)
from tocsin.registry.forms_grants import BreakGlassForm, GrantForm, PersonChoiceForm
from tocsin.registry.rules.grants import Grant, GrantKind, Wish
from tocsin.runtime.database import Connection

NEWEST_LOOKS: Final = 20


@require_http_methods(["GET", "POST"])
@page
def access(request: HttpRequest, viewer: Viewer, conn: Connection) -> HttpResponse:
    """Show what waits about the reading of cases; on a press, ask for a grant or break glass."""
    asked = request.POST if "person" in request.POST else None
    broken = request.POST if request.method == "POST" and asked is None else None
    ask_form = GrantForm(asked, people=_people(conn, viewer))
    glass_form = BreakGlassForm(broken, auto_id="glass_%s")
    if request.method == "POST" and not viewer.is_supervisor:
        raise Hidden
    if asked is not None and ask_form.is_valid() and _asked(conn, viewer, ask_form):
        return redirect("access")
    if broken is not None and glass_form.is_valid():
        grant = _broken(conn, viewer, glass_form)
        if grant:
            return redirect("case_access", case_id=grant.case_id)
    at = clock().now()
    view = load_access(conn, key_ring(), viewer, at=at)
    context = {
        "viewer": viewer,
        "view": view,
        "zone": zone_of(conn, viewer),
        "waiting": [_line(grant, view.names) for grant in view.waiting],
        "to_review": [_line(grant, view.names) for grant in view.to_review],
        "told": [_line(grant, {}) for grant in view.told],
        "mine": [
            (grant, GRANT_WORDS[grant.kind], grant.holds(at), grant.waits(at))
            for grant in view.mine
        ],
        "ask_form": ask_form,
        "glass_form": glass_form,
    }
    return render(request, "access.html", context)


def _people(conn: Connection, viewer: Viewer) -> list[tuple[str, str]]:
    found = load_people(conn, key_ring(), viewer)
    return [(str(person.id), person.name) for person in found if person.is_active]


def _line(grant: Grant, names: dict[UUID, str]) -> dict[str, object]:
    return {
        "grant": grant,
        "kind": GRANT_WORDS[grant.kind],
        "who": names.get(grant.person_id, ""),
        "asked_by": names.get(grant.asked_by_id, ""),
        "is_glass": grant.kind is GrantKind.BREAK_GLASS,
    }


def _asked(conn: Connection, viewer: Viewer, form: GrantForm) -> bool:
    values = form.cleaned_data
    done = ask_grant(
        conn,
        key_ring(),
        viewer,
        values["word"],
        UUID(values["person"]),
        reason=values["reason"],
        lasting=timedelta(days=int(values["lasting"])),
        at=clock().now(),
    )
    if isinstance(done, Refused):
        form.add_error("word", in_words(done.because))
        return False
    return True


def _broken(conn: Connection, viewer: Viewer, form: BreakGlassForm) -> Grant | None:
    values = form.cleaned_data
    alarms = PostgresAlarms(conn, key_ring())
    done = break_glass(
        alarms, viewer, values["word"], reason=values["reason"], at=clock().now(), ids=ids()
    )
    if isinstance(done, Refused):
        form.add_error("word", in_words(done.because))
        return None
    for note in done[1]:
        ring_when_kept(note)
    return done[0]


@require_POST
@page
def grant(request: HttpRequest, viewer: Viewer, conn: Connection, grant_id: UUID) -> HttpResponse:
    """Agree to a grant, end it, or write that its reason was looked at; then go back."""
    alarms, at = PostgresAlarms(conn, key_ring()), clock().now()
    act = request.POST.get("act", "")
    done: Refused | Change | None
    if act == "agree":
        done = agree_grant(alarms, viewer, grant_id, at=at, ids=ids())
    elif act == "end":
        done = end_grant(alarms, viewer, grant_id, at=at)
        ring_revoked()
    elif act == "reviewed":
        done = review_grant(alarms, viewer, grant_id, at=at)
    else:
        raise Hidden
    if isinstance(done, Refused):
        return render(
            request,
            "not_done.html",
            {"viewer": viewer, "because": in_words(done.because)},
            status=400,
        )
    if done:
        ring_when_kept(done)
    return redirect(_back(request))


def _back(request: HttpRequest) -> str:
    """Return which page to go back to: the case's, if the form named one, else everybody's."""
    named = request.POST.get("case", "")
    try:
        return f"/cases/{UUID(named)}/access"
    except ValueError:
        return "/access"


@require_http_methods(["GET", "POST"])
@page
def case_access(
    request: HttpRequest, viewer: Viewer, conn: Connection, case_id: UUID
) -> HttpResponse:
    """Show who may read one case, who looked and who is shut out; on a press, change that."""
    problem = ""
    if request.method == "POST":
        reading = reading_of(conn, viewer, case_id, at=clock().now())
        done = _changed(request, conn, reading)
        if done is None:
            ring_revoked()
            return redirect("case_access", case_id=case_id)
        problem = in_words(done.because)
    view = load_case_access(conn, key_ring(), viewer, case_id, at=clock().now())
    context = {"viewer": viewer, "case_id": case_id, "problem": problem}
    context |= {"zone": zone_of(conn, viewer)}
    context |= _shown(view, viewer, _people(conn, viewer))
    return render(request, "case_access.html", context, status=400 if problem else 200)


def _shown(view: CaseAccess, viewer: Viewer, people: list[tuple[str, str]]) -> dict[str, object]:
    at = clock().now()
    name = view.names.get
    kept_out = {str(party.person_id) for party in view.parties}
    shut_out = kept_out | {str(viewer.person_id)}
    return {
        "view": view,
        "grants": [
            {
                "grant": each,
                "kind": GRANT_WORDS[each.kind],
                "who": name(each.person_id, ""),
                "asked_by": name(each.asked_by_id, ""),
                "agreed_by": name(each.agreed_by_id, "") if each.agreed_by_id else "",
                "told": name(each.told_id, "") if each.told_id else "",
                "is_glass": each.kind is GrantKind.BREAK_GLASS,
                "holds": each.holds(at),
                "waits": each.waits(at),
            }
            for each in view.grants
        ],
        **_looks(view, viewer),
        "parties": [
            (
                party,
                name(party.person_id, ""),
                wish_shown(party.unlink_asked, view.names, viewer, at),
            )
            for party in view.parties
        ],
        "lift_wish": wish_shown(view.keeping.lift_asked, view.names, viewer, at),
        "advocate_wish": _wish(view, view.keeping.advocate_asked, at),
        "erase_wish": _wish(view, view.keeping.erase_asked, at),
        "link_form": PersonChoiceForm(
            people=[each for each in people if each[0] not in shut_out],
            label=_("Who is shut out too"),
            empty=_("choose a person"),
        ),
        "advocate_form": PersonChoiceForm(
            people=[each for each in people if each[0] not in kept_out],
            label=_("Who hears of it"),
            empty=_("nobody"),
            initial={"person": str(view.advocate_id or "")},
            auto_id="advocate_%s",
        ),
    }


def _looks(view: CaseAccess, viewer: Viewer) -> dict[str, object]:
    """Return who looked, in three parts: the newest looks of others, the earlier ones, and the viewer's own."""
    lines = [
        (
            look,
            view.names.get(look.person_id, ""),
            LOOK_WORDS.get(look.what, look.what),
            _why(look.why),
        )
        for look in view.looks
    ]
    own = [line for line in lines if line[0].person_id == viewer.person_id]
    others = [line for line in lines if line[0].person_id != viewer.person_id]
    return {"newest": others[:NEWEST_LOOKS], "older": others[NEWEST_LOOKS:], "own": own}


def _wish(view: CaseAccess, wish: Wish | None, at: datetime) -> dict[str, object] | None:
    found = wish_shown(wish, view.names, view.reading.viewer, at)
    if wish is None or found is None:
        return None
    who = view.names.get(wish.value, "") if isinstance(wish.value, UUID) else _("nobody")
    return found | {"who": who}


def _why(code: str) -> str:
    return str(GRANT_WORDS.get(code, code))


def _changed(request: HttpRequest, conn: Connection, reading: Reading) -> Refused | None:
    act, at = request.POST.get("act", ""), clock().now()
    chosen = _uuid(request.POST.get("person", ""))
    if act == "link":
        return _shut_out(conn, reading, chosen, at) if chosen else Refused("choose a person")
    if act == "unlink" and chosen:
        return ask_unlink(conn, reading, chosen, at=at)
    if act == "unlink_agree" and chosen:
        return agree_unlink(conn, reading, chosen, at=at)
    if act == "lift":
        return lift_hold(conn, reading, at=at)
    if act == "erase_on":
        try:
            day = (
                date.fromisoformat(request.POST.get("day", "")) if request.POST.get("day") else None
            )
        except ValueError:
            return Refused("there is no such day")
        return set_erase_on(conn, reading, day, at=at)
    if act == "advocate":
        return name_advocate(conn, reading, chosen, at=at)
    raise Hidden


def _shut_out(conn: Connection, reading: Reading, person_id: UUID, at: datetime) -> Refused | None:
    done = link_account(conn, reading, person_id, at=at)
    if done is None:
        let_go_now(conn, reading.viewer)
    return done


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
