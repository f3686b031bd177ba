"""督办: what rungs and people lay upon a unit, how it answers, and how it appeals (domain.md §6, §12 rule 16).

A measure comes from a rung of a clock or from a person; either way it has a number derived from the case's,
and the unit can appeal it within the policy's days. Whoever issued it does not decide on the appeal.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from hotline.calendar import SHANGHAI
from hotline.case import Actor, CaseState, Clock, JointAction, JointSupervision, Measure, TextRef, UnitReturn
from hotline.commands import (
    AddJointAction,
    AnswerSupervisionOrder,
    AppealRung,
    ApproveNotice,
    CirculateNotice,
    CloseJointSupervision,
    DecideAppeal,
    DropJointAction,
    EndListing,
    HoldInterview,
    Instruct,
    IssueCard,
    IssueSupervisionOrder,
    ListForSupervision,
    ReportJointAction,
    ReviewSupervisionAnswer,
    SkipRung,
    StartJointSupervision,
    TakeInCharge,
    Urge,
)
from hotline.facts import (
    AnswerReviewed,
    AppealDecided,
    Body,
    InstructionGiven,
    JointActionAdded,
    JointActionDone,
    JointActionDropped,
    JointClosed,
    JointStarted,
    ListingEnded,
    MeasureAppealed,
    MeasureIssued,
    NoticeDecided,
    OrderAnswered,
    RungSkipped,
    TakenInCharge,
)
from hotline.identifiers import UnitCode, UserId, joint_no, measure_no
from hotline.policy import Points
from hotline.refusals import GuardFailed, LimitReached, NotPermitted, WindowClosed
from hotline.roles import UNIT_ROLES, Scope, require_another
from hotline.rules.base import Context, Rule
from hotline.rules.rectification import on_its_own, require_own
from hotline.vocabulary import BURDENING, MARK_OF, MEASURE_OF, OPEN, TERMINAL, AlarmCode, MeasureKind, Role

_RULE: Final = "domain.md §6.2, §12 rule 16"
_JOINT: Final = "domain.md §8.1 B-24"
_ACTIONS_AT_MOST: Final = 20
_PARTS_AT_LEAST: Final = 2
"""What one party does alone is no joint supervision."""
_PENDING_AT_MOST: Final = 60
"""Measures of one case that somebody can still answer or appeal: the state of a case is carried for ever."""


# ── what a rung makes ───────────────────────────────────────────────────────────────────────────


def measures_of_rung(state: CaseState, clock: Clock, rung: AlarmCode, ctx: Context) -> Iterator[Body]:
    """The measure that a rung makes by itself, if it makes one: its holder answers for it.

    A joined case is worked on as another one, whose measures are enough for one matter.
    """
    kind = MEASURE_OF.get(rung)
    if kind and on_its_own(state):
        yield _issued(
            state, ctx, kind, rung, clock.holder, person=_signer_of(state, clock.holder), clock=clock
        )


def deduction_for_return(state: CaseState, dispute: UnitReturn, ctx: Context) -> Iterator[Body]:
    """记分: what a return costs that was ruled against its unit, if the policy charges for it (rule 11)."""
    points = ctx.policy.measures.overturned_return
    if points.unit or points.person:
        issued = _issued(
            state, ctx, MeasureKind.DEDUCTION, None, dispute.unit, person=dispute.returned_by, points=points
        )
        yield issued


def _signer_of(state: CaseState, unit: UnitCode) -> UserId | None:
    """Who signed for the case in the unit that leads it: the person that a card of the ladder names."""
    task = state.assignment
    return task.signed_by if task and task.lead == unit else None


def _issued(
    state: CaseState,
    ctx: Context,
    kind: MeasureKind,
    rung: AlarmCode | None,
    unit: UnitCode,
    *,
    person: UserId | None = None,
    clock: Clock | None = None,
    text: TextRef | None = None,
    public: bool = False,
    points: Points | None = None,
) -> MeasureIssued:
    rules = ctx.policy.measures
    points = points or rules.points(rung)
    count = state.measures_issued.get(kind, 0) + 1
    return MeasureIssued(
        number=measure_no(state.case_no, MARK_OF[kind], count),
        measure=kind,
        rung=rung,
        unit=unit,
        person=person,
        clock_id=clock.clock_id if clock else None,
        unit_points=points.unit,
        person_points=points.person if person else 0,
        appeal_until=ctx.policy.add(ctx.now, rules.appeal_window).at,
        text=text,
        public=public,
    )


# ── by hand ─────────────────────────────────────────────────────────────────────────────────────


def _urge(state: CaseState, command: Urge, ctx: Context) -> Iterator[Body]:
    _require_addressable(state, command.unit, ctx)
    yield _issued(state, ctx, MeasureKind.URGE, AlarmCode.URGE, command.unit, text=command.reason)


def _order(state: CaseState, command: IssueSupervisionOrder, ctx: Context) -> Iterator[Body]:
    _require_addressable(state, command.unit, ctx)
    if any(entry.is_open_order and entry.unit == command.unit for entry in state.measures):
        raise GuardFailed("order_open", "该单位尚有未办结的督办单", field="unit", rule=_RULE)
    yield _issued(state, ctx, MeasureKind.ORDER, AlarmCode.SUPERVISION, command.unit, text=command.demand)


def _card(state: CaseState, command: IssueCard, ctx: Context) -> Iterator[Body]:
    _require_addressable(state, command.unit, ctx)
    person = command.person
    yield _issued(
        state, ctx, MeasureKind.CARD, command.card, command.unit, person=person, text=command.reason
    )


def _interview(state: CaseState, command: HoldInterview, ctx: Context) -> Iterator[Body]:
    _require_addressable(state, command.unit, ctx)
    what = MeasureKind.INTERVIEW, AlarmCode.INTERVIEW
    yield _issued(state, ctx, *what, command.unit, person=command.person, text=command.record)


def _notice(state: CaseState, command: CirculateNotice, ctx: Context) -> Iterator[Body]:
    _require_addressable(state, command.unit, ctx)
    what = MeasureKind.NOTICE, AlarmCode.CIRCULAR
    if command.public:
        _require_publishable(state)
    yield _issued(state, ctx, *what, command.unit, text=command.text, public=command.public)


def _list(state: CaseState, command: ListForSupervision, ctx: Context) -> Iterator[Body]:
    _require_addressable(state, command.unit, ctx)
    if any(entry.is_open_listing for entry in state.measures):
        raise GuardFailed("listed_before", "此单已在挂牌督办，请先摘牌", field="unit", rule=_RULE)
    _require_future(command.due_on, ctx)
    if command.public_text:
        _require_publishable(state)
    what = MeasureKind.LISTING, AlarmCode.SPECIAL_SUPERVISION
    public = command.public_text is not None
    listed = _issued(state, ctx, *what, command.unit, text=command.demand, public=public)
    yield listed.model_copy(update={"public_text": command.public_text, "due_on": command.due_on})


def _end_listing(state: CaseState, command: EndListing, _: Context) -> Iterator[Body]:
    if not _known(state, command.number).is_open_listing:
        raise GuardFailed("not_listed", "该挂牌督办已经结束", field="number", rule=_RULE)
    yield ListingEnded(number=command.number, reason=command.reason)


def _require_publishable(state: CaseState) -> None:
    """Whatever is said in public of a case that its caller keeps secret may lead to them."""
    if state.secret:
        raise GuardFailed("secret_not_public", "保密工单不得公开通报", rule="domain.md §1.5")


def _require_future(day: date, ctx: Context) -> None:
    today = ctx.now.astimezone(SHANGHAI).date()
    if not today < day <= today + timedelta(days=ctx.policy.caps.suspension_days):
        raise GuardFailed(
            "due_on_out_of_range",
            f"期限须在明天至 {ctx.policy.caps.suspension_days} 天之内",
            field="due_on",
        )


def _require_addressable(state: CaseState, unit: UnitCode, ctx: Context) -> None:
    require_own(state)
    if unit not in state.units:
        raise GuardFailed("unit_not_at_work", "该单位没有承办此单", field="unit")
    if sum(entry.matters_at(ctx.now) for entry in state.measures) >= _PENDING_AT_MOST:
        raise LimitReached("measures_pending", "此单尚可申诉或者待答复的督办措施过多")


def _approve_notice(state: CaseState, command: ApproveNotice, ctx: Context) -> Iterator[Body]:
    notice = _known(state, command.number)
    if notice.proposed_by is None:
        raise GuardFailed("notice_not_pending", "该通报没有待审批的公开文本", field="number")
    require_another(ctx.actor, (notice.proposed_by,), code="own_notice", rule=_RULE)
    yield NoticeDecided(number=command.number, approved=command.approved, reason=command.reason)


def _take_in_charge(state: CaseState, command: TakeInCharge, ctx: Context) -> Iterator[Body]:
    if state.in_charge == ctx.actor.user_id:
        raise GuardFailed("in_charge_before", "此单已由本人包案")
    yield TakenInCharge(leader=ctx.actor.user_id, plan=command.plan)


def _instruct(_: CaseState, command: Instruct, __: Context) -> Iterator[Body]:
    yield InstructionGiven(text=command.text)


def _skip(state: CaseState, command: SkipRung, _: Context) -> Iterator[Body]:
    """The signed order of rule 16: who issues the command signs, and the fact keeps name and reason."""
    clock = state.clock(command.clock_id)
    if clock is None:
        raise GuardFailed("clock_unknown", "没有这个正在计时的时限", field="clock_id")
    stands = any(alarm.code is command.rung for alarm in clock.schedule.alarms)
    if command.rung not in BURDENING or not stands:
        raise GuardFailed("rung_unknown", "该时限没有这一级督办", field="rung", rule=_RULE)
    if command.rung in clock.fired or command.rung in clock.skipped:
        raise GuardFailed("rung_past", "这一级已经触发或者已经跳过", field="rung", rule=_RULE)
    yield RungSkipped(clock_id=command.clock_id, rung=command.rung, reason=command.reason)


# ── joint supervision 室组地联动 ──────────────────────────────────────────────────────────────────


def _start_joint(state: CaseState, command: StartJointSupervision, _: Context) -> Iterator[Body]:
    if state.joint:
        raise GuardFailed("joint_open", "此单已在联动督办", rule=_JOINT)
    yield JointStarted(number=joint_no(state.case_no, state.joints + 1), plan=command.plan)


def _add_action(state: CaseState, command: AddJointAction, ctx: Context) -> Iterator[Body]:
    joint = _joint_of(state)
    if len(joint.actions) >= _ACTIONS_AT_MOST:
        raise LimitReached("joint_actions_exhausted", "联动事项过多，请先办结一部分")
    if command.unit is not None and command.unit not in state.units:
        raise GuardFailed("unit_not_at_work", "该单位没有承办此单", field="unit")
    if command.person in state.recused:
        raise GuardFailed("person_recused", "该人员须回避此单", field="person", rule="domain.md §12 rule 6")
    _require_future(command.due_on, ctx)
    yield JointActionAdded(
        number=joint.number,
        action=joint.added + 1,
        party=command.party,
        unit=command.unit,
        person=command.person,
        due_on=command.due_on,
        task=command.task,
    )


def _drop_action(state: CaseState, command: DropJointAction, _: Context) -> Iterator[Body]:
    joint = _joint_of(state)
    _open_action(joint, command.action)
    yield JointActionDropped(number=joint.number, action=command.action, reason=command.reason)


def _report_action(state: CaseState, command: ReportJointAction, ctx: Context) -> Iterator[Body]:
    joint = _joint_of(state)
    if _open_action(joint, command.action).person != ctx.actor.user_id:
        raise NotPermitted("not_answerable", "该事项由其他人负责", field="action", rule=_JOINT)
    yield JointActionDone(
        number=joint.number, action=command.action, text=command.text, evidence=command.evidence
    )


def _close_joint(state: CaseState, command: CloseJointSupervision, _: Context) -> Iterator[Body]:
    """One closure for all parties, and only when each has done its part."""
    joint = _joint_of(state)
    if len(joint.actions) < _PARTS_AT_LEAST:
        raise GuardFailed("joint_needs_parties", "联动督办至少应有两项分工", rule=_JOINT)
    if waiting := [str(entry.action) for entry in joint.actions if entry.done_at is None]:
        raise GuardFailed("joint_actions_open", f"尚有未完成的联动事项：{'、'.join(waiting)}", rule=_JOINT)
    yield JointClosed(number=joint.number, conclusion=command.conclusion)


def _joint_of(state: CaseState) -> JointSupervision:
    if state.joint is None:
        raise GuardFailed("joint_not_open", "此单没有进行中的联动督办", rule=_JOINT)
    return state.joint


def _open_action(joint: JointSupervision, action: int) -> JointAction:
    entry = joint.action(action)
    if entry is None or entry.done_at is not None:
        raise GuardFailed("joint_action_not_open", "没有这个待完成的联动事项", field="action")
    return entry


# ── answers ─────────────────────────────────────────────────────────────────────────────────────


def _answer(state: CaseState, command: AnswerSupervisionOrder, ctx: Context) -> Iterator[Body]:
    order = _addressed(state, command.number, ctx.actor)
    if not order.awaits_answer:
        raise GuardFailed("order_not_open", "该督办单不在待答复状态", field="number", rule=_RULE)
    yield OrderAnswered(number=command.number, text=command.text, evidence=command.evidence)


def _review(state: CaseState, command: ReviewSupervisionAnswer, _: Context) -> Iterator[Body]:
    order = _known(state, command.number)
    if not order.is_open_order or order.answered_at is None:
        raise GuardFailed("answer_not_pending", "该督办单没有待审核的答复", field="number", rule=_RULE)
    yield AnswerReviewed(number=command.number, accepted=command.accepted, opinion=command.opinion)


# ── appeals ─────────────────────────────────────────────────────────────────────────────────────


def _appeal(state: CaseState, command: AppealRung, ctx: Context) -> Iterator[Body]:
    measure = _addressed(state, command.number, ctx.actor)
    if measure.appealed_at is not None:
        raise GuardFailed("appealed_before", "对该措施已经申诉过", field="number", rule=_RULE)
    if not measure.may_be_appealed_at(ctx.now):
        raise WindowClosed("appeal_window_closed", "申诉期限已过", field="number", rule=_RULE)
    yield MeasureAppealed(number=command.number, grounds=command.grounds)


def _decide_appeal(state: CaseState, command: DecideAppeal, ctx: Context) -> Iterator[Body]:
    measure = _known(state, command.number)
    if not measure.appeal_is_pending:
        raise GuardFailed("appeal_not_pending", "该措施没有待裁定的申诉", field="number", rule=_RULE)
    require_another(ctx.actor, (measure.issued_by, measure.appealed_by), code="own_measure", rule=_RULE)
    yield AppealDecided(
        number=command.number,
        upheld=command.upheld,
        reason=command.reason,
        unit_points=measure.unit_points if command.upheld else 0,
        person_points=measure.person_points if command.upheld else 0,
    )


def _known(state: CaseState, number: str) -> Measure:
    if (measure := state.measure(number)) is None:
        raise GuardFailed("measure_unknown", "此单没有该编号的督办措施，或者已经办结", field="number")
    return measure


def _addressed(state: CaseState, number: str, actor: Actor) -> Measure:
    measure = _known(state, number)
    if measure.unit != actor.unit:
        raise NotPermitted("not_addressed", "该措施不是对本单位作出的", field="number", rule=_RULE)
    return measure


# ── what is offered ─────────────────────────────────────────────────────────────────────────────


def _has_units(state: CaseState) -> bool:
    return bool(state.units) and on_its_own(state)


def _has_clocks(state: CaseState) -> bool:
    return bool(state.clocks)


def _owes_answer(state: CaseState, actor: Actor) -> bool:
    return any(entry.awaits_answer and entry.unit == actor.unit for entry in state.measures)


def _has_answers(state: CaseState) -> bool:
    return any(entry.is_open_order and entry.answered_at for entry in state.measures)


def _may_appeal(state: CaseState, actor: Actor) -> bool:
    return any(entry.appealed_at is None and entry.unit == actor.unit for entry in state.measures)


def _may_decide(state: CaseState, actor: Actor) -> bool:
    return any(
        entry.appeal_is_pending and actor.user_id not in {entry.issued_by, entry.appealed_by}
        for entry in state.measures
    )


def _may_be_listed(state: CaseState) -> bool:
    return _has_units(state) and not _is_listed(state)


def _is_listed(state: CaseState) -> bool:
    return any(entry.is_open_listing for entry in state.measures)


def _has_no_joint(state: CaseState) -> bool:
    return state.joint is None


def _has_joint(state: CaseState) -> bool:
    return state.joint is not None


def _has_open_actions(state: CaseState) -> bool:
    return state.joint is not None and any(entry.done_at is None for entry in state.joint.actions)


def _may_close_joint(state: CaseState) -> bool:
    joint = state.joint
    return joint is not None and len(joint.actions) >= _PARTS_AT_LEAST and not _has_open_actions(state)


def _answers_for_action(state: CaseState, actor: Actor) -> bool:
    parts = state.joint.actions if state.joint else ()
    return any(entry.done_at is None and entry.person == actor.user_id for entry in parts)


def _may_approve(state: CaseState, actor: Actor) -> bool:
    return any(entry.proposed_by not in {None, actor.user_id} for entry in state.measures)


def _is_not_in_charge(state: CaseState, actor: Actor) -> bool:
    return state.in_charge != actor.user_id


_SUPERVISION: Final = frozenset({Role.SUPERVISOR, Role.LEADER})
_JOINT_LEADS: Final = _SUPERVISION | {Role.DISCIPLINE}
_HEAD: Final = frozenset({Role.UNIT_HEAD})

RULES: Final = (
    Rule(
        Urge,
        by=frozenset({Role.SUPERVISOR, Role.DISPATCHER}),
        when=OPEN,
        decide=_urge,
        offered=_has_units,
    ),
    Rule(IssueSupervisionOrder, by=_SUPERVISION, when=OPEN, decide=_order, offered=_has_units),
    Rule(
        AnswerSupervisionOrder,
        by=_HEAD,
        when=OPEN,
        decide=_answer,
        scope=Scope.INVOLVED,
        offered_to=_owes_answer,
    ),
    Rule(
        ReviewSupervisionAnswer,
        by=frozenset({Role.SUPERVISOR}),
        when=OPEN,
        decide=_review,
        offered=_has_answers,
    ),
    Rule(IssueCard, by=_SUPERVISION, when=OPEN, decide=_card, offered=_has_units),
    Rule(
        HoldInterview,
        by=_SUPERVISION | {Role.DISCIPLINE},
        when=OPEN,
        decide=_interview,
        offered=_has_units,
    ),
    Rule(CirculateNotice, by=_SUPERVISION, when=OPEN, decide=_notice, offered=_has_units),
    Rule(
        ApproveNotice,
        by=_SUPERVISION,
        when=OPEN | TERMINAL,
        decide=_approve_notice,
        offered_to=_may_approve,
    ),
    Rule(
        ListForSupervision,
        by=_SUPERVISION | {Role.DISCIPLINE},
        when=OPEN,
        decide=_list,
        offered=_may_be_listed,
    ),
    Rule(EndListing, by=_SUPERVISION, when=OPEN, decide=_end_listing, offered=_is_listed),
    Rule(
        StartJointSupervision,
        by=_JOINT_LEADS,
        when=OPEN,
        decide=_start_joint,
        offered=_has_no_joint,
    ),
    Rule(AddJointAction, by=_JOINT_LEADS, when=OPEN | TERMINAL, decide=_add_action, offered=_has_joint),
    Rule(
        DropJointAction, by=_JOINT_LEADS, when=OPEN | TERMINAL, decide=_drop_action, offered=_has_open_actions
    ),
    Rule(
        ReportJointAction,
        by=_JOINT_LEADS | UNIT_ROLES,
        when=OPEN | TERMINAL,
        decide=_report_action,
        scope=Scope.INVOLVED,
        offered_to=_answers_for_action,
    ),
    Rule(
        CloseJointSupervision,
        by=_JOINT_LEADS,
        when=OPEN | TERMINAL,
        decide=_close_joint,
        offered=_may_close_joint,
    ),
    Rule(
        TakeInCharge,
        by=frozenset({Role.LEADER}),
        when=OPEN,
        decide=_take_in_charge,
        offered_to=_is_not_in_charge,
    ),
    Rule(Instruct, by=frozenset({Role.LEADER}), when=OPEN, decide=_instruct),
    Rule(SkipRung, by=frozenset({Role.SUPERVISOR}), when=OPEN, decide=_skip, offered=_has_clocks),
    Rule(
        AppealRung,
        by=_HEAD,
        when=OPEN | TERMINAL,
        decide=_appeal,
        scope=Scope.ADDRESSED,
        offered_to=_may_appeal,
    ),
    Rule(DecideAppeal, by=_SUPERVISION, when=OPEN | TERMINAL, decide=_decide_appeal, offered_to=_may_decide),
)
