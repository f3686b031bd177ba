"""evolve: what a fact makes of a case (演变). Total: whatever was decided can always be applied.

One small function per fact, registered by its class, names the fields that the fact changes; the version,
the holding ledger and the instant of the last change of status are kept here, once for all of them.
"""

from collections.abc import Callable, Iterable
from typing import Any, Final

from hotline import facts as f
from hotline.case import (
    Answer,
    Assignment,
    AssistTask,
    CaseState,
    Clock,
    Determination,
    ExclusionRequest,
    Extension,
    JointAction,
    JointSupervision,
    Measure,
    Possession,
    Registration,
    Reply,
    RevisitAttempt,
    RevisitResult,
    Suspension,
    UnitReturn,
)
from hotline.facts import Fact
from hotline.holding import pass_on
from hotline.vocabulary import ContactOutcome, Flag, Role, Status

Change = dict[str, Any]  # Fields of CaseState by name; their types differ.
Evolver = Callable[[CaseState, Any, Fact], Change]
_EVOLVERS: Final[dict[type, Evolver]] = {}


def _on(*bodies: type) -> Callable[[Evolver], Evolver]:
    def register(evolver: Evolver) -> Evolver:
        _EVOLVERS.update(dict.fromkeys(bodies, evolver))
        return evolver

    return register


def evolve(state: CaseState | None, fact: Fact) -> CaseState:
    """The state after a fact. Only the first fact of a case has no state before it."""
    if state is None:
        return pass_on(_opened(fact), fact.at)
    change = _EVOLVERS[type(fact.body)](state, fact.body, fact)
    if change.get("status", state.status) is not state.status:
        change["entered_at"] = fact.at
    after = state.model_copy(update={**change, "version": fact.seq})
    return pass_on(_without_idle_orders(after), fact.at)


def replay(facts: Iterable[Fact]) -> CaseState:
    """The state that a ledger leads to. Raises ValueError if there is no fact at all."""
    state: CaseState | None = None
    for fact in facts:
        state = evolve(state, fact)
    if state is None:
        message = "a case without facts has no state"
        raise ValueError(message)
    return state


# ── intake 登记受理 ──────────────────────────────────────────────────────────────────────────────


def first_status(entry: Registration) -> Status:
    """Where a case begins: it waits for details if something is missing, but never in an emergency."""
    reachable = entry.has_contact or entry.anonymous
    if entry.classification.emergency or (reachable and not entry.missing):
        return Status.RECEIVED
    return Status.AWAITING_DETAILS


def _opened(fact: Fact) -> CaseState:
    assert isinstance(fact.body, f.CaseRegistered)
    entry = fact.body.registration
    status = first_status(entry)
    return CaseState(
        case_no=entry.case_no,
        version=fact.seq,
        status=status,
        policy_revision=entry.policy_revision,
        registered_at=entry.registered_at,
        registered_by=entry.registered_by.user_id,
        channel=entry.channel,
        classification=entry.classification,
        secret=entry.secret,
        has_contact=entry.has_contact,
        missing=entry.missing,
        detail_requests=int(status is Status.AWAITING_DETAILS),
        repeat_of=entry.repeat_of,
        occurrence=entry.occurrence,
        entered_at=fact.at,
    )


@_on(f.DetailsRequested)
def _details_requested(state: CaseState, body: f.DetailsRequested, _: Fact) -> Change:
    return {
        "status": Status.AWAITING_DETAILS,
        "missing": body.missing,
        "detail_requests": state.detail_requests + 1,
    }


@_on(f.CaseCompleted)
def _completed(_: CaseState, body: f.CaseCompleted, __: Fact) -> Change:
    return {"status": Status.RECEIVED, "missing": (), "has_contact": body.has_contact}


@_on(f.DetailsOverdue)
def _details_overdue(_: CaseState, __: f.DetailsOverdue, ___: Fact) -> Change:
    return {"status": Status.RECEIVED}


