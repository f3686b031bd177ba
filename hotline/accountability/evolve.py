"""evolve: what a fact makes of an accountability file (演变). Total: whatever was decided can be applied."""

from collections.abc import Callable, Iterable
from typing import Any, Final, TypeVar

from hotline.accountability import facts as f
from hotline.accountability import state as s
from hotline.accountability.facts import DossierFact
from hotline.accountability.state import DossierState
from hotline.accountability.vocabulary import Disposal, DossierStage, Opinion, RemedyOutcome

Change = dict[str, Any]  # Fields of DossierState by name; their types differ.
Evolver = Callable[[DossierState, Any, DossierFact], Change]
_EVOLVERS: Final[dict[type, Evolver]] = {}

STAGE_AFTER_PLAN: Final = {
    Disposal.TALK: DossierStage.TALK,
    Disposal.VERIFICATION: DossierStage.VERIFICATION,
    Disposal.HOLD: DossierStage.HELD,
    Disposal.SETTLE: DossierStage.SETTLED,
}
STAGE_AFTER_OPINION: Final = {
    Opinion.SETTLE: DossierStage.SETTLED,
    Opinion.HOLD: DossierStage.HELD,
    Opinion.VERIFY: DossierStage.VERIFICATION,
    Opinion.FIRST_FORM: DossierStage.DECIDING,
    Opinion.INVESTIGATE: DossierStage.AWAITING_OPENING,
    Opinion.DECIDE: DossierStage.DECIDING,
}


def _on(*bodies: type) -> Callable[[Evolver], Evolver]:
    def register(evolver: Evolver) -> Evolver:
        _EVOLVERS.update(dict.fromkeys(bodies, evolver))
        return evolver

    return register


def evolve(state: DossierState | None, fact: DossierFact) -> DossierState:
    """The state after a fact. Only the first fact of a dossier has no state before it."""
    if state is None:
        return _opened(fact)
    change = _EVOLVERS[type(fact.body)](state, fact.body, fact)
    if change.get("stage", state.stage) is not state.stage:
        change |= {"entered_at": fact.at, "entries": state.entries + 1}
    return state.model_copy(update={**change, "version": fact.seq})


def replay(facts: Iterable[DossierFact]) -> DossierState:
    """The state that a ledger leads to. Raises ValueError if there is no fact at all."""
    state: DossierState | None = None
    for fact in facts:
        state = evolve(state, fact)
    if state is None:
        message = "a dossier without facts has no state"
        raise ValueError(message)
    return state


Numbered = TypeVar(
    "Numbered", s.Decision, s.Recommendation, s.Rectification, s.Notice, s.Inquiry, s.Appeal, s.Proposal
)


def _with(entries: tuple[Numbered, ...], number: int, **change: Any) -> tuple[Numbered, ...]:
    """The entries, the one of that number changed. Any: whichever fields a fact changes."""
    return tuple(entry.model_copy(update=change) if entry.number == number else entry for entry in entries)


# ── clue and approvals ──────────────────────────────────────────────────────────────────────────


def _opened(fact: DossierFact) -> DossierState:
    assert isinstance(fact.body, f.ClueRegistered)
    entry = fact.body.registration
    return DossierState(
        dossier_no=entry.dossier_no,
        version=fact.seq,
        stage=DossierStage.AWAITING_PLAN,
        policy_revision=entry.policy_revision,
        registered_at=entry.registered_at,
        registered_by=entry.registered_by.user_id,
        source=entry.source,
        cases=entry.cases,
        subjects=entry.subjects,
        summary=entry.summary,
        reference=entry.reference,
        entered_at=fact.at,
    )


@_on(f.SubjectNamed)
def _subject_named(state: DossierState, body: f.SubjectNamed, _: DossierFact) -> Change:
    return {"subjects": (*state.subjects, body.subject)}


@_on(f.OfficerRecused)
def _recused(state: DossierState, body: f.OfficerRecused, _: DossierFact) -> Change:
    return {
        "recused": (*state.recused, body.person),
        "team": tuple(member for member in state.team if member != body.person),
    }


@_on(f.Proposed)
def _proposed(state: DossierState, body: f.Proposed, _: DossierFact) -> Change:
    return {"proposals": (*state.proposals, body.proposal), "proposed": body.proposal.number}


@_on(f.ProposalEndorsed)
def _endorsed(state: DossierState, body: f.ProposalEndorsed, fact: DossierFact) -> Change:
    proposal = _proposal(state, body.proposal)
    step = s.Endorsement(level=body.level, by=fact.officer.user_id, at=fact.at)
    steps = (*proposal.endorsements, step)
    return {"proposals": _with(state.proposals, body.proposal, endorsements=steps)}


@_on(f.ProposalRejected)
def _rejected(state: DossierState, body: f.ProposalRejected, _: DossierFact) -> Change:
    substance = _proposal(state, body.proposal).substance
    change = _without(state, body.proposal)
    if isinstance(substance, s.Sanctioning):
        change["decisions"] = _with(state.decisions, substance.decision, withdrawn=True)
    return change


