"""Lines of repeat problems: cleared only by evidence, audit and every caller's word, and reopened by a relapse."""

from datetime import timedelta
from typing import get_args

import pytest
from fixtures.cases import DISPATCHER, HANDLER, OPERATOR, SUPERVISOR, TEXT, UNIT, UNIT_HEAD

from hotline.identifiers import is_line_no, line_no, line_workflow_id
from hotline.policy import PolicySnapshot, ProblemRules, default_policy
from hotline.problems import commands as c
from hotline.problems import facts as f
from hotline.problems.commands import ProblemCommand
from hotline.problems.decide import RULES, decide, next_actions, require_version
from hotline.problems.evolve import replay
from hotline.problems.vocabulary import ProblemClockKind, ProblemStage, ReopenGround, Standing
from hotline.refusals import Refusal, StaleVersion
from hotline.vocabulary import Role
from unit.lives import MONDAY_MORNING, OTHER_UNIT, POLICY, SECOND_SUPERVISOR, head_of, person, shown
from unit.problem_lives import (
    ACCEPT,
    CASES,
    DISTRICT,
    Line,
    audited,
    cleared,
    lead_of,
    led,
    opened,
    photo,
    planned,
    submitted,
)

EXCUSE = c.ExcuseRevisit(case_no=CASES[2], reason=TEXT)


def test_every_command_has_a_rule() -> None:
    assert set(RULES) == set(get_args(ProblemCommand))
    assert all(rule.by and rule.when for rule in RULES.values())


def test_number_of_a_line_tells_its_year_and_nothing_of_a_caller() -> None:
    assert line_no(MONDAY_MORNING, 7) == "CF2026000007"
    assert is_line_no("CF2026000007")
    assert not is_line_no("CF202600000x")
    assert line_workflow_id(line_no(MONDAY_MORNING, 7)) == "repeat-problem:CF2026000007"


def test_shipped_rules_are_those_of_a_policy_that_says_nothing_of_them() -> None:
    """Revisions published before there were such rules keep their content, and so their revision."""
    stored = default_policy().model_dump(mode="json")
    del stored["problems"]
    assert PolicySnapshot.model_validate(stored) == default_policy()
    assert ProblemRules().compressed(3600).look_back.words == "36 分钟"


# ── the way to 销号 ──────────────────────────────────────────────────────────────────────────────


def test_line_is_cleared_by_evidence_audit_and_every_callers_word() -> None:
    line = audited()
    assert line.state.stage is ProblemStage.AWAITING_REVISITS
    line.note(CASES[0], Standing.SATISFIED).note(CASES[1], Standing.SATISFIED)
    assert line.state.unsettled == (CASES[2],)
    line.note(CASES[2], Standing.SATISFIED)
    assert line.state.stage is ProblemStage.CLEARED
    assert line.state.look_back_until == line.now + timedelta(days=90)
    assert not line.state.is_overdue


def test_callers_who_were_satisfied_before_the_audit_clear_the_line_with_it() -> None:
    line = submitted()
    for case in CASES[:3]:
        line.note(case, Standing.SATISFIED)
    assert line.state.stage is ProblemStage.IN_AUDIT
    assert line.then(ACCEPT, SUPERVISOR).state.stage is ProblemStage.CLEARED


def test_who_worked_on_the_problem_does_not_audit_it() -> None:
    line = submitted()
    turned = person(UNIT_HEAD.user_id, Role.SUPERVISOR)
    assert line.refusal(ACCEPT, turned) == "own_clearance"
    assert line.refusal(ACCEPT, UNIT_HEAD) == "role_not_permitted"
    assert line.refusal(ACCEPT, person("on-loan", Role.SUPERVISOR, UNIT)) == "line_of_own_unit"
    assert line.refusal(ACCEPT, SUPERVISOR) is None


