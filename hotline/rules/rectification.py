"""办理整改: contact, progress, assistance, extensions, 挂账, the reply (domain.md §4, §12 rules 13–14, 17, 21)."""

from collections.abc import Iterator
from typing import Final

from hotline.calendar import SHANGHAI
from hotline.case import Actor, AssistTask, CaseState
from hotline.commands import (
    AssistReply,
    DecideExtension,
    LogContact,
    ReportProgress,
    RequestExtension,
    Resume,
    SubmitReply,
    SuspendWithPlan,
    WaiveAssist,
)
from hotline.facts import (
    AssistReplied,
    AssistWaived,
    Body,
    CaseResumed,
    CaseSuspended,
    ContactLogged,
    ExtensionDecided,
    ExtensionLapsed,
    ExtensionRequested,
    ProgressReported,
    ReplySubmitted,
)
from hotline.identifiers import UnitCode, UserId
from hotline.obligations import work_clock_id
from hotline.policy import PolicySnapshot
from hotline.refusals import GuardFailed, LimitReached, NotPermitted, WindowClosed
from hotline.roles import UNIT_ROLES, Scope, require_another
from hotline.rules.base import Context, Rule
from hotline.vocabulary import EvidenceKind, Role, Status

WORKING: Final = frozenset({Status.IN_HAND, Status.REWORK})
_REPLY_RULE: Final = "domain.md §12 rule 17, 蚌埠工单办理规范"


def on_its_own(state: CaseState) -> bool:
    """A joined case is worked on through the case it was joined to."""
    return state.joined_to is None


def require_own(state: CaseState) -> None:
    """Refuse work on a joined case itself."""
    if not on_its_own(state):
        raise GuardFailed("case_is_joined", "已并入他单，随主单办理")


def _may_contact(state: CaseState, actor: Actor) -> bool:
    """The caller of a secret case is known to the hotline alone, whose record counts as contact (rule 5)."""
    return not (state.secret and actor.role in UNIT_ROLES)


def _log_contact(state: CaseState, command: LogContact, ctx: Context) -> Iterator[Body]:
    if not _may_contact(state, ctx.actor):
        raise NotPermitted(
            "secret_contact_through_hotline", "保密件由热线平台联系诉求人", rule="domain.md §12 rule 5"
        )
    if state.round_started_at and command.at < state.round_started_at:
        raise GuardFailed("contact_before_dispatch", "联系时间早于本轮派单", field="at", rule=_REPLY_RULE)
    if command.at > ctx.now:
        raise GuardFailed("contact_in_future", "联系时间晚于当前时间", field="at")
    yield ContactLogged(
        outcome=command.outcome, contacted_at=command.at, note=command.note, evidence=command.evidence
    )


def _report_progress(_: CaseState, command: ReportProgress, __: Context) -> Iterator[Body]:
    yield ProgressReported(text=command.text)


def _assist_reply(state: CaseState, command: AssistReply, ctx: Context) -> Iterator[Body]:
    unit = ctx.actor.unit
    if not any(task.unit == unit and task.is_open for task in _assists(state)):
        raise GuardFailed("assist_not_open", "本单位没有待完成的协办任务")
    assert unit is not None
    yield AssistReplied(unit=unit, text=command.text, evidence=command.evidence)


def _waive_assist(state: CaseState, command: WaiveAssist, _: Context) -> Iterator[Body]:
    if not any(task.unit == command.unit and task.is_open for task in _assists(state)):
        raise GuardFailed("assist_not_open", "该单位没有待完成的协办任务", field="unit")
    yield AssistWaived(unit=command.unit, reason=command.reason)


def _assists(state: CaseState) -> tuple[AssistTask, ...]:
    return state.assignment.assists if state.assignment else ()


def _has_open_assist(state: CaseState) -> bool:
    return bool(open_assists(state))


def open_assists(state: CaseState) -> list[UnitCode]:
    """The assisting units for which the lead still waits."""
    return [task.unit for task in _assists(state) if task.is_open]


def _not_expired(state: CaseState, ctx: Context, code: str) -> None:
    clock = state.clock(work_clock_id(state))
    if clock is None or ctx.now > clock.due_at:
        raise WindowClosed(code, "须在办理期限届满前提出", rule="domain.md §12 rule 14")


