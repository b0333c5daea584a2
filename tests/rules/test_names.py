"""Are two names one person's? Accents, alphabets, nicknames, order, missing parts, spelling, typing errors."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.decisions.rules.names import (
    FULL,
    SINGLE,
    compare_names,
    is_full,
    read_name,
)
from tocsin.registry.rules.typed import MAX_NAME, NameProblem, name_problem

WORDS = st.sampled_from(
    "Rex Fielding Wren Harlow Mary Ann O'Brien José Núñez Müller Mueller Дмитрий Ivanov de la Cruz Delacruz Bill William "
    "王小明 小明 Wang Xiao Ming Xiaoming 김민수 Kim Minsu たろう Taro محمد Mohamed طارق Tariq דוד David".split()
)
NAMES = st.lists(WORDS, min_size=1, max_size=5).map(" ".join)
LETTERS = st.text(alphabet="abcdeilnorstuy -'éß", min_size=1, max_size=24)


def points(one: str, other: str) -> int:
    return sum(points for _, points in compare_names(read_name(one), read_name(other)))


def codes(one: str, other: str) -> set[str]:
    return {code for code, _ in compare_names(read_name(one), read_name(other))}


@pytest.mark.parametrize(
    ("heard", "known", "code"),
    [
        ("REX FIELDING", "Rex Fielding", "name_same"),
        ("José Núñez", "Jose Nunez", "name_same"),
        ("Zoë Łukasz", "Zoe Lukasz", "name_same"),
        ("Дмитрий Иванов", "Dmitriy Ivanov", "name_same"),
        ("Παύλος Νίκος", "Pavlos Nikos", "name_same"),
        ("Fielding, Rex", "Rex Fielding", "name_swapped"),
        ("Bill Smith", "William Smith", "name_nickname"),
        ("Mohamed Ali", "Muhammad Ali", "name_nickname"),
        ("Jürgen Müller", "Juergen Mueller", "name_variant"),
        ("Rex Meyer", "Rex Maier", "name_variant"),
        ("Aleksandr Ivanov", "Alexander Ivanoff", "name_variant"),
        ("Пётр Иванов", "Peter Ivanoff", "name_variant"),
        ("Rex Smythe", "Rex Smith", "name_variant"),
        ("Rex Feilding", "Rex Fielding", "name_typo"),
        ("Rxe Fielding", "Rex Fielding", "name_typo"),
        ("R. Fielding", "Rex Fielding", "name_initial"),
        ("Rex Papado", "Rex Papadopoulos", "name_short"),
        ("Rex John Fielding", "Rex Fielding", "name_missing"),
        ("Rex", "Rex Fielding", "name_missing"),
        ("Mary Ann OBrien", "Maryann O'Brien", "name_joined"),
        ("Maria de la Cruz", "Maria Delacruz", "name_joined"),
        ("Dr. Rex Fielding Jr.", "Rex Fielding", "name_same"),
        ("王小明", "Wang Xiaoming", "name_script"),
        ("Wáng Xiǎomíng", "王 小明", "name_script"),
        ("Xiao Ming Wang", "王小明", "name_script"),
        ("Xiao Ming Wang", "Wang Xiaoming", "name_joined"),
        ("Wong Xiaomin", "王小明", "name_typo"),
        ("Chan Jiaming", "陳嘉明", "name_script"),
        ("張偉", "张伟", "name_script"),
        ("Ouyang Xiaoming", "欧阳小明", "name_script"),
        ("Zeng Guofan", "曾国藩", "name_script"),
        ("김민수", "Kim Min-soo", "name_script"),
        ("이영희", "Lee Younghee", "name_variant"),
        ("さとう ゆうき", "Yuki Sato", "name_script"),
        ("Shota Tanaka", "たなか しょうた", "name_script"),
        ("محمد علي", "Mohamed Ali", "name_nickname"),
        ("طارق الحسن", "Tariq Hassan", "name_script"),
        ("Khaled Bilal", "خالد بلال", "name_script"),
        ("דוד כהן", "David Cohen", "name_script"),
        ("राम कुमार", "Ram Kumar", "name_script"),
        ("გიორგი", "Giorgi", "name_script"),
    ],
)
def test_two_ways_to_write_one_name_are_alike(heard: str, known: str, code: str) -> None:
    assert code in codes(heard, known)
    assert points(heard, known) >= 400


@pytest.mark.parametrize(
    ("heard", "known"),
    [
        ("Ann Fielding", "Rex Fielding"),
        ("Rex Harlow", "Rex Fielding"),
        ("Gus Moreno", "Rex Fielding"),
        ("Joan Fisher", "Rex Fielding"),
        ("R F", "Rex Fielding"),
        ("Li Wu", "Le Wo"),
        ("王小明", "王小玲"),
        ("王小明", "李小明"),
        ("王小明", "Li Xiaoming"),
        ("王小明", "Wang Jianguo"),
        ("김민수", "Park Min-soo"),
        ("محمد علي", "Mahmoud Ali"),
        ("محمد علي", "Hamad Ali"),
        ("דוד כהן", "Dina Cohen"),
        ("Mary Ann Smith", "Maryann Jones"),
    ],
)
def test_a_shared_part_or_two_initials_are_no_match_alone(heard: str, known: str) -> None:
    assert points(heard, known) < 400


def test_a_full_name_gives_600_and_a_single_one_450() -> None:
    assert points("Rex Fielding", "rex fielding") == FULL == 600
    assert points("Rex", "Rex") == SINGLE == 450


def test_only_a_name_of_two_parts_that_agree_to_the_letter_is_full() -> None:
    assert is_full(compare_names(read_name("Fielding Rex"), read_name("Rex Fielding")))
    assert not is_full(compare_names(read_name("Rex"), read_name("Rex Fielding")))
    assert not is_full(compare_names(read_name("Rex Feilding"), read_name("Rex Fielding")))
    assert is_full(compare_names(read_name("王小明"), read_name("王小明")))


@pytest.mark.guarantee("I14")
@pytest.mark.parametrize(
    ("heard", "known"),
    [
        ("Wang Xiaoming", "王小明"),
        ("汪晓鸣", "王小明"),
        ("Tariq Hassan", "طارق حسن"),
        ("Mary Ann Smith", "Maryann Smith"),
    ],
)
def test_what_only_sounds_the_same_or_is_spelled_out_is_never_full(heard: str, known: str) -> None:
    parts = compare_names(read_name(heard), read_name(known))
    assert sum(points for _, points in parts) >= 400
    assert not is_full(parts)


def test_chinese_and_korean_names_in_one_piece_begin_with_the_family_name() -> None:
    assert read_name("王小明").tokens == ("王", "小明")
    assert read_name("欧阳小明").tokens == ("欧阳", "小明")
    assert read_name("김민수").tokens == ("김", "민수")
    assert read_name("小明 王").tokens == ("小明", "王")
    assert read_name("王").tokens == ("王",)


def test_a_variant_by_which_a_character_is_drawn_is_not_another_name() -> None:
    assert read_name("葛\U000e0100城 結衣") == read_name("葛城 結衣")


@given(NAMES | LETTERS, NAMES | LETTERS)
def test_a_likeness_is_the_same_from_both_sides(one: str, other: str) -> None:
    assert points(one, other) == points(other, one)


@given(NAMES | LETTERS)
def test_nothing_is_liker_than_the_name_itself(name: str) -> None:
    own = points(name, name)
    assert own in (0, SINGLE, FULL)
    assert points(name, name + " Zq") <= own


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused_and_never_breaks(text: str) -> None:
    name_problem(text)
    assert len(read_name(text).tokens) <= 8


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("Rex 🚗", NameProblem.CHARACTERS),
        ("Rex\x00Fielding", NameProblem.CHARACTERS),
        ("Rex\u202eFielding", NameProblem.CHARACTERS),
        ("Rex\nFielding", NameProblem.CHARACTERS),
        ("Rex <b>", NameProblem.CHARACTERS),
        ("...", NameProblem.NO_LETTER),
        ("", NameProblem.NO_LETTER),
        ("x" * MAX_NAME, None),
        ("x" * (MAX_NAME + 1), NameProblem.LONG),
        ("Nǐkē Ó'Brien-Núñez, Jr.", None),
        ("王小明", None),
        ("B2K", None),
        ("123", NameProblem.NO_LETTER),
    ],
)
def test_what_cannot_be_a_name_is_refused_with_a_reason(text: str, problem: str | None) -> None:
    assert name_problem(text) == problem
