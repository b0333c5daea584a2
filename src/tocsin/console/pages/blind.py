"""What sees, and what sees nothing? Lines for the board, and a page of every reader, tracker, post and briefing.

Of the places that orders name only those are shown that nobody has drawn: the orders themselves are opened by no board.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from tocsin.console.installation import clock
from tocsin.console.pages.page import page
from tocsin.console.pages.refusals import in_words
from tocsin.decisions.access_blind import BlindLine, load_blind, load_blind_of_case, load_watching
from tocsin.flow.respond import Refused
from tocsin.flow.say_gone import say_gone
from tocsin.registry.access import Viewer
from tocsin.runtime.database import Connection
from tocsin.signals.rules.blind import Because, Spot, Watcher, What

WHAT_WORDS: Final = {
    What.READER: gettext_lazy("reader"),
    What.TRACKER: gettext_lazy("tracker"),
    What.POST: gettext_lazy("post"),
    What.BRIEFING: gettext_lazy("briefing"),
    What.PLACE: gettext_lazy("place"),
    What.ELSEWHERE: gettext_lazy("other places of an order"),
    What.ENTRY: gettext_lazy("what the doors know of a case"),
    What.PAPERS: gettext_lazy("papers of a case"),
}
BECAUSE_WORDS: Final = {
    Because.SILENT: gettext_lazy("nothing heard of it"),
    Because.NEVER_HEARD: gettext_lazy("never heard since it was enrolled"),
    Because.WRONG_CLOCK: gettext_lazy(
        "its clock is wrong: what it sends is set aside, and it recognises nobody"
    ),
    Because.REVOKED: gettext_lazy("revoked, and no reader of its kind stands in for it"),
    Because.UNMANNED: gettext_lazy("nobody who may keep it is on the roster"),
    Because.UNREAD: gettext_lazy("who is on duty has not read it"),
    Because.NOT_DRAWN: gettext_lazy("nobody has drawn it: a position there is not seen"),
    Because.UNREADABLE: gettext_lazy(
        "it cannot be opened: nobody is recognised by it until whoever runs this system mends it"
    ),
}


NO_POSITION: Final = gettext_lazy("no new position of it")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the board. `level`: urgent, open or held, as everywhere. `missed`: the reader that was revoked."""

    text: str
    since: datetime
    zone: str
    level: str
    missed: UUID | None = None


def blind_lines(conn: Connection, viewer: Viewer, at: datetime) -> tuple[Line, ...]:
    """Return what the board says of blindness, the urgent first; nothing where everything sees."""
    return tuple(_line(one) for one in load_blind(conn, viewer, at=at))


def blind_of_case(conn: Connection, viewer: Viewer, case_id: UUID) -> tuple[Line, ...]:
    """Return what the page of a case's orders says of blindness; nothing where everything sees."""
    return tuple(_line(one) for one in load_blind_of_case(conn, viewer, case_id))


@require_GET
@page
def blind(request: HttpRequest, viewer: Viewer, conn: Connection) -> HttpResponse:
    """Show everything that should see, what is blind first."""
    at = clock().now()
    context = {
        "viewer": viewer,
        "at": at,
        "lines": blind_lines(conn, viewer, at),
        "watching": [
            (one, WHAT_WORDS[one.watcher.what], _because(one.watcher))
            for one in load_watching(conn, viewer, at=at)
        ],
    }
    return render(request, "blind.html", context)


@require_POST
@page
def reader_gone(
    request: HttpRequest, viewer: Viewer, conn: Connection, case_id: UUID, sender_id: UUID
) -> HttpResponse:
    """Say that a reader which was revoked is gone on purpose: this case misses it no more."""
    done = say_gone(conn, viewer, case_id, sender_id, at=clock().now())
    if isinstance(done, Refused):
        return render(request, "not_done.html", {"viewer": viewer, "because": in_words(done.because)}, status=400)  # fmt: skip
    return redirect("case_orders", case_id=case_id)


def _because(one: Watcher | Spot) -> object:
    # A tracker that is heard of may still be seen nowhere.
    is_lost = one.what is What.TRACKER and one.because is Because.SILENT
    return NO_POSITION if is_lost else BECAUSE_WORDS[one.because]


def _line(one: BlindLine) -> Line:
    spot = one.spot
    words = {
        "what": WHAT_WORDS[spot.what],
        "name": one.name if spot.what is not What.BRIEFING else "",
        "site": one.site,
        "because": _because(spot),
    }
    name = " ".join(f"{words['what']} {words['name']}".split())
    words["name"] = name[:1].upper() + name[1:]
    if spot.back_at and spot.because is Because.REVOKED:
        text = _("%(name)s, %(site)s: missed no more: it is gone on purpose, or another stands in for it") % words  # fmt: skip
        return Line(text, spot.back_at, one.zone, "held")
    if spot.back_at and spot.is_gone:
        text = _("%(name)s, %(site)s: saw nothing, and is not watched any more") % words
        return Line(text, spot.back_at, one.zone, "held")
    if spot.back_at:
        return Line(_("%(name)s, %(site)s: sees again") % words, spot.back_at, one.zone, "held")
    if spot.well_since:
        return Line(
            _("%(name)s, %(site)s: heard again, watched whether it stays") % words,
            spot.well_since,
            one.zone,
            "open",
        )
    text = _("DEGRADED: %(name)s, %(site)s: %(because)s") % words
    if spot.case_id is None:
        # Everybody reads this line. Whether somebody could be told depends on who is kept out of what, so it is not said.
        return Line(text, spot.since, one.zone, "open")
    told = _("the duty lead was told") if spot.told_at else _("NOBODY COULD BE TOLD")
    level = "open" if spot.told_at else "urgent"
    missed = spot.subject_id if spot.because is Because.REVOKED else None
    return Line(f"{text}; {told}", spot.since, one.zone, level, missed)
