"""What does each address answer whom, as whatever he is employed? Asked within one process, of the very same state each time.

Run as a program: a job in JSON on standard input, a line of JSON for each answer on standard output. The request goes
through the whole of Django, as a real one does; what it does to the database is taken back, so that no cell hangs on the
cell before it, and a press may be tried by everybody.
"""

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from typing import Any

CSRF = "c" * 32
METHODS = ("GET", "POST")
# Beside a reading of the case: the first page for police is an entry of its own.
LOOKS = ("record.read", "record.exported", "order.first_page")


@dataclass(frozen=True, slots=True)
class Answer:
    """What one address said to one player, employed as `role`. `digest` is of everything that it said, masked."""

    route: str
    method: str
    column: str
    role: str
    status: int
    has_canary: bool
    has_word: bool
    digest: str
    was_read_first: bool


def ask(environment: Mapping[str, str], job: Mapping[str, Any]) -> "subprocess.Popen[str]":
    """Start asking; `answers_of` reads what comes."""
    asking = subprocess.Popen(
        [sys.executable, "-m", "tests.insider.asking"],
        env=dict(environment),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert asking.stdin
    asking.stdin.write(json.dumps(job))
    asking.stdin.close()
    return asking


def answers_of(asking: "subprocess.Popen[str]") -> list[Answer]:
    """Return all answers of a job."""
    assert asking.stdout
    found = [Answer(**json.loads(line)) for line in asking.stdout]
    assert asking.wait(timeout=10) == 0
    return found


def main() -> None:
    """Do the job that is given."""
    from tocsin.console import django_settings
    from tocsin.runtime import settings

    job = json.load(sys.stdin)
    # What the pages log is no answer.
    answers, sys.stdout = sys.stdout, sys.stderr
    django_settings.configure(settings.load(), "web")
    for answer in _asked(job):
        answers.write(json.dumps(answer) + "\n")


def _asked(job: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    import psycopg
    from django.core.signals import request_started
    from django.db import close_old_connections

    from tests.insider.test_two_worlds import KNOWN

    # It would close the connection whose transaction is taken back.
    request_started.disconnect(close_old_connections)
    KNOWN.update(job["known"])
    watch = watched(job["case_id"])
    cookies = {column: session_of(account) for column, account in job["players"].items()}
    refused: set[tuple[str, str]] = set()
    with psycopg.connect(job["superuser"], autocommit=True) as dba:
        for role in job["roles"]:
            dba.execute("update registry_person set role = %s where id = any(%s::uuid[])", (role, job["employed"]))  # fmt: skip
            for column, cookie in cookies.items():
                if role != job["roles"][0] and column in job["without_role"]:
                    continue
                for name, address in job["routes"]:
                    if role != job["roles"][0] and name in job["of_signing_in"]:
                        continue
                    for method in METHODS:
                        if (name, method) in refused:
                            continue
                        is_compared = column in job["compared"]
                        found = _one(method, address, cookie, job, watch, is_compared=is_compared)
                        if found["status"] == 405:
                            refused.add((name, method))
                        yield {"route": name, "method": method, "column": column, "role": role} | found  # fmt: skip


def session_of(account: str | None) -> str:
    """Return the cookie of a session as signing in makes it, or of none."""
    if account is None:
        return ""
    import time

    from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
    from django.contrib.auth import (
        BACKEND_SESSION_KEY,
        HASH_SESSION_KEY,
        SESSION_KEY,
        get_user_model,
    )
    from django.contrib.sessions.backends.db import SessionStore

    user = get_user_model()._default_manager.get(pk=account)
    session = SessionStore()
    session[SESSION_KEY] = account
    session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    now = time.time()
    # So that the second step counts as shown; the name is allauth's own, and private.
    session[f"{AUTHENTICATION_METHODS_SESSION_KEY}_user"] = account
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [
        {"method": "password", "at": now, "username": user.get_username()},
        {"method": "mfa", "at": now, "type": "totp"},
    ]
    session.save()
    return f"; tocsin={session.session_key}"


def _one(
    method: str,
    address: str,
    cookie: str,
    job: Mapping[str, Any],
    watch: list[bool],
    *,
    is_compared: bool,
) -> dict[str, Any]:
    from django.core.cache import cache as remembered
    from django.db import transaction

    from tests.insider.cases import CANARY, NUMBERS

    remembered.clear()
    watch.clear()
    said: list[Any] = []
    with transaction.atomic():
        answer = handler()(
            environ_of(method, address, cookie),
            lambda status, headers: said.extend((status, headers)),
        )
        text = b"".join(answer).decode("utf-8", "replace")
        transaction.set_rollback(True)
    return {
        "status": int(said[0].split()[0]),
        "has_canary": any(sign in text for sign in (CANARY, *NUMBERS)),
        "has_word": job["word"] in text,
        "digest": _digest(said, text) if is_compared else "",
        # What is opened to decide only is no answer: the last time is what is shown.
        "was_read_first": not watch or watch[-1],
    }


def environ_of(method: str, address: str, cookie: str) -> dict[str, Any]:
    """Return what a server hands to the pages with such a request."""
    body = f"csrfmiddlewaretoken={CSRF}".encode() if method == "POST" else b""
    return {
        "REQUEST_METHOD": method,
        "PATH_INFO": address,
        "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "198.51.100.1",
        "HTTP_COOKIE": f"csrftoken={CSRF}{cookie}",
        "CONTENT_TYPE": "application/x-www-form-urlencoded",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(body),
        "wsgi.errors": sys.stderr,
    }


@cache
def handler() -> Any:
    """Return the whole of the pages, as a server calls them."""
    from django.core.handlers.wsgi import WSGIHandler

    return WSGIHandler()


def _digest(said: list[Any], text: str) -> str:
    from tests.insider.test_two_worlds import masked

    # The picture of a new secret is as long as it happens to be.
    has_picture = 'class="qr"' in text
    left_out = {"set-cookie", "content-length"} if has_picture else {"set-cookie"}
    headers = sorted((n, masked(v)) for n, v in said[1] if n.lower() not in left_out)
    whole = json.dumps([said[0], headers, 0 if has_picture else len(text), masked(text)])
    return hashlib.sha256(whole.encode()).hexdigest()


def watched(case_id: str) -> list[bool]:
    """Note, whenever the key of the case is used, whether a look is on record by then; return where it is noted."""
    from uuid import UUID

    from tocsin.console.installation import key_ring
    from tocsin.console.shared import shared_connection
    from tocsin.runtime.encryption import PersonKey

    noted: list[bool] = []
    ring, case = key_ring(), UUID(case_id)
    right = ring.person_key

    def person_key(person_id: UUID, wrapped: bytes) -> PersonKey:
        if person_id == case:
            row = (
                shared_connection()
                .execute(
                    """select exists (select 1 from registry_reading where case_id = %s and read_at >= transaction_timestamp())
                or exists (select 1 from record_entry where at >= transaction_timestamp() and kind = any(%s))""",
                    (case, [*LOOKS]),
                )
                .fetchone()
            )
            noted.append(row == (True,))
        return right(person_id, wrapped)

    ring.person_key = person_key  # type: ignore[method-assign]
    return noted


def split(columns: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return two halves of the columns, for two processes."""
    return [*columns[::2]], [*columns[1::2]]


if __name__ == "__main__":
    main()
