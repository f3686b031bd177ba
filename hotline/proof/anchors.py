"""Anchors (每日锚定): a signed entry a day, chained, under which the ledgers of all cases stand (domain.md §12 rule 25).

The leaves of an anchor's Merkle tree are the cases that have grown since the anchors before it, each with its
last fact; whoever rewrites an old fact and its whole chain still contradicts an anchor that is long signed.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any, Final, NamedTuple

from pydantic import BeforeValidator, PlainSerializer

from hotline.calendar import SHANGHAI
from hotline.identifiers import CaseNo
from hotline.model import Record
from hotline.proof.chain import canonical, entry_hash

SIGNED_AS: Final = b"hotline-anchor/1\n"
"""Stands before what is signed, so that the signature of an anchor is one of nothing else."""


def _unhexed(value: object) -> object:
    """One spelling only: another would be a change of the file that nobody notices."""
    if not isinstance(value, str):
        return value
    if set(value) - set("0123456789abcdef") or len(value) % 2:
        message = "not lower-case hexadecimal"
        raise ValueError(message)
    return bytes.fromhex(value)


Hex = Annotated[bytes, BeforeValidator(_unhexed), PlainSerializer(bytes.hex, when_used="json")]
"""Bytes that are written as hexadecimal digits in JSON."""

VerifySignature = Callable[[str, bytes, bytes], bool]
"""Whether the key of an id has signed a message: (key id, signature, message). An unknown key has signed nothing."""


class Leaf(NamedTuple):
    """One case under an anchor: the number and the hash of its last fact there."""

    case_no: CaseNo
    seq: int
    hash: bytes

    @property
    def content(self) -> bytes:
        """What the tree takes in."""
        return canonical({"case_no": self.case_no, "seq": self.seq, "hash": self.hash.hex()})


class TrailHead(NamedTuple):
    """How far the audit trail had come: its last entry. Before the first, number 0 and the genesis."""

    seq: int
    hash: Hex


class Anchor(Record):
    """One entry of the chain of anchors.

    `day` is the day in Shanghai that it closes, `until` the instant up to which facts count, exclusively;
    a fact that was written later is under the next anchor. `cases` counts leaves, `facts` what they add.
    """

    number: int
    day: date
    until: datetime
    made_at: datetime
    cases: int
    facts: int
    root: Hex
    trail: TrailHead
    key_id: str
    prev_hash: Hex
    hash: Hex
    signature: Hex

    @property
    def content(self) -> dict[str, Any]:  # The values are JSON.
        """What is hashed."""
        return {
            "number": self.number,
            "day": self.day.isoformat(),
            "until": _spelt(self.until),
            "made_at": _spelt(self.made_at),
            "cases": self.cases,
            "facts": self.facts,
            "root": self.root.hex(),
            "trail": [self.trail.seq, self.trail.hash.hex()],
            "key_id": self.key_id,
        }

    @property
    def message(self) -> bytes:
        """What is signed."""
        return SIGNED_AS + self.hash

    def problem(self, number: int, prev_hash: bytes | None, verify: VerifySignature) -> str | None:
        """What is wrong with it as the entry of a number that follows another; None is nothing.

        Without a hash before it, as the first of an excerpt, only it itself is examined.
        """
        if self.number != number:
            return f"anchor {self.number} stands in its place"
        if prev_hash is not None and self.prev_hash != prev_hash:
            return "it is not chained to the anchor before it"
        if self.hash != entry_hash(self.prev_hash, self.content):
            return "its content is not what was hashed"
        if not verify(self.key_id, self.signature, self.message):
            return "its signature is not of a known key"
        return None


def days_due(last_day: date | None, now: datetime, *, grace: timedelta) -> Iterator[date]:
    """The days in Shanghai that are over and have no anchor yet; of a ledger without anchors, only the last one.

    The grace is for what was decided shortly before midnight and is still on its way.
    """
    yesterday = (now - grace).astimezone(SHANGHAI).date() - timedelta(days=1)
    day = last_day + timedelta(days=1) if last_day else yesterday
    while day <= yesterday:
        yield day
        day += timedelta(days=1)


def end_of(day: date) -> datetime:
    """The first instant after a day in Shanghai, in UTC."""
    return datetime.combine(day + timedelta(days=1), time(), SHANGHAI).astimezone(UTC)


def _spelt(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")
