"""decide: the one door through which a line of the ledger changes (决定).

A line is cleared 销号 only when three things are there: the unit's evidence, the audit of another person, and
the word of every caller (domain.md §8, B-12). The third comes by itself, as the cases are revisited.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final

from hotline.calendar import SHANGHAI
from hotline.case import Actor, EvidenceRef
from hotline.identifiers import CommandId, LineNo
from hotline.model import Message
from hotline.policy import PolicySnapshot
from hotline.problems import commands as c
from hotline.problems import facts as f
from hotline.problems.commands import ProblemCommand
from hotline.problems.evolve import evolve
from hotline.problems.facts import ProblemBody, ProblemFact
from hotline.problems.obligations import follow
from hotline.problems.state import LinkedCase, ProblemRegistration, ProblemState
from hotline.problems.vocabulary import (
    UNCLEARED,
    ProblemClockKind,
    ProblemStage,
    ReopenGround,
    Standing,
)
from hotline.refusals import GuardFailed, NotPermitted, StaleVersion, Unseen, WrongStatus
from hotline.roles import UNIT_ROLES, require_another
from hotline.visibility import Viewer, barred, is_shut_out
from hotline.vocabulary import Role

_RULE: Final = "domain.md §8"
_LIVING: Final = frozenset(ProblemStage) - {ProblemStage.FILED}
_DESKS: Final = frozenset({Role.DISPATCHER, Role.SUPERVISOR, Role.LEADER})
_SYSTEM: Final = frozenset({Role.SYSTEM})


@dataclass(frozen=True, slots=True)
class ProblemContext:
    """What comes from outside into a decision on a line."""

    now: datetime
    actor: Actor
    command_id: CommandId
    policy: PolicySnapshot


@dataclass(frozen=True, slots=True)
class ProblemRule:
    """One row of the table: a command, the roles that may issue it, and the stages in which it applies."""

    command: type[Message]
    by: frozenset[Role]
    when: frozenset[ProblemStage]
    # The argument is the row's own command class, which the type system cannot tie to `command`.
    decide: Callable[[ProblemState, Any, ProblemContext], Iterable[ProblemBody]]

    @property
    def kind(self) -> str:
        """The command's stable name."""
        return str(self.command.model_fields["kind"].default)


def register(registration: ProblemRegistration, ctx: ProblemContext) -> tuple[ProblemFact, ...]:
    """建立台账: the first facts of a line, its first clock included."""
    return _record(None, registration.line_no, (f.ProblemOpened(registration=registration),), ctx)


def decide(state: ProblemState, command: ProblemCommand, ctx: ProblemContext) -> tuple[ProblemFact, ...]:
    """Decide on a command, or raise Refusal. The state is not changed: the facts say what to change."""
    rule = RULES[type(command)]
    _authorise(rule, state, ctx.actor)
    if state.stage not in rule.when:
        raise WrongStatus(
            "line_wrong_stage",
            f"台账处于“{state.stage.label}”，不能执行此操作",
            rule=f"适用阶段：{'、'.join(stage.label for stage in ProblemStage if stage in rule.when)}",
        )
    return _record(state, state.line_no, rule.decide(state, command, ctx), ctx)


def require_version(state: ProblemState, expected: int | None) -> None:
    """Refuse who looked at an older version of the line."""
    if expected is not None and expected != state.version:
        raise StaleVersion(
            "stale_line",
            f"台账已更新（版本 {state.version}），请刷新后重试",
            field="expected_version",
        )


def next_actions(state: ProblemState, actor: Actor) -> tuple[str, ...]:
    """The commands that somebody may issue now, for a screen to offer."""
    return tuple(rule.kind for rule in RULES.values() if _offers(rule, state, actor))


def _offers(rule: ProblemRule, state: ProblemState, actor: Actor) -> bool:
    try:
        _authorise(rule, state, actor)
    except (NotPermitted, Unseen):
        return False
    return state.stage in rule.when


def unseen() -> Unseen:
    """The answer to whoever may not know of a line: the same as for a number that was never given."""
    return Unseen("line_not_found", "没有找到该台账")


