"""Any sequence of commands and alarms on a dossier is refused without change or keeps every rule of §7."""

from collections import Counter
from datetime import timedelta

from fixtures.cases import TEXT
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from hotline.accountability import commands as c
from hotline.accountability import facts as f
from hotline.accountability.actions import next_actions
from hotline.accountability.decide import RULES, SYSTEM_OFFICER
from hotline.accountability.evolve import replay
from hotline.accountability.facts import DossierFact
from hotline.accountability.measures import NOT_HEARD, RESTS_ON, HandOver, PartyDiscipline, is_heavier
from hotline.accountability.policy import day_of
from hotline.accountability.state import Decision, DossierState, Officer
from hotline.accountability.vocabulary import (
    IN_HAND,
    Disposal,
    DossierStage,
    InquiryForm,
    Level,
    Opinion,
    PartySanction,
    PublicationScope,
    Receiver,
    Remedy,
    RemedyOutcome,
)
from hotline.refusals import Refusal
from unit.dossiers import (
    BOTH,
    CRITICISM,
    DEMERIT,
    DEPUTY,
    DISMISSAL,
    FIRST,
    OTHER_DEPUTY,
    PARTY_WARNING,
    PRINCIPAL,
    SECOND,
    SECTION,
    TEAM,
    TRIER,
    UNIT,
    Dossier,
    closed,
    deciding,
    draft,
    heard,
    investigating,
    officer,
    proposed,
    served,
    verifying,
)

STRANGER = officer("insider-1", Level.PRINCIPAL, unit=UNIT)
OFFICERS = (FIRST, SECOND, TRIER, SECTION, DEPUTY, OTHER_DEPUTY, PRINCIPAL, STRANGER)
PROBATION = PartyDiscipline(sanction=PartySanction.PROBATION, probation_months=12)
MEASURES = st.sampled_from(
    [CRITICISM, DEMERIT, DISMISSAL, PARTY_WARNING, PROBATION, HandOver(receiver=Receiver.POLICE)]
)
ONE = st.integers(1, 2)
YES = st.sampled_from([True, True, True, False])
PEOPLE = st.sampled_from([TEAM, BOTH, (FIRST.user_id, TRIER.user_id)])


def commands(state: DossierState) -> dict[str, st.SearchStrategy[c.DossierCommand]]:
    """What may be asked, by kind, for the most part about things that are there."""
    pending = [proposal.number for proposal in state.proposals] or [1]
    latest = st.sampled_from([max(len(state.decisions), 1), 1])
    day = day_of(state.entered_at) + timedelta(days=400)
    return {
        "plan_disposal": st.builds(c.PlanDisposal, disposal=st.sampled_from(Disposal), reason=st.just(TEXT)),
        "rule_on_proposal": st.builds(
            c.RuleOnProposal, proposal=st.sampled_from(pending), approved=YES, opinion=st.just(TEXT)
        ),
        "recuse_officer": st.builds(
            c.RecuseOfficer, officer=st.sampled_from([TRIER.user_id, SECTION.user_id]), reason=st.just(TEXT)
        ),
        "send_inquiry": st.builds(
            c.SendInquiry, subject=ONE, form=st.sampled_from(InquiryForm), text=st.just(TEXT)
        ),
        "record_inquiry": st.builds(c.RecordInquiry, inquiry=ONE, answer=st.just(TEXT), officers=PEOPLE),
        "appoint_team": st.builds(c.AppointTeam, team=PEOPLE),
        "submit_conclusion": st.builds(
            c.SubmitConclusion, opinion=st.sampled_from(Opinion), report=st.just(TEXT), signers=PEOPLE
        ),
        "open_investigation": st.builds(c.OpenInvestigation, team=PEOPLE, reason=st.just(TEXT)),
        "propose_decision": MEASURES.map(lambda measure: c.ProposeDecision(draft=draft(measure))),
        "hear_defence": st.builds(
            c.HearDefence, decision=latest, told=st.just(TEXT), statement=st.none(), officers=PEOPLE
        ),
        "revise_decision": st.builds(
            c.ReviseDecision, decision=latest, measure=MEASURES, reason=st.just(TEXT)
        ),
        "serve_decision": st.builds(c.ServeDecision, decision=latest, record=st.just(TEXT)),
        "report_execution": st.builds(c.ReportExecution, decision=latest, report=st.just(TEXT)),
        "acknowledge_handover": st.builds(c.AcknowledgeHandover, decision=latest, receipt=st.just(TEXT)),
        "decide_probation": st.builds(c.DecideProbation, decision=latest, restored=YES, reason=st.just(TEXT)),
        "file_appeal": st.builds(
            c.FileAppeal, decision=latest, remedy=st.sampled_from(Remedy), text=st.just(TEXT)
        ),
        "extend_appeal": st.builds(c.ExtendAppeal, decision=latest, reason=st.just(TEXT)),
        "decide_appeal": st.builds(
            c.DecideAppeal,
            decision=latest,
            outcome=st.sampled_from(RemedyOutcome),
            measure=st.none() | MEASURES,
            reason=st.just(TEXT),
        ),
        "issue_recommendation": st.just(c.IssueRecommendation(unit=UNIT, text=TEXT)),
        "extend_recommendation": st.just(c.ExtendRecommendation(recommendation=1, reason=TEXT)),
        "record_recommendation_reply": st.just(c.RecordRecommendationReply(recommendation=1, reply=TEXT)),
        "record_follow_up": st.builds(c.RecordFollowUp, recommendation=ONE, holds=YES, finding=st.just(TEXT)),
        "order_rectification": st.just(c.OrderRectification(unit=UNIT, task=TEXT, due_on=day)),
        "confirm_rectification": st.builds(c.ConfirmRectification, rectification=ONE, evidence=st.just(TEXT)),
        "propose_publication": st.builds(
            c.ProposePublication, decision=latest, scope=st.sampled_from(PublicationScope), text=st.just(TEXT)
        ),
        "publish_notice": st.builds(c.PublishNotice, notice=ONE),
        "propose_clarification": st.builds(
            c.ProposeClarification, subject=ONE, scope=st.just(PublicationScope.INTERNAL), text=st.just(TEXT)
        ),
        "close_dossier": st.just(c.CloseDossier(summary=TEXT)),
    }


