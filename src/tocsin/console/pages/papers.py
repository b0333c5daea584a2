"""Which papers of an order can be opened, by whom? The document by who may read the case, its first page at a door."""

import base64
from typing import Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tocsin.console.installation import clock, key_ring
from tocsin.console.pages.order_words import FAMILY_WORDS, UNDRAWN_WORDS, condition_words
from tocsin.console.pages.page import page
from tocsin.flow.add_paper import add_paper, mask_first_page
from tocsin.registry.access import Viewer
from tocsin.registry.access_orders import find_page, open_document, open_first_page
from tocsin.registry.forms_amending import MaskForm, PaperForm
from tocsin.registry.rules.order_entry import Picture
from tocsin.registry.rules.paper import JPEG, PDF, PNG
from tocsin.runtime.database import Connection
from tocsin.runtime.drawing import Undrawn
from tocsin.runtime.drawing import first_page as first_page_of

ENDINGS: Final = {PDF: "pdf", PNG: "png", JPEG: "jpg"}


@require_GET
@page
def document(
    request: HttpRequest, viewer: Viewer, conn: Connection, case_id: UUID, paper_id: UUID
) -> HttpResponse:
    """Hand out the whole document; the look is on record before."""
    found = open_document(conn, key_ring(), viewer, case_id, paper_id, at=clock().now())
    return _handed(found, "order")


@require_POST
@page
def add(
    request: HttpRequest, viewer: Viewer, conn: Connection, case_id: UUID, order_id: UUID
) -> HttpResponse:
    """Keep the document of an order."""
    form = PaperForm(request.POST, request.FILES)
    if form.is_valid():
        add_paper(
            conn,
            key_ring(),
            viewer,
            (case_id, order_id),
            form.cleaned_data["document"],
            at=clock().now(),
        )
        return redirect("case_orders", case_id=case_id)
    return render(request, "paper.html", {"viewer": viewer, "form": form, "case_id": case_id}, status=400)  # fmt: skip


@require_http_methods(["GET", "POST"])
@page
def mask(
    request: HttpRequest, viewer: Viewer, conn: Connection, case_id: UUID, paper_id: UUID
) -> HttpResponse:
    """Show the first page to who masks it, with boxes to draw on it; on a press, keep the masked one for the doors."""
    form = MaskForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid() and form.cleaned_data["first_page"]:
        mask_first_page(
            conn,
            key_ring(),
            viewer,
            (case_id, paper_id),
            form.cleaned_data["first_page"],
            at=clock().now(),
        )
        return redirect("case_orders", case_id=case_id)
    found = open_document(conn, key_ring(), viewer, case_id, paper_id, at=clock().now())
    shown = _to_draw_on(found)
    context = {
        "viewer": viewer,
        "form": form,
        "case_id": case_id,
        "paper_id": paper_id,
        "is_pdf": found.media_type == PDF,
        "picture": _inline(shown) if isinstance(shown, Picture) else "",
        "why": UNDRAWN_WORDS[shown] if isinstance(shown, Undrawn) else "",
    }
    return render(request, "mask.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@page
def first_page(
    request: HttpRequest, viewer: Viewer, conn: Connection, case_id: UUID
) -> HttpResponse:
    """Say that there is a first page; on a press, show it for police. The look is on record before."""
    if request.method != "POST":
        word = find_page(conn, viewer, case_id)
        shut = {"viewer": viewer, "case_id": case_id, "word": word}
        return render(request, "first_page.html", shut)
    found = open_first_page(conn, key_ring(), viewer, case_id, at=clock().now())
    context = {
        "viewer": viewer,
        "case_id": case_id,
        "word": found.word,
        "page": found.typed,
        "made_at": found.made_at,
        "family": FAMILY_WORDS[found.typed.family],
        "conditions": condition_words(found.typed.conditions),
        "distances": [
            (
                found.places.get(where)
                or (_("a place here") if where else _("her, wherever she is")),
                metres,
            )
            for where, metres in found.typed.distances
        ],
        "picture": _inline(found.picture) if found.picture else "",
    }
    return render(request, "first_page.html", context)


def _to_draw_on(found: Picture) -> Picture | Undrawn:
    if found.media_type != PDF:
        return found
    drawn = first_page_of(found.content)
    return drawn if isinstance(drawn, Undrawn) else Picture(PNG, drawn)


def _inline(found: Picture) -> str:
    # In the page itself: one press is one look, and one line on record.
    return f"data:{found.media_type};base64,{base64.b64encode(found.content).decode()}"


def _handed(found: Picture, name: str) -> HttpResponse:
    response = HttpResponse(found.content, content_type=found.media_type)
    ending = ENDINGS[found.media_type]
    # A browser shows a picture; anything that could hold a script is saved, never run here.
    how = "attachment" if ending == "pdf" else "inline"
    response["Content-Disposition"] = f'{how}; filename="{name}.{ending}"'
    return response
