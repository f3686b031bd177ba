"""The holding ledger (时长台账): every second of an open case belongs to one unit and one cause.

A span is closed whenever the owner or the cause changes; the sum of all spans is the time the case has
been open (product.md §4.5, architecture.md §3 i). A dispute stands with the hotline until the ruling
attributes its span.
"""

from datetime import datetime, timedelta
from typing import Final

from hotline.case import CaseState, Holding, Possession
from hotline.identifiers import HOTLINE, UnitCode
from hotline.vocabulary import Cause, Status

_HOTLINES: Final = {
    Status.RECEIVED: Cause.INTAKE,
    Status.AWAITING_DETAILS: Cause.AWAITING_CALLER,
    Status.AWAITING_DISPATCH: Cause.DISPATCH,
    Status.RETURN_REVIEW: Cause.DISPUTE,
    Status.JOINT_REVIEW: Cause.JOINT_REVIEW,
    Status.REPLY_REVIEW: Cause.REVIEW,
    Status.AWAITING_REVISIT: Cause.REVISIT,
    Status.UNREACHED: Cause.AWAITING_CALLER,
}
_UNITS: Final = {
    Status.AWAITING_SIGNATURE: Cause.SIGNATURE,
    Status.IN_HAND: Cause.HANDLING,
    Status.SUSPENDED: Cause.PLAN,
    Status.REWORK: Cause.REWORK,
}


def owner_of(state: CaseState) -> UnitCode | None:
    """The one unit that owns the case now; a closed case has none."""
    if state.status in _HOTLINES:
        return HOTLINE
    if state.status in _UNITS and state.assignment:
        return state.assignment.lead
    return None


def pass_on(state: CaseState, at: datetime) -> CaseState:
    """Close the running span and open the next one if owner or cause has changed."""
    owner = owner_of(state)
    cause = _HOTLINES.get(state.status) or _UNITS.get(state.status)
    held = state.possession
    if held and (held.holder, held.cause) == (owner, cause):
        return state
    following = Possession(holder=owner, cause=cause, since=at) if owner and cause else None
    return state.model_copy(update={"possession": following, "holdings": _closed(state, at)})


def _closed(state: CaseState, at: datetime) -> tuple[Holding, ...]:
    held = state.possession
    if held is None:
        return state.holdings
    spans = {(line.holder, line.cause): line.held_for for line in state.holdings}
    key = held.holder, held.cause
    spans[key] = spans.get(key, timedelta(0)) + (at - held.since)
    return tuple(Holding(holder=h, cause=c, held_for=span) for (h, c), span in spans.items())


def holdings_at(state: CaseState, at: datetime) -> tuple[Holding, ...]:
    """The ledger as of an instant, the running span included."""
    return _closed(state, at)
