"""Any sequence of news, commands and clocks on a line is refused without change or keeps every rule of 销号."""

from contextlib import suppress

from fixtures.cases import DISPATCHER, HANDLER, SUPERVISOR, TEXT, UNIT_HEAD
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from hotline.case import Actor
from hotline.identifiers import CaseNo
from hotline.problems import commands as c
from hotline.problems import facts as f
from hotline.problems.commands import ProblemCommand
from hotline.problems.decide import RULES, next_actions
from hotline.problems.evolve import replay
from hotline.problems.facts import ProblemFact
from hotline.problems.state import ProblemState
from hotline.problems.vocabulary import UNCLEARED, ProblemStage, Standing
from hotline.refusals import Refusal
from unit.lives import OTHER_UNIT, head_of
from unit.problem_lives import (
    CASES,
    Line,
    audited,
    cleared,
    lead_of,
    opened,
    photo,
    planned,
    submitted,
)

PEOPLE = (DISPATCHER, SUPERVISOR, HANDLER, UNIT_HEAD, head_of(OTHER_UNIT))
CASE = st.sampled_from(CASES[:5])
NEVER_REFUSED_FOR = {"role_not_permitted", "line_wrong_stage", "line_not_found", "line_out_of_scope"}


def commands(line: Line) -> dict[str, st.SearchStrategy[ProblemCommand]]:
    """What people may ask, by kind."""
    evidence = (photo(line.now),)
    return {
        "detach_case": st.builds(c.DetachCase, case_no=CASE, reason=st.just(TEXT)),
        "excuse_revisit": st.builds(c.ExcuseRevisit, case_no=CASE, reason=st.just(TEXT)),
        "assign_problem_lead": st.builds(lead_of, st.sampled_from([UNIT_HEAD.unit, OTHER_UNIT])),
        "submit_problem_plan": st.just(line.plan(2, 6, clear_after=9)),
        "reach_milestone": st.builds(
            c.ReachMilestone,
            milestone=st.integers(1, 2),
            note=st.just(TEXT),
            evidence=st.just(evidence),
        ),
        "report_rectification": st.just(c.ReportRectification(text=TEXT)),
        "submit_clearance": st.just(line.clearance()),
        "audit_clearance": st.builds(
            c.AuditClearance,
            accepted=st.sampled_from([True, True, False]),
            opinion=st.just(TEXT),
            clear_on=st.just(line.day(4)),
        ),
    }


class AnyLine(RuleBasedStateMachine):
    """One line among people, callers and clocks that do what they like."""

    line: Line

    @initialize(stage=st.sampled_from([Line, opened, planned, submitted, audited, cleared]))
    def begin(self, stage: type[Line]) -> None:
        self.line = stage()

    @rule(case=CASE, standing=st.sampled_from(Standing), accused=st.sampled_from([(), (), (OTHER_UNIT,)]))
    def news_of_a_case(self, case: CaseNo, standing: Standing, accused: tuple[str, ...]) -> None:
        """The only news that is ever refused comes after the look-back."""
        relapses = len(self.line.all_of(f.ProblemReopened))
        if self.line.state.stage in {ProblemStage.HELD, ProblemStage.FILED}:
            with suppress(Refusal):
                self.line.note(case, standing, accused_units=accused)
        else:
            self.line.note(case, standing, accused_units=accused)
        assert len(self.line.all_of(f.ProblemReopened)) - relapses in {0, 1}

    @rule(case=CASE)
    def caller_is_satisfied(self, case: CaseNo) -> None:
        if self.line.state.case(case):
            self.news_of_a_case(case, Standing.SATISFIED, ())

    @rule(data=st.data(), by=st.sampled_from(PEOPLE))
    def somebody_does_what_is_offered(self, data: st.DataObject, by: Actor) -> None:
        known = commands(self.line)
        if offers := next_actions(self.line.state, by):
            kind = data.draw(st.sampled_from(offers), label="kind")
            assert self.attempt(data.draw(known[kind], label="command"), by) not in NEVER_REFUSED_FOR

    @rule(data=st.data(), by=st.sampled_from(PEOPLE))
    def somebody_tries_anything(self, data: st.DataObject, by: Actor) -> None:
        known = commands(self.line)
        kind = data.draw(st.sampled_from(sorted(known)), label="kind")
        is_offered = kind in next_actions(self.line.state, by)
        refusal = self.attempt(data.draw(known[kind], label="command"), by)
        assert is_offered or refusal is not None, "what is not offered is refused"

    @rule(days=st.sampled_from([1, 7, 40, 95]))
    def time_passes(self, days: int) -> None:
        """A clock that is due is never refused: `sleep` would raise."""
        self.line.sleep(days=days)

    def attempt(self, command: ProblemCommand, by: Actor) -> str | None:
        before = self.line.state
        try:
            facts = self.line.do(command, by)
        except Refusal as refusal:
            assert self.line.state is before
            return refusal.code
        assert facts, "whatever people are granted leaves a fact"
        return None

    # ── what holds after every step ─────────────────────────────────────────────────────────────

    @invariant()
    def the_ledger_gives_the_state_back(self) -> None:
        assert replay(self.line.facts) == self.line.state
        assert ProblemState.model_validate_json(self.line.state.model_dump_json()) == self.line.state
        assert [fact.seq for fact in self.line.facts] == list(range(1, len(self.line.facts) + 1))

    @invariant()
    def no_line_is_cleared_without_all_three(self) -> None:
        """Look at each 销号 as it stood: evidence and audit in its round, and every caller's word or an excuse."""
        for place, fact in enumerate(self.line.facts):
            if isinstance(fact.body, f.ProblemCleared):
                before = self.line.facts[:place]
                state = replay(before)
                assert not state.unsettled
                audits = [x for x in before if isinstance(x.body, f.ClearanceAudited)]
                submissions = [x for x in before if isinstance(x.body, f.ClearanceSubmitted)]
                assert audits[-1].body.accepted  # type: ignore[union-attr]  # chosen by its type above
                assert audits[-1].seq > submissions[-1].seq
                assert audits[-1].at >= submissions[-1].at >= state.round_started_at
                assert audits[-1].actor.user_id not in state.workers

    @invariant()
    def somebody_owes_something_while_a_line_lives(self) -> None:
        state = self.line.state
        if state.stage in UNCLEARED:
            assert state.clocks or state.unsettled
        if state.stage is ProblemStage.FILED:
            assert not state.clocks

    @invariant()
    def the_accused_do_not_lead(self) -> None:
        if self.line.state.stage in UNCLEARED:
            assert self.line.state.lead not in self.line.state.accused_units

    @invariant()
    def no_limit_is_missed_twice(self) -> None:
        missed = [body.clock_id for body in self.line.all_of(f.ProblemClockMissed)]
        assert len(missed) == len(set(missed))

    def teardown(self) -> None:
        if hasattr(self, "line"):
            for fact in self.line.facts:
                assert ProblemFact.model_validate_json(fact.model_dump_json()) == fact


TestAnyLine = AnyLine.TestCase
TestAnyLine.settings = settings(
    max_examples=25,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)


def test_every_command_of_people_is_tried() -> None:
    assert set(commands(Line())) == {r.kind for r in RULES.values()} - {"note_case", "problem_clock_due"}
