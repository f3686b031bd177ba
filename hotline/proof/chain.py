"""Chains of hashes (哈希链): each entry's hash covers the entry and the hash before it (domain.md §12 rule 25).

What is hashed is canonical JSON of what is stored, never an object as newer code reads it, so that a field
added later changes no old hash.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

GENESIS: Final = bytes(32)
"""What stands before the first entry of a chain."""


class ChainBreak(NamedTuple):
    """Where a chain does not hold: the number of the entry, and what is wrong with it."""

    seq: int
    problem: str


# An entry is JSON of whatever its chain is made of.
def entry_hash(prev_hash: bytes, entry: Mapping[str, Any]) -> bytes:
    """Return the hash of an entry: SHA-256 over the hash before it and the entry's canonical JSON."""
    return hashlib.sha256(prev_hash + canonical(entry)).digest()


def canonical(value: Mapping[str, Any]) -> bytes:
    """The one spelling of some JSON: UTF-8, keys sorted, no spaces, no NaN."""
    spelt = json.dumps(
        dict(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    )
    return spelt.encode()
