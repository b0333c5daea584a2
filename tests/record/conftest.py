"""What do the record's tests share? A migrated database for each test, and a signer."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from psycopg.rows import TupleRow

from tocsin.runtime import keys, settings
from tocsin.runtime.keys import Keys, Signer, signer_of
from tocsin.runtime.postgres import Cluster
from tocsin.runtime.settings import Settings

Connect = Callable[[str], psycopg.Connection[TupleRow]]


@dataclass(frozen=True)
class Installation:
    """One installation as its commands find it."""

    settings: Settings
    keys: Keys


@pytest.fixture(scope="session")
def signer() -> Signer:
    """Return a signer of which everybody may know the key."""
    return signer_of(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))


@pytest.fixture(scope="session")
def record_template(cluster: Cluster, cluster_settings: Settings) -> str:
    """Return the name of a migrated database to which nobody is connected."""
    name = "record_template"
    with psycopg.connect(cluster.url("postgres", database="postgres"), autocommit=True) as conn:
        conn.execute(f"create database {name} owner tocsin_owner")
    # In a process of its own: Django is set up once a process, and for one database.
    environment = {
        **os.environ,
        "TOCSIN_DATA": str(cluster_settings.data_dir),
        "TOCSIN_DATABASE_URL": cluster.url("owner", database=name),
    }
    command = [sys.executable, "-m", "tocsin.console.manage", "migrate"]
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return name


@pytest.fixture
def connect(
    cluster: Cluster, new_database: Callable[..., str], record_template: str
) -> Iterator[Connect]:
    """Return a maker of connections to an empty record, as `engine`, `web` or `owner`."""
    name = new_database(record_template)
    connections: list[psycopg.Connection[TupleRow]] = []

    def make(role: str) -> psycopg.Connection[TupleRow]:
        connections.append(psycopg.connect(cluster.url(role, database=name), autocommit=True))
        return connections[-1]

    yield make
    for connection in connections:
        connection.close()


@pytest.fixture
def engine(connect: Connect) -> psycopg.Connection[TupleRow]:
    """Return a connection as the engine."""
    return connect("engine")


@pytest.fixture
def installation(
    cluster: Cluster,
    new_database: Callable[..., str],
    record_template: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Installation:
    """Return an installation whose settings are in the environment, with an empty record."""
    url = cluster.url("owner", database=new_database(record_template))
    monkeypatch.setenv("TOCSIN_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("TOCSIN_DATABASE_URL", url)
    config = settings.load()
    return Installation(config, keys.ensure(config.keys_dir))
