"""decide: the one door through which an accountability file changes (决定).

Checked in a fixed order: secrecy, level, stage, guards. Whoever may not know of the dossier learns nothing
from the answer. The clock facts that follow from the new state are added here, and a closed dossier goes to
the archive when its last period and its last remedy are over.
"""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from hotline.accountability.commands import DossierCommand
from hotline.accountability.evolve import evolve
from hotline.accountability.facts import DossierArchived, DossierBody, DossierFact
from hotline.accountability.obligations import follow
from hotline.accountability.rules import aftermath, clue, decision, inquiry, remedy
from hotline.accountability.rules.base import SYSTEM_OFFICER, DossierContext, DossierRule
from hotline.accountability.secrecy import may_know, unseen
from hotline.accountability.state import ClueRegistration, DossierState
from hotline.accountability.vocabulary import DossierStage
from hotline.identifiers import DossierNo
from hotline.model import Message
from hotline.refusals import NotPermitted, StaleVersion, WrongStatus

__all__ = ["RULES", "SYSTEM_OFFICER", "DossierContext", "decide", "register"]

RULES: Final[Mapping[type[Message], DossierRule]] = MappingProxyType(
    {rule.command: rule for stage in (clue, inquiry, decision, remedy, aftermath) for rule in stage.RULES}
)
"""Every command with its rule; a test proves that none is missing."""


def register(registration: ClueRegistration, ctx: DossierContext) -> tuple[DossierFact, ...]:
    """线索登记: the first facts of a dossier, its first clock included."""
    return _record(None, registration.dossier_no, clue.open_dossier(registration, ctx), ctx)


def decide(state: DossierState, command: DossierCommand, ctx: DossierContext) -> tuple[DossierFact, ...]:
    """Decide on a command, or raise Refusal. The state is not changed: the facts say what to change."""
    rule = RULES[type(command)]
    if not may_know(ctx.officer, state):
        raise unseen()
    if ctx.officer.level not in rule.by:
        raise NotPermitted("level_not_permitted", f"{ctx.officer.level.label}不能执行此操作")
    if state.stage not in rule.when:
        stages = "、".join(sorted(stage.label for stage in rule.when))
        raise WrongStatus(
            "wrong_stage", f"案卷处于“{state.stage.label}”阶段，不能执行此操作", rule=f"适用阶段：{stages}"
        )
    return _record(state, state.dossier_no, rule.decide(state, command, ctx), ctx)


def require_version(state: DossierState, expected: int | None) -> None:
    """Refuse who looked at an older version of the dossier."""
    if expected is not None and expected != state.version:
        raise StaleVersion(
            "stale_dossier",
            f"案卷已更新（版本 {state.version}），请刷新后重试",
            field="expected_version",
        )


def _record(
    state: DossierState | None, number: DossierNo, bodies: Iterable[DossierBody], ctx: DossierContext
) -> tuple[DossierFact, ...]:
    """Number the facts, let the clocks follow the state they lead to, and archive what is over."""
    facts: list[DossierFact] = []

    def note(noted: Iterable[DossierBody]) -> DossierState | None:
        after = state
        for body in noted:
            fact = DossierFact(
                dossier_no=number,
                seq=(after.version if after else 0) + 1,
                at=ctx.now,
                officer=ctx.officer,
                command_id=ctx.command_id,
                body=body,
            )
            after = evolve(after, fact)
            facts.append(fact)
        return after

    state = note(tuple(bodies))
    assert state is not None
    state = note(tuple(follow(state, ctx.policy, ctx.now)))
    assert state is not None
    note(tuple(_archived(state)))
    return tuple(facts)


def _archived(state: DossierState) -> Iterator[DossierBody]:
    """归档: closed, no period running, no remedy open or pending."""
    if state.stage is not DossierStage.CLOSED or state.next_alarm or state.proposals:
        return
    if not any(decision.is_running or decision.pending_appeal for decision in state.decisions):
        yield DossierArchived()
