"""Which words does a screen use for an incident? The loudest truth first, the same everywhere."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tocsin.decisions.rules.incident import (
    ASKING,
    SEEN,
    Doing,
    Incident,
    Kind,
    coming,
    quorum,
    stopped,
)
from tocsin.registry.forms import ROLE_LABELS
from tocsin.registry.rules.places import BACK_UP_CENTRE, DOORS, HOLD_CREWS, SHELTER, tasks_of
from tocsin.registry.rules.policy import PRIVATE
from tocsin.registry.rules.rows import SiteRow

# What a person can press, in the order of the buttons.
USUAL_ACTS: Final = (
    (Doing.CALLING, gettext_lazy("I call the emergency number")),
    (Doing.IN_CHARGE, gettext_lazy("I am in charge")),
    (Doing.GOING, gettext_lazy("I am going")),
    (Doing.THERE, gettext_lazy("I am there")),
    (Doing.SEEN, gettext_lazy("Seen")),
    (Doing.CANNOT, gettext_lazy("I cannot")),
)
FROM_COVER: Final = (
    (Doing.LOCKING, gettext_lazy("I lock doors")),
    (Doing.WATCHING, gettext_lazy("I watch from cover")),
    (Doing.HOLDING_CREWS_OFF, gettext_lazy("I hold crews off")),
    (Doing.MEETING_POLICE, gettext_lazy("I meet the police")),
)
# Where a respondent was seen, nobody is asked to go near: what keeps away comes first.
_NEAR: Final = frozenset({Doing.GOING, Doing.THERE})
_KEEPING_AWAY: Final = (
    *USUAL_ACTS[:2],
    *FROM_COVER,
    *(one for one in USUAL_ACTS[2:] if one[0] not in _NEAR),
)
_WITH_POLICE: Final = tuple(one for one in USUAL_ACTS if one[0] in _NEAR)
Acts = tuple[tuple[Doing, Promise], ...]
ACT_WORDS: Final = {
    Doing.SEEN: gettext_lazy("has seen it"),
    Doing.CALLING: gettext_lazy("owns the emergency call"),
    Doing.GOING: gettext_lazy("is going"),
    Doing.IN_CHARGE: gettext_lazy("is in charge"),
    Doing.THERE: gettext_lazy("is there"),
    Doing.OVER: gettext_lazy("says that it is over"),
    Doing.CANNOT: gettext_lazy("cannot"),
    Doing.LOCKING: gettext_lazy("locks doors"),
    Doing.WATCHING: gettext_lazy("watches from cover"),
    Doing.HOLDING_CREWS_OFF: gettext_lazy("holds crews off"),
    Doing.MEETING_POLICE: gettext_lazy("meets the police"),
}
# Pressed or seen again since: two people must say so anew.
NO_LONGER_OVER: Final = gettext_lazy(
    "said that it is over; more happened since, so it no longer counts"
)
# Handed over, lapsed, or taken by somebody else.
NO_LONGER_IN_CHARGE: Final = gettext_lazy("was in charge and is no longer")
KIND_WORDS: Final = {
    Kind.SOS: gettext_lazy("SOS"),
    Kind.WALK: gettext_lazy("Walk not ended in time"),
    Kind.PROOF: gettext_lazy("Are you reachable?"),
    Kind.GAP: gettext_lazy("Too few on duty soon"),
    Kind.TASK: gettext_lazy("Something to read"),
    Kind.TASK_DUE: gettext_lazy("Something waits for you"),
    Kind.BLIND: gettext_lazy("Something sees nothing"),
    Kind.SEES: gettext_lazy("Something sees again"),
    Kind.LOOK: gettext_lazy("Please look at the way"),
    Kind.POSSIBLE_BREACH: gettext_lazy("Seen: possible breach, for police"),
    Kind.HOUSE_RULE: gettext_lazy("Seen: house rule"),
    Kind.INFORM: gettext_lazy("Seen: to know"),
}
LOOSENING_WORDS = {
    "policy": gettext_lazy("Who is called when"),
    "roster.add": gettext_lazy("Lines for the roster"),
    "roster.remove": gettext_lazy("A line out of the roster"),
}
LOOSER_WORDS = {
    "called_less": gettext_lazy("somebody is called later, by fewer ways, or not at all"),
    "repeats_later": gettext_lazy("everybody is called again later"),
    "confirms_later": gettext_lazy("who is in charge may be silent longer"),
    "call_unclaimed_later": gettext_lazy("an emergency call may be nobody's for longer"),
    "unanswered_later": gettext_lazy("a message counts as unanswered later"),
    "fewer_proven": gettext_lazy("fewer people need to be proven reachable"),
    "no_proof_at_start": gettext_lazy("nobody is asked for proof when a shift begins"),
    "smaller_quorum": gettext_lazy("fewer people need to be coming"),
    "roster_emptied": gettext_lazy("too few are on duty at a time that was covered"),
}
GRANT_WORDS: Final = {
    "herself": gettext_lazy("it is hers"),
    "entered": gettext_lazy("entered it"),
    "granted": gettext_lazy("let in by two people"),
    "break_glass": gettext_lazy("broke glass"),
    "door": gettext_lazy("at a door"),
    "post": gettext_lazy("keeps a post"),
    "owner": gettext_lazy("it is for this person to do"),
}
LOOK_WORDS: Final = {
    "case": gettext_lazy("the case"),
    "who_looked": gettext_lazy("who looked"),
    "safeguards": gettext_lazy("safeguards"),
    "release": gettext_lazy("the release"),
    "task": gettext_lazy("a task, not the case"),
    "briefing": gettext_lazy("the briefing"),
    "door_card": gettext_lazy("the door card"),
    "who_may_read": gettext_lazy("who may read"),
    "orders": gettext_lazy("the orders"),
    "monitor": gettext_lazy("the monitor that a court ordered"),
    "set_aside": gettext_lazy("a message of the monitor that could not be read"),
    "sightings": gettext_lazy("the sightings"),
    "walks": gettext_lazy("what was offered for the walks"),
    "who_was_told": gettext_lazy("who was told"),
    "document": gettext_lazy("the document of an order"),
    "first_page": gettext_lazy("the first page for police"),
}
CHANNEL_WORDS: Final = {
    "live": gettext_lazy("screen"),
    "webpush": gettext_lazy("push"),
    "sms": gettext_lazy("text message"),
    "email": gettext_lazy("e-mail"),
    "webhook": gettext_lazy("webhook"),
    "voice": gettext_lazy("call"),
    "": gettext_lazy("message"),
}
ROLE_WORDS: Final = ROLE_LABELS
# In the order in which a call-taker asks.
ADDRESS_WORDS: Final = {
    "number": gettext_lazy("Dial"),
    "say": gettext_lazy("Say first"),
    "street": gettext_lazy("Street"),
    "building": gettext_lazy("Building"),
    "floor": gettext_lazy("Floor"),
    "room": gettext_lazy("Room"),
    "locality": gettext_lazy("Town"),
    "region": gettext_lazy("Region"),
    "postal_code": gettext_lazy("Postal code"),
    "directions": gettext_lazy("Way in"),
}
# By what is known of who pressed: it alarms all the same, and whoever comes should know.
LABEL_WORDS: Final = {
    "revoked device": gettext_lazy("From a phone that was revoked: it may be in other hands"),
    "unknown device": gettext_lazy("From a phone that is not known as hers"),
    "unconfirmed device": gettext_lazy("From a phone that nobody has confirmed to be hers"),
    "inactive person": gettext_lazy("From somebody who is written down as not working here"),
}
# What has to be seen to at a site, and by which act somebody says that she does.
TASK_WORDS: Final = {
    DOORS: gettext_lazy("Lock the doors and keep them locked"),
    SHELTER: gettext_lazy("Tell everybody to stay inside and not to approach"),
    BACK_UP_CENTRE: gettext_lazy("Ask the back-up centre to take the calls"),
    HOLD_CREWS: gettext_lazy("Hold inbound crews off the site"),
}
_DONE_BY: Final = {DOORS: Doing.LOCKING, HOLD_CREWS: Doing.HOLDING_CREWS_OFF}
URGENT: Final = "urgent"
OPEN: Final = "open"
HELD: Final = "held"


def acts_of(incident: Incident) -> tuple[Acts, Acts]:
    """Return what a person can press at once, and what stands behind one more press."""
    if incident.kind in SEEN or incident.not_located:
        return _KEEPING_AWAY, _WITH_POLICE
    return USUAL_ACTS, FROM_COVER


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence about an incident; `level` is urgent, open or held, and has a colour and a mark."""

    text: str
    level: str


