"""Which words say why a message was set aside?"""

from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from tocsin.signals.rules.quarantine import Why

WHY_WORDS: Final[dict[str, Any]] = {
    Why.NOT_JSON: _("not JSON"),
    Why.NOT_TEXT: _("not text in UTF-8"),
    Why.NOT_A_LIST: _("not the form that this feed has"),
    Why.TOO_MANY: _("too many in one message"),
    Why.NO_PLATE: _("no plate in it that could be one"),
    Why.NO_BADGE: _("no badge in it"),
    Why.NO_NAME: _("nobody named in it"),
    Why.NO_TIME: _("no time in it"),
    Why.BAD_TIME: _("a time that is none"),
    Why.FUTURE: _("a time in the future"),
    Why.TOO_OLD: _("too old to mean anything now"),
    Why.NO_POSITION: _("no position in it"),
    Why.BAD_POSITION: _("a position that is not on Earth"),
    Why.OTHER_DEVICE: _("another device's message"),
    Why.BAD_FIELD: _("a field that is not what it should be"),
    Why.NO_COLUMNS: _("no column that this list needs"),
    Why.NO_SENDER: _("no number in it that sent it"),
    Why.NO_SIGNAL: _("no signal in it"),
    Why.CUSTODY_NOTICE: _(
        "a custody notice; one that names the respondent of a case stands there, and only there"
    ),
    Why.UNDECIDED: _("could not be decided about"),
    Why.UNKNOWN_NUMBER: _("a number that nobody enrolled"),
    Why.NATIONAL_NUMBER: _(
        "a number that may be an enrolled one without its country: set region for this gateway"
    ),
    Why.WORDS_ONLY: _("a colleague's words without a code, while nothing was open"),
}
