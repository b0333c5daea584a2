"""What is wrong with who is called when, in the language of who reads it?

The sentences of `policy_check` and `policy_lint`, each once; `tests/pages/test_policy_words.py` holds the list to them.
"""

from typing import Final

from django.utils.translation import gettext_lazy, gettext_noop

from tocsin.console.pages.our_words import OurWords
from tocsin.console.pages.words import ROLE_WORDS
from tocsin.registry.rules.findings import Finding
from tocsin.registry.rules.policy import SHIFT_LEAD, parse_selector

FOUND: Final = (
    gettext_noop("A policy needs a name of at most %(a)s characters."),
    gettext_noop("A ladder has 1 to %(a)s steps; this one has %(b)s."),
    gettext_noop("The first step must come at once (0 s), or nobody is called at the press."),
    gettext_noop("Step %(a)s (%(b)s s) must come after step %(c)s."),
    gettext_noop("Nobody new is called for %(a)s s before this."),
    gettext_noop("%(a)s s is not from 0 to %(b)s (a day): it is never reached."),
    gettext_noop("%(a)s is not from %(b)s to %(c)s."),
    gettext_noop("%(a)s is neither all nor in_order."),
    gettext_noop("A step calls 1 to %(a)s kinds of people; this one %(b)s."),
    gettext_noop("%(a)s is no way to name people: %(b)s."),
    gettext_noop("%(a)s is none of %(b)s."),
    gettext_noop("%(a)s is there twice; it counts once."),
    gettext_noop("Step %(a)s calls the same people in the same way as step %(b)s."),
    gettext_noop("An earlier step already asks for %(a)s people; %(b)s changes nothing."),
    gettext_noop("With 0 the site counts as covered although nobody is proven to be reachable."),
    gettext_noop("The first step of an SOS calls nobody but the one who pressed or watches."),
    gettext_noop("The first step of an SOS does not call everyone on duty."),
    gettext_noop(
        "The first step of an SOS tries one channel after the other; all at once is faster."
    ),
    gettext_noop("The first step of an SOS goes out by %(a)s only."),
    gettext_noop("There is one step only: if those people do not answer, nobody else is called."),
    gettext_noop("Everyone on duty is somewhere else than here."),
    gettext_noop("Step %(a)s would be skipped: it reaches nobody aloud."),
    gettext_noop("Step %(a)s never calls anybody whom step %(b)s has not called."),
    gettext_noop(
        "Step %(a)s tries one way after the other, %(b)s s each: only %(c)s of up to %(d)s come before the next call."
    ),
    gettext_noop("Step %(a)s: %(b)s calls nobody."),
    gettext_noop("Nobody would be called at all."),
    gettext_noop("Only %(a)s would be called; whoever is alone with that is on their own."),
    gettext_noop("%(a)s people are asked for and %(b)s can be called: it never rests."),
    gettext_noop("%(a)s of %(b)s people are on duty and can be rung."),
    gettext_noop("Only open screens would show it: nothing rings in a pocket."),
    gettext_noop("Everything away from the screens goes by %(a)s only."),
    gettext_noop("Everything away from the screens goes through %(a)s only."),
    gettext_noop("There is no such team here any more."),
    gettext_noop("There is no such post here any more."),
    gettext_noop("There is no such person here any more."),
    gettext_noop("%(a)s is on the roster and not among the people."),
    gettext_noop("%(a)s has no verified way to be reached."),
)
# Who is called, as a policy's document names them.
WHO_WORDS: Final = {
    "everyone_on_duty": gettext_lazy("everyone on duty"),
    "herself": gettext_lazy("whoever pressed"),
    "watcher": gettext_lazy("whoever watches the walk"),
    SHIFT_LEAD: gettext_lazy("whoever leads the shift"),
    "manager": gettext_lazy("the manager of whoever pressed"),
}


def who_words(text: str) -> str:
    """Return a name for whom a selector calls; what is none, or names one team, post or person by its id, as it stands."""
    found = parse_selector(text)
    if found is not None and found.kind == "role":
        return str(ROLE_WORDS.get(found.argument, found.argument))
    return str(WHO_WORDS.get(text, text))


_READ: Final = OurWords(FOUND, who_words)


def policy_words(finding: Finding) -> str:
    """Return what is wrong with a policy, or with who could answer it."""
    return _READ.said(finding.words)