def _request_extension(state: CaseState, command: RequestExtension, ctx: Context) -> Iterator[Body]:
    """延期: before expiry, once and a second time at the next level, never a third (rule 14)."""
    require_own(state)
    caps = ctx.policy.caps
    if state.pending_extension:
        raise GuardFailed("extension_pending", "已有待审批的延期申请")
    if sum(extension.approved is True for extension in state.extensions) >= caps.extensions:
        raise LimitReached("extensions_exhausted", "延期次数已用完", rule="domain.md §12 rule 14")
    if command.days > caps.extension_days_hotline:
        raise LimitReached(
            "extension_too_long", f"延期最多 {caps.extension_days_hotline} 个工作日", field="days"
        )
    _not_expired(state, ctx, "extension_after_expiry")
    yield ExtensionRequested(
        number=len(state.extensions) + 1,
        clock_id=work_clock_id(state),
        days=command.days,
        reason=command.reason,
    )


def _decide_extension(state: CaseState, command: DecideExtension, ctx: Context) -> Iterator[Body]:
    pending = state.pending_extension
    if pending is None:
        raise GuardFailed("no_extension_pending", "没有待审批的延期申请")
    require_another(ctx.actor, (pending.requested_by,), code="own_request", rule="domain.md §12 rule 14")
    if ctx.actor.role not in _extension_deciders(state, pending.days, ctx):
        raise NotPermitted("extension_level", "延期须由上一级审批", rule="domain.md §12 rule 14")
    yield ExtensionDecided(
        number=pending.number, days=pending.days, approved=command.approved, reason=command.reason
    )


def _extension_deciders(state: CaseState, days: int, ctx: Context) -> frozenset[Role]:
    if any(extension.approved for extension in state.extensions):
        return frozenset({Role.SUPERVISOR})
    if days > ctx.policy.caps.extension_days_unit:
        return frozenset({Role.DISPATCHER, Role.SUPERVISOR})
    return frozenset({Role.UNIT_HEAD, Role.DISPATCHER, Role.SUPERVISOR})


def _suspend(state: CaseState, command: SuspendWithPlan, ctx: Context) -> Iterator[Body]:
    """挂账: bounded in number and length, before expiry, after the citizen was told (rule 21)."""
    require_own(state)
    caps = ctx.policy.caps
    days_ahead = (command.next_on - ctx.now.astimezone(SHANGHAI).date()).days
    if not 1 <= days_ahead <= caps.suspension_days:
        raise GuardFailed(
            "plan_date_out_of_range", f"下一节点须在 1 至 {caps.suspension_days} 天内", field="next_on"
        )
    if state.suspensions >= caps.suspensions:
        raise LimitReached("suspensions_exhausted", "挂账次数已用完", rule="domain.md §12 rule 21")
    if state.pending_extension or state.determination:
        raise GuardFailed("request_pending", "有待审批的申请，不能挂账")
    if not was_contacted(state, ctx.policy):
        raise GuardFailed("citizen_not_told", "挂账前须告知诉求人", rule="济南条例 art. 24")
    _not_expired(state, ctx, "suspension_after_expiry")
    _require_not_recused(state, command.owner, field="owner")
    yield CaseSuspended(
        number=state.suspensions + 1,
        plan=command.plan,
        next_on=command.next_on,
        owner=command.owner,
        back_to=state.status,
    )


def _resume(state: CaseState, command: Resume, _: Context) -> Iterator[Body]:
    assert state.suspension is not None
    yield CaseResumed(back_to=state.suspension.back_to, reason=command.reason)


def was_contacted(state: CaseState, policy: PolicySnapshot) -> bool:
    """Contact evidence of this round: reached once, or tried as often as a revisit would be (rule 17)."""
    tried = state.contact_attempts >= policy.caps.revisit_attempts
    return state.contacted or tried or not state.has_contact


