"""Which words does a screen use for an order? Never more than was decided, and with what decided it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from tocsin.console.pages.tags import worded
from tocsin.registry.forms_orders import FAMILIES, GROUNDS, NOTICES
from tocsin.registry.rules.case_rows import ClosedOrder, DoorEntryRow
from tocsin.registry.rules.conditions import CONDITIONS
from tocsin.registry.rules.order import Because, Evidence, Fact, FactKind, Order, Verdict
from tocsin.registry.rules.posture import Instruction, Posture, Standing
from tocsin.runtime.drawing import Undrawn

FAMILY_WORDS: Final = dict(FAMILIES)
SOURCES: Final = {
    "document": gettext_lazy("by the document"),
    "court": gettext_lazy("by the court"),
    "police": gettext_lazy("by the police"),
    "her": gettext_lazy("by her"),
    "advocate": gettext_lazy("by her advocate"),
    "other": gettext_lazy("by somebody else"),
}
# Instead of what an order says: nobody may take one that cannot be read for none.
DAMAGED: Final = gettext_lazy(
    "Its papers cannot be opened: call whoever runs this system. The doors keep to what they knew."
)
CLOSED: Final = gettext_lazy(
    "An order of this case cannot be opened: call whoever runs this system. Nobody can say what counts now; the doors keep to what they knew."
)
CLOSED_CASE: Final = gettext_lazy(
    "This case cannot be opened: call whoever runs this system. Nothing of it is loosened meanwhile; the doors keep to what they knew."
)
CLOSED_RULE: Final = gettext_lazy(
    "The words of a house rule cannot be opened: call whoever runs this system. It stands as before."
)
UNDRAWN_WORDS: Final = {
    Undrawn.LOCKED: gettext_lazy(
        "This PDF asks for a password: its first page cannot be drawn here."
    ),
    Undrawn.BROKEN: gettext_lazy("This PDF is broken or has no page: there is nothing to draw."),
    Undrawn.NO_PAPER: gettext_lazy(
        "The first page of this PDF has no size of a paper: it is not drawn here."
    ),
    Undrawn.HEAVY: gettext_lazy(
        "The first page of this PDF takes too long or too much memory: it is not drawn here."
    ),
    Undrawn.BUSY: gettext_lazy(
        "Others are having pages drawn at this moment: load this page again in a few seconds."
    ),
}
GROUND_WORDS: Final = dict(GROUNDS)
NOTICE_WORDS: Final = dict(NOTICES)
FACT_WORDS: Final = {
    FactKind.ISSUED: gettext_lazy("Issued"),
    FactKind.EFFECTIVE: gettext_lazy("In effect from"),
    FactKind.ENDS: gettext_lazy("Its end is known"),
    FactKind.SERVICE_ATTEMPTED: gettext_lazy("Service was tried"),
    FactKind.SERVED: gettext_lazy("Served"),
    FactKind.TOLD_ORALLY: gettext_lazy("An officer told him"),
    FactKind.IN_COURT: gettext_lazy("He was in court"),
    FactKind.HEARING: gettext_lazy("Hearing"),
    FactKind.CONTINUED: gettext_lazy("The hearing was put off"),
    FactKind.MODIFIED: gettext_lazy("Modified"),
    FactKind.RENEWED: gettext_lazy("Renewed"),
    FactKind.RECALLED: gettext_lazy("Recalled"),
    FactKind.REINSTATED: gettext_lazy("Reinstated"),
    FactKind.DISMISSED: gettext_lazy("Dismissed"),
    FactKind.SUPERSEDED: gettext_lazy("Another order took its place"),
    FactKind.RETRACTED: gettext_lazy("Taken back"),
}
_BECAUSE: Final[Mapping[Because, object]] = {
    Because.ISSUED: gettext_lazy("issued"),
    Because.NOT_ISSUED: gettext_lazy("nothing says that it was issued"),
    Because.NOT_YET: gettext_lazy("not in effect yet, from"),
    Because.RUNS_UNTIL: gettext_lazy("runs until"),
    Because.OPEN_END: gettext_lazy("until the court says otherwise"),
    Because.END_UNKNOWN: gettext_lazy("nobody has said when it ends: it stays open"),
    Because.ENDED: gettext_lazy("ended"),
    Because.RECALLED: gettext_lazy("recalled"),
    Because.REINSTATED: gettext_lazy("reinstated"),
    Because.DISMISSED: gettext_lazy("dismissed"),
    Because.SUPERSEDED: gettext_lazy("another order took its place"),
    Because.SERVED: gettext_lazy("served"),
    Because.TOLD_ORALLY: gettext_lazy("told by an officer"),
    Because.IN_COURT: gettext_lazy("he was in court"),
    Because.NOT_SERVED: gettext_lazy("nobody has said that he knows of it"),
    Because.SERVICE_ATTEMPTED: gettext_lazy("service was tried"),
    Because.STANDS: gettext_lazy("the house rule stands until"),
    Because.LIFTED: gettext_lazy("the house rule was lifted"),
    Because.ELSEWHERE: gettext_lazy("the house rule is for other sites"),
    Because.NO_RULE: gettext_lazy("there is no house rule"),
}
INSTRUCTION_WORDS: Final = {
    Instruction.DO_NOT_ADMIT: gettext_lazy("Do not admit. Do not say why. Do not block his way."),
    Instruction.INFORM: gettext_lazy("Let him pass. Call who has charge. Do not say why."),
    Instruction.NONE: gettext_lazy("Nothing."),
}


def closed_words(
    closed: Sequence[ClosedOrder], door: DoorEntryRow | None, *, is_closed_case: bool = False
) -> dict[str, object]:
    """Return what the page says where the case or orders cannot be opened: what the doors know, if anything; never what counts.

    Nothing, where all can be opened.
    """
    if not (closed or is_closed_case):
        return {}
    knows = door is not None and door.is_active
    return {
        "standing": CLOSED_CASE if is_closed_case else CLOSED,
        "instruction": INSTRUCTION_WORDS[Instruction(door.instruction)] if door and knows else "",
        "only_places": False,
        "closed": [(FAMILY_WORDS[one.family.value], one.entered_at) for one in closed],
    }


def standing_words(found: Posture) -> str:
    """Return the one sentence about an order, or about there being none."""
    day = day_words(found.ended_on)
    said = {
        Standing.BREACH: _("possible breach, for police"),
        Standing.NOT_SERVED: _("valid, not served: do not be the one who tells him"),
        Standing.HOUSE_RULE: _("the house rule stands; no order of a court"),
        Standing.ENDED_RULE: _("order ended %(day)s; the house rule still stands") % {"day": day},
        Standing.ENDED: _("order ended %(day)s") % {"day": day},
        Standing.NOT_YET: _("issued, not in effect yet"),
        Standing.NONE: _("no entry found; this is not a clearance"),
    }
    words = said[found.standing]
    if found.is_kept_after_end:
        return _("%(words)s; the doors keep to it until two people have looked") % {"words": words}
    return words


def day_words(day: date | None) -> str:
    """Return a date for people: "3 March 2025"; "" for none."""
    return worded(day, "j F Y") if day else ""


def verdict_words(verdict: Verdict, order: Order) -> list[str]:
    """Return what decided a verdict, a line each, the weightiest first."""
    facts = {fact.id: fact for fact in order.facts}
    return [
        _evidence_words(one, facts.get(one.row_id) if one.row_id else None, order.court_time_zone)
        for one in verdict.because
    ]


def _evidence_words(evidence: Evidence, fact: Fact | None, zone: str) -> str:
    """Return one thing that decided, with its time by the court's clock (or its day, if no time is known), and who told it."""
    words = [str(_BECAUSE[evidence.code])]
    if evidence.at is not None:
        words.append(_evidence_day(evidence, fact) or local(evidence.at, zone))
    if evidence.source in SOURCES:
        words.append(f"({SOURCES[evidence.source]})")
    return " ".join(words)


