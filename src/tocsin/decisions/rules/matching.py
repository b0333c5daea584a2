"""Who of those who are shut out may this be? A score with the parts that made it, and how sure it is.

By names, birth date, phone, badge and plates, and by nothing else: never race, origin, religion or disability. A score is
a sum that a person can check; it is no probability, it clears nobody and punishes nobody. *Certain* needs what singles
out one person or vehicle to the letter; everything else that reaches the floor is *possible* and goes to a person.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, NamedTuple
from uuid import UUID

from tocsin.decisions.rules import plates
from tocsin.decisions.rules.born import Born, compare_born
from tocsin.decisions.rules.names import (
    Name,
    Part,
    compare_names,
    is_full,
    name_in_words,
    read_name,
    read_words,
)
from tocsin.registry.rules.door import KnownPlate
from tocsin.registry.rules.typed import clean_plate
from tocsin.signals.rules.seen import TOLD, Seen, Source, is_told

MOST: Final = 1000
CERTAIN_FROM: Final = 900
POSSIBLE_FROM: Final = 400

BADGE: Final = 950
# The badge or plate to the letter, of which somebody says that it is not his any more: worth a look, and never certain.
DOUBTED: Final = 700
PHONE: Final = 450
# Whoever sends a mail writes in it from whom it is: alone, and beside a name, worth a look.
ADDRESS: Final = 450
# National and international writing differ in front; seven figures single out a line well enough to look.
PHONE_END: Final = 420
PHONE_END_DIGITS: Final = 7
# Beside a matching name a wrong figure in a phone is a writing error; alone it is another person's phone.
PHONE_DIGIT: Final = 100


# A person read this plate, with her own eyes.
PEOPLE: Final = frozenset({Source.DESK, *TOLD})


class Certainty(StrEnum):
    """How sure a match is; what is below the floor is no match."""

    CERTAIN = "certain"
    POSSIBLE = "possible"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What one case's respondent is known by. `fleet_plates`: vehicles of the employer whose keys he has.

    `doubted_badges`, `doubted_plates`: which of the others somebody says are not his any more, and nobody agreed yet.
    """

    case_id: UUID
    names: tuple[str, ...] = ()
    born_on: date | None = None
    born_year: int | None = None
    phones: tuple[str, ...] = ()
    badges: tuple[str, ...] = ()
    plates: tuple[KnownPlate, ...] = ()
    fleet_plates: tuple[KnownPlate, ...] = ()
    addresses: tuple[str, ...] = ()
    doubted_badges: tuple[str, ...] = ()
    doubted_plates: tuple[KnownPlate, ...] = ()
    version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """One case that this may be. `score` 0 to 1000 is the sum of the parts' points, kept inside."""

    case_id: UUID
    certainty: Certainty
    score: int
    parts: tuple[Part, ...]


class Folded(NamedTuple):
    """An entry, or what was seen, ready to compare: everything folded once."""

    names: tuple[Name, ...]
    born: Born
    phones: tuple[str, ...]
    badges: tuple[str, ...]
    plates: tuple[tuple[str, str, float], ...]
    fleet: tuple[tuple[str, str, float], ...]
    words: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    is_persons: bool = False
    doubted: frozenset[str] = frozenset()


def fold_entry(entry: Entry) -> Folded:
    """Return an entry ready to compare."""
    return Folded(
        names=tuple(name for name in map(read_name, entry.names) if name.tokens),
        born=Born(entry.born_on, entry.born_year),
        phones=_kept(map(fold_phone, entry.phones)),
        badges=_kept(map(fold_badge, entry.badges)),
        plates=tuple((clean_plate(plate.text), plate.region, 1.0) for plate in entry.plates),
        fleet=tuple((clean_plate(plate.text), plate.region, 1.0) for plate in entry.fleet_plates),
        addresses=_kept(map(fold_address, entry.addresses)),
        doubted=_doubted(entry),
    )


def _doubted(entry: Entry) -> frozenset[str]:
    """Return, folded, what is doubted in every writing in which it was entered."""
    badges = {fold_badge(one) for one in entry.badges if one not in entry.doubted_badges}
    plates = {clean_plate(one.text) for one in entry.plates if one not in entry.doubted_plates}
    return frozenset(
        {fold_badge(one) for one in entry.doubted_badges} - badges
        | {clean_plate(one.text) for one in entry.doubted_plates} - plates
    )


def fold_seen(seen: Seen) -> Folded:
    """Return what was seen, ready to compare."""
    name = read_name(seen.name)
    return Folded(
        names=(name,) if name.tokens else (),
        born=Born(seen.born_on, seen.born_year),
        phones=_kept([fold_phone(seen.phone)]),
        badges=_kept([fold_badge(seen.badge)]),
        plates=tuple((clean_plate(read.text), read.region, read.score) for read in seen.plates),
        fleet=(),
        # A machine's words are of anybody: only what a person tells in her own is searched for names.
        words=read_words(seen.words) if is_told(seen) else (),
        addresses=_kept([fold_address(seen.address)]),
        is_persons=seen.source in PEOPLE,
    )


def fold_phone(text: str) -> str:
    """Return a phone number as its figures, without the zeros that a country or a trunk call is dialled with."""
    return "".join(char for char in text if char.isdecimal()).lstrip("0")


def fold_badge(text: str) -> str:
    """Return a badge in capitals and figures without leading zeros, which readers drop or add."""
    return "".join(char for char in text.upper() if char.isalnum()).lstrip("0")


