"""Which words do the pages of safeguards use?"""

from typing import Final

from django.utils.translation import gettext_lazy as _

from tocsin.decisions.rules.safeguard_kinds import Event
from tocsin.decisions.rules.safeguard_templates import BY_CODE
from tocsin.decisions.rules.safeguards import State

STATE_WORDS: Final = {
    State.OFFERED: _("offered to her"),
    State.OPEN: _("to do"),
    State.PREPARED: _("prepared"),
    State.DONE: _("done"),
    State.DECLINED: _("declined"),
    State.DROPPED: _("dropped"),
}
EVENT_WORDS: Final = {
    Event.ORDER_ENTERED: _("an order was entered"),
    Event.ORDER_SERVED: _("he was served"),
    Event.ORDER_HEARING: _("a hearing was set"),
    Event.ORDER_CHANGED: _("the order was changed"),
    Event.ARRESTED: _("he was arrested"),
    Event.RELEASED: _("he was released"),
    Event.CUSTODY_UNKNOWN: _("nobody knows whether he is held"),
    Event.MEETING_PLANNED: _("he will be told of a suspension or dismissal"),
    Event.SUSPENDED: _("he was told that he is suspended"),
    Event.DISMISSED: _("he was told that he is dismissed"),
    Event.DIVORCE_SERVED: _("divorce papers were served"),
    Event.THREAT: _("a threat was heard"),
    Event.SUICIDE_STATEMENT: _("he spoke of dying"),
    Event.WEAPON: _("a weapon was named or seen"),
    Event.DISCHARGED: _("we were told that he left a hospital"),
    Event.CHILD_EXCHANGE: _("the children are handed over"),
    Event.INCIDENT: _("an incident"),
    Event.ON_DUTY: _("an order counts while he is on duty"),
}
INSTRUCTION_WORDS: Final = {
    "do_not_admit": _("Do not admit."),
    "inform": _("Do not stop him. Call whoever leads the shift."),
}

# What the verbs refuse with; here so that translators find it.
REFUSALS: Final = (
    _("this is not offered any more"),
    _("say in a few words by what it is seen that it is done"),
    _("say in a few words why it is dropped"),
    _("this cannot be done with it now"),
    _("only steps against a colleague are released together"),
    _("the steps are released already"),
    _("there is a plan already: agree to it or withdraw it"),
    _("choose a time within the next 90 days"),
    _("the order is not served: the steps would tell him before the court does"),
    _("it takes two: she, and the safety lead"),
    _("choose a day and a time"),
)


def words_of(code: str, language: str) -> str:
    """Return what a measure asks for, in Spanish or else in English; an unknown code is its own word."""
    template = BY_CODE.get(code)
    return template.words[_of(language)] if template else code


def how_of(code: str, language: str) -> str:
    """Return the one thing to know about a measure; "" for an unknown code."""
    template = BY_CODE.get(code)
    return template.how[_of(language)] if template else ""


def _of(language: str) -> int:
    return 1 if language.startswith("es") else 0
