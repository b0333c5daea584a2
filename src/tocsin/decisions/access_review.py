"""Who reads the answers to risk questions? She, and whoever may read her case and manages no roster."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tocsin.decisions.question_sets import question_sets
from tocsin.decisions.rules.review import Judged, QuestionSet, Review, judge
from tocsin.decisions.store_review import load_reviews
from tocsin.registry.access import Hidden, Viewer
from tocsin.registry.access_cases import CaseView, load_case_view
from tocsin.registry.store import load_short_names
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing

# The same in the database (`decisions/migrations/0011_review_is_hers.py`).
ROSTER_MANAGERS = frozenset({"shift_lead", "manager"})


@dataclass(frozen=True, slots=True)
class ReviewLine:
    """One time she was asked. `questions` None: this version is not shipped any more. `judged` None: she refused."""

    review: Review
    questions: QuestionSet | None
    judged: Judged | None
    asked_by: str


@dataclass(frozen=True, slots=True)
class ReviewView:
    """The page of one case. `is_hers`: it is she who looks."""

    case: CaseView
    is_hers: bool
    lines: tuple[ReviewLine, ...]


def load_review_view(
    conn: Connection, ring: KeyRing, viewer: Viewer, case_id: UUID, *, at: datetime
) -> ReviewView:
    """Return what she was asked and answered. On record is only that the case was read, never that she was asked.

    Raises:
        Hidden: no such case for this viewer, or he manages a roster.
        StepUp: as `load_case_view`.
    """
    case = load_case_view(conn, ring, viewer, case_id, at=at)
    is_hers = case.protected_id == viewer.person_id
    if viewer.role in ROSTER_MANAGERS and not is_hers:
        raise Hidden
    reviews = load_reviews(conn, case.key, case_id)
    names = load_short_names(conn, ring, {review.asked_by_id for review in reviews})
    lines = tuple(_line(review, names.get(review.asked_by_id, "")) for review in reviews)
    return ReviewView(case, is_hers, lines)


def find_questions(code: str, version: str) -> QuestionSet | None:
    """Return this version of this section, if it is shipped."""
    return next((one for one in question_sets() if one.key == (code, version)), None)


def _line(review: Review, asked_by: str) -> ReviewLine:
    questions = find_questions(review.question_set, review.version)
    if questions is None or review.answers is None:
        return ReviewLine(review, questions, None, asked_by)
    return ReviewLine(review, questions, judge(questions, review.answers), asked_by)
