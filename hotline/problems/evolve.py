"""evolve: what a fact makes of a line (演变). Total: whatever was decided can be applied."""

from collections.abc import Callable, Iterable
from typing import Any, Final

from hotline.identifiers import CaseNo
from hotline.problems import facts as f
from hotline.problems.facts import ProblemFact
from hotline.problems.state import LinkedCase, Milestone, Plan, ProblemClock, ProblemState
from hotline.problems.vocabulary import ProblemStage

Change = dict[str, Any]  # Fields of ProblemState by name; their types differ.
Evolver = Callable[[ProblemState, Any, ProblemFact], Change]
_EVOLVERS: Final[dict[type, Evolver]] = {}


def _on(*bodies: type) -> Callable[[Evolver], Evolver]:
    def register(evolver: Evolver) -> Evolver:
        _EVOLVERS.update(dict.fromkeys(bodies, evolver))
        return evolver

    return register


def evolve(state: ProblemState | None, fact: ProblemFact) -> ProblemState:
    """The state after a fact. Only the first fact of a line has no state before it."""
    if state is None:
        return _opened(fact)
    change = _EVOLVERS[type(fact.body)](state, fact.body, fact)
    if "stage" in change:
        change |= {"entered_at": fact.at, "entries": state.entries + 1}
    return state.model_copy(update={**change, "version": fact.seq})


def replay(facts: Iterable[ProblemFact]) -> ProblemState:
    """The state that a ledger leads to. Raises ValueError if there is no fact at all."""
    state: ProblemState | None = None
    for fact in facts:
        state = evolve(state, fact)
    if state is None:
        message = "a line without facts has no state"
        raise ValueError(message)
    return state


def _opened(fact: ProblemFact) -> ProblemState:
    assert isinstance(fact.body, f.ProblemOpened)
    entry = fact.body.registration
    return ProblemState(
        line_no=entry.line_no,
        version=fact.seq,
        stage=ProblemStage.AWAITING_LEAD,
        category=entry.category,
        area=entry.area,
        policy_revision=entry.policy_revision,
        opened_at=fact.at,
        entered_at=fact.at,
        round_started_at=fact.at,
    )


# ── cases ───────────────────────────────────────────────────────────────────────────────────────


@_on(f.CaseLinked)
def _linked(state: ProblemState, body: f.CaseLinked, _: ProblemFact) -> Change:
    return {"cases": (*state.cases, body.case)}


@_on(f.LinkedCaseMoved)
def _moved(state: ProblemState, body: f.LinkedCaseMoved, _: ProblemFact) -> Change:
    return _case_changed(state, body.case.case_no, body.case.model_dump(exclude={"case_no"}))


@_on(f.RevisitExcused)
def _excused(state: ProblemState, body: f.RevisitExcused, fact: ProblemFact) -> Change:
    return _case_changed(state, body.case_no, {"excused_by": fact.actor.user_id})


def _case_changed(state: ProblemState, number: CaseNo, change: Change) -> Change:
    def changed(case: LinkedCase) -> LinkedCase:
        return case.model_copy(update=change) if case.case_no == number else case

    return {"cases": tuple(changed(case) for case in state.cases)}


@_on(f.CaseDetached)
def _detached(state: ProblemState, body: f.CaseDetached, _: ProblemFact) -> Change:
    return {
        "cases": tuple(case for case in state.cases if case.case_no != body.case_no),
        "detached": (*state.detached, body.case_no),
    }


# ── rectification ───────────────────────────────────────────────────────────────────────────────


@_on(f.ProblemLeadAssigned)
def _lead_assigned(_: ProblemState, body: f.ProblemLeadAssigned, __: ProblemFact) -> Change:
    return {
        "stage": ProblemStage.AWAITING_PLAN,
        "lead": body.lead,
        "lineages": body.lineages,
        "plan": None,
        "workers": (),
    }


@_on(f.ProblemLeadWithdrawn)
def _lead_withdrawn(_: ProblemState, __: f.ProblemLeadWithdrawn, ___: ProblemFact) -> Change:
    return {"stage": ProblemStage.AWAITING_LEAD, "lead": None, "lineages": (), "plan": None}


