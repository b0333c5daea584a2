"""Which stores does the contract hold for?"""

from dataclasses import replace
from uuid import UUID

import pytest

from tests.snapshots import Hands, a_snapshot
from tests.store.stores import Store
from tocsin.flow.memory_alarms import MemoryAlarms, NotUniqueError
from tocsin.notifications.rules.delivery import Delivery


@pytest.fixture(params=["memory"])
def store(request: pytest.FixtureRequest) -> Store:
    """Return an empty store that knows both employers."""
    return request.getfixturevalue(f"{request.param}_store")  # type: ignore[no-any-return]


@pytest.fixture
def memory_store() -> Store:
    """Return the store in memory."""
    alarms = MemoryAlarms(a_snapshot(), Hands().now)

    def revoke(device_id: UUID) -> None:
        device = alarms._devices[device_id]  # noqa: SLF001 - the registry has no verb for it here
        alarms._devices[device_id] = replace(device, is_revoked=True)  # noqa: SLF001 - as above

    def find(incident_id: UUID, delivery_id: UUID) -> Delivery:
        return next(d for d in alarms.deliveries(incident_id) if d.id == delivery_id)

    return Store(alarms, NotUniqueError, revoke, find)
