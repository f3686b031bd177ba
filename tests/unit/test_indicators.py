"""考核指标: every row says why it counts as it does, and sums, ranks and digests follow from rows alone."""

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline import commands as c
from hotline.commands import RequestTermination, ReviewReply, SecondRevisit, SignFor
from hotline.identifiers import CaseNo, UnitCode
from hotline.indicators.counting import Count, counts_of
from hotline.indicators.definitions import DEFINITIONS
from hotline.indicators.figures import Figure, Ratio, UnitFigures, add_up, figure_of, rank
from hotline.indicators.months import Month, appeal_until, digest_of, freezable_from
from hotline.policy import ScoringRules
from hotline.vocabulary import AlarmCode, Counted, CountReason, Indicator, RequestType
from unit import lives
from unit.lives import (
    CITIZEN,
    DISPATCHER,
    FAVOURABLE,
    HANDLER,
    OTHER_UNIT,
    POLICY,
    REVISITOR,
    SECOND_REVISITOR,
    SECOND_SUPERVISOR,
    SUPERVISOR,
    TEXT,
    UNIT,
    UNIT_HEAD,
    UNSOLVED,
    UNTRUE,
    Life,
    at,
)

DAY = timedelta(days=1)


def rows(life: Life) -> dict[tuple[Indicator, str], Count]:
    return {(row.indicator, row.occasion): row for row in counts_of(life.facts)}


def told(life: Life, indicator: Indicator, occasion: str = "1") -> tuple[Counted, CountReason]:
    row = rows(life)[indicator, occasion]
    return row.raw, row.reason


YES, NO, OUT = Counted


# ── signing and finishing in time ───────────────────────────────────────────────────────────────


def test_dispatch_counts_as_unsigned_from_the_due_instant_on_and_nowhere_before() -> None:
    life = lives.dispatched()
    row = rows(life)[Indicator.TIMELY_SIGNING, "1"]
    clock = life.state.clock("signature:1.0")
    assert clock is not None
    assert (row.raw, row.reason, row.counted_at) == (NO, CountReason.NOT_SIGNED, clock.due_at)


def test_signature_in_time_counts_when_it_was_given() -> None:
    life = lives.in_hand()
    row = rows(life)[Indicator.TIMELY_SIGNING, "1"]
    assert (row.raw, row.reason, row.counted_at) == (YES, CountReason.SIGNED_IN_TIME, life.now)


def test_late_signature_counts_when_it_was_missed() -> None:
    life = lives.dispatched()
    due = rows(life)[Indicator.TIMELY_SIGNING, "1"].counted_at
    life.wait_until(due + DAY).then(SignFor(), HANDLER)
    row = rows(life)[Indicator.TIMELY_SIGNING, "1"]
    assert (row.raw, row.reason, row.counted_at) == (NO, CountReason.SIGNED_LATE, due)


def test_reply_in_time_counts_when_it_is_accepted_and_not_while_it_is_reviewed() -> None:
    life = lives.replied()
    assert told(life, Indicator.ON_TIME) == (OUT, CountReason.STANDING_STILL)
    life.then(lives.accepted(), lives.REVIEWER)
    row = rows(life)[Indicator.ON_TIME, "1"]
    assert (row.raw, row.reason, row.counted_at) == (YES, CountReason.FINISHED_IN_TIME, life.now)


def test_missed_limit_stays_missed_through_review_and_reply() -> None:
    life = lives.contacted()
    due = rows(life)[Indicator.ON_TIME, "1"].counted_at
    life.wait_until(due + DAY).then(lives.reply(life.now), HANDLER)
    assert told(life, Indicator.ON_TIME) == (NO, CountReason.NOT_FINISHED)
    life.then(lives.accepted(), lives.REVIEWER)
    row = rows(life)[Indicator.ON_TIME, "1"]
    assert (row.raw, row.reason, row.counted_at) == (NO, CountReason.FINISHED_LATE, due)


