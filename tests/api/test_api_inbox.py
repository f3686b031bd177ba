"""The inbox over HTTP: what facts come to for oneself, live, marked as read, hidden when the case is; and channels."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest_asyncio
from api_doors import Browser, Doors, doors_of
from api_hands import UNIT, problem
from api_premises import migrated
from fixtures.eventually import assert_eventually
from fixtures.receivers import Webhook, webhook
from fixtures.stack import PostgresForTests
from sqlalchemy import update
from unit import lives

from hotline.case import Actor
from hotline.commands import SignFor
from hotline.identifiers import CaseNo, UnitCode, UserId
from hotline.visibility import Viewer
from hotline.vocabulary import RequestType, Role, Urgency
from store.live import InboxChange
from store.projection import project
from store.tables.casework import cases

CRITICAL = lives.classified(RequestType.HELP, urgency=Urgency.CRITICAL)
NUMBER = CaseNo("260302090000010001")


@pytest_asyncio.fixture(scope="module")
async def receiver() -> AsyncIterator[Webhook]:
    async with webhook() as receiver:
        yield receiver


@pytest_asyncio.fixture(scope="module")
async def bureau(
    postgres: PostgresForTests, tmp_path_factory: Any, receiver: Webhook
) -> AsyncIterator[Doors]:
    fresh = await postgres.create_database(prepared_by=migrated)
    folder: Path = tmp_path_factory.mktemp("bureau")
    channels = (
        f'[channels.hook]\nurl = "json://127.0.0.1:{receiver.port}/{{user}}"\nroles = ["handler"]\n'
        f'[channels.must]\nurl = "json://127.0.0.1:{receiver.port}/{{user}}"\nroles = ["unit_head"]\nmandatory = true\n'
        f'[channels.group]\nurl = "json://127.0.0.1:{receiver.port}/{{unit}}"\nroles = ["auditor"]\n'
    )
    async with doors_of(
        fresh,
        folder,
        notify_channels=channels,
        notify_interval_seconds=0.02,
        notify_retry_seconds=0.05,
        notify_attempts=2,
    ) as doors:
        yield doors


async def dispatched(bureau: Doors, number: CaseNo) -> lives.Life:
    life = lives.registered(CRITICAL, case_no=number).then(lives.dispatch(UnitCode(UNIT)), lives.DISPATCHER)
    await happen(bureau, life)
    return life


async def happen(bureau: Doors, life: lives.Life) -> None:
    async with bureau.services.database.write() as session:
        await project(session, life.state.case_no, life.facts)


async def unread_of(browser: Browser, count: int) -> None:
    async def is_told() -> None:
        assert (await browser.get("/inbox/unread")).json() == {"unread": count}

    await assert_eventually(is_told)


async def test_what_happens_is_in_the_inbox_of_whom_it_concerns_until_it_is_read(bureau: Doors) -> None:
    handler = await bureau.signed_in(Role.HANDLER, UNIT)
    foreign = await bureau.signed_in(Role.HANDLER, "U130")
    viewer = Viewer(
        actor=Actor(user_id=UserId((await handler.get("/me")).json()["user_id"]), role=Role.HANDLER)
    )
    async with bureau.services.live.subscribe(viewer) as changes:
        await dispatched(bureau, NUMBER)
        while not isinstance(await asyncio.wait_for(anext(changes), 20), InboxChange):
            pass
    await unread_of(handler, 1)
    [notice] = (await handler.get("/inbox", unread=True)).json()["items"]
    assert (notice["case_no"], notice["kind_label"], notice["urgent"]) == (NUMBER, "派单", True)
    assert notice["text"].startswith(f"【特急】工单 {NUMBER}：已派给你单位主办")
    marked = await handler.post(f"/inbox/{notice['notice_id']}/read")
    assert marked.json() == {"marked": 1}
    await unread_of(handler, 0)
    assert (await handler.get("/inbox")).json()["items"][0]["read_at"] is not None
    assert (await foreign.get("/inbox")).json()["items"] == []
    problem(await foreign.post(f"/inbox/{notice['notice_id']}/read"), 404, "notice_not_found")


async def test_everything_seen_is_marked_at_once_and_what_came_later_is_not(bureau: Doors) -> None:
    head = await bureau.signed_in(Role.UNIT_HEAD, UNIT)
    for n in range(3):
        await dispatched(bureau, CaseNo(f"26030209000002000{n}"))
    await unread_of(head, 3)
    seen = (await head.get("/inbox", limit=2)).json()
    assert len(seen["items"]) == 2
    assert len((await head.get("/inbox", limit=2, cursor=seen["next_cursor"])).json()["items"]) == 1
    assert (await head.post("/inbox/read", {"until": seen["items"][0]["at"]})).json() == {"marked": 3}
    await dispatched(bureau, CaseNo("260302090000020009"))
    await unread_of(head, 1)


async def test_notice_of_a_case_that_is_kept_from_somebody_is_gone_for_them(bureau: Doors) -> None:
    handler = await bureau.signed_in(Role.HANDLER, UNIT)
    number = CaseNo("260302090000030001")
    await dispatched(bureau, number)
    await unread_of(handler, 1)
    [notice] = (await handler.get("/inbox")).json()["items"]
    async with bureau.services.database.write() as session:
        accused = update(cases).where(cases.c.case_no == number)
        await session.execute(accused.values(accused_units=[UNIT]))
    await unread_of(handler, 0)
    assert (await handler.get("/inbox")).json()["items"] == []
    problem(await handler.post(f"/inbox/{notice['notice_id']}/read"), 404, "notice_not_found")


async def test_channels_are_turned_off_unless_they_are_mandatory_or_shared(bureau: Doors) -> None:
    handler = await bureau.signed_in(Role.HANDLER, UNIT)
    head = await bureau.signed_in(Role.UNIT_HEAD, UNIT)
    off = {"on": False}
    assert (await handler.send("PUT", "/inbox/channels/hook", off)).status_code == 204
    [mine] = (await handler.get("/inbox/channels")).json()["items"]
    assert mine == {"channel": "hook", "on": False, "mandatory": False, "shared": False}
    problem(await handler.send("PUT", "/inbox/channels/must", off), 404, "channel_not_found")
    problem(await head.send("PUT", "/inbox/channels/must", off), 422, "channel_mandatory")
    auditor = await bureau.signed_in(Role.AUDITOR)
    problem(await auditor.send("PUT", "/inbox/channels/group", off), 422, "channel_mandatory")
    assert (await handler.send("PUT", "/inbox/channels/hook", {"on": True})).status_code == 204
    assert (await handler.get("/inbox/channels")).json()["items"][0]["on"] is True


async def test_administrator_sees_what_was_given_up_and_has_it_tried_again(
    bureau: Doors, receiver: Webhook
) -> None:
    administrator = await bureau.signed_in(Role.ADMINISTRATOR)
    user = await bureau.hire(Role.HANDLER, UNIT)
    receiver.answers = [500] * 40
    number = CaseNo("260302090000040001")
    await dispatched(bureau, number)

    async def is_given_up() -> None:
        listed = (await administrator.get("/notifications/deliveries", channel="hook", limit=200)).json()
        assert {(line["case_no"], line["recipient"], line["failure"]) for line in listed["items"]} >= {
            (number, user, "refused")
        }

    async def nothing_is_under_way() -> None:
        """What is refused while others are tried again would be given up after them."""
        backlog = (await administrator.get("/notifications/backlog")).json()
        assert (backlog["untold"], backlog["due"], backlog["retrying"]) == (0, 0, 0)

    await assert_eventually(is_given_up)
    await assert_eventually(nothing_is_under_way)
    assert (await administrator.get("/notifications/backlog")).json()["failed"] >= 1
    receiver.answers = []
    await administrator.post("/notifications/retry", {})

    async def has_arrived() -> None:
        assert (f"/{user}", True) in {(path, number in body) for _, path, body in receiver.heard}
        assert (await administrator.get("/notifications/deliveries")).json()["items"] == []

    await assert_eventually(has_arrived)
    assert (await administrator.post("/notifications/discard", {"channel": "hook"})).json() == {
        "deliveries": 0
    }
    recorded = [line.event.value for line in await bureau.trail() if line.event.value.startswith("notify:")]
    assert recorded == ["notify:retried", "notify:discarded"]


async def test_who_acts_is_not_told_of_their_own_act(bureau: Doors) -> None:
    user = await bureau.hire(Role.HANDLER, UNIT)
    signer = bureau.browser(user)
    await signer.sign_in()
    number = CaseNo("260302090000050001")
    life = await dispatched(bureau, number)
    await unread_of(signer, 1)
    life.then(SignFor(), Actor(user_id=UserId(user), role=Role.HANDLER, unit=UnitCode(UNIT)))
    await happen(bureau, life)
    await unread_of(signer, 1)
