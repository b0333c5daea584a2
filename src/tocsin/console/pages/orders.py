"""What do the orders say, who has looked at their entry, and what happened to them? Lists, one case's page, its acts."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from tocsin.console.installation import clock, ids, key_ring
from tocsin.console.pages import order_words as words
from tocsin.console.pages.blind import blind_of_case
from tocsin.console.pages.order_look import area_ids, fact_shown, is_due, second_look, undrawn
from tocsin.console.pages.page import page
from tocsin.console.pages.refusals import in_words
from tocsin.console.pages.signs import sign_of, signs_shown
from tocsin.console.pages.wishes import wish_shown
from tocsin.console.pages.words import name_of
from tocsin.flow.amend_order import Told, amend_order
from tocsin.flow.draw_place import draw_place
from tocsin.flow.her_word import note_her_word
from tocsin.flow.know_respondent import know_respondent
from tocsin.flow.not_his import not_his
from tocsin.flow.respond import Refused
from tocsin.flow.review_order import lower_door, review_order, take_on_review
from tocsin.flow.set_house_rule import lift_house_rule, notice_given, set_house_rule
from tocsin.registry.access import Hidden, Viewer, zone_of
from tocsin.registry.access_orders import (
    OrdersLine,
    OrdersView,
    draft_to_go,
    load_order_list,
    load_orders_view,
    load_own_drafts,
    load_review_asks,
)
from tocsin.registry.forms_amending import (
    AreaForm,
    FactForm,
    HerWordForm,
    InstantForm,
    LookForm,
    MaskForm,
    PaperForm,
    RetractForm,
    RuleForm,
)
from tocsin.registry.forms_drafts import known_of, rule_of
from tocsin.registry.forms_orders import HER_WORDS, KnownForm
from tocsin.registry.rules.case_rows import CaseClosed
from tocsin.registry.rules.conditions import CONDITIONS
from tocsin.registry.rules.findings import Finding
from tocsin.registry.rules.order import Order, enforceable, facts_known, valid
from tocsin.registry.rules.posture import Instruction, kept_places, posture
from tocsin.registry.rules.second_look import waits
from tocsin.runtime.database import Connection

UTC: Final = "UTC"


@require_GET
@page
def orders(request: HttpRequest, viewer: Viewer, conn: Connection) -> HttpResponse:
    """Show what waits for a second person, the viewer's drafts, and the cases that she may read, by their words."""
    at, ring = clock().now(), key_ring()
    lines = [_line(line, at) for line in load_order_list(conn, ring, viewer)]
    drafts = load_own_drafts(conn, ring, viewer)
    context = {
        "viewer": viewer,
        "zone": zone_of(conn, viewer),
        "lines": lines,
        "overdue": [line for line in lines if line["overdue"]],
        "asks": load_review_asks(conn, ring, viewer, at=at),
        "drafts": [(one, (one.fields.get("respondent_name") or [""])[0]) for one in drafts],
        "to_go": draft_to_go(drafts),
    }
    return render(request, "orders.html", context)


def _line(line: OrdersLine, at: datetime) -> dict[str, Any]:
    # Only what may be said in a list: no name, no court.
    found = posture(line.orders, line.rules, at, is_colleague=False)
    waiting = [order for order in line.orders if waits(order)]
    return {
        "case_id": line.case_id,
        "word": line.word,
        "is_hers": line.is_hers,
        "standing": words.DAMAGED if line.is_damaged else words.standing_words(found),
        "is_damaged": line.is_damaged,
        "closed_rule": words.CLOSED_RULE if any(rule.is_closed for rule in line.rules) else "",
        "level": "open" if found.instruction is Instruction.DO_NOT_ADMIT else "plain",
        "waiting": waiting,
        "overdue": [o for o in waiting if is_due(o, at)],
    }


@require_POST
@page
def take_on(request: HttpRequest, viewer: Viewer, conn: Connection, grant_id: UUID) -> HttpResponse:
    """Take on a review: from now on the viewer may read the case."""
    done = take_on_review(conn, key_ring(), viewer, grant_id, at=clock().now())
    if isinstance(done, Refused):
        return render(request, "not_done.html", {"viewer": viewer, "because": in_words(done.because)}, status=400)  # fmt: skip
    return redirect("case_orders", case_id=done)


