"""She goes another way: who looked has looked at the old one, and who is being asked would look at it."""

from uuid import UUID

from tocsin.flow.alarms import Alarms, Change
from tocsin.flow.ask_to_look import ANOTHER_WAY, close
from tocsin.runtime.ids import Ids
from tocsin.signals.rules import hold as holds
from tocsin.signals.rules.hold import State
from tocsin.signals.rules.serving import no_longer_seen


def change_way(alarms: Alarms, organisation_id: UUID, person_id: UUID, *, ids: Ids) -> list[Change]:
    """Return her open holds as nobody has looked at them, and their questions closed; an engine asks anew at once.

    To be called once her new way is kept, in the same transaction: her phone must not say for a moment longer that
    somebody has looked. What was seen stays, with the question about it, until a person decides.
    """
    at = alarms.now()
    changes = []
    for hold in alarms.open_holds(organisation_id, person_id=person_id):
        if hold.state is State.SOMETHING:
            continue
        changes.append(Change(holds=(holds.poked(no_longer_seen(hold), at),)))
        questions = alarms.questions(organisation_id, hold.id)
        changes += [close(alarms, q, ANOTHER_WAY, at, ids=ids) for q in questions]
    alarms.save(changes)
    return changes
