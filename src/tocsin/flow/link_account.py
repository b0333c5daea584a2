"""Somebody close to the respondent is shut out too; no reason is asked or kept. Letting in again takes two (I17)."""

from datetime import datetime
from typing import Final
from uuid import UUID

import psycopg

from tocsin.flow.respond import Refused
from tocsin.registry import store_grants as grants
from tocsin.registry.access import Hidden, note
from tocsin.registry.access_cases import HERSELF, Reading
from tocsin.registry.rules.grants import Party, Says, Wish, says
from tocsin.runtime.database import Connection

NOT_SHUT_OUT: Final = (
    "you cannot shut this person out: nobody is of her own case, and one person shuts out only a few, of those who lead"
    " fewer still; somebody else who may read the case adds the others"
)
ASKED_ALREADY: Final = Refused("a second person must agree: you asked for it")
# Whoever let himself in alone shuts out, and changes nothing else of who may know.
BY_GLASS: Final = Refused("somebody else must agree to this")


def link_account(
    conn: Connection, reading: Reading, person_id: UUID, *, at: datetime
) -> Refused | None:
    """Shut this person out of the case from this moment on; None when it is so."""
    viewer = reading.viewer
    if person_id == viewer.person_id:
        return Refused("nobody shuts himself out: end your own grant")
    try:
        with conn.transaction():
            is_new = grants.add_party(conn, viewer.organisation_id, reading.case_id, person_id, at)
    except (psycopg.errors.InsufficientPrivilege, psycopg.errors.ForeignKeyViolation):
        return Refused(NOT_SHUT_OUT)
    if is_new:
        _note(conn, reading, "party.linked", person_id, at)
    return None


def ask_unlink(
    conn: Connection, reading: Reading, party_id: UUID, *, at: datetime
) -> Refused | None:
    """Ask to let somebody in again; a second person has to agree within `WISH_FOR`. None when it is asked.

    Raises:
        Hidden: nobody like that is shut out of this case.
    """
    party = _known(conn, reading, party_id)
    if reading.is_by_glass:
        return BY_GLASS
    if party.unlink_asked is not None and party.unlink_asked.waits(at):
        return Refused("somebody has asked for it already")
    grants.ask_unlink(conn, party_id, reading.viewer.person_id, at)
    _note(conn, reading, "party.unlink_asked", party.person_id, at)
    return None


def agree_unlink(
    conn: Connection, reading: Reading, party_id: UUID, *, at: datetime
) -> Refused | None:
    """Let somebody in again, as the second person; None when it is so.

    Raises:
        Hidden: nobody like that is shut out of this case.
    """
    party = _known(conn, reading, party_id)
    if reading.is_by_glass:
        return BY_GLASS
    said = says(party.unlink_asked, None, reading.viewer.person_id, at)
    if said is Says.ASKS:
        return Refused("nobody has asked for it within a week: ask again")
    if said is Says.ASKED_ALREADY:
        return ASKED_ALREADY
    grants.unlink(conn, party_id, reading.viewer.person_id, at)
    _note(conn, reading, "party.unlinked", party.person_id, at)
    return None


def name_advocate(
    conn: Connection, reading: Reading, person_id: UUID | None, *, at: datetime
) -> Refused | None:
    """Write who hears, without any word of the case, when somebody is let in; None when it is so, or is asked for.

    The first one is named at once, and she names whom she likes. To put another in his place, whoever else may read the
    case asks, and a second person agrees: he is the one who would hear of whoever is let in.
    """
    if reading.is_by_glass:
        return BY_GLASS
    now = grants.find_advocate(conn, reading.case_id)
    if now == person_id:
        return None
    if now is not None and reading.why != HERSELF:
        wish = grants.load_keeping(conn, reading.case_id).advocate_asked
        said = says(wish, person_id, reading.viewer.person_id, at)
        if said is Says.ASKED_ALREADY:
            return ASKED_ALREADY
        if said is Says.ASKS:
            asked = Wish(person_id, reading.viewer.person_id, at)
            grants.ask_advocate(conn, reading.case_id, asked)
            _note(conn, reading, "case.advocate_asked", person_id, at)
            return None
    grants.set_advocate(conn, reading.case_id, person_id)
    _note(conn, reading, "case.advocate", person_id, at)
    return None


def _known(conn: Connection, reading: Reading, party_id: UUID) -> Party:
    for party in grants.load_parties(conn, reading.case_id):
        if party.id == party_id and not party.is_respondent:
            return party
    raise Hidden


def _note(
    conn: Connection, reading: Reading, kind: str, person_id: UUID | None, at: datetime
) -> None:
    body = {"case": reading.case_id} | ({"person": person_id} if person_id else {})
    note(conn, reading.viewer, kind, body, at=at)
