"""What does a line of a roster say: who, and when? And what is wrong with it, in the language of who reads it?"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tocsin.console.pages.tags import worded
from tocsin.console.pages.words import ROLE_WORDS, name_of
from tocsin.registry.rules.contacts import EVERY_DAY
from tocsin.registry.rules.document import DocumentError
from tocsin.registry.rules.findings import Finding
from tocsin.registry.rules.roster import ADD, Override, Pattern, Swap, Turn, wall_end
from tocsin.registry.rules.roster_document import line_from_dict
from tocsin.registry.rules.rows import RosterLineRow

MAX_NAMED: Final = 12
DAYS: Final = (
    gettext_lazy("Mon"),
    gettext_lazy("Tue"),
    gettext_lazy("Wed"),
    gettext_lazy("Thu"),
    gettext_lazy("Fri"),
    gettext_lazy("Sat"),
    gettext_lazy("Sun"),
)
# By the code of `roster_check`.
FINDING_WORDS: Final = {
    "action": gettext_lazy("It neither adds nor removes a person: write add or remove."),
    "date": gettext_lazy("A date is too far away. What has no end needs no date for it."),
    "length": gettext_lazy("A shift has an end or a length, one of the two."),
    "lines": gettext_lazy("A roster cannot have so many lines. Remove old ones."),
    "long": gettext_lazy("A shift of more than 16 hours."),
    "no_such_person": gettext_lazy("Somebody in this line is not here (any more) and is left out."),
    "no_such_shift": gettext_lazy(
        "One of the two shifts is not on the roster: nothing is swapped."
    ),
    "nobody": gettext_lazy("This shift has nobody in it."),
    "order": gettext_lazy("It ends before it begins."),
    "people": gettext_lazy("A turn names too many people; use a team."),
    "range": gettext_lazy("This number or time is not within what is possible."),
    "role": gettext_lazy("A role is a word of at most 40 characters."),
    "same_person": gettext_lazy("Nobody swaps with herself."),
    "swapped_twice": gettext_lazy(
        "One of the two shifts is already swapped; only the last swap counts."
    ),
    "team": gettext_lazy("There is no such team."),
    "turns": gettext_lazy("There are no turns, or too many."),
    "twice": gettext_lazy("One person is on duty twice at the same time."),
    "unplannable": gettext_lazy(
        "The shifts of this site cannot be planned: those of before stay, and no new ones are made. "
        "Look at the roster lines."
    ),
    "validity": gettext_lazy("It ends before it begins."),
    "weekdays": gettext_lazy("Weekdays are one or more of 0 (Monday) to 6 (Sunday)."),
    "zone": gettext_lazy("The site's time zone is not known."),
}


def finding_words(finding: Finding) -> str:
    """Return what is wrong, and in which field where one is named."""
    words = str(FINDING_WORDS.get(finding.code, finding.words))
    _line, _dot, field = finding.path.partition(".")
    return f"{field}: {words}" if field else words


def line_words(row: RosterLineRow, names: Mapping[UUID, str], teams: Mapping[UUID, str]) -> str:
    """Return a roster's line in one line: who, when, as what."""
    try:
        line = line_from_dict(row.kind, row.body)
    except DocumentError:
        return _("This line cannot be read.")
    if isinstance(line, Pattern):
        return _pattern(line, names, teams)
    return _override(line, names) if isinstance(line, Override) else _swap(line, names)


def _pattern(pattern: Pattern, names: Mapping[UUID, str], teams: Mapping[UUID, str]) -> str:
    who = " / ".join(_turn(turn, names, teams) for turn in pattern.turns[:MAX_NAMED])
    parts = [
        f"{who}{' …' if len(pattern.turns) > MAX_NAMED else ''}",
        _role(pattern.role),
        _hours(pattern),
        _how_often(pattern),
        _("from %(day)s") % {"day": _day(pattern.valid_from or pattern.first_date)},
        _("until %(day)s") % {"day": _day(pattern.valid_until)} if pattern.valid_until else "",
    ]
    return ", ".join(part for part in parts if part)


def _turn(turn: Turn, names: Mapping[UUID, str], teams: Mapping[UUID, str]) -> str:
    named = [name_of(person, names) for person in turn.people[:MAX_NAMED]]
    if turn.team_id:
        named.append(teams.get(turn.team_id, _("a team that is not there")))
    return " + ".join(named) or _("nobody")


def _hours(pattern: Pattern) -> str:
    if pattern.end is None:
        hours, minutes = divmod(pattern.length_min or 0, 60)
        length = f"{hours}\u00a0h {minutes}\u00a0min" if minutes else f"{hours}\u00a0h"
        return _("%(start)s for %(length)s") % {
            "start": f"{pattern.start:%H:%M}",
            "length": length,
        }
    ends = wall_end(pattern, datetime.combine(date(2026, 1, 1), pattern.start))
    return f"{pattern.start:%H:%M} – {ends:%H:%M}"


def _how_often(pattern: Pattern) -> str:
    days = "" if pattern.weekdays == EVERY_DAY else _weekdays(pattern.weekdays)
    if pattern.every_n_days == 1:
        return days or _("every day")
    often = ngettext("every %(n)s day", "every %(n)s days", pattern.every_n_days)
    return " ".join(part for part in (often % {"n": pattern.every_n_days}, days) if part)


def _weekdays(days: Iterable[int]) -> str:
    return " ".join(str(DAYS[day]) for day in sorted(days) if 0 <= day < len(DAYS))


def _override(override: Override, names: Mapping[UUID, str]) -> str:
    is_added = override.action == ADD
    what = _("On duty") if is_added else _("Not on duty")
    when = f"{_moment(override.starts)} – {_moment(override.ends)}"
    parts = (name_of(override.person_id, names), _role(override.role), when)
    return f"{what}: " + ", ".join(part for part in parts if part)


def _swap(swap: Swap, names: Mapping[UUID, str]) -> str:
    sides = [
        f"{name_of(key.person_id, names)} {_day(key.local_date)}"
        for key in (swap.first, swap.second)
    ]
    return _("Swapped") + ": " + " ↔ ".join(sides)


def _role(role: str) -> str:
    return str(ROLE_WORDS.get(role, role))


def _day(day: date | None) -> str:
    return worded(day, "D j M Y") if day else ""


def _moment(at: datetime) -> str:
    return f"{_day(at.date())} {at:%H:%M}"