def test_case_that_is_over_before_its_limit_counts_neither_way() -> None:
    life = lives.in_hand().then(RequestTermination(ground="R2", reason=TEXT), UNIT_HEAD)
    life.then(c.DecideTermination(approved=True, reason=TEXT), DISPATCHER)
    life.then(c.DecideTermination(approved=True, reason=TEXT), SUPERVISOR)
    assert told(life, Indicator.ON_TIME) == (OUT, CountReason.WITHDRAWN)
    assert told(life, Indicator.RESOLUTION) == (OUT, CountReason.ENDED_WITHOUT_REPLY)


# ── returns ─────────────────────────────────────────────────────────────────────────────────────


def returned(*, upheld: bool | None) -> Life:
    life = lives.dispatched()
    grounds = c.ReturnCase(legal_basis=TEXT, evidence=(lives.evidence(life.now),))
    life.then(grounds, HANDLER)
    if upheld is not None:
        life.then(c.RuleOnReturn(upheld=upheld, reason=TEXT), DISPATCHER)
    return life


@pytest.mark.parametrize(
    ("upheld", "reason"),
    [
        (None, CountReason.RETURNED),
        (True, CountReason.RETURNED_RIGHTLY),
        (False, CountReason.RETURNED_WRONGLY),
    ],
)
def test_return_counts_at_its_dispatch_and_says_how_it_was_ruled(
    upheld: bool | None, reason: CountReason
) -> None:
    life = returned(upheld=upheld)
    row = rows(life)[Indicator.RETURN, "1"]
    assert (row.raw, row.reason, row.unit) == (YES, reason, UNIT)
    assert row.counted_at == life.registration.registered_at


def test_unit_whose_return_was_upheld_answers_for_nothing_but_the_return() -> None:
    life = returned(upheld=True).then(lives.dispatch(OTHER_UNIT), DISPATCHER)
    assert told(life, Indicator.ON_TIME) == (OUT, CountReason.RETURN_UPHELD)
    found = rows(life)
    assert found[Indicator.ON_TIME, "2"].unit == OTHER_UNIT
    assert found[Indicator.REPEAT, "1"].unit == OTHER_UNIT
    assert told(life, Indicator.RETURN, "2") == (NO, CountReason.NOT_RETURNED)


def test_overturned_return_costs_what_the_policy_says() -> None:
    [row] = [row for row in counts_of(returned(upheld=False).facts) if row.indicator is Indicator.POINTS]
    assert (row.unit, row.points, row.occasion) == (UNIT, 1, "JF01")


@pytest.mark.parametrize(
    ("lead", "reason"),
    [(UNIT, CountReason.RETURNED_WRONGLY), (OTHER_UNIT, CountReason.RETURNED_RIGHTLY)],
)
def test_binding_ruling_settles_the_return_too(lead: UnitCode, reason: CountReason) -> None:
    life = returned(upheld=None).then(c.RuleBindingly(lead=lead, reason=TEXT), SUPERVISOR)
    assert told(life, Indicator.RETURN) == (YES, reason)


# ── ends ────────────────────────────────────────────────────────────────────────────────────────

CLOSINGS: list[tuple[Life, Indicator, tuple[Counted, CountReason]]] = [
    (lives.completed(), Indicator.RESPONSE, (YES, CountReason.CONTACT_CONFIRMED)),
    (lives.completed(), Indicator.RESOLUTION, (YES, CountReason.SOLVED)),
    (lives.completed(), Indicator.SATISFACTION, (YES, CountReason.SATISFIED)),
    (lives.completed(), Indicator.FIRST_RESOLUTION, (YES, CountReason.SOLVED)),
    (lives.completed(), Indicator.REWORK, (NO, CountReason.NOT_REWORKED)),
    (lives.completed(), Indicator.REPEAT, (NO, CountReason.NOT_REPEATED)),
    (lives.completed(occurrence=2), Indicator.REPEAT, (YES, CountReason.REPEATED)),
    (lives.next_round(lives.reworking(), FAVOURABLE), Indicator.RESOLUTION, (YES, CountReason.SOLVED)),
    (
        lives.next_round(lives.reworking(), FAVOURABLE),
        Indicator.FIRST_RESOLUTION,
        (NO, CountReason.NOT_SOLVED),
    ),
    (lives.next_round(lives.reworking(), FAVOURABLE), Indicator.REWORK, (YES, CountReason.REWORKED)),
    (
        lives.next_round(lives.reworking(UNTRUE), FAVOURABLE),
        Indicator.RESPONSE,
        (YES, CountReason.CONTACT_CONFIRMED),
    ),
    (
        lives.reworks_used_up().then(c.CloseCase(reason=TEXT), SUPERVISOR),
        Indicator.RESOLUTION,
        (NO, CountReason.NOT_SOLVED),
    ),
    (
        lives.reworks_used_up().then(c.CloseCase(reason=TEXT), SUPERVISOR),
        Indicator.SATISFACTION,
        (NO, CountReason.DISSATISFIED),
    ),
]


