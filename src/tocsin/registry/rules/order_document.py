"""What of an order and of its respondent is personal, and how is it written as JSON, sealed, and read back?"""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from tocsin.registry.rules.document import Reader
from tocsin.registry.rules.door import KnownPlate
from tocsin.registry.rules.not_his import NotHis, not_his_from_dict, not_his_to_dict

MAX_PROTECTED: Final = 12
MAX_ELSEWHERE: Final = 12


@dataclass(frozen=True, slots=True)
class ProtectedPerson:
    """Somebody whom an order protects besides her; a child's name is shown to nobody at a door."""

    name: str
    born_on: date | None = None
    is_child: bool = False


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A place to stay away from that is not ours: her home, a school. Never shown at a door."""

    what: str
    metres: int | None = None
    geometry: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderBody:
    """What an order says about people and places, in words: sealed under the case's key.

    `her_word`: what she says to the entry, "" not asked yet; `her_ground`: why it is entered without her.
    """

    court: str = ""
    docket: str = ""
    petitioner: str = ""
    others: tuple[ProtectedPerson, ...] = ()
    elsewhere: tuple[Elsewhere, ...] = ()
    terms: str = ""
    findings: str = ""
    caution: str = ""
    her_word: str = ""
    her_ground: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Respondent:
    """Whom the order restrains, as the door must know him. Nothing of race, origin, religion or disability.

    `not_his`: badges and plates that somebody says are not his any more, or were; the latest last.
    """

    name: str
    aliases: tuple[str, ...] = ()
    born_on: date | None = None
    description: str = ""
    relation: str = ""
    phones: tuple[str, ...] = ()
    badges: tuple[str, ...] = ()
    plates: tuple[KnownPlate, ...] = ()
    vehicles: str = ""
    # E-mail addresses and names of accounts, as they were typed.
    addresses: tuple[str, ...] = ()
    not_his: tuple[NotHis, ...] = ()


def body_to_dict(body: OrderBody) -> dict[str, Any]:
    """Return the body as JSON-able values; `body_from_dict` gives the same body back."""
    return {
        "court": body.court,
        "docket": body.docket,
        "petitioner": body.petitioner,
        "others": [
            {"name": one.name, "born_on": _day(one.born_on), "is_child": one.is_child}
            for one in body.others
        ],
        "elsewhere": [
            {"what": one.what, "metres": one.metres, "geometry": one.geometry}
            for one in body.elsewhere
        ],
        "terms": body.terms,
        "findings": body.findings,
        "caution": body.caution,
        "her_word": body.her_word,
        "her_ground": body.her_ground,
    }


def body_from_dict(value: object) -> OrderBody:
    """Return the body that this document holds. Raises DocumentError."""
    read = Reader(value, "", tuple(body_to_dict(OrderBody())))
    return OrderBody(
        court=read.text("court", ""),
        docket=read.text("docket", ""),
        petitioner=read.text("petitioner", ""),
        others=tuple(_other(item, path) for path, item in read.each("others")),
        elsewhere=tuple(_elsewhere(item, path) for path, item in read.each("elsewhere")),
        terms=read.text("terms", ""),
        findings=read.text("findings", ""),
        caution=read.text("caution", ""),
        her_word=read.text("her_word", ""),
        her_ground=read.text("her_ground", ""),
    )


def respondent_to_dict(respondent: Respondent) -> dict[str, Any]:
    """Return the respondent as JSON-able values; `respondent_from_dict` gives the same back."""
    said: dict[str, Any] = {
        "name": respondent.name,
        "aliases": list(respondent.aliases),
        "born_on": _day(respondent.born_on),
        "description": respondent.description,
        "relation": respondent.relation,
        "phones": list(respondent.phones),
        "badges": list(respondent.badges),
        "plates": plates_to_list(respondent.plates),
        "vehicles": respondent.vehicles,
        "addresses": list(respondent.addresses),
    }
    if respondent.not_his:
        # Left out where there are none: a process that is older than this field reads all others as before.
        said["not_his"] = [not_his_to_dict(one) for one in respondent.not_his]
    return said


def respondent_from_dict(value: object) -> Respondent:
    """Return the respondent that this document holds. Raises DocumentError."""
    read = Reader(value, "", (*respondent_to_dict(Respondent(name="")), "not_his"))
    return Respondent(
        name=read.text("name"),
        aliases=read.texts("aliases"),
        born_on=read.optional_day("born_on"),
        description=read.text("description", ""),
        relation=read.text("relation", ""),
        phones=read.texts("phones"),
        badges=read.texts("badges"),
        plates=plates_of(read, "plates"),
        vehicles=read.text("vehicles", ""),
        addresses=read.texts("addresses"),
        not_his=tuple(not_his_from_dict(item, path) for path, item in read.each("not_his")),
    )


def plates_to_list(plates: tuple[KnownPlate, ...]) -> list[dict[str, str]]:
    """Return plates as JSON-able values."""
    return [{"text": one.text, "region": one.region} for one in plates]


def plates_of(read: Reader, name: str) -> tuple[KnownPlate, ...]:
    """Return the plates of a document's field."""
    found = []
    for path, item in read.each(name):
        plate = Reader(item, path, ("text", "region"))
        found.append(KnownPlate(plate.text("text"), plate.text("region", "")))
    return tuple(found)


def _other(value: object, path: str) -> ProtectedPerson:
    read = Reader(value, path, ("name", "born_on", "is_child"))
    return ProtectedPerson(
        read.text("name"), read.optional_day("born_on"), read.flag("is_child", default=False)
    )


def _elsewhere(value: object, path: str) -> Elsewhere:
    read = Reader(value, path, ("what", "metres", "geometry"))
    geometry = value.get("geometry") if isinstance(value, dict) else None
    return Elsewhere(
        read.text("what"),
        read.whole("metres") if read.has("metres") else None,
        geometry if isinstance(geometry, dict) else None,
    )


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
