"""Who is erased cannot be read again, not even from a copy of the rows; the books still hold."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import insert, select, text, update
from store_hands import NOW, OPERATOR, adopt, complaint, rows, submission, take_in

from hotline.case import Actor
from hotline.commands import RejectCase
from hotline.decide import Context, decide
from hotline.evolve import replay
from hotline.identifiers import CaseNo, CommandId, TextId, UserId
from hotline.policy import default_policy
from hotline.privacy import ERASED
from hotline.refusals import GuardFailed
from hotline.vocabulary import RejectReason, Role
from runtime.keyring import Keyring
from runtime.signing import SigningKeys
from store.audit import audit
from store.engine import Database
from store.erasure import Subject, cases_of, erase, subject_of
from store.intake import IntakeReceipt, receipt_of_key
from store.ledger import facts_of
from store.person_export import export_person
from store.projection import project, rebuild
from store.repeats import Matter, look_up
from store.retrieval import code_fits
from store.sealing import reseal
from store.search import Search
from store.tables.casework import cases
from store.tables.registration import intake, search_entries
from store.tables.vault import vault_callers, vault_cases, vault_persons, vault_texts
from store.vault import (
    CONTENT,
    TEXT,
    TITLE,
    Caller,
    bound_to,
    caller_hash,
    read_caller,
    read_texts,
    store_text,
    text_ids_in,
    texts_of,
)

PHONE, OTHER_PHONE = "13812345678", "13900001111"
DISPATCHER = Actor(user_id=UserId("dispatcher1"), role=Role.DISPATCHER)
LATER = NOW + timedelta(hours=1)
KEYS = SigningKeys.generate()


async def closed_case(
    database: Database, keyring: Keyring, key: str, *, phone: str | None = PHONE
) -> IntakeReceipt:
    """A complaint that was not accepted, with a text of the hotline's own that quotes the caller."""
    request = complaint(caller_phone=phone, category=key)
    receipt = await take_in(database, keyring, request, submission(key))
    facts = await adopt(database, receipt)
    async with database.write() as session:
        advice = await store_text(
            session,
            keyring,
            text_id=TextId(f"advice-{key}"),
            case_no=receipt.case_no,
            purpose="advice",
            text="王小明您好，请向法院提起诉讼",
            at=NOW,
        )
    context = Context(
        now=LATER, actor=DISPATCHER, command_id=CommandId(f"reject-{key}"), policy=default_policy()
    )
    command = RejectCase(reason=RejectReason.R2, advice=advice)
    async with database.write() as session:
        await project(session, receipt.case_no, decide(replay(facts), command, context))
    return receipt


async def erase_person(database: Database, keyring: Keyring, phone: str = PHONE) -> tuple[CaseNo, ...]:
    async with database.write() as session:
        return await erase(session, keyring, await subject_of(session, keyring, phone=phone), at=LATER)


async def test_everything_of_a_person_is_gone_at_once(database: Database, keyring: Keyring) -> None:
    one, two = [await closed_case(database, keyring, key) for key in ("a", "b")]
    other = await closed_case(database, keyring, "c", phone=OTHER_PHONE)
    assert await erase_person(database, keyring) == (one.case_no, two.case_no)
    async with database.read() as session:
        for gone in (one, two):
            assert await read_caller(session, keyring, gone.case_no) is None
            texts = await texts_of(session, keyring, [gone.case_no], [TITLE, CONTENT, "advice"])
            assert set(texts[gone.case_no].values()) == {ERASED}
            facts = await facts_of(session, gone.case_no)
            refs = [fact.body.advice for fact in facts if hasattr(fact.body, "advice")]
            assert set((await read_texts(session, keyring, refs)).values()) == {ERASED}
            assert not await code_fits(session, keyring, gone.case_no, gone.retrieval_code)
        assert await read_caller(session, keyring, other.case_no) is not None
        texts = await texts_of(session, keyring, [other.case_no], [TITLE])
        assert texts[other.case_no][TITLE] == complaint().title
        left = [
            str(row)
            for table in (vault_callers, vault_persons, intake, cases)
            for row in await rows(session, table)
        ]
        known_as = caller_hash(keyring, PHONE)
        assert known_as is not None
        assert not [row for row in left if known_as in row]
        found = await session.scalars(
            select(search_entries.c.case_no).join(cases, cases.c.case_no == search_entries.c.case_no)
        )
        assert set(found) == {other.case_no}
        condition = Search.parse("施工").condition(keyring)
        assert set(await session.scalars(select(cases.c.case_no).where(condition))) == {other.case_no}


