"""Which words does a screen use for a sighting? What is not confirmed is never said as a fact."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tocsin.console.pages.desk_words import part_words
from tocsin.console.pages.words import KIND_WORDS
from tocsin.decisions.rules.incident import SEEN, Incident, Kind
from tocsin.decisions.rules.said import for_police_of_each, reasons
from tocsin.notifications.rules.due import BLOCKED, MAIL_KEPT, STOP_HEARD, UNPLANNED
from tocsin.notifications.rules.templates import find_template
from tocsin.signals.rules.seen import Source
from tocsin.signals.rules.sighting_row import SightingRow

SOURCE_WORDS: Final[dict[str, Promise]] = {
    "desk": _("at a desk"),
    "guard": _("by a person"),
    "badge": _("at a badge reader"),
    "plate": _("by a plate reader"),
    "monitor": _("by the monitor that the court ordered"),
    "own_device": _("by her own device"),
    "contact": _("a contact attempt"),
    "visitor_list": _("on a visitor list"),
    "feed": _("by another system"),
    "on_duty": _("by the roster or his badge: he is inside already"),
}
# What decided, as the rules name it; what has no word here is shown to nobody.
REASON_WORDS: Final[dict[str, Promise]] = {
    "valid, served": _("Valid and served: possible breach, for police."),
    "valid, not served": _("Valid, not served: do not be the one who tells him."),
    "order not valid": _(
        "An order is not valid now: this is no breach, and it is told all the same."
    ),
    "order does not name this place": _("A valid order does not name this place."),
    "order waits": _(
        "A valid order names this place. It counts as no breach yet: nobody says that he was told of it, or no second"
        " person has looked at the entry."
    ),
    "house rule": _("The house rule stands: he is not to be let in."),
    "no order and no house rule": _("No order and no house rule is known."),
    "papers cannot be opened": _(
        "The papers of his case cannot be opened. Act as if an order counts."
    ),
    "contact attempt": _("He tried to reach her; nobody was seen here."),
    "ended": _("The order ended."),
    "recalled": _("The order was recalled."),
    "dismissed": _("The order was dismissed."),
    "superseded": _("A later order took its place."),
    "not_yet": _("The order has not begun."),
    "not_issued": _("Nobody has said that the order was issued."),
    "service_attempted": _("Serving it was tried."),
}
POLICE_WORDS: Final[dict[str, Promise]] = {
    "possible_breach": _(
        "There is a protection order. This is a possible breach; I do not say that it is one."
    ),
    "house_rule": _(
        "Our house rule keeps this person out. I know of no order that forbids being here."
    ),
    "house_rule_and_order": _(
        "Our house rule keeps this person out. There is a protection order too; I cannot say that he was told of it."
    ),
    "served": _("The order was served on him."),
    "not_served": _("The order is valid and not served yet."),
    "no_longer": _("By what we heard since he was seen here, the order does not count any more."),
    "first_page": _("Its first page can be shown to you here."),
    "firearm_mark": _("The order has a firearm mark."),
}
# What became of her notice (`store_disclosures.Line.notice`): it waits, or one of her ways took it, or none did.
NOTICE_WORDS: Final[dict[str, Promise]] = {
    "planned": _("not sent yet"),
    "sent": _("sent; nobody knows whether it arrived"),
    "arrived": _("arrived, by its provider's word"),
    "seen": _("she has answered it"),
    "failed": _("it did not arrive"),
}
NOTICED: Final = frozenset({"arrived", "seen"})
GROUND_WORDS: Final[dict[str, Promise]] = {
    "possible_breach": _("safety at work: a possible breach"),
    "house_rule": _("safety at work: the house rule"),
    "inform": _("safety at work: to know, no alarm"),
    "possible_match": _("safety at work: a match that somebody had to compare"),
    "sos": _("her SOS"),
    "walk": _("her walk"),
    "task": _("safety at work: something is to be done"),
    "briefing": _("safety at work: who keeps a post"),
    "task_due": _("safety at work: something is to be done"),
    "blind": _("safety at work: something at a door sees nothing"),
    "sees": _("safety at work: something at a door sees again"),
    "look": _("safety at work: somebody was asked to look at the way"),
    "gap": _("safety at work: too few on duty soon"),
}
WHAT_WORDS: Final[dict[str, Promise]] = {
    "place": _("the place"),
    "instruction": _("what to do"),
    "measure": _("what is to be done, not for whom"),
    "briefing": _("whom to know at the door and what to do, not why"),
    "something waits": _("only that something waits"),
}
MORE_PARTS: Final[dict[str, Promise]] = {
    "named_by_a_person": _("a person said who it is"),
    "on_the_roster": _("he is on duty there by the roster"),
    "badged_in": _("his badge came in and did not go out"),
    "perhaps_before_his_shift": _(
        "he may have come before his shift began: no door saw him since it refuses him"
    ),
    "inside_fence": _("the position lies inside the distance to keep"),
    "may_be_inside_fence": _("the position may lie inside the distance to keep"),
    "already_inside": _("he was inside already when the distance began to count"),
    "clock_wrong": _("it was said for a time that has not come: shown is when it was heard"),
    "near_her": _("nearer to her than the order allows"),
    "may_be_near_her": _("may be nearer to her than the order allows"),
}
WAS_INSIDE: Final = _(
    "was inside the distance to keep, %(n)s minutes before it was heard; where he is now is not known"
)
JUDGED_WORDS: Final[dict[str, Promise]] = {
    "confirmed": _("a person compared: it is he"),
    "dismissed": _("a person compared: it is not he"),
}
# A court's monitor is his: only where it is can be in doubt.
LOOKED_WORDS: Final[dict[str, Promise]] = {
    "confirmed": _("a person looked: he is there"),
    "dismissed": _("a person looked: he is not there"),
}
OF_CASE: Final = _("The order of case %(case)s: %(words)s")
ANOTHER_CASE: Final = _("another")
TO_COMPARE: Final = _("Possible: somebody has to compare")
LOOK_BEHIND_LINK: Final = _("Possible: somebody has to look from cover")
TO_LOOK: Final = _("Possible: somebody has to look from cover whether he is there")
KEEP_AWAY: Final = _("Lock, stay inside, do not approach")
PRESSED_AFTER_A_WALK: Final = _("SOS, pressed after the walk ran out")
AFTER_A_WALK: Final = _("SOS, after a walk that ran out")
SOMETHING: Final = _("Something waits for you")
# A GAP that is about something else than too few people, and a task that is none of a case, by the name of the text.
OTHER_GAPS: Final[Mapping[str, Promise]] = {
    UNPLANNED: _("The roster cannot be followed"),
    STOP_HEARD: _("Somebody texted STOP"),
    BLOCKED: _("A carrier blocks our texts to somebody"),
    MAIL_KEPT: _("A notice by mail could not be taken in: whoever runs the server has to"),
}


NAMED: Final = frozenset({Kind.GAP, Kind.TASK_DUE})


def title_of(incident: Incident) -> str:
    """Return what an incident is called on a page behind a sign-in."""
    if incident.kind in SEEN and not incident.is_confirmed:
        return str(TO_LOOK if incident.is_only_where else TO_COMPARE)
    return _usual(incident)


def _usual(incident: Incident) -> str:
    if incident.kind in NAMED and incident.policy.name in OTHER_GAPS:
        return str(OTHER_GAPS[incident.policy.name])
    if incident.kind is not Kind.WALK or incident.is_only_a_walk:
        return str(KIND_WORDS[incident.kind])
    return str(AFTER_A_WALK if incident.is_under_duress else PRESSED_AFTER_A_WALK)


def link_title_of(incident: Incident, *, is_work: bool) -> str:
    """Return what it is called behind a link, where order and reason are secrets (I24)."""
    if incident.kind not in SEEN:
        return _usual(incident)
    if not is_work or incident.kind is Kind.INFORM:
        return str(SOMETHING)
    if incident.is_confirmed:
        return str(KEEP_AWAY)
    return str(LOOK_BEHIND_LINK if incident.is_only_where else TO_COMPARE)


def seen_part(code: str, late_minutes: int) -> str:
    """Return what made a score, in words. `late_minutes`: how long after it was seen it was heard."""
    if code == "was_inside_fence":
        return str(WAS_INSIDE) % {"n": late_minutes}
    return str(MORE_PARTS[code] if code in MORE_PARTS else part_words(code))


def judged_words(row: SightingRow) -> str:
    """Return what a person said of it; "" if nobody has."""
    words = LOOKED_WORDS if row.source == Source.MONITOR else JUDGED_WORDS
    return str(words.get(row.judged, ""))


def reasons_of(incident: Incident) -> list[str]:
    """Return what decided, in words, in the order in which it was decided; all of it, also what is beyond `MAX_REASONS`."""
    each = dict.fromkeys((*incident.because, *reasons(incident.said)))
    return [str(REASON_WORDS[code]) for code in each if code in REASON_WORDS]


def police_words(incident: Incident, words: Mapping[UUID, str]) -> list[str]:
    """Return what may be said to police; where it differs between the orders of several cases, of which it is.

    `words`: the words of these cases, as far as the viewer may know them: no name is said, and no docket, which stands
    under the same word on the first page that she opens for police.
    """
    each = for_police_of_each(incident.said)
    of_all = [
        code
        for code in incident.police
        if code in POLICE_WORDS and len({code in codes for codes in each.values()}) < 2
    ]
    lines = [str(POLICE_WORDS[code]) for code in of_all]
    for case_id, codes in each.items():
        case = words.get(case_id) or ANOTHER_CASE
        own = [code for code in codes if code in POLICE_WORDS and code not in of_all]
        lines += [str(OF_CASE) % {"case": case, "words": POLICE_WORDS[code]} for code in own]
    return lines


def told_words(what: tuple[str, ...], language: str) -> tuple[str, list[str]]:
    """Return the very words of the text that was sent (without its place), and what they gave away."""
    text = ""
    if what and what[0].startswith("text "):
        is_work = "place" in what
        template = find_template(what[0].removeprefix("text "), is_work=is_work)
        if template:
            words = template.words.get(language[:2], template.words["en"])
            text = words.text
    return text, [str(WHAT_WORDS[code]) for code in what if code in WHAT_WORDS]