@_on(f.ProblemPlanned)
def _planned(state: ProblemState, body: f.ProblemPlanned, fact: ProblemFact) -> Change:
    plan = Plan(
        text=body.plan,
        milestones=tuple(
            Milestone(number=number, due_on=day) for number, day in enumerate(body.milestones, start=1)
        ),
        clear_on=body.clear_on,
        planned_at=fact.at,
        planned_by=fact.actor.user_id,
    )
    return {
        "stage": ProblemStage.RECTIFYING,
        "plan": plan,
        "plans": state.plans + 1,
        **_worked(state, fact),
    }


@_on(f.MilestoneReached)
def _reached(state: ProblemState, body: f.MilestoneReached, fact: ProblemFact) -> Change:
    assert state.plan is not None

    def reached(milestone: Milestone) -> Milestone:
        is_it = milestone.number == body.milestone
        return milestone.model_copy(update={"reached_at": fact.at}) if is_it else milestone

    milestones = tuple(reached(milestone) for milestone in state.plan.milestones)
    plan = state.plan.model_copy(update={"milestones": milestones})
    return {"plan": plan, **_worked(state, fact)}


@_on(f.RectificationReported)
def _reported(state: ProblemState, _: f.RectificationReported, fact: ProblemFact) -> Change:
    return _worked(state, fact)


def _worked(state: ProblemState, fact: ProblemFact) -> Change:
    return {"workers": tuple(dict.fromkeys((*state.workers, fact.actor.user_id)))}


# ── clearing 销号 ───────────────────────────────────────────────────────────────────────────────


@_on(f.ClearanceSubmitted)
def _submitted(state: ProblemState, _: f.ClearanceSubmitted, fact: ProblemFact) -> Change:
    return {"stage": ProblemStage.IN_AUDIT, **_worked(state, fact)}


@_on(f.ClearanceAudited)
def _audited(state: ProblemState, body: f.ClearanceAudited, _: ProblemFact) -> Change:
    if body.accepted:
        return {"stage": ProblemStage.AWAITING_REVISITS}
    assert state.plan is not None
    plan = state.plan.model_copy(update={"clear_on": body.clear_on})
    return {"stage": ProblemStage.RECTIFYING, "plan": plan, "audits_failed": state.audits_failed + 1}


@_on(f.ProblemCleared)
def _cleared(_: ProblemState, body: f.ProblemCleared, fact: ProblemFact) -> Change:
    return {
        "stage": ProblemStage.CLEARED,
        "cleared_at": fact.at,
        "look_back_until": body.look_back_until,
    }


@_on(f.ProblemReopened)
def _reopened(state: ProblemState, _: f.ProblemReopened, fact: ProblemFact) -> Change:
    stage = ProblemStage.AWAITING_PLAN if state.lead else ProblemStage.AWAITING_LEAD
    return {
        "stage": stage,
        "round": state.round + 1,
        "round_started_at": fact.at,
        "plan": None,
        "workers": (),
        "cleared_at": None,
        "look_back_until": None,
    }


@_on(f.LookBackPassed)
def _passed(_: ProblemState, __: f.LookBackPassed, ___: ProblemFact) -> Change:
    return {"stage": ProblemStage.HELD}


@_on(f.ProblemFiled)
def _filed(_: ProblemState, __: f.ProblemFiled, fact: ProblemFact) -> Change:
    return {"stage": ProblemStage.FILED, "filed_at": fact.at}


# ── clocks ──────────────────────────────────────────────────────────────────────────────────────


@_on(f.ProblemClockStarted)
def _clock_started(state: ProblemState, body: f.ProblemClockStarted, fact: ProblemFact) -> Change:
    clock = ProblemClock(clock_id=body.clock_id, kind=body.clock, started_at=fact.at, due_at=body.due_at)
    return {"clocks": (*state.clocks, clock)}


@_on(f.ProblemClockStopped)
def _clock_stopped(state: ProblemState, body: f.ProblemClockStopped, _: ProblemFact) -> Change:
    return {"clocks": tuple(clock for clock in state.clocks if clock.clock_id != body.clock_id)}


@_on(f.ProblemClockMissed)
def _clock_missed(state: ProblemState, body: f.ProblemClockMissed, _: ProblemFact) -> Change:
    def missed(clock: ProblemClock) -> ProblemClock:
        return clock.model_copy(update={"missed": True}) if clock.clock_id == body.clock_id else clock

    return {"clocks": tuple(missed(clock) for clock in state.clocks), "missed": state.missed + 1}
