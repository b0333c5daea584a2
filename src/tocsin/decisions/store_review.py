"""How do answers to risk questions lie in PostgreSQL? Sealed under the case's key; deleted means gone. Never on record."""

import json
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from tocsin.decisions.rules.review import Answer, Review
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import DecryptionRefused, PersonKey

TABLE: Final = "decisions_riskreview"
MAX_REVIEWS: Final = 200


def insert_review(conn: Connection, key: PersonKey, review: Review) -> None:
    """Write one; its answers sealed."""
    sealed = None
    if review.answers is not None:
        body = {
            "answers": {str(n): answer.value for n, answer in review.answers.items()},
            "notes": {str(n): note for n, note in (review.notes or {}).items() if note},
        }
        sealed = key.seal(TABLE, "answers_sealed", review.id, json.dumps(body, ensure_ascii=False))
    conn.execute(
        """insert into decisions_riskreview (id, organisation_id, case_id, question_set, version, asked_at, asked_by_id,
            is_refused, answers_sealed, review_on) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)""",
        (
            review.id, review.organisation_id, review.case_id, review.question_set, review.version, review.asked_at,
            review.asked_by_id, review.is_refused, sealed, review.review_on,
        ),
    )  # fmt: skip


def load_reviews(conn: Connection, key: PersonKey, case_id: UUID) -> tuple[Review, ...]:
    """Return what she was asked in this case, the newest first; nothing for a viewer who is not to see it."""
    rows = conn.execute(
        """select id, organisation_id, case_id, question_set, version, asked_at, asked_by_id, is_refused, review_on,
            answers_sealed from decisions_riskreview where case_id = %s order by asked_at desc, id limit %s""",
        (case_id, MAX_REVIEWS),
    )
    return tuple(_review(key, row) for row in rows.fetchall())


def has_refused(conn: Connection, case_id: UUID) -> bool:
    """Return whether it is kept that she does not want to be asked."""
    row = conn.execute(
        "select 1 from decisions_riskreview where case_id = %s and is_refused limit 1", (case_id,)
    ).fetchone()
    return row is not None


def delete_review(conn: Connection, case_id: UUID, review_id: UUID) -> bool:
    """Return whether there was one and it is gone now."""
    done = conn.execute(
        "delete from decisions_riskreview where case_id = %s and id = %s", (case_id, review_id)
    )
    return done.rowcount == 1


def _review(key: PersonKey, row: Sequence[Any]) -> Review:
    answers, notes = None, None
    if row[9] is not None:
        try:
            body = json.loads(key.open(TABLE, "answers_sealed", row[0], bytes(row[9])))
        except DecryptionRefused:
            body = {"answers": {}, "notes": {}}
        answers = {int(n): Answer(answer) for n, answer in body["answers"].items()}
        notes = {int(n): note for n, note in body["notes"].items()}
    return Review(
        id=row[0],
        organisation_id=row[1],
        case_id=row[2],
        question_set=row[3],
        version=row[4],
        asked_at=row[5],
        asked_by_id=row[6],
        is_refused=row[7],
        review_on=row[8],
        answers=answers,
        notes=notes,
    )
