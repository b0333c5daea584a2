"""How did an incident end, in the language of who reads it? The rules and verbs say it in English, each sentence once."""

import re
from typing import Final

from django.utils.translation import gettext, gettext_noop

HOW: Final = (
    gettext_noop("a lead has seen it"),
    gettext_noop("a person compared: it is not he"),
    gettext_noop("drill ended"),
    gettext_noop("her code"),
    gettext_noop("looked"),
    gettext_noop("seen by whom it was told"),
    gettext_noop("she was met"),
    gettext_noop("she went"),
    gettext_noop("she goes another way"),
    gettext_noop("something was seen"),
    gettext_noop("the shift was changed"),
    gettext_noop("the time to answer is over"),
    gettext_noop("the walk was extended"),
    gettext_noop("the watcher saw her leave"),
)
OVER: Final = gettext_noop("%(n)s people said it is over")
OVER_NOT_LOCATED: Final = gettext_noop("%(n)s people said it is over; not located")
_PEOPLE: Final = re.compile(r"([0-9]+) people said it is over(; not located)?")


def closed_words(how: str) -> str:
    """Return how it ended; what has no words here stays as the verb said it."""
    people = _PEOPLE.fullmatch(how)
    if people:
        return gettext(OVER_NOT_LOCATED if people[2] else OVER) % {"n": people[1]}
    return gettext(how) if how in HOW else how
