"""How is a safe-contact rule written down as JSON, read back exactly, and checked?"""

from collections.abc import Iterator
from typing import Any, Final
from zoneinfo import available_timezones

from tocsin.registry.rules.contacts import EVERY_DAY, SafeRule
from tocsin.registry.rules.document import Reader
from tocsin.registry.rules.findings import Finding, error

_FIELDS: Final = ("zone", "start", "end", "weekdays", "only_owner_answers")


def rule_to_dict(rule: SafeRule | None) -> dict[str, Any]:
    """Return the rule as JSON-able values; no rule is an empty object."""
    if rule is None:
        return {}
    return {
        "zone": rule.zone,
        "start": rule.start.isoformat(),
        "end": rule.end.isoformat(),
        "weekdays": sorted(rule.weekdays),
        "only_owner_answers": rule.only_owner_answers,
    }


def rule_from_dict(value: object) -> SafeRule | None:
    """Return the rule that this document holds, or None for an empty object.

    Raises DocumentError for an unknown or missing field and for a wrong type.
    """
    read = Reader(value, "", _FIELDS)
    if value == {}:
        return None
    return SafeRule(
        zone=read.text("zone"),
        start=read.clock("start"),
        end=read.clock("end"),
        weekdays=frozenset(read.wholes("weekdays")) if read.has("weekdays") else EVERY_DAY,
        only_owner_answers=read.flag("only_owner_answers", default=True),
    )


def check_rule(rule: SafeRule) -> tuple[Finding, ...]:
    """Return what is wrong with the rule: a zone that does not exist, no day at all."""
    return tuple(_findings(rule))


def _findings(rule: SafeRule) -> Iterator[Finding]:
    if rule.zone not in available_timezones():
        yield error("zone", "zone", f"{rule.zone[:60]!r} is no time zone; Europe/Madrid is one.")
    if not rule.weekdays or not rule.weekdays <= EVERY_DAY:
        words = "Weekdays are one or more of 0 (Monday) to 6 (Sunday)."
        yield error("weekdays", "weekdays", words)
