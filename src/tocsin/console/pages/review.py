"""The questions that a law asks: hers to answer, to refuse, and to delete."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tocsin.console.installation import clock, key_ring
from tocsin.console.pages.page import page
from tocsin.console.pages.refusals import in_words
from tocsin.decisions.access_review import (
    ReviewView,
    find_questions,
    load_review_view,
)
from tocsin.decisions.question_sets import question_sets
from tocsin.decisions.rules.review import ASK_AGAIN_WITHIN, Answer, Outcome, QuestionSet, Review
from tocsin.flow.keep_review import SHE_REFUSED, delete_review, keep_review
from tocsin.registry.access import Hidden, Viewer, zone_of
from tocsin.runtime.database import Connection
from tocsin.runtime.ids import uuid7

# She refuses to be asked at all, whatever the law.
ANY: Final = "any"
OUTCOME_WORDS: Final = {
    Outcome.MET: _("The rule of this section is met: it asks that she is offered a specialised service now."),
    Outcome.NOT_MET: _("The rule of this section is not met. That clears nobody: it passes over up to half of those who are in danger."),
    Outcome.OPEN: _("Not decided: what is unanswered could meet the rule."),
    Outcome.NO_RULE: _("This section adds nothing up. Read the answers."),
}  # fmt: skip
ANSWER_WORDS: Final = {
    Answer.YES: _("yes"),
    Answer.NO: _("no"),
    Answer.UNANSWERED: _("unanswered"),
}
# What makes it worth asking again (standards.md 4).
AGAIN_WORDS: Final = (
    _("a separation"),
    _("papers filed"),
    _("an order served"),
    _("a hearing"),
    _("any change of custody"),
    _("a weapon within his reach"),
    _("words about suicide"),
)


@require_GET
@page
def review(request: HttpRequest, viewer: Viewer, conn: Connection, case_id: UUID) -> HttpResponse:
    """Show which questions there are, and what was answered."""
    view = load_review_view(conn, key_ring(), viewer, case_id, at=clock().now())
    return _shown(request, viewer, view, zone_of(conn, viewer))


@require_http_methods(["GET", "POST"])
@page
def ask(
    request: HttpRequest,
    viewer: Viewer,
    conn: Connection,
    case_id: UUID,
    code: str,
    version: str,
) -> HttpResponse:
    """Show one set of questions, and keep what she answers."""
    at = clock().now()
    view = load_review_view(conn, key_ring(), viewer, case_id, at=at)
    questions = find_questions(code, version)
    if questions is None:
        raise Hidden
    context: dict[str, Any] = {"viewer": viewer, "view": view, "questions": questions}
    if not view.is_hers and any(line.review.is_refused for line in view.lines):
        context["refused"] = in_words(SHE_REFUSED.because)
    if request.method == "POST":
        said = _answered(request.POST, questions, viewer, case_id, at)
        kept = keep_review(conn, view.case.key, said, is_hers=view.is_hers)
        if kept is None:
            return redirect("review", case_id)
        context["refused"] = in_words(kept.because)
    return render(request, "review_ask.html", context)


@require_POST
@page
def refuse(request: HttpRequest, viewer: Viewer, conn: Connection, case_id: UUID) -> HttpResponse:
    """Keep that she does not want to be asked, so that nobody asks her again by mistake."""
    at = clock().now()
    view = load_review_view(conn, key_ring(), viewer, case_id, at=at)
    said = Review(
        id=uuid7(),
        organisation_id=viewer.organisation_id,
        case_id=case_id,
        question_set=ANY,
        version="",
        asked_at=at,
        asked_by_id=viewer.person_id,
        is_refused=True,
    )
    keep_review(conn, view.case.key, said, is_hers=view.is_hers)
    return redirect("review", case_id)


@require_POST
@page
def delete(
    request: HttpRequest, viewer: Viewer, conn: Connection, case_id: UUID, review_id: UUID
) -> HttpResponse:
    """Delete one review for good."""
    load_review_view(conn, key_ring(), viewer, case_id, at=clock().now())
    if delete_review(conn, case_id, review_id):
        raise Hidden
    return redirect("review", case_id)


def _answered(
    post: QueryDict, questions: QuestionSet, viewer: Viewer, case_id: UUID, at: datetime
) -> Review:
    known = {answer.value for answer in Answer}
    answers, notes = {}, {}
    for item in questions.items:
        said = post.get(f"item-{item.number}", "")
        answers[item.number] = Answer(said) if said in known else Answer.UNANSWERED
        notes[item.number] = post.get(f"note-{item.number}", "").strip()
    return Review(
        id=uuid7(),
        organisation_id=viewer.organisation_id,
        case_id=case_id,
        question_set=questions.code,
        version=questions.version,
        asked_at=at,
        asked_by_id=viewer.person_id,
        answers=answers,
        notes=notes,
        review_on=(at + ASK_AGAIN_WITHIN).date(),
    )


def _shown(request: HttpRequest, viewer: Viewer, view: ReviewView, zone: str) -> HttpResponse:
    lines = []
    for line in view.lines:
        review = line.review
        items = [
            (item, ANSWER_WORDS[(review.answers or {}).get(item.number, Answer.UNANSWERED)], (review.notes or {}).get(item.number, ""), bool(line.judged and item.number in line.judged.decisive))
            for item in (line.questions.items if line.questions else ())
        ]  # fmt: skip
        lines.append((line, OUTCOME_WORDS[line.judged.outcome] if line.judged else "", items))
    context = {
        "viewer": viewer,
        "view": view,
        "lines": lines,
        "zone": zone,
        "sets": question_sets(),
        "again": AGAIN_WORDS,
        "has_refused": any(line.review.is_refused for line in view.lines),
    }
    return render(request, "review.html", context)