@_on(f.FactsAdded)
def _facts_added(state: CaseState, _: f.FactsAdded, __: Fact) -> Change:
    return {"status": Status.RECEIVED} if state.status is Status.AWAITING_DETAILS else {}


@_on(f.CaseReclassified)
def _reclassified(state: CaseState, body: f.CaseReclassified, _: Fact) -> Change:
    before, after = body.before, body.after
    is_triage = (before.emergency is None, before.urgency) != (after.emergency is None, after.urgency)
    return {"classification": after, "triaged": state.triaged + is_triage}


@_on(f.AnsweredDirectly, f.CaseRejected, f.EmergencyTransferred)
def _replied(_: CaseState, __: object, fact: Fact) -> Change:
    return {"replied_to_citizen_at": fact.at}


@_on(f.CaseJoined)
def _joined(state: CaseState, body: f.CaseJoined, fact: Fact) -> Change:
    number = state.assignments + 1
    assignment = Assignment(
        number=number,
        lead=body.lead,
        dispatched_at=fact.at,
        return_until=fact.at,
        final=True,
        lineages=tuple(line for line in body.lineages if line.unit == body.lead),
    )
    return {
        "status": Status.IN_HAND,
        "joined_to": body.into,
        "assignment": assignment,
        "assignments": number,
        **_fresh_round(1, fact),
    }


@_on(f.MemberAccepted)
def _member_accepted(state: CaseState, body: f.MemberAccepted, _: Fact) -> Change:
    accused = (*state.accused_by_members, *body.accused_units)
    return {
        "members": tuple(dict.fromkeys((*state.members, body.member))),
        "accused_by_members": tuple(dict.fromkeys(accused)),
    }


@_on(f.MemberSettled)
def _member_settled(state: CaseState, body: f.MemberSettled, fact: Fact) -> Change:
    reply = Reply(
        unit=body.unit,
        text=body.reply,
        submitted_at=body.accepted_at,
        submitted_by=body.signer,
        signer=body.signer,
        evidence=(),
        cited=True,
        reviewed_by=body.reviewed_by,
        accepted_at=fact.at,
    )
    return {"joined_to": None, "replies": state.replies + 1, **_accepted(reply, fact)}


@_on(f.MemberReleased)
def _member_released(_: CaseState, __: f.MemberReleased, ___: Fact) -> Change:
    return {"status": Status.AWAITING_DISPATCH, "joined_to": None, "repeat_of": None, "assignment": None}


# ── assignment 分派 ─────────────────────────────────────────────────────────────────────────────


def _fresh_round(number: int, fact: Fact) -> Change:
    return {
        "round": number,
        "round_started_at": fact.at,
        "contacted": False,
        "contact_attempts": 0,
        "contacted_by": (),
    }


@_on(f.CaseDispatched)
def _dispatched(state: CaseState, body: f.CaseDispatched, fact: Fact) -> Change:
    kept = state.assignment if body.number == state.assignments else None
    assignment = Assignment(
        number=body.number,
        lead=body.lead,
        assists=body.assists,
        dispatched_at=kept.dispatched_at if kept else fact.at,
        return_until=body.return_until,
        final=body.final,
        lineages=body.lineages,
    )
    return {
        "status": Status.AWAITING_SIGNATURE,
        "assignment": assignment,
        "assignments": body.number,
        "returns": _settled_returns(state, body),
        "determination": None,
        "possession": _attributed(state, body),
        **(_fresh_round(1, fact) if kept is None else {}),
    }


def _attributed(state: CaseState, body: f.CaseDispatched) -> Possession | None:
    """A binding ruling at the dispute desk attributes the disputed span, as any ruling there does."""
    held = state.possession
    if held is None or state.status is not Status.RETURN_REVIEW or state.returns[-1].unit != body.lead:
        return held
    return held.model_copy(update={"holder": body.lead})


