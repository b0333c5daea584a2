"""Over what does this process ask whom a door must know? One index an organisation, one connection of the role `door`."""

from functools import cache
from threading import Thread

import psycopg

from tocsin.console.installation import key_ring, settings
from tocsin.flow.check_at_desk import Doors
from tocsin.runtime import logs
from tocsin.runtime.database import connect

log = logs.get(__name__)


@cache
def doors() -> Doors:
    """Return what this process matches by."""
    return Doors(lambda: connect(settings(), "door"), key_ring())


def warm() -> None:
    """Make the indexes beside everything else, once, when the process starts; a database that is away is no fault."""
    Thread(target=_warm, name="doors", daemon=True).start()


def _warm() -> None:
    try:
        doors().warm()
        doors().close()
    except psycopg.Error as error:
        log.warning("doors.not_warm", because=type(error).__name__)
