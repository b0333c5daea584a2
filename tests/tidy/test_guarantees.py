"""Does docs/guarantees.md say what the tests prove, no more and no less?"""

from tests.guarantees import INVARIANTS, PAGE, page, proofs

OURS = ("I1", "I2", "I3", "I4", "I5", "I6", "I7", "I8", "I9", "I10", "I16", "I21", "I22", "I25")


def test_the_page_of_guarantees_is_made_from_the_tests() -> None:
    said = PAGE.read_text(encoding="utf-8")
    assert said == page(), "run: python -m tests.guarantees --write"


def test_every_promise_of_the_first_issue_is_proven_by_a_test() -> None:
    found = proofs()
    assert [name for name in OURS if not found[name]] == []


def test_no_test_proves_a_promise_that_nobody_made() -> None:
    assert set(proofs()) <= set(INVARIANTS)
