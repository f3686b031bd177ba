"""Verifying an export offline (离线验真): what is altered, missing or out of order, the first place first.

It needs the file and, to be sure who signed, the public keys that the hotline has published; neither a
database nor the network. Nothing in a file is trusted before its hash or its signature has been checked.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final

from pydantic import ValidationError

from hotline.identifiers import CaseNo
from hotline.model import Record
from hotline.proof.anchors import Anchor, Leaf
from hotline.proof.chain import GENESIS, canonical, entry_hash
from hotline.proof.export import Covered, Entry, Export, Header, Proof
from hotline.proof.merkle import is_included

IsSignedBy = Callable[[bytes, bytes, bytes], bool]
"""Whether a key has signed a message: (public key, signature, message)."""


class Place(StrEnum):
    """The part of a file that a finding is about."""

    FILE = "file"
    KEY = "key"
    ENTRY = "entry"
    ANCHOR = "anchor"
    PROOF = "proof"
    HEADER = "header"


# What one of the parts of a list of the file is called.
_LISTS: Final = {"entries": Place.ENTRY, "anchors": Place.ANCHOR, "proofs": Place.PROOF}


class Flaw(Record):
    """One thing that does not hold. `number` is that of the entry or anchor."""

    place: Place
    number: int | None = None
    problem: str

    def __str__(self) -> str:
        """In words."""
        return f"{self.place.value}{'' if self.number is None else f' {self.number}'}: {self.problem}"


class Verdict(Record):
    """What an export proves. `flaws` begin with the first place that was touched; without any the file is true.

    `anchored` is the last fact under a signed anchor; later facts have only the chain and the export's signature.
    """

    case_no: CaseNo | None
    entries: int
    anchored: int
    anchors: int
    key_ids: tuple[str, ...]
    flaws: tuple[Flaw, ...]

    @property
    def is_true(self) -> bool:
        """Whether nothing was found."""
        return not self.flaws


def key_id_of(public_key: bytes) -> str:
    """The id of a signing key is its fingerprint, so that no other key can go by it."""
    return sha256(public_key).hexdigest()[:16]


def verify_export(
    document: object, is_signed_by: IsSignedBy, *, trusted: Collection[bytes] | None = None
) -> Verdict:
    """Examine what was read from a file. With `trusted` only signatures of these public keys count."""
    try:
        export = Export.model_validate(document)
        odd = _odd_spelling(document, export)
        flaws = [odd] if odd else list(_Examination(export, is_signed_by, trusted).flaws())
    except ValidationError as error:
        return _unreadable(document, error)
    except ValueError:
        # Half a character, or a number that is none: nothing of ours can be spelt so.
        return _nothing(Flaw(place=Place.FILE, problem="it holds what is no JSON"))
    return _verdict(export, flaws)


@dataclass(frozen=True, slots=True)
class _Examination:
    """One file, and the means to check signatures."""

    export: Export
    is_signed_by: IsSignedBy
    trusted: Collection[bytes] | None

    def flaws(self) -> Iterator[Flaw]:
        """Keys first, for all signatures hang on them; then in the order of the file; the header has the last word."""
        header_holds = self._is_signed(
            self.export.header.key_id, self.export.signature, self.export.header.message
        )
        header = self.export.header if header_holds else None
        yield from self._key_flaws()
        yield from _entry_flaws(self.export, header)
        yield from self._anchor_flaws(header)
        yield from _proof_flaws(self.export, header)
        if not header_holds:
            yield Flaw(place=Place.HEADER, problem="its signature is not of a known key over what it says")

    def _is_signed(self, key_id: str, signature: bytes, message: bytes) -> bool:
        key = self.export.keys.get(key_id)
        if key is None or (self.trusted is not None and key not in self.trusted):
            return False
        return self.is_signed_by(key, signature, message)

    def _key_flaws(self) -> Iterator[Flaw]:
        for key_id in sorted(self._keys_needed() | self.export.keys.keys()):
            key = self.export.keys.get(key_id)
            if key is None:
                yield Flaw(place=Place.KEY, problem=f"key {key_id} is missing")
            elif key_id != key_id_of(key):
                yield Flaw(place=Place.KEY, problem=f"key {key_id} is not the key of that id")
            elif self.trusted is not None and key not in self.trusted:
                yield Flaw(place=Place.KEY, problem=f"key {key_id} is not one of those that were given")

    def _keys_needed(self) -> set[str]:
        """By the anchors that are as they were hashed: another may have been altered to name a key that never was."""
        return {
            anchor.key_id
            for anchor in self.export.anchors
            if anchor.hash == entry_hash(anchor.prev_hash, anchor.content)
        }

    def _anchor_flaws(self, header: Header | None) -> Iterator[Flaw]:
        anchors = self.export.anchors
        first, last = _run(anchors, header)
        prev_hash: bytes | None = None
        for place, number in enumerate(range(first, last + 1)):
            problem = _misplaced(anchors, place, number, "anchor") or anchors[place].problem(
                number, prev_hash, self._is_signed
            )
            if problem:
                yield Flaw(place=Place.ANCHOR, number=number, problem=problem)
                return
            prev_hash = anchors[place].hash
        if len(anchors) > last - first + 1:
            yield Flaw(place=Place.ANCHOR, number=last + 1, problem="it was not part of the export")


def _run(anchors: Sequence[Anchor], header: Header | None) -> tuple[int, int]:
    """The first and the last number that there must be; what no header vouches for is taken as it comes."""
    if header is None:
        return (anchors[0].number, anchors[0].number + len(anchors) - 1) if anchors else (1, 0)
    if header.first_anchor is None or header.last_anchor is None:
        return 1, 0
    return header.first_anchor, header.last_anchor


def _entry_flaws(export: Export, header: Header | None) -> Iterator[Flaw]:
    entries, prev_hash, case_no = export.entries, GENESIS, _case_no(export, header)
    expected = header.facts if header else len(entries)
    for place in range(expected):
        problem = _misplaced(entries, place, place + 1, "entry") or _entry_problem(
            entries[place], case_no, prev_hash
        )
        if problem:
            yield Flaw(place=Place.ENTRY, number=place + 1, problem=problem)
            return
        prev_hash = entries[place].hash
    if len(entries) > expected:
        yield Flaw(place=Place.ENTRY, number=expected + 1, problem="it was not part of the export")
    elif header and prev_hash != header.head:
        yield Flaw(place=Place.ENTRY, number=1, problem="the whole chain is not the one that was exported")


def _case_no(export: Export, header: Header | None) -> CaseNo:
    """What no header vouches for, the entries tell, whose hashes would not hold under another number."""
    return export.header.case_no if header or not export.entries else export.entries[0].case_no


def _misplaced(parts: Sequence[Entry] | Sequence[Anchor], place: int, number: int, what: str) -> str | None:
    numbers = [part.seq if isinstance(part, Entry) else part.number for part in parts]
    if place < len(numbers) and numbers[place] == number:
        return None
    if number in numbers[place:]:
        return f"out of order: {what} {numbers[place]} stands in its place"
    return "it is missing"


def _entry_problem(entry: Entry, case_no: CaseNo | None, prev_hash: bytes) -> str | None:
    if entry.case_no != case_no:
        return f"it is of another case, {entry.case_no}"
    if entry.prev_hash != prev_hash:
        return "it is not chained to the entry before it"
    if entry.hash != entry_hash(prev_hash, entry.content):
        return "its content is not what was hashed"
    return None


def _proof_flaws(export: Export, header: Header | None) -> Iterator[Flaw]:
    covered = header.covered if header else tuple(_covered(proof) for proof in export.proofs)
    anchors = {anchor.number: anchor for anchor in export.anchors}
    hashes = {entry.seq: entry.hash for entry in export.entries}
    proven_to = 0
    for place, wanted in enumerate(covered):
        proof = export.proofs[place] if place < len(export.proofs) else None
        if problem := _proof_problem(proof, wanted, anchors.get(wanted.anchor), _case_no(export, header)):
            yield Flaw(place=Place.PROOF, number=wanted.anchor, problem=problem)
            return
        assert proof is not None
        if hashes.get(wanted.seq) != proof.hash:
            span = f"entries {proven_to + 1} to {wanted.seq}"
            yield Flaw(
                place=Place.ENTRY,
                number=proven_to + 1,
                problem=f"{span} are not those over which anchor {wanted.anchor} was signed",
            )
            return
        proven_to = wanted.seq
    if len(export.proofs) > len(covered):
        extra = export.proofs[len(covered)]
        yield Flaw(place=Place.PROOF, number=extra.anchor, problem="it was not part of the export")


def _covered(proof: Proof) -> Covered:
    return Covered(anchor=proof.anchor, seq=proof.seq)


def _proof_problem(
    proof: Proof | None, wanted: Covered, anchor: Anchor | None, case_no: CaseNo
) -> str | None:
    if proof is None or _covered(proof) != wanted:
        return "the proof under this anchor is missing or out of order"
    if anchor is None:
        return "the anchor itself is missing"
    leaf = Leaf(case_no, proof.seq, proof.hash).content
    if not is_included(leaf, index=proof.index, size=anchor.cases, path=proof.path, root=anchor.root):
        return "the proof does not lead to the root of this anchor"
    return None


def _verdict(export: Export, flaws: Sequence[Flaw]) -> Verdict:
    return Verdict(
        case_no=export.header.case_no,
        entries=len(export.entries),
        anchored=max((proof.seq for proof in export.proofs), default=0) if not flaws else 0,
        anchors=len(export.anchors),
        key_ids=tuple(sorted(export.keys)),
        flaws=tuple(flaws),
    )


# ── files that have not the form of one, or not the one spelling ────────────────────────────────


# What was read from a file may be any JSON.
def _unreadable(document: object, error: ValidationError) -> Verdict:
    """Name the first part that has not the form of one."""
    location = error.errors(include_input=False, include_url=False)[0]["loc"]
    return _nothing(_flaw_at(document, location, "it has not the form of one"))


def _nothing(flaw: Flaw) -> Verdict:
    return Verdict(case_no=None, entries=0, anchored=0, anchors=0, key_ids=(), flaws=(flaw,))


def _odd_spelling(document: Any, export: Export) -> Flaw | None:
    """A number written as text, an added field: what reads the same must also be written the same."""
    meant = export.model_dump(mode="json")
    for section, expected in meant.items():
        found = document[section]
        if not isinstance(expected, list):
            if _spelt(found) != _spelt(expected):
                return _flaw_at(document, (section,), "it is not written as the hotline writes it")
            continue
        for index, (one, other) in enumerate(zip(found, expected, strict=True)):
            if _spelt(one) != _spelt(other):
                return _flaw_at(document, (section, index), "it is not written as the hotline writes it")
    return None


def _spelt(value: object) -> bytes:
    return canonical({"value": value})


def _flaw_at(document: Any, location: tuple[int | str, ...], problem: str) -> Flaw:
    match location:
        case ("header" | "signature", *_):
            return Flaw(place=Place.HEADER, problem=problem)
        case ("keys", *_):
            return Flaw(place=Place.KEY, problem=problem)
        case (str(section), int(index), *_) if section in _LISTS:
            return Flaw(place=_LISTS[section], number=_number(document, section, index), problem=problem)
    return Flaw(place=Place.FILE, problem="it is no export of a ledger")


def _number(document: Any, section: str, index: int) -> int:
    """The number that belongs to a place of a list, by what the header says of it."""
    match section:
        case "anchors":
            return (_told(document, "header", "first_anchor") or 1) + index
        case "proofs":
            return _told(document, "header", "covered", index, "anchor") or index + 1
    return index + 1


def _told(document: Any, *path: str | int) -> int | None:
    """The number that a document has in a place, if it has that place and a number there."""
    try:
        for step in path:
            document = document[step]
    except (KeyError, IndexError, TypeError):
        return None
    return document if type(document) is int else None
