"""Does every text that Tocsin can send keep what is promised about texts?"""

import re
from itertools import product
from string import Formatter

import pytest

from tocsin.notifications.channels.sms.wording import fit, is_gsm, segments
from tocsin.notifications.rules.templates import TEMPLATES, find_template
from tocsin.notifications.rules.wording import (
    ALLOWED,
    Answer,
    Audience,
    Facts,
    Secrecy,
    Template,
    word,
)

LINK = "https://tocsin.example.org/a#Q2hhbmdlIG1lIHBsZWFzZQ"
FACTS = Facts(
    incident="K7QF",
    place="Car park B",
    site="Riverside",
    instruction="In pairs.",
    psap="911",
    minutes=5,
    link=LINK,
    code="421",
)
DRILL = Facts(incident="K7QF", minutes=5, link=LINK, code="421", is_drill=True)
NEVER = re.compile(
    r"\b(safe|all clear|help is|on the way|coming|protected|rescue\w*"
    r"|order|husband|wife|partner|respondent|restrain\w*|a salvo|seguro|segura|ayuda|en camino"
    r"|agresor|orden|marido|pareja)\b",
    re.IGNORECASE,
)
EVERY = pytest.mark.parametrize(
    ("template", "language"),
    [
        pytest.param(one, language, id=f"{one.name}-{one.audience}-{language}")
        for one, language in product(TEMPLATES, ("en", "es"))
    ],
)


def _places(template: Template, language: str) -> set[str]:
    words = template.words[language]
    found = Formatter().parse(words.subject + words.text)
    return {name for _, name, _, _ in found if name}


@EVERY
def test_no_text_promises_names_or_blames(template: Template, language: str) -> None:
    for channel in ("sms", "email", "webpush"):
        worded = word(template, FACTS, language=language, channel=channel)
        assert not NEVER.search(worded.text.replace(LINK, "")), worded.text
        assert not NEVER.search(worded.subject)


@EVERY
def test_a_text_asks_only_for_facts_of_its_secrecy_class(template: Template, language: str) -> None:
    assert _places(template, language) <= set(ALLOWED[template.secrecy])


@EVERY
def test_a_subject_names_neither_place_nor_instruction(template: Template, language: str) -> None:
    worded = word(template, FACTS, language=language, channel="email")
    assert not {"Car park B", "Riverside", "In pairs.", "911", LINK, "421", "SOS"} & set(
        re.split(r"(?<=[:.]) ", worded.subject)
    )
    assert "Car park" not in worded.subject
    assert "SOS" not in worded.subject


@EVERY
def test_a_drill_begins_with_its_word_and_nothing_else_does(
    template: Template, language: str
) -> None:
    first = {"en": "DRILL ", "es": "SIMULACRO "}[language]
    for channel in ("sms", "email", "webpush", "webhook", "live"):
        drill = word(template, DRILL, language=language, channel=channel)
        real = word(template, FACTS, language=language, channel=channel)
        assert drill.text.startswith(first)
        assert drill.subject.startswith(first)
        assert first not in real.text + real.subject


@EVERY
def test_a_neutral_text_fits_one_segment_with_its_link_drill_or_not(
    template: Template, language: str
) -> None:
    for facts in (FACTS, DRILL):
        text = fit(word(template, facts, language=language, channel="sms").text)
        assert is_gsm(text)
        assert LINK in text
        if template.secrecy is Secrecy.NEUTRAL:
            assert segments(text) == 1, f"{len(text)}: {text}"
        assert segments(text) <= 2


@EVERY
def test_a_text_can_be_answered_by_text_when_it_asks(template: Template, language: str) -> None:
    text = word(template, FACTS, language=language, channel="sms").text
    assert ("1 421" in text) == (template.answer is not Answer.NONE)
    if template.answer is Answer.ACTS:
        assert [number for number in "1234" if f"{number} 421" in text] == list("1234")


def test_the_grammar_is_the_one_that_the_gateway_reads() -> None:
    sos = find_template("sos", is_work=False)
    assert sos is not None
    assert word(sos, FACTS, language="en", channel="sms").text.splitlines() == [
        "Tocsin K7QF: you are needed now.",
        LINK,
        "Reply 1 421 in charge, 2 421 going, 3 421 there, 4 421 cannot",
    ]


def test_a_work_device_is_told_the_place_and_the_one_instruction() -> None:
    sos = find_template("sos", is_work=True)
    assert sos is not None
    worded = word(sos, FACTS, language="en", channel="webpush")
    assert worded.text == "Tocsin K7QF: SOS, Car park B. In pairs."
    assert worded.subject == "Tocsin K7QF: please answer"


def test_a_place_that_is_not_known_is_said() -> None:
    sos = find_template("sos", is_work=True)
    assert sos is not None
    facts = Facts(incident="K7QF")
    assert (
        word(sos, facts, language="en", channel="live").text == "Tocsin K7QF: SOS, place not known."
    )
    assert word(
        sos, Facts(incident="K7QF", site="Riverside"), language="es", channel="live"
    ).text == ("Tocsin K7QF: SOS, Riverside.")


def test_a_number_to_dial_that_is_not_known_is_not_guessed() -> None:
    unclaimed = find_template("call_unclaimed", is_work=True)
    assert unclaimed is not None
    text = word(unclaimed, Facts(incident="K7QF"), language="en", channel="live").text
    assert text.startswith("Tocsin K7QF: nobody calls the emergency number yet, place not known.")


def test_every_name_has_a_text_for_the_employers_and_for_ones_own_device() -> None:
    for name in {template.name for template in TEMPLATES}:
        work, personal = find_template(name, is_work=True), find_template(name, is_work=False)
        assert work is not None
        assert personal is not None
        if personal.audience is not Audience.LEAD:
            assert personal.secrecy is Secrecy.NEUTRAL
    assert find_template("no such text", is_work=True) is None


def test_a_hostile_fact_stays_a_fact() -> None:
    sos = find_template("sos", is_work=True)
    assert sos is not None
    hostile = Facts(incident="K7QF", place="{link}\r\nBcc: x\u202e{0.__class__}" + "x" * 500)
    text = word(sos, hostile, language="en", channel="sms").text
    assert text.startswith("Tocsin K7QF: SOS, {link} Bcc: x {0.__class__}xxx")
    assert "\n" not in text
    assert len(text) < 160


@pytest.mark.parametrize(
    ("language", "first"),
    [
        ("es-MX", "Tocsin K7QF: le"),
        ("ES_us", "Tocsin K7QF: le"),
        ("tlh", "Tocsin K7QF: you"),
        ("", "Tocsin K7QF: you"),
    ],
)
def test_a_language_that_is_not_written_falls_back_to_english(language: str, first: str) -> None:
    sos = find_template("sos", is_work=False)
    assert sos is not None
    assert word(sos, FACTS, language=language, channel="live").text.startswith(first)