def _authorise(rule: ProblemRule, state: ProblemState, actor: Actor) -> None:
    if actor.role not in rule.by:
        raise NotPermitted("role_not_permitted", f"{actor.role.label}不能执行此操作")
    line = next((line.above for line in state.lineages if line.unit == actor.unit), ())
    if is_shut_out(Viewer(actor=actor, above=line), state.concern):
        raise unseen()
    if actor.role in UNIT_ROLES and actor.unit != state.lead:
        raise NotPermitted("line_out_of_scope", "不是本单位牵头的台账", rule="domain.md §12 rule 6")
    if actor.role not in UNIT_ROLES and actor.unit is not None and actor.unit == state.lead:
        raise NotPermitted(
            "line_of_own_unit", "本人所在单位牵头的台账，须由他人办理", rule="domain.md §12 rule 6"
        )


# ── cases ───────────────────────────────────────────────────────────────────────────────────────


def _note(state: ProblemState, command: c.NoteCase, ctx: ProblemContext) -> Iterator[ProblemBody]:
    if command.case_no in state.detached:
        return  # The news was on its way when somebody took the case out.
    known = state.case(command.case_no)
    noted = LinkedCase(
        case_no=command.case_no,
        linked_at=known.linked_at if known else ctx.now,
        standing=command.standing,
        version=command.version,
        accused_units=command.accused_units,
        recused=command.recused,
        excused_by=known.excused_by if known else None,
    )
    if known is None:
        yield from _link(state, noted, command.registered_at)
    elif _is_news(known, noted):
        yield f.LinkedCaseMoved(case=noted)
        was_settled = known.standing is not Standing.OPEN
        if _is_held(state) and was_settled and noted.standing is Standing.OPEN:
            yield f.ProblemReopened(ground=ReopenGround.CASE_REOPENED, case_no=noted.case_no)


def _link(state: ProblemState, noted: LinkedCase, registered_at: datetime) -> Iterator[ProblemBody]:
    """A case of the matter. While a line is held through its look-back, one that came in time reopens it."""
    until = state.look_back_until
    if state.stage is ProblemStage.FILED or (until is not None and registered_at > until):
        raise GuardFailed("line_is_over", "回头看期已满，不再关联新工单")
    yield f.CaseLinked(case=noted)
    if _is_held(state):
        yield f.ProblemReopened(ground=ReopenGround.NEW_CASE, case_no=noted.case_no)


def _is_news(known: LinkedCase, noted: LinkedCase) -> bool:
    """What came late tells nothing: each case is noted as it stands at a version."""
    return noted.version > known.version and noted != known.model_copy(update={"version": noted.version})


def _is_held(state: ProblemState) -> bool:
    return state.stage in {ProblemStage.CLEARED, ProblemStage.HELD}


def _detach(state: ProblemState, command: c.DetachCase, _: ProblemContext) -> Iterator[ProblemBody]:
    _require_linked(state, command.case_no)
    if len(state.cases) == 1:
        raise GuardFailed("last_case", "台账至少保留一件工单", field="case_no")
    yield f.CaseDetached(case_no=command.case_no, reason=command.reason)


def _excuse(state: ProblemState, command: c.ExcuseRevisit, _: ProblemContext) -> Iterator[ProblemBody]:
    case = _require_linked(state, command.case_no)
    if case.standing is not Standing.UNCONFIRMED:
        raise GuardFailed(
            "revisit_not_excusable", "只有已结束且未能回访的工单可以免予回访", field="case_no", rule=_RULE
        )
    if case.excused_by is not None:
        raise GuardFailed("revisit_excused_before", "该工单已免予回访", field="case_no")
    yield f.RevisitExcused(case_no=command.case_no, reason=command.reason)


def _require_linked(state: ProblemState, number: str) -> LinkedCase:
    found = next((case for case in state.cases if case.case_no == number), None)
    if found is None:
        raise GuardFailed("case_not_linked", "该工单不在本台账中", field="case_no")
    return found


# ── rectification 整改 ──────────────────────────────────────────────────────────────────────────


