"""decide: the one door through which a case changes (决定).

A command is checked in a fixed order — version, role, recusal, scope, status, guards — and becomes facts, or is
refused and changes nothing. The clock facts that follow from the new state are added here, so that no
rule can forget a clock.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from hotline.case import CaseState, Registration
from hotline.commands import Command, RevisePolicy
from hotline.evolve import evolve
from hotline.facts import Body, ClockStopped, Fact, FlagRaised
from hotline.identifiers import CaseNo
from hotline.model import Message
from hotline.obligations import flag_of_breach, follow
from hotline.refusals import NotPermitted, StaleVersion, Unseen, WrongStatus
from hotline.roles import in_scope, is_on_both_sides
from hotline.rules import (
    assignment,
    closeout,
    intake,
    rectification,
    recusal,
    review,
    revisit,
    scoring,
    supervision,
    system,
)
from hotline.rules.base import Context, Rule
from hotline.visibility import as_of_dispatch, is_shut_out

__all__ = ["RULES", "Context", "decide", "register", "require_version"]

RULES: Final[Mapping[type[Message], Rule]] = MappingProxyType(
    {
        rule.command: rule
        for stage in (
            intake,
            assignment,
            rectification,
            review,
            revisit,
            closeout,
            supervision,
            scoring,
            recusal,
            system,
        )
        for rule in stage.RULES
    }
)
"""Every command with its rule; a test proves that none is missing."""


def register(registration: Registration, ctx: Context) -> tuple[Fact, ...]:
    """登记: the first facts of a case, its first clocks included."""
    return _record(None, registration.case_no, intake.open_case(registration, ctx), ctx)


def decide(state: CaseState, command: Command, ctx: Context) -> tuple[Fact, ...]:
    """Decide on a command, or raise Refusal. The state is not changed: the facts say what to change."""
    rule = RULES[type(command)]
    _authorise(rule, state, ctx)
    if state.status not in rule.when:
        raise WrongStatus(
            "wrong_status",
            f"当前状态为“{state.status.label}”，不能执行此操作",
            rule=f"适用状态：{'、'.join(sorted(status.label for status in rule.when))}",
        )
    bodies = rule.decide(state, command, ctx)
    if isinstance(command, RevisePolicy):
        ctx = replace(ctx, policy=command.policy)
    return _record(state, state.case_no, bodies, ctx)


def require_version(state: CaseState, expected: int | None) -> None:
    """Refuse who looked at an older version of the case."""
    if expected is not None and expected != state.version:
        raise StaleVersion(
            "stale_version", f"工单已更新（版本 {state.version}），请刷新后重试", field="expected_version"
        )


def _authorise(rule: Rule, state: CaseState, ctx: Context) -> None:
    if ctx.actor.role not in rule.by:
        raise NotPermitted("role_not_permitted", f"{ctx.actor.role.label}不能执行此操作")
    if is_shut_out(as_of_dispatch(ctx.actor, state), state.concern):
        # In the words of a case that does not exist: whoever was just recused learns nothing more.
        raise Unseen("case_not_found", "没有找到该工单")
    if is_on_both_sides(ctx.actor, state):
        raise NotPermitted(
            "own_unit", "本人所在单位承办的工单，须由他人办理", rule="domain.md §12 rules 6, 18"
        )
    if not in_scope(ctx.actor, state, rule.scope):
        raise NotPermitted("out_of_scope", "不是本单位承办的工单", rule="domain.md §12 rule 6")


def _record(
    state: CaseState | None, number: CaseNo, bodies: Iterable[Body], ctx: Context
) -> tuple[Fact, ...]:
    """Number the facts, and let the clocks follow the state they lead to."""
    facts: list[Fact] = []

    def note(body: Body) -> None:
        nonlocal state
        fact = Fact(
            case_no=number,
            seq=(state.version if state else 0) + 1,
            at=ctx.now,
            actor=ctx.actor,
            command_id=ctx.command_id,
            body=body,
        )
        state = evolve(state, fact)
        facts.append(fact)

    for body in bodies:
        note(body)
    assert state is not None
    for body in tuple(follow(state, ctx.policy, ctx.now)):
        note(body)
        # The rung at the end of a limit may have been skipped, or may have waited for another day.
        missed = isinstance(body, ClockStopped) and body.late and flag_of_breach(body.clock)
        if missed and missed not in state.flags:
            note(FlagRaised(flag=missed))
    return tuple(facts)
