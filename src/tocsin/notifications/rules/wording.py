"""What exactly does a message say, for this reader, in this language, on this channel?

Every text is a `Template` of `templates.py` with an audience and a secrecy class. The class decides
which facts the words can reach at all: a neutral text cannot name a place, whatever its template
says. Nobody's name, no order and no reason are among the facts, so no text can give them away.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

FACT_MAX_CHARS: Final = 120
LINK_MAX_CHARS: Final = 300
FALLBACK: Final = "en"
UNSEEN: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")
BLANKS: Final = re.compile(r" {2,}")


class Audience(StrEnum):
    """Who reads it, on what."""

    RESPONDER_WORK = "responder_work"
    RESPONDER_PERSONAL = "responder_personal"
    SELF = "self"
    WATCHER = "watcher"
    LEAD = "lead"


class Secrecy(StrEnum):
    """What it may say: only that something waits, or also the place and the instruction."""

    NEUTRAL = "neutral"
    PLACE = "place"


class Answer(StrEnum):
    """How it can be answered by text."""

    ACTS = "acts"
    CONFIRM = "confirm"
    LOOK = "look"
    NONE = "none"


ALLOWED: Final = {
    Secrecy.NEUTRAL: ("incident", "minutes"),
    Secrecy.PLACE: ("incident", "minutes", "place", "site", "instruction", "psap"),
}
DRILL_WORDS: Final = {"en": "DRILL", "es": "SIMULACRO"}
NO_PLACE: Final = {"en": "place not known", "es": "lugar desconocido"}
NO_PSAP: Final = {"en": "the emergency number", "es": "número de emergencias"}
BY_TEXT: Final = {
    Answer.NONE: {"en": "", "es": ""},
    Answer.ACTS: {
        "en": "Reply 1 {code} in charge, 2 {code} going, 3 {code} there, 4 {code} cannot",
        "es": "Responda 1 {code} a cargo, 2 {code} voy, 3 {code} en sitio, 4 {code} no puedo",
    },
    Answer.LOOK: {
        "en": "Reply 1 {code} nothing, 2 {code} something, 3 {code} could not see, 4 {code} cannot",
        "es": "Responda 1 {code} nada, 2 {code} algo, 3 {code} no se ve, 4 {code} no puedo",
    },
    Answer.CONFIRM: {
        "en": "Reply 1 {code} yes, 4 {code} no",
        "es": "Responda 1 {code} sí, 4 {code} no",
    },
}
FOOTER: Final = {
    "en": "Sent by Tocsin. Tocsin never calls the emergency services by itself.",
    "es": "Enviado por Tocsin. Tocsin nunca llama por sí solo a los servicios de emergencia.",
}


@dataclass(frozen=True, slots=True)
class Words:
    """One language's words; `{place}` and the like are filled from the facts."""

    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Template:
    """One text that Tocsin can send."""

    name: str
    audience: Audience
    secrecy: Secrecy
    answer: Answer
    words: dict[str, Words]

    @property
    def languages(self) -> tuple[str, ...]:
        """Return the languages that it is written in."""
        return tuple(self.words)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a text may be made of. `incident` is its word of four, `psap` the number to dial."""

    incident: str = ""
    place: str = ""
    site: str = ""
    instruction: str = ""
    psap: str = ""
    minutes: int = 0
    link: str = ""
    code: str = ""
    is_drill: bool = False


@dataclass(frozen=True, slots=True)
class Worded:
    """The words of one message."""

    subject: str
    text: str


def word(template: Template, facts: Facts, *, language: str, channel: str) -> Worded:
    """Return the subject and text for one channel.

    A language that is not written falls back to English. By text (`sms`) the link and the line that
    says how to answer stand below; by mail the link and who sends it; the other channels carry the
    link beside the text.
    """
    spoken = language.lower().replace("_", "-").split("-")[0]
    spoken = spoken if spoken in template.words else FALLBACK
    words = template.words[spoken]
    values = _values(template, facts, spoken)
    drill = f"{DRILL_WORDS[spoken]} " if facts.is_drill else ""
    subject = drill + _fill(words.subject, values)
    lines = [drill + _fill(words.text, values)]
    link = _clean(facts.link, LINK_MAX_CHARS)
    if channel == "sms":
        lines += [link, _by_text(template, facts, spoken)]
    elif channel == "email":
        lines += ["", link, "", FOOTER[spoken]] if link else ["", FOOTER[spoken]]
        return Worded(subject, "\n".join(lines))
    return Worded(subject, "\n".join(line for line in lines if line))


def _values(template: Template, facts: Facts, language: str) -> dict[str, str]:
    values = {
        name: _clean(str(getattr(facts, name)), FACT_MAX_CHARS)
        for name in ALLOWED[template.secrecy]
    }
    if template.secrecy is Secrecy.PLACE:
        values["place"] = values["place"] or values["site"] or NO_PLACE[language]
        values["psap"] = values["psap"] or NO_PSAP[language]
    return values


def _fill(words: str, values: dict[str, str]) -> str:
    return BLANKS.sub(" ", words.format_map(values)).strip()


def _clean(fact: str, longest: int) -> str:
    return UNSEEN.sub(" ", fact).strip()[:longest]


def _by_text(template: Template, facts: Facts, language: str) -> str:
    code = _clean(facts.code, FACT_MAX_CHARS)
    return BY_TEXT[template.answer][language].format(code=code) if code else ""
