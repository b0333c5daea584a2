"""The statutory questions: the data as it is shipped, and scoring against the rule table, answer by answer."""

from itertools import product

import pytest

from tocsin.decisions.question_sets import question_sets
from tocsin.decisions.rules.review import (
    MAX_ITEMS,
    Answer,
    Outcome,
    QuestionSet,
    QuestionsRefused,
    judge,
    question_set,
)
from tocsin.decisions.rules.safeguard_kinds import Event
from tocsin.decisions.rules.safeguard_offers import OFFERS

SETS = {one.key: one for one in question_sets()}
ENACTED = SETS["utah-77-36-2.1", "2023-enacted"]
INTRODUCED = SETS["utah-77-36-2.1", "2023-introduced"]
ARKANSAS = SETS["arkansas-12-12-108", "2015"]
YES, NO, UNANSWERED = Answer.YES, Answer.NO, Answer.UNANSWERED


def said(questions: QuestionSet, *yes: int, unanswered: tuple[int, ...] = ()) -> Outcome:
    """Return the outcome if she says yes to these, leaves those open, and no to the rest."""
    answers = {
        item.number: YES if item.number in yes else UNANSWERED if item.number in unanswered else NO
        for item in questions.items
    }
    return judge(questions, answers).outcome


def test_both_versions_of_utah_are_there_with_their_source_and_arkansas_as_far_as_it_is_known() -> (
    None
):
    assert [len(one.items) for one in (ENACTED, INTRODUCED, ARKANSAS)] == [12, 12, 10]
    for one in SETS.values():
        assert one.source
        assert one.dates
        assert one.missing
        assert not one.is_complete
        assert not one.text_seen


def test_nothing_that_somebody_owns_is_shipped() -> None:
    text = repr(SETS).casefold()
    for name in ("lethality", "danger assessment", "dash", "odara", "maryland", "lap "):
        assert name not in text


def test_the_fourth_question_alone_meets_the_rule_as_enacted_and_not_as_introduced() -> None:
    assert said(ENACTED, 4) is Outcome.MET
    assert said(INTRODUCED, 4) is Outcome.NOT_MET


@pytest.mark.parametrize("number", [1, 2, 3])
def test_each_of_the_first_three_alone_meets_both(number: int) -> None:
    assert said(ENACTED, number) is Outcome.MET
    assert said(INTRODUCED, number) is Outcome.MET


def test_three_of_the_rest_do_not_meet_it_and_four_do() -> None:
    assert said(ENACTED, 5, 6, 7) is Outcome.NOT_MET
    assert said(ENACTED, 5, 6, 7, 8) is Outcome.MET
    assert said(INTRODUCED, 4, 5, 6) is Outcome.NOT_MET
    assert said(INTRODUCED, 4, 5, 6, 7) is Outcome.MET


def test_an_answer_to_the_last_that_worries_whoever_asks_meets_it() -> None:
    assert said(ENACTED, 12) is Outcome.MET


@pytest.mark.parametrize(("questions", "first"), [(ENACTED, 4), (INTRODUCED, 3)])
def test_every_way_to_answer_is_scored_as_the_rule_says(questions: QuestionSet, first: int) -> None:
    for bits in product((False, True), repeat=12):
        answers = {n: YES if bit else NO for n, bit in enumerate(bits, 1)}
        is_met = any(bits[:first]) or sum(bits[first:11]) >= 4 or bits[11]
        assert judge(questions, answers).outcome is (Outcome.MET if is_met else Outcome.NOT_MET)


def test_what_is_unanswered_is_never_taken_for_a_no() -> None:
    assert said(ENACTED, unanswered=(1,)) is Outcome.OPEN
    assert said(ENACTED, 5, 6, 7, unanswered=(8,)) is Outcome.OPEN
    assert said(ENACTED, 5, 6, unanswered=(8,)) is Outcome.NOT_MET
    assert judge(ENACTED, {}).outcome is Outcome.OPEN


def test_it_says_which_answers_decided() -> None:
    assert judge(ENACTED, {2: YES, 5: YES, 1: NO}).decisive == (2,)
    assert judge(ENACTED, {n: YES for n in (5, 6, 7, 8)}).decisive == (5, 6, 7, 8)


def test_a_section_without_a_rule_adds_nothing_up() -> None:
    assert said(ARKANSAS, *range(1, 11)) is Outcome.NO_RULE


GOOD = {
    "code": "x", "version": "1", "title": "t", "jurisdiction": "j", "source": "s", "noted_on": "2026-01-01",
    "text_seen": True, "is_complete": True, "missing": "", "item": [{"number": 1, "topic": "a"}],
}  # fmt: skip


def many(n: int) -> list[dict[str, object]]:
    """Return so many items."""
    return [{"number": k, "topic": "a"} for k in range(1, n + 1)]


@pytest.mark.parametrize(
    "change",
    [
        {"item": []},
        {"item": [{"number": 2, "topic": "a"}]},
        {"item": [{"topic": "a"}]},
        {"item": many(MAX_ITEMS + 1)},
        {"rule": {"any_of": [2], "at_least": 0, "of": [], "worrying": [], "source": ""}},
        {"rule": {"any_of": [1]}},
        {"title": None, "source": None, "version": None, "item": None},
    ],
)
def test_a_wrong_file_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(QuestionsRefused):
        question_set(GOOD | change)


def test_a_good_file_is_taken_up_to_the_bound() -> None:
    assert len(question_set(GOOD | {"item": many(MAX_ITEMS)}).items) == MAX_ITEMS


def test_what_changes_the_danger_offers_the_questions_to_her_anew_and_never_more_than_offers() -> (
    None
):
    (offer,) = [one for one in OFFERS if one.code == "ask_review"]
    assert offer.touches_her
    assert {
        Event.ORDER_ENTERED,
        Event.ORDER_SERVED,
        Event.ORDER_HEARING,
        Event.DIVORCE_SERVED,
        Event.ARRESTED,
        Event.RELEASED,
        Event.CUSTODY_UNKNOWN,
        Event.WEAPON,
        Event.SUICIDE_STATEMENT,
    } <= offer.events
