"""What may a post type to ask who somebody is, and what is said when it cannot be taken?"""

import re
from datetime import date
from typing import Any, Final

import phonenumbers
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from tocsin.registry.forms_typed import check_name, check_plate

MAX_BADGE: Final = 40
MAX_PHONE: Final = 30
OLDEST_YEAR: Final = 1900
# Beyond every field's bound, so that the bound is said in our words; and still a bound.
_ANY: Final = 2000


class DeskForm(forms.Form):
    """Who is there? A name, a plate, a phone or a badge; what else is known makes the answer surer."""

    name = forms.CharField(label=_("Name"), required=False, max_length=_ANY, strip=True)
    plate = forms.CharField(
        label=_("Number plate"),
        required=False,
        max_length=_ANY,
        help_text=_("All of it or a part; ? for a character that nobody could read."),
    )
    born = forms.CharField(
        label=_("Born"),
        required=False,
        max_length=_ANY,
        help_text=_("Year, month, day: 1986-04-09. Or only the year."),
    )
    phone = forms.CharField(label=_("Phone"), required=False, max_length=_ANY)
    badge = forms.CharField(label=_("Badge"), required=False, max_length=_ANY)
    region = forms.CharField(
        label=_("State or country of the plate"), required=False, max_length=10
    )

    def __init__(self, *arguments: Any, **named: Any) -> None:
        """Let nothing that is typed here stay in the browser."""
        super().__init__(*arguments, **named)
        for field in self.fields.values():
            field.widget.attrs.update({"autocomplete": "off", "spellcheck": "false"})
        self.fields["plate"].widget.attrs["autocapitalize"] = "characters"
        self.fields["name"].widget.attrs["autocapitalize"] = "words"
        self.fields["phone"].widget.attrs["inputmode"] = "tel"

    def clean_name(self) -> str:
        """Return the name, or say why it is none."""
        return check_name(str(self.cleaned_data["name"]))

    def clean_plate(self) -> str:
        """Return the plate, or say why it is none."""
        return check_plate(str(self.cleaned_data["plate"]))

    def clean_region(self) -> str:
        """Return the region, or say that it is none."""
        text = str(self.cleaned_data["region"])
        if not re.fullmatch(r"[A-Za-z0-9 -]*", text):
            raise ValidationError(_("Type letters: CA, US-CA, D."))
        return text

    def clean_born(self) -> str:
        """Return the date or the year as it was typed, or say what is wrong with it."""
        text = str(self.cleaned_data["born"])
        if text and _born_on(text) is None and _born_year(text) is None:
            raise ValidationError(
                _("Type the year, the month and the day: 1986-04-09. Or only the year.")
            )
        return text

    def clean_badge(self) -> str:
        """Return the badge, or say why it is none."""
        text = str(self.cleaned_data["badge"])
        if len(text) > MAX_BADGE or not re.fullmatch(r"[\w /.:-]*", text):
            raise ValidationError(
                _("A badge has letters and figures, at most %(most)s."), params={"most": MAX_BADGE}
            )
        return text

    def clean_phone(self) -> str:
        """Return the number in E.164 if it is one that can be called, else its figures."""
        text = str(self.cleaned_data["phone"])
        if not text:
            return text
        figures = sum(char.isdecimal() for char in text)
        if (
            len(text) > MAX_PHONE
            or not re.fullmatch(r"[\d +()/.-]*", text)
            or not 7 <= figures <= 15
        ):
            raise ValidationError(_("A phone number has seven to fifteen figures."))
        return _e164(text)

    def clean(self) -> dict[str, Any]:
        """Return the values; one of them must be something to look for."""
        values: dict[str, Any] = super().clean() or {}
        if not self.errors and not any(
            values.get(name) for name in ("name", "plate", "phone", "badge")
        ):
            raise ValidationError(_("Type a name, a plate, a phone or a badge."))
        values["born_on"] = _born_on(str(values.get("born", "")))
        values["born_year"] = None if values["born_on"] else _born_year(str(values.get("born", "")))
        return values


def _born_on(text: str) -> date | None:
    found = re.fullmatch(r"(\d{4})[-/. ](\d{1,2})[-/. ](\d{1,2})", text)
    try:
        born = date(*map(int, found.groups())) if found else None
    except ValueError:
        return None
    return born if born and born.year >= OLDEST_YEAR else None


def _born_year(text: str) -> int | None:
    is_year = re.fullmatch(r"[12]\d{3}", text) is not None
    return int(text) if is_year and OLDEST_YEAR <= int(text) < 2100 else None


def _e164(text: str) -> str:
    try:
        number = phonenumbers.parse(text, "US")
    except phonenumbers.NumberParseException:
        return text
    if not phonenumbers.is_possible_number(number):
        return text
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
