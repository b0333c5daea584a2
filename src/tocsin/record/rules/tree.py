"""How is a list of leaves sealed so that no edit, cut or reordering fits? By RFC 6962.

`frontier` is the right edge of a tree: the roots of the perfect subtrees that a tree of this size
is made of, largest first (one for each binary 1 of the size). It is all that appending needs, so
sealing costs O(log n). Source: RFC 6962 2.1, RFC 9162 2.1; the consistency check follows RFC 9162
2.1.4.2.
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Final

HASH_BYTES: Final = 32
EMPTY_ROOT: Final = sha256(b"").digest()
# Two prefixes, so that no leaf can be passed off as an inner node (RFC 6962 2.1).
LEAF_PREFIX: Final = b"\x00"
NODE_PREFIX: Final = b"\x01"

Frontier = tuple[bytes, ...]


def leaf_hash(leaf: bytes) -> bytes:
    """Return the hash of one leaf."""
    return sha256(LEAF_PREFIX + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node."""
    return sha256(NODE_PREFIX + left + right).digest()


def extend(frontier: Frontier, size: int, hashes: Iterable[bytes]) -> tuple[Frontier, int]:
    """Return the right edge and the size after appending leaf hashes to a tree of `size` leaves."""
    edge = list(frontier)
    for leaf in hashes:
        node, carry = leaf, size
        while carry & 1:
            node = node_hash(edge.pop(), node)
            carry >>= 1
        edge.append(node)
        size += 1
    return tuple(edge), size


def root_of(frontier: Frontier) -> bytes:
    """Return the root of the tree with this right edge; SHA-256 of nothing for the empty tree."""
    if not frontier:
        return EMPTY_ROOT
    node = frontier[-1]
    for left in reversed(frontier[:-1]):
        node = node_hash(left, node)
    return node


def pack(frontier: Frontier) -> bytes:
    """Return the right edge as the bytes that a head's row keeps."""
    return b"".join(frontier)


def unpack(packed: bytes, size: int) -> Frontier:
    """Return the right edge of a tree of `size` leaves.

    Raises:
        ValueError: the bytes are not the edge of a tree of this size.
    """
    if len(packed) != HASH_BYTES * size.bit_count():
        message = f"not the right edge of a tree of {size} leaves"
        raise ValueError(message)
    return tuple(packed[at : at + HASH_BYTES] for at in range(0, len(packed), HASH_BYTES))


def root(hashes: Sequence[bytes]) -> bytes:
    """Return the Merkle tree hash of a list of leaf hashes."""
    return root_of(extend((), 0, hashes)[0])


def levels(hashes: Sequence[bytes]) -> list[list[bytes]]:
    """Return every level of the tree, leaves first; a last node alone moves up as it is."""
    found = [list(hashes)]
    while len(found[-1]) > 1:
        below = found[-1]
        above = [
            node_hash(left, right) for left, right in zip(below[::2], below[1::2], strict=False)
        ]
        found.append(above + below[len(below) & ~1 :])
    return found


def path(of_levels: Sequence[Sequence[bytes]], index: int) -> list[bytes]:
    """Return the path from leaf `index` to the root, from the leaf upwards (RFC 6962 2.1.1).

    Raises:
        IndexError: there is no such leaf.
    """
    if not 0 <= index < len(of_levels[0]):
        raise IndexError(index)
    found = []
    for level in of_levels:
        if index ^ 1 < len(level):
            found.append(level[index ^ 1])
        index >>= 1
    return found


def inclusion_proof(index: int, hashes: Sequence[bytes]) -> list[bytes]:
    """Return the path of one leaf; for many, make the `levels` once.

    Raises:
        IndexError: there is no such leaf.
    """
    return path(levels(hashes), index)


def consistency_proof(older: int, hashes: Sequence[bytes]) -> list[bytes]:
    """Return the proof that the tree of the first `older` leaves is the beginning of this one.

    Empty when the sizes are equal or `older` is 0 (RFC 6962 2.1.2).

    Raises:
        IndexError: the older tree is the larger one.
    """
    if not 0 <= older <= len(hashes):
        raise IndexError(older)
    if older in {0, len(hashes)}:
        return []
    proof: list[bytes] = []
    low, high, is_whole = 0, len(hashes), True
    while older != high:
        middle = low + _split(high - low)
        if older <= middle:
            proof.append(root(hashes[middle:high]))
            high = middle
        else:
            proof.append(root(hashes[low:middle]))
            low, is_whole = middle, False
    if not is_whole:
        proof.append(root(hashes[low:high]))
    return proof[::-1]


def root_from_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes]) -> bytes | None:
    """Return the root that this path leads to from a leaf hash, None if it is no path.

    Source: RFC 9162 2.1.3.2.
    """
    if not 0 <= index < size:
        return None
    number, last, node = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return None
        if number & 1 or number == last:
            node = node_hash(sibling, node)
            while not number & 1 and number:
                number, last = number >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        number, last = number >> 1, last >> 1
    return node if last == 0 else None


def is_consistent(
    older: tuple[int, bytes], newer: tuple[int, bytes], proof: Sequence[bytes]
) -> bool:
    """Return whether the proof shows that the older (size, root) begins the newer."""
    (size1, root1), (size2, root2) = older, newer
    if size1 == size2:
        return root1 == root2 and not proof
    if size1 == 0:
        return root1 == EMPTY_ROOT and not proof
    if not 0 < size1 < size2:
        return False
    nodes = [root1, *proof] if size1.bit_count() == 1 else list(proof)
    return bool(nodes) and _roots_along(nodes, size1, size2) == (root1, root2)


def _roots_along(nodes: Sequence[bytes], size1: int, size2: int) -> tuple[bytes, bytes] | None:
    number, last = size1 - 1, size2 - 1
    while number & 1:
        number, last = number >> 1, last >> 1
    node1 = node2 = nodes[0]
    for sibling in nodes[1:]:
        if last == 0:
            return None
        if number & 1 or number == last:
            node1, node2 = node_hash(sibling, node1), node_hash(sibling, node2)
            while not number & 1 and number:
                number, last = number >> 1, last >> 1
        else:
            node2 = node_hash(node2, sibling)
        number, last = number >> 1, last >> 1
    return (node1, node2) if last == 0 else None


def _split(size: int) -> int:
    """Return the largest power of two smaller than `size` (at least 2)."""
    return 1 << ((size - 1).bit_length() - 1)
