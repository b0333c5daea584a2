"""What may be typed about safeguards, and what is said when it cannot be taken?"""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from tocsin.decisions.rules.safeguard_kinds import Event
from tocsin.signals.forms import WallTimeField

# What a lead enters here; orders and custody have pages of their own.
FACT_CHOICES: Final = (
    ("", _("Choose")),
    (Event.THREAT.value, _("A threat was heard")),
    (Event.SUICIDE_STATEMENT.value, _("He spoke of dying")),
    (Event.WEAPON.value, _("A weapon was named or seen")),
    (Event.DIVORCE_SERVED.value, _("Divorce papers were served")),
    (Event.MEETING_PLANNED.value, _("He will be told of a suspension or dismissal")),
    (Event.SUSPENDED.value, _("He was told that he is suspended")),
    (Event.DISMISSED.value, _("He was told that he is dismissed")),
    (Event.DISCHARGED.value, _("Somebody told us that he left a hospital")),
    (Event.CHILD_EXCHANGE.value, _("The children are handed over")),
)


class FactForm(forms.Form):
    """Something happened that opens safeguards. `fact_id` names it, so that pressing twice is one fact."""

    event = forms.ChoiceField(label=_("What happened"), choices=FACT_CHOICES)
    fact_id = forms.UUIDField(widget=forms.HiddenInput)


class ReleaseForm(forms.Form):
    """When the visible steps are released, in the site's wall time."""

    release_at = WallTimeField(label=_("When"))
    before_service = forms.BooleanField(
        label=_("Before he is served: it is meant that he learns of it from this"), required=False
    )

    def __init__(self, *args: Any, is_served: bool = True, **named: Any) -> None:
        """`is_served`: nothing has to be said about it."""
        super().__init__(*args, **named)
        if is_served:
            del self.fields["before_service"]