def test_audit_that_does_not_hold_names_a_new_day() -> None:
    line = submitted()
    refuse = c.AuditClearance(accepted=False, opinion=TEXT)
    assert line.refusal(refuse, SUPERVISOR) == "new_day_missing"
    past = refuse.model_copy(update={"clear_on": line.day(-1)})
    assert line.refusal(past, SUPERVISOR) == "new_day_missing"
    line.then(refuse.model_copy(update={"clear_on": line.day(5)}), SUPERVISOR)
    assert (line.state.stage, line.state.audits_failed) == (ProblemStage.RECTIFYING, 1)
    [clock] = line.state.clocks
    assert (clock.kind, shown(clock.due_at)) == (ProblemClockKind.CLEARANCE, "2026-03-09 18:00")
    assert line.refusal(line.clearance(), UNIT_HEAD) is None


def test_line_whose_callers_say_no_goes_back_from_the_revisits() -> None:
    line = audited().note(CASES[0], Standing.OPEN)
    assert line.refusal(ACCEPT, SUPERVISOR) == "audited_before"
    back = c.AuditClearance(accepted=False, opinion=TEXT, clear_on=line.day(3))
    assert line.then(back, SUPERVISOR).state.stage is ProblemStage.RECTIFYING


def test_clearance_needs_every_milestone_and_fresh_evidence() -> None:
    line = planned()
    assert line.refusal(line.clearance(), UNIT_HEAD) == "milestones_open"
    old = line.reach(1).model_copy(update={"evidence": (photo(MONDAY_MORNING - timedelta(days=1)),)})
    assert line.refusal(old, HANDLER) == "evidence_too_old"
    line.then(line.reach(1), HANDLER)
    assert line.refusal(line.reach(1), HANDLER) == "unknown_milestone"
    line.then(line.reach(2), HANDLER)
    old_report = c.SubmitClearance(report=TEXT, evidence=old.evidence)
    assert line.refusal(old_report, UNIT_HEAD) == "evidence_too_old"
    assert line.refusal(line.clearance(), HANDLER) == "role_not_permitted"
    assert line.refusal(line.clearance(), UNIT_HEAD) is None


def test_case_that_ended_without_its_callers_word_waits_until_somebody_excuses_it() -> None:
    line = audited()
    line.note(CASES[0], Standing.SATISFIED).note(CASES[1], Standing.SATISFIED)
    assert line.refusal(EXCUSE, SUPERVISOR) == "revisit_not_excusable"
    line.note(CASES[2], Standing.UNCONFIRMED)
    assert line.state.stage is ProblemStage.AWAITING_REVISITS
    assert line.refusal(EXCUSE, UNIT_HEAD) == "role_not_permitted"
    line.then(EXCUSE, SUPERVISOR)
    assert line.state.stage is ProblemStage.CLEARED


def test_excuse_does_not_outlive_the_case_being_opened_again() -> None:
    line = planned().note(CASES[2], Standing.UNCONFIRMED).then(EXCUSE, SUPERVISOR)
    assert CASES[2] not in line.state.unsettled
    assert line.refusal(EXCUSE, SUPERVISOR) == "revisit_excused_before"
    line.note(CASES[2], Standing.OPEN)
    assert CASES[2] in line.state.unsettled


def test_case_that_was_linked_by_mistake_is_taken_out_and_stays_out() -> None:
    line = led()
    detach = c.DetachCase(case_no=CASES[0], reason=TEXT)
    line.then(detach, DISPATCHER).note(CASES[0], Standing.SATISFIED)
    assert [case.case_no for case in line.state.cases] == [*CASES[1:3]]
    assert line.refusal(detach, DISPATCHER) == "case_not_linked"
    line.then(c.DetachCase(case_no=CASES[1], reason=TEXT), DISPATCHER)
    assert line.refusal(c.DetachCase(case_no=CASES[2], reason=TEXT), DISPATCHER) == "last_case"


# ── plan and clocks ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("days", "clear_after", "code"),
    [
        ((-1,), 5, "milestones_not_in_order"),
        ((5, 3), 9, "milestones_not_in_order"),
        ((5, 5), 9, "milestones_not_in_order"),
        ((5,), 4, "cleared_before_milestones"),
        ((5,), 181, "plan_too_long"),
        ((0, 5), 180, None),
    ],
)
def test_dates_of_a_plan_are_in_order_and_within_reach(
    days: tuple[int, ...], clear_after: int, code: str | None
) -> None:
    line = led()
    assert line.refusal(line.plan(*days, clear_after=clear_after), UNIT_HEAD) == code