@require_GET
@page
def case_orders(
    request: HttpRequest, viewer: Viewer, conn: Connection, case_id: UUID
) -> HttpResponse:
    """Show the orders of a case now, or as they stood, and as we knew them, at another instant."""
    view = load_orders_view(conn, key_ring(), viewer, case_id, at=clock().now())
    form = InstantForm(request.GET or None)
    asked = known = None
    if form.is_bound and form.is_valid():
        asked, known = form.instants(ZoneInfo(_zone(view)))
    spots = blind_of_case(conn, viewer, case_id)
    return _shown(request, viewer, view, instant_form=form, asked=asked, known=known, spots=spots)


@require_POST
@page
def tell(
    request: HttpRequest, viewer: Viewer, conn: Connection, case_id: UUID, order_id: UUID
) -> HttpResponse:
    """Keep something that happened to an order, or take back what was said of it."""
    view = load_orders_view(conn, key_ring(), viewer, case_id, at=clock().now())
    order = next((one for one in view.orders if one.id == order_id), None)
    if order is None:
        raise CaseClosed(case_id) if view.case.is_closed else Hidden
    takes_back = "retracts" in request.POST
    form = RetractForm(request.POST) if takes_back else FactForm(request.POST)
    if form.is_valid():
        draft = (
            form.draft()
            if isinstance(form, RetractForm)
            else form.draft(ZoneInfo(order.court_time_zone), _here(view))
        )
        done = amend_order(conn, key_ring(), viewer, (case_id, order_id), draft, at=clock().now(), ids=ids())  # fmt: skip
        if isinstance(done, Told):
            return redirect("case_orders", case_id=case_id)
        _say(form, done)
    return _shown(request, viewer, view, fact_form=form, form_order=order_id, status=400)


@require_POST
@page
def review(
    request: HttpRequest, viewer: Viewer, conn: Connection, case_id: UUID, order_id: UUID
) -> HttpResponse:
    """Say that the entry of an order, or what was told since it was looked at, is right."""
    seen = LookForm(request.POST).shown()
    done = review_order(conn, key_ring(), viewer, (case_id, order_id), at=clock().now(), seen=seen)
    return _done(request, viewer, conn, case_id, done)


@require_POST
@page
def her_word(
    request: HttpRequest, viewer: Viewer, conn: Connection, case_id: UUID, order_id: UUID
) -> HttpResponse:
    """Keep what she says to an entry about her."""
    form = HerWordForm(request.POST)
    if not form.is_valid():
        raise Hidden
    said = (form.cleaned_data["her_word"], form.cleaned_data["her_ground"])
    done = note_her_word(conn, key_ring(), viewer, (case_id, order_id), said)
    return _done(request, viewer, conn, case_id, done)


@require_POST
@page
def draw(
    request: HttpRequest,
    viewer: Viewer,
    conn: Connection,
    case_id: UUID,
    order_id: UUID,
    number: int,
) -> HttpResponse:
    """Keep the area of a place that an order names."""
    view = load_orders_view(conn, key_ring(), viewer, case_id, at=clock().now())
    form = AreaForm(request.POST, metres=_metres(view, order_id, number), auto_id=area_ids(order_id, number))  # fmt: skip
    if form.is_valid():
        which = (case_id, order_id, number)
        done = draw_place(conn, key_ring(), viewer, which, form.cleaned_data["area"], at=clock().now())  # fmt: skip
        return _done(request, viewer, conn, case_id, done)
    return _shown(request, viewer, view, area_form=form, area_order=order_id, area_place=number, status=400)  # fmt: skip


@require_POST
@page
def lower(request: HttpRequest, viewer: Viewer, conn: Connection, case_id: UUID) -> HttpResponse:
    """Ask to let the doors' posture go after an order's end, or agree to it."""
    done = lower_door(conn, key_ring(), viewer, case_id, at=clock().now())
    return _done(request, viewer, conn, case_id, done)


