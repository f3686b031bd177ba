"""分派: dispatch, signature, returns, joint review and binding rulings (domain.md §2, §12 rules 7, 10–12)."""

from collections.abc import Iterator
from typing import Final

from hotline.case import AssistTask, CaseState, Lineage
from hotline.commands import (
    AssistOrder,
    CallJointReview,
    DispatchCase,
    ReturnCase,
    RuleBindingly,
    RuleOnReturn,
    SignFor,
)
from hotline.facts import Body, CaseDispatched, CaseReturned, CaseSigned, JointReviewCalled, ReturnRuled
from hotline.identifiers import HOTLINE, UnitCode
from hotline.obligations import in_dispute
from hotline.refusals import GuardFailed, LimitReached, WindowClosed
from hotline.roles import UNIT_ROLES, Scope
from hotline.rules.base import Context, Rule
from hotline.rules.intake import no_emergency, require_no_emergency
from hotline.rules.supervision import deduction_for_return
from hotline.visibility import barred
from hotline.vocabulary import Role, Status


def _dispatch(state: CaseState, command: DispatchCase, ctx: Context) -> Iterator[Body]:
    if state.repeat_of and command.new_facts is None:
        raise GuardFailed(
            "repeat_of_open_case",
            "与在办工单重复：请并单，或说明新的事实和理由",
            field="new_facts",
            rule="domain.md §12 rule 4",
        )
    _check_units(state, command)
    yield CaseDispatched(
        number=state.assignments + 1,
        lead=command.lead,
        assists=_tasks(command.assists),
        lineages=command.lineages,
        return_until=ctx.policy.add(ctx.now, ctx.policy.return_window).at,
        final=len(state.returns) >= ctx.policy.caps.returns_per_case,
        advice=command.advice,
        new_facts=command.new_facts,
    )


def _rule_bindingly(state: CaseState, command: RuleBindingly, ctx: Context) -> Iterator[Body]:
    """The ruling is final. Naming the unit that disputed its duty keeps the clock that it has been on."""
    _check_units(state, command)
    same = in_dispute(state) and state.assignment is not None and state.assignment.lead == command.lead
    yield CaseDispatched(
        number=state.assignments if same else state.assignments + 1,
        lead=command.lead,
        assists=_tasks(command.assists),
        lineages=command.lineages,
        return_until=ctx.now,
        final=True,
        advice=command.reason,
    )


def _check_units(state: CaseState, command: DispatchCase | RuleBindingly) -> None:
    require_no_emergency(state)
    units = (command.lead, *(order.unit for order in command.assists))
    if len(set(units)) < len(units):
        raise GuardFailed("unit_named_twice", "主办、协办单位不得重复", field="assists")
    _require_not_accused(state, units, command.lineages, field="lead")


def _require_not_accused(
    state: CaseState, units: tuple[UnitCode, ...], lineages: tuple[Lineage, ...], *, field: str
) -> None:
    """Nor may whoever answers to the accused unit; what joined cases complain about counts as well."""
    accused = (*state.classification.accused_units, *state.accused_by_members)
    if named := barred(units, lineages, accused):
        raise GuardFailed(
            "accused_unit",
            f"被反映单位及其下级不得承办、协办或参加会商：{'、'.join(sorted(named))}",
            field=field,
            rule="domain.md §12 rule 6, 济南条例 art. 32",
        )


def _tasks(orders: tuple[AssistOrder, ...]) -> tuple[AssistTask, ...]:
    return tuple(AssistTask(unit=order.unit, days=order.days) for order in orders)


def _sign(_: CaseState, __: SignFor, ___: Context) -> Iterator[Body]:
    yield CaseSigned()


def may_return(state: CaseState) -> bool:
    """Whether the lead unit may still dispute its duty, time apart (rules 11–12)."""
    task = state.assignment
    return task is not None and not task.final and state.joined_to is None


def _return(state: CaseState, command: ReturnCase, ctx: Context) -> Iterator[Body]:
    task = state.assignment
    assert task is not None
    caps = ctx.policy.caps
    if task.final or state.joined_to:
        raise LimitReached("assignment_is_final", "已审定，承办单位不得退单", rule="潍坊条例 art. 22")
    if ctx.now > task.return_until:
        raise WindowClosed("return_window_closed", "已超过退单时限", rule="domain.md §12 rule 11")
    if sum(entry.unit == task.lead for entry in state.returns) >= caps.returns_per_unit:
        raise LimitReached("unit_returned_before", "本单位已退过此单", rule="domain.md §12 rule 11")
    if len(state.returns) >= caps.returns_per_case:
        raise LimitReached("returns_exhausted", "此单退单次数已用完", rule="domain.md §12 rule 11")
    if state.pending_extension or state.determination:
        raise GuardFailed("request_pending", "有待审批的申请，不能退单")
    yield CaseReturned(
        unit=task.lead, back_to=state.status, legal_basis=command.legal_basis, evidence=command.evidence
    )


def _rule_on_return(state: CaseState, command: RuleOnReturn, ctx: Context) -> Iterator[Body]:
    """The ruling attributes the disputed span: to the hotline if it misdirected, else to the unit."""
    dispute = state.returns[-1]
    overturned = sum(entry.upheld is False for entry in state.returns) + (not command.upheld)
    yield ReturnRuled(
        upheld=command.upheld,
        disputed_for=ctx.now - dispute.returned_at,
        attributed_to=HOTLINE if command.upheld else dispute.unit,
        becomes_final=overturned >= ctx.policy.caps.returns_per_case,
        reason=command.reason,
    )
    if not command.upheld:
        yield from deduction_for_return(state, dispute, ctx)


def _call_joint_review(state: CaseState, command: CallJointReview, _: Context) -> Iterator[Body]:
    require_no_emergency(state)
    _require_not_accused(state, command.participants, command.lineages, field="participants")
    yield JointReviewCalled(participants=command.participants, reason=command.reason)


_DISPATCHER: Final = frozenset({Role.DISPATCHER})
_RULERS: Final = frozenset({Role.DISPATCHER, Role.SUPERVISOR})

RULES: Final = (
    Rule(
        DispatchCase,
        by=_DISPATCHER,
        when=frozenset({Status.RECEIVED, Status.AWAITING_DISPATCH}),
        decide=_dispatch,
        offered=no_emergency,
    ),
    Rule(SignFor, by=UNIT_ROLES, when=frozenset({Status.AWAITING_SIGNATURE}), decide=_sign, scope=Scope.LEAD),
    Rule(
        ReturnCase,
        by=UNIT_ROLES,
        when=frozenset({Status.AWAITING_SIGNATURE, Status.IN_HAND}),
        decide=_return,
        scope=Scope.LEAD,
        offered=may_return,
    ),
    Rule(RuleOnReturn, by=_RULERS, when=frozenset({Status.RETURN_REVIEW}), decide=_rule_on_return),
    Rule(
        CallJointReview,
        by=_RULERS,
        when=frozenset({Status.RECEIVED, Status.AWAITING_DISPATCH, Status.RETURN_REVIEW}),
        decide=_call_joint_review,
        offered=no_emergency,
    ),
    Rule(
        RuleBindingly,
        by=_RULERS,
        when=frozenset({Status.AWAITING_DISPATCH, Status.RETURN_REVIEW, Status.JOINT_REVIEW}),
        decide=_rule_bindingly,
        offered=no_emergency,
    ),
)
