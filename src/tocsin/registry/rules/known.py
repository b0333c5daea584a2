"""What is known of him when more becomes known, and is it more than is kept? Pure.

What is not refused here would be written, and then could not be read back: no door would know him, and no page could mend it.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID

from tocsin.registry.rules.document import MAX_TEXT
from tocsin.registry.rules.door import (
    MAX_ADDRESSES,
    MAX_BADGES,
    MAX_NAMES,
    MAX_PHONES,
    MAX_PLATES,
    KnownPlate,
)
from tocsin.registry.rules.findings import Finding, error
from tocsin.registry.rules.grants import Wish
from tocsin.registry.rules.not_his import MAX_NOT_HIS, NotHis, Sign, SignKind
from tocsin.registry.rules.order_document import Respondent

TOO_MANY: Final = "With these it would be more than the doors can hold of one person: nothing was added. Leave out what is least used."
TOO_LONG: Final = "With what is known already this is too long: nothing was added. Say it shorter."


def added(known: Respondent, more: Respondent) -> Respondent:
    """Return what is known with what is new beside it; a new name is one more of his names.

    A badge or plate that somebody says again is his: nobody's wish that it is not waits any longer.
    """
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
        not_his=_without_wishes(known, frozenset(signs_of(more))),
    )


def signs_of(him: Respondent) -> tuple[Sign, ...]:
    """Return his badges and plates, as they were entered."""
    badges = [Sign(SignKind.BADGE, badge) for badge in him.badges]
    return (*badges, *(Sign(SignKind.PLATE, one.text, one.region) for one in him.plates))


def wish_against(him: Respondent, sign: Sign, at: datetime) -> Wish | None:
    """Return who wants that this is not his any more and waits for a second person; None: nobody, or it has lapsed."""
    return next((one.wish for one in him.not_his if one.sign == sign and one.waits(at)), None)


def doubted(him: Respondent, at: datetime) -> tuple[Sign, ...]:
    """Return what of his somebody says is not his any more, and nobody has agreed yet: it is only *possible*."""
    return tuple(sign for sign in signs_of(him) if wish_against(him, sign, at))


def asked_not_his(him: Respondent, sign: Sign, by_id: UUID, at: datetime) -> Respondent:
    """Return what is known with this wish in the place of an earlier one; nothing is taken from the doors by it."""
    others = _without_wishes(him, frozenset({sign}))
    return replace(him, not_his=(*others, NotHis(sign, at, by_id))[-MAX_NOT_HIS:])


def agreed_not_his(him: Respondent, sign: Sign, by_id: UUID, at: datetime) -> Respondent:
    """Return what is known without it, after a second person agreed; who said so stays."""
    facts = tuple(
        replace(one, agreed_at=at, agreed_by_id=by_id)
        if one.sign == sign and one.waits(at)
        else one
        for one in him.not_his
    )
    is_badge, plate = sign.kind is SignKind.BADGE, KnownPlate(sign.text, sign.region)
    return replace(
        him,
        badges=tuple(one for one in him.badges if not (is_badge and one == sign.text)),
        plates=tuple(one for one in him.plates if is_badge or one != plate),
        not_his=facts,
    )


def _without_wishes(him: Respondent, signs: frozenset[Sign]) -> tuple[NotHis, ...]:
    return tuple(one for one in him.not_his if one.agreed_at or one.sign not in signs)


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
