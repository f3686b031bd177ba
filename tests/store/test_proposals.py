"""联动提请: measures on one unit, of whichever cases, lead to one proposal, which a person decides on."""

import asyncio
from datetime import timedelta

import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from store_hands import bring
from unit import lives
from unit.lives import HANDLER, SECOND_SUPERVISOR, SUPERVISOR, TEXT, UNIT, UNIT_HEAD, Life

from api.screener import ScreeningKeeper
from hotline import commands as c
from hotline.identifiers import CaseNo, MeasureNo
from hotline.refusals import GuardFailed, WrongStatus
from hotline.vocabulary import AlarmCode, ProposalState
from store.engine import Database
from store.policies import ensure_default
from store.proposals import (
    Proposal,
    list_proposals,
    lock_proposal,
    proposal_of,
    rule_on_proposal,
)
from store.trail import TrailFilters, entries

NOW = lives.at("2026-03-20 10:00")
RED = c.IssueCard(unit=UNIT, card=AlarmCode.RED_CARD, person=HANDLER.user_id, reason=TEXT)
NUMBERS = [CaseNo(f"26030209000001{n:04d}") for n in range(1, 9)]
PROPOSED = f"LD202603-{UNIT}-red_cards"


def carded(case_no: CaseNo, at: str = "2026-03-02 11:00", *, appealed: bool = False) -> Life:
    life = lives.in_hand(case_no=case_no).wait_until(lives.at(at)).then(RED, SUPERVISOR)
    if appealed:
        number = MeasureNo(f"{case_no}-HP01")
        life.then(c.AppealRung(number=number, grounds=TEXT), UNIT_HEAD)
        life.then(c.DecideAppeal(number=number, upheld=True, reason=TEXT), SECOND_SUPERVISOR)
    return life


@pytest_asyncio.fixture
async def keeper(database: Database) -> ScreeningKeeper:
    async with database.write() as session:
        await ensure_default(session, at=NOW)
    return ScreeningKeeper(database)


async def proposals(database: Database, state: ProposalState | None = None) -> list[Proposal]:
    async with database.read() as session:
        return list(await list_proposals(session, state=state))


async def decide(database: Database, measure: MeasureNo | None) -> None:
    async with database.write() as session:
        await lock_proposal(session, PROPOSED)
        proposal = await proposal_of(session, PROPOSED)
        assert proposal is not None
        how = {"measure": measure, "by": SUPERVISOR, "at": NOW, "address": None}
        await rule_on_proposal(session, proposal, TEXT, **how)  # type: ignore[arg-type]  # as named


async def test_two_red_cards_of_one_unit_in_a_month_propose_an_interview_exactly_once(
    database: Database, keeper: ScreeningKeeper
) -> None:
    await bring(database, carded(NUMBERS[0]))
    await keeper.keep(NOW)
    assert await proposals(database) == []
    await bring(database, carded(NUMBERS[1]))
    await asyncio.gather(*(each.keep(NOW) for each in (keeper, ScreeningKeeper(database))))
    await keeper.keep(NOW)
    [proposal] = await proposals(database)
    assert (proposal.proposal_no, proposal.proposes, proposal.state) == (
        PROPOSED,
        AlarmCode.INTERVIEW,
        ProposalState.PENDING,
    )
    assert proposal.measures == (f"{NUMBERS[0]}-HP01", f"{NUMBERS[1]}-HP01")
    for number in NUMBERS[2:4]:
        await bring(database, carded(number))
        await keeper.keep(NOW)
    assert await proposals(database) == [proposal], "more cards of the month are known already"


async def test_cards_of_two_months_or_units_or_colours_lead_to_nothing(
    database: Database, keeper: ScreeningKeeper
) -> None:
    await bring(database, carded(NUMBERS[0], "2026-03-31 23:40"))
    await bring(database, carded(NUMBERS[1], "2026-04-01 00:05"))
    yellow = RED.model_copy(update={"card": AlarmCode.YELLOW_CARD})
    await bring(database, lives.in_hand(case_no=NUMBERS[2]).then(yellow, SUPERVISOR))
    other = lives.registered(case_no=NUMBERS[3]).then(lives.dispatch(lives.OTHER_UNIT), lives.DISPATCHER)
    foreign = RED.model_copy(update={"unit": lives.OTHER_UNIT, "person": None})
    await bring(database, other.then(foreign, SUPERVISOR))
    await keeper.keep(NOW)
    assert await proposals(database) == []


