"""Where are the documents of orders, and what was typed of an order that could not be taken yet? Sealed bytes only."""

import base64
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from tocsin.registry.rules.case_rows import Paper
from tocsin.registry.rules.order_entry import Picture
from tocsin.registry.store_people import load_key
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing, PersonKey
from tocsin.runtime.ids import uuid7

PAPERS: Final = "registry_orderdocument"
DRAFTS: Final = "registry_orderdraft"
MAX_DRAFTS: Final = 20


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody typed of an order: the fields as they came, and the files."""

    id: UUID
    changed_at: datetime
    fields: dict[str, list[str]]
    files: dict[str, Picture]


def insert_paper(
    conn: Connection, key: PersonKey, organisation_id: UUID, paper: Paper, content: bytes
) -> None:
    """Write the document of an order, sealed under its case's key."""
    conn.execute(
        """
        insert into registry_orderdocument (id, organisation_id, order_id, case_id, media_type, size, content_sealed,
            first_page_type, added_at, added_by_id) values (%s, %s, %s, %s, %s, %s, %s, '', %s, %s)
        """,
        (
            paper.id,
            organisation_id,
            paper.order_id,
            paper.case_id,
            paper.media_type,
            paper.size,
            key.seal_bytes(PAPERS, "content_sealed", paper.id, content),
            paper.added_at,
            paper.added_by_id,
        ),
    )


def set_first_page(
    conn: Connection, key: PersonKey, paper_id: UUID, page: Picture, *, by: UUID
) -> None:
    """Write the masked first page of a document; who masked it answers for it."""
    conn.execute(
        """
        update registry_orderdocument set first_page_sealed = %s, first_page_type = %s, first_page_by_id = %s
        where id = %s
        """,
        (
            key.seal_bytes(PAPERS, "first_page_sealed", paper_id, page.content),
            page.media_type,
            by,
            paper_id,
        ),
    )


def load_papers(conn: Connection, case_id: UUID) -> tuple[Paper, ...]:
    """Return the documents of a case without their bytes, the newest first."""
    rows = conn.execute(
        """
        select id, order_id, case_id, media_type, size, added_at, added_by_id, first_page_sealed is not null,
            first_page_type from registry_orderdocument where case_id = %s order by added_at desc, id desc
        """,
        (case_id,),
    )
    return tuple(
        Paper(
            id=row[0],
            order_id=row[1],
            case_id=row[2],
            media_type=row[3],
            size=row[4],
            added_at=row[5],
            added_by_id=row[6],
            has_first_page=row[7],
            first_page_type=row[8],
        )
        for row in rows.fetchall()
    )


def open_paper(conn: Connection, key: PersonKey, paper_id: UUID) -> Picture | None:
    """Return the whole document, or None."""
    return _opened(conn, key, paper_id, "content_sealed", "media_type")


def open_first_page(conn: Connection, key: PersonKey, paper_id: UUID) -> Picture | None:
    """Return the masked first page, or None: nobody made one."""
    return _opened(conn, key, paper_id, "first_page_sealed", "first_page_type")


def load_masked(conn: Connection, case_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """Return by order the newest of its papers whose first page somebody masked."""
    rows = conn.execute(
        """
        select order_id, id from registry_orderdocument
        where case_id = any(%s) and first_page_sealed is not null order by added_at, id
        """,
        (list(case_ids),),
    )
    return dict(rows.fetchall())


def _opened(
    conn: Connection, key: PersonKey, paper_id: UUID, column: str, kind: str
) -> Picture | None:
    row = conn.execute(
        f"select {column}, {kind} from registry_orderdocument where id = %s",  # noqa: S608 - constants
        (paper_id,),
    ).fetchone()
    if row is None or row[0] is None:
        return None
    return Picture(row[1], key.open_bytes(PAPERS, column, paper_id, row[0]))


def save_draft(
    conn: Connection, ring: KeyRing, organisation_id: UUID, author_id: UUID, draft: Draft
) -> None:
    """Write what was typed, new or in place of what it was; the oldest beyond `MAX_DRAFTS` go.

    Never this one, whatever a clock that was set back says of the others.
    """
    typed = {"fields": draft.fields, "files": {n: _file(f) for n, f in draft.files.items()}}
    sealed = load_key(conn, ring, author_id).seal_bytes(
        DRAFTS, "typed_sealed", draft.id, json.dumps(typed).encode()
    )
    conn.execute(
        """
        insert into registry_orderdraft (id, organisation_id, author_id, typed_sealed, changed_at)
        values (%s, %s, %s, %s, %s)
        on conflict (id) do update set typed_sealed = excluded.typed_sealed, changed_at = excluded.changed_at
        """,
        (draft.id, organisation_id, author_id, sealed, draft.changed_at),
    )
    conn.execute(
        """
        delete from registry_orderdraft where author_id = %s and id not in
            (select id from registry_orderdraft where author_id = %s order by id = %s desc, changed_at desc limit %s)
        """,
        (author_id, author_id, draft.id, MAX_DRAFTS),
    )


def load_drafts(conn: Connection, ring: KeyRing, author_id: UUID) -> tuple[Draft, ...]:
    """Return the author's own drafts, the newest first."""
    rows = conn.execute(
        "select id, changed_at, typed_sealed from registry_orderdraft where author_id = %s order by changed_at desc",
        (author_id,),
    ).fetchall()
    if not rows:
        return ()
    key = load_key(conn, ring, author_id)
    return tuple(_draft(key, *row) for row in rows)


def delete_draft(conn: Connection, author_id: UUID, draft_id: UUID) -> None:
    """Forget a draft of the author's."""
    conn.execute(
        "delete from registry_orderdraft where author_id = %s and id = %s", (author_id, draft_id)
    )


def delete_old_drafts(conn: Connection, before: datetime) -> int:
    """Forget what nobody has touched since `before`, and return how many (the engine)."""
    done = conn.execute("delete from registry_orderdraft where changed_at < %s", (before,))
    return done.rowcount


def new_paper(order_id: UUID, case_id: UUID, picture: Picture, *, at: datetime, by: UUID) -> Paper:
    """Return the row of a document that is added now."""
    return Paper(
        id=uuid7(),
        order_id=order_id,
        case_id=case_id,
        media_type=picture.media_type,
        size=len(picture.content),
        added_at=at,
        added_by_id=by,
        has_first_page=False,
    )


def _draft(key: PersonKey, draft_id: UUID, changed_at: datetime, sealed: bytes) -> Draft:
    typed: dict[str, Any] = json.loads(key.open_bytes(DRAFTS, "typed_sealed", draft_id, sealed))
    files = {
        name: Picture(one["type"], base64.b64decode(one["content"]))
        for name, one in typed["files"].items()
    }
    return Draft(draft_id, changed_at, typed["fields"], files)


def _file(picture: Picture) -> dict[str, str]:
    content = base64.b64encode(picture.content).decode()
    return {"type": picture.media_type, "content": content}
