"""Does a protected word lie or go anywhere in clear? A canary in every field, hunted on disk, in dumps, logs, exports, texts."""

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import psycopg
import pytest

from tests.insider.cases import CANARY, NUMBERS, Worlds, canary
from tests.insider.test_leaving import leaks_in_log
from tocsin.engine.composing import Composer, Links
from tocsin.engine.desk import Desk
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.notifications import store as notifications
from tocsin.notifications.rules.message import Message
from tocsin.record import store as record
from tocsin.record.rules.entries import Entry
from tocsin.record.store_incident import export_incident
from tocsin.runtime import postgres_home
from tocsin.runtime.clock import SystemClock
from tocsin.runtime.ids import uuid7
from tocsin.runtime.links import answer_link
from tocsin.runtime.postgres import Cluster
from tocsin.runtime.settings import Settings

# What a text may never say, besides the canaries: who, and that there is an order.
UNSAID = ("Wren", "Rex", "order", "Sample", "QXZV77", "respondent", "protected")


class OneStore:
    """A desk with one store, in the caller's thread."""

    def __init__(self, alarms: PostgresAlarms) -> None:
        self.alarms = alarms

    async def do(self, question: Callable[[PostgresAlarms], Any], _lane: object) -> Any:
        """Return the answer."""
        with self.alarms.atomically():
            return question(self.alarms)


# Nobody's word: it is written in clear just before the hunt, which must find it in each place that it looks through.
OPEN = "QyOpenWord"
# What may lie nowhere in clear: any canary, his plate, where his monitor was, whoever is named so in any other test.
SEALED = tuple(word.encode() for word in (CANARY, *NUMBERS, "Notreal"))


@pytest.fixture
def planted(worlds: Worlds, cluster: Cluster) -> Iterator[None]:
    """Write an open word into the world with the order, and take it away again."""
    with psycopg.connect(cluster.url("postgres", database="insider_with"), autocommit=True) as conn:
        conn.execute(f"create table hunted as select '{OPEN}' || n as word, convert_to('{OPEN}', 'utf8') as bytes from generate_series(1, 3) n")  # fmt: skip
        conn.execute("checkpoint")
        yield
        conn.execute("drop table hunted")
    assert worlds.secret.word


@pytest.mark.guarantee("I24")
@pytest.mark.usefixtures("planted")
def test_no_canary_lies_on_the_database_s_disk(
    cluster: Cluster, cluster_settings: Settings
) -> None:
    # Data files, temporary files and the write-ahead log alike.
    folder = postgres_home.base_folder(cluster_settings)
    with psycopg.connect(cluster.url("postgres", database="postgres")) as conn:
        # Hundreds by then: what other tests wrote, in which none of this was ever entered.
        rows = conn.execute(r"select oid from pg_database where datname like 'test\_%'")
        others = {folder / "data" / "base" / str(oid) for (oid,) in rows}
    found, places = [], set()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink() and path.parent not in others:
            data = path.read_bytes()
            places |= {path.parent.name if path.parent.name == "pg_wal" else "data"} if OPEN.encode() in data else set()  # fmt: skip
            found += [(path, word) for word in SEALED if word in data]
    assert places == {"pg_wal", "data"}, "the hunt does not read what was just written"
    assert not found


