"""Is a reading on record, and committed, before a byte of the answer leaves? Asked of every address that shows a word of a case.

Run as a program: a job in JSON on standard input, a line of JSON for each answer. It looks at the moment at which a server
would send the head of the answer, over a connection of its own, so that only what is committed counts; then it ends the
connection of the page, as the database sees it when the process is killed there or the reader has gone.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from tests.insider.asking import LOOKS, METHODS, environ_of, handler, session_of, watched

# How the pages are run. `commit after`: the transaction ends when the answer has been sent. `log after`: what says that
# somebody reads is written when the answer has been made.
RIGHT, COMMIT_AFTER, LOG_AFTER = "right", "commit after", "log after"
_ON_RECORD: Final = """select (select count(*) from registry_reading where case_id = %s and read_at >= %s)
    + (select count(*) from record_entry where at >= %s and kind = any(%s))"""
NOT_TAKEN: Final = 405
_WRITES: Final = ("insert into registry_reading", "insert into record_entry")


class Read(NamedTuple):
    """One answer. `is_committed`: a look was on record for good when its head was sent; `stays`: and after a kill then."""

    how: str
    column: str
    method: str
    route: str
    status: int
    has_canary: bool
    is_logged_first: bool
    is_committed: bool
    stays: bool


def read_all(environment: Mapping[str, str], job: Mapping[str, Any]) -> list[Read]:
    """Return every answer that shows a word of the case, run in each of the three ways."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.insider.reading"],
        env=dict(environment), input=json.dumps(job), capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-4000:]
    return [Read(*json.loads(line)) for line in done.stdout.splitlines()]


def main() -> None:
    """Do the job that is given."""
    from tocsin.console import django_settings
    from tocsin.runtime import settings

    job = json.load(sys.stdin)
    answers, sys.stdout = sys.stdout, sys.stderr
    django_settings.configure(settings.load(), "web")
    for answer in _read(job):
        answers.write(json.dumps(answer) + "\n")


def _read(job: Mapping[str, Any]) -> Iterator[Read]:
    import psycopg
    from django.core.signals import request_started
    from django.db import close_old_connections

    # It would close the connection whose transaction is taken back; here each request has one of its own.
    request_started.disconnect(close_old_connections)
    watch = watched(job["case_id"])
    cookies = {column: session_of(account) for column, account in job["players"].items()}
    with psycopg.connect(job["superuser"], autocommit=True) as dba:
        ask = _asker(job, dba, watch)
        wanted = [
            (column, method, name, address)
            for method in METHODS
            for column in cookies
            for name, address in job["routes"]
        ]
        showing, refused = [], set()
        for each in wanted:
            # A method that an address does not take is tried once.
            if each[1:3] in refused:
                continue
            answer = ask(COMMIT_AFTER, *each, cookies[each[0]])
            refused |= {each[1:3]} if answer.status == NOT_TAKEN else set()
            showing += [(each, answer)] if answer.has_canary else []
        yield from (answer for _each, answer in showing)
        for how in (LOG_AFTER, RIGHT):
            yield from (ask(how, *each, cookies[each[0]]) for each, _answer in showing)


Ask = Callable[[str, str, str, str, str, str], Read]


def _asker(job: Mapping[str, Any], dba: Any, watch: list[bool]) -> Ask:
    from django.core.cache import cache as remembered
    from django.db import connection

    from tests.insider.cases import CANARY

    def ask(how: str, column: str, method: str, name: str, address: str, cookie: str) -> Read:
        remembered.clear()
        watch.clear()
        connection.ensure_connection()
        page, since = connection.connection.info.backend_pid, datetime.now(UTC)
        seen: dict[str, Any] = {}

        def on_record() -> bool:
            asked = (job["case_id"], since, since, [*LOOKS])
            return bool(dba.execute(_ON_RECORD, asked).fetchone()[0])

        def head(status: str, _headers: Any) -> None:
            seen.update(status=int(status.split(maxsplit=1)[0]), committed=on_record())
            if how == RIGHT:
                dba.execute("select pg_terminate_backend(%s, 2000)", (page,))

        with _as(how):
            text = b"".join(handler()(environ_of(method, address, cookie), head)).decode("utf-8", "replace")  # fmt: skip
        stays = on_record()
        connection.close()
        return Read(how, column, method, name, seen["status"], CANARY in text, not watch or watch[-1], seen["committed"], stays)  # fmt: skip

    return ask


@contextmanager
def _as(how: str) -> Iterator[None]:
    """Run a page in this way."""
    from django.db import transaction

    with ExitStack() as stack:
        if how != RIGHT:
            stack.enter_context(transaction.atomic())
            stack.callback(transaction.set_rollback, True)
        if how == LOG_AFTER:
            stack.enter_context(_writing_late())
        yield


@contextmanager
def _writing_late() -> Iterator[None]:
    """Let nothing that says that somebody reads be written before the answer is there."""
    import psycopg

    right = {name: getattr(psycopg.Cursor, name) for name in ("execute", "executemany")}

    def late(name: str) -> Any:
        def run(cursor: Any, query: Any, *values: Any, **named: Any) -> Any:
            if any(each in str(query) for each in _WRITES):
                return cursor
            return right[name](cursor, query, *values, **named)

        return run

    try:
        for name in right:
            setattr(psycopg.Cursor, name, late(name))
        yield
    finally:
        for name, method in right.items():
            setattr(psycopg.Cursor, name, method)


if __name__ == "__main__":
    main()
