"""What does an enrolled phone dial? The emergency number of its person's site; it may be another than at the enrolment."""

from tocsin.registry import store_devices as devices
from tocsin.registry import store_sites as sites
from tocsin.runtime import tokens
from tocsin.runtime.database import Connection, set_viewer


def number_to_dial(conn: Connection, claims: tokens.Claims) -> str | None:
    """Return the number, "" if none is known; None if the phone that claims this is not in use."""
    organisation_id, person_id = claims.organisation_id, claims.person_id
    if devices.owner_of(conn, organisation_id, claims.device_id, in_use=True) != person_id:
        return None
    # Whoever has written another number for himself alone dials what his screens say.
    set_viewer(conn, organisation_id, person_id)
    return sites.number_to_dial(conn, organisation_id, person_id)
