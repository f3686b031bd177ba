"""回避: who declares, orders or demands it, and what is then out of reach (domain.md §1.5, §12 rule 6)."""

from datetime import timedelta

import pytest

from hotline.actions import next_actions
from hotline.case import Actor
from hotline.commands import AddFacts, LiftRecusal, Recuse, ReportProgress, SignFor, SuspendWithPlan
from hotline.facts import PersonRecused
from hotline.identifiers import UserId
from hotline.refusals import NotPermitted, Unseen
from hotline.vocabulary import RecusalGround, Role, Status
from unit.lives import (
    ADMINISTRATOR,
    DISPATCHER,
    HANDLER,
    OPERATOR,
    OTHER_UNIT,
    REVIEWER,
    REVISITOR,
    SUPERVISOR,
    TEXT,
    UNIT_HEAD,
    Life,
    accepted,
    completed,
    contacted,
    day_of,
    dispatched,
    handler_of,
    in_hand,
    person,
    replied,
    reply,
)

AUDITOR = person("auditor-1", Role.AUDITOR)


def recuse(who: Actor) -> Recuse:
    return Recuse(person=who.user_id, reason=TEXT)


def lift(who: Actor) -> LiftRecusal:
    return LiftRecusal(person=who.user_id, reason=TEXT)


@pytest.mark.parametrize(
    ("by", "whom", "ground"),
    [
        (HANDLER, HANDLER, RecusalGround.DECLARED),
        (AUDITOR, AUDITOR, RecusalGround.DECLARED),
        (SUPERVISOR, SUPERVISOR, RecusalGround.DECLARED),
        (SUPERVISOR, HANDLER, RecusalGround.ORDERED),
        (OPERATOR, HANDLER, RecusalGround.DEMANDED),
        (DISPATCHER, UNIT_HEAD, RecusalGround.DEMANDED),
    ],
)
def test_recusal_says_how_it_came_about(by: Actor, whom: Actor, ground: RecusalGround) -> None:
    life = in_hand().then(recuse(whom), by)
    assert life.all_of(PersonRecused)[-1].ground is ground
    assert life.state.recused == (whom.user_id,)
    assert life.state.status is Status.IN_HAND


@pytest.mark.parametrize("by", [HANDLER, UNIT_HEAD, REVISITOR, ADMINISTRATOR, AUDITOR])
def test_nobody_else_recuses_another(by: Actor) -> None:
    refusal = in_hand().refusal(recuse(REVIEWER), by)
    assert isinstance(refusal, NotPermitted)
    assert refusal.code == "recusal_of_another"


def test_whoever_is_recused_can_do_nothing_and_is_told_of_no_case() -> None:
    life = in_hand()
    assert life.refusal(ReportProgress(text=TEXT), HANDLER) is None
    life.then(recuse(HANDLER), SUPERVISOR)
    refusal = life.refusal(ReportProgress(text=TEXT), HANDLER)
    assert isinstance(refusal, Unseen)
    assert refusal.code == "case_not_found"
    assert next_actions(life.state, HANDLER) == ()
    assert life.refusal(ReportProgress(text=TEXT), UNIT_HEAD) is None


def test_hotline_staff_are_recused_like_anybody() -> None:
    life = replied().then(recuse(REVIEWER), REVIEWER)
    assert life.refusal_code(accepted(), REVIEWER) == "case_not_found"
    assert life.refusal_code(accepted(), SUPERVISOR) is None


def test_recusal_is_lifted_by_supervision_alone_and_not_by_who_is_recused() -> None:
    life = in_hand().then(recuse(HANDLER), OPERATOR)
    assert life.refusal_code(lift(HANDLER), OPERATOR) == "role_not_permitted"
    assert life.refusal_code(lift(UNIT_HEAD), SUPERVISOR) == "not_recused"
    life.then(lift(HANDLER), SUPERVISOR)
    assert life.state.recused == ()
    assert life.refusal(ReportProgress(text=TEXT), HANDLER) is None
    life.then(recuse(SUPERVISOR), SUPERVISOR)
    assert life.refusal_code(lift(SUPERVISOR), SUPERVISOR) == "case_not_found"


def test_nobody_is_recused_twice() -> None:
    life = in_hand().then(recuse(HANDLER), SUPERVISOR)
    assert life.refusal_code(recuse(HANDLER), OPERATOR) == "recused_before"


def test_recusal_holds_through_reopening_and_new_dispatch() -> None:
    life = completed().then(recuse(HANDLER), SUPERVISOR)
    assert life.state.status is Status.COMPLETED
    assert life.refusal_code(SignFor(), HANDLER) == "case_not_found"


def test_unit_that_does_not_work_on_the_case_recuses_nobody() -> None:
    stranger = handler_of(OTHER_UNIT)
    assert in_hand().refusal_code(recuse(stranger), stranger) == "out_of_scope"


def test_whoever_is_recused_signs_no_reply_and_owns_no_plan() -> None:
    life = contacted().then(recuse(UNIT_HEAD), SUPERVISOR)
    refusal = life.refusal(reply(life.now), HANDLER)
    assert refusal is not None
    assert (refusal.code, refusal.field) == ("person_recused", "signer")
    assert life.refusal(reply(life.now, signer=UserId("head-2")), HANDLER) is None

    planned = contacted().then(recuse(HANDLER), SUPERVISOR)
    next_on = day_of(planned.now) + timedelta(days=3)
    plan = SuspendWithPlan(plan=TEXT, next_on=next_on, owner=HANDLER.user_id)
    assert planned.refusal_code(plan, UNIT_HEAD) == "person_recused"


def test_citizen_is_never_kept_out_of_their_own_case() -> None:
    citizen = Actor(user_id=HANDLER.user_id, role=Role.CITIZEN)
    life: Life = dispatched().then(recuse(HANDLER), SUPERVISOR)
    assert life.refusal(AddFacts(text=TEXT), citizen) is None
