"""What is wrong with a line of a file, in the language of who reads the report?

The readers know no Django and say it in English. Each of their sentences is here once, `%(a)s` and `%(b)s` for what they
put in; what a roster's linter finds is in `roster_words`. `tests/pages/test_import_words.py` holds the list to them.
"""

from collections.abc import Iterable
from typing import Final

from django.utils.translation import gettext_noop

from tocsin.console.pages.our_words import OurWords
from tocsin.console.pages.roster_words import FINDING_WORDS
from tocsin.registry.rules.imports import Refused

PROBLEMS: Final = (
    gettext_noop("is empty"),
    gettext_noop("is longer than %(a)s characters"),
    gettext_noop("holds a line break or a control character"),
    gettext_noop("begins like a formula: a spreadsheet would run it"),
    gettext_noop("is none of %(a)s"),
    gettext_noop("is neither yes nor no"),
    gettext_noop("is not a whole number from %(a)s to %(b)s"),
    gettext_noop("is not a date like 2026-11-01"),
    gettext_noop("is not between %(a)s and %(b)s"),
    gettext_noop("is not a time like 22:30"),
    gettext_noop("is no telephone number that exists (read as one of %(a)s)"),
    gettext_noop("is no telephone number"),
    gettext_noop("has an extension, which nothing here can dial"),
    gettext_noop("is a number of a service, not of a person"),
    gettext_noop("is a land line, which may take no text messages"),
    gettext_noop("is no mail address"),
    gettext_noop("is no web address"),
    gettext_noop("holds a password, which would be shown to whoever sees the address"),
    gettext_noop("is not encrypted: use https where the network is not your own"),
    gettext_noop("is not encrypted: use https"),
    gettext_noop("is not made of letters, digits and spaces"),
    gettext_noop("is not made of %(a)s"),
    gettext_noop("is the person herself"),
    gettext_noop("is not a language code like en or es"),
    gettext_noop("names more than %(a)s teams"),
    gettext_noop("holds a name of more than %(a)s characters"),
    gettext_noop("makes a shift of more than %(a)s hours"),
    gettext_noop("happens twice on this date: counted so that the shift is longer"),
    gettext_noop("happens not at all on this date: counted so that the shift is longer"),
    gettext_noop("the file is larger than %(a)s MB"),
    gettext_noop("line %(a)s is not %(b)s: save the file as UTF-8"),
    gettext_noop("the file is empty"),
    gettext_noop("there are more than %(a)s lines; the rest was not read"),
    gettext_noop("there are more than %(a)s lines; nothing was read"),
    gettext_noop("is no table from here on, the rest was not read (%(a)s)"),
    gettext_noop("is no column that is read here (%(a)s)"),
    gettext_noop("this column is there twice"),
    gettext_noop("this column is missing"),
    gettext_noop("number of cells here: %(a)s, in the header: %(b)s"),
    gettext_noop("says the same as line %(a)s"),
    gettext_noop("is no calendar: it does not begin with BEGIN:VCALENDAR"),
    gettext_noop("is no roster; nothing was read"),
    gettext_noop("takes shifts back, which no import does: remove their lines on the site's page"),
    gettext_noop("does not end before the next one begins"),
    gettext_noop("does not end: the file was cut off"),
    gettext_noop("has more than %(a)s lines"),
    gettext_noop("cannot be read"),
    gettext_noop("changes all later shifts at once: write a series of its own"),
    gettext_noop("is cancelled (STATUS) and is left out"),
    gettext_noop("is only tentative (STATUS) and is left out"),
    gettext_noop("is marked as free time (TRANSP) and is left out"),
    gettext_noop(
        "is missing: without it, nobody knows which entries of the file are about the same shift"
    ),
    gettext_noop("is there more than once"),
    gettext_noop("is missing"),
    gettext_noop("is a whole day, which is no shift"),
    gettext_noop("is no time"),
    gettext_noop("is in a time zone that is not known by this name"),
    gettext_noop("ends the shift before it begins"),
    gettext_noop("names nobody, and there is no ATTENDEE"),
    gettext_noop("is there more than %(a)s times"),
    gettext_noop("makes more than %(a)s shifts in all; the rest was not read"),
    gettext_noop("holds no shift that begins from %(a)s up to %(b)s; nothing is taken"),
    gettext_noop("is no shift (VEVENT) and is left out"),
    gettext_noop("lies before %(a)s and is left out"),
    gettext_noop("goes on after %(a)s: what comes then is not read; bring the file again"),
    gettext_noop("begins after %(a)s and is not read; bring the file again"),
    gettext_noop("is also that of line %(a)s"),
    gettext_noop("has declined and is left out"),
    gettext_noop("only may come (PARTSTAT) and is left out"),
    gettext_noop("sends somebody else (PARTSTAT) and is left out"),
    gettext_noop("is only told of it (ROLE) and is left out"),
    gettext_noop("is in UTC: it will move on the wall when the clocks change"),
    gettext_noop("stands in for a shift of a series that is not in the file"),
    gettext_noop("stands in for a shift that the series does not have"),
    gettext_noop("takes away a shift that the series does not have"),
    gettext_noop("repeats in a way that is not read here: write the shifts out"),
    gettext_noop("began more than %(a)s years ago"),
    gettext_noop("is not one of the dates that its own RRULE gives"),
    gettext_noop("overlaps with line %(a)s"),
    gettext_noop("is known here as %(a)s: write it in the same letters"),
    gettext_noop(
        "gives no rights here: it is taken, and this person may do what a responder may; the roles are %(a)s"
    ),
    gettext_noop("there is no such site"),
    gettext_noop("there is no such person"),
    gettext_noop("there is no such person here"),
    gettext_noop("there is no such post here"),
    gettext_noop("is somebody else's here"),
    gettext_noop("was entered here at this moment: choose the file again"),
)
_READ: Final = OurWords(PROBLEMS)

Row = tuple[int, str, str, str]
"""A line's number, the field, what is wrong, and what stood there."""


def rows(several: Iterable[Refused]) -> list[Row]:
    """Return these lines of a report for its page."""
    return [(one.line, one.field, problem_words(one), one.given) for one in several]


def problem_words(one: Refused) -> str:
    """Return what is wrong; what has no words here stays as the reader said it."""
    if one.code in FINDING_WORDS:
        return str(FINDING_WORDS[one.code])
    return _READ.said(one.problem)