def fold_address(text: str) -> str:
    """Return an e-mail address or the name of an account as it is compared: its case, and a leading @, say nothing."""
    return text.strip().casefold().removeprefix("mailto:").removeprefix("@")


def _kept(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(text for text in texts if text)


def match_person(seen: Seen, entry: Entry) -> Match | None:
    """Return the match by name, birth date, phone and badge; None: below the floor."""
    return judge(entry.case_id, person_parts(fold_seen(seen), fold_entry(entry)))


def match_entry(seen: Seen, entry: Entry) -> Match | None:
    """Return the match by everything that was seen; None: below the floor."""
    return judge(entry.case_id, all_parts(fold_seen(seen), fold_entry(entry)))


def all_parts(sought: Folded, known: Folded) -> tuple[Part, ...]:
    """Return what made the score of this being that: of the person, and of the likest of the vehicles."""
    return (*person_parts(sought, known), *_vehicle_parts(sought, known))


def person_parts(sought: Folded, known: Folded) -> tuple[Part, ...]:
    """Return what made the score of this being that person; the likest of several names counts, never their sum."""
    named = [compare_names(a, b) for a in sought.names for b in known.names]
    said = [name_in_words(sought.words, name) for name in known.names] if sought.words else []
    parts: list[Part] = list(_best([*named, *said]))
    born = compare_born(sought.born, known.born)
    if born:
        parts.append(born)
    parts += _best(_phone_parts(a, b) for a in sought.phones for b in known.phones)
    if set(sought.addresses) & set(known.addresses):
        parts.append(("address_same", ADDRESS))
    badges = set(sought.badges) & set(known.badges)
    if badges:
        # Whoever has it next must not be taken for him: while that is asked, it goes to a person.
        parts.append(
            ("badge_same", BADGE) if badges - known.doubted else ("badge_doubted", DOUBTED)
        )
    return tuple(parts)


def _phone_parts(one: str, other: str) -> tuple[Part, ...]:
    if one == other and len(one) >= PHONE_END_DIGITS:
        return (("phone_same", PHONE),)
    if min(len(one), len(other)) < PHONE_END_DIGITS:
        return ()
    if one[-PHONE_END_DIGITS:] == other[-PHONE_END_DIGITS:]:
        ends = one.endswith(other) or other.endswith(one)
        return (("phone_end", PHONE_END if ends else PHONE_DIGIT),)
    if len(one) == len(other) and sum(a != b for a, b in zip(one, other, strict=True)) == 1:
        return (("phone_digit", PHONE_DIGIT),)
    return ()


def _vehicle_parts(sought: Folded, known: Folded) -> tuple[Part, ...]:
    found = [
        _if_doubted(_plate_parts(read, plate), is_doubted=plate[0] in known.doubted)
        for read in sought.plates
        for plate in known.plates
    ]
    if sought.is_persons:
        found = [_kept_possible(parts) for parts in found]
    found += [_fleet_parts(read, plate) for read in sought.plates for plate in known.fleet]
    return _best(found)


def _if_doubted(parts: tuple[Part, ...], *, is_doubted: bool) -> tuple[Part, ...]:
    if not is_doubted:
        return parts
    return tuple(("plate_doubted", DOUBTED) if c == "plate_same" else (c, p) for c, p in parts)


def _kept_possible(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """Return the parts so that another region alone lets no reading of a person fall under the floor: plates are swapped."""
    others = _points([part for part in parts if part[0] != "region_other"])
    if others < POSSIBLE_FROM:
        return parts
    most_off = POSSIBLE_FROM - others
    return tuple((c, max(p, most_off) if c == "region_other" else p) for c, p in parts)


def _plate_parts(read: tuple[str, str, float], plate: tuple[str, str, float]) -> tuple[Part, ...]:
    like = plates.compare_plates(read[0], plate[0])
    if like is None:
        return ()
    where = plates.region_points(read[1], plate[1])
    doubt = plates.doubt_points(read[2])
    parts: list[Part] = [(like.code, like.points)]
    if where:
        parts.append(("region_same" if where > 0 else "region_other", where))
    if doubt:
        parts.append(("reader_unsure", doubt))
    return tuple(parts)


def _fleet_parts(read: tuple[str, str, float], plate: tuple[str, str, float]) -> tuple[Part, ...]:
    """Return what a vehicle of the employer gives: less, since others have its keys too."""
    parts = _plate_parts(read, plate)
    return tuple(
        ("fleet" + code.removeprefix("plate"), round(points * plates.FLEET))
        for code, points in parts
    )


def _best(found: Iterable[tuple[Part, ...]]) -> tuple[Part, ...]:
    return max(found, key=_points, default=())


def _points(parts: Sequence[Part]) -> int:
    return sum(points for _, points in parts)


def judge(case_id: UUID, parts: Sequence[Part]) -> Match | None:
    """Return the match that these parts make; None: below the floor."""
    score = max(0, min(MOST, _points(parts)))
    if score < POSSIBLE_FROM:
        return None
    is_certain = score >= CERTAIN_FROM and singles_out(parts)
    certainty = Certainty.CERTAIN if is_certain else Certainty.POSSIBLE
    return Match(case_id=case_id, certainty=certainty, score=score, parts=tuple(parts))


def singles_out(parts: Sequence[Part]) -> bool:
    """Return whether one of these singles out a person or a vehicle: without it no sum of likenesses is certain."""
    codes = {code for code, _ in parts}
    if codes & {"badge_same", "plate_same"}:
        return True
    names = [part for part in parts if part[0].startswith("name_")]
    return is_full(names) and bool(codes & {"born_same", "phone_same"})
