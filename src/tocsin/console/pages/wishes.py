"""What waits for a second person: who asked, when, and until when somebody can agree?"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from tocsin.console.pages.words import name_of
from tocsin.registry.access import Viewer
from tocsin.registry.rules.grants import WISH_FOR, Wish


def wish_shown(
    wish: Wish | None, names: Mapping[UUID, str], viewer: Viewer, at: datetime
) -> dict[str, object] | None:
    """Return what a page says of a wish that still waits at `at`; None: there is none, or it has lapsed."""
    if wish is None or not wish.waits(at):
        return None
    return {
        "value": wish.value or "",
        "by": name_of(wish.by_id, dict(names)),
        "at": wish.at,
        "until": wish.at + WISH_FOR,
        "is_mine": wish.by_id == viewer.person_id,
    }
