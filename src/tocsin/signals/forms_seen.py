"""What may a person type who saw somebody, was called, or has a list of visitors?"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from tocsin.registry.forms_typed import check_plate
from tocsin.signals.feeds.reading import MAX_PHONE
from tocsin.signals.rules.seen import MAX_TEXT

MAX_LIST_BYTES: Final = 524_288
WHEN: Final = (
    ("0", _("now")),
    ("120", _("2 minutes ago")),
    ("600", _("10 minutes ago")),
    ("3600", _("an hour ago")),
)
ATTEMPT_WORDS: Final = (
    ("call", _("called")),
    ("text", _("sent a text")),
    ("mail", _("sent an e-mail")),
    ("message", _("wrote in an app")),
    ("letter", _("sent a letter or a thing")),
    ("visit", _("came by")),
)


class SeenForm(forms.Form):
    """What somebody saw: at least one of plate, name, words."""

    track = forms.UUIDField(widget=forms.HiddenInput)
    plate = forms.CharField(
        label=_("Number plate"),
        max_length=200,
        required=False,
        help_text=_("What you could read; ? for a sign you could not."),
        widget=forms.TextInput(
            attrs={"autocapitalize": "characters", "autocomplete": "off", "spellcheck": "false"}
        ),
    )
    name = forms.CharField(
        label=_("Name, if you know it"),
        max_length=MAX_TEXT,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    words = forms.CharField(
        label=_("What did you see?"),
        max_length=MAX_TEXT,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("Where he stands, where he goes, the vehicle. No guesses."),
    )
    where = forms.ChoiceField(label=_("Where?"))
    before_s = forms.ChoiceField(
        label=_("When?"), choices=WHEN, initial="0", widget=forms.RadioSelect
    )

    def __init__(self, *arguments: Any, places: list[tuple[str, str]], **named: Any) -> None:
        """Offer the sites and posts as (value, words)."""
        super().__init__(*arguments, **named)
        self.fields["where"].choices = places  # type: ignore[attr-defined]

    def clean_plate(self) -> str:
        """Return the plate, or say at its field why it can be none; the rest stays as it was typed."""
        return check_plate(str(self.cleaned_data["plate"]))

    def clean(self) -> dict[str, Any]:
        """Refuse a report of nothing."""
        values: dict[str, Any] = super().clean() or {}
        if not self.errors and not any(values.get(name) for name in ("plate", "name", "words")):
            raise forms.ValidationError(_("Say a plate, a name, or what you saw."))
        return values


class AttemptForm(forms.Form):
    """Somebody called or wrote."""

    track = forms.UUIDField(widget=forms.HiddenInput)
    kind = forms.ChoiceField(label=_("Somebody"), choices=ATTEMPT_WORDS)
    phone = forms.CharField(label=_("From which number"), max_length=MAX_PHONE, required=False)
    name = forms.CharField(
        label=_("Which name, account or address"), max_length=MAX_TEXT, required=False
    )
    hours = forms.ChoiceField(
        label=_("When?"),
        choices=(
            ("0", _("now")),
            ("1", _("an hour ago")),
            ("4", _("four hours ago")),
            ("12", _("half a day ago")),
        ),
        initial="0",
    )
    words = forms.CharField(
        label=_("What was said"),
        max_length=MAX_TEXT,
        required=False,
        help_text=_("Keep the message itself: do not delete it, do not answer it."),
    )
    is_he = forms.BooleanField(
        label=_("It is the person whom my own order or house rule is about"), required=False
    )

    which = forms.ChoiceField(label=_("Which of your own?"), required=False)

    def __init__(self, *arguments: Any, own: Sequence[tuple[str, str]] = (), **named: Any) -> None:
        """Ask which one, by the words of her own cases as (id, word), where she has several; nobody else is asked."""
        super().__init__(*arguments, **named)
        if len(own) < 2:
            del self.fields["which"]
            return
        self.fields["which"].choices = [("", _("I do not know which")), *own]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Refuse an attempt of nobody."""
        values: dict[str, Any] = super().clean() or {}
        if not any(values.get(name) for name in ("phone", "name", "is_he")):
            raise forms.ValidationError(_("Say a number, a name, or that it is he."))
        return values

    def at(self, now: datetime) -> datetime:
        """Return when it was."""
        return (now - timedelta(hours=int(self.cleaned_data["hours"]))).astimezone(UTC)


class VisitorsForm(forms.Form):
    """A list of who is expected today."""

    where = forms.ChoiceField(label=_("Where are they expected?"))
    file = forms.FileField(label=_("A file: CSV or JSON"), required=False)
    text = forms.CharField(
        label=_("Or paste it"),
        max_length=MAX_LIST_BYTES,
        required=False,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
        help_text=_(
            "Head line: name, born_on, phone, plate, at, words. A name or a plate is needed, the rest is not."
        ),
    )

    def __init__(self, *arguments: Any, places: list[tuple[str, str]], **named: Any) -> None:
        """Offer the sites as (value, words)."""
        super().__init__(*arguments, **named)
        self.fields["where"].choices = places  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Return the values with the list as bytes under `body`."""
        values: dict[str, Any] = super().clean() or {}
        given = values.get("file")
        if given and given.size > MAX_LIST_BYTES:
            raise forms.ValidationError(_("This list is too long; divide it."))
        values["body"] = given.read() if given else str(values.get("text", "")).encode()
        if not values["body"].strip():
            raise forms.ValidationError(_("There is no list."))
        return values
