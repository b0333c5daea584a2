"""What must the engine know to go on calling people while PostgreSQL is away?

A snapshot is at most 60 s old when the database goes, and then lives on for as long as that lasts:
duties are kept as intervals, so that who is on duty is computed at the moment of asking. It holds
addresses and codes: on disk only sealed (`engine`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import datetime, time
from enum import Enum
from functools import cache
from types import MappingProxyType, UnionType
from typing import Any, Final, get_args, get_origin, get_type_hints
from uuid import UUID

from tocsin.decisions.rules.incident import Incident
from tocsin.flow.alarms import Address
from tocsin.notifications.rules.delivery import Delivery
from tocsin.registry.rules.policy import Duty, Person, Policy, Post, Team
from tocsin.signals.rules.codes import CodePair
from tocsin.signals.rules.hold import Hold, Look, Stay, WalkPlan
from tocsin.signals.rules.walk import Walk


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPerson:
    """One person with everything an SOS of hers, or a call to her, needs."""

    organisation_id: UUID
    person: Person
    site_id: UUID | None = None
    short_name: str = ""
    is_active: bool = True
    kept_out: frozenset[UUID] = frozenset()
    codes: CodePair | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownSite:
    """One site with its policies; a team of the whole organisation stands in each of its sites.

    `his_address`: what a party of a case has written its address to be, which is so for `his_eyes` only.
    """

    id: UUID
    organisation_id: UUID
    organisation_slug: str = ""
    kind: str = "workplace"
    name: str = ""
    address: str = ""
    his_address: str = ""
    his_eyes: frozenset[UUID] = frozenset()
    time_zone: str = "UTC"
    teams: tuple[Team, ...] = ()
    posts: tuple[Post, ...] = ()
    policies: tuple[Policy, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stint:
    """One person on duty at one site from `starts_at` up to `ends_at` (aware UTC)."""

    site_id: UUID
    starts_at: datetime
    ends_at: datetime
    duty: Duty


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownDevice:
    """A device that was enrolled. A revoked one still alarms; its codes are void.

    `is_doubted`: her other side enrolled it and nobody has confirmed it; the same holds of it, and it is said so.
    """

    id: UUID
    person_id: UUID
    is_revoked: bool = False
    is_doubted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """Everything at one moment.

    `keys`: the latest presses (organisation, person, key), so that a repeat stays one. `drained`: up to which number
    of the spool it certainly holds what came in. `plans`: of everybody with an open case, the usual one if she made none.
    `kept`: her shifts as they would be if no party of her case had written of the roster.
    `in_vain`: numbers that somebody kept from her wrote down as hers: nothing goes there, and an SOS from there is raised.
    """

    taken_at: datetime
    people: tuple[KnownPerson, ...] = ()
    sites: tuple[KnownSite, ...] = ()
    stints: tuple[Stint, ...] = ()
    kept: tuple[Stay, ...] = ()
    devices: tuple[KnownDevice, ...] = ()
    addresses: tuple[Address, ...] = ()
    in_vain: tuple[Address, ...] = ()
    keys: tuple[tuple[UUID, UUID, str], ...] = ()
    walks: tuple[Walk, ...] = ()
    holds: tuple[Hold, ...] = ()
    looks: tuple[Look, ...] = ()
    plans: tuple[WalkPlan, ...] = ()
    incidents: tuple[Incident, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    parties: Mapping[UUID, frozenset[UUID]] = field(default_factory=lambda: MappingProxyType({}))
    drained: int = 0

    def slugs(self) -> dict[UUID, str]:
        """Return the short name of each employer that has a site, as the gateways file says it."""
        named = (site for site in self.sites if site.organisation_slug)
        return {site.organisation_id: site.organisation_slug for site in named}


def to_dict(snapshot: Snapshot) -> dict[str, Any]:
    """Return the snapshot as JSON-able values; `from_dict` gives the same snapshot back."""
    plain: dict[str, Any] = _plain(snapshot)
    return plain


def from_dict(value: Mapping[str, Any]) -> Snapshot:
    """Return the snapshot that `to_dict` wrote.

    Raises:
        ValueError, TypeError, KeyError: it is no snapshot of this version; start without one.
    """
    snapshot: Snapshot = _read(Snapshot, value)
    return snapshot


def _plain(value: Any) -> Any:  # noqa: C901, PLR0911
    match value:
        case Enum():
            return value.value
        case None | bool() | int() | float() | str():
            return value
        case UUID():
            return str(value)
        case datetime() | time():
            return value.isoformat()
        case bytes():
            return value.hex()
        case Mapping():
            return {_plain(key): _plain(item) for key, item in value.items()}
        case frozenset():
            return sorted(_plain(item) for item in value)
        case tuple():
            return [_plain(item) for item in value]
    return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}


_ATOMS: Final[Mapping[Any, Any]] = {
    UUID: UUID,
    datetime: datetime.fromisoformat,
    time: time.fromisoformat,
    bytes: bytes.fromhex,
}


def _read(kind: Any, value: Any) -> Any:
    if kind in _ATOMS:
        return _ATOMS[kind](value)
    if isinstance(kind, type) and is_dataclass(kind):
        hints = _hints(kind)
        return kind(**{name: _read(hints[name], item) for name, item in value.items()})
    if get_origin(kind) is not None:
        return _read_generic(get_origin(kind), get_args(kind), value)
    return kind(value)


def _read_generic(origin: Any, inner: tuple[Any, ...], value: Any) -> Any:
    if origin is UnionType:
        return None if value is None else _read(inner[0], value)
    if origin is frozenset:
        return frozenset(_read(inner[0], item) for item in value)
    if origin is tuple:
        kinds = inner[:1] * len(value) if inner[-1] is Ellipsis else inner
        return tuple(_read(k, item) for k, item in zip(kinds, value, strict=True))
    return MappingProxyType({_read(inner[0], k): _read(inner[1], v) for k, v in value.items()})


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)
