"""回访: attempts, three questions, rating, rework rounds (domain.md §5, §12 rules 18–19)."""

from collections.abc import Iterator
from typing import Final

from hotline.case import Actor, CaseState
from hotline.commands import CitizenRating, LogRevisitAttempt, RecordRevisit, SecondRevisit
from hotline.facts import (
    Body,
    CaseClosed,
    CitizenRated,
    FlagRaised,
    JointReviewCalled,
    RevisitAttempted,
    RevisitRecorded,
    ReworkOrdered,
)
from hotline.identifiers import UserId
from hotline.refusals import GuardFailed, WindowClosed
from hotline.roles import require_another
from hotline.rules.base import Context, Rule
from hotline.vocabulary import Channel, ContactOutcome, Flag, Outcome, Role, Status

_RULE: Final = "domain.md §12 rule 18"
_TO_REVISIT: Final = frozenset({Status.AWAITING_REVISIT, Status.UNREACHED})


def _attempt(state: CaseState, command: LogRevisitAttempt, ctx: Context) -> Iterator[Body]:
    """Attempts lie apart; after the last the citizen may still answer an invitation (domain.md §5)."""
    _require_independent(state, ctx)
    if command.outcome is ContactOutcome.REACHED:
        raise GuardFailed("reached_needs_result", "已接通的请登记回访结果", field="outcome")
    if state.attempts:
        earliest_at = ctx.policy.add(state.attempts[-1].at, ctx.policy.revisit_spacing).at
        if ctx.now < earliest_at:
            raise WindowClosed("attempt_too_soon", "两次回访尝试间隔过短", rule="domain.md §5")
    last = len(state.attempts) + 1 >= ctx.policy.caps.revisit_attempts
    exhausted = last or command.outcome is ContactOutcome.NO_CONTACT
    yield RevisitAttempted(outcome=command.outcome, exhausted=exhausted)


def _record(state: CaseState, command: RecordRevisit, ctx: Context) -> Iterator[Body]:
    _require_independent(state, ctx)
    result = RevisitRecorded(
        contacted=command.contacted,
        solved=command.solved,
        truthful=command.truthful,
        satisfaction=command.satisfaction,
        opinion=command.opinion,
        channel=command.channel,
    )
    yield result
    yield from _aftermath(state, result, ctx)


def _aftermath(state: CaseState, result: RevisitRecorded, ctx: Context) -> Iterator[Body]:
    """Satisfied closes; else another round, and when rounds are used up the hotline rules (domain.md §5)."""
    if result.is_favourable:
        yield CaseClosed(status=Status.COMPLETED, outcome=Outcome.SATISFIED)
        return
    yield from _contradiction(state, result)
    if state.round <= ctx.policy.caps.reworks:
        yield ReworkOrdered(round=state.round + 1)
    else:
        yield JointReviewCalled(participants=state.units)


def _contradiction(state: CaseState, result: RevisitRecorded) -> Iterator[Body]:
    """虚假办结: not contacted, or not true, whoever asked (rule 19)."""
    if result.contradicts_reply and Flag.FALSE_CLOSING not in state.flags:
        yield FlagRaised(flag=Flag.FALSE_CLOSING)


def _second(state: CaseState, command: SecondRevisit, ctx: Context) -> Iterator[Body]:
    """An independent second answer; a favourable one closes the case, and both are kept."""
    if not may_revisit_again(state):
        raise GuardFailed("nothing_to_ask_again", "没有可以二次回访的结果", rule="domain.md §5")
    _require_independent(state, ctx)
    require_another(ctx.actor, (state.revisits[-1].by,), code="own_revisit", rule=_RULE)
    result = RevisitRecorded(
        contacted=command.contacted,
        solved=command.solved,
        truthful=command.truthful,
        satisfaction=command.satisfaction,
        opinion=command.opinion,
        second=True,
    )
    yield result
    yield from _contradiction(state, result)
    if result.is_favourable:
        yield CaseClosed(status=Status.COMPLETED, outcome=Outcome.SATISFIED)


def may_revisit_again(state: CaseState) -> bool:
    """Only an unfavourable answer to the reply in force is asked again, and only once.

    A reply that came later and has not passed review is no result to close on (rule 17).
    """
    last = state.revisits[-1] if state.revisits else None
    if last is None or state.reply is None or state.reply.accepted_at is None:
        return False
    return not last.is_favourable and not last.second


def may_rate(state: CaseState) -> bool:
    """One matter, one rating (一事一评): each revisit may be answered, and a closed case rated once."""
    return state.status in _TO_REVISIT or state.rating is None


def _rate(state: CaseState, command: CitizenRating, ctx: Context) -> Iterator[Body]:
    """Before the case ends a rating is the citizen's own answer to the revisit; afterwards it is kept, once."""
    if state.status not in _TO_REVISIT:
        if not may_rate(state):
            raise GuardFailed("rated_before", "已经评价过", rule="domain.md §5 一事一评")
        yield CitizenRated(solved=command.solved, satisfaction=command.satisfaction, opinion=command.opinion)
        return
    result = RevisitRecorded(
        contacted=True,
        solved=command.solved,
        truthful=True,
        satisfaction=command.satisfaction,
        opinion=command.opinion,
        channel=Channel.WEB,
    )
    yield result
    yield from _aftermath(state, result, ctx)


def may_ask(state: CaseState, actor: Actor) -> bool:
    """Whether somebody had no part in what the citizen is asked about (rule 18)."""
    return actor.user_id not in _had_a_part(state)


def _may_ask_again(state: CaseState, actor: Actor) -> bool:
    return may_ask(state, actor) and actor.user_id != state.revisits[-1].by


def _had_a_part(state: CaseState) -> tuple[UserId | None, ...]:
    reply = state.reply
    handled = (reply.submitted_by, reply.signer, reply.reviewed_by) if reply else ()
    # Whoever kept contact for the unit is what the first of the three questions is about.
    return (*handled, *state.contacted_by)


def _require_independent(state: CaseState, ctx: Context) -> None:
    require_another(ctx.actor, _had_a_part(state), code="own_case", rule=_RULE)


_REVISITOR: Final = frozenset({Role.REVISITOR})

RULES: Final = (
    Rule(
        LogRevisitAttempt,
        by=_REVISITOR,
        when=frozenset({Status.AWAITING_REVISIT}),
        decide=_attempt,
        offered_to=may_ask,
    ),
    Rule(RecordRevisit, by=_REVISITOR, when=_TO_REVISIT, decide=_record, offered_to=may_ask),
    Rule(
        SecondRevisit,
        by=_REVISITOR,
        when=frozenset({Status.REWORK, Status.JOINT_REVIEW}),
        decide=_second,
        offered=may_revisit_again,
        offered_to=_may_ask_again,
    ),
    Rule(
        CitizenRating,
        by=frozenset({Role.CITIZEN}),
        when=_TO_REVISIT | {Status.COMPLETED},
        decide=_rate,
        offered=may_rate,
    ),
)
