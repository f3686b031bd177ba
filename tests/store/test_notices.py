"""Notices: noted with the facts, told once to who may know, hidden from who may not any more, sent once per lease."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import pytest
import pytest_asyncio
from sqlalchemy import delete, func, select, update
from store_hands import bring, rows
from unit import lives
from unit.lives import HANDLER, UNIT_HEAD

from hotline import commands as c
from hotline.case import Actor
from hotline.identifiers import UserId
from hotline.notices import Notice, may_disturb_from
from hotline.vocabulary import DeliveryState, RequestType, Urgency
from store.accounts import Unit, User, put_units, put_users
from store.deliveries import (
    Message,
    backlog,
    claim,
    discard,
    give_up,
    list_deliveries,
    mark_sent,
    mute,
    muted,
    put_off,
    retry_failed,
)
from store.engine import Database
from store.erasure import forget_cases
from store.notices import Handing, InboxLine, count_unread, list_inbox, mark_read, tell
from store.projection import project, rebuild
from store.scope import visible_to
from store.tables.casework import cases
from store.tables.notices import deliveries, inbox, notices

NIGHT = lives.at("2026-03-02 22:00")
MORNING = lives.at("2026-03-03 08:30")
LEASE_FOR = timedelta(seconds=40)
STAFF = (HANDLER, UNIT_HEAD, lives.DISPATCHER, lives.SUPERVISOR, lives.handler_of(lives.OTHER_UNIT))
CRITICAL = lives.classified(RequestType.HELP, urgency=Urgency.CRITICAL)


@pytest_asyncio.fixture(autouse=True)
async def staff(database: Database) -> None:
    """Everybody of the lives in this file, as accounts."""
    async with database.write() as session:
        await put_units(session, [Unit(code=code, name=code, level="district") for code in lives.UNITS])
        people = (User(display_name="演示", **actor.model_dump()) for actor in STAFF)
        await put_users(session, people)


def by_mail(now: datetime) -> object:
    def route(notice: Notice, told: Sequence[Actor]) -> Iterable[Handing]:
        not_before = may_disturb_from(notice, now, lives.POLICY)
        return [Handing("mail", actor.user_id, not_before) for actor in told]

    return route


async def told(database: Database, now: datetime = NIGHT) -> int:
    async with database.write() as session:
        return await tell(session, by_mail(now), at=now)  # type: ignore[arg-type]  # a route


async def inbox_of(database: Database, actor: Actor) -> list[InboxLine]:
    async with database.read() as session:
        return list(await list_inbox(session, visible_to(actor), actor.user_id))


async def claimed(database: Database, now: datetime = MORNING, limit: int = 8) -> tuple[Message, ...]:
    async with database.write() as session:
        return await claim(session, "mail", now=now, lease_for=LEASE_FOR, limit=limit)


async def states(database: Database) -> list[str]:
    async with database.read() as session:
        return sorted(await session.scalars(select(deliveries.c.state)))


async def test_what_is_projected_twice_or_rebuilt_is_told_once(database: Database) -> None:
    life = lives.dispatched()
    for _ in range(2):
        await bring(database, life)
        await told(database)
    async with database.write() as session:
        await rebuild(session, life.state.case_no)
    assert await told(database) == 0
    assert len(await inbox_of(database, HANDLER)) == 1


async def test_row_that_was_lost_does_not_tell_the_past_again(database: Database) -> None:
    life = lives.dispatched()
    await bring(database, life)
    async with database.write() as session:
        await session.execute(delete(cases))
    known = len(life.facts)
    life.sleep_until(lives.at("2026-03-03 18:00"))
    async with database.write() as session:
        await project(session, life.state.case_no, life.facts[known:])
        kinds = await session.scalars(select(notices.c.kind).order_by(notices.c.seq))
    assert list(kinds).count("dispatched") == 1
    assert len(list(kinds)) > 1


async def _project_and_fail(database: Database, life: lives.Life) -> None:
    async with database.write() as session:
        await project(session, life.state.case_no, life.facts)
        raise ZeroDivisionError


async def test_transaction_that_fails_tells_nobody(database: Database) -> None:
    life = lives.dispatched()
    with pytest.raises(ZeroDivisionError):
        await _project_and_fail(database, life)
    assert await told(database) == 0


async def test_tellers_at_once_tell_each_notice_once(database: Database) -> None:
    for n in range(6):
        await bring(database, lives.dispatched(case_no=f"26030209000001000{n}"))
    assert sum(await asyncio.gather(*(told(database) for _ in range(4)))) == 6
    async with database.read() as session:
        assert await session.scalar(select(func.count()).select_from(inbox)) == 12
        assert await session.scalar(select(func.count()).select_from(deliveries)) == 12


async def test_only_who_may_know_of_the_case_is_told(database: Database) -> None:
    """A case that left the unit between the fact and its telling is none of its business any more."""
    await bring(database, lives.dispatched())
    async with database.write() as session:
        await session.execute(update(cases).values(units=[lives.OTHER_UNIT]))
    await told(database)
    async with database.read() as session:
        assert await rows(session, inbox) == []


async def test_recused_person_keeps_no_notice_and_the_others_do(database: Database) -> None:
    life = lives.in_hand().sleep_until(lives.at("2026-03-10 09:00"))
    await bring(database, life)
    await told(database)
    assert await inbox_of(database, HANDLER)
    recusal = c.Recuse(person=HANDLER.user_id, reason=lives.TEXT)
    await bring(database, life.then(recusal, lives.SUPERVISOR))
    assert await inbox_of(database, HANDLER) == []
    async with database.read() as session:
        assert await count_unread(session, visible_to(HANDLER), HANDLER.user_id) == 0
    assert await inbox_of(database, UNIT_HEAD)


async def test_read_marks_stay_and_nobody_marks_for_another(database: Database) -> None:
    await bring(database, lives.in_hand().sleep_until(lives.at("2026-03-10 09:00")))
    await told(database)
    newest, *older = await inbox_of(database, HANDLER)
    async with database.write() as session:
        mine = visible_to(HANDLER), HANDLER.user_id
        assert await mark_read(session, *mine, at=NIGHT, only=older[0].notice_id) == 1
        assert await mark_read(session, *mine, at=NIGHT, only=older[0].notice_id) == 0
        other = visible_to(lives.SUPERVISOR), lives.SUPERVISOR.user_id
        assert await mark_read(session, *other, at=NIGHT, only=newest.notice_id) is None
        assert await mark_read(session, *mine, at=NIGHT, until=older[0].at) == len(older) - 1
        assert await count_unread(session, *mine) == 1
        assert await count_unread(session, visible_to(UNIT_HEAD), UNIT_HEAD.user_id) > 1


async def test_pages_of_an_inbox_leave_out_and_repeat_nothing(database: Database) -> None:
    await bring(database, lives.in_hand().sleep_until(lives.at("2026-03-20 09:00")))
    await told(database)
    every, found, before = await inbox_of(database, HANDLER), [], None
    while True:
        async with database.read() as session:
            page = await list_inbox(session, visible_to(HANDLER), HANDLER.user_id, before=before, limit=2)
        if not page:
            break
        found += page
        before = page[-1].at, page[-1].notice_id
    assert found == every
    assert len(found) > 5


# ── outside channels ────────────────────────────────────────────────────────────────────────────


async def several(database: Database, count: int = 3) -> None:
    """Some cases of one unit, told in the evening."""
    for n in range(count):
        await bring(database, lives.dispatched(case_no=f"26030209000001000{n}"))
    await told(database)


async def test_what_waits_for_the_morning_travels_as_one_message_per_person(database: Database) -> None:
    await several(database)
    assert await claimed(database, NIGHT) == ()
    messages = await claimed(database)
    assert {message.recipient: len(message.lines) for message in messages} == {
        HANDLER.user_id: 3,
        UNIT_HEAD.user_id: 3,
    }


async def test_emergency_is_sent_at_night_alone_and_first(database: Database) -> None:
    await several(database)
    await bring(database, lives.dispatched(CRITICAL, case_no="260302090000019999"))
    await told(database)
    at_night = await claimed(database, NIGHT)
    assert {len(message.lines) for message in at_night} == {1}
    assert all("【特急】" in message.lines[0] for message in at_night)
    assert {HANDLER.user_id, UNIT_HEAD.user_id} <= {message.recipient for message in at_night}


async def test_lease_that_ran_out_brings_the_same_message_under_the_same_id(database: Database) -> None:
    """A process that died between sending and marking: nobody knows whether it was received."""
    await several(database)
    first = await claimed(database)
    assert await claimed(database) == ()
    # What comes meanwhile must not slip into a message that may have been seen without it.
    await bring(database, lives.dispatched(case_no="260302090000010009"))
    await told(database, MORNING)
    later = await claimed(database, MORNING + LEASE_FOR)
    again = [message for message in later if message.message_id in {m.message_id for m in first}]
    assert [message.model_dump(exclude={"attempts"}) for message in again] == [
        message.model_dump(exclude={"attempts"}) for message in first
    ]
    assert {message.attempts for message in again} == {2}
    assert len(later) == len(first) * 2


async def test_claims_at_once_take_each_message_once(database: Database) -> None:
    await several(database, 6)
    taken = await asyncio.gather(*(claimed(database, limit=2) for _ in range(4)))
    ids = [message.message_id for messages in taken for message in messages]
    assert len(ids) == len(set(ids))
    assert sorted(line for messages in taken for m in messages for line in m.lines) == sorted(
        line for line in [*(await _texts(database)), *(await _texts(database))]
    )


async def _texts(database: Database) -> list[str]:
    async with database.read() as session:
        return list(await session.scalars(select(notices.c.text)))


async def test_sent_failed_and_retried_deliveries_are_in_their_lists(database: Database) -> None:
    await several(database, 2)
    sent, failed = await claimed(database)
    async with database.write() as session:
        await mark_sent(session, sent.message_id, at=MORNING)
        await put_off(session, failed.message_id, "timeout", until=MORNING + timedelta(minutes=1))
    assert await claimed(database, MORNING) == ()
    [again] = await claimed(database, MORNING + timedelta(minutes=1))
    async with database.write() as session:
        await give_up(session, again.message_id, "timeout", at=MORNING)
        listed = await list_deliveries(session, state=DeliveryState.FAILED)
        assert {(line.channel, line.failure) for line in listed} == {("mail", "timeout")}
        assert len(listed) == 2
        assert (await backlog(session, now=MORNING)).failed == 2
        assert await retry_failed(session, channel="sms", at=MORNING) == 0
        assert await retry_failed(session, channel="mail", at=MORNING) == 2
    [retried] = await claimed(database)
    assert (retried.message_id, retried.lines) == (again.message_id, again.lines)
    async with database.write() as session:
        assert await discard(session, "mail", at=MORNING) == 2
    assert await states(database) == ["dropped", "dropped", "sent", "sent"]


async def test_backlog_tells_what_is_untold_due_and_retried(database: Database) -> None:
    await bring(database, lives.dispatched())
    async with database.read() as session:
        assert (await backlog(session, now=NIGHT)).untold == 1
    await told(database)
    async with database.read() as session:
        at_night, in_the_morning = [await backlog(session, now=now) for now in (NIGHT, MORNING)]
    assert (at_night.due, in_the_morning.due, in_the_morning.due_since) == (0, 2, MORNING)
    for message in await claimed(database):
        async with database.write() as session:
            await put_off(session, message.message_id, "refused", until=MORNING)
    async with database.read() as session:
        assert (await backlog(session, now=MORNING)).retrying == 2


async def test_who_was_recused_over_night_is_not_told_in_the_morning(database: Database) -> None:
    await several(database, 2)
    async with database.write() as session:
        blind = update(cases).where(cases.c.case_no == "260302090000010000")
        await session.execute(blind.values(recused=[HANDLER.user_id]))
    lines = {message.recipient: message.lines for message in await claimed(database)}
    assert len(lines[HANDLER.user_id]) == 1
    assert "260302090000010001" in lines[HANDLER.user_id][0]
    assert len(lines[UNIT_HEAD.user_id]) == 2
    assert "dropped" in await states(database)


async def test_forgotten_case_leaves_no_notice_and_the_others_still_go_out(database: Database) -> None:
    await several(database, 2)
    await claimed(database)
    async with database.write() as session:
        await forget_cases(session, ["260302090000010000"], at=MORNING)  # type: ignore[list-item]  # a number
    messages = await claimed(database, MORNING + LEASE_FOR)
    assert {m.recipient for m in messages} == {HANDLER.user_id, UNIT_HEAD.user_id}
    assert all("260302090000010000" not in line for message in messages for line in message.lines)


async def test_channel_is_turned_off_and_on_again(database: Database) -> None:
    async with database.write() as session:
        for _ in range(2):
            await mute(session, HANDLER.user_id, "mail", off=True)
        await mute(session, UserId(UNIT_HEAD.user_id), "mail", off=True)
        await mute(session, UserId(UNIT_HEAD.user_id), "mail", off=False)
        assert await muted(session) == {"mail": {HANDLER.user_id}}