def _settled_returns(state: CaseState, body: f.CaseDispatched) -> tuple[UnitReturn, ...]:
    """A binding ruling also settles the dispute it ends: upheld if another unit was named."""
    if not state.returns or state.returns[-1].upheld is not None:
        return state.returns
    *before, last = state.returns
    return (*before, last.model_copy(update={"upheld": last.unit != body.lead}))


@_on(f.CaseWithdrawn)
def _withdrawn(state: CaseState, body: f.CaseWithdrawn, _: Fact) -> Change:
    """What the unit did and asked for is void; counts stay, so that no clock's id is ever used twice."""
    assert state.assignment is not None
    if not body.redispatch:
        assists = tuple(task for task in state.assignment.assists if task.unit not in body.units)
        return {"assignment": state.assignment.model_copy(update={"assists": assists})}
    return {
        "status": Status.AWAITING_DISPATCH,
        "assignment": None,
        "joined_to": None,
        "repeat_of": None,
        "returns": tuple(
            entry if entry.upheld is not None else entry.model_copy(update={"upheld": True})
            for entry in state.returns
        ),
        "extensions": tuple(
            entry.model_copy(update={"lapsed": True}) if entry.is_pending else entry
            for entry in state.extensions
        ),
        "suspension": None,
        "determination": None,
        "reply": None,
        "rating": None,
    }


@_on(f.CaseSigned)
def _signed(state: CaseState, _: f.CaseSigned, fact: Fact) -> Change:
    assert state.assignment is not None
    return {
        "status": Status.IN_HAND,
        "assignment": state.assignment.model_copy(
            update={"signed_at": fact.at, "signed_by": fact.actor.user_id}
        ),
    }


@_on(f.CaseReturned)
def _returned(state: CaseState, body: f.CaseReturned, fact: Fact) -> Change:
    entry = UnitReturn(
        unit=body.unit, returned_at=fact.at, returned_by=fact.actor.user_id, back_to=body.back_to
    )
    return {"status": Status.RETURN_REVIEW, "returns": (*state.returns, entry)}


@_on(f.ReturnRuled)
def _return_ruled(state: CaseState, body: f.ReturnRuled, _: Fact) -> Change:
    *before, last = state.returns
    held = state.possession
    assert held is not None
    change: Change = {
        "returns": (*before, last.model_copy(update={"upheld": body.upheld})),
        "possession": held.model_copy(update={"holder": body.attributed_to}),
    }
    if body.upheld:
        return {**change, "status": Status.AWAITING_DISPATCH, "assignment": None}
    assert state.assignment is not None
    final = state.assignment.final or body.becomes_final
    return {
        **change,
        "status": last.back_to,
        "assignment": state.assignment.model_copy(update={"final": final}),
    }


@_on(f.JointReviewCalled)
def _joint_review_called(state: CaseState, _: f.JointReviewCalled, __: Fact) -> Change:
    return {"status": Status.JOINT_REVIEW, "joint_reviews": state.joint_reviews + 1}


# ── rectification 办理整改 ──────────────────────────────────────────────────────────────────────


@_on(f.ContactLogged)
def _contact_logged(state: CaseState, body: f.ContactLogged, fact: Fact) -> Change:
    reached = body.outcome is ContactOutcome.REACHED
    return {
        "contacted_by": tuple(dict.fromkeys((*state.contacted_by, fact.actor.user_id))),
        "contacted": state.contacted or reached,
        "contact_attempts": state.contact_attempts + 1,
    }


@_on(f.ProgressReported)
def _progressed(_: CaseState, __: f.ProgressReported, ___: Fact) -> Change:
    return {}


@_on(f.AssistReplied)
def _assist_replied(state: CaseState, body: f.AssistReplied, fact: Fact) -> Change:
    return _assist_ended(state, body.unit, {"replied_at": fact.at})


