"""How late does a three-digit code come again? After all the others, so that a person's codes of a day differ."""

from tocsin.runtime.ids import CODES, RandomIds


def test_every_code_is_dealt_once_before_one_comes_again() -> None:
    dealt = [RandomIds().code() for _ in range(2 * len(CODES))]
    decks = (dealt[start : start + len(CODES)] for start in range(len(CODES)))

    assert any(len(set(deck)) == len(CODES) for deck in decks)
    assert {len(code) for code in dealt} == {3}