@pytest.mark.parametrize(("life", "indicator", "how"), CLOSINGS)
def test_end_counts_by_the_citizens_last_word(
    life: Life, indicator: Indicator, how: tuple[Counted, CountReason]
) -> None:
    assert told(life, indicator) == how


def test_second_revisit_is_the_last_word() -> None:
    life = lives.reworking()
    answer = SecondRevisit(contacted=True, solved=True, truthful=True, satisfaction=4)
    life.then(answer, SECOND_REVISITOR)
    assert told(life, Indicator.RESOLUTION) == (YES, CountReason.SOLVED)
    assert told(life, Indicator.FIRST_RESOLUTION) == (NO, CountReason.NOT_SOLVED)


def test_unreached_counts_neither_way_until_the_citizen_rates() -> None:
    life = lives.unreached().sleep(4 * DAY)
    assert life.state.closed_at is not None
    assert told(life, Indicator.RESPONSE) == (OUT, CountReason.UNREACHED)
    assert told(life, Indicator.SATISFACTION) == (OUT, CountReason.UNREACHED)
    closed_at = rows(life)[Indicator.SATISFACTION, "1"].counted_at
    life.then(c.CitizenRating(solved=False, satisfaction=1), CITIZEN)
    row = rows(life)[Indicator.SATISFACTION, "1"]
    assert (row.raw, row.reason, row.counted_at) == (NO, CountReason.DISSATISFIED, closed_at)
    assert told(life, Indicator.RESPONSE) == (OUT, CountReason.UNREACHED)


def test_reply_that_the_review_sent_back_is_a_rework() -> None:
    life = lives.replied().then(ReviewReply(accepted=False, opinion=TEXT), lives.REVIEWER)
    life.then(lives.reply(life.now), HANDLER).then(lives.accepted(), lives.REVIEWER)
    life.then(FAVOURABLE, REVISITOR)
    assert told(life, Indicator.REWORK) == (YES, CountReason.SENT_BACK)


def test_every_end_of_a_case_counts_once() -> None:
    life = lives.completed().then(c.ReopenCase(new_facts=TEXT, relapse=True), DISPATCHER)
    first = rows(life)[Indicator.RESOLUTION, "1"]
    life.then(lives.dispatch(OTHER_UNIT), DISPATCHER)
    assert rows(life)[Indicator.RESOLUTION, "1"] == first
    assert (Indicator.RESOLUTION, "2") not in rows(life)


def test_what_the_hotline_answers_itself_counts_for_nobody() -> None:
    assert not rows(lives.registered().then(c.AnswerDirectly(answer=TEXT), lives.OPERATOR))


def test_unreasonable_request_is_left_out_of_the_adjusted_rates_alone() -> None:
    life = lives.reworking()
    claim = c.ClaimUnreasonable(reason=TEXT, evidence=(lives.evidence(life.now),))
    life.then(claim, UNIT_HEAD)
    life.then(c.DecideUnreasonable(approved=True, reason=TEXT), DISPATCHER)
    life.then(c.DecideUnreasonable(approved=True, reason=TEXT), SUPERVISOR)
    row = rows(life)[Indicator.RESOLUTION, "1"]
    assert (row.raw, row.adjusted, row.excluded_for) == (NO, OUT, CountReason.UNREASONABLE)
    life.then(c.CitizenRating(solved=True, satisfaction=5), CITIZEN)
    row = rows(life)[Indicator.SATISFACTION, "1"]
    assert (row.raw, row.adjusted) == (YES, OUT), "a later rating does not undo the decision"


# ── cards ───────────────────────────────────────────────────────────────────────────────────────