def lines(incident: Incident, names: Mapping[UUID, str], at: datetime) -> tuple[Line, ...]:
    """Return what must be known now, the loudest first. Says who did what; never that help is coming."""
    found = [
        *_unheard_lines(incident),
        _call_line(incident, names, at),
        _charge_line(incident, names),
        _quorum_line(incident),
        *(Line(str(LABEL_WORDS[one]), OPEN) for one in incident.labels if one in LABEL_WORDS),
        *_seen_lines(incident),
    ]
    if incident.nobody_answered and len(incident.policy.steps) not in incident.unheard:
        # Who answered and fell silent, or only saw it, must not read that nobody did.
        words = (
            _(
                "People have answered, and nobody is in charge. Everybody was called; it starts again."
            )
            if incident.seen_by
            else _("Nobody has answered. Everybody was called; it starts again.")
        )
        found.insert(0, Line(words, URGENT))
    order = {URGENT: 0, OPEN: 1, HELD: 2}
    return tuple(sorted((line for line in found if line), key=lambda line: order[line.level]))


def _unheard_lines(incident: Incident) -> list[Line]:
    """Return which steps of the ladder rang nobody, or that none rang anybody: then a person has to call people."""
    if incident.kind in ASKING or not incident.unheard:
        return []
    steps = incident.policy.steps
    begun = {
        n for n, step in enumerate(steps[: incident.next_step]) if not set(step.who) <= PRIVATE
    }
    if begun <= incident.unheard:
        # Once everybody was called again and somebody heard it, those were the leads, in their place.
        is_nobody = not incident.loops or len(steps) in incident.unheard
        by_phone = _("Nobody on duty can be called from here. Call people by phone.")
        instead = _(
            "Nobody on duty can be called from here. Safety leads, managers and administrators were called instead."
        )
        return [Line(by_phone if is_nobody else instead, URGENT)]
    words = _("Step %(n)s called nobody: nobody on duty can be reached by it.")
    missed = sorted(n for n in incident.unheard if n < len(steps))
    return [Line(words % {"n": n + 1}, OPEN) for n in missed]


