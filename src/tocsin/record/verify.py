"""Is this export of the record intact? Runs alone: Python and `cryptography`, nothing of Tocsin.

    python verify.py FILE [--head FILE] [--key KEY]

It recomputes all in one pass (RFC 6962), says in plain words what it found, and exits with

    0   intact
    1   not intact: an entry was changed, cut, moved, added, or a signature does not fit
    2   cannot be checked: unreadable, no export of the record, or of an unknown version

A file made anew by somebody who has the signing key is intact in itself. Two things from outside
find that: `--key`, the public key that the workplace published, and `--head`, a file of what a
witness kept of earlier heads (lines `<organisation> <size> <root>`, or head lines of an export).
"""

import argparse
import base64
import json
import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

INTACT, NOT_INTACT, NOT_CHECKED = 0, 1, 2
VERSION: Final = 1
# An entry is at most 16 KiB and a path 64 hashes; a longer line is not ours.
MAX_LINE_BYTES: Final = 65_536
MAX_FINDINGS: Final = 100
HEADER: Final = {"size", "count", "unsealed", "incident"}
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
ENTRY: Final = re.compile(
    rb'\{"seq":(0|[1-9][0-9]{0,17}),"hash":"([0-9a-f]{64})",'
    rb'(?:"proof":\[((?:"[0-9a-f]{64}"(?:,"[0-9a-f]{64}")*)?)\],)?"leaf":(?=\{)'
)
ODD: Final = re.compile(r"[^ -~]")  # No file writes a verdict of its own on the screen.
# What reading a damaged or hostile line can raise.
DAMAGE = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError)

Witnesses = dict[int, set[str]]


class Unreadable(Exception):
    """This cannot be checked at all; the message says why."""


@dataclass
class Report:
    """What was found: nothing, when the file is intact."""

    findings: list[str] = field(default_factory=list)
    unchecked: list[str] = field(default_factory=list)
    summary: list[str] = field(default_factory=list)

    def find(self, text: str) -> None:
        """Keep a finding; beyond a bound it adds nothing to know more."""
        if len(self.findings) < MAX_FINDINGS:
            self.findings.append(text)

    @property
    def status(self) -> int:
        """Return 0, 1 or 2, as the program exits."""
        return NOT_INTACT if self.findings else NOT_CHECKED if self.unchecked else INTACT


@dataclass
class Edge:
    """The right edge of a growing tree: all that is needed to append and to know the root."""

    nodes: list[bytes] = field(default_factory=list)
    size: int = 0

    def append(self, node: bytes) -> None:
        """Add the hash of the next leaf."""
        size, nodes = self.size, self.nodes
        while size & 1:
            node = sha256(b"\x01" + nodes.pop() + node).digest()
            size >>= 1
        nodes.append(node)
        self.size += 1

    def root(self) -> str:
        """Return the root over all leaves so far, in hex."""
        node = self.nodes[-1] if self.nodes else sha256(b"").digest()
        for left in self.nodes[-2::-1]:
            node = sha256(b"\x01" + left + node).digest()
        return node.hex()