@_on(f.ProposalApproved)
def _approved(state: DossierState, body: f.ProposalApproved, fact: DossierFact) -> Change:
    proposal = _proposal(state, body.proposal)
    return _without(state, body.proposal) | _effected(state, proposal, body, fact)


def _proposal(state: DossierState, number: int) -> s.Proposal:
    return next(entry for entry in state.proposals if entry.number == number)


def _without(state: DossierState, number: int) -> Change:
    return {"proposals": tuple(entry for entry in state.proposals if entry.number != number)}


def _effected(
    state: DossierState, proposal: s.Proposal, body: f.ProposalApproved, fact: DossierFact
) -> Change:
    """What an approved matter does."""
    approvers = (*(step.by for step in proposal.endorsements), fact.officer.user_id)
    match proposal.substance:
        case s.Plan(disposal=disposal):
            return {"stage": STAGE_AFTER_PLAN[disposal], "team": ()}
        case s.Conclusion(opinion=opinion):
            return _concluded(opinion)
        case s.Opening(team=team):
            return {"stage": DossierStage.INVESTIGATION, "team": team}
        case s.Sanctioning(decision=number):
            made = {"approved_by": approvers, "decided_at": fact.at, "effect": body.effect}
            return {"decisions": _with(state.decisions, number, **made)}
        case s.Advice(unit=unit):
            number = len(state.recommendations) + 1
            issued = s.Recommendation(number=number, unit=unit, asked_at=fact.at)
            return {"recommendations": (*state.recommendations, issued)}
        case s.Publicity(decision=decision, scope=scope, text=text):
            number = len(state.notices) + 1
            notice = s.Notice(number=number, decision=decision, scope=scope, text=text, approved_by=approvers)
            return {"notices": (*state.notices, notice)}
        case s.Clearing(subject=subject):
            return {"cleared": (*state.cleared, subject)}


def _concluded(opinion: Opinion) -> Change:
    change: Change = {"stage": STAGE_AFTER_OPINION[opinion]}
    if opinion is Opinion.DECIDE:
        return change | {"investigated": True}
    if opinion is Opinion.VERIFY:
        return change | {"team": ()}
    return change


# ── inquiry and verification ────────────────────────────────────────────────────────────────────


@_on(f.InquirySent)
def _inquired(state: DossierState, body: f.InquirySent, fact: DossierFact) -> Change:
    inquiry = s.Inquiry(number=body.number, form=body.form, subject=body.subject, sent_at=fact.at)
    return {"inquiries": (*state.inquiries, inquiry)}


@_on(f.InquiryAnswered)
def _answered(state: DossierState, body: f.InquiryAnswered, fact: DossierFact) -> Change:
    return {"inquiries": _with(state.inquiries, body.number, answered_at=fact.at)}


@_on(f.TeamAppointed)
def _team_appointed(_: DossierState, body: f.TeamAppointed, __: DossierFact) -> Change:
    return {"team": body.team}


# ── decision ────────────────────────────────────────────────────────────────────────────────────


def _decision(state: DossierState, number: int, **change: Any) -> Change:
    return {"decisions": _with(state.decisions, number, **change)}


@_on(f.DecisionProposed)
def _decision_proposed(state: DossierState, body: f.DecisionProposed, fact: DossierFact) -> Change:
    decision = s.Decision(number=body.number, draft=body.draft, proposed_by=fact.officer.user_id)
    return {"decisions": (*state.decisions, decision)}


@_on(f.DefenceHeard)
def _heard(state: DossierState, body: f.DefenceHeard, _: DossierFact) -> Change:
    return _decision(state, body.number, hearing=body.hearing)


@_on(f.DecisionRevised)
def _revised(state: DossierState, body: f.DecisionRevised, _: DossierFact) -> Change:
    was = state.decisions[body.number - 1]
    pending = tuple(
        entry.model_copy(update={"number": body.proposal, "endorsements": ()})
        if isinstance(entry.substance, s.Sanctioning) and entry.substance.decision == body.number
        else entry
        for entry in state.proposals
    )
    draft = was.draft.model_copy(update={"measure": body.after})
    return _decision(state, body.number, draft=draft) | {"proposals": pending, "proposed": body.proposal}


@_on(f.DecisionServed)
def _served(state: DossierState, body: f.DecisionServed, fact: DossierFact) -> Change:
    return _decision(state, body.number, served_at=fact.at)


@_on(f.ExecutionReported)
def _executed(state: DossierState, body: f.ExecutionReported, fact: DossierFact) -> Change:
    return _decision(state, body.number, executed_at=fact.at)


@_on(f.HandoverAcknowledged)
def _acknowledged(state: DossierState, body: f.HandoverAcknowledged, fact: DossierFact) -> Change:
    return _decision(state, body.number, acknowledged_at=fact.at)


