"""What is typed to be let into a case, and to shut somebody out of one?"""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from tocsin.registry.rules.grants import MAX_REASON, MIN_REASON

MAX_WORD: Final = 8
LASTINGS: Final = (
    ("1", _("one day")),
    ("7", _("a week")),
    ("30", _("30 days, the longest")),
)


def _reason() -> forms.CharField:
    return forms.CharField(
        label=_("Why"),
        min_length=MIN_REASON,
        max_length=MAX_REASON,
        widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "off"}),
    )


def _word() -> forms.CharField:
    return forms.CharField(
        label=_("Word of the case, like K7Q4"),
        max_length=MAX_WORD,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )


class GrantForm(forms.Form):
    """Who should be let in, and why."""

    word = _word()
    person = forms.ChoiceField(label=_("Who is to read it"))
    lasting = forms.ChoiceField(label=_("For how long"), choices=LASTINGS)
    reason = _reason()

    def __init__(self, *arguments: Any, people: list[tuple[str, str]], **named: Any) -> None:
        """Offer the people of the organisation."""
        super().__init__(*arguments, **named)
        self.fields["person"].choices = [("", "–"), *people]  # type: ignore[attr-defined]


class BreakGlassForm(forms.Form):
    """Which case, and why it cannot wait for a second person."""

    word = _word()
    reason = _reason()


class PersonChoiceForm(forms.Form):
    """One person of the organisation, or nobody where `empty` says what nobody means."""

    person = forms.ChoiceField(required=False)

    def __init__(
        self,
        *arguments: Any,
        people: list[tuple[str, str]],
        label: str,
        empty: str = "",
        **named: Any,
    ) -> None:
        """Offer the people of the organisation."""
        super().__init__(*arguments, **named)
        field = self.fields["person"]
        field.label = label
        field.choices = [("", empty), *people] if empty else people  # type: ignore[attr-defined]
        field.required = not empty
