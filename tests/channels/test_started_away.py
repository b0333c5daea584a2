"""Whom can an engine text that starts while the database is away? Everybody that the snapshot of its predecessor knows."""

import asyncio
from contextlib import suppress
from pathlib import Path

import pytest

from tests.channels.messages import a_message
from tests.snapshots import SLUGS, a_snapshot
from tocsin.engine import snapshotting
from tocsin.engine.assembly import Assembly
from tocsin.runtime import keys as keys_module
from tocsin.runtime import settings as settings_module
from tocsin.runtime import tables
from tocsin.runtime.encryption import KeyRing

GATEWAY = """
[sms-{slug}]
organisation = "{slug}"
kind = "http"
url = "http://127.0.0.1:9/send"
body = "to={{to}}&text={{text}}"
number = "+15550001"
secret = "a secret of the gateway"
"""


@pytest.mark.guarantee("I22")
async def test_an_engine_that_starts_without_the_database_knows_each_employers_gateway(
    tmp_path: Path,
) -> None:
    gateways = tmp_path / "gateways.toml"
    gateways.write_text("".join(GATEWAY.format(slug=slug) for slug in SLUGS.values()))
    gateways.chmod(0o600)
    config = settings_module.load({"TOCSIN_DATA": str(tmp_path), "TOCSIN_GATEWAYS": str(gateways)})
    config.spool_dir.mkdir(parents=True)
    keys = keys_module.ensure(config.keys_dir)
    snapshotting.write(config.spool_dir, KeyRing(keys.masters), a_snapshot())

    channel = Assembly(config, keys).channels["sms"]

    known = {org: channel.peer(a_message(organisation_id=org)) for org in SLUGS}
    assert known == {org: f"gateway:sms-{slug}" for org, slug in SLUGS.items()}


async def connections_until_it_calls(folder: Path, *, are_held_back: bool) -> int:
    """Return how often an engine asks a PostgreSQL that says nothing, until it is ready to call people without it."""
    asked = 0

    async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        asked += 1
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    url = f"postgresql://127.0.0.1:{port}/tocsin?sslmode=disable&gssencmode=disable"
    config = settings_module.load({"TOCSIN_DATA": str(folder), "TOCSIN_DATABASE_URL": url})
    config.spool_dir.mkdir(parents=True)
    config.run_dir.mkdir(parents=True)
    keys = keys_module.ensure(config.keys_dir)
    snapshotting.write(config.spool_dir, KeyRing(keys.masters), a_snapshot())
    if are_held_back:
        lock = tables.hold_back(config)
    assembly = Assembly(config, keys)
    running = asyncio.create_task(assembly.run())
    async with asyncio.timeout(20):
        await assembly.engine.ready.wait()
    asked_by_then = asked
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    await assembly.close()
    server.close()
    if are_held_back:
        lock.close()
    assert assembly.desk.is_away
    return asked_by_then


@pytest.mark.guarantee("I7")
async def test_an_engine_that_starts_without_the_database_asks_for_it_once_before_it_calls(
    tmp_path: Path,
) -> None:
    assert await connections_until_it_calls(tmp_path, are_held_back=False) == 1


@pytest.mark.guarantee("I1")
async def test_an_engine_asks_nothing_of_tables_that_wait_for_newer_code_and_calls(
    tmp_path: Path,
) -> None:
    assert await connections_until_it_calls(tmp_path, are_held_back=True) == 0