@require_POST
@page
def know(request: HttpRequest, viewer: Viewer, conn: Connection, case_id: UUID) -> HttpResponse:
    """Add what more is known of the respondent; the doors know it at once."""
    form = KnownForm(request.POST, request.FILES)
    if form.is_valid():
        values = form.cleaned_data
        wrong = know_respondent(conn, key_ring(), viewer, case_id, known_of(values), at=clock().now(), photo=values["photo"])  # fmt: skip
        if not wrong:
            return redirect("case_orders", case_id=case_id)
        _say(form, wrong)
    view = load_orders_view(conn, key_ring(), viewer, case_id, at=clock().now())
    return _shown(request, viewer, view, known_form=form, status=400)


@require_POST
@page
def no_more_his(
    request: HttpRequest, viewer: Viewer, conn: Connection, case_id: UUID
) -> HttpResponse:
    """Ask that a badge or plate counts as his no more, or agree to it."""
    done = not_his(conn, key_ring(), viewer, case_id, sign_of(request.POST), at=clock().now())
    return _done(request, viewer, conn, case_id, done)


@require_POST
@page
def set_rule(request: HttpRequest, viewer: Viewer, conn: Connection, case_id: UUID) -> HttpResponse:
    """Set a house rule: he is not admitted as of now."""
    form = RuleForm(request.POST)
    if form.is_valid():
        draft = rule_of(form.cleaned_data)
        wrong = set_house_rule(conn, key_ring(), viewer, case_id, draft, at=clock().now(), ids=ids())  # fmt: skip
        if not wrong:
            return redirect("case_orders", case_id=case_id)
        _say(form, wrong)
    view = load_orders_view(conn, key_ring(), viewer, case_id, at=clock().now())
    return _shown(request, viewer, view, rule_form=form, status=400)


@require_POST
@page
def rule(
    request: HttpRequest, viewer: Viewer, conn: Connection, case_id: UUID, rule_id: UUID
) -> HttpResponse:
    """Say that he was told of a house rule; or ask to lift it, or agree to that."""
    act = notice_given if request.POST.get("act") == "noticed" else lift_house_rule
    done = act(conn, key_ring(), viewer, case_id, rule_id, at=clock().now())
    return _done(request, viewer, conn, case_id, done)


def _done(
    request: HttpRequest, viewer: Viewer, conn: Connection, case_id: UUID, done: Refused | None
) -> HttpResponse:
    if done is None:
        return redirect("case_orders", case_id=case_id)
    view = load_orders_view(conn, key_ring(), viewer, case_id, at=clock().now())
    return _shown(request, viewer, view, refused=_(done.because), status=400)


def _say(form: Any, findings: tuple[Finding, ...]) -> None:
    for finding in findings:
        form.add_error(finding.path if finding.path in form.fields else None, _(finding.words))


