"""经手链: every hand a case went through, adding up to the holding ledger."""

from collections import defaultdict
from datetime import timedelta
from itertools import pairwise

import pytest

from hotline.commands import ReturnCase, RuleOnReturn, SignFor
from hotline.hands import chain_of_hands
from hotline.holding import holdings_at
from hotline.identifiers import HOTLINE
from hotline.vocabulary import Cause, EvidenceKind
from unit.lives import (
    DISPATCHER,
    HANDLER,
    TEXT,
    UNIT,
    Life,
    Stage,
    completed,
    contact,
    dispatch,
    dispatched,
    evidence,
    in_hand,
    registered,
    reply,
    reworks_used_up,
    unreached,
)

HOUR = timedelta(hours=1)


def told(life: Life) -> list[tuple[str, Cause, timedelta]]:
    return [(hand.holder, hand.cause, hand.held_for(life.now)) for hand in chain_of_hands(life.facts)]


def in_dispute() -> Life:
    life = dispatched()
    basis = evidence(life.now, EvidenceKind.RETURN)
    return life.then(ReturnCase(legal_basis=TEXT, evidence=(basis,)), HANDLER, after=HOUR)


def test_chain_tells_each_hand_once_and_the_last_one_runs() -> None:
    life = registered().then(dispatch(), DISPATCHER, after=1 * HOUR).then(SignFor(), HANDLER, after=2 * HOUR)
    life.then(contact(life.now), HANDLER, after=1 * HOUR).then(reply(life.now), HANDLER, after=3 * HOUR)
    life.wait(5 * HOUR)
    assert told(life) == [
        (HOTLINE, Cause.INTAKE, 1 * HOUR),
        (UNIT, Cause.SIGNATURE, 2 * HOUR),
        (UNIT, Cause.HANDLING, 4 * HOUR),
        (HOTLINE, Cause.REVIEW, 5 * HOUR),
    ]
    assert [hand.until is None for hand in chain_of_hands(life.facts)] == [False, False, False, True]


def test_dispute_stands_with_whom_the_ruling_named() -> None:
    life = in_dispute()
    assert told(life)[-1][:2] == (HOTLINE, Cause.DISPUTE)
    life.then(RuleOnReturn(upheld=False, reason=TEXT), DISPATCHER, after=2 * HOUR)
    disputed = [hand for hand in chain_of_hands(life.facts) if hand.cause is Cause.DISPUTE]
    assert [(hand.holder, hand.held_for(life.now)) for hand in disputed] == [(UNIT, 2 * HOUR)]


@pytest.mark.parametrize("stage", [registered, in_hand, in_dispute, completed, unreached, reworks_used_up])
def test_chain_adds_up_to_the_holding_ledger_and_has_no_gap(stage: Stage) -> None:
    life = stage().wait(HOUR)
    hands = chain_of_hands(life.facts)
    totals: defaultdict[tuple[str, Cause], timedelta] = defaultdict(timedelta)
    for hand in hands:
        totals[hand.holder, hand.cause] += hand.held_for(life.now)
    assert totals == {
        (line.holder, line.cause): line.held_for
        for line in holdings_at(life.state, life.now)
        if line.held_for
    }
    assert all(one.until == following.since for one, following in pairwise(hands))
