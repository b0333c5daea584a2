"""Her own phone's tracker says SOS: it is one, like any other press of hers. Nothing swallows an SOS (I5)."""

from collections.abc import Sequence
from typing import Final

from tocsin.flow.alarms import Alarms, Change
from tocsin.flow.raise_sos import raise_sos
from tocsin.runtime.ids import Ids
from tocsin.signals.rules.press import Press
from tocsin.signals.rules.seen import Seen, Source

SOS: Final = "sos"
PATH: Final = "tracker"


def is_sos(seen: Seen) -> bool:
    """Return whether a person's own device asks for help. Of a monitor it means nothing: that is a respondent's."""
    return seen.source is Source.OWN_DEVICE and SOS in seen.codes and seen.person_id is not None


def raise_from_tracker(
    alarms: Alarms, seen: Seen, *, ids: Ids, engine: str = ""
) -> Sequence[Change]:
    """Return what this SOS has changed; the same message twice is one press, by its track."""
    if seen.person_id is None:
        return []
    press = Press(
        organisation_id=seen.organisation_id,
        person_id=seen.person_id,
        device_id=None,
        key=seen.track[-64:],
        act=SOS,
        source=PATH,
        received_at=seen.heard_at,
    )
    return raise_sos(alarms, [press], ids=ids, engine=engine)
