"""What does a text message mean? An SOS is heard however it is written; ordinary words are none; no word stops anything."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.gate.limits import HEAD_BYTES, INBOUND_BYTES
from tocsin.signals.rules.text import (
    MAX_SHOWN,
    MAX_TEXT,
    UNCLEAR,
    Meaning,
    Said,
    is_carriers_stop,
    read,
    shown,
)


@pytest.mark.parametrize(
    "text",
    [
        *("SOS", "sos!", "S.O.S", "please HELP me", "Ayuda", "AYÚDA", "socorro", "help 1 123"),
        "Emergency SOS: Wren made an emergency call from this approximate location",
    ],
)
def test_a_cry_for_help_is_heard_anywhere_in_a_text(text: str) -> None:
    assert read(text).meaning is Meaning.SOS


@pytest.mark.guarantee("I5")
@pytest.mark.parametrize(
    "text",
    [
        *(
            "Ayúdame",
            "AYUDENME por favor",
            "ayudaaaa",
            "ayúdenos",
            "Ayu\u0301dame",
            "¿me puede ayudar?",
        ),
        *(
            "helpme",
            "HELPPP",
            "I need helppp now",
            "pleasehelp",
            "HeLp!!!",
            "hel\u200bp",
            "helpmeplease",
        ),
        *("sossos", "SOSSOS SOS", "SOOOS", "sosnow", "soshelp", "SOS123", "S0S", "sos sos", "#sos"),
        *(
            "s.o.s",
            "S O S",
            "s-o-s",
            "s_o_s",
            "S\nO\nS",
            "S . O . S",
            "I s o s now",
            "h e l p",
            "H.E.L.P",
        ),
        *("a y u d a", "please s o s"),
        *("SОS", "SOЅ", "НЕLР", "ΗELP", "СОС", "ΣΟΣ", "αyuda", "soсorro", "SØS"),
        *("🆘", "north gate 🆘🆘", "🇸🇴🇸", "🅂🄾🅂", "🆂🅾🆂", "ＳＯＳ", "Ⓗⓔⓛⓟ", "𝐒𝐎𝐒"),
        *("socorrooo", "¡Socórranme!", "auxilioo", "auxílienme", "MAYDAY MAYDAY", "maydaymayday"),
    ],
)
def test_a_cry_for_help_is_heard_however_it_is_written(text: str) -> None:
    assert read(text).meaning is Meaning.SOS


@pytest.mark.guarantee("I5")
def test_a_cry_for_help_is_heard_behind_as_much_as_the_gate_takes_and_no_more() -> None:
    assert read("x" * 1_700 + " SOS").meaning is Meaning.SOS
    assert read("SOS".rjust(MAX_TEXT)).meaning is Meaning.SOS
    assert read("SOS".rjust(MAX_TEXT + 1)).meaning is Meaning.UNCLEAR
    assert max(INBOUND_BYTES, HEAD_BYTES) <= MAX_TEXT


@pytest.mark.parametrize(
    "text",
    [
        *("no help needed", "no necesito ayuda", "help is coming", "1 123 he is here, help"),
        *("2 123 help is coming", "help desk", "vos sos", "HELP 1 123"),
    ],
)
def test_a_needless_alarm_is_the_cheaper_error(text: str) -> None:
    assert read(text).meaning is Meaning.SOS


@pytest.mark.parametrize(
    "text",
    [
        *(
            "I helped her to the car",
            "Rosa is helping her",
            "very helpful",
            "the helper is in",
            "helpdesk",
        ),
        *(
            "todo sosegado",
            "hay un sospechoso",
            "con sosiego",
            "lo sostengo",
            "la Sra. Sosa",
            "soso",
        ),
        *("los accesos cerrados", "unos pasos", "hombres peligrosos", "esos no", "casos", "osos"),
        *("mi ayudante va", "ya lo he ayudado", "socorrista en camino", "auxiliar de enfermería"),
        *(
            "primeros auxilios",
            "auxiliary entrance",
            "desayuno",
            "so so",
            "S. Ortiz",
            "yelp",
            "hello",
        ),
        *("coc", "so sorry", "maybe day two", "сосед", "on my way", "🙂", "..."),
    ],
)
def test_ordinary_words_that_hold_the_letters_are_no_cry_for_help(text: str) -> None:
    assert read(text).meaning is Meaning.UNCLEAR


@pytest.mark.parametrize(
    ("text", "doing", "code"),
    [
        ("1 123", "in_charge", "123"),
        (" 2,456. ", "going", "456"),
        ("3-789", "there", "789"),
        ("4123", "cannot", "123"),
        ("1 418 in charge", "in_charge", "418"),
        ("2 418 Going, thanks!", "going", "418"),
        ("3 418 en sitio", "there", "418"),
        ("4 418 no puedo", "cannot", "418"),
        ("1 418 sí", "in_charge", "418"),
        # As phones write it by themselves.
        ("1 418 I\u2019m in charge", "in_charge", "418"),
        ("2 418 I\u2019m going now", "going", "418"),
        ("4 418 can\u2019t, sorry", "cannot", "418"),
        ("1 418 Yes I\u2019m in charge \n", "in_charge", "418"),
        ("2 418 estoy en camino", "going", "418"),
        ("1 418 \U0001f44d\U0001f3fd", "in_charge", "418"),
        ("1 , 418", "in_charge", "418"),
        ("1 418 ok\n\n \n  > you are needed", "in_charge", "418"),
        ("1 418\n\nSent from my iPhone", "in_charge", "418"),
        ("1 418 ok\n> Tocsin CNLQ: SOS, 1 Made-up Quay", "in_charge", "418"),
        (
            "1 418\nOn Fri, Mar 7, Tocsin wrote:\nTocsin CNLQ: you are needed now.",
            "in_charge",
            "418",
        ),
    ],
)
def test_an_answer_is_a_digit_and_the_three_digits_of_its_message(
    text: str, doing: str, code: str
) -> None:
    answer = read(text)
    assert (answer.meaning, answer.doing, answer.code) == (Meaning.ANSWER, doing, code)


@pytest.mark.guarantee("I4")
@pytest.mark.parametrize(
    "text",
    [
        *("STOP", "CANCEL", "END", "ok", "1", "123", "5 123", "1 12", "on my way", "stop 1 123"),
        *(
            "1 418 not yet",
            "1 418 going",
            "2 418 not going",
            "4 418 yes",
            "1 4180",
            "1 418 5",
            "1 418 in charge is Gus",
            "1 418 sorry",
            "1 418 I\u2019m not in charge",
            "1 418 \U0001f44e",
        ),
    ],
)
def test_words_without_a_code_stop_nothing(text: str) -> None:
    assert read(text).meaning in UNCLEAR


# As hands that shake type them: the digit apart from its code, by whatever stands between.
APART = (
    *("1) 418", "(1) 418", "1. 418", "1: 418", "1-418", "#1 418", "1)418", "[1] 418", "1.) 418", "1 - 418", "1 \u2013 418"),
    *("1/418", "1=418", "1 => 418", "1_418", "1 #418", "1 (418)", "#1 #418", "(1 418)", "*1 418*", "\u201c1 418\u201d"),
    *("1 code 418", "1, code: 418", "1 c\u00f3digo 418", "1\n418", "1 418#", "1) 418 in charge", "(1) 418, thanks!"),
    *("1418", "1 4 1 8", "1.4.1.8", "1\ufe0f\u20e3 418", "\u2460 418", "\uff11\u3000\uff14\uff11\uff18", "\u200e1 418"),
)  # fmt: skip
# Which digit is the answer, and which are the code? Or what else is it?
AMBIGUOUS = (
    *("14 18", "141 8", "418 1", "14-18", "14:18", "1 41 8", "1 4 18", "1:41 8", "11 418", "1 1 418", "12 code 418"),
    *("1 or 2 418", "1) 418 2) 419", "1 418 5", "1 418-5550100", "1,418,000", "5) 418", "0 418", "1) 41", "1) 4180"),
    *("-1 418", "+1 418", "$1 418", "1 +418", "1 418%", "not 1 418", "1 not 418", "1 code", "code 418"),
)  # fmt: skip


@pytest.mark.parametrize("text", APART)
def test_an_answer_counts_however_its_digit_is_set_apart(text: str) -> None:
    assert read(text) == Said(Meaning.ANSWER, "in_charge", "418", "1")


@pytest.mark.guarantee("I4")
@pytest.mark.parametrize("text", AMBIGUOUS)
def test_digits_that_may_mean_something_else_stop_nothing(text: str) -> None:
    assert read(text) == Said(Meaning.UNCLEAR)


@pytest.mark.guarantee("I4")
@pytest.mark.parametrize("mark", list(" .,;:-/)(]['\"#*=>_\n\u2019\u00bb\u2014"))
def test_four_digits_count_in_no_other_groups_than_three(mark: str) -> None:
    cuts = product(("", mark), repeat=3)
    texts = ["1" + a + "4" + b + "1" + c + "8" for a, b, c in cuts]
    counted = {text for text in texts if read(text).meaning is Meaning.ANSWER}
    alone = {mark.join("1418")} if mark in " ." else set()
    assert counted == {"1418", f"1{mark}418", *alone}


@pytest.mark.parametrize("text", ["STOP", " stop. ", "Stop all", "UNSUBSCRIBE", "CANCEL", "END", "Quit!", "opt out"])  # fmt: skip
def test_a_word_for_which_carriers_block_a_number_is_known_when_it_stands_alone(text: str) -> None:
    assert is_carriers_stop(text)
    assert read(text) == Said(Meaning.UNCLEAR)


@pytest.mark.parametrize("text", ["stop it", "stop 1", "the end", "please stop", "START", "stop\nstop", "", "1 418"])  # fmt: skip
def test_other_words_are_none_that_carriers_heed(text: str) -> None:
    assert not is_carriers_stop(text)


@pytest.mark.guarantee("I10")
@pytest.mark.parametrize(
    "text",
    [
        'Liked "DRILL Tocsin CNLQ: SOS, 1 Made-up Quay"',
        "Le gustó “Tocsin CNLQ: SOS, 1 Made-up Quay. Reply 1 418 in charge”",
        "👍 to “Tocsin CNLQ: SOS, 1 Made-up",
        "Laughed at «Tocsin CNLQ: otra vez SOS»",
        "> Tocsin CNLQ: SOS, 1 Made-up Quay",
    ],
)
def test_what_only_quotes_one_of_our_messages_is_no_cry_for_help(text: str) -> None:
    assert read(text).meaning is Meaning.UNCLEAR


@pytest.mark.parametrize(
    "text",
    [
        'help! "Tocsin CNLQ: SOS, 1 Made-up Quay"',
        'Liked "Tocsin CNLQ: drill" SOS',
        '"SOS"',
        "Tocsin CNLQ: SOS",
        'he says "tocsin" help me',
    ],
)
def test_a_cry_beside_a_quotation_or_without_one_is_heard(text: str) -> None:
    assert read(text).meaning is Meaning.SOS


@given(st.text(max_size=3_000))
def test_any_text_can_be_read(text: str) -> None:
    assert read(text).meaning in Meaning


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("north gate,\r\n he has a knife", "north gate, he has a knife"),
        ("\u202eevil\x07", "evil"),
        ("", ""),
        ("a" * MAX_SHOWN, "a" * MAX_SHOWN),
        ("a" * (MAX_SHOWN + 1), "a" * (MAX_SHOWN - 1) + "…"),
    ],
)
def test_words_are_shown_on_one_line_of_a_bounded_length(words: str, line: str) -> None:
    assert shown(words) == line
