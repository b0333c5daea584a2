"""Which rows does this table hold, whatever program wrote it?

Bounds: 5 MB, 50,000 lines, 1,000 characters a field. The separator (comma, semicolon, tab) is told
by the header. A column that nobody asked for is refused by name: what is not needed is not taken,
and a misspelt column is not lost.
"""

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from tocsin.registry.feeds.cells import Row
from tocsin.registry.feeds.decoding import decode
from tocsin.registry.rules.imports import (
    MAX_FIELD,
    MAX_FILE_BYTES,
    MAX_LINES,
    Import,
    Refused,
    shown,
)

SEPARATORS: Final = ",;\t"
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns a table must and may have."""

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()

    @property
    def all(self) -> tuple[str, ...]:
        """Return every column that is known."""
        return (*self.required, *self.optional)


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    cells: list[str]


def read_table(
    raw: bytes,
    columns: Columns,
    parse: Callable[[Row], R],
    key: Callable[[R], object],
) -> Import[R]:
    """Return what `parse` makes of each line, and every line that is refused, with the reason.

    `parse` notes what is wrong on the row itself. `key` says what must be different in every line
    of one file.
    """
    if len(raw) > MAX_FILE_BYTES:
        return _none(Refused(1, "", f"the file is larger than {MAX_FILE_BYTES // 2**20} MB"))
    try:
        text = decode(raw)
    except ValueError as problem:
        return _none(Refused(1, "", str(problem)))
    refused: list[Refused] = []
    lines = _lines(text, refused)
    header = next(lines, None)
    if header is None:
        return _none(*refused, Refused(1, "", "the file is empty"))
    names = [_name(cell) for cell in header.cells]
    refused += _wrong_columns(header, names, columns)
    if refused:
        return _none(*refused)
    rows = [_row(line, names, refused) for line in lines]
    return _parsed([row for row in rows if row], parse, key, refused)


def _none(*refused: Refused) -> Import[R]:
    return Import(refused=refused)


def _name(cell: str) -> str:
    return "_".join(cell.strip().casefold().replace("-", " ").split())


def _lines(text: str, refused: list[Refused]) -> Iterator[_Line]:
    separator, skipped = _separator(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    before = 0
    try:
        for cells in reader:
            number, before = before + 1, reader.line_num
            if number > MAX_LINES:
                problem = f"there are more than {MAX_LINES} lines; the rest was not read"
                refused.append(Refused(number, "", problem))
                return
            if number > skipped and any(cell.strip() for cell in cells):
                yield _Line(number, cells)
    except csv.Error as problem:
        said = f"is no table from here on, the rest was not read ({problem})"
        refused.append(Refused(before + 1, "", said))


def _separator(text: str) -> tuple[str, int]:
    # Spreadsheets may say it themselves, in a first line "sep=;".
    first = re.split(r"[\r\n]", text, maxsplit=1)[0]
    if re.fullmatch(f"sep=[{SEPARATORS}]", first, re.IGNORECASE):
        return first[-1], 1
    counts = [first.count(separator) for separator in SEPARATORS]
    return SEPARATORS[counts.index(max(counts))], 0


def _wrong_columns(header: _Line, names: Sequence[str], columns: Columns) -> Iterator[Refused]:
    seen: set[str] = set()
    for index, name in enumerate(names):
        given = shown(header.cells[index])
        if name not in columns.all:
            known = ", ".join(columns.all)
            yield Refused(header.number, given, f"is no column that is read here ({known})", given)
        elif name in seen:
            yield Refused(header.number, name, "this column is there twice", given)
        seen.add(name)
    missing = (name for name in columns.required if name not in names)
    yield from (Refused(header.number, name, "this column is missing") for name in missing)


def _row(line: _Line, names: Sequence[str], refused: list[Refused]) -> Row | None:
    if len(line.cells) != len(names):
        problem = f"number of cells here: {len(line.cells)}, in the header: {len(names)}"
        refused.append(Refused(line.number, "", problem, shown(line.cells[0])))
        return None
    too_long = [name for name, cell in zip(names, line.cells, strict=True) if len(cell) > MAX_FIELD]
    problem = f"is longer than {MAX_FIELD} characters"
    refused += [Refused(line.number, name, problem) for name in too_long]
    return None if too_long else Row(line.number, dict(zip(names, line.cells, strict=True)))


def _parsed(
    rows: Sequence[Row],
    parse: Callable[[Row], R],
    key: Callable[[R], object],
    refused: list[Refused],
) -> Import[R]:
    taken: list[R] = []
    warned: list[Refused] = []
    seen: dict[object, int] = {}
    for row in rows:
        result = parse(row)
        refused += row.refused
        if row.refused:
            continue
        first = seen.setdefault(key(result), row.line)
        if first != row.line:
            given = shown(next(iter(row.cells.values())))
            refused.append(Refused(row.line, "", f"says the same as line {first}", given))
            continue
        taken.append(result)
        warned += row.warned
    return Import(tuple(taken), tuple(sorted(refused, key=_by_line)), tuple(warned))


def _by_line(refused: Refused) -> int:
    return refused.line
