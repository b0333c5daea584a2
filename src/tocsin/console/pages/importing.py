"""How does a workplace come in from files? First a report of every line, then all of it at once, or nothing.

Between the report and the press the file stays in the browser that chose it; this server keeps nothing of it.
"""

import base64
import binascii
from typing import Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from tocsin.console.installation import clock, key_ring, settings
from tocsin.console.pages.import_words import rows
from tocsin.console.pages.page import page
from tocsin.flow.import_people import import_contacts, import_people
from tocsin.flow.import_report import Report
from tocsin.flow.import_roster import import_roster
from tocsin.registry.access import Hidden, Viewer, load_site_list
from tocsin.registry.rules.rows import SiteRow
from tocsin.runtime.database import Connection

# In base64 and beside the rest of a form it stays below what a request may hold.
MAX_BYTES: Final = 600_000
KINDS: Final = (
    ("people", gettext_lazy("People (CSV)"), "staff_number, name, role, short_name, language, site, manager, teams"),
    ("contacts", gettext_lazy("Ways to reach them (CSV)"), "staff_number, channel, address, order, is_work, safe_from, safe_until, safe_days"),
    ("roster", gettext_lazy("Roster of a site (CSV or calendar)"), "staff_number, date, start, end, role, post"),
)  # fmt: skip


@require_http_methods(["GET", "POST"])
@page
def importing(request: HttpRequest, viewer: Viewer, conn: Connection) -> HttpResponse:
    """Show what a chosen file would bring; on the second press, take it."""
    if not viewer.is_administrator:
        raise Hidden
    sites = load_site_list(conn, viewer)
    context: dict[str, object] = {"viewer": viewer, "kinds": KINDS, "sites": sites}
    if request.method == "POST":
        raw, problem = _file(request)
        kind, site = request.POST.get("kind", ""), _site(request, sites)
        context |= {"kind": kind, "site": site, "problem": problem}
        if not problem:
            is_save = request.POST.get("do") == "save"
            found = _taken(conn, viewer, (kind, site, raw), request, save=is_save)
            context |= {
                "report": found,
                "refused": rows(found.refused),
                "warned": rows(found.warned),
            }
            context["content"] = base64.b64encode(raw).decode()
            context["region"] = request.POST.get("region", "")
    return render(request, "import.html", context)


def _file(request: HttpRequest) -> tuple[bytes, str]:
    """Return the chosen file, or the one that the report's form carries, and what is wrong with it."""
    chosen = request.FILES.get("file")
    if chosen is not None:
        if chosen.size is None or chosen.size > MAX_BYTES:
            return b"", _("The file is larger than 600 kB; divide it.")
        return chosen.read(), ""
    try:
        raw = base64.b64decode(request.POST.get("content", ""), validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    return raw, "" if raw else _("Choose a file.")


def _site(request: HttpRequest, sites: list[SiteRow]) -> SiteRow | None:
    return next((site for site in sites if str(site.id) == request.POST.get("site")), None)


def _taken(
    conn: Connection,
    viewer: Viewer,
    what: tuple[str, SiteRow | None, bytes],
    request: HttpRequest,
    *,
    save: bool,
) -> Report:
    kind, site, raw = what
    at, ring = clock().now(), key_ring()
    if kind == "people":
        return import_people(conn, ring, viewer, raw, at=at, save=save)
    if site is None:
        raise Hidden
    if kind == "contacts":
        region = request.POST.get("region", "").strip().upper()[:2]
        return import_contacts(
            conn, ring, viewer, raw, region=region, zone=site.time_zone, at=at, save=save,
            allows_plain=settings().private_webhooks,
        )  # fmt: skip
    if kind == "roster":
        site_id: UUID = site.id
        return import_roster(conn, ring, viewer, site_id, raw, at=at, save=save)
    raise Hidden
