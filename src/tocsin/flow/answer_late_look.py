"""A look came by text when it could not count any more: whoever looked must not believe that it did."""

from uuid import UUID

from tocsin.decisions.rules.incident import Incident
from tocsin.flow.alarms import Alarms, Change
from tocsin.flow.decide import decide, facts_for
from tocsin.flow.look import NOT_YOURS
from tocsin.flow.respond import Refused
from tocsin.notifications.rules.happenings import LookedTooLate
from tocsin.runtime.ids import Ids


def answer_late_look(
    alarms: Alarms,
    question: Incident,
    person_id: UUID,
    refused: Refused,
    *,
    ids: Ids,
    engine: str = "",
) -> list[Change]:
    """Return the message to whoever looked, saved: she is told that it came too late, and not what became of the walk.

    Nothing to whoever may not know of it: she who waits, and who is kept from her. Nothing either where no text may go.
    """
    if refused.because == NOT_YOURS:
        return []
    at = alarms.now()
    facts = facts_for(alarms, question, at, besides=(person_id,))
    change = decide(question, LookedTooLate(person_id), facts, at, ids=ids, engine=engine)
    alarms.save([change])
    return [change]
