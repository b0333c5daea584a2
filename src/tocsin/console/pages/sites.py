"""Where do people work, who is on duty when, and who is called in which order?"""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tocsin.console.installation import clock, ids, key_ring
from tocsin.console.pages.document_words import document_words
from tocsin.console.pages.page import page
from tocsin.console.pages.policy_words import policy_words
from tocsin.console.pages.refusals import in_words
from tocsin.console.pages.roster_words import finding_words, line_words
from tocsin.console.pages.words import (
    LOOSENING_WORDS,
    LOOSER_WORDS,
    ROLE_WORDS,
    address_lines,
    name_of,
)
from tocsin.flow import change_registry as change
from tocsin.flow.agree_loosening import agree_loosening
from tocsin.flow.ask_loosening import TooManyAsked
from tocsin.flow.change_policy import change_policy
from tocsin.flow.plan_shifts import (
    UnsoundLines,
    add_roster_lines,
    remove_roster_line,
    roster_findings,
)
from tocsin.flow.respond import Refused
from tocsin.flow.stand_for_line import his_lines, put_back, stand_for_line
from tocsin.registry.access import (
    Hidden,
    SiteView,
    Viewer,
    load_loosenings,
    load_site,
    load_site_list,
    load_workplace,
)
from tocsin.registry.forms import (
    ADDRESS_PARTS,
    PLACE_KINDS,
    PSAP_PARTS,
    DocumentForm,
    PlaceForm,
    PostForm,
    SiteForm,
)
from tocsin.registry.rules import policy_document, roster_document
from tocsin.registry.rules.document import DocumentError
from tocsin.registry.rules.findings import Finding, errors
from tocsin.registry.rules.loosening import Loosening
from tocsin.registry.rules.places import is_off_site
from tocsin.registry.rules.policy_lint import lint
from tocsin.registry.rules.rows import HisLine, PlaceRow, PostRow, SiteRow
from tocsin.registry.rules.usual import usual_sos
from tocsin.runtime.database import Connection

AHEAD: Final = timedelta(days=14)
# So many shifts are shown at once, and so many more to whoever asks; how many there are beyond that is said.
FIRST_SHIFTS: Final = 20
MORE_SHIFTS: Final = 200
SOS: Final = "sos"
HE_WROTE: Final = {
    "address": gettext_lazy("another address"),
    "psap": gettext_lazy("another emergency number"),
    "outline": gettext_lazy("another outline"),
    "kind": gettext_lazy("another kind of site"),
}
TOO_MANY: Final = gettext_lazy(
    "Too many changes wait for a second person. Decide some of them first."
)


@require_GET
@page
def sites(request: HttpRequest, viewer: Viewer, conn: Connection) -> HttpResponse:
    """Show the organisation's sites."""
    return render(request, "sites.html", {"viewer": viewer, "sites": load_site_list(conn, viewer)})


@require_GET
@page
def site(request: HttpRequest, viewer: Viewer, conn: Connection, site_id: UUID) -> HttpResponse:
    """Show one site: address, places, posts, roster, shifts ahead, and the policy with what is wrong with it."""
    view = _view(conn, viewer, site_id)
    return render(request, "site.html", _context(conn, viewer, view))


def _view(conn: Connection, viewer: Viewer, site_id: UUID) -> SiteView:
    at = clock().now()
    return load_site(conn, key_ring(), viewer, site_id, from_at=at, until_at=at + AHEAD)


def _context(
    conn: Connection,
    viewer: Viewer,
    view: SiteView,
    *,
    policy_form: DocumentForm | None = None,
    roster_form: DocumentForm | None = None,
) -> dict[str, object]:
    waiting = load_loosenings(conn, viewer, at=clock().now())
    document = view.policies.get(SOS) or policy_document.to_dict(usual_sos(view.site.id))
    shown = json.dumps(document, indent=2, ensure_ascii=False)
    return {
        "viewer": viewer,
        "view": view,
        "site": view.site,
        "address": address_lines(view.site),
        "places": [_place(view, place) for place in view.places],
        "contested": [str(HE_WROTE[name]) for name in view.site.contested],
        "is_usual": SOS not in view.policies,
        **_shifts(view),
        **_roster(conn, view),
        "his_lines": _his_lines(conn, viewer, view),
        "waiting": [
            (one, LOOSENING_WORDS.get(one.what, one.what), _reasons(one))
            for one in waiting
            if one.site_id == view.site.id
        ],
        "findings": [(policy_words(one), one) for one in _findings(conn, viewer, view, document)],
        "policy_form": policy_form
        or DocumentForm(initial={"document": shown}, auto_id="policy_%s"),
        "roster_form": roster_form or DocumentForm(auto_id="roster_%s"),
        "post_form": PostForm(),
        "place_form": PlaceForm(auto_id="place_%s"),
    }


