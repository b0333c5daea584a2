"""What does a text message mean? An SOS, an answer with its code, or words for people to read.

STOP, CANCEL and END from an enrolled phone disable nothing: a person in panic types them (field.md B3). A carrier may heed
such a word all the same and block what we send to that number, until the person texts START: that is said
(`flow/tell_blocked.py`). An answer counts only with its message's three digits.

An SOS is heard in any case, anywhere in a text and however it is written, because a needless alarm is the cheaper error:

    letters   small, without accents; look-alikes of other scripts, letters as emoji and 🆘 are what they look like
    repeats   "HELPPP", "SOOOS": a letter said again counts once
    spelt     "s.o.s", "H E L P": single letters with something between them are a word
    cries     "help", "ayud-", "socor-", "auxil-", "mayday" anywhere in a word ("helpme", "Ayúdame"), but not in the words
              of `ORDINARY` ("helped", "ayudante"), which tell of something else
    sos       a word of its own, several times ("sossos"), or at the beginning of one ("sosnow"), but not of the Spanish
              words of `ORDINARY_SOS`; never inside or at an end: "accesos", "pasos", "peligrosos"

Nothing before or after it takes it back: "no help needed" and "2 123 help is coming" are heard as well. What quotes one of
our own messages (a reaction, an answer with the old text below it) says nothing by the quotation.

An answer's digit stands apart from its code, by whatever marks, or all four stand together or each alone: "1 418", "1) 418",
"#1: 418", "1 code 418", "1418", "1 4 1 8". Of digits in other groups nobody knows which is which ("14 18", "418 1"): unclear.
It may say its own words behind its digits ("1 418 in charge, thanks"), as our message spells it; other words behind
them may mean the opposite ("1 418 not yet") and make it unclear: the escalation goes on.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

# As many bytes as the gate takes of a text, none of which makes two characters: what it answered *stored* is read.
MAX_TEXT: Final = 16 * 1024
MAX_SHOWN: Final = 480
# A press that came as a text has this and the text's name as its key.
KEY: Final = "text-"
CRIES: Final = ("help", "ayud", "socor", "auxil", "mayday")
# Folded and without repeats, as the words of a text are.
ORDINARY: Final = frozenset(
    [
        *("helped", "helper", "helpers", "helpful", "helpfuly", "unhelpful", "helping", "helpdesk"),
        *("helpline", "whelp", "whelps"),
        *("ayudante", "ayudantes", "ayudado", "ayudada", "ayudados", "ayudadas", "ayudando"),
        *("ayudo", "ayudamos", "ayudaron", "ayudaba", "ayudaban"),
        *("socorista", "socoristas", "socorismo", "socorido", "socorida"),
        *(
            "auxiliar",
            "auxiliares",
            "auxilios",
            "auxiliary",
            "auxiliaries",
            "auxiliado",
            "auxiliada",
        ),
    ]
)
ORDINARY_SOS: Final = re.compile(r"sos(?:as?$|os?$|eg|ieg|lay|pech|ten|tien|tuv)")
# What phones send by themselves on their emergency gesture.
PHONE_PHRASES: Final = ("emergency sos", "emergency call", "llamada de emergencia", "i need help")
ANSWERS: Final = {"1": "in_charge", "2": "going", "3": "there", "4": "cannot"}
# What people put around digits, and between them; no mark that is part of a number, as "+" and "%" are.
_AROUND: Final = r"[\s\"'\u2018-\u201d\u00ab\u00bb()\[\]#*]"
_BETWEEN: Final = r"[\s\"'\u2018-\u201d\u00ab\u00bb()\[\]#*,;:./=>_\-\u2013\u2014]"
_ANSWER: Final = re.compile(
    rf"{_AROUND}*([1-4])(?:{_BETWEEN}+(?:(?:code|codigo)\b{_BETWEEN}*)?([0-9]{{3}}|[0-9][ .][0-9][ .][0-9])|([0-9]{{3}}))"
    rf"(?![0-9])(?:[.,;:!\-]|{_AROUND})*(.*)",
    re.DOTALL,
)
# What may stand behind an answer, by its digit: its own words, in either language, and courtesies.
_OWN_WORDS: Final = {
    "1": re.compile(
        r"(yes |si )?(i am |im |i'm |estoy )?(in charge|a cargo)( now| ya)?|yes|si|nothing|nada"
    ),
    "2": re.compile(
        r"(i am |im |i'm )?(going|coming|on my way)( now)?|voy( ya)?|(estoy )?en camino|something|algo"
    ),
    "3": re.compile(
        r"(i am |im |i'm |estoy )?(there|here)( now)?|(estoy )?en (el )?sitio|could not see|no se ve"
    ),
    "4": re.compile(r"(i )?(cannot|can not|can't|cant)|no puedo|no|sorry|lo siento"),
}
_COURTESY: Final = re.compile(
    r"ok(ay)?|vale|thanks|thank you|gracias|please|por favor|\U0001f44d[\U0001f3fb-\U0001f3ff]?"
)
# Phones curl the apostrophe of "I'm" by themselves.
_CURLED: Final = str.maketrans("\u2019\u2018`", "'''")
# What a phone puts below: a signature, the old text.
_BELOW: Final = re.compile(
    r"\n[^\S\n]*(>|--|sent from|get outlook|enviado desde|on .{0,80} wrote|el .{0,80} escribi)"
)
_QUOTED: Final = re.compile(
    r"[“\"„«‘']((?:drill|simulacro) )?tocsin [a-z0-9]{4}\b[^“”\"»’]{0,1600}(?:[”\"»’]|$)|^>[^\n]*",
    re.MULTILINE,
)
_WORDS: Final = re.compile(r"[a-z]+")
_AGAIN: Final = re.compile(r"([a-z])\1+")
_SPELT: Final = re.compile(r"(?<![a-z0-9])(?:[a-z][^a-z0-9]{1,3}){2,}[a-z](?![a-z0-9])")
_SPELT_SOS: Final = re.compile(r"(?<![a-z0-9])s[^a-z0-9]*[o0][^a-z0-9]*s(?![a-z0-9])")
_SOS: Final = re.compile(r"s(?:os)+")

# Small letters of other scripts that look like Latin ones, and what has no accent to take off.
_CYRILLIC: Final = ("аеорсухіјѕкмтнвԁӏгпзи", "aeopcyxijskmthbdlrnzu")
_GREEK: Final = ("αεορυχικμτηνβσςλζ", "aeopyxikmthnbsslz")
_LATIN: Final = ("øıłđ", "oild")
_LOOKS: Final = {
    ord(odd): plain
    for odds, plains in (_CYRILLIC, _GREEK, _LATIN)
    for odd, plain in zip(odds, plains, strict=True)
}
# Letters as emoji: regional indicators, negative circled and negative squared ones.
_EMOJI: Final = {
    start + n: chr(ord("a") + n) for start in (0x1F1E6, 0x1F150, 0x1F170) for n in range(26)
}
# Russian SOS is written so; as look-alikes its letters would be "coc".
_RUSSIAN_SOS: Final = re.compile(r"\bс+о+с+\b")


class Meaning(StrEnum):
    """What a text is; *doubted* is what is kept of one from a number that her other side wrote down as hers."""

    SOS = "sos"
    ANSWER = "answer"
    UNCLEAR = "unclear"
    DOUBTED_SOS = "doubted sos"
    DOUBTED = "doubted"
    DOUBTED_ANSWER = "doubted answer"


# Words that are shown and stop nothing; and what is shown as from a number that nobody has confirmed.
UNCLEAR: Final = frozenset({Meaning.UNCLEAR, Meaning.DOUBTED})
FROM_DOUBTED: Final = frozenset({Meaning.DOUBTED_SOS, Meaning.DOUBTED, Meaning.DOUBTED_ANSWER})
# A text that is nothing but one of these (CTIA, Messaging Principles, 5.1.3; Twilio's default keywords).
_CARRIERS_STOP: Final = frozenset(
    ("stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout")
)
_ONE_WORD: Final = re.compile(r"\W*([a-z]+(?: [a-z]+)?)\W*")


@dataclass(frozen=True, slots=True)
class Said:
    """The meaning of a text; `doing`, `code` and the `digit` itself only for an answer."""

    meaning: Meaning
    doing: str = ""
    code: str = ""
    digit: str = ""


def read(text: str) -> Said:
    """Return what a text means. An SOS word wins over everything else in it."""
    plain = _QUOTED.sub(" ", folded(text[:MAX_TEXT]))
    if _is_sos(plain):
        return Said(Meaning.SOS)
    match = _ANSWER.fullmatch(_seen(plain))
    if match and _is_its_own(match[1], match[4]):
        code = re.sub(r"[ .]", "", match[2] or match[3])
        return Said(Meaning.ANSWER, ANSWERS[match[1]], code, match[1])
    return Said(Meaning.UNCLEAR)


def is_carriers_stop(text: str) -> bool:
    """Return whether a text is nothing but a word for which a carrier may block all that we send to its sender."""
    word = _ONE_WORD.fullmatch(folded(text[:MAX_TEXT]))
    return word is not None and word[1].replace(" ", "") in _CARRIERS_STOP


def _is_its_own(digit: str, behind: str) -> bool:
    """Return whether what stands behind an answer's digits says nothing else."""
    parts = re.split(r"[,;.!\n]+", _BELOW.split("\n" + behind.translate(_CURLED))[0])
    return all(
        not words or _OWN_WORDS[digit].fullmatch(words) or _COURTESY.fullmatch(words)
        for words in (part.strip(" \t\r-:") for part in parts)
    )


