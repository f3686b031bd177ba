"""Registering gives every request exactly one number, whoever retries, and nothing personal leaves the vault."""

import asyncio
import json
from datetime import timedelta

import pytest
from pydantic import ValidationError
from sqlalchemy import select, text
from store_hands import NOW, adopt, bring, complaint, first_facts, rows, submission, take_in
from unit.lives import completed

from hotline.refusals import GuardFailed, KeyReused
from hotline.vocabulary import Channel, Element, EmergencyService, Status, Urgency
from runtime.keyring import Keyring
from store import intake as store_intake
from store.engine import Database
from store.failures import DatabaseBusy
from store.intake import (
    IntakeReceipt,
    SourceNumberExists,
    mark_adopted,
    receipt_of_key,
    registration_of,
    unadopted,
)
from store.projection import NOT_BEGUN, write_on
from store.retrieval import ALPHABET, code_fits
from store.tables import metadata
from store.tables.registration import intake
from store.vault import CONTENT, IMPORTED_REPLY, TITLE, read_caller, texts_of

PERSONAL = ("王小明", "138-1234-5678", "13812345678", "滨江路8号", "夜间施工噪音", "凌晨一点", "已责令停工")


async def test_number_tells_time_and_channel_and_the_vault_has_the_rest(
    database: Database, keyring: Keyring
) -> None:
    receipt = await take_in(database, keyring, complaint(reply="已责令停工。"))
    assert receipt.case_no.startswith("260302100000" + "01")
    assert not receipt.replayed
    async with database.read() as session:
        caller = await read_caller(session, keyring, receipt.case_no)
        texts = await texts_of(session, keyring, [receipt.case_no], [TITLE, CONTENT, IMPORTED_REPLY])
        assert await registration_of(session, receipt.case_no) == receipt.registration
    request = complaint()
    assert caller == request.caller
    assert texts[receipt.case_no] == {
        TITLE: request.title,
        CONTENT: request.content,
        IMPORTED_REPLY: "已责令停工。",
    }


async def test_nothing_personal_can_be_read_in_the_database(database: Database, keyring: Keyring) -> None:
    receipt = await take_in(database, keyring, complaint(reply="已责令停工。"), submission("13812345678"))
    await adopt(database, receipt)
    async with database.read() as session:
        everything = {
            table.name: repr(await rows(session, table)) + json.dumps(await rows(session, table), default=str)
            for table in metadata.sorted_tables
        }
        sealed = [
            value
            for table in metadata.sorted_tables
            for row in await rows(session, table)
            for value in row.values()
            if isinstance(value, bytes)
        ]
    assert any("complaint" in dump for dump in everything.values()), "the rows are there"
    for secret in (*PERSONAL, receipt.retrieval_code):
        assert not [name for name, dump in everything.items() if secret in dump]
        assert not [value for value in sealed if secret.encode() in value]


async def test_same_key_and_request_bring_the_same_receipt(database: Database, keyring: Keyring) -> None:
    first = await take_in(database, keyring)
    again = await take_in(database, keyring, of=submission(at=NOW + timedelta(hours=1)))
    assert again == first.model_copy(update={"replayed": True})
    async with database.read() as session:
        assert len(await rows(session, intake)) == 1
        by_key = await receipt_of_key(session, keyring, principal="operator1", key="key-1")
    assert by_key == again


async def test_same_key_with_another_request_is_refused(database: Database, keyring: Keyring) -> None:
    await take_in(database, keyring)
    with pytest.raises(KeyReused):
        await take_in(database, keyring, complaint(caller_phone="13900000000"))
    other = await take_in(
        database, keyring, complaint(caller_phone="13900000000"), submission(principal="public:1")
    )
    assert not other.replayed


async def test_registrations_with_one_key_at_once_make_one_case(database: Database, keyring: Keyring) -> None:
    receipts = await asyncio.gather(*(take_in(database, keyring) for _ in range(6)))
    assert len({receipt.case_no for receipt in receipts}) == 1
    assert len({receipt.retrieval_code for receipt in receipts}) == 1
    assert sorted(receipt.replayed for receipt in receipts) == [False, True, True, True, True, True]


async def test_different_requests_under_one_key_at_once_make_one_case(
    database: Database, keyring: Keyring
) -> None:
    outcomes = await asyncio.gather(
        *(take_in(database, keyring, complaint(title=f"噪音之{n}")) for n in range(4)), return_exceptions=True
    )
    assert [type(outcome) for outcome in outcomes if not isinstance(outcome, IntakeReceipt)] == [
        KeyReused
    ] * 3


