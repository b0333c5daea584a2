"""A second person agrees to less than before, and only now is it done; or refuses, and it never is (I17)."""

from datetime import datetime
from uuid import UUID

from tocsin.flow.ask_loosening import note_loosening
from tocsin.flow.change_policy import keep_policy
from tocsin.flow.plan_shifts import UnsoundLines, keep_roster_lines, take_roster_line
from tocsin.flow.respond import Refused
from tocsin.registry import store_sites as sites
from tocsin.registry.access import Hidden, Viewer
from tocsin.registry.rules import policy_document, roster_document
from tocsin.registry.rules.loosening import MAX_WAIT, POLICY, ROSTER_ADD, Loosening
from tocsin.registry.store_kept_shifts import mark_asked
from tocsin.runtime.database import Connection


def agree_loosening(
    conn: Connection, viewer: Viewer, loosening_id: UUID, *, is_agreed: bool, at: datetime
) -> Refused | None:
    """Make the change, or refuse it; None when it is so. Whoever asked may take it back, and never agree.

    Raises:
        Hidden: the viewer is no lead, or nothing of that kind waits here.
    """
    waiting = sites.load_loosenings(conn, viewer.organisation_id, at - MAX_WAIT)
    asked = next((one for one in waiting if one.id == loosening_id), None)
    if asked is None or not viewer.is_lead:
        raise Hidden
    if is_agreed and asked.asked_by_id == viewer.person_id:
        return Refused("a second person must agree: you asked for it")
    if not sites.decide_loosening(
        conn, asked.id, by_id=viewer.person_id, is_agreed=is_agreed, at=at
    ):
        # Somebody else decided in this very moment: what was refused is not done, what was agreed to not twice.
        return Refused("this does not wait for anybody any more")
    if not is_agreed:
        note_loosening(conn, viewer, "loosening.refused", asked, at=at)
        return None
    note_loosening(conn, viewer, "loosening.agreed", asked, at=at)
    # Whoever asked has written it: the one who agrees sees that too few are on duty, not whose walk hangs on it.
    mark_asked(conn, asked.id)
    done = _done(conn, viewer, asked, at)
    mark_asked(conn, None)
    return done


def _done(conn: Connection, viewer: Viewer, asked: Loosening, at: datetime) -> Refused | None:
    if asked.what == POLICY:
        keep_policy(conn, viewer, asked.site_id, policy_document.from_dict(asked.body), at=at)
    elif asked.what == ROSTER_ADD:
        lines = [
            roster_document.line_from_dict(one["kind"], one["body"]) for one in asked.body["lines"]
        ]
        try:
            keep_roster_lines(conn, viewer, asked.site_id, lines, at=at)
        except UnsoundLines:
            return Refused("the roster has changed: these lines cannot be followed any more")
    else:
        line_id = UUID(asked.body["line"])
        if take_roster_line(conn, viewer, asked.site_id, line_id, at=at) is None:
            return Refused("this line is not in the roster any more")
    return None
