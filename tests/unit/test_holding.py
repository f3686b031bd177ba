"""时长台账: every second of an open case belongs to one unit and one cause, and the totals are its age."""

from datetime import timedelta

import pytest

from hotline.case import CaseState
from hotline.commands import (
    AnswerDirectly,
    RecordLookBack,
    ReopenCase,
    Resume,
    SignFor,
    SuspendWithPlan,
)
from hotline.holding import holdings_at, owner_of
from hotline.identifiers import HOTLINE, UnitCode
from hotline.vocabulary import OPEN, Cause, Element, Status
from unit.lives import (
    DISPATCHER,
    FAVOURABLE,
    HANDLER,
    OPERATOR,
    REVIEWER,
    REVISITOR,
    TEXT,
    UNIT,
    UNIT_HEAD,
    Life,
    Stage,
    accepted,
    awaiting_revisit,
    completed,
    contact,
    day_of,
    dispatch,
    dispatched,
    in_hand,
    registered,
    replied,
    reply,
    reworking,
    reworks_used_up,
    unreached,
)

HOUR = timedelta(hours=1)


def ledger(life: Life) -> dict[tuple[UnitCode, Cause], timedelta]:
    return {(line.holder, line.cause): line.held_for for line in holdings_at(life.state, life.now)}


def test_ledger_tells_a_whole_life() -> None:
    life = registered().then(dispatch(), DISPATCHER, after=1 * HOUR).then(SignFor(), HANDLER, after=2 * HOUR)
    life.then(contact(life.now), HANDLER, after=timedelta(0))
    life.then(reply(life.now), HANDLER, after=3 * HOUR).then(accepted(), REVIEWER, after=4 * HOUR)
    life.then(FAVOURABLE, REVISITOR, after=5 * HOUR)
    assert ledger(life) == {
        (HOTLINE, Cause.INTAKE): 1 * HOUR,
        (UNIT, Cause.SIGNATURE): 2 * HOUR,
        (UNIT, Cause.HANDLING): 3 * HOUR,
        (HOTLINE, Cause.REVIEW): 4 * HOUR,
        (HOTLINE, Cause.REVISIT): 5 * HOUR,
    }


def test_span_that_runs_still_counts_up_to_the_instant_asked() -> None:
    life = dispatched().wait(5 * HOUR)
    assert ledger(life) == {(HOTLINE, Cause.INTAKE): timedelta(0), (UNIT, Cause.SIGNATURE): 5 * HOUR}


def test_spans_of_one_unit_and_cause_are_one_line() -> None:
    life = in_hand()
    life.then(contact(life.now), HANDLER)
    before = ledger(life)[UNIT, Cause.HANDLING]
    plan = SuspendWithPlan(plan=TEXT, next_on=day_of(life.now) + timedelta(days=3), owner=UNIT_HEAD.user_id)
    life.then(plan, UNIT_HEAD, after=timedelta(0)).then(Resume(reason=TEXT), HANDLER, after=HOUR)
    life.wait(2 * HOUR)
    assert ledger(life)[UNIT, Cause.HANDLING] == before + 2 * HOUR
    assert ledger(life)[UNIT, Cause.PLAN] == HOUR


def test_waiting_for_the_citizen_is_told_apart() -> None:
    life = registered(missing=(Element.PLACE,)).wait(HOUR)
    assert ledger(life) == {(HOTLINE, Cause.AWAITING_CALLER): HOUR}


def test_nobody_holds_a_closed_case_and_it_does_not_age() -> None:
    life = completed()
    closed = ledger(life)
    life.wait(100 * HOUR)
    assert ledger(life) == closed
    assert (owner_of(life.state), life.state.possession) == (None, None)


def test_reopened_case_ages_from_its_reopening() -> None:
    life = registered().then(AnswerDirectly(answer=TEXT), OPERATOR, after=HOUR)
    life.then(ReopenCase(new_facts=TEXT), DISPATCHER, after=50 * HOUR).wait(2 * HOUR)
    assert ledger(life) == {(HOTLINE, Cause.INTAKE): HOUR, (HOTLINE, Cause.DISPATCH): 2 * HOUR}


def test_look_back_that_holds_leaves_the_ledger_alone() -> None:
    life = completed()
    before = life.state.holdings
    assert life.then(RecordLookBack(holds=True, finding=TEXT), REVISITOR).state.holdings == before


@pytest.mark.parametrize(
    ("start", "owner"),
    [
        (registered, HOTLINE),
        (dispatched, UNIT),
        (in_hand, UNIT),
        (replied, HOTLINE),
        (awaiting_revisit, HOTLINE),
        (unreached, HOTLINE),
        (reworking, UNIT),
        (reworks_used_up, HOTLINE),
        (completed, None),
    ],
)
def test_case_has_the_owner_of_its_status(start: Stage, owner: UnitCode | None) -> None:
    assert owner_of(start().state) == owner


@pytest.mark.parametrize("status", Status)
def test_every_open_status_has_an_owner_and_no_closed_one_has(status: Status) -> None:
    state: CaseState = in_hand().state.model_copy(update={"status": status})
    assert (owner_of(state) is not None) == (status in OPEN)