@_on(f.AssistWaived)
def _assist_waived(state: CaseState, body: f.AssistWaived, fact: Fact) -> Change:
    return _assist_ended(state, body.unit, {"waived_at": fact.at})


def _assist_ended(state: CaseState, unit: str, how: Change) -> Change:
    assert state.assignment is not None

    def ended(task: AssistTask) -> AssistTask:
        return task.model_copy(update=how) if task.unit == unit else task

    assists = tuple(ended(task) for task in state.assignment.assists)
    return {"assignment": state.assignment.model_copy(update={"assists": assists})}


@_on(f.ExtensionRequested)
def _extension_requested(state: CaseState, body: f.ExtensionRequested, fact: Fact) -> Change:
    entry = Extension(
        number=body.number,
        clock_id=body.clock_id,
        days=body.days,
        requested_at=fact.at,
        requested_by=fact.actor.user_id,
    )
    return {"extensions": (*state.extensions, entry)}


@_on(f.ExtensionDecided)
def _extension_decided(state: CaseState, body: f.ExtensionDecided, _: Fact) -> Change:
    return _extension_ended(state, body.number, {"approved": body.approved})


@_on(f.ExtensionLapsed)
def _extension_lapsed(state: CaseState, body: f.ExtensionLapsed, _: Fact) -> Change:
    return _extension_ended(state, body.number, {"lapsed": True})


def _extension_ended(state: CaseState, number: int, how: Change) -> Change:
    return {
        "extensions": tuple(
            entry.model_copy(update=how) if entry.number == number else entry for entry in state.extensions
        )
    }


@_on(f.CaseSuspended)
def _suspended(_: CaseState, body: f.CaseSuspended, fact: Fact) -> Change:
    plan = Suspension(number=body.number, next_on=body.next_on, suspended_at=fact.at, back_to=body.back_to)
    return {"status": Status.SUSPENDED, "suspension": plan, "suspensions": body.number}


@_on(f.CaseResumed)
def _resumed(_: CaseState, body: f.CaseResumed, __: Fact) -> Change:
    return {"status": body.back_to, "suspension": None}


@_on(f.ReplySubmitted)
def _reply_submitted(_: CaseState, body: f.ReplySubmitted, fact: Fact) -> Change:
    reply = Reply(
        unit=body.unit,
        text=body.text,
        submitted_at=fact.at,
        submitted_by=fact.actor.user_id,
        signer=body.signer,
        evidence=body.evidence,
        cited=body.citation is not None,
    )
    return {"status": Status.REPLY_REVIEW, "reply": reply, "replies": body.number}


@_on(f.ReplyAccepted)
def _reply_accepted(state: CaseState, _: f.ReplyAccepted, fact: Fact) -> Change:
    assert state.reply is not None
    how = {"accepted_at": fact.at, "reviewed_by": fact.actor.user_id}
    return _accepted(state.reply.model_copy(update=how), fact)


def _accepted(reply: Reply, fact: Fact) -> Change:
    return {
        "status": Status.AWAITING_REVISIT,
        "reply": reply,
        "attempts": (),
        "replied_to_citizen_at": fact.at,
    }


@_on(f.ReplyReturned)
def _reply_returned(_: CaseState, __: f.ReplyReturned, ___: Fact) -> Change:
    return {"status": Status.REWORK}


@_on(f.DeterminationRequested)
def _determination_requested(_: CaseState, body: f.DeterminationRequested, fact: Fact) -> Change:
    request = Determination(
        number=body.number,
        kind=body.determination,
        requested_at=fact.at,
        requested_by=fact.actor.user_id,
    )
    return {"determination": request, "determinations": body.number}


@_on(f.DeterminationDecided)
def _determination_decided(state: CaseState, body: f.DeterminationDecided, fact: Fact) -> Change:
    if body.settled or state.determination is None:
        return {"determination": None}
    first = {"first_approved_by": fact.actor.user_id}
    return {"determination": state.determination.model_copy(update=first)}


