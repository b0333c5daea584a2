"""Who plays in the tests? Seven made-up people, two employers, two sites. Nobody here exists.

Telephone numbers are of the 555-01xx block, kept free for fiction; mail ends in `.example`.
"""

from dataclasses import dataclass
from typing import Final
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Player:
    """One made-up person, as a registry would hold her."""

    id: UUID
    organisation_id: UUID
    staff_number: str
    name: str
    short_name: str
    role: str
    phone: str
    mail: str
    language: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One made-up site."""

    id: UUID
    organisation_id: UUID
    name: str
    kind: str
    zone: str


def number(last: int) -> UUID:
    """Return a fixed UUIDv7-shaped id that ends in `last`, the same in every run."""
    return UUID(int=0x0199_E000_0000_7000_8000_0000_0000_0000 + last)


HARBOUR_EMS: Final = number(0xA1)
ORCHARD_STORES: Final = number(0xA2)

HARBOUR: Final = Scene(
    id=number(0xB1),
    organisation_id=HARBOUR_EMS,
    name="Harbour Dispatch Centre",
    kind="emergency_call_centre",
    zone="America/Chicago",
)
DEPOT_NORTH: Final = Scene(
    id=number(0xB2),
    organisation_id=HARBOUR_EMS,
    name="Depot North",
    kind="workplace",
    zone="America/Chicago",
)

FRONT_DOOR: Final = number(0xC1)
CAR_PARK: Final = number(0xC2)
NIGHT_TEAM: Final = number(0xD1)
DAY_TEAM: Final = number(0xD2)

PROTECTED: Final = Player(
    id=number(0x01),
    organisation_id=HARBOUR_EMS,
    staff_number="H-001",
    name="Wren Sample",
    short_name="Wren",
    role="dispatcher",
    phone="+13125550101",
    mail="wren@harbour.example",
)
DISPATCHER: Final = Player(
    id=number(0x02),
    organisation_id=HARBOUR_EMS,
    staff_number="H-002",
    name="Dara Specimen",
    short_name="Dara",
    role="dispatcher",
    phone="+13125550102",
    mail="dara@harbour.example",
    language="es",
)
GUARD: Final = Player(
    id=number(0x03),
    organisation_id=HARBOUR_EMS,
    staff_number="H-003",
    name="Gus Placeholder",
    short_name="Gus",
    role="guard",
    phone="+13125550103",
    mail="gus@harbour.example",
)
SHIFT_LEAD: Final = Player(
    id=number(0x04),
    organisation_id=HARBOUR_EMS,
    staff_number="H-004",
    name="Lea Mockup",
    short_name="Lea",
    role="shift_lead",
    phone="+13125550104",
    mail="lea@harbour.example",
)
SAFETY_LEAD: Final = Player(
    id=number(0x05),
    organisation_id=HARBOUR_EMS,
    staff_number="H-005",
    name="Sefa Template",
    short_name="Sefa",
    role="safety_lead",
    phone="+13125550105",
    mail="sefa@harbour.example",
)
RESPONDENT: Final = Player(
    id=number(0x06),
    organisation_id=HARBOUR_EMS,
    staff_number="H-006",
    name="Rex Notreal",
    short_name="Rex",
    role="dispatcher",
    phone="+13125550106",
    mail="rex@harbour.example",
)
OUTSIDER: Final = Player(
    id=number(0x07),
    organisation_id=ORCHARD_STORES,
    staff_number="O-001",
    name="Otto Elsewhere",
    short_name="Otto",
    role="shift_lead",
    phone="+13125550107",
    mail="otto@orchard.example",
)

COLLEAGUES: Final = (PROTECTED, DISPATCHER, GUARD, SHIFT_LEAD, SAFETY_LEAD, RESPONDENT)
EVERYBODY: Final = (*COLLEAGUES, OUTSIDER)
