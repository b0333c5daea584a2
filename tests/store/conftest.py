"""Which stores does the contract hold for?"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import psycopg
import pytest

from tests.builders import AT
from tests.conftest import clone
from tests.snapshots import Hands, a_snapshot
from tests.store.seeding import Seeding
from tests.store.stores import Store
from tocsin.flow.memory_alarms import MemoryAlarms
from tocsin.flow.memory_holds import NotUniqueError
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.notifications import store as notifications
from tocsin.notifications.rules.delivery import Delivery
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing
from tocsin.runtime.postgres import Cluster


@pytest.fixture(params=["memory", "postgres"])
def store(request: pytest.FixtureRequest) -> Store:
    """Return an empty store that knows both employers."""
    return request.getfixturevalue(f"{request.param}_store")  # type: ignore[no-any-return]


@pytest.fixture
def memory_store() -> Store:
    """Return the store in memory."""
    alarms = MemoryAlarms(a_snapshot(), Hands().now)

    def revoke(device_id: UUID) -> None:
        alarms._devices[device_id] = replace(alarms._devices[device_id], is_revoked=True)

    def find(incident_id: UUID, delivery_id: UUID) -> Delivery:
        return next(d for d in alarms.deliveries(incident_id) if d.id == delivery_id)

    return Store(alarms, NotUniqueError, revoke, find)


@pytest.fixture(scope="session")
def ring() -> KeyRing:
    """Return keys that everybody may know."""
    return KeyRing([bytes(range(32))])


@pytest.fixture(scope="session")
def alarms_template(cluster: Cluster, migrated: str, ring: KeyRing) -> str:
    """Return the name of a migrated database with both employers, to which nobody is connected."""
    name = "alarms_template"
    clone(cluster, name, template=migrated)
    with psycopg.connect(cluster.url("postgres", database=name)) as conn:
        Seeding(conn, ring).all_of(a_snapshot())
    return name


@pytest.fixture
def postgres_store(
    cluster: Cluster, new_database: Callable[..., str], alarms_template: str, ring: KeyRing
) -> Iterator[Store]:
    """Return the store on PostgreSQL, as the engine uses it."""
    name = new_database(alarms_template)
    conn = psycopg.connect(cluster.url("engine", database=name), autocommit=True)
    alarms = PostgresAlarms(conn, ring)

    def revoke(device_id: UUID) -> None:
        with psycopg.connect(cluster.url("postgres", database=name)) as owner:
            statement = "update registry_device set revoked_at = %s where id = %s"
            owner.execute(statement, (AT, device_id))

    def find(incident_id: UUID, delivery_id: UUID) -> Delivery:
        with alarms.atomically():
            found = notifications.load_of_incident(conn, _owner(conn, delivery_id), incident_id)
        return next(d for d in found if d.id == delivery_id)

    yield Store(alarms, psycopg.errors.UniqueViolation, revoke, find)
    conn.close()


def _owner(conn: psycopg.Connection[tuple[UUID, ...]], delivery_id: UUID) -> UUID:
    statement = "select organisation_id from notifications_delivery where id = %s"
    row = conn.execute(statement, (delivery_id,)).fetchone()
    assert row is not None
    return row[0]


@pytest.fixture
def engine(postgres_store: Store) -> Connection:
    """Return the engine's connection to a database of both employers."""
    alarms = postgres_store.alarms
    assert isinstance(alarms, PostgresAlarms)
    return alarms.conn


@pytest.fixture
def web(engine: Connection, cluster: Cluster) -> Iterator[Connection]:
    """Return the web's connection to the same database."""
    with psycopg.connect(cluster.url("web", database=engine.info.dbname), autocommit=True) as conn:
        yield conn


@pytest.fixture
def at(engine: Connection) -> datetime:
    """Return now: grants end by the database's clock."""
    row = engine.execute("select now()").fetchone()
    assert row is not None
    return row[0].astimezone(UTC)  # type: ignore[no-any-return]
