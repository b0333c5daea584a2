"""What did somebody write of a person from whom he is kept, or of where she works? His version, and where it says otherwise.

Source: `runtime/his_people.py` and `runtime/his_callers.py`, which put his version beside the row.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from tocsin.registry.rules.rows import PersonRow, SiteRow

# What of a record he may write in vain, by its column.
COLUMNS: Final = (
    "name_sealed",
    "short_name_sealed",
    "role",
    "language",
    "site_id",
    "manager_id",
    "is_active",
)
FIELDS: Final = ("is_active", "site_id", "manager_id", "role", "language", "name", "short_name")
SITE_FIELDS: Final = ("address", "psap", "outline", "kind")


def as_he_wrote(
    row: Sequence[Any], contested: Mapping[str, Any], *, starting_at: int
) -> list[object]:
    """Return a row whose `COLUMNS` stand from `starting_at` on, each of them as he wrote it, else as it is."""
    found: list[object] = list(row)
    for place, column in enumerate(COLUMNS, starting_at):
        if column in contested:
            found[place] = _opened(column, contested[column])
    return found


def _opened(column: str, value: Any) -> object:
    if value is None or column in {"role", "language", "is_active"}:
        return value
    return bytes.fromhex(value) if column.endswith("_sealed") else UUID(value)


def otherwise(stands: PersonRow, his: PersonRow) -> tuple[str, ...]:
    """Return the `FIELDS` of a person that he has written otherwise than they stand."""
    return tuple(name for name in FIELDS if getattr(his, name) != getattr(stands, name))


def with_site_contested(stands: SiteRow, contested: Mapping[str, Any] | None) -> SiteRow:
    """Return a site with the `SITE_FIELDS` that he has written otherwise than they stand; `contested` None: nothing."""
    if contested is None:
        return stands
    found = (name for name in SITE_FIELDS if contested[name] != getattr(stands, name))
    return replace(stands, contested=tuple(found))