def test_each_stage_has_its_limit() -> None:
    line = opened()
    assert [clock.kind for clock in line.state.clocks] == [ProblemClockKind.LEAD]
    line.then(lead_of(), DISPATCHER)
    [clock] = line.state.clocks
    assert (clock.kind, shown(clock.due_at)) == (ProblemClockKind.PLAN, "2026-03-09 18:00")
    line.then(line.plan(5, 10), UNIT_HEAD)
    kinds = [clock.kind for clock in line.state.clocks]
    assert kinds == [ProblemClockKind.MILESTONE, ProblemClockKind.MILESTONE, ProblemClockKind.CLEARANCE]
    started = [body for body in line.all_of(f.ProblemClockStarted) if body.clock is ProblemClockKind.PLAN]
    assert f"依据 {POLICY.revision}" in started[0].because[0]


def test_missed_milestone_climbs_to_the_supervisor_once_until_it_is_reached() -> None:
    line = planned().sleep(days=8)
    assert line.state.is_overdue
    [missed] = line.all_of(f.ProblemClockMissed)
    assert (missed.clock, shown(missed.due_at)) == (ProblemClockKind.MILESTONE, "2026-03-09 18:00")
    line.sleep(days=1).then(line.reach(1), HANDLER)
    assert not line.state.is_overdue
    assert line.state.missed == 1
    late = [body for body in line.all_of(f.ProblemClockStopped) if body.late]
    assert [body.clock_id for body in late] == [missed.clock_id]


def test_clock_that_is_not_due_cannot_be_fired() -> None:
    line = led()
    clock = line.state.next_clock
    assert clock is not None
    assert line.refusal(c.ProblemClockDue(clock_id=clock.clock_id), UNIT_HEAD) == "role_not_permitted"
    with pytest.raises(Refusal, match="没有到期"):
        decide(line.state, c.ProblemClockDue(clock_id=clock.clock_id), line.context(person("s", Role.SYSTEM)))


# ── look-back and relapse 反弹 ──────────────────────────────────────────────────────────────────


def test_look_back_that_holds_ends_the_line_for_good() -> None:
    line = cleared().sleep(days=90, hours=1)
    assert line.state.stage is ProblemStage.HELD
    line.sleep(days=1)
    assert line.state.stage is ProblemStage.FILED
    assert not line.state.clocks
    with pytest.raises(Refusal) as refused:
        line.note(CASES[3])
    assert refused.value.code == "line_wrong_stage"


def test_relapse_reopens_the_line_exactly_once() -> None:
    line = cleared().sleep(days=30).note(CASES[3])
    assert (line.state.stage, line.state.round) == (ProblemStage.AWAITING_PLAN, 2)
    assert line.state.cleared_at is None
    line.note(CASES[4]).note(CASES[3])
    [reopened] = line.all_of(f.ProblemReopened)
    assert (reopened.ground, reopened.case_no) == (ReopenGround.NEW_CASE, CASES[3])
    assert len(line.state.cases) == 5
    assert ProblemClockKind.LOOK_BACK not in {clock.kind for clock in line.state.clocks}


def test_second_relapse_after_another_clearing_reopens_it_again() -> None:
    line = cleared().note(CASES[3])
    line.then(line.plan(1, clear_after=1), UNIT_HEAD).then(line.reach(1), HANDLER)
    line.then(line.clearance(), UNIT_HEAD).then(ACCEPT, SECOND_SUPERVISOR)
    line.note(CASES[3], Standing.SATISFIED)
    assert line.state.stage is ProblemStage.CLEARED
    line.note(CASES[4])
    assert line.state.round == 3
    assert len(line.all_of(f.ProblemReopened)) == 2