def _shown(
    request: HttpRequest,
    viewer: Viewer,
    view: OrdersView,
    *,
    asked: datetime | None = None,
    known: datetime | None = None,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    now = clock().now()
    at = asked or now
    is_hers = view.case.protected_id == viewer.person_id
    context = {
        "viewer": viewer,
        "view": view,
        "case": view.case,
        "is_hers": is_hers,
        "may_act": viewer.is_supervisor,
        **_standing(view, at, known),
        "protected": name_of(view.case.protected_id, view.names),
        "colleague": name_of(view.case.colleague_id, view.names),
        "orders": [_order(order, view, viewer, (at, known, now)) for order in view.orders],
        "rules": [_rule(one, view, viewer, at) for one in view.rules],
        "asked_at": words.local(asked, _zone(view)) if asked else "",
        "known_at": words.local(known, _zone(view)) if known else "",
        "zone": _zone(view),
        "instant_form": InstantForm(),
        "rule_form": RuleForm(),
        "known_form": KnownForm(),
        "lower_wish": wish_shown(
            view.door.lower_asked if view.door else None, view.names, viewer, now
        ),
        **signs_shown(view, viewer, now),
        "her_words": [one for one in view.orders if one.body and one.body.her_word],
        "mask_form": MaskForm(),
        **more,
    }
    return render(request, "case_orders.html", context, status=status)


def _standing(view: OrdersView, at: datetime, known: datetime | None) -> dict[str, Any]:
    """Return what the doors do about the case at `at`, by what was known then."""
    case = view.case
    found = posture(
        view.orders,
        view.rules,
        at,
        is_colleague=case.colleague_id is not None,
        lowered_at=view.door.lowered_at if view.door else None,
        released_at=case.released_at,
        known_at=known,
    )
    only_informs = bool(case.colleague_id) and found.instruction is Instruction.INFORM
    return {
        "standing": words.standing_words(found),
        "instruction": words.INSTRUCTION_WORDS[found.instruction],
        "posture": found,
        "only_places": only_informs
        and bool(kept_places(view.orders, at, released_at=case.released_at)),
        **words.closed_words(view.closed, view.door, is_closed_case=case.is_closed),
    }


def _here(view: OrdersView) -> ZoneInfo:
    return ZoneInfo(view.sites[0].time_zone if view.sites else UTC)


def _zone(view: OrdersView) -> str:
    return view.orders[-1].court_time_zone if view.orders else UTC


def _order(
    order: Order,
    view: OrdersView,
    viewer: Viewer,
    when: tuple[datetime, datetime | None, datetime],
) -> dict[str, Any]:
    at, known, now = when
    zone = order.court_time_zone
    counts, enforced = valid(order, at, known), enforceable(order, at, known)
    standing = {fact.id for fact in facts_known(order.facts, known)}
    return {
        "order": order,
        "family": words.FAMILY_WORDS[order.family.value],
        "valid": counts,
        "valid_because": words.verdict_words(counts, order),
        "enforceable": enforced,
        "enforceable_because": words.verdict_words(enforced, order)[:1],
        "her_word": dict(HER_WORDS)[order.body.her_word] if order.body and order.body.her_word else "",
        "conditions": [(code, _(CONDITIONS[code])) for code in order.conditions],
        "away": [_away(one, view) for one in order.stay_away],
        "facts": [fact_shown(fact, view.names, zone, standing) for fact in order.facts if known is None or fact.heard_at <= known],
        "papers": [paper for paper in view.papers if paper.order_id == order.id],
        "entered_by": name_of(order.entered_by_id, view.names),
        "reviewed_by": name_of(order.reviewed_by_id, view.names),
        **second_look(order, view, viewer, now),
        "undrawn": undrawn(order),
        "fact_form": FactForm(auto_id=f"fact_{order.id}_%s"),
        "paper_form": PaperForm(auto_id=f"paper_{order.id}_%s"),
        "her_word_form": HerWordForm(auto_id=f"word_{order.id}_%s", initial={"her_word": order.body.her_word, "her_ground": order.body.her_ground} if order.body else None),
    }  # fmt: skip


def _away(one: Any, view: OrdersView) -> str:
    site = next((s.name for s in view.sites if s.id == one.site_id), "")
    where = site or (_("a place here") if one.place_id else _("her, wherever she is"))
    if one.metres:
        where = _("%(where)s: %(metres)d m") % {"where": where, "metres": one.metres}
    named = one.place_id or one.site_id
    if named is None or named in view.drawn:
        return where
    return _("%(where)s (nobody has drawn it: a position there is not seen)") % {"where": where}


def _metres(view: OrdersView, order_id: UUID, number: int) -> int | None:
    order = next((one for one in view.orders if one.id == order_id), None)
    places = order.body.elsewhere if order and order.body else ()
    return places[number].metres if number < len(places) else None


def _rule(one: Any, view: OrdersView, viewer: Viewer, at: datetime) -> dict[str, Any]:
    stands = one.starts_at <= at < one.ends_at and (one.lifted_at is None or at < one.lifted_at)
    return {
        "rule": one,
        "ground": words.GROUND_WORDS[one.ground.value],
        "notice": words.NOTICE_WORDS[one.notice.value],
        "owner": name_of(one.owner_id, view.names),
        "stands": stands,
        "wish": wish_shown(one.lift_asked, view.names, viewer, at),
        "is_notice_late": one.notice_due_at is not None and one.notice_due_at <= at,
    }