def _seen(plain: str) -> str:
    """Return a text without what is not seen, or only frames a letter: marks of direction, the keycap of an emoji digit."""
    return "".join(c for c in plain if unicodedata.category(c) not in {"Cf", "Me", "Mn"})


def folded(text: str) -> str:
    """Return a text in small letters without accents."""
    bare = unicodedata.normalize("NFKD", text).casefold()
    return "".join(c for c in bare if not unicodedata.combining(c))


def shown(words: str) -> str:
    """Return the words of a text as a page shows them: on one line, nothing unseen, at most `MAX_SHOWN` characters."""
    seen = "".join(c if c.isprintable() else " " for c in words)
    line = " ".join(seen.split())
    return line if len(line) <= MAX_SHOWN else line[: MAX_SHOWN - 1] + "…"


def _is_sos(plain: str) -> bool:
    letters = _letters(plain)
    if _SPELT_SOS.search(letters):
        return True
    said = _once(_SPELT.sub(lambda spelt: "".join(_WORDS.findall(spelt[0])), letters))
    return any(map(_is_cry, _WORDS.findall(said))) or any(
        _once(phrase) in said for phrase in PHONE_PHRASES
    )


def _letters(plain: str) -> str:
    seen = _RUSSIAN_SOS.sub("sos", plain.replace("🆘", " sos ")).translate(_EMOJI).translate(_LOOKS)
    # What is not seen between two letters does not part them.
    return "".join(c for c in seen if unicodedata.category(c) != "Cf")


def _once(letters: str) -> str:
    return _AGAIN.sub(r"\1", letters)


def _is_cry(word: str) -> bool:
    if word in ORDINARY:
        return False
    if any(cry in word for cry in CRIES):
        return True
    return word.startswith("sos") and not (ORDINARY_SOS.match(word) and not _SOS.fullmatch(word))
