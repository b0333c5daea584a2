"""Which words may mean *stay inside*, agreed beforehand, and is this her answer to them?

A phrase must look like any message from work. Whoever reads her phone over her shoulder must learn nothing by it.
"""

import json
import re
from typing import Final

from tocsin.signals.rules import text

MAX_PHRASE: Final = 60
MAX_ANSWER: Final = 30
# What a phrase must not be about, folded, in both languages; a test reads the texts that are suggested. What people write at
# work every day is none of it, even where it could tell: "dentro de una hora", "queda café", "lock the door".
_TELLING_EN: Final = """
order orders court courts judge lawyer police officer sheriff protection protective protected restraining restrained respondent
danger dangerous threat threats threatened safe unsafe inside stay alarm alert tocsin lot camera cameras gun weapon knife violence
violent abuse stalking arrest arrested jail prison bail custody ex husband boyfriend hide escape
"""
_TELLING_ES: Final = """
orden ordenes corte tribunal juzgado juez jueza abogado abogada policia policias alguacil proteccion protegida protegido restriccion
alejamiento agresor peligro peligrosa peligroso amenaza amenazas amenazada amenazado segura seguro insegura inseguro adentro
quedate quedese alarma alerta estacionamiento aparcamiento camara camaras arma pistola cuchillo violencia violento maltrato
maltratador acoso acosador arresto arrestado detenido carcel prision fianza custodia exmarido marido esposo novio escondete
escondase escape
"""
TELLING: Final = frozenset((_TELLING_EN + _TELLING_ES).split())
# What tells only together.
TELLING_TOGETHER: Final = ("a salvo", "no salga", "no salgas", "do not leave", "don't leave")
SUGGESTED: Final = {
    "en": "Can you check the printer before you go?",
    "es": "¿Puede revisar la impresora antes de irse?",
}
USUAL_ANSWER: Final = "ok"
_WORDS: Final = re.compile(r"\w+")
_UNSEEN: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


def problem_of(phrase: str, longest: int = MAX_PHRASE) -> str:
    """Return why these words will not do (empty, long, unseen, sos, telling), or an empty text."""
    if not _plain(phrase):
        return "empty"
    if len(phrase) > longest:
        return "long"
    if _UNSEEN.search(phrase):
        return "unseen"
    if text.read(phrase).meaning is not text.Meaning.UNCLEAR:
        return "sos"
    return "telling" if _tells(f" {_plain(phrase)} ") else ""


def _tells(plain: str) -> bool:
    together = any(f" {_plain(words)} " in plain for words in TELLING_TOGETHER)
    return together or not TELLING.isdisjoint(plain.split())


def is_answer(said: str, answer: str) -> bool:
    """Return whether a text of hers is the answer that was agreed, whole: no automatic reply is."""
    return _plain(said) == _plain(answer or USUAL_ANSWER)


def sent(phrase: str, language: str) -> str:
    """Return what she is sent: the phrase as she chose it, or the suggested one, and nothing else."""
    return phrase or SUGGESTED.get(language[:2], SUGGESTED["en"])


def write(phrase: str, answer: str) -> str:
    """Return both as text, to be sealed under her key."""
    return json.dumps({"phrase": phrase, "answer": answer}, ensure_ascii=False)


def read(kept: str) -> tuple[str, str]:
    """Return phrase and answer from what `write` made."""
    said = json.loads(kept)
    return said["phrase"], said["answer"]


def _plain(words: str) -> str:
    return " ".join(_WORDS.findall(text.folded(words[: text.MAX_TEXT])))
