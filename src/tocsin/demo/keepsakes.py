"""What must the demo remember between two runs? Who can sign in, and the phones' tokens: shown once, kept here.

The people are made up and the pages listen on this machine only; the file is its owner's alone all the same.
"""

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final
from uuid import UUID

FILE: Final = "demo.json"
OWNER_ONLY: Final = 0o600


@dataclass(frozen=True, slots=True, kw_only=True)
class Player:
    """One made-up person with everything that she has at hand: phone, mailbox, codes, sign-in."""

    staff_number: str
    id: UUID
    name: str
    short_name: str
    role: str
    site_id: UUID
    phone: str = ""
    mail: str = ""
    hook: str = ""
    token: str = ""
    code: str = ""
    other_code: str = ""
    login: str = ""
    password: str = ""
    totp: str = ""

    @property
    def first_name(self) -> str:
        """Return what the story calls her."""
        return self.name.partition(" ")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Workplace:
    """One loaded sample workplace. `sites` are ids by name, `people` players by staff number."""

    id: UUID
    slug: str
    name: str
    carrier: str
    sites: dict[str, UUID]
    people: dict[str, Player]

    def with_player(self, player: Player) -> "Workplace":
        """Return the workplace with this player as she is now."""
        return replace(self, people={**self.people, player.staff_number: player})

    def named(self, first_name: str) -> Player:
        """Return the player of this first name; raises KeyError."""
        for player in self.people.values():
            if player.first_name == first_name:
                return player
        raise KeyError(first_name)


def load(data_dir: Path) -> dict[str, Workplace]:
    """Return what was kept, by the organisation's short name; {} at the first run.

    Raises:
        ValueError: the file is none of ours.
    """
    path = data_dir / FILE
    if not path.exists():
        return {}
    kept = json.loads(path.read_text(encoding="utf-8"))
    try:
        return {slug: _workplace(body) for slug, body in kept.items()}
    except (TypeError, KeyError, AttributeError) as problem:
        message = f"{path} is not what the demo wrote"
        raise ValueError(message) from problem


def keep(data_dir: Path, workplaces: dict[str, Workplace]) -> None:
    """Write what the next run needs, whole or not at all."""
    body = {slug: asdict(workplace) for slug, workplace in workplaces.items()}
    draft = data_dir / f"{FILE}.new"
    draft.touch(mode=OWNER_ONLY)
    draft.write_text(json.dumps(body, default=str, indent=1), encoding="utf-8")
    draft.replace(data_dir / FILE)


def _workplace(body: dict[str, Any]) -> Workplace:
    people = {number: _player(player) for number, player in body["people"].items()}
    sites = {name: UUID(site_id) for name, site_id in body["sites"].items()}
    return Workplace(**{**body, "id": UUID(body["id"]), "sites": sites, "people": people})


def _player(body: dict[str, Any]) -> Player:
    return Player(**{**body, "id": UUID(body["id"]), "site_id": UUID(body["site_id"])})