def carded(*, upheld: bool) -> tuple[Life, tuple[Count, ...]]:
    """A case with a card whose appeal is decided, and the rows before that."""
    card = c.IssueCard(unit=UNIT, card=AlarmCode.RED_CARD, person=None, reason=TEXT)
    life = lives.in_hand().then(card, SUPERVISOR)
    number = life.state.measures[0].number
    life.then(c.AppealRung(number=number, grounds=TEXT), UNIT_HEAD)
    before = counts_of(life.facts)
    return life.then(c.DecideAppeal(number=number, upheld=upheld, reason=TEXT), SECOND_SUPERVISOR), before


def test_upheld_appeal_moves_exactly_its_row() -> None:
    life, before = carded(upheld=True)
    changed = set(counts_of(life.facts)) - set(before)
    [row] = changed
    assert (row.indicator, row.points, row.adjusted) == (Indicator.POINTS, 5, OUT)
    assert row.excluded_for is CountReason.POINTS_REVERSED
    assert figure_of(row).points == 0
    assert figure_of(row).raw_points == 5


def test_dismissed_appeal_moves_nothing() -> None:
    life, before = carded(upheld=False)
    assert counts_of(life.facts) == before


# ── figures ─────────────────────────────────────────────────────────────────────────────────────

counted = st.sampled_from(Counted)
some_rows = st.lists(
    st.builds(
        Count,
        case_no=st.sampled_from([CaseNo(f"26030209000001{n:04d}") for n in range(5)]),
        indicator=st.sampled_from(Indicator),
        occasion=st.sampled_from("123"),
        unit=st.sampled_from([UNIT, OTHER_UNIT, lives.THIRD_UNIT]),
        type=st.sampled_from(RequestType),
        counted_at=st.just(at("2026-03-02 09:00")),
        raw=counted,
        adjusted=counted,
        reason=st.sampled_from(CountReason),
        points=st.integers(0, 5),
        seq=st.just(1),
    ),
    max_size=30,
)


def city(units: Iterable[UnitFigures]) -> dict[Indicator, Figure]:
    total = sum(units, UnitFigures(unit=UnitCode("city")))
    return dict(total.figures)


@given(some_rows)
def test_units_add_up_to_the_city_and_no_numerator_passes_its_denominator(found: list[Count]) -> None:
    whole = add_up([row.model_copy(update={"unit": UnitCode("city")}) for row in found])
    expected = whole[UnitCode("city")].figures if whole else {}
    assert city(add_up(found).values()) == expected
    for figure in city(add_up(found).values()).values():
        assert figure.raw_numerator <= figure.raw_denominator
        assert figure.numerator <= figure.denominator


@given(some_rows)
def test_raw_is_adjusted_where_nothing_is_excluded(found: list[Count]) -> None:
    kept = [row.model_copy(update={"adjusted": row.raw}) for row in found]
    for unit in add_up(kept).values():
        for figure in unit.figures.values():
            assert figure.raw == figure.adjusted
            assert figure.left_out == 0


@given(st.integers(0, 500), st.integers(1, 500))
def test_interval_holds_the_rate_and_narrows_with_more(numerator: int, more: int) -> None:
    ratio, larger = Ratio(numerator, numerator + more), Ratio(4 * numerator, 4 * (numerator + more))
    assert ratio.interval is not None
    assert larger.interval is not None
    assert ratio.rate is not None
    low, high = ratio.interval
    assert 0 <= low <= ratio.rate <= high <= 100
    assert larger.interval[1] - larger.interval[0] <= high - low


def test_interval_is_wilsons() -> None:
    assert Ratio(81, 263).interval == (Decimal("25.53"), Decimal("36.62"))
    assert Ratio(0, 0).interval is None
    assert Ratio(3112, 3456).rate == Decimal("90.05"), "丰城 2025-05 (domain.md §9.1)"


# ── score and ranking ───────────────────────────────────────────────────────────────────────────


def unit(code: str, *, sample: int = 20, points: int = 0, **rates: tuple[int, int]) -> UnitFigures:
    figures = {
        Indicator(f"{name}-rate"): Figure(  # type: ignore[call-arg]  # a member is found by its code
            indicator=Indicator(f"{name}-rate"),  # type: ignore[call-arg]  # as above
            numerator=ratio[0],
            denominator=ratio[1],
        )
        for name, ratio in rates.items()
    }
    figures[Indicator.RETURN] = Figure(indicator=Indicator.RETURN, raw_denominator=sample)
    figures[Indicator.POINTS] = Figure(indicator=Indicator.POINTS, points=points)
    return UnitFigures(unit=UnitCode(code), figures=figures)


