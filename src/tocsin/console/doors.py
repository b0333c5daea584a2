"""Over what does this process ask whom a door must know? One index an organisation, one connection of the role `door`."""

from functools import cache

from tocsin.console.installation import key_ring, settings
from tocsin.flow.check_at_desk import Doors
from tocsin.runtime.database import connect


@cache
def doors() -> Doors:
    """Return what this process matches by."""
    return Doors(lambda: connect(settings(), "door"), key_ring())
