"""What do the record's tests share? A migrated database for each test, and a signer."""

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


@pytest.fixture
def connect(cluster: Cluster, new_database: Callable[..., str], migrated: str) -> Iterator[Connect]:
    """Return a maker of connections to an empty record, as `engine`, `web` or `owner`."""
    name = new_database(migrated)
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
    migrated: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Installation:
    """Return an installation whose settings are in the environment, with an empty record."""
    url = cluster.url("owner", database=new_database(migrated))
    monkeypatch.setenv("TOCSIN_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("TOCSIN_DATABASE_URL", url)
    config = settings.load()
    return Installation(config, keys.ensure(config.keys_dir))
