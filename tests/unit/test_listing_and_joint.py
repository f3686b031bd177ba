"""挂牌督办, 室组地联动, 退单记分: a list with a date and an end, parts with own dates and one closure, points for returns."""

from datetime import date, timedelta

import pytest

from hotline import commands as c
from hotline.actions import next_actions
from hotline.case import Actor
from hotline.evolve import replay
from hotline.facts import AppealDecided, ClockStopped, JointClosed, MeasureIssued
from hotline.identifiers import UserId
from hotline.policy import Points
from hotline.vocabulary import AlarmCode, ClockKind, JointParty, MeasureKind, Role, StopReason
from unit.lives import (
    DISPATCHER,
    FAVOURABLE,
    HANDLER,
    NUMBER,
    OTHER_UNIT,
    POLICY,
    REVIEWER,
    REVISITOR,
    SECOND_SUPERVISOR,
    SUPERVISOR,
    TEXT,
    UNIT,
    UNIT_HEAD,
    Life,
    accepted,
    contacted,
    dispatch,
    dispatched,
    evidence,
    in_hand,
    person,
    registered,
    reply,
)

LISTED = f"{NUMBER}-GP01"
FRIDAY, NEXT_FRIDAY = date(2026, 3, 6), date(2026, 3, 13)
OFFICER = person("officer-1", Role.DISCIPLINE)
LEADER = person("leader-1", Role.LEADER)


def listing(due_on: date = FRIDAY, **fields: object) -> c.ListForSupervision:
    complete = {"unit": UNIT, "demand": TEXT, "due_on": due_on, **fields}
    return c.ListForSupervision.model_validate(complete)


def end(number: str = LISTED) -> c.EndListing:
    return c.EndListing.model_validate({"number": number, "reason": TEXT})


def listed(**fields: object) -> Life:
    return contacted().then(listing(**fields), LEADER)  # type: ignore[arg-type]  # whichever fields a test is about


# ── on the list 挂牌督办 ────────────────────────────────────────────────────────────────────────


def test_listed_case_has_a_number_a_date_and_a_clock_of_its_own() -> None:
    life = listed()
    [measure] = life.state.measures
    assert (measure.number, measure.kind, measure.rung) == (
        LISTED,
        MeasureKind.LISTING,
        AlarmCode.SPECIAL_SUPERVISION,
    )
    assert life.due(ClockKind.LISTING) == "2026-03-06 18:00"


def test_case_is_taken_off_the_list_by_a_person_and_the_clock_was_met() -> None:
    life = listed().then(end(), SUPERVISOR)
    assert ClockKind.LISTING not in life.clock_kinds()
    assert life.all_of(ClockStopped)[-1].reason is StopReason.MET
    assert life.refusal_code(end(), SUPERVISOR) == "not_listed"
    assert life.refusal_code(listing(), LEADER) is None, "it may be listed again"


def test_missed_date_of_a_listing_is_a_red_card() -> None:
    life = listed().sleep(10 * timedelta(days=1))
    cards = [body for body in life.all_of(MeasureIssued) if (body.clock_id or "").startswith("listing:")]
    assert [(body.rung, body.unit_points) for body in cards] == [(AlarmCode.RED_CARD, 5)]


@pytest.mark.parametrize("due_on", [date(2026, 3, 1), date(2026, 3, 2), date(2027, 3, 2)])
def test_listing_ends_on_a_day_to_come_and_within_reach(due_on: date) -> None:
    assert contacted().refusal_code(listing(due_on), LEADER) == "due_on_out_of_range"


def test_case_is_on_the_list_once() -> None:
    assert listed().refusal_code(listing(NEXT_FRIDAY), SUPERVISOR) == "listed_before"


def test_listing_lapses_with_the_work_on_the_case() -> None:
    done = (
        listed().then(reply(contacted().now), HANDLER).then(accepted(), REVIEWER).then(FAVOURABLE, REVISITOR)
    )
    assert ClockKind.LISTING not in done.clock_kinds()
    assert done.refusal_code(end(), SUPERVISOR) == "wrong_status"
    lost = dispatched().then(listing(), LEADER)
    lost.then(c.ReturnCase(legal_basis=TEXT, evidence=(evidence(lost.now),)), HANDLER)
    lost.then(c.RuleOnReturn(upheld=True, reason=TEXT), DISPATCHER)
    [stopped] = [body for body in lost.all_of(ClockStopped) if body.clock is ClockKind.LISTING]
    assert stopped.reason is StopReason.CANCELLED
    assert not any(measure.is_open_listing for measure in lost.state.measures)


