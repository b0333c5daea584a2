"""What does a typed code mean, and does the answer give anything away?"""

from dataclasses import replace

import pytest

from tests import cast
from tests.snapshots import DURESS_CODE, TRUE_CODE, codes_of
from tocsin.signals.rules.codes import Verdict, judge, make_pair, refused_pair

PAIR = codes_of(cast.PROTECTED)


@pytest.mark.parametrize(
    ("code", "verdict"),
    [(TRUE_CODE, Verdict.TRUE), (DURESS_CODE, Verdict.DURESS), ("0000", Verdict.WRONG)],
)
def test_a_code_is_true_duress_or_wrong(code: str, verdict: Verdict) -> None:
    assert judge(PAIR, code)[0] is verdict


def test_the_third_wrong_code_in_a_row_is_duress() -> None:
    verdicts, pair = [], PAIR
    for code in ("1111", "2222", "3333", "4444"):
        verdict, wrong = judge(pair, code)
        verdicts.append(verdict)
        pair = replace(pair, wrong_count=wrong)
    assert verdicts == [Verdict.WRONG, Verdict.WRONG, Verdict.DURESS, Verdict.WRONG]


@pytest.mark.parametrize("code", [TRUE_CODE, DURESS_CODE])
def test_a_right_code_starts_the_count_anew(code: str) -> None:
    assert judge(replace(PAIR, wrong_count=2), code)[1] == 0


def test_without_codes_every_code_is_wrong_and_none_is_duress() -> None:
    assert judge(None, TRUE_CODE) == (Verdict.WRONG, 1)


def test_the_same_codes_of_two_people_are_stored_differently() -> None:
    hers, his = (
        make_pair(TRUE_CODE, DURESS_CODE, p.id.bytes) for p in (cast.PROTECTED, cast.GUARD)
    )
    assert not {hers.true, hers.duress} & {his.true, his.duress}


@pytest.mark.parametrize("code", ["", "48210", " 4821", "４８２１", "4821 ", "x" * 10_000])
def test_what_only_looks_like_a_code_is_wrong(code: str) -> None:
    assert judge(PAIR, code)[0] is Verdict.WRONG


@pytest.mark.parametrize(
    ("true", "duress", "because"),
    [
        ("482", "7395", "four to six digits"),
        ("4821", "7395111", "four to six digits"),
        ("48a1", "7395", "four to six digits"),
        ("1111", "7395", "one digit repeated"),
        ("4821", "4821", "differ"),
        ("4821", "1284", "backwards"),
        ("4821", "4822", "two places"),
    ],
)
def test_codes_that_are_easily_mistaken_cannot_be_chosen(
    true: str, duress: str, because: str
) -> None:
    assert because in (refused_pair(true, duress) or "")


@pytest.mark.parametrize(("true", "duress"), [("4821", "7395"), ("482100", "739522")])
def test_codes_that_differ_enough_can_be_chosen(true: str, duress: str) -> None:
    assert refused_pair(true, duress) is None
