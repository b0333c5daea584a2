"""A phone is lost: its token counts for nothing from this moment, except that its SOS still alarms, labelled.

It takes one person, and acts at once. What somebody kept from her revokes is revoked on his screens only.
"""

from datetime import datetime
from uuid import UUID

from tocsin.registry import store_devices as devices
from tocsin.registry.access import Hidden, Viewer, note
from tocsin.runtime.database import Connection


def revoke_device(
    conn: Connection, viewer: Viewer, device_id: UUID, *, at: datetime
) -> tuple[UUID, bool]:
    """Return whose device this is, and whether it is revoked now; revoking it again changes nothing.

    Who is kept from her is answered as anybody else, and her phone stays hers: it is False for him alone (I11).

    Raises:
        Hidden: there is no such device here, or it is somebody else's and the viewer is no supervisor.
    """
    person_id = devices.owner_of(conn, viewer.organisation_id, device_id)
    if person_id is None or (person_id != viewer.person_id and not viewer.is_supervisor):
        raise Hidden
    if devices.revoke_device(conn, device_id, at):
        # Its links die with it: whoever found the phone must not take charge by one (I18).
        devices.revoke_pushes(conn, device_id, at)
        body = {"device": device_id, "person": person_id, "because": "lost"}
        note(conn, viewer, "device.revoked", body, at=at)
    still = devices.owner_of(conn, viewer.organisation_id, device_id, in_use=True)
    return person_id, still is None
