"""Somebody enrolled her phone who is kept from her, or from a case to which she is called: it is said to be hers still.

Of her own case she says so, or a safety lead; of another's only a safety lead, to whom alone it is told.

He may have kept its token. Until then its SOS alarms, labelled, and nothing else of it is believed; revoking it is the
other answer (`revoke_device`).
"""

from datetime import datetime
from uuid import UUID

from tocsin.registry import store_devices as devices
from tocsin.registry.access import Hidden, Viewer, note
from tocsin.runtime.database import Connection


def confirm_device(conn: Connection, viewer: Viewer, device_id: UUID, *, at: datetime) -> UUID:
    """Return whose device is believed again from now on.

    Raises:
        Hidden: no device waits under this id for this viewer; whoever is kept from her is told of none (I11).
    """
    person_id = devices.owner_of(conn, viewer.organisation_id, device_id, in_use=True)
    if person_id is None or (person_id != viewer.person_id and not viewer.is_administrator):
        raise Hidden
    if not devices.confirm_device(conn, device_id, viewer.person_id, at):
        raise Hidden
    body = {"device": device_id, "person": person_id}
    note(conn, viewer, "device.confirmed", body, at=at)
    return person_id
