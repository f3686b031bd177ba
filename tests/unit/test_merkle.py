"""A path leads to the root from its own leaf at its own place, and from nowhere else (RFC 9162 §2.1)."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.proof.merkle import EMPTY, Tree, is_included, leaf_hash, root_of

LEAVES = st.lists(st.binary(max_size=4), min_size=1, max_size=40)


def _defined(leaves: list[bytes]) -> bytes:
    """The root by the words of the RFC: split at the largest power of two that is smaller."""
    if len(leaves) == 1:
        return leaf_hash(leaves[0])
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return sha256(b"\x01" + _defined(leaves[:split]) + _defined(leaves[split:])).digest()


def _path(leaves: list[bytes], index: int) -> tuple[bytes, ...]:
    tree = Tree(marked=index)
    for leaf in leaves:
        tree.add(leaf)
    return tree.finish()[1]


@given(LEAVES)
def test_root_is_the_one_that_the_rfc_defines(leaves: list[bytes]) -> None:
    assert root_of(leaves) == _defined(leaves)


def test_tree_without_leaves_has_the_empty_root() -> None:
    assert root_of([]) == EMPTY == sha256(b"").digest()


@given(st.lists(st.binary(max_size=4), min_size=1, max_size=40, unique=True), st.data())
def test_leaf_is_proven_at_its_place_alone(leaves: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    root, size, path = root_of(leaves), len(leaves), _path(leaves, index)
    assert is_included(leaves[index], index=index, size=size, path=path, root=root)
    assert not is_included(leaves[index] + b"!", index=index, size=size, path=path, root=root)
    assert not is_included(leaves[index], index=index, size=size, path=(*path, root), root=root)
    assert not is_included(leaves[index], index=index, size=size, path=path[:-1], root=root) or size == 1
    elsewhere = data.draw(st.integers(-1, size))
    if elsewhere != index:
        assert not is_included(leaves[index], index=elsewhere, size=size, path=path, root=root)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 1000])
def test_path_is_short(size: int) -> None:
    leaves = [str(number).encode() for number in range(size)]
    assert len(_path(leaves, size - 1)) <= (size - 1).bit_length()
