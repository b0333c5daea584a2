"""What became of a message, in words: the reasons are the channels' and the engine's codes, which nobody should have to read.

`tests/pages/test_delivery_words.py` holds the list to what the channels and the engine say.
"""

import re
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from tocsin.console.pages.tags import clock_time
from tocsin.notifications.rules.delivery import (
    REFUSED,
    SLOW,
    TIMED_OUT,
    Delivery,
    State,
    is_left_out,
)
from tocsin.notifications.rules.message import OPTED_OUT

STATE_WORDS: Final = {
    State.PENDING: pgettext_lazy("delivery", "waiting"),
    State.LEASED: pgettext_lazy("delivery", "being sent"),
    State.RETRYING: pgettext_lazy("delivery", "trying again"),
    State.SENT: pgettext_lazy("delivery", "sent; nobody has seen it"),
    State.SEEN: pgettext_lazy("delivery", "seen"),
    State.UNANSWERED: pgettext_lazy("delivery", "unanswered"),
    State.FAILED: pgettext_lazy("delivery", "not delivered"),
    State.CANCELLED: pgettext_lazy("delivery", "not sent, no longer needed"),
}
WHY_WORDS: Final = {
    "refused": gettext_lazy("nobody listens at the provider's machine"),
    "dns": gettext_lazy("the provider's machine was not found by its name"),
    "tls": gettext_lazy("no safe connection to the provider's machine"),
    "slow": gettext_lazy("the provider takes fewer messages than come"),
    "timeout": gettext_lazy("the provider did not answer in time"),
    "closed": gettext_lazy("the provider ended the connection"),
    "unreachable": gettext_lazy("no way to the provider's machine"),
    "bad_answer": gettext_lazy("the provider's answer was not understood"),
    "redirect": gettext_lazy("the provider sends us to another address"),
    "bad_address": gettext_lazy("the address cannot be used on this channel"),
    "bad_header": gettext_lazy("what is set up for the provider cannot be sent"),
    "bad_reference": gettext_lazy("the message has no usable number"),
    "bad_secret": gettext_lazy("the secret of this address cannot be used"),
    "private_address": gettext_lazy("the address is inside a private network"),
    "not_encrypted": gettext_lazy("the address is not encrypted"),
    "too_large": gettext_lazy("the message is too long"),
    "gone": gettext_lazy("the device takes no more messages; enrol it again"),
    OPTED_OUT: gettext_lazy(
        "the carrier blocks our texts to this number since STOP was texted; its owner texts START to undo it"
    ),
    "no_gateway": gettext_lazy("no provider is set up for text messages"),
    "organisation_not_known_yet": gettext_lazy("just set up; it goes out in a moment"),
    "store away": gettext_lazy("the database is away"),
    "wording broken": gettext_lazy("a fault in Tocsin: the message could not be written"),
    "channel broken": gettext_lazy("a fault in Tocsin: this channel stopped"),
    "channel is not set up": gettext_lazy("this channel is not set up"),
    "too many wait for this provider": gettext_lazy("too many messages wait for this provider"),
    "no address": gettext_lazy("the address is not known any more"),
    "no template": gettext_lazy("a fault in Tocsin: there are no words for it"),
    "no_way": gettext_lazy("nothing is written down by which this person can be called"),
    "at_position": gettext_lazy("takes emergency calls and is not rung"),
    "not_verified": gettext_lazy("this person has never answered on it"),
    "outside_hours": gettext_lazy("outside the hours at which it may be used"),
    "not_usable": gettext_lazy("it may not be used now"),
}
RECEIPT_WORDS: Final = {
    "queued": gettext_lazy("the provider says: waiting"),
    "sent": gettext_lazy("the provider says: sent"),
    "delivered": gettext_lazy("the provider says: handed over to the device"),
    "failed": gettext_lazy("the provider says: not delivered"),
    "unknown": gettext_lazy("the provider says nothing that is understood"),
}
VIA_WORDS: Final = {
    "page": pgettext_lazy("via", "on a page"),
    "link": pgettext_lazy("via", "by link"),
    "text": pgettext_lazy("via", "by text"),
}
_ANSWERED: Final = re.compile(r"(http|smtp)_([0-9]{1,4})")


def why_words(code: str) -> str:
    """Return a channel's or the engine's reason in words, with a provider's number; "" for no reason.

    One that has no words here is said to have none: a code helps whoever looks after the installation, and it is in the
    record and the log.
    """
    if not code:
        return ""
    answered = _ANSWERED.fullmatch(code)
    if answered:
        return _("the provider refused it: %(number)s") % {"number": answered[2]}
    words = WHY_WORDS.get(code)
    return str(words) if words else _("for a reason that only the record names")


def receipt_words(receipt: str) -> str:
    """Return what the provider says of a message, with its own number if it gave one; "" if it said nothing."""
    if not receipt:
        return ""
    state, _space, number = receipt.partition(" ")
    if number == OPTED_OUT:
        return str(WHY_WORDS[OPTED_OUT])
    words = str(RECEIPT_WORDS.get(state, RECEIPT_WORDS["unknown"]))
    return f"{words}, {number}" if number else words


def delivery_words(delivery: Delivery, receipt: str, zone: str) -> str:
    """Return what became of a message, with the reason if there is one; a receipt is not a person.

    `zone`: in which the time is said since when a message waits.
    """
    if delivery.state is State.LEASED and delivery.error == SLOW:
        since = clock_time(delivery.due_at, zone)
        return _("waiting for the provider since %(time)s") % {"time": since}
    # In its engine's hands for as long as nobody listens or answers there: to a person, tried again.
    is_probed = delivery.state is State.LEASED and delivery.error in {REFUSED, TIMED_OUT}
    words = str(STATE_WORDS[State.RETRYING if is_probed else delivery.state])
    if is_left_out(delivery):
        words = pgettext("delivery", "not sent")
    because = why_words(delivery.error) or receipt_words(receipt)
    if delivery.state is State.LEASED and delivery.error and not is_probed:
        # The reason is the last try's; this one is under way.
        because = _("last time: %(why)s") % {"why": because}
    return f"{words} ({because})" if because else words
