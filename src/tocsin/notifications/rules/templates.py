"""Which texts can Tocsin send? All of them are here; `tests/rules/test_wording.py` reads every one.

What holds for all: no name, no order, no reason; a neutral text says only that something waits;
none says that somebody is safe, that it is over for good, or that anybody is on the way.
A subject is always neutral: it shows on a locked screen and in a mailbox list.
"""

from collections.abc import Iterator
from typing import Final

from tocsin.notifications.rules.due import GLASS, STOP_SAID
from tocsin.notifications.rules.texts_for_leads import FOR_LEADS
from tocsin.notifications.rules.wording import Answer, Audience, Secrecy, Template, Words

WORK, PERSONAL = Audience.RESPONDER_WORK, Audience.RESPONDER_PERSONAL
SUBJECT: Final = ("Tocsin {incident}: please answer", "Tocsin {incident}: responda, por favor")
SUBJECT_NEWS: Final = ("Tocsin {incident}: news", "Tocsin {incident}: novedad")
SUBJECT_SELF: Final = ("Tocsin: please check in", "Tocsin: confirme, por favor")
SUBJECT_TASK: Final = ("Tocsin: something to read", "Tocsin: algo que leer")
SUBJECT_LEAD: Final = ("Tocsin: for the duty lead", "Tocsin: para quien dirige el turno")


def _one(
    name: str, audience: Audience, answer: Answer, subject: tuple[str, str], text: tuple[str, str]
) -> Template:
    secrecy = Secrecy.PLACE if audience in {WORK, Audience.LEAD} else Secrecy.NEUTRAL
    words = {
        language: Words(subject[number], text[number])
        for number, language in enumerate(("en", "es"))
    }
    return Template(name, audience, secrecy, answer, words)


def _both(
    name: str, answer: Answer, work: tuple[str, str], personal: tuple[str, str]
) -> Iterator[Template]:
    yield _one(name, WORK, answer, SUBJECT, work)
    yield _one(name, PERSONAL, answer, SUBJECT, personal)


NEEDED: Final = ("Tocsin {incident}: you are needed now.", "Tocsin {incident}: le necesitan ya.")
STILL_NEEDED: Final = (
    "Tocsin {incident}: you are still needed.",
    "Tocsin {incident}: aún le necesitan.",
)

