"""What does an export look like? JSON Lines that `record/verify.py` checks without us.

    {"tocsin-record":1, ...}                   what this is, of whom, signed with which keys
    {"seq":0,"hash":"..","leaf":{..}}          an entry; the sealed bytes stand after "leaf":
    {"seq":7,"hash":"..","proof":[..],"leaf":{..}}      the same in the export of one incident
    {"head":{..}}                              a signed root over the first `size` entries
    {"end":{..}}                               signature over the digest of all bytes before

A whole export has its heads where they belong: after their last entry. That of one incident has one
head, in the second line, and each entry brings its path to that root; that no entry of the incident
was left out is what the signature of the last line says. Exported by itself, an incident is a log of
its own: `organisation` is its own id, its head is signed when it is exported, and nothing says in
which log it lies. With its place, `organisation` is the id of that log: the employer's, or a case's.
"""

import base64
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final
from uuid import UUID

from tocsin.record.rules.entries import canonical
from tocsin.record.rules.heads import Signer
from tocsin.record.rules.tree import leaf_hash
from tocsin.record.rules.values import time_text

FORMAT: Final = "tocsin-record"
VERSION: Final = 1
END_MAGIC: Final = b"tocsin export v1\n"


@dataclass(frozen=True, slots=True)
class About:
    """What the first line says: `organisation_id` is that of the log, `size` that of the head, `count` the entries that follow.

    `unsealed` entries were written in the last second and are not in the file. `incident_id` None:
    everything.
    """

    organisation_id: UUID
    incident_id: UUID | None
    size: int
    count: int
    unsealed: int
    exported_at: datetime


def header_line(about: About, signer: Signer) -> bytes:
    """Return the first line, without its end."""
    public = base64.b64encode(signer.public).decode("ascii")
    return canonical(
        {
            FORMAT: VERSION,
            "count": about.count,
            "exported_at": time_text(about.exported_at),
            "incident": None if about.incident_id is None else str(about.incident_id),
            "keys": {signer.key_id: public},
            "organisation": str(about.organisation_id),
            "size": about.size,
            "unsealed": about.unsealed,
        }
    )


def entry_line(seq: int, leaf: bytes, proof: Sequence[bytes] | None = None) -> bytes:
    """Return the line of an entry, without its end."""
    path = b""
    if proof is not None:
        path = b'"proof":[%s],' % b",".join(b'"%s"' % node.hex().encode() for node in proof)
    return b'{"seq":%d,"hash":"%s",%s"leaf":%s}' % (
        seq,
        leaf_hash(leaf).hex().encode(),
        path,
        leaf,
    )


def signed_off(lines: Iterable[bytes], signer: Signer) -> Iterator[bytes]:
    """Yield the lines, each with its end, and after them the one that signs them all."""
    digest, count = sha256(), 0
    for line in lines:
        whole = line + b"\n"
        digest.update(whole)
        count += 1
        yield whole
    signature = signer.sign(END_MAGIC + digest.digest())
    end = {
        "key": signer.key_id,
        "lines": count,
        "sha256": digest.hexdigest(),
        "signature": base64.b64encode(signature).decode("ascii"),
    }
    yield canonical({"end": end}) + b"\n"
