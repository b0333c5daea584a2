"""A code for an SOS: the true one stands down what it means, the other one only looks like it."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from tocsin.decisions.rules.incident import Incident, Shown
from tocsin.flow.alarms import Alarms, Change, Raiser
from tocsin.flow.decide import decide, entry, facts_for
from tocsin.flow.raise_sos import kept, new_incident
from tocsin.flow.walk_over import with_its_walk
from tocsin.notifications.rules.happenings import Cancelled, Opened
from tocsin.registry.rules.usual import usual_sos
from tocsin.runtime.ids import Ids
from tocsin.signals.rules.codes import Verdict, judge
from tocsin.signals.rules.press import Press


@dataclass(frozen=True, slots=True)
class Answer:
    """What the device is told about its own code, and what changed; `more`: in another incident."""

    grade: str
    change: Change
    more: tuple[Change, ...] = ()


def cancel_sos(alarms: Alarms, press: Press, *, ids: Ids, engine: str = "") -> Answer | None:
    """Return what a code has changed; None if this press was judged before or its person is unknown.

    The duress code, and the third wrong one in a row, answer exactly as the true one (I9) and call everybody, silently;
    also when nothing was open. The true one stands down only the press that it names (`of`), if that is her newest: one
    that arrives late must not end what she has pressed since. A revoked device's code is void: it stops nothing.
    """
    at = alarms.now()
    raiser = alarms.raisers([press], at).get((press.organisation_id, press.person_id))
    if raiser is None or alarms.known_keys([press]):
        return None
    running = alarms.open_incidents([(press.organisation_id, press.person_id)]).get(press.person_id)
    verdict, wrong = judged(alarms, press, raiser)
    if verdict is Verdict.WRONG:
        change = _refused(press, raiser, running, (at, ids))
    elif running or verdict is Verdict.DURESS:
        change = cancelled(
            alarms, press, raiser, running, verdict, of=press.of, how=(at, ids, engine)
        )
    else:
        change = kept(Change(), press, raiser, "cancel.accepted", (at, ids))
    alarms.save([replace(change, wrong_codes=((press.organisation_id, press.person_id, wrong),))])
    return Answer("wrong" if verdict is Verdict.WRONG else "cancelled", change)


def judged(alarms: Alarms, press: Press, raiser: Raiser) -> tuple[Verdict, int]:
    """Return what the code of this press means, and the wrong ones in a row after it."""
    pair = alarms.code_pair(press.organisation_id, press.person_id)
    if raiser.device_revoked:
        return Verdict.WRONG, pair.wrong_count if pair else 0
    return judge(pair, press.code)


def cancelled(
    alarms: Alarms,
    press: Press,
    raiser: Raiser,
    running: Incident | None,
    verdict: Verdict,
    *,
    of: str,
    how: tuple[datetime, Ids, str],
) -> Change:
    """Return what an accepted code changes: the incident stood down, or under duress called louder, silently.

    `of`: the key that shows *cancelled*; empty: all of them. A walk that the incident asked about ends with it.
    """
    at, ids, engine = how
    if running:
        what = Cancelled(under_duress=verdict is Verdict.DURESS, of=of)
        change = decide(running, what, facts_for(alarms, running, at), at, ids=ids, engine=engine)
        change = with_its_walk(alarms, change, "her code", at, ids)
        return replace(
            change, signals=kept(change, press, raiser, "sos.raised_again", (at, ids)).signals
        )
    policy = alarms.policies(raiser.organisation_id, [raiser.site_id], "sos").get(raiser.site_id)
    opened = replace(
        new_incident(press, raiser, policy or usual_sos(raiser.site_id), at),
        shown=Shown.CANCELLED,
        is_under_duress=True,
        keys=(),
    )
    change = decide(opened, Opened(), facts_for(alarms, opened, at), at, ids=ids, engine=engine)
    return kept(change, press, raiser, "sos.raised", (at, ids), is_new=True)


def _refused(
    press: Press,
    raiser: Raiser,
    running: Incident | None,
    how: tuple[datetime, Ids],
) -> Change:
    at, ids = how
    # As it is labelled: revoked, unknown, or not confirmed.
    because = ", ".join(raiser.labels) if raiser.device_revoked else "wrong code"
    change = kept(Change(), press, raiser, "cancel.refused", (at, ids))
    if running is None:
        return change
    body: dict[str, str | UUID | None] = {
        "person": press.person_id,
        "device": press.device_id,
        "because": because,
    }
    return replace(
        change, entries=(entry(running, "cancel.refused", body, at, ids, press.person_id),)
    )
