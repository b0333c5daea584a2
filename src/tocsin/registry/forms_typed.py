"""What is said when a text cannot be a name or a number plate?"""

from typing import Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from tocsin.registry.rules.typed import (
    LONGEST_PLATE,
    MAX_NAME,
    MAX_PLATE_TEXT,
    TURNING,
    NameProblem,
    PlateProblem,
    name_problem,
    plate_problem,
)

NAME_PROBLEMS: Final = {
    NameProblem.LONG: _("This is too long for a name: at most %(most)s characters."),
    NameProblem.CHARACTERS: _(
        "A name has letters, figures, spaces, hyphens, apostrophes and dots. Something else is in this one."
    ),
    NameProblem.NO_LETTER: _("There is no letter in this name."),
}
PLATE_PROBLEMS: Final = {
    PlateProblem.LONG: _("This is too long for a plate: at most %(most)s letters and figures."),
    PlateProblem.SHORT: _("Type at least two letters or figures of the plate."),
    PlateProblem.UNREAD: _(
        "No reader tells this plate from one that it could not read: leave it out."
    ),
    PlateProblem.CHARACTERS: _(
        "A plate has letters, figures, spaces and hyphens; type ? for what nobody could read. Something else is in this one."
    ),
}


def check_name(text: str) -> str:
    """Return the name, or an empty text as it is.

    Raises:
        ValidationError: it cannot be a name; says why.
    """
    problem = name_problem(text) if text else None
    if problem:
        raise ValidationError(NAME_PROBLEMS[problem], params={"most": MAX_NAME})
    return text


def check_direction(text: str) -> None:
    """Do nothing, for any text that reads as it was typed: right to left, too, where its letters do.

    Raises:
        ValidationError: a character turns the reading direction of what stands beside it.
    """
    if not TURNING.isdisjoint(text):
        raise ValidationError(
            _("A character in this turns the direction of reading: type it without.")
        )


def check_plate(text: str, *, is_read: bool = True) -> str:
    """Return the plate, or an empty text as it is. `is_read`: somebody saw it, and `?` stands for what nobody could read.

    Raises:
        ValidationError: it cannot be a plate; says why.
    """
    problem = plate_problem(text, is_read=is_read) if text else None
    if problem:
        most = LONGEST_PLATE if len(text) <= MAX_PLATE_TEXT else MAX_PLATE_TEXT
        raise ValidationError(PLATE_PROBLEMS[problem], params={"most": most})
    return text
