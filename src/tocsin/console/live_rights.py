"""Who may hold a live stream open, and who may hear of an incident?

Asked in one thread with one connection, so that a thousand screens that come back at once wait for each other and not
for the pages. `None` as an answer: the database cannot be asked now.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import Final, TypeVar
from uuid import UUID

import psycopg
from django.conf import settings as django_conf
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.contrib.sessions.backends.db import SessionStore
from django.utils.crypto import constant_time_compare

from tocsin.notifications.access import hidden_from
from tocsin.registry.access import find_viewer
from tocsin.runtime.database import Connection, connect, viewing
from tocsin.runtime.links import read_stream_token
from tocsin.runtime.settings import Settings

T = TypeVar("T")
BEARER: Final = "Bearer "


@dataclass(frozen=True, slots=True)
class Right:
    """Why a stream is open: a session of a person, or the token of an unattended screen (all None).

    `session_hash`: what the session holds of the password that it was opened with.
    """

    organisation_id: UUID
    person_id: UUID | None = None
    session_key: str | None = None
    account_id: UUID | None = None
    session_hash: str = ""


class Rights:
    """Answers from the database, one question at a time."""

    def __init__(self, settings: Settings, answer_key: bytes) -> None:
        """Open nothing yet; the connection is made with the first question."""
        self._settings = settings
        self._answer_key = answer_key
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="live")
        self._conn: Connection | None = None

    async def of_request(self, headers: dict[str, str]) -> Right | None:
        """Return the right that a request's cookie or token gives, or None.

        Raises:
            ConnectionError: that cannot be known now.
        """
        token = headers.get("authorization", "")
        if token.startswith(BEARER):
            organisation_id = read_stream_token(self._answer_key, token.removeprefix(BEARER))
            return Right(organisation_id) if organisation_id else None
        session_key = _session_key(headers.get("cookie", ""))
        if session_key is None:
            return None
        found = await self._ask(lambda conn: (_of_session(conn, session_key),))
        if found is None:
            raise ConnectionError
        return found[0]

    async def account_of(self, headers: dict[str, str]) -> UUID | None:
        """Return whose session a request's cookie is; None for nobody's, and where that cannot be known now."""
        try:
            right = await self.of_request(headers)
        except ConnectionError:
            return None
        return right.account_id if right else None

    async def still_valid(self, rights: Sequence[Right]) -> set[Right] | None:
        """Return those that still hold, or None if that cannot be known now."""
        return await self._ask(lambda conn: _still_valid(conn, rights)) if rights else set()

    async def hidden_from(
        self, organisation_id: UUID, incident_ids: Sequence[UUID]
    ) -> dict[UUID, frozenset[UUID]] | None:
        """Return, by incident, the people who must not hear of it; None if that cannot be known now."""

        def ask(conn: Connection) -> dict[UUID, frozenset[UUID]]:
            with viewing(conn, organisation_id):
                return hidden_from(conn, incident_ids)

        return await self._ask(ask)

    async def _ask(self, question: Callable[[Connection], T]) -> T | None:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._asked, question)

    def _asked(self, question: Callable[[Connection], T]) -> T | None:
        for _ in range(2):
            try:
                if self._conn is None or self._conn.closed:
                    self._conn = connect(self._settings, "web")
                return question(self._conn)
            except psycopg.OperationalError:
                # PostgreSQL was restarted under the connection: once more on a new one.
                self._conn = None
        return None


def _session_key(cookies: str) -> str | None:
    try:
        morsel = SimpleCookie(cookies).get(django_conf.SESSION_COOKIE_NAME)
    except CookieError:
        return None
    return morsel.value if morsel else None


def _of_session(conn: Connection, session_key: str) -> Right | None:
    with conn.transaction():
        row = conn.execute(
            "select session_data from django_session where session_key = %s and expire_date > now()",
            (session_key,),
        ).fetchone()
        session = SessionStore().decode(row[0]) if row else {}
        account_id = session.get(SESSION_KEY)
        if not account_id or not _has_second_factor(conn, account_id):
            return None
        password = conn.execute(
            "select password from registry_account where id = %s", (account_id,)
        ).fetchone()
        session_hash = str(session.get(HASH_SESSION_KEY, ""))
        if password is None or not constant_time_compare(session_hash, _hash_of(password[0])):
            return None
        viewer = find_viewer(conn, UUID(account_id))
    if viewer is None:
        return None
    return Right(
        viewer.organisation_id, viewer.person_id, session_key, UUID(account_id), session_hash
    )


def _has_second_factor(conn: Connection, account_id: str) -> bool:
    row = conn.execute(
        "select 1 from mfa_authenticator where user_id = %s and type = 'totp'", (account_id,)
    ).fetchone()
    return row is not None


def _hash_of(password: str) -> str:
    """Return what a session that was opened with this password (as it is kept) holds of it."""
    return str(get_user_model()(password=password).get_session_auth_hash())


def _still_valid(conn: Connection, rights: Iterable[Right]) -> set[Right]:
    found = list(rights)
    sessions = conn.execute(
        "select session_key from django_session where session_key = any(%s) and expire_date > now()",
        ([right.session_key for right in found if right.session_key],),
    )
    open_now = {session_key for (session_key,) in sessions}
    accounts = conn.execute(
        "select id, password from registry_account where id = any(%s) and is_active",
        (list({right.account_id for right in found if right.account_id}),),
    )
    # A new password ends what was opened with the one before; Django deletes such a session only when it asks for a page.
    hashes = {account_id: _hash_of(password) for account_id, password in accounts}
    return {
        right
        for right in found
        if right.session_key is None or (right.session_key in open_now and _is_of(hashes, right))
    }


def _is_of(hashes: Mapping[UUID, str], right: Right) -> bool:
    expected = hashes.get(right.account_id) if right.account_id else None
    return expected is not None and constant_time_compare(right.session_hash, expected)
