"""Whom can an engine text that starts while the database is away? Everybody that the snapshot of its predecessor knows."""

from pathlib import Path

import pytest

from tests.channels.messages import a_message
from tests.snapshots import SLUGS, a_snapshot
from tocsin.engine import snapshotting
from tocsin.engine.assembly import Assembly
from tocsin.runtime import keys as keys_module
from tocsin.runtime import settings as settings_module
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
