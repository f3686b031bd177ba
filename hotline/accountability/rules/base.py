"""What a rule on a dossier is, and the separations of duty that several rules share (domain.md §7.3)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

from hotline.accountability.facts import DossierBody, Proposed
from hotline.accountability.policy import DossierPolicy
from hotline.accountability.state import (
    Decision,
    DossierState,
    Notice,
    Officer,
    Proposal,
    Recommendation,
    Rectification,
    Sanctioning,
)
from hotline.accountability.vocabulary import DossierStage, Family, Level, Matter
from hotline.case import TextRef
from hotline.identifiers import CommandId, UserId
from hotline.model import Message, Record
from hotline.refusals import GuardFailed, NotPermitted

SYSTEM_OFFICER: Final = Officer(user_id=UserId("system"), level=Level.SYSTEM)

PROPOSERS: Final = frozenset({Level.OFFICER, Level.SECTION})
APPROVERS: Final = frozenset({Level.SECTION, Level.DEPUTY, Level.PRINCIPAL})
LEADERS: Final = frozenset({Level.DEPUTY, Level.PRINCIPAL})
EVERYBODY: Final = PROPOSERS | APPROVERS


@dataclass(frozen=True, slots=True)
class DossierContext:
    """What comes from outside into a decision on a dossier."""

    now: datetime
    officer: Officer
    command_id: CommandId
    policy: DossierPolicy


@dataclass(frozen=True, slots=True)
class DossierRule:
    """One row of a table: a command, the levels that may issue it, and the stages in which it applies."""

    command: type[Message]
    by: frozenset[Level]
    when: frozenset[DossierStage]
    # The argument is the row's own command class, which the type system cannot tie to `command`.
    decide: Callable[[DossierState, Any, DossierContext], Iterable[DossierBody]]

    @property
    def kind(self) -> str:
        """The command's stable name."""
        return str(self.command.model_fields["kind"].default)


def propose(
    state: DossierState, substance: Record, ctx: DossierContext, reason: TextRef | None = None
) -> Proposed:
    """送审: queue a matter for approval by the levels that the policy names."""
    matter: Matter = substance.matter  # type: ignore[attr-defined]  # each member of the union has its matter
    proposal = Proposal.model_validate(
        {
            "number": state.proposed + 1,
            "substance": substance,
            "proposed_by": ctx.officer.user_id,
            "chain": chain_for(state, matter, substance, ctx.policy),
        }
    )
    return Proposed(proposal=proposal, reason=reason)


def chain_for(
    state: DossierState, matter: Matter, substance: Record, policy: DossierPolicy
) -> tuple[Level, ...]:
    """Who approves: a matter about the head of a next-level body goes up to the principal (domain.md §7.3)."""
    chain = policy.chains[matter]
    if isinstance(substance, Sanctioning):
        family = state.decisions[substance.decision - 1].draft.measure.family
        chain = policy.first_form_chain if family is Family.FIRST_FORM else chain
    is_about_a_head = any(
        subject.kind == "person" and subject.position.leads_unit for subject in state.subjects
    )
    added = policy.heads if is_about_a_head else ()
    return (*chain, *(level for level in added if level not in chain))


def require_together(officers: tuple[UserId, ...], state: DossierState, ctx: DossierContext) -> None:
    """二人以上: two or more different people, the one who records it among them, nobody recused or concerned."""
    if len(set(officers)) < 2:
        raise GuardFailed("two_officers", "须由二人以上共同进行", field="officers", rule="政务处分法 art. 42")
    if ctx.officer.user_id not in officers:
        raise GuardFailed("officer_not_present", "记录人须为参与人员之一", field="officers")
    require_unbiased(officers, state)


def require_unbiased(officers: Iterable[UserId], state: DossierState) -> None:
    """Nobody works on a dossier who is recused from it or whom it is about (政务处分法 art. 47)."""
    concerned = {*state.recused, *(s.account for s in state.subjects if s.kind == "person")}
    if concerned & set(officers):
        raise GuardFailed("officer_recused", "名单中有应当回避的人员", rule="政务处分法 art. 47")


def require_of_team(officers: tuple[UserId, ...], state: DossierState) -> None:
    """What a team did is signed by members of the team."""
    if len(state.team) < 2:
        raise GuardFailed("team_missing", "须先成立二人以上的核查组、审查调查组", field="signers")
    if not set(officers) <= set(state.team):
        raise GuardFailed("not_of_team", "签字人须为核查组、审查调查组成员", field="signers")


def require_nothing_pending(state: DossierState, matter: Matter) -> None:
    """One matter of a kind is before the approvers at a time."""
    if state.proposal(matter):
        raise GuardFailed("proposal_pending", f"{matter.label}正在审批中")


def require_not(officer: Officer, others: Iterable[UserId], *, code: str) -> None:
    """Separation of duties: refuse whoever already acted in the other part."""
    if officer.user_id in others:
        raise NotPermitted(code, "须由另一人办理：不得审批、复查、发布本人经办的事项", rule="domain.md §7.3")


Entry = TypeVar("Entry", Decision, Recommendation, Rectification, Notice)


def numbered(entries: tuple[Entry, ...], number: int, field: str) -> Entry:
    """The entry of that number, or a refusal that names the field."""
    if not 1 <= number <= len(entries):
        raise GuardFailed("unknown_number", "没有这一编号", field=field)
    return entries[number - 1]


def require_subject(state: DossierState, number: int) -> None:
    """A subject is named by its place in the dossier."""
    if not 1 <= number <= len(state.subjects):
        raise GuardFailed("unknown_subject", "本案卷没有这一被反映人", field="subject")