@pytest.mark.guarantee("I24")
@pytest.mark.usefixtures("planted")
def test_no_canary_is_in_a_dump(
    worlds: Worlds, cluster: Cluster, cluster_settings: Settings
) -> None:
    account = None
    programs = postgres_home.programs(cluster_settings, account)
    done = subprocess.run(
        [programs / "pg_dump", cluster.url("postgres", database="insider_with")],
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert worlds.secret.word.encode() in done.stdout
    # Sealed columns are of bytes, which a dump writes as hexadecimal digits: what lies in one in clear is in it only so.
    assert OPEN.encode() in done.stdout
    assert OPEN.encode().hex().encode() in done.stdout
    hunted = [form for word in SEALED for form in (word, word.hex().encode())]
    assert [form for form in hunted if form in done.stdout] == []


@pytest.mark.guarantee("I24")
def test_no_canary_and_no_name_is_in_a_log(worlds: Worlds) -> None:
    logs = sorted(Path(worlds.folder).glob("web-*.log"))
    assert len(logs) == 2
    assert {log.name: leaks_in_log(log.read_text(encoding="utf-8")) for log in logs} == {
        "web-with.log": [],
        "web-without.log": [],
    }


@pytest.mark.guarantee("I24")
def test_a_word_that_a_page_s_logger_writes_is_found_in_the_log_of_the_pages(
    worlds: Worlds,
) -> None:
    # By the pages' own logger, into the file that the running pages write to.
    path = Path(worlds.folder) / "web-with.log"
    said = f"who='Wren Sample', why='{canary('reason')}'"
    careless = (
        "from tocsin.runtime import logs; from tocsin.console import live; logs.configure('web');"
        f" live.log.warning('live.deaf', {said})"
    )
    before = path.stat().st_size
    try:
        with path.open("ab") as file:
            subprocess.run([sys.executable, "-c", careless], stderr=file, check=True, timeout=60)
        assert leaks_in_log(path.read_text(encoding="utf-8")) == [CANARY, "Wren"]
    finally:
        os.truncate(path, before)


def leaking(worlds: Worlds) -> dict[str, int]:
    """Return how many lines of each export hold a canary: the employer's record, her case's, and one incident of each."""
    house, org, at = worlds.inside, worlds.insiders.org, datetime.now(UTC)
    record.seal_all(house.engine, house.keys.record, at=at)
    found = {}
    exports = {
        name: record.export_record(house.engine, log_id, signer=house.keys.record, at=at)
        for name, log_id in (("record", org.id), ("case", worlds.secret.case_id))
    } | {
        name: export_incident(house.engine, org.id, incident_id, signer=house.keys.record, at=at)
        for name, incident_id in incidents(worlds).items()
    }
    for name, export in exports.items():
        lines = list(export)
        assert len(lines) > 2, name
        found[name] = len([line for line in lines if any(word in line for word in SEALED)])
    return found


def incidents(worlds: Worlds) -> dict[str, UUID]:
    """Return an incident that anybody may know of, and the one of her own press."""
    people = worlds.insiders.org.people
    rows = worlds.inside.engine.execute(
        "select person_id, id from decisions_incident where kind = 'sos' and person_id = any(%s)",
        ([people["responder"], people["wren"]],),
    )
    found = dict(rows.fetchall())
    return {"incident": found[people["responder"]], "incident of hers": found[people["wren"]]}


@pytest.mark.guarantee("I11")
def test_the_employers_record_names_nothing_that_is_in_this_world_only(worlds: Worlds) -> None:
    house, org, at = worlds.inside, worlds.insiders.org, datetime.now(UTC)
    record.seal_all(house.engine, house.keys.record, at=at)
    lines = record.export_record(house.engine, org.id, signer=house.keys.record, at=at)
    ids = [str(each).encode() for each in worlds.secret.forbidden]
    # Whoever takes it out may be the respondent: an id tells him as much as a name.
    assert [line for line in lines if any(each in line for each in ids)] == []


@pytest.mark.guarantee("I11")
def test_an_export_of_her_sos_begins_like_any_other_and_names_no_case(worlds: Worlds) -> None:
    house, org, at = worlds.inside, worlds.insiders.org, datetime.now(UTC)
    record.seal_all(house.engine, house.keys.record, at=at)
    case_id, begun = str(worlds.secret.case_id).encode(), []
    for incident_id in incidents(worlds).values():
        with house.engine.transaction():
            lines = list(export_incident(house.engine, org.id, incident_id, signer=house.keys.record, at=at))  # fmt: skip
        # A sighting that joined it says on its page, too, that there is one; nothing else does.
        assert all(b'"kind":"sighting.matched"' in line for line in lines if case_id in line)
        begun.append(mask(lines[0].replace(str(incident_id).encode(), b"ITS OWN")))
    assert begun[0] == begun[1]


@pytest.mark.guarantee("I11")
def test_an_export_for_who_may_not_read_the_case_names_nothing_of_it_but_what_was_seen(
    worlds: Worlds,
) -> None:
    house, org, at = worlds.inside, worlds.insiders.org, datetime.now(UTC)
    record.seal_all(house.engine, house.keys.record, at=at)
    with house.engine.transaction():
        lines = list(export_incident(house.engine, org.id, incidents(worlds)["incident of hers"], signer=house.keys.record, at=at, may_read=lambda _: False))  # fmt: skip
    named = {
        table
        for table, ids in worlds.secret.ids.items()
        for each in worlds.secret.forbidden.intersection(ids)
        if any(str(each).encode() in line for line in lines)
    }
    # Itself, her press, its own lines, and that somebody was seen, which its page says too: no case, order, paper, task.
    assert named == {"decisions_incident", "signals_signal", "signals_sighting", "record_entry"}


def mask(line: bytes) -> bytes:
    """Return the first line without how many entries it announces: what was done about it differs."""
    return re.sub(rb'"(count|size|unsealed)":\d+', rb'"\1":N', line)


@pytest.mark.guarantee("I24")
def test_no_canary_is_in_an_export(worlds: Worlds) -> None:
    assert set(leaking(worlds).values()) == {0}


@pytest.mark.guarantee("I24")
def test_a_word_that_is_written_in_clear_into_the_record_is_found_in_every_export(worlds: Worlds) -> None:  # fmt: skip
    house, org, at = worlds.inside, worlds.insiders.org, datetime.now(UTC)
    with house.engine.transaction(force_rollback=True):
        record.append(
            house.engine,
            [
                Entry(
                    uuid7(),
                    org.id,
                    at,
                    "cancel.refused",
                    incident_id,
                    None,
                    {"because": canary("reason")},
                )
                for incident_id in incidents(worlds).values()
            ],
        )
        assert leaking(worlds) == {"record": 1, "case": 1, "incident": 1, "incident of hers": 1}
    assert set(leaking(worlds).values()) == {0}


def messages(worlds: Worlds) -> Iterator[Message]:
    """Yield every message that lies in the outbox of the world with the order, worded."""
    house = worlds.inside
    alarms = PostgresAlarms(house.engine, house.ring)
    link = Links(partial(answer_link, house.settings.public_url, house.keys.answer))
    composer = Composer(cast("Desk", OneStore(alarms)), SystemClock(), link)
    rows = house.engine.execute("select organisation_id, id from decisions_incident").fetchall()
    for organisation_id, incident_id in rows:
        with alarms.atomically():
            found = notifications.load_of_incident(house.engine, organisation_id, incident_id)
        worded = asyncio.run(composer(list(found)))
        yield from (each for each in worded.values() if isinstance(each, Message))


@pytest.mark.guarantee("I24")
def test_no_text_says_who_or_why(worlds: Worlds) -> None:
    worded = list(messages(worlds))
    assert len(worded) > 3
    for message in worded:
        # The link's secret is letters by chance.
        text = f"{message.subject} {message.text}".replace(message.link or "-", "")
        assert CANARY not in text
        assert not [word for word in UNSAID if word.lower() in text.lower()], text


@pytest.mark.guarantee("I11")
def test_no_message_about_her_goes_to_who_is_shut_out(worlds: Worlds) -> None:
    people = worlds.insiders.org.people
    shut_out = {people[name] for name in ("rex", "lin", "ada")}
    of_hers = [m for m in messages(worlds) if m.incident_id in worlds.secret.forbidden]
    assert of_hers
    assert not [m for m in of_hers if m.person_id in shut_out]