def test_what_is_published_another_person_approves_first() -> None:
    life = listed(public_text=TEXT)
    approve = c.ApproveNotice.model_validate({"number": LISTED, "approved": True, "reason": TEXT})
    assert (
        life.refusal_code(approve, Actor(**(LEADER.model_dump() | {"role": Role.SUPERVISOR}))) == "own_notice"
    )
    assert life.then(approve, SUPERVISOR).state.measures[0].proposed_by is None
    without = c.ApproveNotice.model_validate({"number": LISTED, "approved": True, "reason": TEXT})
    assert listed().refusal_code(without, SUPERVISOR) == "notice_not_pending"


def test_nothing_is_published_of_a_case_that_its_caller_keeps_secret() -> None:
    secret = in_hand(secret=True)
    assert secret.refusal_code(listing(public_text=TEXT), LEADER) == "secret_not_public"
    notice = c.CirculateNotice(unit=UNIT, text=TEXT, public=True)
    assert secret.refusal_code(notice, SUPERVISOR) == "secret_not_public"
    assert secret.refusal_code(listing(), LEADER) is None
    assert secret.refusal_code(notice.model_copy(update={"public": False}), SUPERVISOR) is None


def test_listing_can_be_appealed_and_upheld_takes_the_case_off() -> None:
    life = listed().then(c.AppealRung.model_validate({"number": LISTED, "grounds": TEXT}), UNIT_HEAD)
    ruling = c.DecideAppeal.model_validate({"number": LISTED, "upheld": True, "reason": TEXT})
    life.then(ruling, SECOND_SUPERVISOR)
    assert ClockKind.LISTING not in life.clock_kinds()


# ── together 室组地联动 ─────────────────────────────────────────────────────────────────────────


def action(who: Actor, due_on: date = FRIDAY, **fields: object) -> c.AddJointAction:
    told = {"party": JointParty.GROUP, "person": who.user_id, "due_on": due_on, "task": TEXT, **fields}
    return c.AddJointAction.model_validate(told)


def report(number: int) -> c.ReportJointAction:
    return c.ReportJointAction(action=number, text=TEXT)


CLOSE = c.CloseJointSupervision(conclusion=TEXT)


def joined() -> Life:
    """An officer until Friday, and the unit's head until the Friday after."""
    life = contacted().then(c.StartJointSupervision(plan=TEXT), SUPERVISOR).then(action(OFFICER), SUPERVISOR)
    of_unit = action(UNIT_HEAD, NEXT_FRIDAY, party=JointParty.DEPARTMENT, unit=UNIT)
    return life.then(of_unit, SUPERVISOR)


def test_each_part_has_its_own_date_and_there_is_one_closure_when_all_are_done() -> None:
    life = joined()
    dues = {
        clock.clock_id: clock.holder for clock in life.state.clocks if clock.kind is ClockKind.JOINT_ACTION
    }
    assert dues == {"joint_action:SZ01.1": "12345", "joint_action:SZ01.2": UNIT}
    assert life.due(ClockKind.JOINT_ACTION) == "2026-03-06 18:00"
    assert life.refusal_code(CLOSE, SUPERVISOR) == "joint_actions_open"
    life.then(report(1), OFFICER)
    assert life.refusal_code(CLOSE, SUPERVISOR) == "joint_actions_open"
    life.then(report(2), UNIT_HEAD).then(CLOSE, SUPERVISOR)
    assert len(life.all_of(JointClosed)) == 1
    assert life.refusal_code(CLOSE, SUPERVISOR) == "joint_not_open"
    stopped = [body for body in life.all_of(ClockStopped) if body.clock is ClockKind.JOINT_ACTION]
    assert [body.reason for body in stopped] == [StopReason.MET, StopReason.MET]


def test_part_is_reported_by_who_answers_for_it_and_once() -> None:
    life = joined()
    assert life.refusal_code(report(1), UNIT_HEAD) == "not_answerable"
    assert life.refusal_code(report(3), OFFICER) == "joint_action_not_open"
    life.then(report(1), OFFICER)
    assert life.refusal_code(report(1), OFFICER) == "joint_action_not_open"
    assert "report_joint_action" in next_actions(life.state, UNIT_HEAD)
    assert "report_joint_action" not in next_actions(life.state, OFFICER)


def test_part_that_is_dropped_is_waited_for_no_more_and_its_number_is_not_used_again() -> None:
    life = joined().then(c.DropJointAction(action=1, reason=TEXT), SUPERVISOR)
    [stopped] = [body for body in life.all_of(ClockStopped) if body.clock is ClockKind.JOINT_ACTION]
    assert stopped.reason is StopReason.CANCELLED
    life.then(action(OFFICER), SUPERVISOR)
    assert life.state.joint is not None
    assert [entry.action for entry in life.state.joint.actions] == [2, 3]


