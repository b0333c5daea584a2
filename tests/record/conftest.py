"""What do the record's tests share? Its tables under forced row-level security, and a signer."""

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
from tocsin.runtime.row_security import protect
from tocsin.runtime.settings import Settings

Connect = Callable[[str], psycopg.Connection[TupleRow]]

# As migration 0001 of the record makes them; the grants come from the same function.
TABLES = """
    create table record_entry (
        id uuid primary key, organisation_id uuid not null, at timestamptz not null,
        kind varchar(40) not null, incident_id uuid, actor_id uuid, leaf bytea not null,
        seq bigint, constraint entry_seq unique (organisation_id, seq));
    create index entry_unsealed on record_entry (organisation_id, at, id) where seq is null;
    create index entry_incident on record_entry (organisation_id, incident_id, at);
    create table record_head (
        id uuid primary key, organisation_id uuid not null, size bigint not null,
        root bytea not null, frontier bytea not null, signed_at timestamptz not null,
        key_id varchar(64) not null, signature bytea not null,
        constraint head_size unique (organisation_id, size));
"""


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
def record_template(cluster: Cluster) -> str:
    """Return the name of a database that has the record's tables and nobody connected."""
    name = "record_template"
    with psycopg.connect(cluster.url("postgres", database="postgres"), autocommit=True) as conn:
        conn.execute(f"create database {name} owner tocsin_owner")
    with psycopg.connect(cluster.url("owner", database=name)) as conn:
        conn.execute(TABLES)
        conn.execute(
            protect("record_entry", web="select, insert", engine="select, insert, update (seq)")
        )
        conn.execute(protect("record_head", web="select", engine="select, insert"))
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