def _evidence_day(evidence: Evidence, fact: Fact | None) -> str:
    if fact is None:
        return ""
    if evidence.code in {Because.RUNS_UNTIL, Because.ENDED}:
        day = fact.end.on if fact.end else None
        return _("the end of %(day)s") % {"day": day_words(day)} if day else ""
    return day_words(fact.local_date) if fact.true_at is None else ""


def fact_when(fact: Fact, zone: str) -> str:
    """Return when a fact was true: a time by the court's clock, or a day."""
    if fact.true_at is not None:
        return local(fact.true_at, zone)
    return day_words(fact.local_date) or _("no time said")


def fact_end(fact: Fact, zone: str) -> str:
    """Return what a fact says of the order's end, or ""."""
    if fact.end is None:
        return ""
    if fact.end.at is not None:
        return _("ends %(when)s") % {"when": local(fact.end.at, zone)}
    if fact.end.on is not None:
        return _("ends with %(day)s") % {"day": day_words(fact.end.on)}
    return _("no end until the court says so")


def local(at: datetime, zone: str) -> str:
    """Return an instant by the clock of a zone, with its name: "9 Mar 2025 16:58:07 CDT"."""
    wall = at.astimezone(ZoneInfo(zone) if zone else UTC)
    return f"{worded(wall, 'j M Y H:i:s')} {wall:%Z}"


