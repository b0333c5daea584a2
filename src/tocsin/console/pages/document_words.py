"""Why can a document that somebody wrote not be read, in the language of who reads it?

The sentences of `registry/rules/document.py` and `roster_document.py`, each once; `tests/pages/test_document_words.py` holds
the list to them.
"""

from typing import Final

from django.utils.translation import gettext, gettext_noop

from tocsin.console.pages.our_words import OurWords
from tocsin.registry.rules.document import DocumentError

UNREAD: Final = (
    gettext_noop("is not an object"),
    gettext_noop("is not a known field"),
    gettext_noop("is missing"),
    gettext_noop("is not a text"),
    gettext_noop("is not a text of at most %(a)s characters"),
    gettext_noop("is not a whole number"),
    gettext_noop("is not true or false"),
    gettext_noop("is not an id"),
    gettext_noop("is not a date like 2026-11-01"),
    gettext_noop("is not a time like 22:30"),
    gettext_noop("is not a local time like 2026-11-01T22:30"),
    gettext_noop("is not a list of at most %(a)s"),
    gettext_noop("is none of %(a)s"),
)
_READ: Final = OurWords(UNREAD)


def document_words(problem: DocumentError) -> str:
    """Return where the document cannot be read, as it is written there, and why."""
    return f"{problem.path or gettext('the document')}: {_READ.said(problem.problem)}"
