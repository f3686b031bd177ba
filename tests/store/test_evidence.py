"""A file's row is written once, and what is sealed in it goes with the citizen whose case it is of."""

from pathlib import Path

import pytest
from sqlalchemy import text
from store_hands import NOW, rows, take_in
from unit import lives

from hotline.vocabulary import EvidenceKind
from runtime.keyring import Keyring
from store.engine import Database
from store.erasure import Subject, forget_cases
from store.evidence import (
    EvidenceFile,
    Sealed,
    add_evidence,
    evidence_id,
    evidence_of,
    find_evidence,
    is_uploaded,
    open_evidence,
    uploaded_by,
)
from store.person_export import export_person
from store.sealing import reseal
from store.tables.vault import evidence

DIGEST = "ab" * 32
SEALED = Sealed(object_name="folder/name", object_key=b"k" * 32, name="门口.jpg", metadata={"Model": "Phone"})


def _file(**fields: object) -> EvidenceFile:
    complete = {
        "evidence_id": evidence_id(lives.NUMBER, EvidenceKind.HANDLING, DIGEST),
        "case_no": lives.NUMBER,
        "kind": EvidenceKind.HANDLING,
        "made_at": NOW,
        "made_at_source": "camera",
        "media_type": "image/jpeg",
        "size": 3,
        "sha256": DIGEST,
        "uploaded_at": NOW,
        **uploaded_by(lives.HANDLER),
    }
    return EvidenceFile.model_validate(complete | fields)


@pytest.fixture
async def kept(database: Database, keyring: Keyring) -> EvidenceFile:
    async with database.write() as session:
        assert await add_evidence(session, keyring, _file(), SEALED)
    return _file()


def test_id_is_of_case_kind_and_content() -> None:
    ids = {
        evidence_id(case_no, kind, digest)
        for case_no in (lives.NUMBER, lives.MASTER_NUMBER)
        for kind in EvidenceKind
        for digest in (DIGEST, "cd" * 32)
    }
    assert len(ids) == 2 * len(EvidenceKind) * 2
    assert all(is_uploaded(each) for each in ids)
    assert not is_uploaded("photo-1")


async def test_file_comes_back_with_what_is_sealed_about_it(
    database: Database, keyring: Keyring, kept: EvidenceFile
) -> None:
    async with database.read() as session:
        assert await evidence_of(session, lives.NUMBER) == (kept,)
        assert await open_evidence(session, keyring, lives.NUMBER) == ((kept, SEALED),)
        assert await find_evidence(session, lives.MASTER_NUMBER, [kept.evidence_id]) == {}
        assert await open_evidence(session, keyring, lives.MASTER_NUMBER, kept.evidence_id) == ()


async def test_second_row_of_the_same_file_is_not_written(
    database: Database, keyring: Keyring, kept: EvidenceFile
) -> None:
    async with database.write() as session:
        again = _file(made_at=lives.at("2026-01-01 00:00"))
        assert not await add_evidence(session, keyring, again, SEALED)
    async with database.read() as session:
        assert await evidence_of(session, lives.NUMBER) == (kept,)


async def test_name_and_metadata_are_not_in_the_clear(database: Database, kept: EvidenceFile) -> None:
    async with database.read() as session:
        (row,) = await rows(session, evidence)
    told = repr(row)
    for secret in ("门口", "Phone", repr(SEALED.object_key)[2:-1]):
        assert secret not in told
    assert "门口" not in repr(SEALED)


async def test_file_of_a_citizen_who_was_erased_does_not_open_any_more(
    database: Database, keyring: Keyring, kept: EvidenceFile
) -> None:
    async with database.write() as session:
        await session.execute(text("UPDATE vault_persons SET sealed_key = NULL"))
    async with database.read() as session:
        assert await open_evidence(session, keyring, lives.NUMBER) == ((kept, None),)


async def test_forgetting_a_case_empties_what_is_sealed_of_its_files(
    database: Database, keyring: Keyring, kept: EvidenceFile
) -> None:
    async with database.write() as session:
        await forget_cases(session, [lives.MASTER_NUMBER], at=NOW)
    async with database.read() as session:
        assert await open_evidence(session, keyring, lives.NUMBER) == ((kept, SEALED),)
    async with database.write() as session:
        await forget_cases(session, [lives.NUMBER], at=NOW)
    async with database.read() as session:
        assert await open_evidence(session, keyring, lives.NUMBER) == ((kept, None),)
        (row,) = await rows(session, evidence)
    assert (row["sealed_key"], row["sealed_name"], row["sealed_metadata"]) == (b"", None, None)


async def test_file_is_part_of_what_is_held_of_a_person(database: Database, keyring: Keyring) -> None:
    receipt = await take_in(database, keyring)
    async with database.write() as session:
        await add_evidence(session, keyring, _file(case_no=receipt.case_no), SEALED)
    async with database.read() as session:
        export = await export_person(session, keyring, Subject(None, receipt.case_no), at=NOW)
    ((held,),) = [case.files for case in export.cases]
    assert (held.name, held.metadata, held.size) == (SEALED.name, SEALED.metadata, 3)


async def test_file_opens_after_the_keys_were_rotated(database: Database, tmp_path: Path) -> None:
    before = Keyring.load_or_create(tmp_path / "keyring.json")
    async with database.write() as session:
        await add_evidence(session, before, _file(), SEALED)
    rotated = Keyring.rotate(tmp_path / "keyring.json")
    resealed = await reseal(database, rotated, rotated.current_id, at=NOW, on_page=lambda _: None)
    assert resealed == 1, "the citizen's key, and nothing under it"
    async with database.read() as session:
        assert await open_evidence(session, rotated, lives.NUMBER) == ((_file(), SEALED),)
