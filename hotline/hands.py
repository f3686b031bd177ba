"""The chain of hands (经手链): who held a case, why, from when to when, in the order of its life.

It is read from the same spans as the holding ledger, so the two always add up to the same time; a span whose
owner a ruling decided later stands with whom the ruling named (product.md §4.5).
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from hotline.case import CaseState
from hotline.evolve import evolve
from hotline.facts import Fact
from hotline.identifiers import UnitCode
from hotline.model import Record
from hotline.vocabulary import Cause


class Hand(Record):
    """One span of a case's life with one holder for one cause; the one that still runs has no end."""

    holder: UnitCode
    cause: Cause
    since: datetime
    until: datetime | None = None

    def held_for(self, now: datetime) -> timedelta:
        """How long, on the wall clock; a span that still runs counts up to `now`."""
        return (self.until or now) - self.since


def chain_of_hands(facts: Iterable[Fact]) -> tuple[Hand, ...]:
    """Every span of a ledger in order. Spans of no length, such as a registration that is dispatched at once, are left out."""
    hands: list[Hand] = []
    state: CaseState | None = None
    for fact in facts:
        before, state = state, evolve(state, fact)
        hands += _closed(before, state, fact.at)
    if state and (held := state.possession):
        hands.append(Hand(holder=held.holder, cause=held.cause, since=held.since))
    return tuple(hands)


def _closed(before: CaseState | None, after: CaseState, at: datetime) -> list[Hand]:
    """The span that a fact has closed: the line of the holding ledger that has grown."""
    known = {(line.holder, line.cause): line.held_for for line in before.holdings} if before else {}
    grown = (
        (line, line.held_for - known.get((line.holder, line.cause), timedelta(0))) for line in after.holdings
    )
    return [
        Hand(holder=line.holder, cause=line.cause, since=at - span, until=at) for line, span in grown if span
    ]
