"""What may be typed about custody, and what is said when it cannot be taken?"""

from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from tocsin.registry.rules.wall_time import is_meant
from tocsin.signals.feeds.custody_mail.notice import MAX_NOTICE
from tocsin.signals.rules.custody import Source, State

STATE_CHOICES: Final = (
    ("", _("Choose")),
    (State.HELD, _("He is held")),
    (State.RELEASED, _("He was or will be released (bond, charges dropped, sentence served)")),
    (State.ESCAPED, _("He escaped")),
    (State.LEAVE, _("He is out on leave (work release, furlough)")),
    (State.TRANSFERRED, _("He was moved to another place")),
    (State.UNKNOWN, _("They do not know")),
)
SOURCE_CHOICES: Final = (
    ("", _("Choose")),
    (Source.JAIL, _("The jail or prison")),
    (Source.POLICE, _("Police or sheriff")),
    (Source.COURT, _("The court")),
    (Source.PROSECUTOR, _("The prosecutor")),
    (Source.SUPERVISION, _("Bail, probation or parole supervision")),
    (Source.PROTECTED, _("The protected person told us")),
    (Source.SOMEBODY, _("Somebody else")),
)
# How long a word that he is held counts before it is asked again.
COUNTS_CHOICES: Final = (
    ("1", _("one day (he may be let go at any hour)")),
    ("3", _("three days (until a hearing)")),
    ("7", _("a week (held without bond)")),
    ("31", _("a month (he serves a sentence)")),
)
MAX_WORDS: Final = 2_000


class WallTimeField(forms.DateTimeField):
    """A time as it stands on the wall of the case's site; the form makes it an instant."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")

    def __init__(self, **named: Any) -> None:
        """Take what browsers send."""
        formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"]
        super().__init__(input_formats=formats, **named)

    def to_python(self, value: Any) -> datetime | None:
        """Return the wall time without a zone."""
        found = super().to_python(value)
        if found and not is_meant(found):
            raise ValidationError(_("Write a year from 1900 to 2200; what has no end has no date."))
        return found.replace(tzinfo=None) if found else None


def instant(wall: datetime | None, zone: str) -> datetime | None:
    """Return the instant of a wall time in UTC; of two (the hour that comes twice) the first."""
    return wall.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC) if wall else None


class CustodyForm(forms.Form):
    """What somebody has just heard."""

    state = forms.ChoiceField(label=_("What did they say?"), choices=STATE_CHOICES)
    source = forms.ChoiceField(label=_("Who said it?"), choices=SOURCE_CHOICES)
    true_at = WallTimeField(
        label=_("Since when, or from when?"),
        required=False,
        help_text=_("Empty: from now. A release may lie ahead."),
    )
    place = forms.CharField(label=_("Where is he held, or was?"), required=False, max_length=120)
    asked_myself = forms.BooleanField(
        label=_("I asked them myself, just now"),
        required=False,
        help_text=_("Only then does “held” count. Everything else counts at once."),
    )
    counts_days = forms.ChoiceField(
        label=_("If he is held: ask again within"),
        choices=COUNTS_CHOICES,
        required=False,
        help_text=_("If nobody asks again by then, he counts as free."),
    )
    settles = forms.BooleanField(
        label=_("I have read every word above; this decides"),
        required=False,
        help_text=_("Needed where two sources disagree. Both stay to be read."),
    )
    words = forms.CharField(
        label=_("Their words, a name, a number"),
        required=False,
        max_length=MAX_WORDS,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def counts_for(self) -> timedelta:
        """Return for how long *held* counts."""
        return timedelta(days=int(self.cleaned_data.get("counts_days") or "1"))


class NoticeForm(forms.Form):
    """A notice that came to somebody's mailbox or phone."""

    kind = forms.ChoiceField(
        label=_("How did it come?"),
        choices=((Source.MAIL_NOTICE, _("As a mail")), (Source.SMS_NOTICE, _("As a text"))),
    )
    text = forms.CharField(
        label=_("The whole notice, as it came"),
        max_length=MAX_NOTICE,
        widget=forms.Textarea(attrs={"rows": 8}),
    )


class AskForm(forms.Form):
    """What did we know, and about when?"""

    asked_at = WallTimeField(label=_("Was he held at"), required=False)
    known_at = WallTimeField(label=_("by what we knew at"), required=False)
