"""What may be typed about people and places, and what is said when it cannot be taken?"""

import json
from typing import Any, Final
from zoneinfo import ZoneInfo

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from tocsin.registry.access import ROLES
from tocsin.registry.forms_lines import drawn_of_text
from tocsin.registry.forms_typed import check_direction
from tocsin.registry.rules.places import check_outline, check_somewhere

ADDRESS_PARTS: Final = (
    "street",
    "building",
    "floor",
    "room",
    "locality",
    "region",
    "postal_code",
    "directions",
)
PSAP_PARTS: Final = ("number", "say")
# As every list of people says it.
ROLE_LABELS: Final = {
    "responder": _("responder"),
    "guard": _("guard"),
    "call_taker": _("call-taker"),
    "shift_lead": _("shift lead"),
    "safety_lead": _("safety lead"),
    "manager": _("manager"),
    "admin": _("administrator"),
}
PLACE_KINDS: Final = (
    ("door", _("door")),
    ("car park", _("car park")),
    ("way", _("way")),
    ("room", _("room")),
    ("floor", _("floor")),
    ("yard", _("yard")),
    ("other", _("other")),
)


class PersonForm(forms.Form):
    """Who somebody is."""

    name = forms.CharField(label=_("Name"), max_length=120, validators=[check_direction])
    short_name = forms.CharField(
        label=_("Short name, as screens show it"), max_length=40, validators=[check_direction]
    )
    staff_number = forms.CharField(label=_("Staff number"), max_length=40)
    role = forms.ChoiceField(label=_("Role"), choices=[(role, ROLE_LABELS[role]) for role in ROLES])
    language = forms.ChoiceField(
        label=_("Language"), choices=[("en", "English"), ("es", "Español")]
    )
    site = forms.ChoiceField(label=_("Site"), required=False)
    is_active = forms.BooleanField(label=_("Works here"), required=False, initial=True)

    def __init__(self, *arguments: Any, sites: list[tuple[str, str]], **named: Any) -> None:
        """Offer the organisation's sites."""
        super().__init__(*arguments, **named)
        self.fields["site"].choices = [("", "–"), *sites]  # type: ignore[attr-defined]


class AccountForm(forms.Form):
    """A sign-in for a person."""

    login = forms.SlugField(label=_("Login (no name in it needed)"), max_length=80)
    password = forms.CharField(
        label=_("First password, at least 12 characters"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean_password(self) -> str:
        """Return the password if it is long and rare enough."""
        password = str(self.cleaned_data["password"])
        validate_password(password)
        return password


class SiteForm(forms.Form):
    """Where people work, as a call-taker needs it."""

    name = forms.CharField(label=_("Name"), max_length=120)
    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=[
            ("workplace", _("Workplace")),
            (
                "emergency_call_centre",
                _("Emergency call centre: call-takers at positions are not rung"),
            ),
        ],
    )
    time_zone = forms.CharField(label=_("Time zone"), max_length=60, initial="UTC")
    street = forms.CharField(label=_("Street and number"), max_length=160)
    building = forms.CharField(label=_("Building"), max_length=80, required=False)
    floor = forms.CharField(label=_("Floor"), max_length=40, required=False)
    room = forms.CharField(label=_("Room"), max_length=40, required=False)
    locality = forms.CharField(label=_("Town"), max_length=80)
    region = forms.CharField(label=_("Region"), max_length=80, required=False)
    postal_code = forms.CharField(label=_("Postal code"), max_length=20, required=False)
    directions = forms.CharField(label=_("Way in for crews"), max_length=300, required=False)
    number = forms.CharField(
        label=_("Emergency number to dial from here"), max_length=20, initial="112"
    )
    say = forms.CharField(label=_("Words to say first"), max_length=300, required=False)
    outline = forms.CharField(
        label=_("Outline (GeoJSON)"), required=False, widget=forms.Textarea(attrs={"rows": 4})
    )

    def clean_time_zone(self) -> str:
        """Return the zone's name if the time-zone database has it."""
        name = str(self.cleaned_data["time_zone"])
        try:
            ZoneInfo(name)
        except (KeyError, OSError, ValueError) as problem:
            raise ValidationError(_("There is no such time zone; like Europe/Berlin.")) from problem
        return name

    def clean_outline(self) -> dict[str, Any] | None:
        """Return the outline as GeoJSON with an area, or None."""
        text = str(self.cleaned_data["outline"]).strip()
        return drawn_of_text(text, check_outline) if text else None


class PostForm(forms.Form):
    """A post of a site."""

    name = forms.CharField(label=_("Name"), max_length=120)
    is_staffed = forms.BooleanField(
        label=_("A guard stands there (otherwise the shift lead is the post)"), required=False
    )


class PlaceForm(forms.Form):
    """A named part of a site."""

    name = forms.CharField(label=_("Name"), max_length=120)
    kind = forms.ChoiceField(label=_("Kind"), choices=PLACE_KINDS)
    geometry = forms.CharField(
        label=_("GeoJSON"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def clean_geometry(self) -> dict[str, Any] | None:
        """Return the geometry as GeoJSON that has a position, or None."""
        text = str(self.cleaned_data["geometry"]).strip()
        return drawn_of_text(text, check_somewhere) if text else None


class DocumentForm(forms.Form):
    """A policy or a roster line as its JSON document."""

    document = forms.CharField(label=_("Document (JSON)"), max_length=40_000, widget=forms.Textarea)

    def clean_document(self) -> dict[str, Any]:
        """Return the document as JSON."""
        found = _json_object(str(self.cleaned_data["document"]))
        if found is None:
            raise ValidationError(_("This is empty."))
        return found


def _json_object(text: str) -> dict[str, Any] | None:
    if not text.strip():
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as problem:
        raise ValidationError(_("This is not JSON.")) from problem
    if not isinstance(found, dict):
        raise ValidationError(_("This is not a JSON object."))
    return found