async def test_a_copy_of_the_rows_made_before_is_unreadable(database: Database, keyring: Keyring) -> None:
    receipt = await closed_case(database, keyring, "a")
    async with database.read() as session:
        kept = await rows(session, vault_texts)
        callers = await rows(session, vault_callers)
    await erase_person(database, keyring)
    async with database.write() as session:
        await session.execute(text("DELETE FROM vault_texts"))
        await session.execute(text("DELETE FROM vault_callers"))
        await session.execute(insert(vault_texts), kept)
        await session.execute(insert(vault_callers), callers)
    async with database.read() as session:
        texts = await texts_of(session, keyring, [receipt.case_no], [TITLE, CONTENT, "advice"])
        assert set(texts[receipt.case_no].values()) == {ERASED}
        assert await read_caller(session, keyring, receipt.case_no) == Caller()


async def test_rows_from_before_people_had_keys_are_erased_too(database: Database, keyring: Keyring) -> None:
    receipt = await closed_case(database, keyring, "a")
    text_id = f"{receipt.case_no}-{TITLE}"
    async with database.write() as session:
        sealed = keyring.seal(TEXT, "旧".encode(), bound_to(receipt.case_no, text_id))
        await session.execute(
            update(vault_texts).where(vault_texts.c.text_id == text_id).values(sealed=sealed)
        )
        await session.execute(text("DELETE FROM vault_cases"))
        await session.execute(text("DELETE FROM vault_persons"))
    assert await erase_person(database, keyring) == (receipt.case_no,)
    async with database.read() as session:
        texts = await texts_of(session, keyring, [receipt.case_no], [TITLE])
    assert texts[receipt.case_no][TITLE] == ERASED


async def test_the_ledger_stays_and_the_audit_has_no_finding(database: Database, keyring: Keyring) -> None:
    receipt = await closed_case(database, keyring, "a")
    async with database.read() as session:
        before = await facts_of(session, receipt.case_no)
    await erase_person(database, keyring)
    async with database.write() as session:
        assert await facts_of(session, receipt.case_no) == before
        assert text_ids_in(before)
        await rebuild(session, receipt.case_no)
        assert await session.scalar(select(cases.c.caller_hash)) is None
    found = audit(database, now=LATER, grace_for=timedelta(minutes=5), verify=KEYS.verify)
    assert [finding async for finding in found] == []


@pytest.mark.parametrize("adopted", [True, False])
async def test_nobody_is_erased_while_a_case_of_theirs_is_open(
    database: Database, keyring: Keyring, adopted: bool
) -> None:
    await closed_case(database, keyring, "a")
    second = await take_in(database, keyring, complaint(caller_phone=PHONE), submission("b"))
    if adopted:
        await adopt(database, second)
    with pytest.raises(GuardFailed) as refused:
        await erase_person(database, keyring)
    assert (refused.value.code, refused.value.rule) == ("person_has_open_case", "个人信息保护法 art. 47")
    async with database.read() as session:
        assert await read_caller(session, keyring, second.case_no) is not None


async def test_who_calls_again_after_being_erased_is_somebody_new(
    database: Database, keyring: Keyring
) -> None:
    first = await closed_case(database, keyring, "a")
    await erase_person(database, keyring)
    again = await take_in(database, keyring, complaint(caller_phone=PHONE, category="a"), submission("a"))
    assert again.case_no != first.case_no
    assert (again.registration.occurrence, again.registration.repeat_of) == (1, None)
    async with database.write() as session:
        assert await read_caller(session, keyring, first.case_no) is None
        assert (await read_caller(session, keyring, again.case_no)) is not None
        matter = Matter(caller_hash(keyring, PHONE), "a", "donghu")
        assert (await look_up(session, keyring, matter, at=NOW, window_for=timedelta(90))).occurrence == 2
        assert await receipt_of_key(session, keyring, principal=OPERATOR.user_id, key="a") is not None