def _place(view: SiteView, place: PlaceRow) -> tuple[str, str, bool]:
    """Return a place's name, what is known of it in words, and whether it lies outside of the site."""
    kind = place.kind.replace("_", " ")
    said = [str(dict(PLACE_KINDS).get(kind, kind))]
    if place.geometry:
        is_point = place.geometry.get("type") == "Point"
        said.append(_("a point on the map") if is_point else _("drawn on the map"))
    return place.name, ", ".join(said), is_off_site(view.site.outline, place.geometry)


def _shifts(view: SiteView) -> dict[str, object]:
    """Return the shifts ahead: the first, the next, and how many are not shown."""
    shown = [
        (shift, name_of(shift.person_id, view.names), ROLE_WORDS.get(shift.role, shift.role))
        for shift in view.shifts[: FIRST_SHIFTS + MORE_SHIFTS]
    ]
    return {
        "shifts": shown[:FIRST_SHIFTS],
        "later_shifts": shown[FIRST_SHIFTS:],
        "unshown_shifts": len(view.shifts) - len(shown),
    }


def _roster(conn: Connection, view: SiteView) -> dict[str, object]:
    """Return the roster's lines in words, each with what is wrong with it, and what is wrong with the whole."""
    found = roster_findings(conn, view.site, at=clock().now())
    teams = {team.id: team.name for team in view.teams}
    return {
        "roster": [
            (
                line,
                line_words(line, view.names, teams),
                json.dumps(line.body, ensure_ascii=False, indent=1),
                [(finding_words(one), one.level) for one in found.get(line.id, ())],
            )
            for line in view.roster
        ],
        "roster_findings": [(finding_words(one), one) for one in found.get(None, ())],
    }


def _his_lines(conn: Connection, viewer: Viewer, view: SiteView) -> list[tuple[HisLine, str]]:
    """Return the lines, in words, that wait for a safety lead because of who wrote them, or took them out."""
    teams = {team.id: team.name for team in view.teams}
    return [
        (one, line_words(one.line, view.names, teams))
        for one in his_lines(conn, viewer, view.site.id)
    ]


def _reasons(asked: Loosening) -> list[str]:
    return [str(LOOSER_WORDS.get(code, code)) for code in asked.reasons]


def _findings(
    conn: Connection, viewer: Viewer, view: SiteView, document: dict[str, object]
) -> tuple[Finding, ...]:
    at = clock().now()
    try:
        policy = policy_document.from_dict(document)
    except DocumentError:
        return ()
    workplace = load_workplace(conn, key_ring(), viewer, view, at=at)
    return lint(policy, workplace, starts_at=at, ends_at=at + AHEAD)


@require_http_methods(["GET", "POST"])
@page
def edit(
    request: HttpRequest, viewer: Viewer, conn: Connection, site_id: UUID | None = None
) -> HttpResponse:
    """Show and save where a site is."""
    if not viewer.is_administrator:
        raise Hidden
    known = _view(conn, viewer, site_id).site if site_id else None
    form = SiteForm(request.POST or None, initial=_initial(known))
    if request.method == "POST" and form.is_valid():
        row = _row(form, viewer, known)
        done = change.save_site(conn, viewer, row, at=clock().now())
        if done is None:
            return redirect("site", site_id=row.id)
        form.add_error(None, in_words(done.because))
    return render(request, "site_edit.html", {"viewer": viewer, "form": form, "site": known})


def _initial(site: SiteRow | None) -> dict[str, object]:
    if site is None:
        return {}
    found: dict[str, object] = {"name": site.name, "kind": site.kind, "time_zone": site.time_zone}
    outline = json.dumps(site.outline) if site.outline else ""
    return found | site.address | site.psap | {"outline": outline}


def _row(form: SiteForm, viewer: Viewer, known: SiteRow | None) -> SiteRow:
    values = form.cleaned_data
    return SiteRow(
        id=known.id if known else ids().uuid(),
        organisation_id=viewer.organisation_id,
        name=values["name"],
        kind=values["kind"],
        time_zone=values["time_zone"],
        address={part: values[part] for part in ADDRESS_PARTS if values[part]},
        psap={part: values[part] for part in PSAP_PARTS if values[part]},
        outline=values["outline"],
    )


