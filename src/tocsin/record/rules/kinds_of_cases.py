"""Which facts of a case can be written to the record: orders, doors, held walks, custody, safeguards, briefings?

No names: a case is its id. Her refusals have no kind: they are hers to delete and never in the record.
"""

from collections.abc import Mapping
from typing import Final

from tocsin.record.rules.kind_forms import Kind, kind

_HOLD: Final = "hold:id person:id? site:id? "
_SAFEGUARD: Final = "case:id safeguard:id template:code "
_OPENED: Final = "event:code event_id:id owner:id? due_at:time?"

OF_CASES: Final[Mapping[str, Kind]] = {
    # Orders and what the doors do. No names: a case is its id.
    "order.entered": kind(
        "An order was entered; it counts at once, and a second person is to look at it.",
        "case:id order:id family:code conditions:codes? facts:ids? house_rule:id? review_due_at:time reviewers:ids?",
    ),
    "order.told": kind(
        "Something happened to an order, or what was said of it is taken back.",
        "case:id order:id fact:id kind:code source:code retracts:id? reviewers:ids?",
    ),
    "order.reviewed": kind(
        "A second person has looked at the entry of an order, or at what was told of it since (`facts`).",
        "case:id order:id facts:ids? late_s:number?",
    ),
    "order.review_overdue": kind(
        "Nobody has looked in time at the entry of an order, or at what was told of it since (`facts`).",
        "case:id order:id facts:ids? due_at:time",
    ),
    "order.paper": kind(
        "The document of an order was added, or its masked first page.",
        "case:id order:id paper:id what:code size:number",
    ),
    "order.drawn": kind(
        "A place that an order names was drawn: a position there is seen from now on.",
        "case:id order:id",
    ),
    "door.changed": kind(
        "What the doors do about a case changed.",
        "case:id instruction:code standing:code sites:ids? informs:ids? places:ids? version:number",
    ),
    "door.lower_asked": kind(
        "Somebody asked to let the doors' posture go after an order's end.", "case:id"
    ),
    "door.lowered": kind(
        "A second person agreed to let the doors' posture go.", "case:id second:id"
    ),
    "door.reader_gone": kind(
        "A lead said that a reader which was revoked is gone on purpose: the case misses it no more.",
        "case:id sender:id",
    ),
    "known.not_his_asked": kind(
        "Somebody asked that a badge or a plate counts as his no more.", "case:id what:code"
    ),
    "known.not_his": kind(
        "A second person agreed that a badge or a plate is not his any more; the doors match nobody by it.",
        "case:id what:code second:id",
    ),
    "rule.set": kind(
        "A house rule was set.",
        "case:id rule:id ground:code notice:code notice_due_at:time? ends_at:time sites:ids?",
    ),
    "rule.noticed": kind("The respondent was told of a house rule.", "case:id rule:id"),
    "rule.notice_overdue": kind(
        "Nobody has said in time that the respondent was told of a house rule.",
        "case:id rule:id due_at:time to:code",
    ),
    "rule.lift_asked": kind("Somebody asked to lift a house rule.", "case:id rule:id"),
    "rule.lifted": kind(
        "A second person agreed to lift a house rule.", "case:id rule:id second:id"
    ),
    # Held walks. That she declined one has no kind: it is hers; time ends it like any other.
    "hold.opened": kind(
        "A shift's end or start opened a walk, held until somebody has looked.",
        _HOLD + "edge_at:time cause:code state:code",
    ),
    "hold.moved": kind(
        "A shift was changed, and the walk that it opened went with it.",
        _HOLD + "edge_at:time? from_at:time",
    ),
    "hold.left": kind(
        "She went; `missed` says that nobody had looked, which the employer explains.",
        _HOLD + "walk:id missed:flag look:id?",
    ),
    "hold.met": kind("Somebody met her at the door.", _HOLD + "via:code"),
    "hold.over": kind(
        "The time of a held walk was over; `missed` says that nobody had looked at all.",
        _HOLD + "missed:flag",
    ),
    "hold.explained": kind("Somebody explained a missed look.", _HOLD + "because:code"),
    "hold.offered": kind("Something about her walks was offered to her.", "person:id what:code"),
    "look.asked": kind(
        "People were asked to look at a way.", _HOLD + "what:code left_s:number asked:ids"
    ),
    "look.held_back": kind(
        "Her sentence is not sent any more: after a silent press nothing about her way sounds on her phone.",
        "messages:number",
    ),
    "proof.held_back": kind(
        "She is not asked any more whether she is reachable: after a silent press it would sound on her phone.",
        "messages:number",
    ),
    "notice.held_back": kind(
        "Her notice that people were told of her case waits: after a silent press it would sound on her phone.",
        "messages:number case:id?",
    ),
    "look.done": kind(
        "A person looked at a way; never that it is clear.",
        _HOLD + "look:id how:code saw:code via:code decided:flag",
    ),
    "look.late": kind(
        "A look came by text when it could not count any more; who wrote it is told.", "via:code"
    ),
    "look.lapsed": kind("A look grew too old to count.", _HOLD + "look:id?"),
    # Custody, blindness, accounts.
    "custody.recorded": kind(
        "A source said whether the respondent is held; it stands beside what others said.",
        "case:id row:id state:code source:code true_at:time? confirmed:flag? settles:flag? counts_as_free:flag?",
    ),
    "custody.taken_back": kind(
        "A word about custody does not count any more; it stays to be read.",
        "case:id row:id because:code counts_as_free:flag?",
    ),
    "custody.lapsed": kind(
        "Nobody has confirmed in time that the respondent is held; he counts as free.",
        "case:id row:id? because:code?",
    ),
    "protection.blind": kind(
        "A post, reader or tracker that protection rests on sees nothing.",
        "row:id what:code site:id? case:id? since:time? because:code told:ids?",
    ),
    "protection.sees": kind(
        "What was blind works again.", "row:id what:code site:id? case:id? blind_s:number?"
    ),
    "protection.unwatched": kind(
        "What was blind is not watched any more: it was taken out, or what it watched is over.",
        "row:id what:code site:id? case:id? blind_s:number?",
    ),
    "account.kept": kind(
        "One source's version of a fact was kept beside the others.",
        "row:id about:code subject:id case:id? fact:code said_at:time?",
    ),
    # Safeguards. What she declines has no kind: it is hers.
    "safeguard.opened": kind("A measure was opened.", _SAFEGUARD + _OPENED),
    "safeguard.prepared": kind(
        "A measure that a colleague would notice was prepared; it waits for the release.",
        _SAFEGUARD + _OPENED,
    ),
    "safeguard.offered": kind("A measure was offered to her.", _SAFEGUARD + _OPENED),
    "safeguard.taken": kind(
        "She took what was offered.", _SAFEGUARD + "owner:id? due_at:time? in_person:flag?"
    ),
    "safeguard.assigned": kind("A measure has another owner.", _SAFEGUARD + "owner:id?"),
    "safeguard.done": kind("A measure was done.", _SAFEGUARD + "evidence:digest?"),
    "safeguard.reopened": kind("A measure is not done after all.", _SAFEGUARD + "due_at:time?"),
    "safeguard.dropped": kind("A measure was dropped, for a kept reason.", _SAFEGUARD),
    "safeguard.told": kind("Somebody was told of a measure.", _SAFEGUARD + "to:id as:code"),
    "safeguard.escalated": kind(
        "A measure was not done in time; the owner's manager has it too.",
        _SAFEGUARD + "to:id? owner:id? due_at:time?",
    ),
    "safeguard.paged": kind(
        "A measure is due before her next shift; the duty lead was paged.",
        _SAFEGUARD + "told:ids? due_at:time?",
    ),
    "release.planned": kind(
        "When the visible steps are released was proposed.", "case:id row:id release_at:time"
    ),
    "release.agreed": kind(
        "She and the safety lead agreed on the time.",
        "case:id row:id release_at:time in_person:flag?",
    ),
    "release.withdrawn": kind("The agreed time does not hold any more.", "case:id row:id"),
    "release.done": kind(
        "The visible steps were released together.", "case:id row:id steps:ids count:number"
    ),
    "briefing.asked": kind(
        "Who keeps a post was asked to read a briefing.",
        "case:id person:id site:id post:id? version:number because:code?",
    ),
    "briefing.read": kind(
        "A briefing was read.", "case:id person:id site:id post:id? version:number"
    ),
    "briefing.printed": kind("A door card was printed.", "case:id site:id? version:number"),
    "roster.confirmed": kind(
        "A line of a roster that a party of a case wrote, or took out, is right: somebody on no side of it stands for it.",
        "case:id row:id table:code",
    ),
}
