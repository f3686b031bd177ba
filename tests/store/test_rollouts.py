"""The page of a rollout on a real database: refusals are noted, people's work is left alone, the overtaken stop."""

import pytest_asyncio
from store_hands import NOW, bring
from temporalio.testing import ActivityEnvironment
from unit import lives
from unit.lives import Life

from activities.rollout import Rollout
from hotline.commands import CommandEnvelope, RevisePolicy
from hotline.identifiers import CaseNo, UserId
from hotline.policy import PolicySnapshot
from hotline.refusals import NotPermitted, Refusal, StaleVersion
from hotline.vocabulary import TrailEvent
from store.engine import Database
from store.policies import ensure_default, publish
from store.rollouts import RefusedCase, RolloutReport, mark_started, order_rollout, report_of, unstarted
from store.trail import TrailFilters, entries
from workflows.contracts import PageDone, PageOrder, RolloutEnd

REVISION = "city/2"


def number(n: int) -> CaseNo:
    return CaseNo(f"26030209000001{n:04}")


class Engine:
    """Cases that decide in memory and tell the ledger; some refuse or do not answer."""

    def __init__(self, database: Database, *cases: Life) -> None:
        self.database = database
        self.cases = {life.state.case_no: life for life in cases}
        self.refusals: dict[CaseNo, Refusal] = {}
        self.away: set[CaseNo] = set()
        self.asked: list[CommandEnvelope] = []

    async def send(self, case_no: CaseNo, envelope: CommandEnvelope) -> bool:
        self.asked.append(envelope)
        if case_no in self.away:
            return False
        if case_no in self.refusals:
            raise self.refusals[case_no]
        life = self.cases[case_no]
        assert envelope.expected_version == life.state.version
        life.do(envelope.command, envelope.actor)
        await bring(self.database, life)
        return True


def revised() -> PolicySnapshot:
    """Complaints get fifteen working days instead of five; everything else stays."""
    handling = lives.POLICY.handling
    longer = handling[-1].model_copy(update={"limit": lives.POLICY.days(15)})
    return lives.POLICY.model_copy(update={"revision": REVISION, "handling": (*handling[:-1], longer)})


@pytest_asyncio.fixture
async def town(database: Database) -> Engine:
    """Three cases in hand, and a revision that has just been published."""
    cases = [lives.in_hand(case_no=number(n)) for n in (1, 2, 3)]
    async with database.write() as session:
        await ensure_default(session, at=NOW)
        await publish(session, revised(), by=UserId("administrator-2"), at=NOW)
        await order_rollout(session, REVISION, at=lives.MONDAY_MORNING)
    for life in cases:
        await bring(database, life)
    return Engine(database, *cases)


async def page(town: Engine, *, after: CaseNo | None = None, revision: str = REVISION) -> PageDone:
    rollout = Rollout(town.database, town.send)
    done = await ActivityEnvironment().run(rollout.page, PageOrder(revision=revision, after=after))
    assert isinstance(done, PageDone)
    return done


async def report(town: Engine) -> RolloutReport:
    async with town.database.read() as session:
        found = await report_of(session, REVISION)
    assert found is not None
    return found


async def test_page_brings_the_policy_to_every_case_and_the_next_finds_none(town: Engine) -> None:
    assert await page(town) == PageDone(last=number(3))
    assert await page(town) == PageDone()
    told = await report(town)
    assert (told.done, told.clocks_moved, told.left, told.refused) == (3, 3, 0, ())
    assert all(isinstance(envelope.command, RevisePolicy) for envelope in town.asked)
    assert len({envelope.command_id for envelope in town.asked}) == 3


async def test_refusal_for_good_is_noted_and_not_asked_again(town: Engine) -> None:
    town.refusals[number(2)] = NotPermitted("own_unit", "本人所在单位承办的工单，须由他人办理")
    assert await page(town) == PageDone(last=number(3))
    assert await page(town) == PageDone()
    told = await report(town)
    assert (told.done, told.left) == (2, 0)
    assert told.refused == (RefusedCase(case_no=number(2), code="own_unit"),)


async def test_case_that_is_worked_on_or_away_is_left_for_the_next_walk(town: Engine) -> None:
    town.refusals[number(1)] = StaleVersion("stale_version", "工单已更新")
    town.away.add(number(3))
    assert await page(town) == PageDone(last=number(3), left=2)
    assert (await report(town)).left == 2
    town.refusals.clear()
    town.away.clear()
    assert await page(town) == PageDone(last=number(3))
    assert (await report(town)).done == 3


async def test_revision_that_is_not_in_force_reaches_nobody(town: Engine) -> None:
    assert await page(town, revision="default/1") == PageDone(overtaken=True)
    assert town.asked == []


async def test_end_is_noted_and_recorded_once(town: Engine) -> None:
    rollout = Rollout(town.database, town.send)
    for overtaken in (False, True):
        await ActivityEnvironment().run(rollout.finish, RolloutEnd(revision=REVISION, overtaken=overtaken))
    told = await report(town)
    assert told.finished_at is not None
    assert not told.overtaken
    async with town.database.read() as session:
        lines = await entries(session, TrailFilters(event=TrailEvent.POLICY_ROLLED_OUT))
    assert [line.subject for line in lines] == [REVISION]


async def test_ordered_rollout_waits_until_the_engine_has_it(town: Engine) -> None:
    async with town.database.read() as session:
        assert await unstarted(session) == (REVISION,)
    async with town.database.write() as session:
        await mark_started(session, REVISION, at=NOW)
    async with town.database.read() as session:
        assert await unstarted(session) == ()
    assert (await report(town)).started_at == NOW


async def test_page_goes_on_after_the_last_case_of_the_one_before(town: Engine) -> None:
    assert await page(town, after=number(2)) == PageDone(last=number(3))
    assert [*{envelope.command_id for envelope in town.asked}] == [town.asked[0].command_id]
    assert (await report(town)).left == 2
