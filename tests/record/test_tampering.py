"""Is every one of thousands of random edits, cuts and reorderings of an export found (I19)?"""

import hashlib
import json
from collections.abc import Callable
from random import Random

import pytest

from tests.record.exports import leaves, one_incident, whole
from tocsin.record import verify
from tocsin.record.rules.entries import canonical
from tocsin.record.rules.export import entry_line

Lines = list[bytes]
NIGHT = leaves(60)
# Another night of the same organisation, signed with the same key: the best source of forged parts.
OTHER = tuple(leaf.replace(b'"late_ms"', b'"called"') for leaf in leaves(60))
WHOLE, INCIDENT = whole(NIGHT), one_incident(NIGHT)
OTHER_WHOLE, OTHER_INCIDENT = whole(OTHER), one_incident(OTHER)


def change_byte(lines: Lines, chance: Random) -> Lines:
    at = chance.randrange(len(lines))
    place = chance.randrange(len(lines[at]))
    new = chance.choice([n for n in range(256) if n != lines[at][place]])
    lines[at] = lines[at][:place] + bytes([new]) + lines[at][place + 1 :]
    return b"".join(lines).splitlines(keepends=True)


def drop_byte(lines: Lines, chance: Random) -> Lines:
    everything = b"".join(lines)
    place = chance.randrange(len(everything))
    return (everything[:place] + everything[place + 1 :]).splitlines(keepends=True)


def add_byte(lines: Lines, chance: Random) -> Lines:
    everything = b"".join(lines)
    place = chance.randrange(len(everything) + 1)
    added = everything[:place] + bytes([chance.randrange(256)]) + everything[place:]
    return added.splitlines(keepends=True)


def cut_end(lines: Lines, chance: Random) -> Lines:
    everything = b"".join(lines)
    return everything[: chance.randrange(len(everything))].splitlines(keepends=True)


def drop_lines(lines: Lines, chance: Random) -> Lines:
    first = chance.randrange(len(lines))
    return lines[:first] + lines[first + chance.randint(1, 5) :]


def double_line(lines: Lines, chance: Random) -> Lines:
    lines.insert(chance.randrange(len(lines) + 1), chance.choice(lines))
    return lines


def swap_lines(lines: Lines, chance: Random) -> Lines:
    one, other = chance.sample(range(len(lines)), 2)
    lines[one], lines[other] = lines[other], lines[one]
    return lines


def move_line(lines: Lines, chance: Random) -> Lines:
    one, other = chance.sample(range(len(lines)), 2)
    lines.insert(other, lines.pop(one))
    return lines


def change_number(lines: Lines, chance: Random) -> Lines:
    places = [n for n, line in enumerate(lines) if b'"late_ms":' in line]
    if not places:
        return lines
    at = chance.choice(places)
    lines[at] = lines[at].replace(b'"late_ms":', b'"late_ms":%d' % chance.randint(1, 9))
    return lines


def take_from_other(lines: Lines, chance: Random) -> Lines:
    source = chance.choice([OTHER_WHOLE, OTHER_INCIDENT])
    first = chance.randrange(len(lines))
    count = chance.randint(1, 4)
    start = chance.choice([first, chance.randrange(len(source))])
    lines[first : first + count] = source[start : start + count]
    return lines


SIMPLE: list[Callable[[Lines, Random], Lines]] = [
    change_byte, drop_byte, add_byte, cut_end, drop_lines, double_line, swap_lines, move_line,
    change_number, take_from_other,
]  # fmt: skip


def made_to_fit(lines: Lines) -> Lines:
    """Return the lines with all that a careful forger without the key can make fit again."""
    fitted, seq = [], 0
    is_whole = b'"incident":null' in lines[0] if lines else False
    for line in lines:
        match = verify.ENTRY.match(line)
        if match and is_whole:
            fitted.append(entry_line(seq, line[match.end() : -2]) + b"\n")
            seq += 1
        elif line.startswith(b'{"end":'):
            fitted.append(end_made_to_fit(line, fitted))
        else:
            fitted.append(line)
    return fitted


def end_made_to_fit(line: bytes, before: Lines) -> bytes:
    try:
        end = json.loads(line)
        end["end"] |= {
            "lines": len(before),
            "sha256": hashlib.sha256(b"".join(before)).hexdigest(),
        }
    except (ValueError, KeyError, TypeError):
        return line
    return canonical(end) + b"\n"


def is_intact(lines: Lines) -> bool:
    try:
        return verify.Check().run(lines).status == verify.INTACT
    except verify.Unreadable:
        return False


def tamper(times: int, seed: int) -> list[Lines]:
    """Return the tampered exports that were not found."""
    chance = Random(seed)
    missed = []
    for _ in range(times):
        original = chance.choice([WHOLE, INCIDENT])
        lines = list(original)
        for _ in range(chance.choice([1, 1, 1, 2, 3])):
            if len(lines) > 1:
                lines = chance.choice(SIMPLE)(lines, chance)
        if chance.random() < 0.5:
            lines = made_to_fit(lines)
        if lines not in (WHOLE, INCIDENT, OTHER_WHOLE, OTHER_INCIDENT) and is_intact(lines):
            missed.append(lines)
    return missed


def test_a_thousand_random_changes_are_found() -> None:
    assert tamper(1_000, seed=19) == []


@pytest.mark.night
def test_ten_thousand_random_changes_are_found() -> None:
    assert tamper(10_000, seed=1919) == []


def test_every_single_byte_of_an_export_matters() -> None:
    everything = b"".join(whole(leaves(4)))
    for place in range(len(everything)):
        bad = bytearray(everything)
        bad[place] ^= 0x01
        assert not is_intact(bytes(bad).splitlines(keepends=True)), place


def test_the_tamperer_would_notice_a_verifier_that_looks_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(verify, "fits", lambda *_: True)
    assert tamper(300, seed=7)
