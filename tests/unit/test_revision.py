"""规则修订: what changes is told line by line, and no deadline that was met or missed ever moves (§12 rule 9)."""

from collections.abc import Callable
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hotline.calendar import HolidayYear
from hotline.commands import RevisePolicy
from hotline.drafting import draft_from_notice
from hotline.facts import ClockMoved, ClockStopped
from hotline.policy import Limit, PolicySnapshot
from hotline.revision import Difference, UnitImpact, differences, impact_on
from hotline.vocabulary import AlarmCode, ClockKind
from unit.lives import (
    ADMINISTRATOR,
    OTHER_UNIT,
    POLICY,
    UNIT,
    Life,
    at,
    awaiting_revisit,
    completed,
    contacted,
    dispatched,
    in_hand,
    registered,
    replied,
    reworking,
    shown,
    unreached,
)

NEW_YEAR = {
    "year": 2027,
    "papers": [],
    "days": [
        {"name": "元旦", "date": day, "isOffDay": True} for day in ("2027-01-01", "2027-01-02", "2027-01-03")
    ]
    + [{"name": "元旦", "date": "2027-01-04", "isOffDay": True}],
}


def revised(revision: str = "city/2", **limits: str) -> PolicySnapshot:
    read = {ClockKind(kind): Limit.model_validate(limit) for kind, limit in limits.items()}
    handling = POLICY.handling
    if ClockKind.HANDLING in read:
        last = handling[-1].model_copy(update={"limit": read.pop(ClockKind.HANDLING)})
        handling = (*handling[:-1], last)
    changes = {"revision": revision, "handling": handling, "limits": {**POLICY.limits, **read}}
    return POLICY.model_copy(update=changes)


# ── differences ─────────────────────────────────────────────────────────────────────────────────


def test_a_policy_does_not_differ_from_itself_under_another_name() -> None:
    assert differences(POLICY, revised()) == ()


def test_changed_limits_and_caps_are_told_in_words() -> None:
    caps = POLICY.caps.model_copy(update={"reworks": 3})
    draft = revised(handling="3 wd", rework="2 wd").model_copy(update={"caps": caps})
    assert differences(POLICY, draft) == (
        Difference(field="handling.others", before="5 个工作日", after="3 个工作日"),
        Difference(field="limits.rework", before="3 个工作日", after="2 个工作日"),
        Difference(field="caps.reworks", before="2", after="3"),
    )


def test_changed_ladder_is_told_rung_by_rung() -> None:
    ladders = {**POLICY.ladders, "desk": POLICY.ladders["desk"][:1]}
    (line,) = differences(POLICY, POLICY.model_copy(update={"ladders": ladders}))
    assert (line.field, line.before, line.after) == (
        "ladders.desk",
        "预警 用时 75%，催办 到期",
        "预警 用时 75%",
    )


def test_changed_holidays_are_told_by_day() -> None:
    draft = draft_from_notice(NEW_YEAR, POLICY, "city/2027")
    told = {line.field: (line.before, line.after) for line in differences(POLICY, draft)}
    assert told["calendar.2027-01-04"] == ("工作日", "放假")
    # A published year has no other holidays than its notice names.
    assert told["calendar.2027-05-01"] == ("放假", "周末")
    assert "calendar.2027-01-01" not in told


def test_a_line_that_only_one_of_them_has_is_told() -> None:
    critical = {kind: limit for kind, limit in POLICY.critical.items() if kind is not ClockKind.REVIEW}
    (line,) = differences(POLICY, POLICY.model_copy(update={"critical": critical}))
    assert (line.field, line.before, line.after) == ("critical.review", "2 小时", None)


# ── what happens to a case ──────────────────────────────────────────────────────────────────────

STAGES: tuple[Callable[[], Life], ...] = (
    registered,
    dispatched,
    lambda: dispatched(assists=(OTHER_UNIT,)),
    in_hand,
    contacted,
    replied,
    awaiting_revisit,
    unreached,
    reworking,
    completed,
)
DRAFTS = (
    revised(handling="1 wd", rework="1 wd", signature="2 wh", dispatch="30 min"),
    revised("city/long", handling="15 wd", rework="6 wd", signature="3 wd", dispatch="8 h"),
    POLICY.model_copy(
        update={
            "revision": "city/2026",
            "calendar": POLICY.calendar.with_notice(
                HolidayYear(
                    year=2026, off=tuple(at(f"2026-03-{day:02} 09:00").date() for day in range(3, 10))
                ),
                "city/2026",
            ),
        }
    ),
)
BY_REVISION = {draft.revision: draft for draft in DRAFTS}
places = given(
    stage=st.integers(0, len(STAGES) - 1), hours=st.integers(0, 300), revision=st.sampled_from([*BY_REVISION])
)
often = settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=120)


