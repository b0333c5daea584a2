"""How late was everybody reached?"""

from collections.abc import Sequence

from tests.faults.conftest import ON_DUTY
from tests.faults.phones import Pressed
from tests.faults.place import Place, until

# What is promised, in seconds; the rest is for a machine that does other things too.
PROMISED_S = 2.0
SPARE_S = 1.5


def late(place: Place, pressed: Pressed) -> float:
    """Return after how many seconds the last of those on duty was reached; infinity if one was not."""
    first: dict[str, float] = {}
    for arrival in place.sink.of_key(pressed.key):
        first.setdefault(arrival.path, arrival.at)
    paths = [f"/{n}" for n in range(1, ON_DUTY + 1)]
    return max(first.get(path, float("inf")) for path in paths) - pressed.stored_at


def wait_all_reached(place: Place, presses: Sequence[Pressed], *, within_s: float) -> float:
    """Return the greatest lateness of these presses, once everybody was reached for each."""
    left = list(presses)
    worst = 0.0

    def is_done() -> bool:
        nonlocal left, worst
        lateness = [(pressed, late(place, pressed)) for pressed in left]
        worst = max([worst, *(s for _, s in lateness if s < float("inf"))])
        left = [pressed for pressed, seconds in lateness if seconds == float("inf")]
        return not left

    until(is_done, within_s=within_s, what="not everybody was reached", place=place)
    return worst