RULES = ScoringRules()


def test_score_is_a_hundred_less_deductions_that_say_why() -> None:
    [line] = rank([unit("a", response=(9, 10), resolution=(3, 4), satisfaction=(2, 3), points=2)], RULES)
    assert line.score == Decimal("100.00") - 2 - 10 - Decimal("13.33") - 2
    assert [d.because for d in line.deductions] == [
        "响应率 90.00%（9/10），权重 20 分",
        "解决率 75.00%（3/4），权重 40 分",
        "满意率 66.67%（2/3），权重 40 分",
        "督办记 2 分",
    ]


def test_score_never_falls_below_nought() -> None:
    worst = unit("a", response=(0, 9), resolution=(0, 9), satisfaction=(0, 9), points=50)
    assert rank([worst], RULES)[0].score == 0


def test_ties_go_by_solved_then_by_repeats_and_equals_share_a_place() -> None:
    units = [
        unit("worse", resolution=(1, 2)),
        unit("repeats", resolution=(1, 1), repeat=(1, 2)),
        unit("same", resolution=(1, 1), repeat=(1, 2)),
        unit("unasked"),
        unit("best", resolution=(1, 1)),
    ]
    lines = rank(units, RULES)
    assert [(line.unit, line.place) for line in lines] == [
        ("best", 1),
        ("repeats", 2),
        ("same", 2),
        ("unasked", 4),
        ("worse", 5),
    ]


def test_units_below_the_minimum_are_listed_apart() -> None:
    lines = rank([unit("small", sample=9), unit("large", sample=10, resolution=(0, 1))], RULES)
    assert [(line.unit, line.place) for line in lines] == [("large", 1), ("small", None)]
    lines = rank([unit("small", sample=9)], RULES.model_copy(update={"ranked_from": 5}))
    assert lines[0].place == 1


# ── months ──────────────────────────────────────────────────────────────────────────────────────


def test_month_is_shanghais() -> None:
    november = Month.read("2026-11")
    assert Month.of(at("2026-11-01 00:00")) == november == Month.of(at("2026-11-30 23:59"))
    assert str(Month.read("2026-12").following) == "2027-01"
    assert (november.since, november.until) == (at("2026-11-01 00:00"), at("2026-12-01 00:00"))


@pytest.mark.parametrize("text", ["2026-13", "2026-1", "202611", "1066-01", "２０２６-11", ""])
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a month"):
        Month.read(text)


@pytest.mark.parametrize(
    ("month", "appeals", "freeze"),
    [
        ("2026-11", "2026-12-03 18:00", "2026-12-05 00:00"),
        ("2026-09", "2026-10-10 18:00", "2026-10-10 18:00"),
    ],
)
def test_month_freezes_on_its_day_but_never_before_the_appeals_have_ended(
    month: str, appeals: str, freeze: str
) -> None:
    assert appeal_until(Month.read(month), POLICY) == at(appeals)
    assert freezable_from(Month.read(month), POLICY) == at(freeze)


@given(some_rows)
def test_digest_depends_on_every_row_and_nothing_else(found: list[Count]) -> None:
    digest = digest_of(found)
    assert digest_of(found[3:], digest_of(found[:3])) == digest, "pages make the same digest"
    for place, row in enumerate(found):
        other = [*found[:place], row.model_copy(update={"points": row.points + 1}), *found[place + 1 :]]
        assert digest_of(other) != digest


# ── definitions ─────────────────────────────────────────────────────────────────────────────────


def test_every_indicator_is_defined() -> None:
    assert list(DEFINITIONS) == list(Indicator)
    assert len({definition.id for definition in DEFINITIONS.values()}) == len(Indicator)
    assert UNSOLVED.solved is False


def test_a_ledger_read_twice_gives_the_same_rows() -> None:
    life: Any = lives.reworks_used_up()
    assert counts_of(life.facts) == counts_of(life.facts)
