"""How is what a door matches by written as JSON, sealed, and read back?"""

from typing import Any

from tocsin.registry.rules.case_rows import DoorEntryRow
from tocsin.registry.rules.document import Reader
from tocsin.registry.rules.order_document import plates_of, plates_to_list

FIELDS = ("names", "born_on", "phones", "badges", "plates", "description", "colleague_id")


def match_to_dict(entry: DoorEntryRow) -> dict[str, Any]:
    """Return what is matched by as JSON-able values."""
    return {
        "names": list(entry.names),
        "born_on": entry.born_on.isoformat() if entry.born_on else None,
        "phones": list(entry.phones),
        "badges": list(entry.badges),
        "plates": plates_to_list(entry.plates),
        "description": entry.description,
        "colleague_id": str(entry.colleague_id) if entry.colleague_id else None,
    }


def match_from_dict(value: object) -> dict[str, Any]:
    """Return the fields of a `DoorEntryRow` that this document holds. Raises DocumentError."""
    read = Reader(value, "", FIELDS)
    return {
        "names": read.texts("names"),
        "born_on": read.optional_day("born_on"),
        "phones": read.texts("phones"),
        "badges": read.texts("badges"),
        "plates": plates_of(read, "plates"),
        "description": read.text("description", ""),
        "colleague_id": read.optional_id("colleague_id"),
    }
