"""She answers the questions of a law, refuses them, or deletes what she answered. Nothing of it is ever on record."""

from dataclasses import replace
from typing import Final
from uuid import UUID

from tocsin.decisions import store_review as store
from tocsin.decisions.access_review import find_questions
from tocsin.decisions.rules.review import MAX_NOTE, Review
from tocsin.flow.respond import Refused
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import PersonKey

SHE_REFUSED: Final = Refused(
    "she does not want to be asked; if she has changed her mind, she has that deleted first"
)


def keep_review(
    conn: Connection, key: PersonKey, review: Review, *, is_hers: bool
) -> Refused | None:
    """Write what she answered, or that she refused; `key` is the case's. None when it is done.

    `is_hers`: she writes it herself. While her refusal stands nobody else writes an answer for her. No log line, no entry, no count: that she was asked is hers too.
    """
    questions = find_questions(review.question_set, review.version)
    if review.is_refused:
        store.insert_review(conn, key, replace(review, answers=None, notes=None))
        return None
    if not is_hers and store.has_refused(conn, review.case_id):
        return SHE_REFUSED
    if questions is None:
        return Refused("there are no such questions")
    numbers = {item.number for item in questions.items}
    if not set(review.answers or {}) | set(review.notes or {}) <= numbers:
        return Refused("an answer to a question that is not asked")
    if any(len(note) > MAX_NOTE for note in (review.notes or {}).values()):
        return Refused(f"at most {MAX_NOTE} characters")
    store.insert_review(conn, key, review)
    return None


def delete_review(conn: Connection, case_id: UUID, review_id: UUID) -> Refused | None:
    """Delete it, also while other things of the case are kept for a court: it is hers. None when it is gone."""
    if not store.delete_review(conn, case_id, review_id):
        return Refused("there is no such review")
    return None
