"""What is known of him when more becomes known, and is it more than is kept? Pure.

What is not refused here would be written, and then could not be read back: no door would know him, and no page could mend it.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from tocsin.registry.rules.document import MAX_TEXT
from tocsin.registry.rules.door import (
    MAX_ADDRESSES,
    MAX_BADGES,
    MAX_NAMES,
    MAX_PHONES,
    MAX_PLATES,
)
from tocsin.registry.rules.findings import Finding, error
from tocsin.registry.rules.order_document import Respondent

TOO_MANY: Final = "With these it would be more than the doors can hold of one person: nothing was added. Leave out what is least used."
TOO_LONG: Final = "With what is known already this is too long: nothing was added. Say it shorter."


def added(known: Respondent, more: Respondent) -> Respondent:
    """Return what is known with what is new beside it; a new name is one more of his names."""
    names = [name for name in (more.name, *more.aliases) if name and name != known.name]
    return replace(
        known,
        aliases=tuple(dict.fromkeys((*known.aliases, *names))),
        born_on=known.born_on or more.born_on,
        description=_both(known.description, more.description),
        relation=known.relation or more.relation,
        phones=tuple(dict.fromkeys((*known.phones, *more.phones))),
        badges=tuple(dict.fromkeys((*known.badges, *more.badges))),
        plates=tuple(dict.fromkeys((*known.plates, *more.plates))),
        addresses=tuple(dict.fromkeys((*known.addresses, *more.addresses))),
        vehicles=_both(known.vehicles, more.vehicles),
    )


def judge_known(him: Respondent) -> Iterator[Finding]:
    """Yield, each at its field, of what there is more than is kept of one person; a name is one of `MAX_NAMES` too."""
    held = (
        ("aliases", 1 + len(him.aliases), MAX_NAMES),
        ("phones", len(him.phones), MAX_PHONES),
        ("addresses", len(him.addresses), MAX_ADDRESSES),
        ("badges", len(him.badges), MAX_BADGES),
        ("plates", len(him.plates), MAX_PLATES),
    )
    for field, count, most in held:
        if count > most:
            yield error("range", field, TOO_MANY)
    for field, text in (("description", him.description), ("vehicles", him.vehicles)):
        if len(text) > MAX_TEXT:
            yield error("range", field, TOO_LONG)


def _both(known: str, more: str) -> str:
    # A page shows what is known already, and it comes back with what was typed behind it: said once.
    if not known or more.startswith(known):
        return more or known
    return f"{known} {more}" if more else known
