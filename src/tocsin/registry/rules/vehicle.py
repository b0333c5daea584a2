"""What is a vehicle of the employer?"""

from typing import NamedTuple
from uuid import UUID


class VehicleRow(NamedTuple):
    """A vehicle of the employer. `keys`: who may come in it."""

    id: UUID
    organisation_id: UUID
    site_id: UUID
    name: str
    plate: str
    region: str
    keys: tuple[UUID, ...] = ()