class AnyDossier(RuleBasedStateMachine):
    """One accountability file among officers who do what they like."""

    life: Dossier

    @initialize(
        stage=st.sampled_from(
            [
                Dossier,
                verifying,
                investigating,
                deciding,
                proposed,
                heard,
                served,
                closed,
                lambda: closed(PROBATION),
            ]
        )
    )
    def begin(self, stage: type[Dossier]) -> None:
        self.life = stage()

    @rule(data=st.data(), days=st.sampled_from([0, 0, 1, 8, 35]))
    def somebody_does_what_is_offered(self, data: st.DataObject, days: int) -> None:
        self.life.sleep(timedelta(days=days))
        by = data.draw(st.sampled_from(OFFICERS), label="officer")
        known = commands(self.life.state)
        if offers := [kind for kind in next_actions(self.life.state, by) if kind in known]:
            kind = data.draw(st.sampled_from(offers), label="kind")
            refusal = self.attempt(data.draw(known[kind], label="command"), by)
            assert refusal not in {"level_not_permitted", "wrong_stage", "dossier_not_found"}

    @rule(data=st.data(), by=st.sampled_from(OFFICERS))
    def somebody_tries_anything(self, data: st.DataObject, by: Officer) -> None:
        known = commands(self.life.state)
        kind = data.draw(st.sampled_from(sorted(known)), label="kind")
        is_offered = kind in next_actions(self.life.state, by)
        refusal = self.attempt(data.draw(known[kind], label="command"), by)
        assert is_offered or refusal is not None, "what is not offered is refused"

    @precondition(lambda self: self.life.state.proposals)
    @rule()
    def every_level_approves(self) -> None:
        for by in (SECTION, DEPUTY, PRINCIPAL):
            for proposal in self.life.state.proposals:
                ruling = c.RuleOnProposal(proposal=proposal.number, approved=True, opinion=TEXT)
                self.attempt(ruling, by)

    @rule(days=st.sampled_from([40, 200, 800]))
    def time_passes(self, days: int) -> None:
        """An alarm that is due is never refused: `sleep` would raise."""
        self.life.sleep(timedelta(days=days))

    def attempt(self, command: c.DossierCommand, by: Officer) -> str | None:
        before = self.life.state
        as_it_was = before.model_dump_json()
        envelope = c.DossierEnvelope(command_id="command-0", officer=by, command=command)
        assert c.DossierEnvelope.model_validate_json(envelope.model_dump_json()) == envelope
        try:
            facts = self.life.do(command, by)
        except Refusal as refusal:
            assert self.life.state is before
            assert before.model_dump_json() == as_it_was
            return refusal.code
        assert facts, "whatever is accepted leaves a fact"
        assert self.life.state.version == before.version + len(facts)
        return None

    # ── what holds after every step ─────────────────────────────────────────────────────────────

    @invariant()
    def the_ledger_gives_the_state_back(self) -> None:
        assert replay(self.life.facts) == self.life.state
        assert DossierState.model_validate_json(self.life.state.model_dump_json()) == self.life.state

    @invariant()
    def somebody_owes_something_while_the_dossier_is_in_hand(self) -> None:
        if self.life.state.stage in IN_HAND:
            assert self.life.state.clocks
        if self.life.state.stage is DossierStage.ARCHIVED:
            assert not any(decision.is_running for decision in self.life.state.decisions)

    @invariant()
    def every_decision_that_was_made_was_made_as_the_law_says(self) -> None:
        for decision in self.life.state.decisions:
            if decision.decided_at:
                check_made(decision)

    @invariant()
    def no_alarm_fires_twice(self) -> None:
        fired = Counter((body.clock_id, body.alarm) for body in self.life.all_of(f.DossierClockFired))
        assert set(fired.values()) <= {1}

    @invariant()
    def the_accused_unit_has_done_nothing(self) -> None:
        assert all(fact.officer != STRANGER for fact in self.life.facts)

    def teardown(self) -> None:
        if hasattr(self, "life"):
            for fact in self.life.facts:
                assert DossierFact.model_validate_json(fact.model_dump_json()) == fact


def check_made(decision: Decision) -> None:
    family = decision.draft.measure.family
    assert decision.proposed_by not in decision.approved_by
    assert len(set(decision.approved_by)) == len(decision.approved_by) >= 2
    assert {basis.instrument for basis in decision.draft.bases} <= RESTS_ON[family]
    if family not in NOT_HEARD:
        assert decision.hearing
        assert len(set(decision.hearing.by)) >= 2
        assert not is_heavier(decision.draft.measure, decision.hearing.measure)


TestAnyDossier = AnyDossier.TestCase
TestAnyDossier.settings = settings(
    max_examples=30,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)


def test_every_command_of_an_officer_is_tried() -> None:
    untried = {"dossier_clock_due", "name_subject"}
    assert set(commands(Dossier().state)) == {rule.kind for rule in RULES.values()} - untried
    assert SYSTEM_OFFICER.level is Level.SYSTEM