def _assign(state: ProblemState, command: c.AssignProblemLead, _: ProblemContext) -> Iterator[ProblemBody]:
    if barred((command.lead,), command.lineages, state.accused_units):
        raise GuardFailed("accused_unit", "被反映单位不得承办", field="lead", rule="domain.md §12 rule 6")
    if command.lead == state.lead:
        raise GuardFailed("lead_already", "该单位已是牵头单位", field="lead")
    yield f.ProblemLeadAssigned(lead=command.lead, lineages=command.lineages, reason=command.reason)


def _plan(_: ProblemState, command: c.SubmitProblemPlan, ctx: ProblemContext) -> Iterator[ProblemBody]:
    today = ctx.now.astimezone(SHANGHAI).date()
    days = command.milestones
    if days[0] < today or list(days) != sorted(set(days)):
        raise GuardFailed("milestones_not_in_order", "节点日期须不早于今天，由近到远", field="milestones")
    if command.clear_on < days[-1]:
        raise GuardFailed("cleared_before_milestones", "清零日期不得早于最后一个节点", field="clear_on")
    latest = today + timedelta(days=ctx.policy.problems.plan_days)
    if command.clear_on > latest:
        raise GuardFailed(
            "plan_too_long", f"整改期限最长 {ctx.policy.problems.plan_days} 天", field="clear_on"
        )
    yield f.ProblemPlanned(plan=command.plan, milestones=days, clear_on=command.clear_on)


def _reach(state: ProblemState, command: c.ReachMilestone, _: ProblemContext) -> Iterator[ProblemBody]:
    assert state.plan is not None
    if command.milestone not in {milestone.number for milestone in state.plan.open_milestones}:
        raise GuardFailed("unknown_milestone", "没有这个待完成的节点", field="milestone")
    _require_fresh(state, command.evidence)
    yield f.MilestoneReached(milestone=command.milestone, note=command.note, evidence=command.evidence)


def _report(_: ProblemState, command: c.ReportRectification, __: ProblemContext) -> Iterator[ProblemBody]:
    yield f.RectificationReported(text=command.text)


# ── clearing 销号 ───────────────────────────────────────────────────────────────────────────────


def _submit(state: ProblemState, command: c.SubmitClearance, _: ProblemContext) -> Iterator[ProblemBody]:
    assert state.plan is not None
    if state.plan.open_milestones:
        raise GuardFailed("milestones_open", "还有节点未完成，不能申请销号", rule=_RULE)
    _require_fresh(state, command.evidence)
    yield f.ClearanceSubmitted(report=command.report, evidence=command.evidence)


def _audit(state: ProblemState, command: c.AuditClearance, ctx: ProblemContext) -> Iterator[ProblemBody]:
    require_another(ctx.actor, state.workers, code="own_clearance", rule=_RULE)
    if command.accepted:
        if state.stage is ProblemStage.AWAITING_REVISITS:
            raise GuardFailed("audited_before", "已审核通过，正在等待回访确认", field="accepted")
        yield f.ClearanceAudited(accepted=True, opinion=command.opinion)
        return
    today = ctx.now.astimezone(SHANGHAI).date()
    if command.clear_on is None or command.clear_on < today:
        raise GuardFailed("new_day_missing", "退回时须另定清零日期，且不早于今天", field="clear_on")
    yield f.ClearanceAudited(accepted=False, opinion=command.opinion, clear_on=command.clear_on)


def _require_fresh(state: ProblemState, evidence: tuple[EvidenceRef, ...]) -> None:
    """What was made before this round began cannot show that the problem was solved in it."""
    if any(ref.made_at < state.round_started_at for ref in evidence):
        raise GuardFailed(
            "evidence_too_old", "证据须形成于本轮整改开始之后", field="evidence", rule="domain.md §12 rule 17"
        )


def _due(state: ProblemState, command: c.ProblemClockDue, ctx: ProblemContext) -> Iterator[ProblemBody]:
    """A due instant comes once. The look-back ends by itself; every other limit was missed and climbs."""
    clock = state.clock(command.clock_id)
    if clock is None or clock.missed or clock.due_at > ctx.now:
        raise GuardFailed("line_clock_not_due", "该时限没有到期", field="clock_id")
    match clock.kind:
        case ProblemClockKind.LOOK_BACK:
            yield f.LookBackPassed()
        case ProblemClockKind.FILING:
            yield f.ProblemFiled()
        case _:
            yield f.ProblemClockMissed(clock_id=clock.clock_id, clock=clock.kind, due_at=clock.due_at)