async def test_reversed_card_does_not_count_and_one_reversed_later_is_told(
    database: Database, keeper: ScreeningKeeper
) -> None:
    await bring(database, carded(NUMBERS[0], appealed=True))
    await bring(database, carded(NUMBERS[1]))
    await keeper.keep(NOW)
    assert await proposals(database) == []
    await bring(database, carded(NUMBERS[2]))
    await keeper.keep(NOW)
    [before] = await proposals(database)
    assert (before.reversed, before.still_holds) == ((), True)
    await bring(database, carded(NUMBERS[2], appealed=True))
    [after] = await proposals(database)
    assert (after.reversed, after.still_holds) == ((f"{NUMBERS[2]}-HP01",), False)


async def test_cards_that_fell_while_nobody_looked_are_counted_in_their_own_month(
    database: Database, keeper: ScreeningKeeper
) -> None:
    for number in NUMBERS[:2]:
        await bring(database, carded(number, "2026-03-31 10:00"))
    await keeper.keep(lives.at("2026-04-03 09:00"))
    assert [proposal.month for proposal in await proposals(database)] == ["2026-03"]


async def test_what_is_long_past_leads_to_nothing_any_more(
    database: Database, keeper: ScreeningKeeper
) -> None:
    for number in NUMBERS[:2]:
        await bring(database, carded(number))
    await keeper.keep(NOW + timedelta(days=200))
    assert await proposals(database) == []


async def test_two_overturned_returns_propose_a_yellow_card(
    database: Database, keeper: ScreeningKeeper
) -> None:
    for number in NUMBERS[:2]:
        life = lives.dispatched(case_no=number)
        life.then(c.ReturnCase(legal_basis=TEXT, evidence=(lives.evidence(life.now),)), HANDLER)
        await bring(database, life.then(c.RuleOnReturn(upheld=False, reason=TEXT), lives.DISPATCHER))
    await keeper.keep(NOW)
    assert [(one.rule, one.proposes) for one in await proposals(database)] == [
        ("overturned_returns", AlarmCode.YELLOW_CARD)
    ]


@pytest_asyncio.fixture
async def proposed(database: Database, keeper: ScreeningKeeper) -> Database:
    for number in NUMBERS[:2]:
        await bring(database, carded(number))
    await keeper.keep(NOW)
    return database


async def test_proposal_is_taken_up_by_the_measure_that_answers_it(proposed: Database) -> None:
    interview = c.HoldInterview(unit=UNIT, person=UNIT_HEAD.user_id, record=TEXT)
    early = lives.in_hand(case_no=NUMBERS[5]).then(interview, SUPERVISOR)
    await bring(proposed, early)
    life = lives.in_hand(case_no=NUMBERS[4]).wait_until(NOW).then(interview, SUPERVISOR)
    await bring(proposed, life)
    for wrong in (f"{NUMBERS[0]}-HP01", f"{NUMBERS[5]}-YT01", f"{NUMBERS[6]}-YT01"):
        with pytest.raises(GuardFailed):
            await decide(proposed, MeasureNo(wrong))
    await decide(proposed, MeasureNo(f"{NUMBERS[4]}-YT01"))
    [taken] = await proposals(proposed, ProposalState.TAKEN_UP)
    assert (taken.measure, taken.ruled_by) == (f"{NUMBERS[4]}-YT01", SUPERVISOR.user_id)
    with pytest.raises(WrongStatus):
        await decide(proposed, None)
    async with proposed.read() as session:
        [told] = await entries(session, TrailFilters())
    assert (told.subject, told.detail["measure"]) == (PROPOSED, f"{NUMBERS[4]}-YT01")


async def test_declined_proposal_stays_with_its_reason_and_is_not_made_again(
    proposed: Database, keeper: ScreeningKeeper
) -> None:
    await decide(proposed, None)
    await bring(proposed, carded(NUMBERS[2]))
    await keeper.keep(NOW)
    assert [one.reason for one in await proposals(proposed, ProposalState.DECLINED)] == [TEXT]
    assert await proposals(proposed, ProposalState.PENDING) == []


@pytest.mark.parametrize("table", ["supervision_proposals", "proposal_rulings"])
async def test_not_even_the_owner_changes_what_was_proposed_or_decided(
    proposed: Database, as_owner: Database, table: str
) -> None:
    await decide(proposed, None)
    with pytest.raises(DBAPIError):
        async with as_owner.write() as session:
            await session.execute(text(f"DELETE FROM {table}"))
    assert len(await proposals(proposed)) == 1
