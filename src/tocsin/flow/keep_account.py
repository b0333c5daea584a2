"""Somebody keeps what a source says about a fact. It stands beside what others say; nothing is corrected."""

from datetime import datetime
from uuid import UUID

from tocsin.record import store as record
from tocsin.record import store_accounts as store
from tocsin.record.rules.accounts import MAX_ACCOUNTS, Account, refused
from tocsin.record.rules.entries import Entry
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import PersonKey
from tocsin.runtime.ids import uuid7


def keep_account(
    conn: Connection,
    key: PersonKey,
    sealed_of: UUID,
    account: Account,
    *,
    by: UUID | None,
    at: datetime,
) -> dict[str, str]:
    """Return {} when it is kept, else what is wrong by field. The very same one (by its id) is kept once.

    On record is that an account of a fact was kept, by whom and when; the words lie sealed beside it.
    """
    problems = refused(account)
    if problems:
        return problems
    if store.count_accounts(conn, account.about_id) >= MAX_ACCOUNTS:
        return {"words": f"there are {MAX_ACCOUNTS} accounts already"}
    if store.insert_account(conn, key, sealed_of, account):
        record.append(conn, [_entry(account, by, at)])
    return {}


def _entry(account: Account, by: UUID | None, at: datetime) -> Entry:
    body: dict[str, object] = {
        "row": account.id,
        "about": account.about.value,
        "subject": account.about_id,
        "fact": account.fact,
    }
    if account.case_id:
        body["case"] = account.case_id
    if account.said_at:
        body["said_at"] = account.said_at
    incident_id = account.about_id if account.about.value == "incident" else None
    return Entry(uuid7(), account.organisation_id, at, "account.kept", incident_id, by, body)