# ── revisit 回访 ────────────────────────────────────────────────────────────────────────────────


@_on(f.RevisitAttempted)
def _revisit_attempted(state: CaseState, body: f.RevisitAttempted, fact: Fact) -> Change:
    attempt = RevisitAttempt(at=fact.at, by=fact.actor.user_id, outcome=body.outcome)
    change: Change = {"attempts": (*state.attempts, attempt)}
    return {**change, "status": Status.UNREACHED} if body.exhausted else change


@_on(f.RevisitRecorded)
def _revisit_recorded(state: CaseState, body: f.RevisitRecorded, fact: Fact) -> Change:
    answer = body.model_dump(include=set(Answer.model_fields))
    result = RevisitResult(at=fact.at, by=fact.actor.user_id, **answer)
    change: Change = {"revisits": (*state.revisits, result)}
    return {**change, "rating": body.satisfaction} if fact.actor.role is Role.CITIZEN else change


@_on(f.CitizenRated)
def _rated(_: CaseState, body: f.CitizenRated, __: Fact) -> Change:
    return {"rating": body.satisfaction}


@_on(f.ReworkOrdered)
def _rework_ordered(_: CaseState, body: f.ReworkOrdered, fact: Fact) -> Change:
    return {"status": Status.REWORK, "rating": None, **_fresh_round(body.round, fact)}


# ── closeout 办结归档 ───────────────────────────────────────────────────────────────────────────


@_on(f.CaseClosed)
def _closed(state: CaseState, body: f.CaseClosed, fact: Fact) -> Change:
    return {
        "status": body.status,
        "outcome": body.outcome,
        "closed_at": fact.at,
        "joined_to": None,
        "determination": None,
        "replied_to_citizen_at": state.replied_to_citizen_at or fact.at,
    }


@_on(f.CaseReopened)
def _reopened(state: CaseState, _: f.CaseReopened, __: Fact) -> Change:
    return {
        "status": Status.AWAITING_DISPATCH,
        "outcome": None,
        "closed_at": None,
        "assignment": None,
        "repeat_of": None,
        "returns": (),
        "extensions": (),
        "suspensions": 0,
        "reply": None,
        "rating": None,
        "reopened": state.reopened + 1,
        "flags": state.flags | {Flag.REOPENED},
    }


@_on(f.LookBackRecorded)
def _looked_back(_: CaseState, __: f.LookBackRecorded, ___: Fact) -> Change:
    return {}


@_on(f.CaseArchived)
def _archived(_: CaseState, __: f.CaseArchived, ___: Fact) -> Change:
    return {"status": Status.ARCHIVED}


# ── supervision 督办 ────────────────────────────────────────────────────────────────────────────


@_on(f.MeasureIssued)
def _measure_issued(state: CaseState, body: f.MeasureIssued, fact: Fact) -> Change:
    measure = Measure(
        number=body.number,
        kind=body.measure,
        rung=body.rung,
        unit=body.unit,
        person=body.person,
        issued_at=fact.at,
        issued_by=fact.actor.user_id,
        unit_points=body.unit_points,
        person_points=body.person_points,
        appeal_until=body.appeal_until,
        proposed_by=fact.actor.user_id if body.public else None,
        due_on=body.due_on,
    )
    # Whatever nobody can answer, appeal or approve any more has left the state: it stays bounded.
    known = tuple(entry for entry in state.measures if entry.matters_at(fact.at))
    issued = {**state.measures_issued, body.measure: state.measures_issued.get(body.measure, 0) + 1}
    return {"measures": (*known, measure), "measures_issued": issued}


@_on(f.OrderAnswered)
def _order_answered(state: CaseState, body: f.OrderAnswered, fact: Fact) -> Change:
    how = {"answered_at": fact.at, "answered_by": fact.actor.user_id}
    return _measure_changed(state, body.number, how)


