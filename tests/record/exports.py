"""What does an export of a made-up night look like, without a database?"""

import functools
from datetime import timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests import cast
from tests.record.entries import INCIDENT, START, some_entries
from tocsin.record.rules import tree
from tocsin.record.rules.entries import leaf_of
from tocsin.record.rules.export import About, entry_line, header_line, signed_off
from tocsin.record.rules.heads import Head, head_line, sign
from tocsin.runtime.keys import Signer, signer_of

SIGNER = signer_of(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
OTHER_SIGNER = signer_of(Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33))))
EVERY = 20


@functools.cache
def leaves(count: int) -> tuple[bytes, ...]:
    """Return the leaves of the first `count` entries of the night."""
    return tuple(leaf_of(entry) for entry in some_entries(count))


def head_at(size: int, of: tuple[bytes, ...], signer: Signer = SIGNER) -> Head:
    """Return the signed head over the first `size` leaves."""
    root = tree.root([tree.leaf_hash(leaf) for leaf in of[:size]])
    return sign(cast.HARBOUR_EMS, size, root, at=START + timedelta(seconds=size), signer=signer)


def whole(of: tuple[bytes, ...], *, signer: Signer = SIGNER, every: int = EVERY) -> list[bytes]:
    """Return the lines of an export of everything, with a head after every `every` entries."""
    about = About(cast.HARBOUR_EMS, None, len(of), len(of), 0, START)
    lines = [header_line(about, signer)]
    for seq, leaf in enumerate(of):
        lines.append(entry_line(seq, leaf))
        if (seq + 1) % every == 0 or seq + 1 == len(of):
            lines.append(head_line(head_at(seq + 1, of, signer)))
    return list(signed_off(lines, signer))


def one_incident(of: tuple[bytes, ...], *, signer: Signer = SIGNER) -> list[bytes]:
    """Return the lines of an export of the incident of every third entry."""
    levels = tree.levels([tree.leaf_hash(leaf) for leaf in of])
    mine = range(0, len(of), 3)
    about = About(cast.HARBOUR_EMS, INCIDENT, len(of), len(mine), 0, START)
    lines = [header_line(about, signer), head_line(head_at(len(of), of, signer))]
    lines += [entry_line(seq, of[seq], tree.path(levels, seq)) for seq in mine]
    return list(signed_off(lines, signer))
