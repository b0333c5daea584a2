"""How do text messages lie in PostgreSQL? Each once; number and words sealed under the sender's key. All SQL of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import DecryptionRefused, KeyRing, PersonKey
from tocsin.runtime.ids import uuid7
from tocsin.signals.rules.repeat import SAME_FOR, names_of_same
from tocsin.signals.rules.text import FROM_DOUBTED, UNCLEAR, shown

TABLE: Final = "signals_textreceived"
MAX_SHOWN: Final = 50


@dataclass(frozen=True, slots=True)
class Text:
    """A text message that came in. `incident_ids`: the incidents on which its words are shown.

    `contact_id`: the doubted way of hers that it came from; whoever wrote that down is shown the words as of any colleague.
    """

    organisation_id: UUID
    gateway: str
    provider_id: str
    received_at: datetime
    meaning: str
    person_id: UUID | None = None
    number: str = ""
    words: str = ""
    incident_ids: tuple[UUID, ...] = ()
    contact_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Words:
    """What a colleague wrote; `text` is empty if it was erased. `incident_ids`: all on which it is shown.

    `is_doubted`: from a number that somebody kept from her wrote down as hers: perhaps he wrote it. To him it is never said.
    """

    person_id: UUID
    at: datetime
    text: str
    incident_ids: tuple[UUID, ...]
    is_doubted: bool = False


def keep_text(conn: Connection, ring: KeyRing, text: Text) -> bool:
    """Return whether this message is new; a gateway's repeat (`rules/repeat.py`) is not."""
    row_id = uuid7()
    key = _key_of(conn, ring, text.person_id) if text.person_id and text.words else None
    cursor = conn.execute(
        """insert into signals_textreceived (id, organisation_id, gateway, provider_id, person_id, received_at, meaning,
            incident_ids, contact_id, from_sealed, text_sealed)
        select %(id)s, %(organisation)s, %(gateway)s::text, %(name)s, %(person)s::uuid, %(at)s, %(meaning)s,
            %(incidents)s::uuid[], %(contact)s::uuid, %(from)s::bytea, %(words)s::bytea
        where not exists (
            select 1 from signals_textreceived
            where organisation_id = %(organisation)s and gateway = %(gateway)s::text and provider_id = any(%(names)s)
              and received_at > %(at)s - %(same_for)s and received_at < %(at)s + %(same_for)s)
        on conflict do nothing""",
        {
            "id": row_id,
            "organisation": text.organisation_id,
            "gateway": text.gateway,
            "name": text.provider_id,
            "person": text.person_id,
            "at": text.received_at,
            "meaning": text.meaning,
            "incidents": list(text.incident_ids),
            "contact": text.contact_id,
            "from": key.seal(TABLE, "from_sealed", row_id, text.number) if key else None,
            "words": key.seal(TABLE, "text_sealed", row_id, text.words) if key else None,
            "names": list(names_of_same(text.provider_id)),
            "same_for": SAME_FOR,
        },
    )
    return cursor.rowcount == 1


def was_unclear(conn: Connection, organisation_id: UUID, named: tuple[str, str]) -> bool:
    """Return whether the text of this (gateway, name) is kept, and was no answer."""
    row = conn.execute(
        """select 1 from signals_textreceived
        where organisation_id = %s and gateway = %s and provider_id = %s and meaning = any(%s)""",
        (organisation_id, *named, sorted(UNCLEAR)),
    ).fetchone()
    return row is not None


def load_words(
    conn: Connection,
    ring: KeyRing,
    organisation_id: UUID,
    incident_id: UUID,
    raised_by: Sequence[str] = (),
) -> list[Words]:
    """Return the words that are shown on an incident, the latest 50 of those that this role may see, in their order.

    `raised_by`: the names of the texts that raised it, whose words belong to it as well.
    """
    rows = conn.execute(
        """select t.id, t.person_id, t.received_at, t.text_sealed, t.incident_ids, k.wrapped,
            t.meaning = any(%s) and not tocsin_wrote_way(t.contact_id)
        from signals_textreceived t left join registry_personkey k on k.person_id = t.person_id
        where t.organisation_id = %s and t.person_id is not null
          and (t.incident_ids @> array[%s]::uuid[] or t.provider_id = any(%s))
        order by t.received_at desc, t.id desc limit %s""",
        (sorted(FROM_DOUBTED), organisation_id, incident_id, list(raised_by), MAX_SHOWN),
    ).fetchall()
    return [
        Words(
            person_id,
            at,
            _opened(ring, person_id, row_id, sealed, wrapped),
            tuple(several),
            is_doubted=is_doubted,
        )
        for row_id, person_id, at, sealed, several, wrapped, is_doubted in reversed(rows)
    ]


def load_shown_on(
    conn: Connection, organisation_id: UUID, incident_ids: Sequence[UUID]
) -> list[tuple[UUID, ...]]:
    """Return, for each unclear text about one of these incidents, on which incidents it is shown; at most 1,000."""
    rows = conn.execute(
        """select incident_ids from signals_textreceived
        where organisation_id = %s and incident_ids && %s::uuid[] and meaning = any(%s)
        order by received_at desc limit 1000""",
        (organisation_id, list(incident_ids), sorted(UNCLEAR)),
    ).fetchall()
    return [tuple(several) for (several,) in rows]


def _key_of(conn: Connection, ring: KeyRing, person_id: UUID) -> PersonKey | None:
    row = conn.execute(
        "select wrapped from registry_personkey where person_id = %s", (person_id,)
    ).fetchone()
    try:
        return ring.person_key(person_id, bytes(row[0])) if row else None
    except DecryptionRefused:
        # Her words are lost then; her SOS must not be.
        return None


def _opened(
    ring: KeyRing, person_id: UUID, row_id: UUID, sealed: bytes | None, wrapped: bytes | None
) -> str:
    if sealed is None or wrapped is None:
        return ""
    try:
        key = ring.person_key(person_id, bytes(wrapped))
        return shown(key.open(TABLE, "text_sealed", row_id, bytes(sealed)))
    except DecryptionRefused:
        return ""