async def test_number_that_is_taken_is_drawn_again(
    database: Database, as_owner: Database, keyring: Keyring
) -> None:
    first = await take_in(database, keyring)
    async with as_owner.write() as session:
        await session.execute(text("SELECT setval('case_sequence', 10000)"))
    second = await take_in(database, keyring, of=submission("key-2"))
    assert (first.case_no[-4:], second.case_no[-4:]) == ("0001", "0002")


async def test_second_without_a_free_number_says_try_again(
    database: Database, as_owner: Database, keyring: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_intake, "_ATTEMPTS", 1)
    await take_in(database, keyring)
    async with as_owner.write() as session:
        await session.execute(text("SELECT setval('case_sequence', 10000)"))
    with pytest.raises(DatabaseBusy):
        await take_in(database, keyring, of=submission("key-2"))


async def test_source_number_is_taken_once(database: Database, keyring: Keyring) -> None:
    first = await take_in(database, keyring, complaint(source_number="2549"))
    with pytest.raises(SourceNumberExists) as refused:
        await take_in(database, keyring, complaint(source_number="2549"), submission("key-2"))
    assert refused.value.code == "source_number_exists"
    assert refused.value.existing == first.case_no
    assert first.case_no not in str(refused.value)
    outcomes = await asyncio.gather(
        *(
            take_in(database, keyring, complaint(source_number="2550"), submission(f"race-{n}"))
            for n in range(4)
        ),
        return_exceptions=True,
    )
    assert sum(isinstance(outcome, IntakeReceipt) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, SourceNumberExists) for outcome in outcomes) == 3


async def test_repeat_is_linked_to_the_newest_open_case(database: Database, keyring: Keyring) -> None:
    first = await take_in(database, keyring)
    second = await take_in(database, keyring, of=submission("key-2", at=NOW + timedelta(days=1)))
    third = await take_in(
        database,
        keyring,
        complaint(caller_phone="+86 138 1234 5678", title="还是噪音"),
        submission("key-3", at=NOW + timedelta(days=2)),
    )
    assert (first.registration.occurrence, first.registration.repeat_of) == (1, None)
    assert (second.registration.occurrence, second.registration.repeat_of) == (2, first.case_no)
    assert (third.registration.occurrence, third.registration.repeat_of) == (3, second.case_no)


@pytest.mark.parametrize(
    "other",
    [
        {"caller_phone": "13900000000"},
        {"caller_phone": None},
        {"category": "parking"},
        {"category": None},
        {"area": "xishan"},
        {"area": None},
    ],
)
async def test_another_caller_matter_or_place_is_no_repeat(
    database: Database, keyring: Keyring, other: dict[str, str | None]
) -> None:
    await take_in(database, keyring)
    elsewhere = await take_in(database, keyring, complaint(**other), submission("key-2"))
    again = await take_in(database, keyring, complaint(), submission("key-3"))
    assert elsewhere.registration.occurrence == 1
    assert again.registration.occurrence == 2


async def test_after_the_window_a_matter_is_new(database: Database, keyring: Keyring) -> None:
    await take_in(database, keyring)
    last_day = await take_in(database, keyring, of=submission("key-2", at=NOW + timedelta(days=90)))
    assert last_day.registration.occurrence == 2
    later = await take_in(database, keyring, of=submission("key-3", at=NOW + timedelta(days=181)))
    assert later.registration.occurrence == 1


async def test_closed_case_counts_but_is_not_linked(database: Database, keyring: Keyring) -> None:
    first = await take_in(database, keyring)
    life = completed(classification=first.registration.classification, case_no=first.case_no)
    await bring(database, life)
    second = await take_in(database, keyring, of=submission("key-2", at=NOW + timedelta(days=1)))
    assert life.state.status is Status.COMPLETED
    assert (second.registration.occurrence, second.registration.repeat_of) == (2, None)


async def test_one_caller_at_once_is_counted_one_by_one(database: Database, keyring: Keyring) -> None:
    receipts = await asyncio.gather(
        *(take_in(database, keyring, of=submission(f"key-{n}")) for n in range(4))
    )
    assert sorted(receipt.registration.occurrence for receipt in receipts) == [1, 2, 3, 4]


async def test_outbox_holds_what_no_workflow_has_taken_on(database: Database, keyring: Keyring) -> None:
    first = await take_in(database, keyring)
    second = await take_in(database, keyring, of=submission("key-2", at=NOW + timedelta(seconds=1)))
    third = await take_in(database, keyring, of=submission("key-3", at=NOW + timedelta(seconds=9)))
    await adopt(database, first)
    async with database.read() as session:
        waiting = await unadopted(session, older_than=NOW + timedelta(seconds=5))
    assert [(item.case_no, item.registration) for item in waiting] == [(second.case_no, second.registration)]
    async with database.write() as session:
        await mark_adopted(session, second.case_no, at=NOW)
        await mark_adopted(session, second.case_no, at=NOW + timedelta(days=1))
    async with database.read() as session:
        rest = await unadopted(session, older_than=NOW + timedelta(days=9))
        adopted_at = await session.scalar(
            select(intake.c.adopted_at).where(intake.c.case_no == second.case_no)
        )
    assert [item.case_no for item in rest] == [third.case_no]
    assert adopted_at == NOW
    assert (await take_in(database, keyring)).adopted


