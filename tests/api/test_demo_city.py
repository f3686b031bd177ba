"""The demo city on the real stack: cases stand where their rows want them, once, and the engine carries them on."""

import asyncio
import json

import pytest
from api_hands import Office
from api_premises import Premises
from fixtures.eventually import assert_eventually
from sqlalchemy import select

from commands.accounts import FILE
from commands.city.growing import grow
from commands.city.notebook import Progress, progress_of
from commands.city.plan import Plan, city_plan
from hotline.facts import AnsweredDirectly
from hotline.vocabulary import MeasureKind, Status
from store.ledger import facts_of, verify_chain
from store.seed import demo_users
from store.tables.casework import cases
from store.tables.registration import intake

ROWS = ("待受理", "会商", "挂账", "久拖不办", "待回访", "早已归档", "直接答复：社保卡")


@pytest.fixture
def plan() -> Plan:
    """One case of a few rows."""
    rows = [row.model_copy(update={"count": 1}) for row in city_plan().row if row.name in ROWS]
    return Plan(row=tuple(rows))


@pytest.fixture
def accounts(premises: Premises) -> None:
    told = {
        user.user_id: {"token": premises.tokens[user.user_id], "role": user.role.value, "unit": user.unit}
        for user in demo_users()
    }
    (premises.settings.data_dir / FILE).write_text(json.dumps(told))


@pytest.mark.usefixtures("accounts")
async def test_city_grows_once_goes_on_where_it_was_stopped_and_lives_on(
    office: Office, premises: Premises, plan: Plan
) -> None:
    stopped = asyncio.Event()

    def stop_after_two(so_far: Progress) -> None:
        if len(so_far.done) == 2:
            stopped.set()

    first = asyncio.create_task(grow(premises.settings, plan, on_progress=stop_after_two))
    await stopped.wait()
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    seen: list[int] = []
    done = await grow(premises.settings, plan, on_progress=lambda so_far: seen.append(len(so_far.done)))
    assert seen[0] == 2
    assert done.is_complete
    assert progress_of(premises.settings.data_dir) == done
    assert await grow(premises.settings, plan) == done

    stands = {}
    async with office.services.database.read() as session:
        for fate in plan.fates(done.present):
            at = fate.registered_at
            found = await session.execute(
                select(cases.c.case_no, cases.c.status, cases.c.version)
                .join(intake, intake.c.case_no == cases.c.case_no)
                .where(cases.c.registered_at == at)
            )
            [row] = found.all()
            stands[fate.row.name] = row
            assert fate.row.stands is not None
            assert row.status == fate.row.stands.value, fate.row.name
            facts = await facts_of(session, row.case_no)
            assert facts[0].at == at
            assert await verify_chain(session, row.case_no) is None

    async with office.services.database.read() as session:
        told = await facts_of(session, stands["直接答复：社保卡"].case_no)
    [answered] = [fact.body for fact in told if isinstance(fact.body, AnsweredDirectly)]
    assert answered.knowledge_id is not None

    late = stands["久拖不办"].case_no
    state = await office.services.gateway.state(late)
    assert state.version == stands["久拖不办"].version
    told = await office("supervisor1").case(late)
    assert "overdue" in told["flags"]
    kinds = {measure.kind for measure in state.measures}
    assert {MeasureKind.CARD, MeasureKind.ORDER} <= kinds
    revisited = stands["待回访"].case_no
    answer = {"contacted": True, "solved": True, "truthful": True, "satisfaction": 5}
    assert (await office("revisitor1").command(revisited, "record_revisit", answer)).is_success
    assert (await office("auditor1").case(revisited))["status"] == Status.COMPLETED.value

    async def has_ended() -> None:
        ended = await office.services.gateway.end(stands["早已归档"].case_no)
        assert ended is not None
        assert ended.status is Status.ARCHIVED

    await assert_eventually(has_ended)
