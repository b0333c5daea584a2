"""Which sentence can mean *stay inside*, and what is her answer to it?"""

import pytest

from tocsin.signals.rules import offers, phrase
from tocsin.signals.rules.offers import Answer, Offer, What


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ("Is the blue folder still with you?", ""),
        ("¿Tiene la carpeta azul?", ""),
        ("青いファイルはありますか", ""),
        ("", "empty"),
        ("?!", "empty"),
        ("x" * 61, "long"),
        ("blue\u200bfolder", "unseen"),
        ("can you help me with the printer", "sos"),
        ("S.O.S.", "sos"),
        ("1 421", "sos"),
        ("The order is on your desk", "telling"),
        ("Quédese, hay PELIGRO", "telling"),
        ("Don't leave yet", "telling"),
        ("¿Estás a salvo?", "telling"),
        ("Vino tu EX-marido", "telling"),
        ("Llegó un papel del juzgado", "telling"),
        ("La cámara del estacionamiento", "telling"),
    ],
)
def test_a_phrase_looks_like_any_message_from_work(words: str, problem: str) -> None:
    assert phrase.problem_of(words) == problem


@pytest.mark.parametrize(
    "words",
    [
        "Can you cover Friday for me?",
        "The meeting is moved to three",
        "Is there coffee left in the break room?",
        "Lock the cabinet before you go",
        "Did the charger turn up?",
        "¿Queda café en la cocina?",
        "Te llamo dentro de una hora",
        "Todos menos Ana, salvo el lunes",
        "La reunión se cambió a las tres",
        "¿Me cubres el turno del viernes?",
        "Salgo a comprar papel para la impresora",
    ],
)
def test_what_people_write_at_work_every_day_may_be_the_phrase(words: str) -> None:
    assert phrase.problem_of(words) == ""


def test_no_telling_word_is_written_in_a_way_in_which_no_phrase_is_read() -> None:
    for word in (*phrase.TELLING, *phrase.TELLING_TOGETHER):
        assert phrase.problem_of(f"about {word} now") in {"telling", "sos"}


@pytest.mark.parametrize("language", sorted(phrase.SUGGESTED))
def test_the_suggested_phrases_keep_their_own_rule(language: str) -> None:
    assert phrase.problem_of(phrase.SUGGESTED[language]) == ""


@pytest.mark.parametrize(
    ("said", "answer", "is_one"),
    [
        ("Printer is fine!", "printer is fine", True),
        ("OK", "", True),
        ("ok.", "", True),
        ("Sorry, I am driving. OK?", "", False),
        ("printer is fine, thanks", "printer is fine", False),
        ("", "", False),
    ],
)
def test_only_the_agreed_answer_whole_is_one(said: str, answer: str, is_one: bool) -> None:
    assert phrase.is_answer(said, answer) is is_one


def test_what_is_kept_is_read_back() -> None:
    assert phrase.read(phrase.write("¿Azul?", "sí")) == ("¿Azul?", "sí")


@pytest.mark.parametrize(
    ("offer", "problem"),
    [
        (Offer(What.TIME, "15"), ""),
        (Offer(What.TIME, "-15"), ""),
        (Offer(What.TIME, "0"), "value"),
        (Offer(What.TIME, "61"), "value"),
        (Offer(What.TIME, "soon"), "value"),
        (Offer(What.TIME, "--5"), "value"),
        (Offer(What.TIME, "9" * 5_000), "value"),
        (Offer(What.EXIT, "0199e000-0000-7000-8000-0000000000c1"), ""),
        (Offer(What.EXIT, "back door"), "value"),
        (Offer(What.PICK_UP), ""),
        (Offer(What.PICK_UP, "red car"), "value"),
    ],
)
def test_only_what_can_be_offered_is(offer: Offer, problem: str) -> None:
    assert offers.problem_of(offer) == problem


def test_an_offer_that_she_declined_stays_declined_until_another_one_is_made() -> None:
    made = offers.offered({}, Offer(What.TIME, "15"))
    after = offers.answered(made, What.TIME, Answer.DECLINED)
    assert offers.offered(after, Offer(What.TIME, "15"))[What.TIME].answer is Answer.DECLINED
    assert offers.offered(after, Offer(What.TIME, "20"))[What.TIME].answer is Answer.OFFERED
    assert offers.from_json(offers.to_json(after)) == after


def test_only_a_time_that_she_took_counts() -> None:
    made = offers.offered({}, Offer(What.TIME, "-15"))
    taken = offers.answered(made, What.TIME, Answer.TAKEN)
    declined = offers.answered(taken, What.TIME, Answer.DECLINED)
    assert [offers.minutes_later(one) for one in ({}, made, taken, declined)] == [0, 0, -15, 0]
