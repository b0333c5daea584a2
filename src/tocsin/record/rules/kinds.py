"""Which facts can be written to the record, and with which fields?

`docs/reference/entries.md` is made from this module and `kinds_of_cases.py`.

A field is `name:form`, `?` when it may be missing. Nothing here takes free text: a person's words
and data are `sealed` under her key, everything else is a code, a number, a time or an id. Her
refusals, risk answers and conversations have no kind: they are hers to delete and never in the
record.

`cancel.accepted` and `walk.ended` say by which of her codes. The record holds the truth; what is
shown or sent to her devices must not (I9): a page of hers leaves `duress` out and so does every
count made for it.
"""

from collections.abc import Mapping
from typing import Final

from tocsin.record.rules.kind_forms import Form, Kind
from tocsin.record.rules.kind_forms import kind as _kind
from tocsin.record.rules.kinds_of_cases import OF_CASES

__all__ = ["KINDS", "Form", "Kind", "reference"]


_SIGNAL: Final = (
    "signal:id person:id? device:id? key:given? path:code? silent:flag? drill:flag? label:reason? "
    "pressed_at:time? late_ms:number? place:sealed? words:sealed? "
)
_DELIVERY: Final = (
    "delivery:id person:id? channel:code? step:number? attempt:number? reference:given? "
    "provider:code? provider_id:given? took_ms:number? drill:flag? "
)
_ACT: Final = (
    "person:id? via:reason? delivery:id? signal:id? step:number? since_ms:number? drill:flag? "
)
_WALK: Final = "walk:id person:id? signal:id? via:reason? "
_GRANT: Final = "row:id case:id person:id told:id? because:code? "
_CHANGE: Final = "row:id? table:code? columns:codes? before:digest? after:digest? because:reason? "

