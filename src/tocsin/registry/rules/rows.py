"""What does one person, device, site or shift look like to the screens and verbs, opened?"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRow:
    """One person as the screens show her; names are opened ("(erased)" when her key is gone).

    `contested`: what somebody who is kept from her has written otherwise, which is so on his screens only; to him nothing.
    """

    id: UUID
    organisation_id: UUID
    staff_number: str
    name: str
    short_name: str
    role: str
    language: str = "en"
    site_id: UUID | None = None
    manager_id: UUID | None = None
    is_active: bool = True
    contested: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRow:
    """One contact method as the screens show it, its address opened.

    `in_vain`: `vouched` for or `written` by somebody who is kept from her. `has_secret`: what is sent is signed.
    `is_contested`: such a one has removed it, or changed its place or hours, and it stands as it was; never told to him.
    `is_doubted`: such a one wrote it down before the order was entered, and nobody has confirmed it; told to her and to
    safety leads only. `is_maker_unknown`: nobody knows who wrote it down, and nobody has confirmed it. `is_gone`: revoked
    because its push service has ended it. `is_his`, `is_taken`: of somebody who is called, written down, or removed, by a
    party of a case that the viewer is no party of; told to safety leads only.
    """

    id: UUID
    person_id: UUID
    channel: str
    address: str
    position: int = 0
    is_work: bool = True
    safe_rule: dict[str, Any] = field(default_factory=dict)
    verified_at: datetime | None = None
    revoked_at: datetime | None = None
    in_vain: str = ""
    has_secret: bool = False
    is_contested: bool = False
    is_doubted: bool = False
    is_maker_unknown: bool = False
    is_gone: bool = False
    is_his: bool = False
    is_taken: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyRow:
    """Somebody whom she named for emergencies, opened. `phone` is E.164, or "" for a colleague who is only ruled out.

    `waits`: a supervisor wrote that colleague down, and she has not said yes. `removal_asked_by_id`: who asks to take it
    away; it counts until she does. Both are told to her alone.
    """

    id: UUID
    person_id: UUID
    name: str
    relation: str = ""
    phone: str = ""
    language: str = ""
    colleague_id: UUID | None = None
    added_by_id: UUID | None = None
    never_notify: bool = False
    never_give_location: bool = False
    waits: bool = False
    removal_asked_by_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class AccountRow:
    """A sign-in: its login, whether it is active, whether a second factor is set up.

    `in_vain`: somebody who is kept from her made it, and nobody can sign in with it until another gives it a password.
    `is_doubted`: such a one chose its password before the order was entered, and nobody has confirmed it; told to safety
    leads only. `is_maker_unknown`: nobody knows who chose it, and nobody has confirmed it.
    """

    id: UUID
    login: str
    is_active: bool
    has_second_factor: bool
    in_vain: bool = False
    is_doubted: bool = False
    is_maker_unknown: bool = False


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """One enrolled phone or button. `in_vain`: somebody who is kept from her let it in; it counts as a revoked one.

    `is_contested`: such a one has revoked it, and it stands; never told to him. `is_doubted`: such a one enrolled it
    before the order was entered, and nobody has confirmed it; told to her and to safety leads only. `is_his`: a party of a
    case to which she is called has enrolled it; told to safety leads only.
    """

    id: UUID
    person_id: UUID
    label: str
    enrolled_at: datetime
    revoked_at: datetime | None
    in_vain: bool = False
    is_contested: bool = False
    is_doubted: bool = False
    is_his: bool = False


@dataclass(frozen=True, slots=True)
class EnrolmentRow:
    """One QR code: for whom, by whom, until when, and whether it was used."""

    id: UUID
    organisation_id: UUID
    person_id: UUID
    made_by_id: UUID
    expires_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteRow:
    """One place of work. `address` and `psap` hold the words for a call-taker, by part.

    `contested`: what an administrator who is on the other side of somebody who works there has written otherwise, which
    is so on his screens only; to him nothing.
    """

    id: UUID
    organisation_id: UUID
    name: str
    kind: str = "workplace"
    time_zone: str = "UTC"
    address: dict[str, str] = field(default_factory=dict)
    psap: dict[str, str] = field(default_factory=dict)
    outline: dict[str, Any] | None = None
    contested: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """A named part of a site, with its GeoJSON geometry or None."""

    id: UUID
    name: str
    kind: str
    geometry: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class PostRow:
    """A place where somebody stands watch."""

    id: UUID
    name: str
    is_staffed: bool


@dataclass(frozen=True, slots=True)
class TeamRow:
    """People who are called together."""

    id: UUID
    site_id: UUID | None
    name: str
    is_rostered: bool
    members: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class RosterLineRow:
    """One line of a roster as its JSON document."""

    id: UUID
    kind: str
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class HisLine:
    """A line of a roster that a party of a case has written, or taken out, and on which a walk of hers hangs."""

    line: RosterLineRow
    is_taken: bool


@dataclass(frozen=True, slots=True)
class ShiftRow:
    """One person's shift as instants (aware UTC)."""

    site_id: UUID
    person_id: UUID
    role: str
    starts_at: datetime
    ends_at: datetime
    source: str
    post_id: UUID | None = None
    at_position: bool = False
