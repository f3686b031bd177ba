"""Merkle trees (默克尔树) as in RFC 9162 §2.1: one hash for many leaves, and a short proof that a leaf is among them.

The tree is fed leaf by leaf and keeps one hash per level, so that a million leaves need no memory.
"""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

EMPTY: Final = hashlib.sha256().digest()
"""The root of a tree without leaves."""

# Leaves and nodes are hashed differently, so that a node can never pass for a leaf.
_LEAF: Final = b"\x00"
_NODE: Final = b"\x01"


class _Subtree(NamedTuple):
    start: int
    size: int
    hash: bytes

    def has(self, index: int | None) -> bool:
        return index is not None and self.start <= index < self.start + self.size


class Tree:
    """A tree that grows to the right, and the path of one of its leaves if one is marked."""

    def __init__(self, *, marked: int | None = None) -> None:
        """Start without leaves; `marked` is the index of the leaf whose path is wanted."""
        self.size = 0
        self._marked = marked
        self._subtrees: list[_Subtree] = []
        self._path: list[bytes] = []

    def add(self, leaf: bytes) -> None:
        """Add the next leaf."""
        grown = _Subtree(self.size, 1, leaf_hash(leaf))
        while self._subtrees and self._subtrees[-1].size == grown.size:
            grown = self._joined(self._subtrees.pop(), grown)
        self._subtrees.append(grown)
        self.size += 1

    def finish(self) -> tuple[bytes, tuple[bytes, ...]]:
        """The root, and the path from the marked leaf up to it; the tree is used up."""
        if not self._subtrees:
            return EMPTY, ()
        whole = self._subtrees.pop()
        while self._subtrees:
            whole = self._joined(self._subtrees.pop(), whole)
        return whole.hash, tuple(self._path)

    def _joined(self, left: _Subtree, right: _Subtree) -> _Subtree:
        if left.has(self._marked):
            self._path.append(right.hash)
        elif right.has(self._marked):
            self._path.append(left.hash)
        return _Subtree(left.start, left.size + right.size, _node_hash(left.hash, right.hash))


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The root of the tree over some leaves, in their order."""
    tree = Tree()
    for leaf in leaves:
        tree.add(leaf)
    return tree.finish()[0]


def leaf_hash(leaf: bytes) -> bytes:
    """The hash of a leaf."""
    return hashlib.sha256(_LEAF + leaf).digest()


def is_included(leaf: bytes, *, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether a path proves that a leaf stands at an index of a tree of so many leaves (RFC 9162 §2.1.3.2)."""
    if not 0 <= index < size:
        return False
    here, last, found = index, size - 1, leaf_hash(leaf)
    for sibling in path:
        if last == 0:
            return False
        if here & 1 or here == last:
            found = _node_hash(sibling, found)
            while here and not here & 1:
                here, last = here >> 1, last >> 1
        else:
            found = _node_hash(found, sibling)
        here, last = here >> 1, last >> 1
    return last == 0 and found == root


def _node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(_NODE + left + right).digest()