def _seen_lines(incident: Incident) -> list[Line]:
    """Return what must be known of a respondent: what is not confirmed is said so, and *not located* until custody."""
    found = []
    if incident.kind in SEEN and not incident.is_confirmed:
        words = (
            _("Not certain where: do not approach. Look from behind a door or by a camera.")
            if incident.is_only_where
            else _("Not confirmed: do not detain or touch. Compare the photograph.")
        )
        found.append(Line(words, URGENT))
    if incident.not_located:
        words = _("Not located: nobody has recorded where he is")
        found.append(Line(words, OPEN if incident.is_open else URGENT))
    return found


def _call_line(incident: Incident, names: Mapping[UUID, str], at: datetime) -> Line | None:
    if incident.kind in ASKING or not incident.needs_emergency_call:
        return None
    if incident.caller_id:
        return Line(
            _("%(name)s owns the emergency call") % {"name": name_of(incident.caller_id, names)},
            HELD,
        )
    if incident.emergency_from is None:
        return Line(_("Everybody has not been called yet"), OPEN)
    waited = at - incident.emergency_from
    unclaimed = timedelta(seconds=incident.policy.call_unclaimed_s)
    words = _("Nobody owns the emergency call")
    return Line(words, URGENT if waited >= unclaimed else OPEN)


def _charge_line(incident: Incident, names: Mapping[UUID, str]) -> Line | None:
    if incident.kind in ASKING:
        return None
    if incident.charge is None:
        return Line(_("Nobody is in charge"), URGENT if incident.caller_id else OPEN)
    name = name_of(incident.charge.person_id, names)
    if incident.charge.asked_at:
        return Line(_("%(name)s is in charge and was asked to confirm") % {"name": name}, OPEN)
    if incident.charge.offered_to:
        to = name_of(incident.charge.offered_to, names)
        words = _("%(name)s is in charge and has asked %(to)s to take over")
        return Line(words % {"name": name, "to": to}, HELD)
    return Line(_("%(name)s is in charge") % {"name": name}, HELD)


def _quorum_line(incident: Incident) -> Line | None:
    """Return how many more the ladder asks for, while somebody is in charge and others are called all the same."""
    if incident.kind in ASKING or incident.charge is None or stopped(incident):
        return None
    words = _("%(n)s of %(needed)s people are coming: others are called still")
    return Line(words % {"n": coming(incident), "needed": quorum(incident)}, OPEN)


def task_lines(
    incident: Incident, site_kind: str, names: Mapping[UUID, str]
) -> list[tuple[Promise, list[str]]]:
    """Return what has to be seen to at the site, each with who has said that she does; nothing where nobody is in danger."""
    if not incident.is_open or incident.kind in ASKING or incident.kind is Kind.INFORM:
        return []
    return [
        (TASK_WORDS[task], _doers(incident, _DONE_BY.get(task), names))
        for task in tasks_of(site_kind)
    ]


def _doers(incident: Incident, doing: Doing | None, names: Mapping[UUID, str]) -> list[str]:
    return [name_of(who, names) for who, said in incident.standing.items() if said.doing is doing]


def name_of(person_id: UUID | None, names: Mapping[UUID, str]) -> str:
    """Return a person's short name, or a word for somebody whose name was erased."""
    return names.get(person_id, _("somebody")) if person_id else ""


def address_lines(site: SiteRow) -> list[tuple[str, str]]:
    """Return what a call-taker asks about a site, in that order; parts of another name come last."""
    parts = {**site.address, **site.psap}
    known = [
        (str(words), str(parts[part])) for part, words in ADDRESS_WORDS.items() if parts.get(part)
    ]
    return known + [
        (part, str(value)) for part, value in parts.items() if part not in ADDRESS_WORDS
    ]