@_on(f.AnswerReviewed)
def _answer_reviewed(state: CaseState, body: f.AnswerReviewed, _: Fact) -> Change:
    if body.accepted:
        return _measure_changed(state, body.number, {"settled": True})
    measure = state.measure(body.number)
    returned = (measure.answers_returned if measure else 0) + 1
    return _measure_changed(state, body.number, {"answered_at": None, "answers_returned": returned})


@_on(f.NoticeDecided)
def _notice_decided(state: CaseState, body: f.NoticeDecided, _: Fact) -> Change:
    return _measure_changed(state, body.number, {"proposed_by": None})


@_on(f.ListingEnded)
def _listing_ended(state: CaseState, body: f.ListingEnded, _: Fact) -> Change:
    return _measure_changed(state, body.number, {"settled": True})


@_on(f.MeasureAppealed)
def _measure_appealed(state: CaseState, body: f.MeasureAppealed, fact: Fact) -> Change:
    how = {"appealed_at": fact.at, "appealed_by": fact.actor.user_id}
    return _measure_changed(state, body.number, how)


@_on(f.AppealDecided)
def _appeal_decided(state: CaseState, body: f.AppealDecided, _: Fact) -> Change:
    how: Change = {"appeal_upheld": body.upheld}
    if body.upheld:
        how |= {"settled": True, "proposed_by": None}
    return _measure_changed(state, body.number, how)


def _measure_changed(state: CaseState, number: str, how: Change) -> Change:
    return {
        "measures": tuple(
            entry.model_copy(update=how) if entry.number == number else entry for entry in state.measures
        )
    }


def _without_idle_orders(state: CaseState) -> CaseState:
    """An order or a listing lapses with the work: when the case has ended, or another unit has it."""
    idle = [
        entry
        for entry in state.measures
        if entry.is_open_task and not (state.is_open and entry.unit in state.units)
    ]
    for entry in idle:
        state = state.model_copy(update=_measure_changed(state, entry.number, {"settled": True}))
    return state


@_on(f.RungSkipped)
def _rung_skipped(state: CaseState, body: f.RungSkipped, _: Fact) -> Change:
    clock = state.clock(body.clock_id)
    skipped = (*clock.skipped, body.rung) if clock else ()
    return _clock_changed(state, body.clock_id, {"skipped": skipped})


@_on(f.JointStarted)
def _joint_started(state: CaseState, body: f.JointStarted, fact: Fact) -> Change:
    joint = JointSupervision(number=body.number, started_at=fact.at, started_by=fact.actor.user_id)
    return {"joint": joint, "joints": state.joints + 1}


@_on(f.JointActionAdded)
def _joint_action_added(state: CaseState, body: f.JointActionAdded, fact: Fact) -> Change:
    entry = JointAction(
        action=body.action,
        party=body.party,
        unit=body.unit,
        person=body.person,
        due_on=body.due_on,
        added_at=fact.at,
    )
    joint = state.joint
    assert joint is not None
    how = {"actions": (*joint.actions, entry), "added": body.action}
    return {"joint": joint.model_copy(update=how)}


@_on(f.JointActionDropped)
def _joint_action_dropped(state: CaseState, body: f.JointActionDropped, _: Fact) -> Change:
    joint = state.joint
    assert joint is not None
    left = tuple(entry for entry in joint.actions if entry.action != body.action)
    return {"joint": joint.model_copy(update={"actions": left})}


@_on(f.JointActionDone)
def _joint_action_done(state: CaseState, body: f.JointActionDone, fact: Fact) -> Change:
    joint = state.joint
    assert joint is not None
    done = tuple(
        entry.model_copy(update={"done_at": fact.at}) if entry.action == body.action else entry
        for entry in joint.actions
    )
    return {"joint": joint.model_copy(update={"actions": done})}


@_on(f.JointClosed)
def _joint_closed(_: CaseState, __: f.JointClosed, ___: Fact) -> Change:
    return {"joint": None}