async def test_case_is_adopted_by_the_statement_that_writes_its_first_fact(
    database: Database, keyring: Keyring
) -> None:
    receipt, waits = [
        await take_in(database, keyring, complaint(category=None), submission(f"key-{n}")) for n in range(2)
    ]
    for _ in range(2):
        async with database.write_one() as session:
            written = await write_on(session, NOT_BEGUN, first_facts(receipt, at=NOW + timedelta(hours=1)))
    assert not written, "the second time they are there"
    async with database.read() as session:
        adopted = await session.scalar(select(intake.c.adopted_at).where(intake.c.case_no == receipt.case_no))
        waiting = await unadopted(session, older_than=NOW + timedelta(days=1))
    assert adopted == NOW + timedelta(hours=1)
    assert [one.case_no for one in waiting] == [waits.case_no]


async def test_retrieval_code_opens_its_own_case_only(database: Database, keyring: Keyring) -> None:
    first = await take_in(database, keyring)
    second = await take_in(database, keyring, of=submission("key-2"))
    assert set(first.retrieval_code) <= set(ALPHABET)
    async with database.read() as session:
        assert await code_fits(session, keyring, first.case_no, f" {first.retrieval_code.lower()} ")
        assert not await code_fits(session, keyring, first.case_no, second.retrieval_code)
        assert not await code_fits(session, keyring, first.case_no, "")
        assert not await code_fits(session, keyring, type(first.case_no)("0" * 18), first.retrieval_code)


async def test_clocks_start_at_registration_however_old_the_request_is(
    database: Database, keyring: Keyring
) -> None:
    raised_at = NOW - timedelta(days=2000)
    receipt = await take_in(database, keyring, complaint(raised_at=raised_at, channel=Channel.WEB))
    assert receipt.registration.registered_at == NOW
    assert receipt.case_no[:6] == "260302"


async def test_request_from_the_future_is_refused(database: Database, keyring: Keyring) -> None:
    with pytest.raises(GuardFailed) as refused:
        await take_in(database, keyring, complaint(raised_at=NOW + timedelta(days=1)))
    assert (refused.value.code, refused.value.field) == ("raised_in_future", "raised_at")


@pytest.mark.parametrize(
    ("fields", "has_contact", "missing"),
    [
        ({}, True, ()),
        ({"caller_phone": None}, False, (Element.CONTACT,)),
        ({"caller_phone": None, "anonymous": True}, False, ()),
        ({"caller_phone": None, "reachable_elsewhere": True}, True, ()),
        ({"missing": (Element.PLACE,)}, True, (Element.PLACE,)),
    ],
)
async def test_case_without_a_way_to_the_caller_says_so(
    database: Database,
    keyring: Keyring,
    fields: dict[str, object],
    has_contact: bool,
    missing: tuple[Element, ...],
) -> None:
    registration = (await take_in(database, keyring, complaint(**fields))).registration
    assert (registration.has_contact, registration.missing) == (has_contact, missing)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "  "),
        ("content", ""),
        ("content", "噪" * 20_001),
        ("caller_phone", "call me"),
        ("caller_phone", "12"),
        ("caller_phone", "1" * 21),
        ("category", "a\x00b"),
        ("category", "a b"),
        ("source_number", ""),
        ("raised_at", "2026-03-02T10:00:00"),
    ],
)
def test_bad_request_names_the_field_but_not_the_value(field: str, value: object) -> None:
    with pytest.raises(ValidationError) as refused:
        complaint(**{field: value})
    problem = refused.value.errors()[0]
    assert problem["loc"] == (field,)
    assert "input_value" not in str(refused.value)


def test_request_shows_nothing_personal() -> None:
    shown = repr(complaint(reply="已责令停工。")) + str(complaint(reply="已责令停工。"))
    assert not [secret for secret in PERSONAL if secret in shown]


def test_emergency_is_critical() -> None:
    with pytest.raises(ValidationError, match="urgency"):
        complaint(emergency=EmergencyService.FIRE)
    request = complaint(emergency=EmergencyService.FIRE, urgency=Urgency.CRITICAL)
    assert request.classification.emergency is EmergencyService.FIRE
