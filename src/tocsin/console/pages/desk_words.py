"""What does the desk say about a match, and what made it?"""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# By (certain, the door keeps him out here).
TELL: Final = {
    (True, True): _(
        "Do not admit. Step back and lock. Do not say why, who works here or who is in."
    ),
    (True, False): _("Known here. Stop nobody. Tell who leads, below, now."),
    (False, True): _(
        "Not confirmed: do not detain or touch. Do not admit yet: compare the photograph, and call."
    ),
    (False, False): _("Not confirmed: do not detain or touch. Compare the photograph, and call."),
}

TELL_OF_PLACES: Final = {
    True: _(
        "Known here. Not into what is named below; stop nobody elsewhere. Tell who leads, now."
    ),
    False: _("Not confirmed: do not detain or touch. Compare the photograph, and call."),
}

PARTS: Final[dict[str, Promise]] = {
    "name_same": _("a part of the name is the same"),
    "name_variant": _("a part of the name is spelled in another way"),
    "name_script": _("a part of the name is the same in other letters, or sounds the same"),
    "name_nickname": _("a part of the name is a short or pet form"),
    "name_typo": _("a part of the name differs in a letter or two"),
    "name_short": _("a part of the name is the beginning of the other"),
    "name_initial": _("an initial agrees"),
    "name_joined": _("the name, or two parts of it, are the same in one piece"),
    "name_swapped": _("the parts of the name come in another order"),
    "name_missing": _("a part of the name is missing on one side"),
    "words_name_same": _("a part of the name is said in the words"),
    "words_name_variant": _("a part of the name is said in the words, spelled in another way"),
    "words_name_script": _("a part of the name is said in the words, in other letters"),
    "words_name_nickname": _("a short or pet form of the name is said in the words"),
    "words_name_typo": _("a part of the name is said in the words but for a letter or two"),
    "words_name_joined": _("the name, or two parts of it, are the same in one piece"),
    "words_name_swapped": _("the parts of the name come in another order"),
    "words_name_missing": _("a part of the name is missing on one side"),
    "born_same": _("the birth date is the same"),
    "born_swapped": _("the birth date is the same with day and month swapped"),
    "born_digit": _("the birth date differs in one figure"),
    "born_day_month": _("day and month of birth are the same, the year is not"),
    "born_year": _("the year of birth is the same"),
    "born_other": _("the birth date is another one"),
    "phone_same": _("the phone number is the same"),
    "phone_end": _("the phone number ends the same"),
    "phone_digit": _("the phone number differs in one figure"),
    "address_same": _("the e-mail address or account is the same"),
    "badge_same": _("the badge is the same"),
    "badge_doubted": _("the badge is the same; somebody says that it is not his any more"),
    "plate_same": _("the plate is the same"),
    "plate_doubted": _("the plate is the same; somebody says that it is not his any more"),
    "plate_look_alike": _("the plate is the same but for characters that look alike"),
    "plate_misread": _("the plate differs in a character that cameras mistake"),
    "plate_swapped": _("two characters of the plate are swapped"),
    "plate_one_off": _("the plate differs in one character"),
    "plate_two_off": _("the plate differs in two characters"),
    "plate_part": _("a part of the plate agrees"),
    "region_same": _("the state or country of the plate is the same"),
    "region_other": _("the plate is of another state or country"),
    "reader_unsure": _("the reader was not sure"),
    "fleet_same": _("a vehicle of ours of which he has keys; others have keys too"),
}
FLEET: Final = _("like a vehicle of ours of which he has keys; others have keys too")


def part_words(code: str) -> Promise:
    """Return what a part of a score says; a code that is new is shown as itself would be: as a likeness."""
    return PARTS.get(code, FLEET)
