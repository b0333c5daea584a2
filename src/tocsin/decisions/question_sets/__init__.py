"""Which statutory questions come with this system? Files of data, one a version; read once.

Only what a statute asks is here, never an instrument that somebody owns. Oklahoma 21 142A-3 is known to ask questions; its
text was not seen, so it is not here.
"""

import tomllib
from functools import cache
from importlib import resources
from typing import Final

from tocsin.decisions.rules.review import QuestionSet, question_set

ENDING: Final = ".toml"


@cache
def question_sets() -> tuple[QuestionSet, ...]:
    """Return every set in every version, by code, what became law before what did not.

    Raises:
        QuestionsRefused: a file is wrong; a test reads them all.
    """
    folder = resources.files("tocsin.decisions.question_sets")
    files = sorted((f for f in folder.iterdir() if f.name.endswith(ENDING)), key=lambda f: f.name)
    found = [question_set(tomllib.loads(file.read_text(encoding="utf-8"))) for file in files]
    return tuple(sorted(found, key=lambda one: (one.code, one.is_older, one.version)))
