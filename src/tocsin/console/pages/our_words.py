"""Which of our own English sentences is this, and how is it said in the language of who reads it?

Rules and readers know no Django and say what is wrong in English. A page lists their sentences once, marked to be
translated, with `%(a)s`, `%(b)s` ... for what they put in.
"""

import re
from collections.abc import Callable
from typing import Final

from django.utils.translation import gettext

_PUT_IN: Final = re.compile(r"%\\\(([a-d])\\\)s")


class OurWords:
    """These sentences, to be found again in what a rule said."""

    def __init__(self, sentences: tuple[str, ...], put_in: Callable[[str], str] = str) -> None:
        """`sentences` are asked in this order: one that fits more comes after one that fits less.

        `put_in` says how what stands in them is shown.
        """
        self._sentences, self._put_in = sentences, put_in
        self._forms = tuple(
            (re.compile(_PUT_IN.sub(r"(?P<\1>.+)", re.escape(words)), re.DOTALL), words)
            for words in sentences
        )

    def said(self, text: str) -> str:
        """Return the sentence in the language of who reads it; what is none of these stays as it is."""
        if text in self._sentences:
            return gettext(text)
        for form, words in self._forms:
            found = form.fullmatch(text)
            if found:
                return gettext(words) % {k: self._put_in(v) for k, v in found.groupdict().items()}
        return text
