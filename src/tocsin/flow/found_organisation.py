"""The first step of an installation: an employer, and an administrator who can sign in and set up the rest."""

from datetime import datetime

import psycopg

from tocsin.flow.respond import Refused
from tocsin.record import store as record
from tocsin.record.rules.entries import Entry
from tocsin.registry import store_people as people
from tocsin.registry import store_sign_ins as sign_ins
from tocsin.registry import store_sites as sites
from tocsin.registry.rules.rows import PersonRow
from tocsin.runtime.database import Connection, set_viewer
from tocsin.runtime.encryption import KeyRing
from tocsin.runtime.ids import uuid7


def found_organisation(
    conn: Connection,
    ring: KeyRing,
    slug: str,
    name: str,
    login: str,
    password_hash: str,
    *,
    at: datetime,
) -> Refused | None:
    """Write an employer with its first administrator; None when it is done.

    She sets up her second factor when she first signs in, and makes everybody else on the pages. Runs in one
    transaction of its own: a refusal leaves nothing.
    """
    organisation_id, administrator = uuid7(), uuid7()
    person = PersonRow(
        id=administrator,
        organisation_id=organisation_id,
        staff_number="admin-1",
        name="First administrator",
        short_name="Administrator",
        role="admin",
    )
    try:
        with conn.transaction():
            set_viewer(conn, organisation_id, administrator)
            sites.insert_organisation(conn, organisation_id, slug, name, at=at)
            people.insert_person(conn, ring, person)
            account = sign_ins.insert_account(
                conn, organisation_id, administrator, login, password_hash
            )
            body = {"row": account, "table": "account", "person": administrator}
            kind = "registry.changed"
            record.append(
                conn, [Entry(uuid7(), organisation_id, at, kind, None, administrator, body)]
            )
    except psycopg.errors.UniqueViolation:
        return Refused("the short name or the login is taken on this installation")
    return None
