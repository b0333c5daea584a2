"""While PostgreSQL is away, whom he has taken ways from is called in the same ways as with it."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from tests.pages.house import House, Organisation
from tests.pages.test_his_callers import a_colleague
from tests.pages.test_his_people import an_employer
from tests.pages.test_his_ways import called, number, remove
from tests.pages.test_in_her_name import linked
from tests.pages.test_in_vain import HONEST
from tests.snapshots import SeededIds
from tocsin.engine.snapshotting import take_snapshot
from tocsin.flow.memory_alarms import MemoryAlarms
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.raise_sos import raise_sos
from tocsin.flow.snapshot import from_dict, to_dict
from tocsin.signals.rules.press import Press

IDS = SeededIds("his ways away")


@pytest.fixture
def org(house: House) -> Organisation:
    found = an_employer(house)
    a_colleague(house, found)
    return found


def away(house: House) -> MemoryAlarms:
    """Return the store that the engine goes on with when the database goes now."""
    with house.engine.transaction():
        snapshot = take_snapshot(PostgresAlarms(house.engine, house.ring))
    return MemoryAlarms(from_dict(to_dict(snapshot)), lambda: datetime.now(UTC))


def called_away(house: House, org: Organisation, by: str = "responder") -> set[UUID]:
    """Return by which numbers the colleague is called to this person's SOS then."""
    alarms = away(house)
    press = Press(organisation_id=org.id, person_id=org.people[by], device_id=None, key=f"away-{IDS.uuid().hex}", act="sos", source="device", received_at=datetime.now(UTC))  # fmt: skip
    (change,) = raise_sos(alarms, [press], ids=IDS)
    hers = [d for d in change.deliveries if d.person_id == org.people["colleague"]]
    found = {d.contact_id for d in hers if d.channel == "sms" and d.state != "failed"}
    assert found <= alarms.addresses(tuple(found)).keys()
    return found


@pytest.mark.guarantee("I12")
def test_a_number_that_he_removes_is_called_to_her_and_to_nobody_else_while_postgresql_is_away(house: House, org: Organisation) -> None:  # fmt: skip
    phone = number(house, org)
    linked(house, org)
    remove(house, org, phone)
    assert called_away(house, org) == called(house, org) == {phone}
    assert called_away(house, org, HONEST) == called(house, org, HONEST) == set()
    # Whoever writes from there is nobody's, as with the database.
    (slug,) = house.engine.execute("select slug from registry_organisation where id = %s", (org.id,)).fetchone() or ("",)  # fmt: skip
    for alarms in (away(house), PostgresAlarms(house.engine, house.ring)):
        sender = alarms.sender(slug, "+13125550160")
        assert sender is not None
        assert sender.person_id is None
    remove(house, org, phone, HONEST)
    assert called_away(house, org) == set()


def test_a_number_that_somebody_on_no_side_removes_is_called_by_nobody_while_postgresql_is_away(house: House, org: Organisation) -> None:  # fmt: skip
    phone = number(house, org)
    linked(house, org)
    remove(house, org, phone, HONEST)
    assert called_away(house, org) == called(house, org) == set()