def test_one_party_alone_is_no_joint_supervision() -> None:
    life = contacted().then(c.StartJointSupervision(plan=TEXT), OFFICER).then(action(OFFICER), OFFICER)
    life.then(report(1), OFFICER)
    assert life.refusal_code(CLOSE, OFFICER) == "joint_needs_parties"


def test_unit_takes_part_only_in_what_it_works_on_and_a_recused_person_in_nothing() -> None:
    life = joined()
    foreign = action(UNIT_HEAD, unit=OTHER_UNIT)
    assert life.refusal_code(foreign, SUPERVISOR) == "unit_not_at_work"
    life.then(c.Recuse(person=UserId("officer-2"), reason=TEXT), SUPERVISOR)
    assert life.refusal_code(action(person("officer-2", Role.DISCIPLINE)), SUPERVISOR) == "person_recused"


def test_case_is_not_filed_before_its_joint_supervision_has_ended() -> None:
    life = joined().then(report(1), OFFICER)
    life.then(reply(life.now), HANDLER).then(accepted(), REVIEWER).then(FAVOURABLE, REVISITOR)
    life.sleep(30 * timedelta(days=1))
    assert (
        life.refusal_code(c.ArchiveCase(), person("administrator-1", Role.ADMINISTRATOR)) == "appeal_pending"
    )
    life.then(report(2), UNIT_HEAD).then(CLOSE, SUPERVISOR).sleep(30 * timedelta(days=1))
    assert life.state.status == "archived"


def test_missed_date_of_a_unit_urges_it_and_of_an_officer_only_reminds() -> None:
    life = joined().sleep(12 * timedelta(days=1))
    urged = [body.clock_id for body in life.all_of(MeasureIssued) if body.rung is AlarmCode.URGE]
    assert "joint_action:SZ01.2" in urged
    assert "joint_action:SZ01.1" not in urged


def test_second_joint_supervision_has_a_number_of_its_own_and_one_runs_at_a_time() -> None:
    life = joined()
    start = c.StartJointSupervision(plan=TEXT)
    assert life.refusal_code(start, SUPERVISOR) == "joint_open"
    life.then(report(1), OFFICER).then(report(2), UNIT_HEAD).then(CLOSE, SUPERVISOR).then(start, SUPERVISOR)
    assert life.state.joint is not None
    assert life.state.joint.number == f"{NUMBER}-SZ02"
    assert replay(life.facts) == life.state


# ── points for returns 退单记分 ─────────────────────────────────────────────────────────────────


def ruled(*, upheld: bool, policy: object = POLICY) -> Life:
    life = registered(policy=policy).then(dispatch(), DISPATCHER)  # type: ignore[arg-type]  # as given
    life.then(c.ReturnCase(legal_basis=TEXT, evidence=(evidence(life.now),)), HANDLER)
    return life.then(c.RuleOnReturn(upheld=upheld, reason=TEXT), DISPATCHER)


def test_return_that_is_ruled_against_the_unit_costs_points_that_an_appeal_takes_back() -> None:
    life = ruled(upheld=False)
    [deduction] = life.all_of(MeasureIssued)
    assert (deduction.number, deduction.measure, deduction.rung) == (
        f"{NUMBER}-JF01",
        MeasureKind.DEDUCTION,
        None,
    )
    assert (deduction.unit, deduction.unit_points, deduction.person_points) == (UNIT, 1, 0)
    life.then(c.AppealRung.model_validate({"number": deduction.number, "grounds": TEXT}), UNIT_HEAD)
    ruling = c.DecideAppeal.model_validate({"number": deduction.number, "upheld": True, "reason": TEXT})
    assert (
        life.refusal_code(ruling, Actor(**(DISPATCHER.model_dump() | {"role": Role.SUPERVISOR})))
        == "own_measure"
    )
    life.do(ruling, SUPERVISOR)
    assert [body.unit_points for body in life.all_of(AppealDecided)] == [1]


def test_return_that_is_upheld_costs_nothing() -> None:
    assert ruled(upheld=True).all_of(MeasureIssued) == []


def test_policy_from_before_charges_nothing_for_returns() -> None:
    assert POLICY.supervision is not None
    older = POLICY.supervision.model_copy(update={"overturned_return": Points(unit=0, person=0)})
    assert (
        ruled(upheld=False, policy=POLICY.model_copy(update={"supervision": older})).all_of(MeasureIssued)
        == []
    )
