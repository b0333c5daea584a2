"""What does a valid one look like? Plain functions; a test names only what it is about."""

from datetime import UTC, date, datetime, time
from typing import Any, Final
from uuid import UUID

from tests import cast
from tocsin.registry.rules.contacts import Contact
from tocsin.registry.rules.duty import Shift
from tocsin.registry.rules.policy import Duty, Person, Policy, Post, SiteFacts, Step, Team
from tocsin.registry.rules.roster import ADD, Override, Pattern, Roster, Turn

LONG_AGO: Final = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
AT: Final = datetime(2026, 11, 6, 5, 30, tzinfo=UTC)


def utc(text: str) -> datetime:
    """Return the instant that `text` ("2026-11-01 06:30") means in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def wall(text: str) -> datetime:
    """Return the wall time that `text` ("2026-11-01 06:30") spells, without a zone."""
    return datetime.fromisoformat(text)


def a_contact(channel: str = "webpush", **changes: Any) -> Contact:
    """Return a verified contact method of the employer."""
    values: dict[str, Any] = {
        "id": cast.number(0xE000 + sum(map(ord, channel))),
        "channel": channel,
        "order": 1,
        "is_work": True,
        "verified_at": LONG_AGO,
    }
    return Contact(**values | changes)


def contacts_of(player: cast.Player) -> tuple[Contact, ...]:
    """Return a live screen, web push and text messages of this player, all verified."""
    return tuple(
        a_contact(
            channel,
            id=cast.number(0xF000 + 16 * (player.id.int & 0xFF) + order),
            order=order,
            provider=provider,
        )
        for order, (channel, provider) in enumerate(
            (("live", ""), ("webpush", "push"), ("sms", "sandbox")), start=1
        )
    )


def a_person(player: cast.Player = cast.GUARD, **changes: Any) -> Person:
    """Return this player as the caller sees her: three verified contact methods."""
    values: dict[str, Any] = {
        "id": player.id,
        "contacts": contacts_of(player),
        "language": player.language,
        "roles": frozenset({"safety_lead"}) if player is cast.SAFETY_LEAD else frozenset(),
    }
    return Person(**values | changes)


def a_duty(player: cast.Player = cast.GUARD, **changes: Any) -> Duty:
    """Return this player on duty in her usual role."""
    values: dict[str, Any] = {
        "person_id": player.id,
        "role": player.role,
        "site_id": cast.HARBOUR.id,
    }
    return Duty(**values | changes)


def some_facts(**changes: Any) -> SiteFacts:
    """Return a night at an ordinary site: Wren pressed; Dara, Gus and Lea are on duty too."""
    on_duty = (cast.PROTECTED, cast.DISPATCHER, cast.GUARD, cast.SHIFT_LEAD)
    values: dict[str, Any] = {
        "at": AT,
        "people": {player.id: a_person(player) for player in cast.COLLEAGUES},
        "on_duty": tuple(a_duty(player) for player in on_duty),
        "raiser_id": cast.PROTECTED.id,
        "teams": {cast.NIGHT_TEAM: Team(id=cast.NIGHT_TEAM, members=(cast.GUARD.id,))},
        "posts": {cast.FRONT_DOOR: Post(id=cast.FRONT_DOOR)},
    }
    return SiteFacts(**values | changes)


def a_step(*who: str, **changes: Any) -> Step:
    """Return a step at the opening that calls everyone on duty, or whom `who` says."""
    values: dict[str, Any] = {"offset_s": 0, "who": who or ("everyone_on_duty",)}
    return Step(**values | changes)


def a_policy(*steps: Step, **changes: Any) -> Policy:
    """Return a ladder for an SOS: everyone on duty, then the shift lead, then the safety lead."""
    ladder = steps or (
        a_step(),
        a_step("shift_lead", offset_s=30),
        a_step("role:safety_lead", offset_s=60),
    )
    values: dict[str, Any] = {
        "id": cast.number(0x51),
        "name": "SOS at night",
        "kind": "sos",
        "steps": ladder,
    }
    return Policy(**values | changes)


def a_pattern(*turns: tuple[UUID, ...], **changes: Any) -> Pattern:
    """Return a nightly pattern, 18:00 to 06:00 from 26 October 2026, the guard's or by turns."""
    values: dict[str, Any] = {
        "id": cast.number(0x61),
        "first_date": date(2026, 10, 26),
        "start": time(18),
        "turns": tuple(Turn(people=turn) for turn in turns or ((cast.GUARD.id,),)),
        "role": "guard",
    }
    if "length_min" not in changes:
        values["end"] = time(6)
    return Pattern(**values | changes)


def a_roster(*patterns: Pattern, **changes: Any) -> Roster:
    """Return the roster of Harbour Dispatch Centre with these patterns, or with a nightly guard."""
    values: dict[str, Any] = {
        "id": cast.number(0x62),
        "name": "Guards",
        "zone": cast.HARBOUR.zone,
        "site_id": cast.HARBOUR.id,
        "patterns": patterns or (a_pattern(),),
    }
    return Roster(**values | changes)


def an_override(starts: str, ends: str, **changes: Any) -> Override:
    """Return the dispatcher added between two wall times."""
    values: dict[str, Any] = {
        "id": cast.number(0x63),
        "action": ADD,
        "person_id": cast.DISPATCHER.id,
        "starts": wall(starts),
        "ends": wall(ends),
    }
    return Override(**values | changes)


def a_shift(player: cast.Player, starts: str, ends: str, **changes: Any) -> Shift:
    """Return this player's shift between two instants given in UTC."""
    values: dict[str, Any] = {
        "person_id": player.id,
        "role": player.role,
        "starts_at": utc(starts),
        "ends_at": utc(ends),
        "local_start": wall(starts),
        "local_end": wall(ends),
        "source": "pattern",
        "site_id": cast.HARBOUR.id,
    }
    return Shift(**values | changes)
