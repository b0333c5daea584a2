"""To which numbers does a carrier let nothing of ours through any more, since their owners texted STOP? All SQL of it.

Nothing is written down of it but what became of each message: so whoever must not hear of an incident does not see by a
number, either, that a message about it was tried. A number is free again once a message has reached it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from tocsin.decisions.rules.incident import ASKING
from tocsin.notifications.rules.message import OPTED_OUT
from tocsin.runtime.database import Connection

KNOWN_FOR: Final = timedelta(days=30)
STOPPED_FOR: Final = timedelta(days=1)
MAX_TOLD: Final = 1_000
# Begins the key under which leads are told of a STOP; her id follows.
STOPPED: Final = "stop-"

# As the index `delivery_opted_out` has it, to the letter.
_REFUSED: Final = f"(o.error = '{OPTED_OUT}' or o.provider_state = 'failed {OPTED_OUT}')"
# A silent press of hers is not to show on her own screen by what became of its messages (I22), nor hers on his (I11); nor any
# message to her since he wrote that she left (`store.NOT_GONE`).
_HEARD_OF: Final = """not exists (
        select 1 from tocsin_hidden_from(array[o.incident_id]) hidden where hidden.person_id = tocsin_viewer())
    and not exists (select 1 from registry_person_shown gone where gone.id = o.person_id and gone.left_at <= o.made_at)"""
# Of a message `d` to her: nothing that was tried later on the same way says that her carrier lets nothing through.
NOT_BLOCKED: Final = f"""not exists (select 1 from notifications_delivery o
    where o.organisation_id = d.organisation_id and o.contact_id = d.contact_id and {_REFUSED}
      and o.made_at > d.made_at and {_HEARD_OF})"""  # noqa: S608 - constants


@dataclass(frozen=True, slots=True)
class Refusal:
    """A message that a carrier refused so. `about_id`: whom its incident is about, None of a drill and of what only asks."""

    organisation_id: UUID
    incident_id: UUID
    site_id: UUID
    about_id: UUID | None
    contact_id: UUID
    person_id: UUID
    at: datetime


def load_blocked(
    conn: Connection, organisation_id: UUID, at: datetime
) -> dict[UUID, tuple[UUID, datetime]]:
    """Return, by contact method in use, (whose it is, since when it is known) of what a carrier blocks at `at`.

    It ends when her phone has had a message again: by a receipt, or by her answer to a question whether she is reachable.
    """
    rows = conn.execute(
        f"""
        select distinct on (o.contact_id) o.contact_id, o.person_id, o.made_at from notifications_delivery o
        join registry_contactmethod c on c.id = o.contact_id
          and tocsin_shown(c.revoked_at, c.his_revoked_at, c.person_id) is null
        where o.organisation_id = %(o)s and {_REFUSED} and o.made_at > %(since)s and {_HEARD_OF} and not exists (
            select 1 from notifications_delivery d join decisions_incident i on i.id = d.incident_id
            where d.person_id = o.person_id and d.contact_id = o.contact_id and d.made_at > o.made_at
              and (d.provider_state = 'delivered' or d.state = 'seen' and i.kind = 'proof'))
        order by o.contact_id, o.made_at
        """,  # noqa: S608 - constants
        {"o": organisation_id, "since": at - KNOWN_FOR},
    ).fetchall()
    return {contact_id: (person_id, since) for contact_id, person_id, since in rows}


def load_stopped(conn: Connection, organisation_id: UUID, at: datetime) -> dict[UUID, datetime]:
    """Return of whom leads were told in the past day that she texted STOP, and when last.

    By that telling, and not by her text: of a number that is perhaps somebody else's it is told alike, so that who holds
    that phone sees by nothing what is thought of it.
    """
    rows = conn.execute(
        """select substr(key, 6, 32)::uuid, max(opened_at) from decisions_incident
        where organisation_id = %s and kind = 'gap' and key ~ '^stop-[0-9a-f]{32}-' and opened_at > %s group by 1""",
        (organisation_id, at - STOPPED_FOR),
    )
    return dict(rows.fetchall())


def latest_refusals(conn: Connection, since: datetime) -> Sequence[Refusal]:
    """Return, of each contact method, the latest message since then that a carrier refused so; at most 1,000.

    None about a case, or about somebody whom one protects: who is told of that is told on its incident's page alone.
    """
    rows = conn.execute(
        f"""
        select distinct on (o.contact_id) o.organisation_id, o.incident_id, i.site_id,
            case when not i.is_drill and i.kind <> all(%(asking)s) then i.person_id end,
            o.contact_id, o.person_id, o.made_at
        from notifications_delivery o join decisions_incident i on i.id = o.incident_id
        where {_REFUSED} and o.made_at > %(since)s and i.case_id is null
          and (i.is_drill or i.kind = any(%(asking)s) or not exists (
            select 1 from registry_case c where c.protected_id = i.person_id and c.closed_at is null))
        order by o.contact_id, o.made_at desc limit {MAX_TOLD}
        """,  # noqa: S608 - constants
        {"since": since, "asking": [kind.value for kind in ASKING]},
    ).fetchall()
    return [Refusal(*row) for row in rows]
