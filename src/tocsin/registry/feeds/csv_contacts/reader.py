"""How is everybody reached? Reads a table of contact methods; none of them is verified by that."""

from datetime import time
from typing import Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from tocsin.registry.feeds.cells import Row
from tocsin.registry.feeds.table import Columns, read_table
from tocsin.registry.rules.contacts import EVERY_DAY, MAX_CONTACTS, SafeRule
from tocsin.registry.rules.imports import ContactRow, Import
from tocsin.runtime import addresses

COLUMNS: Final = Columns(
    required=("staff_number", "channel", "address"),
    optional=("order", "is_work", "safe_from", "safe_until", "safe_days", "only_owner_answers"),
)
# What somebody else can write down; a screen and a push subscription come from the device itself.
CHANNELS: Final = ("sms", "voice", "email", "webhook")
DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MAX_STAFF_NUMBER: Final = 40
_COSTLY: Final = ("PREMIUM_RATE", "SHARED_COST", "PAGER", "UAN", "VOICEMAIL")


def read(raw: bytes, *, region: str, zone: ZoneInfo) -> Import[ContactRow]:
    """Return the contact methods in this table.

    Telephone numbers without a country are read as numbers of `region` (two letters, the site's
    country) and come back as E.164. Safe hours are wall time in `zone`. The same address twice for
    one channel is refused: two people with one telephone are a mistake to look at.
    """
    return read_table(
        raw,
        COLUMNS,
        lambda row: _contact(row, region, zone),
        lambda contact: (contact.channel, contact.address.casefold()),
    )


def _contact(row: Row, region: str, zone: ZoneInfo) -> ContactRow:
    channel = row.one_of("channel", CHANNELS)
    address = row.text("address")
    if address and channel in {"sms", "voice"}:
        address = _phone(row, address, region, channel)
    elif address and channel == "email":
        address = _mail(row, address)
    elif address and channel == "webhook":
        _check_webhook(row, address)
    return ContactRow(
        line=row.line,
        staff_number=row.text("staff_number", most=MAX_STAFF_NUMBER),
        channel=channel,
        address=address,
        order=row.whole("order", 1, MAX_CONTACTS),
        is_work=row.yes_no("is_work", default=False),
        safe=_safe(row, zone),
    )


def _phone(row: Row, text: str, region: str, channel: str) -> str:
    # Here, not above: the pages load this module, and few of them read a number (4 MB).
    import phonenumbers  # noqa: PLC0415

    kinds = phonenumbers.PhoneNumberType
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        row.wrong("address", "is no telephone number")
        return ""
    kind = phonenumbers.number_type(number)
    if number.extension:
        row.wrong("address", "has an extension, which nothing here can dial")
    elif not phonenumbers.is_valid_number(number):
        row.wrong("address", f"is no telephone number that exists (read as one of {region})")
    elif kind in {getattr(kinds, name) for name in _COSTLY}:
        row.wrong("address", "is a number of a service, not of a person")
    elif channel == "sms" and kind == kinds.FIXED_LINE:
        row.warn("address", "is a land line, which may take no text messages")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _mail(row: Row, text: str) -> str:
    try:
        local, _, domain = addresses.mail_of_person(text).rpartition("@")
    except ValueError:
        row.wrong("address", "is no mail address")
        return ""
    return f"{local}@{domain.lower()}"


def _check_webhook(row: Row, text: str) -> None:
    try:
        parts = urlsplit(text)
        is_address = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_address = False
    if not is_address or not text.isascii() or " " in text:
        row.wrong("address", "is no web address")
    elif parts.username or parts.password:
        row.wrong("address", "holds a password, which would be shown to whoever sees the address")
    elif parts.scheme == "http":
        row.warn("address", "is not encrypted: use https where the network is not your own")


def _safe(row: Row, zone: ZoneInfo) -> SafeRule | None:
    names = ("safe_from", "safe_until", "safe_days", "only_owner_answers")
    if not any(row.has(name) for name in names):
        return None
    start, end = time(0), time(0)
    if row.has("safe_from") or row.has("safe_until"):
        start, end = row.clock("safe_from") or start, row.clock("safe_until") or end
    return SafeRule(
        zone=zone.key,
        start=start,
        end=end,
        weekdays=_days(row),
        only_owner_answers=row.yes_no("only_owner_answers", default=True),
    )


def _days(row: Row) -> frozenset[int]:
    words = row.text("safe_days", is_required=False).casefold().split()
    if any(word not in DAYS for word in words):
        row.wrong("safe_days", f"is not made of {' '.join(DAYS)}")
        return EVERY_DAY
    return frozenset(DAYS.index(word) for word in words) or EVERY_DAY
