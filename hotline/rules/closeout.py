"""办结归档: closing by supervision, reopening, look-back, archiving (domain.md §5, §12 rule 3)."""

from collections.abc import Iterator
from typing import Final

from hotline.case import CaseState
from hotline.commands import ArchiveCase, CloseCase, RecordLookBack, ReopenCase
from hotline.facts import Body, CaseArchived, CaseClosed, CaseReopened, LookBackRecorded
from hotline.obligations import awaits_somebody
from hotline.refusals import GuardFailed
from hotline.roles import require_another
from hotline.rules.base import Context, Rule
from hotline.vocabulary import TERMINAL, Outcome, Role, Status


def _close(state: CaseState, command: CloseCase, _: Context) -> Iterator[Body]:
    """Only after every rework, and only on an accepted reply, whose guards all held (rule 17)."""
    if not may_close(state):
        raise GuardFailed(
            "no_accepted_reply", "没有审核通过的办理结果，不能办结", rule="domain.md §12 rule 17"
        )
    yield CaseClosed(status=Status.COMPLETED, outcome=Outcome.SUPERVISED, reason=command.reason)


def may_close(state: CaseState) -> bool:
    """Whether there is an accepted reply to close on."""
    return state.reply is not None and state.reply.accepted_at is not None


def _reopen(_: CaseState, command: ReopenCase, __: Context) -> Iterator[Body]:
    yield CaseReopened(new_facts=command.new_facts, relapse=command.relapse)


def _look_back(state: CaseState, command: RecordLookBack, ctx: Context) -> Iterator[Body]:
    """回头看 checks the work of others: not of who replied, reviewed or signed."""
    if reply := state.reply:
        handled = (reply.submitted_by, reply.signer, reply.reviewed_by)
        require_another(ctx.actor, handled, code="own_case", rule="domain.md §12 rule 18")
    yield LookBackRecorded(holds=command.holds, finding=command.finding)
    if not command.holds:
        yield CaseReopened(new_facts=command.finding, relapse=True)


def _archive(state: CaseState, _: ArchiveCase, __: Context) -> Iterator[Body]:
    if state.exclusion:
        raise GuardFailed("exclusion_pending", "此单有剔除申请尚未审批")
    if not may_archive(state):
        raise GuardFailed("appeal_pending", "有申诉尚未裁定，或者联动督办尚未办结，不能归档")
    yield CaseArchived()


def may_archive(state: CaseState) -> bool:
    """Whether nobody has to decide on an appeal or an exclusion, or to end a joint supervision, any more."""
    return not awaits_somebody(state)


RULES: Final = (
    Rule(
        CloseCase,
        by=frozenset({Role.SUPERVISOR}),
        when=frozenset({Status.JOINT_REVIEW}),
        decide=_close,
        offered=may_close,
    ),
    Rule(
        ReopenCase,
        by=frozenset({Role.DISPATCHER, Role.SUPERVISOR}),
        when=frozenset({Status.COMPLETED, Status.TERMINATED, Status.NOT_ACCEPTED}),
        decide=_reopen,
    ),
    Rule(
        RecordLookBack,
        by=frozenset({Role.REVISITOR, Role.SUPERVISOR}),
        when=frozenset({Status.COMPLETED}),
        decide=_look_back,
    ),
    Rule(
        ArchiveCase,
        by=frozenset({Role.ADMINISTRATOR}),
        when=TERMINAL,
        decide=_archive,
        offered=may_archive,
    ),
)
