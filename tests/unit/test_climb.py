"""督办经过: every rung that burdened a unit is told with its reasons, and a skipped one with who ordered it."""

from hotline import commands as c
from hotline.climb import climb_of
from hotline.facts import ClockFired
from hotline.vocabulary import AlarmCode, ClockKind, RequestType
from unit.lives import NUMBER, SUPERVISOR, TEXT, at, classified, dispatched, in_hand, registered, shown


def test_every_rung_is_told_with_limit_due_instant_and_policy() -> None:
    life = in_hand().sleep_until(at("2026-03-10 18:00"))
    urge, card = climb_of(life.facts)
    assert (urge.rung, urge.measure) == (AlarmCode.URGE, f"{NUMBER}-CB01")
    assert (card.rung, card.measure) == (AlarmCode.YELLOW_CARD, f"{NUMBER}-HP01")
    assert card.because[0] == "办理期限 5 个工作日，2026-03-09 18:00 到期，按规则 default/3 设有“黄牌”一级"
    assert set(life.clock(ClockKind.HANDLING).schedule.because) <= set(card.because)


def test_rung_that_waited_says_for_how_long() -> None:
    life = dispatched(classified(RequestType.CONSULT)).sleep_until(at("2026-03-04 08:30"))
    first, second = climb_of(life.facts)
    assert not any("顺延" in reason for reason in first.because)
    assert second.because[-1] == "同日已有一级督办，顺延至 2026-03-04 08:30"
    assert second.stood_at is not None
    assert shown(second.stood_at) == "2026-03-03 18:00"


def test_skipped_rung_is_told_with_who_ordered_it() -> None:
    skip = c.SkipRung(clock_id="handling:1", rung=AlarmCode.YELLOW_CARD, reason=TEXT)  # type: ignore[arg-type]  # an id is text
    [skipped] = climb_of(in_hand().then(skip, SUPERVISOR).facts)
    assert (skipped.rung, skipped.skipped_by, skipped.fired_at) == (
        AlarmCode.YELLOW_CARD,
        SUPERVISOR.user_id,
        None,
    )


def test_reminders_of_the_hotlines_own_desks_are_no_climb() -> None:
    life = registered().sleep_until(at("2026-03-04 12:00"))
    assert life.all_of(ClockFired)
    assert climb_of(life.facts) == ()
