"""The notice keeper against receivers that fail, hang and repeat: each message arrives, and by its id only once."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from api_premises import migrated
from fixtures.eventually import assert_eventually
from fixtures.receivers import Webhook, mail_server, webhook
from fixtures.stack import PostgresForTests
from sqlalchemy import select
from unit import lives
from unit.lives import HANDLER, UNIT, UNIT_HEAD

from api.notifying import AT_ONCE, LONGEST_PAUSE, NoticeKeeper, pause_before
from api.policies import PolicyShelf
from hotline.identifiers import CaseNo, DeliveryId, UserId
from hotline.vocabulary import RequestType, Urgency
from runtime.channels import ChannelsError, Outside, channels_of
from runtime.settings import Settings
from store.accounts import Unit, User, put_units, put_users
from store.deliveries import mute
from store.engine import Database, PoolSettings
from store.projection import project
from store.tables.notices import deliveries

CRITICAL = lives.classified(RequestType.HELP, urgency=Urgency.CRITICAL)
PEOPLE = (HANDLER, UNIT_HEAD, lives.DISPATCHER, lives.SUPERVISOR)
PATIENT_SECONDS, IMPATIENT_SECONDS = 20, 0.5
"""How long a receiver may take: longer than a busy machine does, or shorter than one that hangs."""


class Ticking:
    """The clock of this machine, which a test may put forward."""

    def __init__(self) -> None:
        self.ahead_by = timedelta(0)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead_by


@dataclass
class Bureau:
    """A database with the people of the lives, and keepers that tell them things."""

    database: Database
    clock: Ticking
    cases: int = 0

    def keeper(self, channels: str, **chosen: Any) -> NoticeKeeper:
        settings = Settings(
            notify_channels=channels,
            **{
                "notify_interval_seconds": 0.02,
                "notify_retry_seconds": 0.05,
                "notify_timeout_seconds": PATIENT_SECONDS,
                **chosen,
            },
        )
        within = timedelta(seconds=settings.notify_timeout_seconds)
        outside = Outside(channels_of(settings), answer_within=within)
        return NoticeKeeper(self.database, outside, PolicyShelf(self.database), settings, self.clock.now)

    async def happen(self, count: int = 1) -> list[str]:
        """Emergencies that are dispatched to the unit: each is told to its handler and its head at once."""
        numbers = []
        for _ in range(count):
            self.cases += 1
            numbers.append(f"2603020900000{self.cases:05}")
            life = lives.dispatched(CRITICAL, case_no=CaseNo(numbers[-1]))
            async with self.database.write() as session:
                await project(session, life.state.case_no, life.facts)
        return numbers

    async def states(self) -> list[str]:
        async with self.database.read() as session:
            return sorted(await session.scalars(select(deliveries.c.state)))


@pytest_asyncio.fixture
async def bureau(postgres: PostgresForTests) -> AsyncIterator[Bureau]:
    fresh = await postgres.create_database(prepared_by=migrated)
    database = Database.connect(fresh.url, PoolSettings(size=6))
    async with database.write() as session:
        await put_units(session, [Unit(code=UNIT, name="城管局", level="district")])
        await put_users(session, [User(display_name="演示", **actor.model_dump()) for actor in PEOPLE])
    yield Bureau(database, Ticking())
    await database.close()


@pytest_asyncio.fixture
async def receiver() -> AsyncIterator[Webhook]:
    async with webhook() as receiver:
        yield receiver


def hook(port: int, *, name: str = "hook", **fields: str) -> str:
    told = {"roles": '["handler", "unit_head"]', **fields}
    lines = "\n".join(f"{key} = {value}" for key, value in told.items())
    return f'[channels.{name}]\nurl = "json://127.0.0.1:{port}/{{user}}"\n{lines}\n'


@asynccontextmanager
async def kept(keeper: NoticeKeeper, until: Callable[[], bool]) -> AsyncIterator[None]:
    """Run a keeper until something holds; what was done before is in place then."""
    async with keeper:
        yield

        async def holds() -> None:
            assert until()

        await assert_eventually(holds)


async def settled(bureau: Bureau, count: int) -> None:
    """Return once so many notices were to be sent and all of them are sent."""

    async def is_settled() -> None:
        assert await bureau.states() == ["sent"] * count

    await assert_eventually(is_settled)


async def test_each_notice_arrives_and_by_its_id_once_at_a_receiver_that_fails_and_repeats(
    bureau: Bureau, receiver: Webhook
) -> None:
    receiver.answers = [500, 1000, 503, 200, 1000, 404, 500]

    def keeper() -> NoticeKeeper:
        return bureau.keeper(hook(receiver.port), notify_timeout_seconds=IMPATIENT_SECONDS)

    async with keeper(), keeper():
        numbers = await bureau.happen(5)
        await settled(bureau, 5 * 2)
    assert len(receiver.ids) > len(set(receiver.ids)) == 5 * 2, "two were taken without an answer"
    for number in numbers:
        assert sum(number in line for line in receiver.lines()) == 2


async def test_crash_between_sending_and_marking_sends_again_under_the_same_id(
    bureau: Bureau, receiver: Webhook
) -> None:
    await bureau.happen()
    dying, surviving = bureau.keeper(hook(receiver.port)), bureau.keeper(hook(receiver.port))
    await dying.tell()
    messages = await dying.take("hook")
    for message in messages:
        await dying._outside.send("hook", message.recipient, message.message_id, message.lines)
    assert await surviving.take("hook") == (), "the lease of the dead one still runs"
    bureau.clock.ahead_by += timedelta(minutes=1)
    for message in await surviving.take("hook"):
        await surviving.deliver(message)
    assert sorted(receiver.ids) == sorted([m.message_id for m in messages] * 2)
    assert len(receiver.lines()) == len(messages)
    assert set(await bureau.states()) == {"sent"}


async def test_receiver_that_hangs_holds_up_nobody_else(bureau: Bureau, receiver: Webhook) -> None:
    async with webhook() as stuck:
        stuck.hangs.clear()
        channels = hook(stuck.port, name="stuck") + hook(receiver.port, name="well")
        count = AT_ONCE * 2
        keeper = bureau.keeper(channels, notify_timeout_seconds=IMPATIENT_SECONDS)
        async with kept(keeper, lambda: len(receiver.ids) == count * 2):
            await bureau.happen(count)
        assert stuck.heard == []
        stuck.hangs.set()
        async with bureau.keeper(channels):
            bureau.clock.ahead_by += timedelta(minutes=2)
            await settled(bureau, count * 4)
    assert len(set(stuck.ids)) == count * 2


async def test_what_is_given_up_stays_visible_and_can_be_tried_again(
    bureau: Bureau, receiver: Webhook
) -> None:
    receiver.answers = [500] * 20
    keeper = bureau.keeper(hook(receiver.port, roles='["handler"]'), notify_attempts=3)
    await bureau.happen()
    await keeper.tell()
    for _ in range(3):
        for message in await keeper.take("hook"):
            await keeper.deliver(message)
        bureau.clock.ahead_by += timedelta(minutes=1)
    assert set(await bureau.states()) == {"failed"}
    assert await keeper.take("hook") == ()


async def test_mail_carries_the_id_and_a_refused_address_is_no_reason_to_leave_out_the_others(
    bureau: Bureau,
) -> None:
    async with mail_server() as (port, post):
        post.refuses = {f"{HANDLER.user_id}@gov.test"}
        url = f"mailto://127.0.0.1:{port}/?from=hotline@gov.test&to={{user}}@gov.test&mode=insecure"
        keeper = bureau.keeper(f'[channels.mail]\nurl = "{url}"\nroles = ["handler", "unit_head"]\n')
        await bureau.happen()
        await keeper.tell()
        messages = {message.recipient: message for message in await keeper.take("mail")}
        await asyncio.gather(*(keeper.deliver(message) for message in messages.values()))
        [*heads] = (mail for address, mail in post.mails if address == f"{UNIT_HEAD.user_id}@gov.test")
        assert [mail["X-Hotline-Notification"] for mail in heads] == [messages[UNIT_HEAD.user_id].message_id]
        assert set(await bureau.states()) == {"sent", "waiting"}


async def test_channel_goes_to_whom_it_is_for_and_wants_it(bureau: Bureau, receiver: Webhook) -> None:
    channels = (
        hook(receiver.port, name="own", roles='["handler", "unit_head"]')
        + hook(receiver.port, name="must", roles='["handler"]', mandatory="true")
        + f'[channels.unit]\nurl = "json://127.0.0.1:{receiver.port}/unit/{{unit}}"\n'
        + f'[channels.desk]\nurl = "json://127.0.0.1:{receiver.port}/desk"\nroles = ["dispatcher"]\n'
        + hook(receiver.port, name="rungs", kinds='["rung"]')
    )
    async with bureau.database.write() as session:
        for name in ("own", "must"):
            await mute(session, UserId(HANDLER.user_id), name, off=True)
    async with bureau.keeper(channels):
        await bureau.happen()
        await settled(bureau, 4)
    paths = sorted(path for _, path, _ in receiver.heard)
    assert paths == sorted(
        [
            f"/{UNIT_HEAD.user_id}",  # own: the handler has turned it off
            f"/{HANDLER.user_id}",  # must: which nobody can
            f"/unit/{UNIT}",
            "/desk",
        ]
    )


async def test_nothing_personal_and_no_address_is_sent_or_logged(
    bureau: Bureau, receiver: Webhook, log_file: Path
) -> None:
    planted = "planted-password-of-the-gateway"
    receiver.answers = [500]
    url = f"json://hotline:{planted}@127.0.0.1:{receiver.port}/{{user}}"
    keeper = bureau.keeper(f'[channels.hook]\nurl = "{url}"\nroles = ["handler"]\n')
    async with keeper:
        numbers = await bureau.happen()
        await settled(bureau, 1)
    logged = await asyncio.to_thread(log_file.read_text, encoding="utf-8")
    assert "notify.failed" in logged
    assert planted not in logged
    bodies = [body for _, _, body in receiver.heard]
    known = {
        "请登录热线系统，按工单编号查看办理。",
        *(f"通知编号：{message_id}" for message_id in receiver.ids),
    }
    for body in bodies:
        told, *rest = body.splitlines()
        assert told.startswith(f"【特急】工单 {numbers[0]}：")
        assert set(rest) <= known
        assert HANDLER.user_id not in body


async def test_bug_in_one_turn_is_logged_and_the_next_turn_tells(
    bureau: Bureau, receiver: Webhook, log_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper = bureau.keeper(hook(receiver.port))
    tell, bugs = keeper.tell, iter([True])

    async def stumbling() -> int:
        if next(bugs, False):
            raise ZeroDivisionError
        return await tell()

    monkeypatch.setattr(keeper, "tell", stumbling)
    async with keeper:
        await bureau.happen()
        await settled(bureau, 2)
    assert "notify.loop_failed" in await asyncio.to_thread(log_file.read_text, encoding="utf-8")


async def test_channels_at_once_wait_apart_and_no_longer_than_an_hour() -> None:
    first = timedelta(seconds=30)
    pauses = [pause_before(DeliveryId(f"{n}"), attempts, first) for n in range(20) for attempts in (1, 4)]
    assert len(set(pauses)) == 40
    assert min(pauses) >= first
    assert first * 8 <= pause_before(DeliveryId("x"), 4, first) <= first * 10
    assert LONGEST_PAUSE <= pause_before(DeliveryId("x"), 5000, first) <= LONGEST_PAUSE * 1.25


@pytest.mark.parametrize(
    ("document", "fault"),
    [
        ("[channels.x]\n", "channels.x.url"),
        ('[channels.x]\nurl = "nosuch://planted-secret"\nroles = ["handler"]', "channels.x.url"),
        ('[channels.x]\nurl = "json://h/{phone}"', "channels.x.url"),
        ('[channels.x]\nurl = "json://h/planted-secret"', "channels.x"),
        ('[channels.x]\nurl = "json://h/{user}"\nroles = ["nobody"]', "channels.x.roles"),
        ("channels = planted-secret", "not TOML"),
    ],
)
def test_document_that_is_wrong_is_refused_without_telling_addresses(document: str, fault: str) -> None:
    with pytest.raises(ChannelsError, match=fault) as refused:
        channels_of(Settings(notify_channels=document))
    assert "planted-secret" not in str(refused.value)
