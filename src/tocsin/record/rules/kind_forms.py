"""What can a field of an entry hold? Nothing takes free text: a person's words and data are sealed under her key."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Form(StrEnum):
    """What a field holds; the values are how the documentation says it."""

    ID = "an id"
    IDS = "a list of ids"
    CODE = "a code"
    CODES = "a list of codes"
    GIVEN = "an id as somebody else gave it"
    REASON = "a reason or an error in short words, numbers and addresses taken out"
    NUMBER = "a whole number"
    FLAG = "yes or no"
    TIME = "a time"
    DIGEST = "a SHA-256 in hex"
    COUNTS = "numbers by code"
    SEALED = "sealed personal data"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of entry: what it means, its fields, and which of them must be there."""

    meaning: str
    fields: Mapping[str, Form]
    required: frozenset[str]


def kind(meaning: str, fields: str = "") -> Kind:
    """Return a kind of entry with these fields, each `name:form`, `?` when it may be missing."""
    forms: dict[str, Form] = {}
    required: set[str] = set()
    for part in fields.split():
        name, _, form = part.partition(":")
        forms[name] = Form[form.rstrip("?").upper()]
        if not form.endswith("?"):
            required.add(name)
    return Kind(meaning, forms, frozenset(required))