@places
@often
def test_no_deadline_that_was_met_or_missed_ever_changes(stage: int, hours: int, revision: str) -> None:
    life, draft = STAGES[stage]().sleep(timedelta(hours=hours)), BY_REVISION[revision]
    before = {clock.clock_id: clock for clock in life.state.clocks}
    missed = {name for name, clock in before.items() if clock.due_at <= (clock.held_at or life.now)}
    stopped = [fact for fact in life.facts if isinstance(fact.body, ClockStopped)]
    facts = life.do(RevisePolicy(policy=draft), ADMINISTRATOR)
    after = {clock.clock_id: clock for clock in life.state.clocks}
    assert {name: after[name] for name in missed} == {name: before[name] for name in missed}
    assert [fact for fact in life.facts if isinstance(fact.body, ClockStopped)] == stopped
    assert {fact.body.clock_id for fact in facts if isinstance(fact.body, ClockMoved)} == {*before} - missed
    assert all(after[name].fired == clock.fired for name, clock in before.items())


@places
@often
def test_dry_run_foretells_exactly_what_the_revision_does(stage: int, hours: int, revision: str) -> None:
    life, draft = STAGES[stage]().sleep(timedelta(hours=hours)), BY_REVISION[revision]
    before = life.state
    told = impact_on(before, draft, life.now)
    assert life.state == before
    life.do(RevisePolicy(policy=draft), ADMINISTRATOR)
    moved = {
        clock.clock_id: clock.due_at
        for clock in life.state.clocks
        if (was := before.clock(clock.clock_id)) and was.due_at != clock.due_at
    }
    assert {move.clock_id: move.due_at for move in told.moves if move.moved_for} == moved
    fired = [body.alarm for body in life.fire_due()]
    assert sorted(fired) == sorted(code for move in told.moves for code in move.at_once)


def test_shorter_limit_moves_the_clock_and_fires_its_rungs_at_once() -> None:
    life = contacted().sleep(timedelta(days=2))
    impact = impact_on(life.state, revised(handling="1 wd"), life.now)
    (move,) = impact.moves
    assert (move.kind, move.holder, move.held) == (ClockKind.HANDLING, UNIT, False)
    assert (shown(move.was_due_at), shown(move.due_at)) == ("2026-03-09 18:00", "2026-03-03 18:00")
    assert move.at_once == (AlarmCode.WARNING, AlarmCode.IMMINENT, AlarmCode.URGE)
    assert (impact.clocks, impact.missed) == (1, 0)


def test_missed_clock_is_counted_and_left_alone() -> None:
    life = contacted().sleep(timedelta(days=9))
    assert impact_on(life.state, revised(handling="15 wd"), life.now).missed == 1
    assert impact_on(life.state, revised(handling="15 wd"), life.now).moves == ()


def test_provisional_date_settles_with_the_notice() -> None:
    life = contacted(registered_at=at("2026-12-28 09:00"))
    assert (life.due(ClockKind.HANDLING), life.clock(ClockKind.HANDLING).schedule.provisional) == (
        "2027-01-05 18:00",
        True,
    )
    draft = draft_from_notice(NEW_YEAR, POLICY, "city/2027")
    (move,) = impact_on(life.state, draft, life.now).moves
    assert (shown(move.due_at), move.is_settled) == ("2027-01-06 18:00", True)


def test_sums_of_a_unit_are_those_of_its_clocks() -> None:
    life = contacted().sleep(timedelta(days=2))
    shorter = impact_on(life.state, revised(handling="1 wd"), life.now).moves[0]
    longer = impact_on(life.state, revised(handling="15 wd"), life.now).moves[0]
    total = UnitImpact(holder=UNIT) + shorter + longer
    assert (total.clocks, total.earlier, total.later, total.at_once) == (2, 1, 1, 3)
    assert total.most_earlier_for == timedelta(days=6)
    assert total.most_later_for == longer.moved_for