class Check:
    """One pass over one export."""

    def __init__(self, witnesses: dict[str, Witnesses] | None = None) -> None:
        """Take what witnesses kept: roots by size, by organisation."""
        self.report = Report()
        self.all_witnesses, self.witnesses = witnesses or {}, Witnesses()
        self.header: dict[str, Any] = {}
        self.keys: dict[str, Ed25519PublicKey] = {}
        self.line = self.entries = self.next_seq = self.first_open = self.heads = 0
        # Over the texts as they are; and, once they part, over the hashes that stand beside them.
        self.edge, self.stated, self.digest = Edge(), Edge(), sha256()
        self.doubts: list[tuple[int, int]] = []
        self.is_torn = self.is_closed = False
        self.last: dict[str, Any] = {"size": 0, "root": self.edge.root(), "signed_at": "never"}

    def run(self, lines: Iterable[bytes]) -> Report:
        """Return what was found in these lines, each with its end.

        Raises:
            Unreadable: the first line is not that of an export.
        """
        rest = iter(lines)
        self.take_header(next(rest, b""))
        for self.line, line in enumerate(rest, 2):
            self.take(line)
        self.close()
        return self.report

    def take_header(self, line: bytes) -> None:
        """Read the first line."""
        if line.endswith(b"\r\n"):
            message = "Its line ends were changed on the way (CR LF); send the file packed."
            raise Unreadable(message)
        try:
            self.header = parsed(line, "tocsin-record")
            self.keys = dict(map(public_key, self.header["keys"].items()))
            self.witnesses = self.all_witnesses.get(self.header["organisation"], {})
            version = self.header["tocsin-record"]
            if not self.header.keys() >= HEADER:
                raise KeyError(HEADER)
        except DAMAGE as error:
            message = "Its first line is not that of an export of the record."
            raise Unreadable(message) from error
        if version != VERSION:
            message = f"It is of version {version}; this program knows version {VERSION}."
            raise Unreadable(message)
        if self.all_witnesses and not self.witnesses:
            self.report.unchecked.append("The witness saw nothing of this organisation.")
        self.digest.update(line)

    def take(self, line: bytes) -> None:
        """Read one more line, of whatever kind."""
        match = ENTRY.match(line) if line.endswith(b"}}\n") else None
        if self.is_closed:
            self.report.find(f"Line {self.line} stands after the closing line: it was added.")
        elif match is not None:
            self.digest.update(line)
            self.take_entry(match, line[match.end() : -2])
        elif line.startswith(b'{"end":'):
            self.take_end(line)
        else:
            self.digest.update(line)
            self.take_head(line)

    def take_entry(self, match: re.Match[bytes], leaf: bytes) -> None:
        """Check an entry: its place, its text, in the export of one incident its path."""
        number, stated, path = match.groups()
        seq, node = int(number), sha256(b"\x00" + leaf).digest()
        self.entries += 1
        if node.hex().encode() != stated:
            if not self.doubts:
                self.stated = Edge(list(self.edge.nodes), self.edge.size)
            self.doubts.append((seq, self.line))
        if self.header["incident"] is not None:
            self.follow(seq, node, path or b"", leaf)
        else:
            if seq != self.next_seq:
                self.place(seq)
            self.edge.append(node)
            if self.doubts:
                self.stated.append(bytes.fromhex(stated.decode()))
            if self.edge.size in self.witnesses:
                self.ask_witness(self.edge.size, self.edge.root())
        self.next_seq = seq + 1

    def place(self, seq: int) -> None:
        """Say why an entry of a whole export is not the next one."""
        if seq > self.next_seq:
            span = run_of(self.next_seq, seq - 1)
            self.report.find(f"{span} missing (before line {self.line}).")
        else:
            self.report.find(f"Entry {seq} (line {self.line}) was moved or is there twice.")
        self.is_torn = True

    def follow(self, seq: int, node: bytes, path: bytes, leaf: bytes) -> None:
        """Check an entry of the export of one incident against the signed root."""
        if seq < self.next_seq:
            self.report.find(f"Entry {seq} (line {self.line}) was moved or is there twice.")
        nodes = [bytes.fromhex(part.decode()) for part in re.findall(rb"[0-9a-f]{64}", path)]
        if root_along(seq, self.last["size"], node, nodes) != self.last["root"]:
            self.report.find(f"Entry {seq} (line {self.line}) is not what was sealed there.")
        try:
            is_of_incident = json.loads(leaf)["incident"] == self.header["incident"]
        except DAMAGE:
            is_of_incident = False
        if not is_of_incident:
            self.report.find(f"Entry {seq} (line {self.line}) is not one of the incident.")

    def take_head(self, line: bytes) -> None:
        """Check a signed head: the signature, and the root over the entries before it."""
        try:
            head = parsed(line, "head")["head"]
            is_signed = fits(self.keys[head["key"]], head["signature"], head_bytes(head))
            is_signed &= head["organisation"] == self.header["organisation"]
        except DAMAGE:
            self.report.find(f"Line {self.line} is damaged: it is no line of an export.")
            self.is_torn = True
            return
        self.heads, self.last = self.heads + 1, head
        if not is_signed:
            self.report.find(f"Line {self.line}: the signature of the head is not valid.")
        if self.header["incident"] is None:
            self.compare(head["size"], head["root"])

    def compare(self, size: int, root: str) -> None:
        """Check the root of a head against the entries before it, and settle the doubts so far."""
        if size == self.edge.size and self.edge.root() == root:
            self.settle("is as it was sealed, but the hash beside it was changed")
        elif size == self.stated.size and self.stated.root() == root:
            self.settle("was changed: its text is not the one that was sealed")
            self.edge = self.stated
        elif not self.is_torn:
            span = run_of(self.first_open, size - 1)
            self.report.find(f"{span} not as sealed: changed, moved, cut or added to.")
            self.is_torn = True
        self.settle("was changed, or the hash beside it")
        self.first_open = self.edge.size

    def settle(self, what: str) -> None:
        """Say of every entry whose text and hash disagree what became of it."""
        for seq, line in self.doubts:
            self.report.find(f"Entry {seq} (line {line}) {what}.")
        self.doubts.clear()

    def ask_witness(self, size: int, root: str) -> None:
        """Compare a root with what the witnesses kept of this size."""
        if self.witnesses[size] != {root}:
            self.report.find(f"A witness saw other {size} first entries: all was written anew.")

    def take_end(self, line: bytes) -> None:
        """Check the closing line, which signs every byte before it."""
        self.is_closed = True
        try:
            end = parsed(line, "end")["end"]
            signed = b"tocsin export v1\n" + self.digest.digest()
            is_signed = fits(self.keys[end["key"]], end["signature"], signed)
            is_whole = end["lines"] == self.line - 1 and end["sha256"] == self.digest.hexdigest()
        except DAMAGE:
            is_signed = is_whole = False
        if not (is_signed and is_whole):
            self.report.find("The closing signature does not fit: something was changed.")

    def close(self) -> None:
        """Judge what only the whole can show."""
        self.settle("was changed, or the hash beside it")
        if not self.is_closed:
            self.report.find("The file has no closing line: its end was cut off.")
        told, last = (self.header["count"], self.header["size"]), self.last["size"]
        if told != (self.entries, last):
            self.report.find(f"There were {told[0]} entries, under a head over {told[1]}.")
        for size in sorted(self.witnesses):
            if size > last:
                self.report.find(f"A witness saw {size} entries: the end was cut off, or is newer.")
            elif self.header["incident"] is not None and size == last:
                self.ask_witness(size, self.last["root"])
            elif self.header["incident"] is not None:
                self.report.unchecked.append(f"A witness at {size} needs the whole record.")
        self.report.summary = self.sum_up()

    def sum_up(self) -> list[str]:
        """Return what was read, in words."""
        header, last, one = self.header, self.last, self.header["incident"]
        what = "one incident" if one else "the whole record"
        what += " by itself:" if one == header["organisation"] else " of organisation"
        return [
            f"{self.entries} entries, {what} {header['organisation']}.",
            f"{self.heads} heads, the last over {last['size']} entries of {last['signed_at']}.",
            f"Written too late to be in it: {header['unsealed']} entries.",
            *(f"Signed with the key {key}" for key in header["keys"].values()),
        ]