def _submit_reply(state: CaseState, command: SubmitReply, ctx: Context) -> Iterator[Body]:
    """办理结果: refused while any of contact, handling evidence, citation or signer is missing (rule 17)."""
    require_own(state)
    if state.determination:
        raise GuardFailed("request_pending", "有待审批的终止或认定申请")
    if waiting := open_assists(state):
        raise GuardFailed(
            "assist_open", f"协办单位尚未回复：{'、'.join(waiting)}", rule="domain.md §12 rule 13"
        )
    _check_reply(state, command, ctx)
    signer = command.signer or (ctx.actor.user_id if ctx.actor.role is Role.UNIT_HEAD else None)
    if signer is None:
        raise GuardFailed("signer_missing", "须由单位负责人签发", field="signer", rule=_REPLY_RULE)
    _require_not_recused(state, signer, field="signer")
    if state.pending_extension:
        yield ExtensionLapsed(number=state.pending_extension.number)
    assert state.assignment is not None
    yield ReplySubmitted(
        number=state.replies + 1,
        unit=state.assignment.lead,
        text=command.text,
        evidence=command.evidence,
        citation=command.citation,
        explanation=command.explanation,
        signer=signer,
    )


def _require_not_recused(state: CaseState, person: UserId, *, field: str) -> None:
    if person in state.recused:
        raise GuardFailed("person_recused", "该人员已回避本工单", field=field, rule="domain.md §12 rule 6")


def _check_reply(state: CaseState, command: SubmitReply, ctx: Context) -> None:
    needed = ctx.policy.evidence
    if needed.contact and not was_contacted(state, ctx.policy):
        raise GuardFailed("contact_evidence_missing", "缺少联系诉求人的记录", rule=_REPLY_RULE)
    handling = [item for item in command.evidence if item.kind is EvidenceKind.HANDLING]
    if needed.handling and not handling:
        raise GuardFailed("handling_evidence_missing", "缺少办理证据", field="evidence", rule=_REPLY_RULE)
    assert state.assignment is not None
    since = state.assignment.dispatched_at
    if any(not since <= item.made_at <= ctx.now for item in handling):
        raise GuardFailed(
            "evidence_not_of_this_case", "办理证据须形成于派单之后", field="evidence", rule=_REPLY_RULE
        )
    if needed.citation and not (command.citation or command.explanation):
        raise GuardFailed("citation_missing", "须引用依据或者说明理由", field="citation", rule=_REPLY_RULE)


_LEAD_WORK: Final = Status.AWAITING_SIGNATURE, Status.IN_HAND, Status.REWORK, Status.SUSPENDED

RULES: Final = (
    Rule(
        LogContact,
        by=UNIT_ROLES | {Role.OPERATOR, Role.DISPATCHER, Role.REVISITOR},
        when=frozenset(_LEAD_WORK),
        decide=_log_contact,
        scope=Scope.INVOLVED,
        offered_to=_may_contact,
    ),
    Rule(
        ReportProgress,
        by=UNIT_ROLES,
        when=frozenset(_LEAD_WORK),
        decide=_report_progress,
        scope=Scope.INVOLVED,
    ),
    Rule(
        AssistReply,
        by=UNIT_ROLES,
        when=frozenset(_LEAD_WORK),
        decide=_assist_reply,
        scope=Scope.ASSIST,
        offered=_has_open_assist,
    ),
    Rule(
        WaiveAssist,
        by=frozenset({Role.DISPATCHER}),
        when=frozenset(_LEAD_WORK),
        decide=_waive_assist,
        offered=_has_open_assist,
    ),
    Rule(
        RequestExtension,
        by=UNIT_ROLES,
        when=WORKING,
        decide=_request_extension,
        offered=lambda state: on_its_own(state) and state.pending_extension is None,
    ),
    Rule(
        DecideExtension,
        by=frozenset({Role.UNIT_HEAD, Role.DISPATCHER, Role.SUPERVISOR}),
        when=WORKING,
        decide=_decide_extension,
        offered=lambda state: state.pending_extension is not None,
    ),
    Rule(
        SuspendWithPlan,
        by=frozenset({Role.UNIT_HEAD}),
        when=WORKING,
        decide=_suspend,
        offered=on_its_own,
    ),
    Rule(
        Resume,
        by=UNIT_ROLES | {Role.DISPATCHER, Role.SUPERVISOR},
        when=frozenset({Status.SUSPENDED}),
        decide=_resume,
    ),
    Rule(SubmitReply, by=UNIT_ROLES, when=WORKING, decide=_submit_reply, offered=on_its_own),
)
