"""How long is a case kept? A day on which it is erased, and a legal hold that only two people take away (I17, I26)."""

from datetime import date, datetime

from tocsin.flow.link_account import ASKED_ALREADY, BY_GLASS
from tocsin.flow.respond import Refused
from tocsin.registry import store_grants as store
from tocsin.registry.access import note
from tocsin.registry.access_cases import Reading
from tocsin.registry.rules.grants import SOONEST_ERASED, Says, Wish, says
from tocsin.runtime.database import Connection


def set_erase_on(
    conn: Connection, reading: Reading, day: date | None, *, at: datetime
) -> Refused | None:
    """Set the day on which the case is erased; None: it is kept. A legal hold is stronger. None when it is so, or asked.

    A later day, or none, is one person's to say; a sooner one waits for a second.
    """
    if reading.is_by_glass:
        return BY_GLASS
    if day is not None and day < at.date() + SOONEST_ERASED:
        return Refused("nothing is erased sooner than in 14 days")
    keeping = store.load_keeping(conn, reading.case_id)
    is_sooner = day is not None and (keeping.erase_on is None or day < keeping.erase_on)
    if is_sooner:
        said = says(keeping.erase_asked, day, reading.viewer.person_id, at)
        if said is Says.ASKED_ALREADY:
            return ASKED_ALREADY
        if said is Says.ASKS:
            store.ask_erase_on(conn, reading.case_id, Wish(day, reading.viewer.person_id, at))
            _note(conn, reading, "case.erase_asked", at)
            return None
    store.set_erase_on(conn, reading.case_id, day)
    _note(conn, reading, "case.erase_on", at)
    return None


def lift_hold(conn: Connection, reading: Reading, *, at: datetime) -> Refused | None:
    """Ask to take the legal hold away or, as the second person, take it away; None when either is done."""
    if reading.is_by_glass:
        return BY_GLASS
    keeping = store.load_keeping(conn, reading.case_id)
    if keeping.held_since is None:
        return Refused("there is no legal hold")
    said = says(keeping.lift_asked, None, reading.viewer.person_id, at)
    if said is Says.ASKED_ALREADY:
        return ASKED_ALREADY
    if said is Says.ASKS:
        store.ask_lift(conn, reading.case_id, reading.viewer.person_id, at)
        _note(conn, reading, "case.hold_lift_asked", at)
        return None
    store.lift_hold(conn, reading.case_id)
    _note(conn, reading, "case.hold_lifted", at)
    return None


def _note(conn: Connection, reading: Reading, kind: str, at: datetime) -> None:
    note(conn, reading.viewer, kind, {"case": reading.case_id}, at=at)
