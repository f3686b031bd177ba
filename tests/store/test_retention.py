"""Nothing is kept beyond its term, nothing goes before it, and one process at a time sees to it."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select, text, update
from store_hands import NOW, adopt, complaint, submission, take_in

from api.retention import RetentionKeeper, apply_retention
from hotline.identifiers import CaseNo, TextId
from hotline.policy import Retention, default_policy
from hotline.privacy import ERASED
from hotline.vocabulary import TrailEvent
from runtime.keyring import Keyring
from store.engine import Database
from store.retention import Swept, due, sweep
from store.tables.casework import cases
from store.tables.vault import vault_persons
from store.trail import TrailFilters, entries
from store.vault import TITLE, Caller, read_caller, store_text, texts_of

TERMS = Retention()
PHONE = "13812345678"


def after(days: int) -> datetime:
    return NOW + timedelta(days=days, seconds=1)


async def archived_case(
    database: Database, keyring: Keyring, key: str = "a", status: str = "archived"
) -> CaseNo:
    receipt = await take_in(
        database, keyring, complaint(caller_phone=PHONE, category=key), submission(f"key-{key}")
    )
    await adopt(database, receipt)
    async with database.write() as session:
        await session.execute(
            update(cases).where(cases.c.case_no == receipt.case_no).values(status=status, closed_at=NOW)
        )
    return receipt.case_no


async def kept(database: Database, keyring: Keyring, case_no: CaseNo) -> tuple[Caller | None, str, int]:
    """The caller, the title, and how many keys there are."""
    async with database.read() as session:
        texts = await texts_of(session, keyring, [case_no], [TITLE])
        live = vault_persons.c.sealed_key.is_not(None)
        keys = await session.scalar(select(func.count()).select_from(vault_persons).where(live))
        return await read_caller(session, keyring, case_no), texts[case_no][TITLE], keys


async def test_a_caller_goes_before_what_they_said_and_the_key_goes_last(
    database: Database, keyring: Keyring
) -> None:
    number = await archived_case(database, keyring)
    caller, title = complaint(caller_phone=PHONE).caller, complaint().title
    assert await apply_retention(database, now=after(TERMS.caller_days - 1)) == Swept()
    assert await kept(database, keyring, number) == (caller, title, 1)
    assert await apply_retention(database, now=after(TERMS.caller_days)) == Swept(callers=1)
    assert await kept(database, keyring, number) == (None, title, 1)
    assert await apply_retention(database, now=after(TERMS.closed_case_days - 1)) == Swept()
    assert await apply_retention(database, now=after(TERMS.closed_case_days)) == Swept(cases=1, keys=1)
    assert await kept(database, keyring, number) == (None, ERASED, 0)
    assert await apply_retention(database, now=after(TERMS.closed_case_days)) == Swept()


async def test_a_key_stays_while_another_case_of_the_person_needs_it(
    database: Database, keyring: Keyring
) -> None:
    old = await archived_case(database, keyring, "a")
    young = await archived_case(database, keyring, "b", status="completed")
    await apply_retention(database, now=after(TERMS.closed_case_days))
    assert (await kept(database, keyring, old))[:2] == (None, ERASED)
    assert (await kept(database, keyring, young))[1] == complaint().title


async def test_a_case_that_is_not_archived_keeps_everything(database: Database, keyring: Keyring) -> None:
    number = await archived_case(database, keyring, status="completed")
    assert await apply_retention(database, now=after(TERMS.closed_case_days)) == Swept()
    assert (await kept(database, keyring, number))[0] is not None


async def test_a_text_that_nobody_used_goes_after_days(database: Database, keyring: Keyring) -> None:
    async with database.write() as session:
        await store_text(
            session,
            keyring,
            text_id=TextId("refused"),
            case_no=CaseNo("260302090000010001"),
            purpose="reply",
            text="被拒的指令",
            at=NOW,
        )
    assert await apply_retention(database, now=after(TERMS.unused_text_days - 1)) == Swept()
    assert await apply_retention(database, now=after(TERMS.unused_text_days)) == Swept(texts=1)


async def test_a_dry_run_counts_and_erases_nothing(database: Database, keyring: Keyring) -> None:
    number = await archived_case(database, keyring)
    async with database.read() as session:
        found = await due(session, default_policy().retention, now=after(TERMS.closed_case_days))
    assert found == Swept(callers=1, cases=1)
    assert (await kept(database, keyring, number))[0] is not None


async def test_what_was_erased_is_recorded_and_nothing_is_when_nothing_was(
    database: Database, keyring: Keyring
) -> None:
    await archived_case(database, keyring)
    await apply_retention(database, now=after(1))
    await RetentionKeeper(database).keep(after(TERMS.caller_days))
    async with database.read() as session:
        (line,) = await entries(session, TrailFilters(event=TrailEvent.RETENTION_APPLIED))
    assert line.detail == {"texts": 0, "callers": 1, "cases": 0, "keys": 0}


async def test_two_processes_do_not_sweep_at_once(database: Database, keyring: Keyring) -> None:
    await archived_case(database, keyring)
    async with database.write() as first, database.write() as second:
        assert await sweep(first, TERMS, now=after(TERMS.caller_days)) == Swept(callers=1)
        assert await sweep(second, TERMS, now=after(TERMS.caller_days)) is None


async def test_many_cases_go_batch_by_batch(
    database: Database, keyring: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("store.retention", "api.retention"):
        monkeypatch.setattr(f"{module}.BATCH", 2)
    for key in "abcde":
        await archived_case(database, keyring, key)
    swept = await apply_retention(database, now=after(TERMS.closed_case_days))
    assert (swept.cases, swept.keys) == (5, 1)
    async with database.read() as session:
        assert await session.scalar(text("SELECT count(*) FROM vault_texts WHERE erased_at IS NULL")) == 0