@require_POST
@page
def policy(request: HttpRequest, viewer: Viewer, conn: Connection, site_id: UUID) -> HttpResponse:
    """Save the site's policy unless it has errors; show what is wrong either way."""
    view = _view(conn, viewer, site_id)
    form = DocumentForm(request.POST, auto_id="policy_%s")
    if form.is_valid():
        try:
            wanted = policy_document.from_dict(form.cleaned_data["document"])
            found = change_policy(conn, viewer, site_id, wanted, at=clock().now())
        except DocumentError as problem:
            form.add_error("document", document_words(problem))
        except TooManyAsked:
            form.add_error(None, TOO_MANY)
        else:
            if not errors(found):
                return redirect("site", site_id=site_id)
            for finding in found:
                form.add_error("document", f"{finding.path}: {policy_words(finding)}")
    context = _context(conn, viewer, view, policy_form=form)
    return render(request, "site.html", context, status=400)


@require_POST
@page
def roster(request: HttpRequest, viewer: Viewer, conn: Connection, site_id: UUID) -> HttpResponse:
    """Add a line to the site's roster, or remove one, and plan the shifts anew."""
    view = _view(conn, viewer, site_id)
    form = DocumentForm(request.POST, auto_id="roster_%s")
    try:
        if _is_done(conn, viewer, site_id, request.POST.dict()):
            return redirect("site", site_id=site_id)
    except TooManyAsked:
        context = _context(conn, viewer, view) | {"refused": TOO_MANY}
        return render(request, "site.html", context, status=409)
    except UnsoundLines as problem:
        found = next(iter(problem.found.values()))
        context = _context(conn, viewer, view) | {"refused": finding_words(found[0])}
        return render(request, "site.html", context, status=409)
    if form.is_valid() and _is_added(conn, viewer, site_id, form):
        return redirect("site", site_id=site_id)
    context = _context(conn, viewer, view, roster_form=form)
    return render(request, "site.html", context, status=400)


def _is_done(conn: Connection, viewer: Viewer, site_id: UUID, given: Mapping[str, str]) -> bool:
    """Do what one of the buttons at a line says; False: none was pressed."""
    at = clock().now()
    if "remove" in given:
        remove_roster_line(conn, viewer, site_id, _id(given["remove"]), at=at)
    elif "confirm" in given:
        stand_for_line(conn, viewer, _id(given["confirm"]), at=at)
    elif "put_back" in given:
        put_back(conn, viewer, site_id, _id(given["put_back"]), at=at)
    else:
        return False
    return True


def _is_added(conn: Connection, viewer: Viewer, site_id: UUID, form: DocumentForm) -> bool:
    """Add the form's line to the roster, or say at the form why not."""
    document = {**form.cleaned_data["document"], "id": str(ids().uuid())}
    kind = str(document.pop("kind", roster_document.PATTERN))
    try:
        line = roster_document.line_from_dict(kind, document)
        add_roster_lines(conn, viewer, site_id, [line], at=clock().now())
    except DocumentError as problem:
        form.add_error("document", document_words(problem))
    except UnsoundLines as problem:
        for finding in (one for of in problem.found.values() for one in of):
            form.add_error("document", finding_words(finding))
    except TooManyAsked:
        form.add_error(None, TOO_MANY)
    return not form.errors


@require_POST
@page
def loosening(
    request: HttpRequest, viewer: Viewer, conn: Connection, site_id: UUID, loosening_id: UUID
) -> HttpResponse:
    """Agree to a change that leaves people with less, as the second person; or refuse it."""
    done = agree_loosening(
        conn, viewer, loosening_id, is_agreed="agree" in request.POST, at=clock().now()
    )
    if done is None:
        return redirect("site", site_id=site_id)
    context = _context(conn, viewer, _view(conn, viewer, site_id)) | {
        "refused": in_words(done.because)
    }
    return render(request, "site.html", context, status=409)


@require_POST
@page
def part(request: HttpRequest, viewer: Viewer, conn: Connection, site_id: UUID) -> HttpResponse:
    """Add a post or a named place to the site."""
    is_post = request.POST.get("what") == "post"
    form = PostForm(request.POST) if is_post else PlaceForm(request.POST)
    done: Refused | None = Refused(_("something in it cannot be taken"))
    if form.is_valid():
        values = form.cleaned_data
        row: PostRow | PlaceRow = (
            PostRow(ids().uuid(), values["name"], values["is_staffed"])
            if is_post
            else PlaceRow(ids().uuid(), values["name"], values["kind"], values["geometry"])
        )
        done = change.add_part(conn, viewer, site_id, row, at=clock().now())
    if done is None:
        return redirect("site", site_id=site_id)
    context = _context(conn, viewer, _view(conn, viewer, site_id)) | {
        "refused": in_words(done.because)
    }
    return render(request, "site.html", context, status=400)


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as problem:
        raise Hidden from problem
