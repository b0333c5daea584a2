"""What do the verbs refuse with, in the language of who reads it? Each reason once, marked to be translated.

The verbs know no Django; a page says `in_words(done.because)`. `tests/pages/test_words.py` holds this list to the verbs.
"""

from typing import Final

from django.utils.translation import gettext, gettext_noop

REASONS: Final = (
    gettext_noop("a certain match is ended by two people who say that it is over"),
    gettext_noop("a second person must agree: neither who asked nor whom it lets in"),
    gettext_noop("a second person must agree: you asked for it"),
    gettext_noop("an answer to a question that is not asked"),
    gettext_noop("another person has this staff number"),
    gettext_noop("another site has this name"),
    gettext_noop("another team has this name"),
    gettext_noop("it is drawn already; if it is wrong, enter the order again to replace this one"),
    gettext_noop("nobody has asked for it within a week: ask again"),
    gettext_noop("nobody shuts himself out: end your own grant"),
    gettext_noop("nobody waits for this look any more"),
    gettext_noop("nothing is erased during a legal hold"),
    gettext_noop("nothing is erased sooner than in 14 days"),
    gettext_noop("only the one in charge can hand over, and not to the one who raised it"),
    gettext_noop("choose somebody else than yourself to hand over to"),
    gettext_noop("whom you chose cannot be reached now; you stay in charge"),
    gettext_noop("push needs https"),
    gettext_noop("say why, in a sentence"),
    gettext_noop(
        "she does not want to be asked; if she has changed her mind, she has that deleted first"
    ),
    gettext_noop("somebody else must agree to this"),
    gettext_noop("somebody else must look at this"),
    gettext_noop("somebody has asked for it already"),
    gettext_noop("somebody has confirmed it already"),
    gettext_noop("somebody here has this address on this channel"),
    gettext_noop("the short name or the login is taken on this installation"),
    gettext_noop("the site has one of this name"),
    gettext_noop("the roster has changed: these lines cannot be followed any more"),
    gettext_noop("there are no such questions"),
    gettext_noop("there are too many vehicles"),
    gettext_noop("there is no legal hold"),
    gettext_noop("there is no such case"),
    gettext_noop("there is no such drill"),
    gettext_noop("there is no such incident"),
    gettext_noop("there is no such login, or it is not active any more"),
    gettext_noop("there is no such review"),
    gettext_noop("there is no such sighting"),
    gettext_noop("there is nobody who could be told of it"),
    gettext_noop("this came too late: please look once more"),
    gettext_noop("this code is not good any more; ask for a new one"),
    gettext_noop("this browser calls somebody else: end that phone first"),
    gettext_noop("this device is not enrolled"),
    gettext_noop("this does not wait for anybody any more"),
    gettext_noop("this incident is not yours to act on"),
    gettext_noop("this incident is over"),
    gettext_noop("this is not a push subscription"),
    gettext_noop("this is not yours to look at"),
    gettext_noop("this line is not in the roster any more"),
    gettext_noop("this reader is not missed, or not any more"),
    gettext_noop("you have revoked it yourself: another who may read this case says it"),
    gettext_noop("this login is taken, or the person has one already"),
    gettext_noop(
        "you cannot shut this person out: nobody is of her own case, and one person shuts out only a few, of those who lead"
        " fewer still; somebody else who may read the case adds the others"
    ),
    gettext_noop("this sender is revoked"),
    gettext_noop("this sign-in is not active any more"),
    gettext_noop("so many ways to reach one person are kept already"),
    gettext_noop("so many people are named already"),
    gettext_noop("only she herself says that it is safe at more hours than before"),
    gettext_noop("nobody is ruled out of her own alarms"),
    gettext_noop("this site has a vehicle of this name"),
    gettext_noop("your drill is still running"),
)


def in_words(because: str) -> str:
    """Return the reason in the language of who reads it; one that nobody has translated stays as it is."""
    return gettext(because)