TEMPLATES: Final = (
    *_both(
        "sos",
        Answer.ACTS,
        (
            "Tocsin {incident}: SOS, {place}. {instruction}",
            "Tocsin {incident}: SOS, {place}. {instruction}",
        ),
        NEEDED,
    ),
    *_both(
        "sos_again",
        Answer.ACTS,
        (
            "Tocsin {incident}: SOS again, {place}. {instruction}",
            "Tocsin {incident}: otra vez SOS, {place}. {instruction}",
        ),
        STILL_NEEDED,
    ),
    *_both(
        "sos_doubted",
        Answer.ACTS,
        (
            "Tocsin {incident}: SOS, {place}. From a number that nobody has confirmed. {instruction}",
            "Tocsin {incident}: SOS, {place}. De un número que nadie ha confirmado. {instruction}",
        ),
        NEEDED,
    ),
    *_both(
        "sos_doubted_again",
        Answer.ACTS,
        (
            "Tocsin {incident}: SOS again, {place}. The number is confirmed by nobody. {instruction}",
            "Tocsin {incident}: otra vez SOS, {place}. Nadie ha confirmado el número. {instruction}",
        ),
        STILL_NEEDED,
    ),
    *_both(
        "duress",
        Answer.ACTS,
        (
            "Tocsin {incident}: cancelled under threat, still open, {place}. {instruction}",
            "Tocsin {incident}: anulado bajo amenaza, sigue abierto, {place}. {instruction}",
        ),
        STILL_NEEDED,
    ),
    *_both(
        "walk_overdue",
        Answer.ACTS,
        (
            "Tocsin {incident}: walk not ended in time, {place}. {instruction}",
            "Tocsin {incident}: trayecto sin terminar a tiempo, {place}. {instruction}",
        ),
        NEEDED,
    ),
    *_both(
        "call_unclaimed",
        Answer.ACTS,
        (
            "Tocsin {incident}: nobody calls {psap} yet, {place}. Open the link to take it.",
            "Tocsin {incident}: nadie llama aún al {psap}, {place}. Abra el enlace.",
        ),
        (
            "Tocsin {incident}: a call is not made yet.",
            "Tocsin {incident}: falta una llamada.",
        ),
    ),
    *_both(
        "confirm_charge",
        Answer.CONFIRM,
        (
            "Tocsin {incident}: are you still in charge? No word from you for {minutes} min.",
            "Tocsin {incident}: ¿sigue usted a cargo? Sin noticias suyas desde hace {minutes} min.",
        ),
        (
            "Tocsin {incident}: are you still in charge?",
            "Tocsin {incident}: ¿sigue usted a cargo?",
        ),
    ),
    *_both(
        "hand_over",
        Answer.CONFIRM,
        (
            "Tocsin {incident}: you are asked to take charge, {place}.",
            "Tocsin {incident}: se le pide asumir el cargo, {place}.",
        ),
        (
            "Tocsin {incident}: you are asked to take charge.",
            "Tocsin {incident}: se le pide asumir el cargo.",
        ),
    ),
    *_both(
        "hand_over_declined",
        Answer.CONFIRM,
        (
            "Tocsin {incident}: whom you asked to take charge cannot. You stay in charge, {place}.",
            "Tocsin {incident}: a quien pidió el relevo no puede. Usted sigue a cargo, {place}.",
        ),
        (
            "Tocsin {incident}: whom you asked to take charge cannot. You stay in charge.",
            "Tocsin {incident}: a quien pidió el relevo no puede. Usted sigue a cargo.",
        ),
    ),
    _one(
        "stood_down",
        WORK,
        Answer.NONE,
        SUBJECT_NEWS,
        ("Tocsin {incident}: stood down, {place}.", "Tocsin {incident}: desactivado, {place}."),
    ),
    _one(
        "stood_down",
        PERSONAL,
        Answer.NONE,
        SUBJECT_NEWS,
        ("Tocsin {incident}: stood down.", "Tocsin {incident}: desactivado."),
    ),
    *_both(
        "proof",
        Answer.CONFIRM,
        (
            "Tocsin {incident}: start of shift. Please show that this reaches you.",
            "Tocsin {incident}: inicio de turno. Confirme que esto le llega.",
        ),
        (
            "Tocsin {incident}: please show that this reaches you.",
            "Tocsin {incident}: confirme que esto le llega.",
        ),
    ),
    *_both(
        "sighting",
        Answer.ACTS,
        (
            "Tocsin {incident}: lock what you keep, stay inside, do not approach. {place}.",
            "Tocsin {incident}: cierre su puesto, quédese dentro, no se acerque. {place}.",
        ),
        NEEDED,
    ),
    *_both(
        "sighting_again",
        Answer.ACTS,
        (
            "Tocsin {incident}: seen again. Stay inside, do not approach. {place}.",
            "Tocsin {incident}: visto otra vez. Quédese dentro, no se acerque. {place}.",
        ),
        STILL_NEEDED,
    ),
    *_both(
        "sighting_check",
        Answer.ACTS,
        (
            "Tocsin {incident}: not confirmed. Compare the photograph; do not detain or touch. {place}.",
            "Tocsin {incident}: sin confirmar. Compare la foto; no retenga ni toque. {place}.",
        ),
        NEEDED,
    ),
    *_both(
        "sighting_where",
        Answer.ACTS,
        (
            "Tocsin {incident}: near, not certain where. Look from cover; do not approach. {place}.",
            "Tocsin {incident}: cerca, sin saber dónde. Mire a cubierto; no se acerque. {place}.",
        ),
        NEEDED,
    ),
    *_both(
        "sighting_inform",
        Answer.ACTS,
        (
            "Tocsin {incident}: something to know at {site}. No alarm. Read it behind the link.",
            "Tocsin {incident}: un aviso sobre {site}. No es alarma. Léalo en el enlace.",
        ),
        (
            "Tocsin {incident}: something to read.",
            "Tocsin {incident}: algo que leer.",
        ),
    ),
    *_both(
        "stood_down_not_located",
        Answer.NONE,
        (
            "Tocsin {incident}: stood down, not located. Keep doors locked. {place}.",
            "Tocsin {incident}: desactivado, sin localizar. Puertas cerradas. {place}.",
        ),
        (
            "Tocsin {incident}: stood down, not over.",
            "Tocsin {incident}: desactivado, no ha terminado.",
        ),
    ),
    _one(
        "sighting_her",
        WORK,
        Answer.NONE,
        SUBJECT_SELF,
        (
            "Tocsin {incident}: stay inside, away from doors. Read what was seen behind the link.",
            "Tocsin {incident}: quédese dentro, lejos de las puertas. Lea lo visto en el enlace.",
        ),
    ),
    _one(
        "sighting_her",
        PERSONAL,
        Answer.NONE,
        SUBJECT_SELF,
        (
            "Tocsin: please stay where you are and check in now.",
            "Tocsin: quédese donde está y confirme ahora, por favor.",
        ),
    ),
    _one(
        "sighting_inform_her",
        WORK,
        Answer.NONE,
        SUBJECT_TASK,
        (
            "Tocsin {incident}: for you to know, at {site}. No alarm. Read it behind the link.",
            "Tocsin {incident}: un aviso para usted, en {site}. No es alarma. Léalo en el enlace.",
        ),
    ),
    _one(
        "sighting_inform_her",
        PERSONAL,
        Answer.NONE,
        SUBJECT_TASK,
        ("Tocsin: something to read.", "Tocsin: algo que leer."),
    ),
    _one(
        "walk_asked",
        Audience.SELF,
        Answer.NONE,
        SUBJECT_SELF,
        ("Tocsin: please check in now.", "Tocsin: confirme ahora, por favor."),
    ),
    _one(
        "walk_watcher",
        Audience.WATCHER,
        Answer.ACTS,
        SUBJECT,
        (
            "Tocsin {incident}: walk not ended. Look now.",
            "Tocsin {incident}: mire el trayecto.",
        ),
    ),
    *_both(
        "look_asked",
        Answer.LOOK,
        (
            "Tocsin {incident}: please look at the way and the lot at {place}, in {minutes} min.",
            "Tocsin {incident}: mire el camino y el aparcamiento de {place}, en {minutes} min.",
        ),
        (
            "Tocsin {incident}: please look.",
            "Tocsin {incident}: mire, por favor.",
        ),
    ),
    *_both(
        "look_late",
        Answer.NONE,
        (
            "Tocsin {incident}: your look came too late to count. If you are asked again, look again.",
            "Tocsin {incident}: su respuesta llegó tarde y no cuenta. Si se lo piden, mire otra vez.",
        ),
        (
            "Tocsin {incident}: your answer came too late.",
            "Tocsin {incident}: su respuesta llegó tarde.",
        ),
    ),
    *_both(
        "look_something",
        Answer.NONE,
        (
            "Tocsin {incident}: something was seen at {place}. Please decide. Do not go near alone.",
            "Tocsin {incident}: se ha visto algo en {place}. Decida. No se acerque a solas.",
        ),
        NEEDED,
    ),
    *(
        _one(name, Audience.LEAD, Answer.NONE, SUBJECT_LEAD, text)
        for name, text in FOR_LEADS.items()
    ),
    _one(
        STOP_SAID,
        Audience.SELF,
        Answer.NONE,
        SUBJECT_TASK,
        (
            "Tocsin: STOP turns nothing off here. But your carrier may block our texts now: text START to undo it.",
            "Tocsin: STOP aquí no apaga nada. Pero su operadora puede bloquear nuestros SMS: envíe START.",
        ),
    ),
    _one(
        GLASS,
        Audience.SELF,
        Answer.NONE,
        SUBJECT_TASK,
        (
            "Tocsin: somebody opened a record without a second person. Sign in today and look at why: Who may read.",
            "Tocsin: alguien abrió un expediente sin otra persona. Entre hoy y mire por qué: Quién puede leer.",
        ),
    ),
    _one(
        "task",
        Audience.SELF,
        Answer.NONE,
        SUBJECT_TASK,
        (
            "Tocsin: something is there for you to read. No hurry; sign in when you can.",
            "Tocsin: tiene algo que leer. Sin prisa; entre cuando pueda.",
        ),
    ),
)
_BY_NAME: Final = {(one.name, one.audience): one for one in TEMPLATES}
_ALONE: Final = {one.name: one for one in TEMPLATES if one.audience not in {WORK, PERSONAL}}


def find_template(name: str, *, is_work: bool) -> Template | None:
    """Return the text of that name for the employer's device or account, or for one's own."""
    return _BY_NAME.get((name, WORK if is_work else PERSONAL)) or _ALONE.get(name)
