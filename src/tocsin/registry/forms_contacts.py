"""What may be typed about how somebody is reached, and about whom she named for emergencies?"""

from datetime import time
from typing import Any, Final
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext_lazy as _

from tocsin.registry.rules.contact_document import rule_from_dict
from tocsin.registry.rules.contacts import EVERY_DAY, MAX_CONTACTS, SafeRule
from tocsin.runtime import addresses

TYPED_CHANNELS: Final = (
    ("sms", _("Text message")),
    ("email", _("E-mail")),
    ("webhook", _("Webhook")),
)
DAYS: Final = (
    ("0", _("Monday")),
    ("1", _("Tuesday")),
    ("2", _("Wednesday")),
    ("3", _("Thursday")),
    ("4", _("Friday")),
    ("5", _("Saturday")),
    ("6", _("Sunday")),
)
LANGUAGES: Final = (("", "–"), ("en", "English"), ("es", "Español"))


class SafeForm(forms.Form):
    """Where it stands in her order, and when it is safe; the same that the table of contacts brings."""

    order = forms.IntegerField(
        label=_("Place in her order (1 first; empty: last)"),
        min_value=1,
        max_value=MAX_CONTACTS,
        required=False,
    )
    safe_from = forms.TimeField(label=_("Safe from (empty: at any time)"), required=False)
    safe_until = forms.TimeField(label=_("Safe until"), required=False)
    safe_days = forms.MultipleChoiceField(
        label=_("On these days (none: every day)"),
        choices=DAYS,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    zone = forms.CharField(label=_("Time zone of these hours"), max_length=60, required=False)
    others_answer = forms.BooleanField(
        label=_("Somebody else may answer or read it: nothing goes there"), required=False
    )

    def clean_zone(self) -> str:
        """Return the zone's name if the time-zone database has it; "" when none was typed."""
        name = str(self.cleaned_data["zone"])
        if name and name not in available_timezones():
            raise ValidationError(_("There is no such time zone; like Europe/Berlin."))
        return name

    def clean(self) -> dict[str, Any]:
        """Return the values; hours without a zone, and half of a pair of hours, are refused."""
        values: dict[str, Any] = super().clean() or {}
        has_hours = values.get("safe_from") is not None, values.get("safe_until") is not None
        if any(has_hours) and not all(has_hours):
            self.add_error("safe_until", _("Say from when and until when."))
        if (any(has_hours) or values.get("safe_days")) and not values.get("zone"):
            self.add_error("zone", _("Say in which time zone."))
        return values

    def rule(self) -> SafeRule | None:
        """Return when it is safe; None: always."""
        values = self.cleaned_data
        days = frozenset(int(day) for day in values["safe_days"])
        if not (values["safe_from"] or values["safe_until"] or days or values["others_answer"]):
            return None
        return SafeRule(
            zone=values["zone"] or "UTC",
            start=values["safe_from"] or time(0),
            end=values["safe_until"] or time(0),
            weekdays=days or EVERY_DAY,
            only_owner_answers=not values["others_answer"],
        )


def safe_initial(position: int, document: dict[str, Any]) -> dict[str, object]:
    """Return what `SafeForm` shows of a contact method as it is kept."""
    rule = rule_from_dict(document)
    if rule is None:
        return {"order": position}
    hours = {} if rule.start == rule.end else {"safe_from": rule.start, "safe_until": rule.end}
    days = [] if rule.weekdays == EVERY_DAY else [str(day) for day in sorted(rule.weekdays)]
    shown = {"order": position, "safe_days": days, "zone": rule.zone}
    return shown | hours | {"others_answer": not rule.only_owner_answers}


class ContactForm(SafeForm):
    """One way to reach a person; phone numbers become E.164."""

    channel = forms.ChoiceField(label=_("Channel"), choices=TYPED_CHANNELS)
    address = forms.CharField(label=_("Number or address"), max_length=500)
    is_work = forms.BooleanField(
        label=_("The employer's device or account"), required=False, initial=True
    )
    is_verified = forms.BooleanField(label=_("She answered on it, I was there"), required=False)
    field_order = ("channel", "address", "is_work", "is_verified")

    def __init__(self, *arguments: Any, allows_plain: bool = False, **named: Any) -> None:
        """Take http:// too where `allows_plain`: on a network of the installation's own."""
        super().__init__(*arguments, **named)
        self.allows_plain = allows_plain

    def clean(self) -> dict[str, Any]:
        """Return the values with the address in the one form in which it is stored."""
        values = super().clean()
        channel, address = values.get("channel"), str(values.get("address", "")).strip()
        if channel == "sms":
            values["address"] = e164(address)
        elif channel == "email":
            values["address"] = self._mail(address)
        elif channel == "webhook":
            values["address"] = self._webhook(address)
        return values

    def _mail(self, address: str) -> str:
        try:
            return addresses.mail_of_person(address)
        except ValueError as problem:
            raise ValidationError(
                _("Write the mail address alone, in plain letters, like name@example.org.")
            ) from problem

    def _webhook(self, address: str) -> str:
        URLValidator(schemes=["http", "https"])(address)
        parts = urlsplit(address)
        if parts.username or parts.password:
            raise ValidationError(_("Leave the password out of the address: others see it."))
        if parts.scheme == "http" and not self.allows_plain:
            raise ValidationError(
                _("Use https: the message holds a secret link, and http shows it on the way.")
            )
        return address


def e164(text: str) -> str:
    """Return a phone number as it is stored.

    Raises:
        ValidationError: it is none, or has no country.
    """
    # Here, not above: the pages load this module, and few of them read a number (4 MB).
    import phonenumbers  # noqa: PLC0415

    try:
        number = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException as problem:
        raise ValidationError(
            _("Write the number with its country, like +1 206 555 0100.")
        ) from problem
    if not phonenumbers.is_possible_number(number):
        raise ValidationError(_("There is no such number."))
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


class EmergencyForm(forms.Form):
    """Somebody whom she named for emergencies, or whom she rules out."""

    colleague = forms.ChoiceField(label=_("Works here"), required=False)
    name = forms.CharField(label=_("Name"), max_length=120, required=False)
    relation = forms.CharField(label=_("Relation to her"), max_length=60, required=False)
    phone = forms.CharField(label=_("Phone"), max_length=40, required=False)
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES, required=False)
    never_notify = forms.BooleanField(label=_("Must never be told"), required=False)
    never_give_location = forms.BooleanField(
        label=_("Must never learn where she is"), required=False, initial=True
    )

    def __init__(self, *arguments: Any, colleagues: list[tuple[str, str]], **named: Any) -> None:
        """Offer the people who work here."""
        super().__init__(*arguments, **named)
        self.fields["colleague"].choices = [("", "–"), *colleagues]  # type: ignore[attr-defined]

    def clean_phone(self) -> str:
        """Return the number as E.164; "" when none was typed."""
        text = str(self.cleaned_data["phone"]).strip()
        return e164(text) if text else ""

    def clean(self) -> dict[str, Any]:
        """Return the values; a colleague's name need not be typed again."""
        values: dict[str, Any] = super().clean() or {}
        names = dict(self.fields["colleague"].choices)  # type: ignore[attr-defined]
        values["name"] = values.get("name") or (
            names.get(values["colleague"], "") if values.get("colleague") else ""
        )
        if not values["name"]:
            self.add_error("name", _("Write a name, or choose a colleague."))
        return values
