"""What of a case does a new fact open although it was opened before? Pure; times are aware UTC."""

from datetime import datetime, timedelta
from typing import Final

from tocsin.decisions.rules.safeguard_templates import BY_CODE, Event
from tocsin.decisions.rules.safeguards import Move, Safeguard, State, is_late, moved

OFFERED_AGAIN_AFTER: Final = timedelta(days=7)


def is_under_way(safeguard: Safeguard, at: datetime) -> bool:
    """Return whether a new fact need not open it once more.

    What is late asks nobody any more: whoever left it undone after one release is told anew of the next. Her yes stands, and
    so does her no: what is offered once more would tell whoever reads the record that she had declined it.
    """
    if safeguard.touches_her:
        return safeguard.state not in {State.DONE, State.DROPPED}
    return not safeguard.is_ended and not is_late(safeguard, at)


def offered_again(safeguard: Safeguard, event: Event, at: datetime) -> Safeguard | None:
    """Return what she declined a week ago or before as an offer once more, if this fact offers it; else None."""
    template = BY_CODE.get(safeguard.template)
    said_no = safeguard.ended_at if safeguard.state is State.DECLINED else None
    if template is None or said_no is None or event not in template.events:
        return None
    is_soon = at < said_no + OFFERED_AGAIN_AFTER
    return None if is_soon else moved(safeguard, Move.OFFER, at, None)