async def test_erasing_and_calling_at_once_lose_nothing(database: Database, keyring: Keyring) -> None:
    """Either the new case is seen and nobody is erased, or it is of somebody new and whole."""
    for number in range(6):
        phone = f"1370000000{number}"
        old = await closed_case(database, keyring, f"old-{number}", phone=phone)
        new, erased = await asyncio.gather(
            take_in(database, keyring, complaint(caller_phone=phone), submission(f"new-{number}")),
            erase_person(database, keyring, phone),
            return_exceptions=True,
        )
        assert isinstance(new, IntakeReceipt)
        async with database.read() as session:
            assert (await read_caller(session, keyring, new.case_no)) is not None
            texts = await texts_of(session, keyring, [new.case_no], [TITLE])
            assert texts[new.case_no][TITLE] == complaint().title
            old_caller = await read_caller(session, keyring, old.case_no)
        if isinstance(erased, GuardFailed):
            assert old_caller is not None
        else:
            assert erased == (old.case_no,)
            assert old_caller is None


async def test_what_is_written_about_an_erased_case_is_of_a_person_of_its_own(
    database: Database, keyring: Keyring
) -> None:
    receipt = await closed_case(database, keyring, "a")
    await erase_person(database, keyring)
    async with database.write() as session:
        ref = await store_text(
            session,
            keyring,
            text_id=TextId("later"),
            case_no=receipt.case_no,
            purpose="reason",
            text="依申请删除",
            at=LATER,
        )
        assert await read_texts(session, keyring, [ref]) == {"later": "依申请删除"}
        texts = await texts_of(session, keyring, [receipt.case_no], [TITLE])
    assert texts[receipt.case_no][TITLE] == ERASED


async def test_a_caller_without_a_number_is_erased_by_their_case(
    database: Database, keyring: Keyring
) -> None:
    one, two = [await closed_case(database, keyring, key, phone=None) for key in ("a", "b")]
    async with database.write() as session:
        subject = await subject_of(session, keyring, case_no=one.case_no)
        assert subject == Subject(None, one.case_no)
        assert await erase(session, keyring, subject, at=LATER) == (one.case_no,)
        assert await cases_of(session, subject) == ()
        assert await read_caller(session, keyring, one.case_no) is None
        assert await read_caller(session, keyring, two.case_no) is not None


async def test_a_case_leads_to_all_cases_of_its_caller(database: Database, keyring: Keyring) -> None:
    one, two = [await closed_case(database, keyring, key) for key in ("a", "b")]
    async with database.read() as session:
        subject = await subject_of(session, keyring, case_no=two.case_no)
        assert await cases_of(session, subject) == (one.case_no, two.case_no)


async def test_a_rotation_leaves_the_erased_alone(database: Database, keyring: Keyring) -> None:
    await closed_case(database, keyring, "a")
    await erase_person(database, keyring)
    assert await reseal(database, keyring, "another", at=LATER, on_page=lambda _: None) == 0
    async with database.read() as session:
        persons = await rows(session, vault_persons)
        assert [(row["sealed_key"], row["phone_hash"]) for row in persons] == [(None, None)]
        assert len(await rows(session, vault_cases)) == 1


async def test_an_export_has_everything_that_is_held(database: Database, keyring: Keyring) -> None:
    receipt = await closed_case(database, keyring, "a")
    await closed_case(database, keyring, "b", phone=OTHER_PHONE)
    async with database.read() as session:
        subject = await subject_of(session, keyring, phone="+86 138-1234-5678")
        exported = await export_person(session, keyring, subject, at=LATER)
    (kept,) = exported.cases
    assert (kept.case_no, kept.name, kept.phone) == (receipt.case_no, "王小明", PHONE)
    assert {text.purpose: text.text for text in kept.texts} == {
        TITLE: complaint().title,
        CONTENT: complaint().content,
        "advice": "王小明您好，请向法院提起诉讼",
    }
    assert "王小明" not in repr(exported)
