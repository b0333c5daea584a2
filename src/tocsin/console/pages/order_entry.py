"""How does an order come in? One page, by one person, at night; what cannot be taken stays a draft, as it was typed."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.core.files.uploadedfile import SimpleUploadedFile
from django.forms import BoundField
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from tocsin.console.installation import clock, ids, key_ring
from tocsin.console.letting_go import let_go_now
from tocsin.console.pages.order_words import FAMILY_WORDS
from tocsin.console.pages.page import page
from tocsin.flow.enter_order import Entered, enter_order
from tocsin.flow.keep_draft import drop_draft, keep_draft
from tocsin.registry.access import Hidden, Viewer, zone_of
from tocsin.registry.access_orders import (
    Choices,
    OrdersView,
    draft_to_go,
    load_choices,
    load_orders_view,
    load_own_drafts,
)
from tocsin.registry.forms_drafts import draft_of
from tocsin.registry.forms_orders import OrderForm
from tocsin.registry.rules.findings import Finding, errors
from tocsin.registry.rules.order_entry import BESIDE, NOT_HERE, OrderDraft, Picture, judge
from tocsin.registry.rules.paper import kind_of
from tocsin.runtime.database import Connection

FILES: Final = ("photo", "document", "first_page")
# The page in its order: a heading, a hint, whether it is open, and the fields by row.
PARTS: Final = (
    ("who", gettext_lazy("Who"), True, ("protected", "her_word her_ground", "colleague respondent_name", "respondent_born_on relation", "description", "photo")),
    ("more", gettext_lazy("More about him and them"), False, ("aliases others", "phones addresses", "badges", "plates vehicles")),
    ("what", gettext_lazy("What was ordered"), True, ("family", "supersedes supersedes_at_once", "court docket court_time_zone", "issued_on issued_time", "ends_on ends_time", "has_open_end", "notice", "notice_on notice_time", "conditions", "away_from", "away_metres away_her_metres", "has_firearm_mark", "caution")),
    ("terms", gettext_lazy("Hearing, other places, words of the order"), False, ("hearing_on hearing_time", "effective_on effective_time", "petitioner", "elsewhere", "elsewhere_area", "terms", "findings", "is_mutual")),
    ("paper", gettext_lazy("The paper"), True, ("document", "first_page", "source")),
    ("rule", gettext_lazy("House rule of the duty manager"), True, ("with_rule", "rule_ground rule_days", "rule_contest", "rule_notice rule_delay_days", "rule_reason")),
    ("secret", gettext_lazy("Who must not know, who is told"), False, ("linked", "advocate")),
)  # fmt: skip


@require_http_methods(["GET", "POST"])
@page
def new_order(request: HttpRequest, viewer: Viewer, conn: Connection) -> HttpResponseBase:
    """Show the page of an order, empty or as it was typed; on a press, enter it, or keep it as a draft."""
    if not viewer.is_supervisor:
        raise Hidden
    typed = _Typed(request, viewer, conn)
    if request.method != "POST":
        return _shown(request, viewer, typed, typed.form(conn))
    form = typed.form(conn)
    if request.POST.get("do") == "draft":
        typed.keep(conn, form)
        return redirect("orders")
    if form.is_valid():
        draft = typed.draft(form.cleaned_data)
        done = enter_order(
            conn,
            key_ring(),
            viewer,
            draft,
            at=clock().now(),
            ids=ids(),
            case_id=typed.case_id,
        )
        if isinstance(done, Entered):
            drop_draft(conn, viewer, typed.draft_id)
            let_go_now(conn, viewer)
            return redirect("case_orders", case_id=done.case_id)
        _say(form, done.findings)
    else:
        _say(form, typed.judged(form, at=clock().now()))
    typed.keep(conn, form)
    return _shown(request, viewer, typed, form, status=400)


@require_POST
@page
def drop(request: HttpRequest, viewer: Viewer, conn: Connection, draft_id: UUID) -> HttpResponse:
    """Throw a draft away."""
    drop_draft(conn, viewer, draft_id)
    return redirect("orders")


class _Typed:
    """What was typed, now or before: the fields, the files, the draft that they lie in, the case that they belong to."""

    def __init__(self, request: HttpRequest, viewer: Viewer, conn: Connection) -> None:
        self._viewer, self._post = viewer, request.POST if request.method == "POST" else None
        asked = request.POST if self._post is not None else request.GET
        own = load_own_drafts(conn, key_ring(), viewer)
        self._kept = {str(draft.id): draft for draft in own}.get(asked.get("draft", ""))
        # Which other draft makes room, if this one is kept: nobody loses one without a word.
        self.to_go = None if self._kept else draft_to_go(own)
        self.zone = zone_of(conn, viewer)
        self.draft_id = self._kept.id if self._kept else ids().uuid()
        fields = self._kept.fields if self._kept else {}
        self.case_id = _uuid(asked.get("case", "") or (fields.get("case") or [""])[0])
        self.files = dict(self._kept.files) if self._kept else {}
        self._chosen = request.FILES if self._post is not None else MultiValueDict()
        self.choices = load_choices(conn, key_ring(), viewer)

    def form(self, conn: Connection) -> OrderForm:
        """Return the form: bound to what was typed, else with what is usual."""
        at = clock().now()
        view = (
            load_orders_view(conn, key_ring(), self._viewer, self.case_id, at=at)
            if self.case_id
            else None
        )
        offered = _offered(self.choices, view)
        data = self._post
        if data is None and self._kept is not None:
            data = MultiValueDict(self._kept.fields)  # type: ignore[assignment]
        if data is None:
            return OrderForm(choices=offered, initial=_usual(self.choices, view))
        files: MultiValueDict[str, Any] = MultiValueDict()
        for name in FILES:
            if name in self._chosen:
                files[name] = self._chosen[name]
            elif name in self.files:
                kept = self.files[name]
                files[name] = SimpleUploadedFile(name, kept.content, kept.media_type)
        return OrderForm(data, files, choices=offered)

    def draft(self, values: dict[str, Any]) -> OrderDraft:
        """Return the draft that these values say."""
        return draft_of(values, dict(self.choices.people), here=self._here)

    def judged(self, form: OrderForm, *, at: datetime) -> tuple[Finding, ...]:
        """Return what contradicts itself in what could be taken: all that is wrong is said at once, at 02:00 too."""
        if "family" in form.errors:
            return ()
        # As each field reads nothing; a date is None then, and its time may have been typed all the same.
        blank = {
            name: field.to_python(None) if field.required else field.clean(None)
            for name, field in form.fields.items()
        }
        blank["court_time_zone"] = self._here
        found = errors(judge(self.draft(blank | form.cleaned_data), at))
        return tuple(finding for finding in found if finding.path not in form.errors)

    @property
    def _here(self) -> str:
        return self.choices.places[0][0].time_zone if self.choices.places else "UTC"

    def keep(self, conn: Connection, form: OrderForm) -> None:
        """Keep all of it as a draft: the fields as they were typed, and the files that are what they should be."""
        for name in FILES:
            file = form.files.get(name)
            if file is None or name in form.errors:
                self.files.pop(name, None)
                continue
            file.seek(0)
            raw = file.read()
            kind = kind_of(raw)
            if kind is not None:
                self.files[name] = Picture(kind, raw)
        post = {} if self._post is None else dict(self._post.lists())
        fields = {
            name: [str(value) for value in values]
            for name, values in post.items()
            if name not in {"csrfmiddlewaretoken", "draft", "do"}
        }
        keep_draft(
            conn,
            key_ring(),
            self._viewer,
            self.draft_id,
            (fields, self.files),
            at=clock().now(),
        )


def _shown(
    request: HttpRequest, viewer: Viewer, typed: _Typed, form: OrderForm, status: int = 200
) -> HttpResponse:
    wrong = [
        (form[name].label, form[name].id_for_label) for name in form.errors if name in form.fields
    ]
    context = {
        "viewer": viewer,
        "form": form,
        "parts": [
            (code, title, is_open or any(f.errors for row in rows for f in row), rows)
            for code, title, is_open, rows in (
                (code, title, is_open, list(_rows(form, names, typed)))
                for code, title, is_open, names in PARTS
            )
        ],
        "wrong": wrong,
        "draft_id": typed.draft_id,
        "to_go": typed.to_go,
        "zone": typed.zone,
        "case_id": typed.case_id,
        "kept_files": [form[name].label for name in FILES if name in typed.files],
    }
    return render(request, "order_new.html", context, status=status)


def _rows(form: OrderForm, names: Iterable[str], typed: _Typed) -> Iterable[list[BoundField]]:
    # The first order of a case replaces none.
    rows = (row for row in names if typed.case_id or not row.startswith("supersedes"))
    return ([form[name] for name in row.split()] for row in rows)


def _say(form: OrderForm, findings: Iterable[Finding]) -> None:
    for finding in findings:
        form.add_error(finding.path if finding.path in form.fields else None, _(finding.words))


def _offered(choices: Choices, view: OrdersView | None) -> dict[str, list[tuple[str, str]]]:
    people = [(str(person_id), name) for person_id, name in choices.people]
    nobody = [("", "–")]
    places = []
    for site, parts in choices.places:
        places.append((f"site:{site.id}", site.name))
        places += [(f"place:{part.id}", f"{site.name}: {part.name}") for part in parts]
    orders = [
        (
            str(order.id),
            f"{FAMILY_WORDS[order.family.value]} {order.body.docket if order.body else ''}",
        )
        for order in (view.orders if view else ())
    ]
    beside = [(BESIDE, _("None: it stands beside them"))] if orders else []
    return {
        "protected": nobody + people,
        "colleague": [
            ("", _("No, or not known")),
            (NOT_HERE, _("No: another one of the same name")),
            *people,
        ],
        "linked": people,
        "advocate": nobody + people,
        "away_from": places,
        "supersedes": [("", "–"), *beside, *orders],
    }


def _usual(choices: Choices, view: OrdersView | None) -> dict[str, object]:
    zone = choices.places[0][0].time_zone if choices.places else "UTC"
    found: dict[str, object] = {
        "court_time_zone": zone,
        "conditions": ["01", "04", "05"],
        "away_from": [f"site:{site.id}" for site, _parts in choices.places],
    }
    if view is not None:
        case, who = view.case, view.case.respondent
        found |= {
            "protected": str(case.protected_id or ""),
            "colleague": str(case.colleague_id or ""),
            "respondent_name": who.name,
            "respondent_born_on": who.born_on.isoformat() if who.born_on else "",
            "relation": who.relation,
            "description": who.description,
            "family": "final",
        }
    return found


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError as problem:
        raise Hidden from problem