# ── the table ───────────────────────────────────────────────────────────────────────────────────

_STARTED: Final = frozenset({ProblemStage.AWAITING_LEAD, ProblemStage.AWAITING_PLAN, ProblemStage.RECTIFYING})
_RECTIFYING: Final = frozenset({ProblemStage.RECTIFYING})
_UNIT: Final = frozenset({Role.HANDLER, Role.UNIT_HEAD})
_HEAD: Final = frozenset({Role.UNIT_HEAD})
_SUPERVISION: Final = frozenset({Role.SUPERVISOR, Role.LEADER})

RULES: Final[Mapping[type[Message], ProblemRule]] = MappingProxyType(
    {
        rule.command: rule
        for rule in (
            ProblemRule(c.NoteCase, by=_SYSTEM, when=_LIVING, decide=_note),
            ProblemRule(
                c.DetachCase,
                by=frozenset({Role.DISPATCHER, Role.SUPERVISOR}),
                when=UNCLEARED,
                decide=_detach,
            ),
            ProblemRule(c.ExcuseRevisit, by=_SUPERVISION, when=UNCLEARED, decide=_excuse),
            ProblemRule(c.AssignProblemLead, by=_DESKS, when=_STARTED, decide=_assign),
            ProblemRule(
                c.SubmitProblemPlan,
                by=_HEAD,
                when=frozenset({ProblemStage.AWAITING_PLAN}),
                decide=_plan,
            ),
            ProblemRule(c.ReachMilestone, by=_UNIT, when=_RECTIFYING, decide=_reach),
            ProblemRule(
                c.ReportRectification,
                by=_UNIT,
                when=frozenset({ProblemStage.AWAITING_PLAN, ProblemStage.RECTIFYING}),
                decide=_report,
            ),
            ProblemRule(c.SubmitClearance, by=_HEAD, when=_RECTIFYING, decide=_submit),
            ProblemRule(
                c.AuditClearance,
                by=frozenset({Role.SUPERVISOR}),
                when=frozenset({ProblemStage.IN_AUDIT, ProblemStage.AWAITING_REVISITS}),
                decide=_audit,
            ),
            ProblemRule(c.ProblemClockDue, by=_SYSTEM, when=_LIVING, decide=_due),
        )
    }
)
"""Every command with its rule; a test proves that none is missing."""


def _record(
    state: ProblemState | None, number: LineNo, bodies: Iterable[ProblemBody], ctx: ProblemContext
) -> tuple[ProblemFact, ...]:
    """Number the facts, clear the line if nothing is missing any more, and let the clocks follow."""
    facts: list[ProblemFact] = []

    def note(noted: Iterable[ProblemBody]) -> ProblemState | None:
        after = state
        for body in noted:
            fact = ProblemFact(
                line_no=number,
                seq=(after.version if after else 0) + 1,
                at=ctx.now,
                actor=ctx.actor,
                command_id=ctx.command_id,
                body=body,
            )
            after = evolve(after, fact)
            facts.append(fact)
        return after

    state = note(tuple(bodies))
    assert state is not None
    state = note((*_withdrawn(state), *_cleared(state, ctx)))
    assert state is not None
    note(tuple(follow(state, ctx.policy, ctx.now)))
    return tuple(facts)


def _withdrawn(state: ProblemState) -> Iterator[ProblemBody]:
    """A unit that turns out to be complained about loses the line at once (domain.md §12 rule 6)."""
    is_barred = state.lead and barred((state.lead,), state.lineages, state.accused_units)
    if state.lead and is_barred and state.stage in UNCLEARED:
        yield f.ProblemLeadWithdrawn(lead=state.lead)


def _cleared(state: ProblemState, ctx: ProblemContext) -> Iterator[ProblemBody]:
    """销号: evidence and audit are there when the line awaits revisits; the last caller's word completes them."""
    if state.stage is ProblemStage.AWAITING_REVISITS and not state.unsettled:
        until = ctx.policy.add(ctx.now, ctx.policy.problems.look_back).at
        yield f.ProblemCleared(look_back_until=until)