@_on(f.TakenInCharge)
def _taken_in_charge(_: CaseState, body: f.TakenInCharge, __: Fact) -> Change:
    return {"in_charge": body.leader}


@_on(f.InstructionGiven)
def _instructed(_: CaseState, __: f.InstructionGiven, ___: Fact) -> Change:
    return {}


# ── scores 考核 ─────────────────────────────────────────────────────────────────────────────────


@_on(f.ExclusionRequested)
def _exclusion_requested(_: CaseState, body: f.ExclusionRequested, fact: Fact) -> Change:
    request = ExclusionRequest(
        number=body.number,
        ground=body.ground,
        indicators=body.indicators,
        requested_at=fact.at,
        requested_by=fact.actor.user_id,
    )
    return {"exclusion": request, "exclusions": body.number}


@_on(f.ExclusionDecided)
def _exclusion_decided(state: CaseState, body: f.ExclusionDecided, fact: Fact) -> Change:
    if body.settled or state.exclusion is None:
        return {"exclusion": None}
    first = {"first_approved_by": fact.actor.user_id}
    return {"exclusion": state.exclusion.model_copy(update=first)}


# ── recusal 回避 ────────────────────────────────────────────────────────────────────────────────


@_on(f.PersonRecused)
def _recused(state: CaseState, body: f.PersonRecused, _: Fact) -> Change:
    return {"recused": (*state.recused, body.person)}


@_on(f.RecusalLifted)
def _recusal_lifted(state: CaseState, body: f.RecusalLifted, _: Fact) -> Change:
    return {"recused": tuple(person for person in state.recused if person != body.person)}


# ── clocks 时限, flags, policy ──────────────────────────────────────────────────────────────────


@_on(f.FlagRaised)
def _flag_raised(state: CaseState, body: f.FlagRaised, _: Fact) -> Change:
    return {"flags": state.flags | {body.flag}}


@_on(f.ClockStarted)
def _clock_started(state: CaseState, body: f.ClockStarted, fact: Fact) -> Change:
    clock = Clock(
        clock_id=body.clock_id,
        kind=body.clock,
        holder=body.holder,
        started_at=fact.at,
        schedule=body.schedule,
    )
    return {"clocks": (*state.clocks, clock)}


@_on(f.ClockMoved)
def _clock_moved(state: CaseState, body: f.ClockMoved, _: Fact) -> Change:
    how: Change = {"schedule": body.schedule}
    if body.resumed:
        how["held_at"] = None
    return _clock_changed(state, body.clock_id, how)


@_on(f.ClockHeld)
def _clock_held(state: CaseState, body: f.ClockHeld, fact: Fact) -> Change:
    return _clock_changed(state, body.clock_id, {"held_at": fact.at})


@_on(f.ClockFired)
def _clock_fired(state: CaseState, body: f.ClockFired, _: Fact) -> Change:
    clock = state.clock(body.clock_id)
    fired = (*clock.fired, body.alarm) if clock else ()
    change = _clock_changed(state, body.clock_id, {"fired": fired})
    return {**change, "next_burden_at": body.next_burden_at} if body.next_burden_at else change


def _clock_changed(state: CaseState, clock_id: str, how: Change) -> Change:
    return {
        "clocks": tuple(
            clock.model_copy(update=how) if clock.clock_id == clock_id else clock for clock in state.clocks
        )
    }


@_on(f.ClockStopped)
def _clock_stopped(state: CaseState, body: f.ClockStopped, _: Fact) -> Change:
    return {"clocks": tuple(clock for clock in state.clocks if clock.clock_id != body.clock_id)}


@_on(f.PolicyRevised)
def _policy_revised(_: CaseState, body: f.PolicyRevised, __: Fact) -> Change:
    return {"policy_revision": body.policy_revision}


EVOLVED: Final = frozenset(_EVOLVERS) | {f.CaseRegistered}
"""The facts that can be applied; a test proves that it is all of them."""
