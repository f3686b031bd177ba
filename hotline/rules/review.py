"""审核与认定: the hotline reviews every reply; two levels decide to end a case without a result.

Sources: domain.md §4, §12 rules 18 and 20 (济南条例 art. 25, 27; 潍坊条例 art. 21).
"""

from collections.abc import Iterator
from typing import Final, Literal

from hotline.case import CaseState
from hotline.commands import (
    ClaimUnreasonable,
    DecideTermination,
    DecideUnreasonable,
    RequestTermination,
    ReviewReply,
)
from hotline.facts import (
    Body,
    CaseClosed,
    DeterminationDecided,
    DeterminationRequested,
    ReplyAccepted,
    ReplyReturned,
)
from hotline.refusals import GuardFailed
from hotline.roles import require_another
from hotline.rules.base import Context, Rule
from hotline.rules.rectification import on_its_own, require_own
from hotline.vocabulary import DeterminationKind, Outcome, Role, Status

_ENDS: Final = {
    DeterminationKind.TERMINATION: (Status.TERMINATED, Outcome.TERMINATED),
    DeterminationKind.UNREASONABLE: (Status.COMPLETED, Outcome.UNREASONABLE),
}


def _review(state: CaseState, command: ReviewReply, ctx: Context) -> Iterator[Body]:
    reply = state.reply
    assert reply is not None
    require_another(
        ctx.actor, (reply.submitted_by, reply.signer), code="own_reply", rule="domain.md §12 rule 18"
    )
    if command.accepted:
        yield ReplyAccepted(opinion=command.opinion)
        return
    if command.opinion is None:
        raise GuardFailed("opinion_missing", "退回须写明意见", field="opinion", rule="domain.md §12 rule 18")
    yield ReplyReturned(opinion=command.opinion)


def _request_termination(state: CaseState, command: RequestTermination, _: Context) -> Iterator[Body]:
    _require_none_pending(state)
    yield DeterminationRequested(
        number=state.determinations + 1,
        determination=DeterminationKind.TERMINATION,
        ground=command.ground,
        reason=command.reason,
    )


def _claim_unreasonable(state: CaseState, command: ClaimUnreasonable, _: Context) -> Iterator[Body]:
    _require_none_pending(state)
    yield DeterminationRequested(
        number=state.determinations + 1,
        determination=DeterminationKind.UNREASONABLE,
        reason=command.reason,
        evidence=command.evidence,
    )


def _require_none_pending(state: CaseState) -> None:
    require_own(state)
    if state.determination:
        raise GuardFailed("request_pending", "已有待审批的终止或认定申请")
    if state.pending_extension:
        raise GuardFailed("request_pending", "有待审批的延期申请")


def _decide(
    state: CaseState, command: DecideTermination | DecideUnreasonable, ctx: Context
) -> Iterator[Body]:
    """Dispatcher first, supervisor second; never the proposer, never one person at both levels."""
    pending = state.determination
    kind = _DECIDES[type(command)]
    if pending is None or pending.kind is not kind:
        raise GuardFailed("nothing_to_decide", f"没有待审批的{kind.label}申请")
    level: Literal[1, 2] = 1 if pending.first_approved_by is None else 2
    if (level == 1) != (ctx.actor.role is Role.DISPATCHER):
        raise GuardFailed("determination_level", "须先由分办员初审，再由督办员终审", rule=_TWO_LEVELS)
    require_another(
        ctx.actor, (pending.requested_by, pending.first_approved_by), code="own_request", rule=_TWO_LEVELS
    )
    yield DeterminationDecided(
        number=pending.number,
        determination=kind,
        level=level,
        approved=command.approved,
        settled=not command.approved or level == 2,
        reason=command.reason,
    )
    if command.approved and level == 2:
        status, outcome = _ENDS[kind]
        yield CaseClosed(status=status, outcome=outcome, reason=command.reason)


_DECIDES: Final = {
    DecideTermination: DeterminationKind.TERMINATION,
    DecideUnreasonable: DeterminationKind.UNREASONABLE,
}
_TWO_LEVELS: Final = "domain.md §12 rule 20"
_CLAIMABLE: Final = frozenset({Status.IN_HAND, Status.REWORK, Status.JOINT_REVIEW})
_DECIDERS: Final = frozenset({Role.DISPATCHER, Role.SUPERVISOR})


def _pending(kind: DeterminationKind, state: CaseState) -> bool:
    return state.determination is not None and state.determination.kind is kind


def _may_request(state: CaseState) -> bool:
    return on_its_own(state) and not state.determination and not state.pending_extension


RULES: Final = (
    Rule(
        ReviewReply,
        by=frozenset({Role.DISPATCHER, Role.SUPERVISOR}),
        when=frozenset({Status.REPLY_REVIEW}),
        decide=_review,
    ),
    Rule(
        RequestTermination,
        by=frozenset({Role.UNIT_HEAD}),
        when=_CLAIMABLE,
        decide=_request_termination,
        offered=_may_request,
    ),
    Rule(
        DecideTermination,
        by=_DECIDERS,
        when=_CLAIMABLE,
        decide=_decide,
        offered=lambda state: _pending(DeterminationKind.TERMINATION, state),
    ),
    Rule(
        ClaimUnreasonable,
        by=frozenset({Role.UNIT_HEAD}),
        when=_CLAIMABLE,
        decide=_claim_unreasonable,
        offered=_may_request,
    ),
    Rule(
        DecideUnreasonable,
        by=_DECIDERS,
        when=_CLAIMABLE,
        decide=_decide,
        offered=lambda state: _pending(DeterminationKind.UNREASONABLE, state),
    ),
)