@_on(f.ProbationDecided)
def _probation(state: DossierState, body: f.ProbationDecided, _: DossierFact) -> Change:
    return _decision(state, body.number, effect=body.effect, probation_extended=not body.restored)


@_on(f.EffectEnded)
def _effect_ended(state: DossierState, body: f.EffectEnded, fact: DossierFact) -> Change:
    return _decision(state, body.number, effect_ended_at=fact.at)


# ── remedies ────────────────────────────────────────────────────────────────────────────────────


@_on(f.AppealFiled)
def _appealed(state: DossierState, body: f.AppealFiled, fact: DossierFact) -> Change:
    was = state.decisions[body.decision - 1]
    appeal = s.Appeal(
        number=body.number, remedy=body.remedy, filed_at=fact.at, decided_within=body.decided_within
    )
    return _decision(state, body.decision, appeals=(*was.appeals, appeal))


@_on(f.AppealExtended)
def _appeal_extended(state: DossierState, body: f.AppealExtended, _: DossierFact) -> Change:
    was = state.decisions[body.decision - 1]
    appeals = _with(was.appeals, body.number, decided_within=body.decided_within)
    return _decision(state, body.decision, appeals=appeals)


@_on(f.AppealDecided)
def _appeal_decided(state: DossierState, body: f.AppealDecided, fact: DossierFact) -> Change:
    was = state.decisions[body.decision - 1]
    change: Change = {"appeals": _with(was.appeals, body.number, outcome=body.outcome, decided_at=fact.at)}
    if body.outcome is RemedyOutcome.REVOKED:
        change["revoked_at"] = fact.at
    if body.outcome is RemedyOutcome.REDUCED:
        change |= {"draft": was.draft.model_copy(update={"measure": body.measure}), "effect": body.effect}
    return _decision(state, body.decision, **change)


# ── aftermath ───────────────────────────────────────────────────────────────────────────────────


@_on(f.RecommendationExtended)
def _recommendation_extended(state: DossierState, body: f.RecommendationExtended, _: DossierFact) -> Change:
    return {"recommendations": _with(state.recommendations, body.number, extended=True)}


@_on(f.RecommendationReplied)
def _replied(state: DossierState, body: f.RecommendationReplied, fact: DossierFact) -> Change:
    return {"recommendations": _with(state.recommendations, body.number, replied_at=fact.at)}


@_on(f.RecommendationFollowedUp)
def _followed_up(state: DossierState, body: f.RecommendationFollowedUp, fact: DossierFact) -> Change:
    was = state.recommendations[body.number - 1]
    change: Change = {"holds": body.holds, "look_backs": was.look_backs + 1}
    if not body.holds:
        change |= {"replied_at": None, "asked_at": fact.at, "extended": False}
    return {"recommendations": _with(state.recommendations, body.number, **change)}


@_on(f.RectificationOrdered)
def _ordered(state: DossierState, body: f.RectificationOrdered, fact: DossierFact) -> Change:
    task = s.Rectification(number=body.number, unit=body.unit, ordered_at=fact.at, due_on=body.due_on)
    return {"rectifications": (*state.rectifications, task)}


@_on(f.RectificationConfirmed)
def _confirmed(state: DossierState, body: f.RectificationConfirmed, fact: DossierFact) -> Change:
    return {"rectifications": _with(state.rectifications, body.number, done_at=fact.at)}


@_on(f.NoticePublished)
def _published(state: DossierState, body: f.NoticePublished, fact: DossierFact) -> Change:
    return {"notices": _with(state.notices, body.number, published_at=fact.at)}


@_on(f.DossierClosed)
def _closed(_: DossierState, __: f.DossierClosed, fact: DossierFact) -> Change:
    return {"stage": DossierStage.CLOSED, "closed_at": fact.at}


@_on(f.DossierArchived)
def _archived(_: DossierState, __: f.DossierArchived, ___: DossierFact) -> Change:
    return {"stage": DossierStage.ARCHIVED}


# ── clocks ──────────────────────────────────────────────────────────────────────────────────────


@_on(f.DossierClockStarted)
def _clock_started(state: DossierState, body: f.DossierClockStarted, fact: DossierFact) -> Change:
    clock = s.DossierClock(
        clock_id=body.clock_id,
        kind=body.clock,
        started_at=fact.at,
        due_at=body.due_at,
        because=body.because,
        alarms=body.alarms,
    )
    return {"clocks": (*state.clocks, clock)}


@_on(f.DossierClockStopped)
def _clock_stopped(state: DossierState, body: f.DossierClockStopped, _: DossierFact) -> Change:
    return {"clocks": tuple(clock for clock in state.clocks if clock.clock_id != body.clock_id)}


@_on(f.DossierClockFired)
def _clock_fired(state: DossierState, body: f.DossierClockFired, _: DossierFact) -> Change:
    return {
        "clocks": tuple(
            clock.model_copy(update={"fired": (*clock.fired, body.alarm)})
            if clock.clock_id == body.clock_id
            else clock
            for clock in state.clocks
        )
    }
