"""Is the tree the one of RFC 6962? Published roots and proofs, then its laws over random trees."""

from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.record.rules import tree

# The test set of the certificate-transparency reference implementation (merkle_tree_test.cc).
LEAVES = [
    bytes.fromhex(leaf)
    for leaf in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
HASHES = [tree.leaf_hash(leaf) for leaf in LEAVES]
INCLUSION = {
    (0, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (5, 8): [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 3): ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
    (1, 5): [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}
CONSISTENCY = {
    (1, 1): [],
    (1, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (6, 8): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 5): [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}


def hashes_of(count: int) -> list[bytes]:
    return [tree.leaf_hash(number.to_bytes(4, "big")) for number in range(count)]


def test_the_empty_tree_has_the_published_root() -> None:
    assert tree.root([]) == sha256(b"").digest()


@pytest.mark.parametrize("size", range(1, 9))
def test_a_tree_of_the_test_leaves_has_the_published_root(size: int) -> None:
    assert tree.root(HASHES[:size]).hex() == ROOTS[size - 1]


@pytest.mark.parametrize(("index", "size"), INCLUSION)
def test_a_path_is_the_published_one(index: int, size: int) -> None:
    assert [h.hex() for h in tree.inclusion_proof(index, HASHES[:size])] == INCLUSION[index, size]


@pytest.mark.parametrize(("older", "newer"), CONSISTENCY)
def test_a_consistency_proof_is_the_published_one(older: int, newer: int) -> None:
    proof = tree.consistency_proof(older, HASHES[:newer])
    assert [h.hex() for h in proof] == CONSISTENCY[older, newer]


@pytest.mark.parametrize("size", [*range(1, 35), 63, 64, 65])
def test_every_leaf_of_every_small_tree_is_proved(size: int) -> None:
    hashes = hashes_of(size)
    for index in range(size):
        proof = tree.inclusion_proof(index, hashes)
        assert tree.root_from_inclusion(index, size, hashes[index], proof) == tree.root(hashes)


@pytest.mark.parametrize("size", [*range(1, 35), 63, 64, 65])
def test_every_beginning_of_every_small_tree_is_consistent(size: int) -> None:
    hashes = hashes_of(size)
    newer = size, tree.root(hashes)
    for older in range(size + 1):
        proof = tree.consistency_proof(older, hashes)
        assert tree.is_consistent((older, tree.root(hashes[:older])), newer, proof)


@settings(deadline=None)
@given(st.integers(1, 200), st.data())
def test_a_path_proves_no_other_leaf_place_or_size(size: int, data: st.DataObject) -> None:
    hashes = hashes_of(size)
    index = data.draw(st.integers(0, size - 1))
    proof = tree.inclusion_proof(index, hashes)
    root = tree.root(hashes)
    other = data.draw(
        st.integers(0, size - 1).filter(lambda n: n != index) if size > 1 else st.just(-1)
    )
    assert tree.root_from_inclusion(other, size, hashes[index], proof) != root
    assert tree.root_from_inclusion(index, size, tree.leaf_hash(b"other"), proof) != root
    assert tree.root_from_inclusion(index, size, hashes[index], [*proof, root]) != root
    if proof:
        assert tree.root_from_inclusion(index, size, hashes[index], proof[:-1]) != root


@settings(deadline=None)
@given(st.integers(2, 200), st.data())
def test_a_changed_beginning_is_never_consistent(size: int, data: st.DataObject) -> None:
    hashes = hashes_of(size)
    older = data.draw(st.integers(1, size - 1))
    proof = tree.consistency_proof(older, hashes)
    forged = [*hashes[: older - 1], tree.leaf_hash(b"forged")]
    newer = size, tree.root(hashes)
    assert not tree.is_consistent((older, tree.root(forged)), newer, proof)
    assert not tree.is_consistent(
        (older, tree.root(hashes[:older])), (size, tree.root(forged)), proof
    )
    assert not tree.is_consistent((older, tree.root(hashes[:older])), newer, proof[:-1])


@settings(deadline=None)
@given(st.lists(st.integers(0, 40), max_size=12))
def test_growing_by_batches_gives_the_same_tree_as_at_once(batches: list[int]) -> None:
    hashes = hashes_of(sum(batches))
    frontier: tree.Frontier = ()
    size = 0
    for batch in batches:
        frontier, size = tree.extend(frontier, size, hashes[size : size + batch])
        assert tree.root_of(frontier) == tree.root(hashes[:size])
        assert tree.unpack(tree.pack(frontier), size) == frontier


def test_the_edge_of_another_size_is_refused() -> None:
    frontier, size = tree.extend((), 0, hashes_of(6))
    with pytest.raises(ValueError, match="a tree of 7 leaves"):
        tree.unpack(tree.pack(frontier), size + 1)


@pytest.mark.parametrize(("call", "number"), [("inclusion_proof", 3), ("consistency_proof", 4)])
def test_a_proof_beyond_the_tree_is_refused(call: str, number: int) -> None:
    with pytest.raises(IndexError):
        getattr(tree, call)(number, hashes_of(3))


def test_a_later_tree_is_not_the_beginning_of_an_earlier() -> None:
    hashes = hashes_of(5)
    assert not tree.is_consistent((5, tree.root(hashes)), (4, tree.root(hashes[:4])), [])
    assert tree.is_consistent((0, tree.EMPTY_ROOT), (4, tree.root(hashes[:4])), [])
    assert not tree.is_consistent((4, tree.root(hashes)), (4, tree.root(hashes[:4])), [])
