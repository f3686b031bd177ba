"""What would usually be done next with a case, so that a random life reaches its later stages."""

from datetime import datetime, timedelta

from hotline.case import Actor, CaseState
from hotline.commands import (
    AssistReply,
    CallJointReview,
    CloseCase,
    Command,
    CompleteCase,
    DecideExtension,
    DecideTermination,
    DecideUnreasonable,
    DispatchCase,
    LogRevisitAttempt,
    ReleaseMember,
    RequestExtension,
    Resume,
    ReturnCase,
    RuleBindingly,
    RuleOnReturn,
    SettleMember,
    SignFor,
    SuspendWithPlan,
    TransferEmergency,
)
from hotline.identifiers import CaseNo
from hotline.roles import SYSTEM_ACTOR
from hotline.vocabulary import ContactOutcome, DeterminationKind, EmergencyService, EvidenceKind, Status
from unit.lives import (
    DISPATCHER,
    FAVOURABLE,
    OPERATOR,
    REVIEWER,
    REVISITOR,
    SECOND_SUPERVISOR,
    SUPERVISOR,
    TEXT,
    UNIT,
    UNIT_HEAD,
    UNSOLVED,
    UNTRUE,
    Life,
    accepted,
    contact,
    day_of,
    evidence,
    head_of,
    reply,
    returned,
)

Step = tuple[Command, Actor]
NOBODY_THERE = LogRevisitAttempt(outcome=ContactOutcome.NO_ANSWER)
DECISIONS: dict[DeterminationKind, type[DecideTermination | DecideUnreasonable]] = {
    DeterminationKind.TERMINATION: DecideTermination,
    DeterminationKind.UNREASONABLE: DecideUnreasonable,
}


def usual_steps(life: Life) -> list[Step]:
    """What would usually be done next, so that lives reach their later stages."""
    state, now = life.state, life.now
    if state.joined_to:
        return _steps_of_a_member(state.joined_to, now)
    lead = state.assignment.lead if state.assignment else UNIT
    head = head_of(lead)
    transfer = TransferEmergency(service=EmergencyService.FIRE)
    start: Command = transfer if state.classification.emergency else DispatchCase(lead=UNIT, new_facts=TEXT)
    doubt = ReturnCase(legal_basis=TEXT, evidence=(evidence(now, EvidenceKind.RETURN),))
    ways: dict[Status, list[Step]] = {
        Status.AWAITING_DETAILS: [(CompleteCase(note=TEXT), OPERATOR)],
        Status.RECEIVED: [(start, DISPATCHER)],
        Status.AWAITING_DISPATCH: [(start, DISPATCHER)],
        Status.AWAITING_SIGNATURE: [(SignFor(), head), (SignFor(), head), (doubt, head)],
        Status.RETURN_REVIEW: [
            (RuleOnReturn(upheld=True, reason=TEXT), DISPATCHER),
            (RuleOnReturn(upheld=False, reason=TEXT), SUPERVISOR),
            (CallJointReview(participants=(lead,), reason=TEXT), SUPERVISOR),
        ],
        Status.JOINT_REVIEW: [
            (RuleBindingly(lead=lead, reason=TEXT), SECOND_SUPERVISOR),
            (CloseCase(reason=TEXT), SUPERVISOR),
        ],
        Status.IN_HAND: _steps_of_a_unit(state, now, head),
        Status.SUSPENDED: [(Resume(reason=TEXT), head)],
        Status.REWORK: _steps_of_a_unit(state, now, head),
        Status.REPLY_REVIEW: [(accepted(), REVIEWER), (accepted(), REVIEWER), (returned(), REVIEWER)],
        Status.AWAITING_REVISIT: [
            (answer, REVISITOR) for answer in (FAVOURABLE, UNSOLVED, UNTRUE, NOBODY_THERE, NOBODY_THERE)
        ],
    }
    return ways.get(state.status, [])


def _steps_of_a_unit(state: CaseState, now: datetime, head: Actor) -> list[Step]:
    if request := state.determination:
        decide_it = DECISIONS[request.kind]
        level = SUPERVISOR if request.first_approved_by else DISPATCHER
        return [(decide_it(approved=approved, reason=TEXT), level) for approved in (True, False)]
    if not state.contacted:
        return [(contact(now), OPERATOR)]
    assists = state.assignment.assists if state.assignment else ()
    if waiting := [task.unit for task in assists if task.is_open]:
        return [(AssistReply(text=TEXT), head_of(waiting[0]))]
    if extension := state.pending_extension:
        decider = SUPERVISOR if extension.number > 1 else DISPATCHER
        return [(DecideExtension(approved=approved, reason=TEXT), decider) for approved in (True, False)]
    plan = SuspendWithPlan(plan=TEXT, next_on=day_of(now) + timedelta(days=2), owner=head.user_id)
    answer: Step = (reply(now, signer=head.user_id), head)
    return [answer, answer, (plan, head), (RequestExtension(days=3, reason=TEXT), head)]


def _steps_of_a_member(master: CaseNo, now: datetime) -> list[Step]:
    settled = SettleMember(
        by=master,
        unit=UNIT,
        reply=TEXT,
        accepted_at=now,
        signer=UNIT_HEAD.user_id,
        reviewed_by=REVIEWER.user_id,
    )
    return [(settled, SYSTEM_ACTOR), (ReleaseMember(by=master), SYSTEM_ACTOR)]
