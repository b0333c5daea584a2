"""How is one typed line, date, distance or file read, and what is said when it cannot be?"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, time
from functools import partial
from typing import Any, Final

import phonenumbers
from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from tocsin.registry.forms_typed import check_plate
from tocsin.registry.rules import paper
from tocsin.registry.rules.conditions import metres
from tocsin.registry.rules.door import KnownPlate
from tocsin.registry.rules.findings import Finding
from tocsin.registry.rules.geojson import read as read_geojson
from tocsin.registry.rules.order_document import Elsewhere, ProtectedPerson
from tocsin.registry.rules.order_entry import Picture
from tocsin.registry.rules.places import check_drawn
from tocsin.registry.rules.wall_time import is_meant

MAX_REGION: Final = 40
MAX_LINE: Final = 160
CHILD: Final = frozenset({"child", "niño", "niña"})
YEAR: Final = _("Write a year from 1900 to 2200; what has no end has no date.")


class WallTimeField(forms.CharField):
    """A time of day, or nothing."""

    def clean(self, value: Any) -> time | None:
        """Return the time. Raises ValidationError."""
        text = str(super().clean(value)).strip()
        if not text:
            return None
        try:
            found = time.fromisoformat(text)
        except ValueError as problem:
            raise ValidationError(_("Write the time like 16:58.")) from problem
        return found.replace(tzinfo=None)


class DayField(forms.CharField):
    """A date, or nothing; 3/4/2025 is two dates, so it is none."""

    def clean(self, value: Any) -> date | None:
        """Return the date. Raises ValidationError."""
        text = str(super().clean(value)).strip()
        if not text:
            return None
        try:
            found = date.fromisoformat(text)
        except ValueError as problem:
            raise ValidationError(
                _("Write the date like 2025-03-09: year, month, day.")
            ) from problem
        if not is_meant(found):
            raise ValidationError(YEAR)
        return found


class MetresField(forms.CharField):
    """A distance, or nothing."""

    def clean(self, value: Any) -> int | None:
        """Return whole metres. Raises ValidationError."""
        text = str(super().clean(value)).strip()
        if not text:
            return None
        found = metres(text)
        if found is None:
            raise ValidationError(_("Write the distance like 100 m, 500 ft or 200 yards."))
        return found


def lines_of(text: str, at_most: int) -> tuple[str, ...]:
    """Return the lines that say something. Raises ValidationError: too many, or one too long."""
    lines = tuple(line.strip() for line in text.splitlines() if line.strip())
    if len(lines) > at_most:
        raise ValidationError(_("More than %(most)d lines."), params={"most": at_most})
    long = next((number for number, line in enumerate(lines, 1) if len(line) > MAX_LINE), 0)
    if long:
        raise ValidationError(_("Line %(line)d is too long."), params={"line": long})
    return lines


def other_of(line: str) -> ProtectedPerson:
    """Return somebody else whom an order protects: "name, date of birth, child". Raises ValidationError: anything else.

    Nothing that stands there is left out quietly: what nobody understood may have been what makes her a child.
    """
    name, *said = (part.strip() for part in line.split(","))
    days = [part for part in said if part and part.casefold() not in CHILD]
    try:
        born = date.fromisoformat(days[0]) if days else None
    except ValueError:
        name = ""
    if len(days) > 1 or not name or name.casefold() in CHILD or name[0].isdigit():
        raise ValidationError(_("“%(line)s”: write the name, then the date of birth like 2016-05-30, then the word child for a child."), params={"line": line[:60]})  # fmt: skip
    return ProtectedPerson(name, born, any(part.casefold() in CHILD for part in said))


def place_of(line: str) -> Elsewhere:
    """Return a place that is not ours: "what, distance"."""
    what, comma, distance = line.rpartition(",")
    if not comma:
        return Elsewhere(line)
    found = metres(distance)
    return Elsewhere(what.strip(), found) if found else Elsewhere(line)


def area_of_text(text: str, metres_from: int | None = None) -> dict[str, Any]:
    """Return normalised GeoJSON that says where somebody must not be. Raises ValidationError: what is wrong, and where.

    `metres_from`: the distance to keep from it; without one it has to be an area.
    """
    return drawn_of_text(text, partial(check_drawn, metres=metres_from))


def drawn_of_text(
    text: str, check: Callable[[Mapping[str, Any]], Sequence[Finding]]
) -> dict[str, Any]:
    """Return normalised GeoJSON in which `check` finds nothing. Raises ValidationError: what is wrong, and where."""
    judged = read_geojson(text.strip().encode())
    found = judged.findings if judged.value is None else check(judged.value)
    if judged.value is None or found:
        raise ValidationError([f"{one.words} ({one.path})" if one.path else one.words for one in found[:5]])  # fmt: skip
    return judged.value


def plate_of(line: str) -> KnownPlate:
    """Return a plate: "ABC 1234, TX". Raises ValidationError: it cannot be one; nothing is cut off quietly."""
    text, _comma, region = (part.strip() for part in line.partition(","))
    try:
        check_plate(text or "-", is_read=False)
    except ValidationError as problem:
        raise ValidationError(_("“%(line)s”: %(why)s"), params={"line": line[:20], "why": problem.messages[0]}) from problem  # fmt: skip
    if len(region) > MAX_REGION:
        raise ValidationError(_("“%(line)s”: write the state or country in at most %(most)s letters."), params={"line": line[:20], "most": MAX_REGION})  # fmt: skip
    return KnownPlate(text, region)


def e164_of(text: str) -> str:
    """Return a number in E.164. Raises ValidationError."""
    try:
        number = phonenumbers.parse(text, None)
        if phonenumbers.is_possible_number(number):
            return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
    except phonenumbers.NumberParseException:
        pass
    raise ValidationError(_("“%(line)s” is no number with its country, like +1 206 555 0100."), params={"line": text[:30]})  # fmt: skip


def picture_of(file: UploadedFile | None) -> Picture | None:
    """Return a PNG or JPEG without its side data, or None. Raises ValidationError: anything else."""
    raw = bytes_of(file, paper.MAX_PICTURE_BYTES)
    if raw is None:
        return None
    kind = paper.kind_of(raw)
    if kind == paper.PDF:
        raise ValidationError(_("A PDF keeps what lies under the boxes: give a picture, PNG or JPEG."))  # fmt: skip
    if kind is None:
        raise ValidationError(_("This is no PNG or JPEG, whatever its name says."))
    stripped = paper.bare(raw)
    if stripped is None:
        raise ValidationError(_("This picture is broken."))
    return Picture(kind, stripped)


def bytes_of(file: UploadedFile | None, at_most: int) -> bytes | None:
    """Return the uploaded bytes, or None. Raises ValidationError: too many."""
    if file is None:
        return None
    if file.size is None or file.size > at_most:
        raise ValidationError(_("It is larger than %(most)d MB."), params={"most": at_most // 1048576})  # fmt: skip
    return bytes(file.read())