def condition_words(codes: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return the national codes with our words."""
    return [(code, _(CONDITIONS[code]) if code in CONDITIONS else code) for code in codes]


# What the rules say, for who translates: the rules themselves know no language.
TRANSLATED: Final = (
    gettext_noop("Say whom the order restrains: a name, or one of the people here."),
    gettext_noop(
        "Say whom it protects; only a trespass notice or a workplace injunction protects a place alone."
    ),
    gettext_noop("The same person cannot be protected and restrained."),
    gettext_noop("The protected person cannot be shut out of her own case."),
    gettext_noop("This case protects somebody else: enter the order as a case of its own."),
    gettext_noop(
        "This case restrains somebody else, or nobody who works here: enter the order as a case of its own."
    ),
    gettext_noop(
        "Another advocate is named already: who may read the case names a new one, and it takes two."
    ),
    gettext_noop("This date of birth is in the future or before 1900."),
    gettext_noop("What is done without her has a ground: write it down."),
    gettext_noop(
        "It is entered for her side only. If he has an order against her, that is an entry of its own, by somebody else."
    ),
    gettext_noop("The end is not known: it stays open until somebody enters it. Ask the clerk."),
    gettext_noop("It cannot have been issued in the future."),
    gettext_noop("It ends before it was issued."),
    gettext_noop("The hearing would be before the order was issued."),
    gettext_noop("A house rule ends within 90 days."),
    gettext_noop("Say to whom he can write to contest it: a mailbox or an office."),
    gettext_noop("It would take effect after its end."),
    gettext_noop("It would take effect before it was issued."),
    gettext_noop("There is a time of service, but not what happened then."),
    gettext_noop("He cannot have been served or told in the future."),
    gettext_noop("He cannot have been served or told before it was issued."),
    gettext_noop("He cannot have been served or told after it ended."),
    gettext_noop("A date of birth here is in the future or before 1900."),
    gettext_noop("Say why he is not told yet."),
    gettext_noop("The notice may be put off by 14 days at most."),
    gettext_noop("This cannot be told of an order."),
    gettext_noop("It cannot have happened in the future."),
    gettext_noop("It cannot have happened before it was issued."),
    gettext_noop("Say until when: a date, or until the court says otherwise."),
    gettext_noop("It would end before it was issued."),
    gettext_noop("It was not recalled or dismissed before; nothing can be reinstated."),
    gettext_noop("Say what is taken back."),
    gettext_noop(
        "This case cannot be opened: only what protects her for longer is taken now, and this may not."
    ),
    gettext_noop("This case cannot be opened: an order can only be entered beside the others."),
    gettext_noop(
        "The key of this case is lost: nothing can be written in it. Call whoever runs this system."
    ),
    gettext_noop(
        "Must not assault, threaten, harass, follow or stalk the protected person or a child."
    ),
    gettext_noop("Must not threaten her family or household."),
    gettext_noop("She alone may be in the residence."),
    gettext_noop("Must stay away from the residence, property, school or place of work."),
    gettext_noop("Must not communicate with her, nor through employers, employees or colleagues."),
    gettext_noop("May visit, or has custody of, the children that the order names."),
    gettext_noop("Must not have or buy a firearm or another weapon."),
    gettext_noop("See the terms in words."),
    gettext_noop("She has custody of the children for the time being."),
    gettext_noop("a second person has to agree"),
    gettext_noop("this is not known of him, or not any more"),
    gettext_noop("what is done without her has a ground: write it down"),
    gettext_noop("it is lifted already"),
    gettext_noop("an order of this case cannot be opened: nobody can say that it is over"),
    gettext_noop("he has been told already"),
    gettext_noop("a second person looks at it: not the one who entered it"),
    gettext_noop("a second person looks at it: not the one who told it"),
    gettext_noop("something more was told since you opened this page: look again"),
    gettext_noop("somebody has looked at it already"),
    gettext_noop("this does not wait for you any more"),
    gettext_noop("somebody else has to agree that you read this case"),
)
