"""What is in a sample workplace? Its files, read by the readers that an installation imports with."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from tocsin.registry.feeds.csv_contacts import reader as contacts_reader
from tocsin.registry.feeds.csv_people import reader as people_reader
from tocsin.registry.feeds.icalendar_roster import reader as calendar_reader
from tocsin.registry.rules.imports import ContactRow, PersonRow, Refused, ShiftRow

CARRIER: Final = b"{carrier}"
CALENDAR_DAYS: Final = 390


class SampleRefused(Exception):
    """A line of a sample file was refused; nothing of it was imported."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One sample workplace: `body` is its `workplace.toml`, the rest comes from its tables and calendars."""

    folder: Path
    body: dict[str, Any]
    people: tuple[PersonRow, ...]
    contacts: tuple[ContactRow, ...]

    @property
    def slug(self) -> str:
        """Return the short name of the organisation."""
        return str(self.body["slug"])

    @property
    def name(self) -> str:
        """Return the name of the organisation."""
        return str(self.body["name"])

    def calendar(self, site: dict[str, Any], today: date) -> tuple[ShiftRow, ...]:
        """Return the shifts of a site's calendar, about a year ahead; () if it has none."""
        if "calendar" not in site:
            return ()
        found = calendar_reader.read(
            (self.folder / site["calendar"]).read_bytes(),
            zone=ZoneInfo(site["time_zone"]),
            from_date=today - timedelta(days=1),
            until_date=today + timedelta(days=CALENDAR_DAYS),
        )
        _refuse(site["calendar"], found.refused)
        return found.rows


def read_sample(folder: Path, *, carrier: str) -> Sample:
    """Return the workplace in this folder; `carrier` is the sandbox carrier's address, where webhooks lead.

    Raises:
        SampleRefused: names the file, the line and what is wrong with it.
    """
    body = tomllib.loads((folder / "workplace.toml").read_text(encoding="utf-8"))
    people = people_reader.read((folder / "people.csv").read_bytes())
    _refuse("people.csv", people.refused)
    raw = (folder / "contacts.csv").read_bytes().replace(CARRIER, carrier.encode())
    zone = ZoneInfo(body["site"][0]["time_zone"])
    contacts = contacts_reader.read(raw, region=body["region"], zone=zone)
    _refuse("contacts.csv", contacts.refused)
    return Sample(folder, body, people.rows, contacts.rows)


def _refuse(name: str, refused: Iterable[Refused]) -> None:
    for one in refused:
        message = f"{name}, line {one.line}: {one.field} {one.problem} ({one.given})"
        raise SampleRefused(message)
