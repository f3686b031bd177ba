"""A rotation seals everything anew while cases come in, whoever kills it, and what was sealed before citizens had
keys of their own is brought under them."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import LargeBinary, delete, func, select, text, update
from store_hands import NOW, complaint, submission, take_in

from hotline.identifiers import CaseNo
from runtime import keyfile
from runtime.keyring import Keyring, Suite
from store.engine import Database
from store.intake import IntakeReceipt, receipt_of_key
from store.sealing import PERSONS, SEALED, count_stale, key_counts, reseal, sealed_columns
from store.tables import metadata
from store.tables.vault import vault_callers, vault_cases, vault_persons, vault_texts
from store.vault import (
    ADDRESS,
    CONTENT,
    NAME,
    PHONE,
    TEXT,
    TITLE,
    Caller,
    bound_to,
    read_caller,
    texts_of,
)

HASHES = {
    "digest",
    "figures_digest",
    "prev_hash",
    "hash",
    "root",
    "trail_hash",
    "signature",
    "token_hash",
    "session_hash",
}
CASES = 30


@pytest.fixture
def ring(tmp_path: Path) -> Keyring:
    return Keyring.load_or_create(tmp_path / "keyring.json")


@pytest_asyncio.fixture
async def taken(database: Database, ring: Keyring) -> AsyncIterator[list[IntakeReceipt]]:
    """Complaints of ten people, and some of nobody."""
    yield [
        await take_in(database, ring, _complaint(number), submission(f"key-{number}"))
        for number in range(CASES)
    ]


def _complaint(number: int):  # type: ignore[no-untyped-def]
    phone = None if number % 3 == 2 else f"1380000{number % 10:04d}"
    return complaint(title=f"第{number}件", caller_phone=phone, category=f"c{number}")


async def _reads_whole(database: Database, ring: Keyring, receipts: list[IntakeReceipt]) -> None:
    async with database.read() as session:
        for number, receipt in enumerate(receipts):
            expected = _complaint(number)
            assert await read_caller(session, ring, receipt.case_no) == expected.caller
            texts = await texts_of(session, ring, [receipt.case_no], [TITLE, CONTENT])
            assert texts[receipt.case_no][TITLE] == expected.title
            again = await receipt_of_key(session, ring, principal="operator1", key=f"key-{number}")
            assert again is not None
            assert again.retrieval_code == receipt.retrieval_code


async def _rotate(database: Database, ring: Keyring) -> int:
    return await reseal(database, ring, ring.current_id, at=NOW, on_page=lambda _: None)


async def _make_old(database: Database, ring: Keyring, receipts: list[IntakeReceipt]) -> None:
    """Bring the vault into the form it had before citizens had keys of their own."""
    columns = ((NAME, "sealed_name"), (PHONE, "sealed_phone"), (ADDRESS, "sealed_address"))
    async with database.write() as session:
        for number, receipt in enumerate(receipts):
            case_no, caller = receipt.case_no, _complaint(number).caller
            values = {
                column: ring.seal(purpose, value.encode(), bound_to(case_no))
                for purpose, column in columns
                if (value := getattr(caller, purpose))
            }
            await session.execute(
                update(vault_callers).where(vault_callers.c.case_no == case_no).values(values)
            )
            said = await texts_of(session, ring, [case_no], [TITLE, CONTENT])
            for purpose, words in said[case_no].items():
                text_id = f"{case_no}-{purpose}"
                sealed = ring.seal(TEXT, words.encode(), bound_to(case_no, text_id))
                await session.execute(
                    update(vault_texts).where(vault_texts.c.text_id == text_id).values(sealed=sealed)
                )
        await session.execute(delete(vault_cases))
        await session.execute(delete(vault_persons))


def test_every_binary_column_is_sealed_or_a_hash() -> None:
    binary = {
        f"{table.name}.{column.name}"
        for table in metadata.tables.values()
        for column in table.c
        if isinstance(column.type, LargeBinary) and column.name not in HASHES
    }
    assert binary == set(sealed_columns())


async def test_cases_of_one_number_share_a_person_and_others_have_their_own(
    database: Database, ring: Keyring, taken: list[IntakeReceipt]
) -> None:
    numbers = {_complaint(number).caller_phone for number in range(CASES)} - {None}
    nameless = sum(_complaint(number).caller_phone is None for number in range(CASES))
    async with database.read() as session:
        assert (
            await session.scalar(select(func.count()).select_from(vault_persons)) == len(numbers) + nameless
        )
        assert await session.scalar(select(func.count()).select_from(vault_cases)) == CASES
        counts = await key_counts(session)
    # The caller's parts and the two texts; the rest is a key for each person and a retrieval code for each case.
    personal = sum(
        2 + len([part for part in ("name", "phone", "address") if getattr(_complaint(n).caller, part)])
        for n in range(CASES)
    )
    assert counts == {PERSONS: personal, ring.current_id: CASES + len(numbers) + nameless}


async def test_people_who_call_at_once_become_one_person_each(database: Database, ring: Keyring) -> None:
    receipts = await asyncio.gather(
        *(
            take_in(database, ring, complaint(category=f"c{number}"), submission(f"key-{number}"))
            for number in range(4)
        )
    )
    async with database.read() as session:
        assert await session.scalar(select(func.count()).select_from(vault_persons)) == 1
        for receipt in receipts:
            assert await read_caller(session, ring, receipt.case_no) == complaint().caller


async def test_after_a_rotation_everything_is_under_the_new_key(
    database: Database, ring: Keyring, taken: list[IntakeReceipt], tmp_path: Path
) -> None:
    old = ring.current_id
    keyfile.rotate(tmp_path / "keyring.json")
    async with database.read() as session:
        stale = await count_stale(session, ring.current_id)
    assert await _rotate(database, ring) == stale > CASES
    async with database.read() as session:
        assert await count_stale(session, ring.current_id) == 0
        assert old not in await key_counts(session)
    keyfile.retire(tmp_path / "keyring.json", old)
    await _reads_whole(database, Keyring.load_or_create(tmp_path / "keyring.json"), taken)
    assert await _rotate(database, ring) == 0


async def test_a_rotation_that_is_cut_short_is_resumed(
    database: Database,
    ring: Keyring,
    taken: list[IntakeReceipt],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("store.sealing.PAGE", 7)
    keyfile.rotate(tmp_path / "keyring.json")
    pages = 0

    def killed(_: int) -> None:
        nonlocal pages
        pages += 1
        if pages == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await reseal(database, ring, ring.current_id, at=NOW, on_page=killed)
    async with database.read() as session:
        left = await count_stale(session, ring.current_id)
    assert left > 0
    await _reads_whole(database, ring, taken)
    assert await _rotate(database, ring) == left
    await _reads_whole(database, ring, taken)


async def test_cases_that_come_in_during_a_rotation_are_not_lost(
    database: Database,
    ring: Keyring,
    taken: list[IntakeReceipt],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("store.sealing.PAGE", 3)
    keyfile.rotate(tmp_path / "keyring.json")
    arriving = Keyring.load_or_create(tmp_path / "keyring.json")

    async def register() -> list[IntakeReceipt]:
        return [
            await take_in(database, arriving, _complaint(number), submission(f"key-{number}"))
            for number in range(CASES, CASES + 20)
        ]

    more, _ = await asyncio.gather(register(), _rotate(database, ring))
    async with database.read() as session:
        assert await count_stale(session, ring.current_id) == 0
    await _reads_whole(database, ring, [*taken, *more])


async def test_what_was_sealed_before_people_had_keys_opens_and_is_brought_under_them(
    database: Database, ring: Keyring, taken: list[IntakeReceipt]
) -> None:
    await _make_old(database, ring, taken)
    await _reads_whole(database, ring, taken)
    assert await _rotate(database, ring) > 3 * CASES
    await _reads_whole(database, ring, taken)
    async with database.read() as session:
        counts = await key_counts(session)
        persons = await session.scalar(select(func.count()).select_from(vault_persons))
    assert counts[ring.current_id] == CASES + persons


async def test_everything_stays_readable_when_the_cipher_changes(
    database: Database, ring: Keyring, taken: list[IntakeReceipt], tmp_path: Path
) -> None:
    other = Keyring.load_or_create(tmp_path / "keyring.json", suite=Suite.SM4_GCM)
    receipt = await take_in(
        database, other, complaint(title="国密", category="sm4"), submission("sm4", at=NOW + timedelta(1))
    )
    async with database.read() as session:
        assert await read_caller(session, ring, receipt.case_no) == complaint().caller
        sealed = await session.scalar(
            select(vault_texts.c.sealed).where(vault_texts.c.case_no == receipt.case_no).limit(1)
        )
    assert sealed[0] == Suite.SM4_GCM
    await _reads_whole(database, other, taken)


async def test_a_value_that_was_emptied_is_neither_counted_nor_sealed(
    database: Database, ring: Keyring, taken: list[IntakeReceipt]
) -> None:
    async with database.write() as session:
        await session.execute(text("UPDATE vault_texts SET sealed = ''"))
    async with database.read() as session:
        assert await count_stale(session, ring.current_id) == 0
        assert PERSONS in await key_counts(session)
    assert await read_all(database, ring, taken[0].case_no) == Caller(
        name="王小明", phone="13800000000", address=complaint().address
    )


async def read_all(database: Database, ring: Keyring, case_no: CaseNo) -> Caller | None:
    async with database.read() as session:
        return await read_caller(session, ring, case_no)


def test_each_sealed_column_has_one_key() -> None:
    assert all(
        sealed.key.name in {"case_no", "text_id", "person_id", "user_id", "evidence_id", "person"}
        for sealed in SEALED
    )
