"""A text is kept once under its id, proves itself unaltered, and goes when nobody came to use it."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text
from store_hands import NOW, OPERATOR, bring, complaint, take_in
from unit.lives import TEXT, contacted

from hotline.case import TextRef
from hotline.commands import AddFacts
from hotline.identifiers import CaseNo, TextId
from runtime.keyring import BrokenSealError, Keyring
from store.engine import Database
from store.failures import TextAltered, TextMissing
from store.projection import project
from store.tables.vault import vault_texts
from store.vault import (
    Caller,
    caller_hash,
    existing_texts,
    normal_phone,
    purge_unused_texts,
    read_caller,
    read_texts,
    store_text,
    texts_of,
)

CASE = CaseNo("260302090000010001")
OTHER = CaseNo("260302090000010002")


async def _store(
    database: Database, keyring: Keyring, text_id: str, said: str, *, case_no: CaseNo = CASE
) -> TextRef:
    async with database.write() as session:
        return await store_text(
            session,
            keyring,
            text_id=TextId(text_id),
            case_no=case_no,
            purpose="reply",
            text=said,
            at=NOW,
        )


async def test_text_comes_back_by_its_reference(database: Database, keyring: Keyring) -> None:
    ref = await _store(database, keyring, "t1", "已责令停工")
    async with database.read() as session:
        assert await read_texts(session, keyring, [ref]) == {"t1": "已责令停工"}
        assert await texts_of(session, keyring, [CASE, OTHER], ["reply"]) == {
            CASE: {"reply": "已责令停工"},
            OTHER: {},
        }
    assert ref.chars == 5


async def test_same_text_twice_is_one_and_another_under_its_id_is_refused(
    database: Database, keyring: Keyring
) -> None:
    ref = await _store(database, keyring, "t1", "已责令停工")
    assert await _store(database, keyring, "t1", "已责令停工") == ref
    with pytest.raises(TextAltered):
        await _store(database, keyring, "t1", "未停工")
    with pytest.raises(TextAltered):
        await _store(database, keyring, "t1", "已责令停工", case_no=OTHER)


async def test_equal_texts_have_unequal_digests(database: Database, keyring: Keyring) -> None:
    one = await _store(database, keyring, "t1", "已责令停工")
    other = await _store(database, keyring, "t2", "已责令停工")
    assert one.digest != other.digest


async def test_reference_to_nothing_or_to_another_text_is_told_apart(
    database: Database, keyring: Keyring
) -> None:
    ref = await _store(database, keyring, "t1", "已责令停工")
    async with database.read() as session:
        with pytest.raises(TextMissing):
            await read_texts(session, keyring, [ref, TEXT])
        with pytest.raises(TextAltered):
            await read_texts(session, keyring, [ref.model_copy(update={"digest": "0" * 64})])


async def test_sealed_values_cannot_be_moved_to_another_row(database: Database, keyring: Keyring) -> None:
    ref = await _store(database, keyring, "t1", "已责令停工")
    other = await _store(database, keyring, "t2", "未停工")
    async with database.write() as session:
        sealed = await session.scalar(select(vault_texts.c.sealed).where(vault_texts.c.text_id == "t2"))
        await session.execute(
            text("UPDATE vault_texts SET sealed = :sealed WHERE text_id = 't1'").bindparams(sealed=sealed)
        )
        assert await read_texts(session, keyring, [other]) == {"t2": "未停工"}
        with pytest.raises(BrokenSealError):
            await read_texts(session, keyring, [ref])


async def test_text_that_no_fact_uses_is_purged_and_the_others_stay(
    database: Database, keyring: Keyring
) -> None:
    used = await _store(database, keyring, "t1", "补充：昨夜又施工", case_no=CASE)
    unused = await _store(database, keyring, "t2", "被拒的指令", case_no=CASE)
    life = contacted()
    known = len(life.facts)
    await bring(database, life)
    life.then(AddFacts(text=used), OPERATOR)
    async with database.write() as session:
        await project(session, life.state.case_no, life.facts[known:])
    async with database.write() as session:
        assert await purge_unused_texts(session, before=NOW) == 0
        assert await purge_unused_texts(session, before=NOW + timedelta(seconds=1)) == 1
        both = [used.text_id, unused.text_id]
        assert await existing_texts(session, both) == {used.text_id}
        assert await existing_texts(session, []) == frozenset()


async def test_caller_comes_back_and_is_never_printed(database: Database, keyring: Keyring) -> None:
    request = complaint(caller_name="王小明", caller_phone="138 1234 5678", address=None)
    receipt = await take_in(database, keyring, request)
    async with database.read() as session:
        caller = await read_caller(session, keyring, receipt.case_no)
        assert await read_caller(session, keyring, OTHER) is None
    assert caller == Caller(name="王小明", phone="138 1234 5678", address=None)
    assert "王" not in repr(caller)


@pytest.mark.parametrize(
    "phone",
    [
        "13812345678",
        "138-1234-5678",
        "+86 138 1234 5678",
        "0086-138-1234-5678",
        "１３８１２３４５６７８",
        "8613812345678",
    ],
)
def test_one_phone_number_has_one_hash_however_it_is_written(phone: str, keyring: Keyring) -> None:
    assert normal_phone(phone) == "13812345678"
    assert caller_hash(keyring, phone) == caller_hash(keyring, "13812345678")


def test_who_leaves_no_number_has_no_hash(keyring: Keyring) -> None:
    assert caller_hash(keyring, None) is None
    assert caller_hash(keyring, " - ") is None
    assert normal_phone("0532-86123456") == "053286123456"