def run_of(first: int, last: int) -> str:
    """Return the words for a run of entries, with their verb."""
    return f"Entry {first} is" if first >= last else f"Entries {first} to {last} are"


def root_along(index: int, size: int, node: bytes, path: Sequence[bytes]) -> str | None:
    """Return the root that a path leads to, None if it cannot be one (RFC 9162 2.1.3.2)."""
    last = size - 1
    for sibling in path:
        if last <= 0:
            return None
        if index & 1 or index == last:
            node = sha256(b"\x01" + sibling + node).digest()
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        else:
            node = sha256(b"\x01" + node + sibling).digest()
        index, last = index >> 1, last >> 1
    return node.hex() if index == last == 0 else None


def parsed(line: bytes, name: str) -> dict[str, Any]:
    """Return the object in a line, which must be written as an export writes it and hold `name`."""
    whole = json.loads(line)
    text = json.dumps(whole, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    if name not in whole or text.encode() + b"\n" != line:
        raise ValueError(name)
    return dict(whole)


def decoded(text: str) -> bytes:
    """Return base64 in its one notation as bytes."""
    raw = base64.b64decode(text, validate=True)
    if base64.b64encode(raw).decode() != text:
        raise ValueError(text)
    return raw


def public_key(item: tuple[str, str]) -> tuple[str, Ed25519PublicKey]:
    """Return a key of the first line by its name, which must be that of the key."""
    name, text = item
    raw = decoded(text)
    if sha256(raw).hexdigest()[:16] != name:
        raise ValueError(name)
    return name, Ed25519PublicKey.from_public_bytes(raw)


def fits(key: Ed25519PublicKey, signature: str, message: bytes) -> bool:
    """Return whether a signature is valid."""
    try:
        key.verify(decoded(signature), message)
    except InvalidSignature:
        return False
    return True


def head_bytes(head: dict[str, Any]) -> bytes:
    """Return what the signature of a head covers: `rules/heads.py` of Tocsin says the same."""
    signed_at = datetime.strptime(head["signed_at"], "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
    micros = (signed_at - EPOCH) // timedelta(microseconds=1)
    organisation = bytes.fromhex(head["organisation"].replace("-", ""))
    size: bytes = head["size"].to_bytes(8, "big")
    rest = bytes.fromhex(head["root"]) + micros.to_bytes(8, "big")
    return b"tocsin head v1\n" + organisation + size + rest


def witnesses_of(text: str) -> dict[str, Witnesses]:
    """Return what witnesses kept: roots by size, by organisation.

    Raises:
        Unreadable: a line is neither a witness line nor a head.
    """
    found: dict[str, Witnesses] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        try:
            head = json.loads(line)["head"] if line.startswith("{") else None
            names = "organisation", "size", "root"
            organisation, size, root = [head[n] for n in names] if head else line.split()
            found.setdefault(organisation, {}).setdefault(int(size), set()).add(root)
        except DAMAGE as error:
            message = f"A witness line is not `<organisation> <size> <root>`: {line[:80]}"
            raise Unreadable(message) from error
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Check a file, say what was found on standard output, and return 0, 1 or 2."""
    parser = argparse.ArgumentParser(prog="tocsin verify", description="Check an export.")
    parser.add_argument("file", type=Path, help="an export of the record")
    parser.add_argument("--head", type=Path, help="what a witness kept of earlier heads")
    parser.add_argument("--key", help="the public key that the workplace published")
    options = parser.parse_args(arguments)
    try:
        check = Check(witnesses_of(options.head.read_text("utf-8")) if options.head else {})
        with options.file.open("rb") as file:
            report = check.run(iter(partial(file.readline, MAX_LINE_BYTES), b""))
    except (OSError, UnicodeDecodeError, Unreadable) as error:
        sys.stdout.write(ODD.sub("?", f"CANNOT BE CHECKED. {options.file}: {error}") + "\n")
        return NOT_CHECKED
    if options.key and {options.key} != set(check.header["keys"].values()):
        report.find("It is not signed with the published key: it was made elsewhere.")
    word = {INTACT: "INTACT.", NOT_INTACT: "NOT INTACT.", NOT_CHECKED: "CANNOT BE CHECKED."}
    said = [word[report.status], *report.summary, *report.unchecked, *report.findings]
    if not options.key:
        said.append("Compare the key with the one that the workplace published (--key).")
    sys.stdout.write("\n".join(ODD.sub("?", line) for line in said) + "\n")
    return report.status


if __name__ == "__main__":
    sys.exit(main())