KINDS: Final[Mapping[str, Kind]] = {
    # What was heard.
    "sos.raised": _kind("An SOS was raised and is stored.", _SIGNAL),
    "sos.raised_again": _kind("She raised another SOS while her incident was open.", _SIGNAL),
    "sos.folded": _kind(
        "A flood of one device, of which this press stands for so many: counted, not kept one by one.",
        "signal:id person:id device:id? count:number last_key:given",
    ),
    # The incident.
    "incident.opened": _kind(
        "An incident was opened.",
        "word:code? cause:code signal:id? person:id? site:id? policy:id? walk:id? "
        "silent:flag? drill:flag? plan:digest?",
    ),
    "incident.unanswered": _kind(
        "The whole ladder was called and nobody has answered; it starts over, louder.",
        "loop:number? step:number? called:number? drill:flag?",
    ),
    "incident.called_instead": _kind(
        "The ladder rang nobody; whoever else can be called is called at once.",
        "loop:number? called:number? drill:flag?",
    ),
    "incident.stood_down": _kind(
        "The incident is over.",
        "because:reason? via:reason? person:id? second:id? duration_s:number? drill:flag?",
    ),
    "incident.seen_again": _kind(
        "A respondent was seen while an incident was open; it joined it.",
        "case:id cause:code confirmed:flag",
    ),
    "incident.decided_anew": _kind(
        "What is known of an order has changed since he was seen: what that comes to now, and came to before.",
        "case:id cause:code before:code",
    ),
    "incident.located": _kind(
        "A person recorded where the respondent is held; until then he is not located.",
        "case:id because:reason",
    ),
    "incident.not_located": _kind(
        "What was recorded of where he is held was taken back: he is not located again.",
        "case:id because:reason",
    ),
    "incident.ended_not_located": _kind(
        "The incident is over, and nobody has recorded where the respondent is held: he is not located.",
        "case:id",
    ),
    "sighting.matched": _kind(
        "Something that was seen matches a case; what decided about it.",
        "sighting:id case:id cause:code certainty:code score:number source:code site:id? late_ms:number? "
        "because:codes? parts:counts? posture:code?",
    ),
    "sighting.confirmed": _kind("A person compared: it is he.", "case:id sighting:id?"),
    "sighting.dismissed": _kind("A person compared: it is not he.", "case:id sighting:id?"),
    # Escalation.
    "step.begun": _kind(
        "A step of the escalation began.",
        "step:number due_at:time? late_ms:number? loop:number? people:ids? called:number? "
        "channels:codes? because:reason? drill:flag?",
    ),
    "step.skipped": _kind(
        "A step had nobody to call; the next one began at once.",
        "step:number because:reason loop:number? drill:flag?",
    ),
    # Deliveries.
    "delivery.sent": _kind("A message was handed to its provider; nobody has seen it.", _DELIVERY),
    "delivery.failed": _kind(
        "A message could not be delivered; the person's next channel began at once.",
        _DELIVERY + "code:reason? permanent:flag? next:code?",
    ),
    "delivery.unanswered": _kind(
        "Nobody answered this message before its deadline.", _DELIVERY + "after_s:number?"
    ),
    "delivery.receipt": _kind(
        "The provider says what became of a message; no proof that a person saw it.",
        _DELIVERY + "status:reason",
    ),
    # What people did.
    "act.seen": _kind("A person saw it.", _ACT),
    "her.answered": _kind("She has read what was seen; it stops nothing.", _ACT),
    "act.calling": _kind("A person owns the emergency call.", _ACT),
    "act.going": _kind("A person is going there.", _ACT),
    "act.in_charge": _kind("A person is in charge.", _ACT + "confirm_every_s:number?"),
    "act.there": _kind("A person is there.", _ACT),
    "act.over": _kind("A person says that it is over.", _ACT),
    "act.cannot": _kind("A person cannot come.", _ACT),
    "act.locking": _kind("A person is locking doors.", _ACT),
    "act.watching": _kind("A person watches from cover.", _ACT),
    "act.holding_crews_off": _kind("A person holds crews off.", _ACT),
    "act.meeting_police": _kind("A person meets the police.", _ACT),
    "answer.unclear": _kind(
        "A text without a valid code came; it is shown and stops nothing.",
        "person:id? signal:id? because:reason? words:sealed?",
    ),
    "call.unclaimed": _kind(
        "Nobody owns the emergency call.", "after_s:number? times:number? drill:flag?"
    ),
    "charge.confirm_asked": _kind(
        "Who is in charge was asked to confirm.", "person:id due_at:time? because:reason?"
    ),
    "charge.confirmed": _kind(
        "Who is in charge did something in time after being asked to confirm.",
        "person:id via:reason?",
    ),
    "charge.lapsed": _kind(
        "Who was in charge fell silent; escalation goes on.",
        "person:id silent_s:number? because:reason?",
    ),
    "charge.handed_over": _kind("Charge went from one to another.", "from_person:id to_person:id"),
    "part.ended": _kind(
        "What a person does about it counts no more: who may not know of it now, or does not work here any more.",
        "person:id in_charge:flag calling:flag",
    ),
    "cancel.accepted": _kind(
        "She cancelled with one of her two codes.",
        "person:id? signal:id? device:id? via:reason? duress:flag",
    ),
    "cancel.refused": _kind(
        "A cancel was refused; nothing was stopped.",
        "person:id? signal:id? device:id? via:reason? because:reason",
    ),
    # Walks.
    "walk.started": _kind(
        "A walk began.",
        _WALK + "due_at:time? timer_s:number? way:id? watcher:id? note:sealed? device:id?",
    ),
    "walk.extended": _kind("A walk was extended.", _WALK + "due_at:time by_s:number?"),
    "walk.ended": _kind(
        "A walk ended: by one of her two codes, or by who watches.",
        _WALK + "confirmed_by:id? duress:flag?",
    ),
    "walk.overdue": _kind(
        "A walk was not ended in time: the steps say whom that asks, and when.",
        _WALK + "due_at:time? late_s:number?",
    ),
    # Drills. A proof of reach is an incident: its steps, messages and acts say who was asked and who answered on what.
    "drill.begun": _kind(
        "A drill began.", "drill:id? site:id? policy:id? silent:flag? notice:code?"
    ),
    "drill.ended": _kind(
        "A drill ended, with its figures.",
        "drill:id? first_answer_ms:number? call_claimed_ms:number? in_charge_ms:number? "
        "reached:number? not_reached:ids? reasons:counts? figures:counts?",
    ),
    "gap.announced": _kind(
        "There will be too few people; said before it happens.",
        "site:id? team:id? from_at:time? to_at:time? because:reason? have:number? need:number? "
        "told:ids?",
    ),
    "roster.unplanned": _kind(
        "Lines of a roster cannot be followed, or it cannot be planned at all; said to the leads.",
        "site:id because:code told:ids",
    ),
    "number.stopped": _kind(
        "Somebody texted STOP: nothing is off here, but a carrier may block our texts; said to a lead.",
        "person:id told:ids",
    ),
    "number.blocked": _kind(
        "A carrier refuses our texts to this number since STOP was texted; said to a lead.",
        "row:id person:id told:ids",
    ),
    # Who may do what.
    "device.enrolled": _kind("A device was enrolled.", "device:id person:id kind:code?"),
    "device.confirmed": _kind(
        "A device that somebody else enrolled was confirmed.", "device:id person:id"
    ),
    "contact.confirmed": _kind(
        "A way to reach somebody that another wrote down was confirmed.", "row:id person:id"
    ),
    "account.confirmed": _kind(
        "A sign-in that another made was confirmed to be its person's.", "person:id account:id"
    ),
    "device.revoked": _kind("A device was revoked.", "device:id person:id? because:reason?"),
    "sender.enrolled": _kind(
        "A machine that reports was enrolled.", "sender:id kind:code case:id? person:id? site:id?"
    ),
    "sender.rekeyed": _kind(
        "A sender got another key; the one before is good no more.", "sender:id case:id? person:id?"
    ),
    "sender.revoked": _kind(
        "A sender was revoked.", "sender:id case:id? person:id? because:reason?"
    ),
    "report.waits": _kind(
        "What a person told waits for a person who decides; who was told.",
        "row:id site:id? told:ids?",
    ),
    "report.taken": _kind("Somebody who was told of a report sees to it.", "row:id"),
    "report.put_aside": _kind("Somebody put a report aside; nothing of it is kept.", "row:id"),
    "session.begun": _kind("Somebody signed in.", "person:id? account:id? method:code?"),
    "session.revoked": _kind(
        "A session was ended.", "person:id? account:id? session:digest? because:reason?"
    ),
    "loosening.asked": _kind(
        "Somebody asked for less; a second must agree.", _CHANGE + "what:code"
    ),
    "loosening.agreed": _kind("A second person agreed.", _CHANGE + "what:code second:id?"),
    "loosening.refused": _kind("A second person refused.", _CHANGE + "what:code second:id?"),
    "grant.asked": _kind("Somebody asked that a person may read a case.", _GRANT),
    "grant.agreed": _kind("A second person agreed; the case can be read.", _GRANT),
    "grant.broken": _kind(
        "Somebody reads a case for an hour without a second; one was told.", _GRANT
    ),
    "grant.told": _kind("A second was told of it at last; nobody could be told before.", _GRANT),
    "grant.ended": _kind("A right to read a case ended.", _GRANT),
    "grant.reviewed": _kind("Somebody else looked at why the glass was broken.", _GRANT),
    "party.linked": _kind("A person was shut out of a case.", "case:id person:id"),
    "party.unlink_asked": _kind("Somebody asked to let a person in again.", "case:id person:id"),
    "party.unlinked": _kind(
        "A second person agreed; that person is let in again.", "case:id person:id"
    ),
    "case.advocate": _kind(
        "Who hears when somebody is let in was named, by her or by two.", "case:id person:id?"
    ),
    "case.advocate_asked": _kind(
        "Somebody asked to name another person who hears when somebody is let in.",
        "case:id person:id?",
    ),
    # What was set up.
    "contact.verified": _kind(
        "It was said that a person has answered on a contact method: by her answer, or by a supervisor.",
        "row:id person:id via:reason?",
    ),
    "contact.retired": _kind(
        "A push is used no more: its push service says that it is gone.",
        "row:id person:id because:reason",
    ),
    "account.reset": _kind(
        "A new first password and a new second step were asked for, for somebody else.",
        "person:id account:id? because:reason?",
    ),
    "account.ended": _kind(
        "A sign-in that was made by somebody kept from her, and was never in use, was ended.",
        "person:id account:id",
    ),
    "registry.changed": _kind(
        "Something in the registry changed.", _CHANGE + "person:id? case:id?"
    ),
    "policy.changed": _kind("An escalation policy changed.", _CHANGE + "policy:id?"),
    "roster.changed": _kind("A roster changed.", _CHANGE + "roster:id? person:id?"),
    "person.erased": _kind("A person's key was destroyed.", "person:id because:reason?"),
    "case.noticed": _kind(
        "She was sent a notice that people were told of her case; `count`: of how many lines of the ledger.",
        "case:id count:number",
    ),
    "case.erased": _kind("A case's key was destroyed.", "case:id because:code"),
    "case.hold_lift_asked": _kind("Somebody asked to take a legal hold away.", "case:id"),
    "case.hold_lifted": _kind("A second person agreed; the legal hold is gone.", "case:id"),
    "case.erase_on": _kind("When a case is to be erased was set.", "case:id on:time?"),
    "case.erase_asked": _kind("Somebody asked to erase a case on a sooner day.", "case:id"),
    "import.done": _kind(
        "A file was imported.",
        "what:code file:digest? accepted:number refused:number changed:number?",
    ),
    # The machine itself.
    "engine.released": _kind(
        "A person let the engine go that had held everything but a new SOS, on a database older than its record.",
        "held_since:time",
    ),
    "engine.caught_up": _kind(
        "The database was away and is back; what happened meanwhile is written down.",
        "away_s:number",
    ),
    "spool.damaged": _kind(
        "A part of the spool could not be read; what was stored there may be missing.",
        "because:reason segment:code bytes:number",
    ),
    "clock.stepped": _kind("The machine's clock was moved.", "by_ms:number"),
    # The record itself.
    "record.read": _kind(
        "A protected record was read; written before the answer.",
        "what:code subject:id? because:reason? count:number?",
    ),
    "record.exported": _kind(
        "A part of the record was exported.",
        "what:code subject:id? size:number? root:digest? count:number?",
    ),
    **OF_CASES,
}


def reference() -> str:
    """Return `docs/reference/entries.md`: every kind, its meaning and its fields, as Markdown."""
    lines = [
        "# Entries of the record",
        "",
        "Made from `src/tocsin/record/rules/kinds.py`. Fields in brackets may be missing.",
    ]
    area = ""
    for name, kind in KINDS.items():
        if name.partition(".")[0] != area:
            area = name.partition(".")[0]
            lines += ["", f"## {area}", "", "| kind | meaning | fields |", "|---|---|---|"]
        fields = [
            f"`{each}` {form.value}" if each in kind.required else f"[`{each}` {form.value}]"
            for each, form in kind.fields.items()
        ]
        lines.append(f"| `{name}` | {kind.meaning} | {'; '.join(fields)} |")
    return "\n".join([*lines, ""])
