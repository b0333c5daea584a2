"""What may be typed about a vehicle of the employer?"""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from tocsin.registry.forms_typed import check_plate


class VehicleForm(forms.Form):
    """A vehicle of ours: its site, what it is called, its plate."""

    site = forms.ChoiceField(label=_("Site"))
    name = forms.CharField(label=_("What it is called"), max_length=60)
    plate = forms.CharField(label=_("Number plate"), max_length=2000)
    region = forms.CharField(
        label=_("State or country of the plate"), required=False, max_length=10
    )

    def __init__(self, *arguments: Any, sites: list[tuple[str, str]], **named: Any) -> None:
        """Offer the organisation's sites."""
        super().__init__(*arguments, **named)
        self.fields["site"].choices = sites  # type: ignore[attr-defined]

    def clean_name(self) -> str:
        """Return what it is called."""
        text = str(self.cleaned_data["name"])
        if not text.isprintable():
            raise ValidationError(_("Something in this cannot be printed."))
        return text

    def clean_plate(self) -> str:
        """Return the plate, or say why it is none."""
        return check_plate(str(self.cleaned_data["plate"]), is_read=False)