def test_linked_case_that_is_opened_again_is_a_relapse_too() -> None:
    line = cleared().note(CASES[1], Standing.OPEN)
    [reopened] = line.all_of(f.ProblemReopened)
    assert (reopened.ground, line.state.stage) == (ReopenGround.CASE_REOPENED, ProblemStage.AWAITING_PLAN)


def test_case_of_the_look_back_that_was_on_its_way_still_counts_and_a_later_one_does_not() -> None:
    line = cleared()
    until = line.state.look_back_until
    assert until is not None
    line.sleep(days=90, hours=1)
    assert line.state.stage is ProblemStage.HELD
    with pytest.raises(Refusal) as refused:
        line.note(CASES[4], registered_at=until + timedelta(seconds=1))
    assert refused.value.code == "line_is_over"
    line.note(CASES[3], registered_at=until)
    assert line.state.round == 2


def test_news_that_comes_late_or_twice_changes_nothing() -> None:
    line = cleared()
    before = line.state
    line.note(CASES[0], Standing.OPEN, version=1).note(CASES[0], Standing.SATISFIED)
    assert line.state == before


# ── who may know and act ────────────────────────────────────────────────────────────────────────


def test_unit_that_is_complained_about_neither_leads_nor_knows() -> None:
    line = opened().note(CASES[3], accused_units=(UNIT,))
    assert line.refusal(lead_of(), DISPATCHER) == "accused_unit"
    on_loan = person("on-loan", Role.DISPATCHER, UNIT)
    assert line.refusal(lead_of(OTHER_UNIT), on_loan) == "line_not_found"
    below = opened().note(CASES[3], accused_units=(DISTRICT,))
    assert below.refusal(lead_of(), DISPATCHER) == "accused_unit"


def test_lead_that_turns_out_to_be_complained_about_loses_the_line_at_once() -> None:
    line = planned().note(CASES[3], accused_units=(DISTRICT,))
    assert (line.state.lead, line.state.stage) == (None, ProblemStage.AWAITING_LEAD)
    assert line.refusal(line.clearance(), UNIT_HEAD) == "line_out_of_scope"
    relapsed = cleared().note(CASES[3], accused_units=(UNIT,))
    assert relapsed.state.stage is ProblemStage.AWAITING_LEAD
    assert relapsed.state.round == 2


def test_cleared_line_stays_cleared_when_its_lead_is_complained_about_afterwards() -> None:
    line = cleared().note(CASES[0], Standing.SATISFIED, accused_units=(UNIT,))
    assert line.state.stage is ProblemStage.CLEARED


def test_recused_person_and_other_units_are_kept_out() -> None:
    line = led().note(CASES[0], recused=(UNIT_HEAD.user_id,))
    assert line.refusal(line.plan(), UNIT_HEAD) == "line_not_found"
    assert line.refusal(line.plan(), head_of(OTHER_UNIT)) == "line_out_of_scope"
    assert line.refusal(lead_of(UNIT), SUPERVISOR) == "lead_already"
    line.then(lead_of(OTHER_UNIT), SUPERVISOR)
    assert line.refusal(line.plan(), head_of(OTHER_UNIT)) is None


def test_what_is_offered_is_what_is_not_refused_for_role_or_stage() -> None:
    line = submitted()
    assert next_actions(line.state, SUPERVISOR) == ("detach_case", "excuse_revisit", "audit_clearance")
    assert next_actions(line.state, UNIT_HEAD) == ()
    assert next_actions(line.state, OPERATOR) == ()
    assert next_actions(planned().state, HANDLER) == ("reach_milestone", "report_rectification")


def test_who_looked_at_an_older_version_is_told() -> None:
    line = led()
    require_version(line.state, line.state.version)
    with pytest.raises(StaleVersion):
        require_version(line.state, line.state.version - 1)


def test_ledger_without_facts_has_no_state() -> None:
    with pytest.raises(ValueError, match="without facts"):
        replay([])


def test_progress_counts_as_work() -> None:
    line = led().then(c.ReportRectification(text=TEXT), HANDLER)
    assert line.state.workers == (HANDLER.user_id,)
    assert Line().state.cases == ()
