"""办理规则: limits, rungs and revisions as text, bad text refused by field and rule, compressed time."""

from datetime import UTC, date, datetime, timedelta
from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from hotline.calendar import default_calendar
from hotline.commands import RevisePolicy
from hotline.policy import Basis, HandlingLimit, Limit, PolicySnapshot, Rung, default_policy, parse_policy
from hotline.vocabulary import AlarmCode, ClockKind, RequestType, Urgency
from unit.lives import POLICY, at, shown

DEFAULT_TEXT = files("hotline").joinpath("data/policy-default.toml").read_text(encoding="utf-8")


def changed(old: str, new: str) -> PolicySnapshot:
    assert old in DEFAULT_TEXT
    return parse_policy(DEFAULT_TEXT.replace(old, new, 1), default_calendar())


# ── limits ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "basis", "nominal_for", "words"),
    [
        ("5 wd", Basis.WORKING_DAYS, timedelta(hours=40), "5 个工作日"),
        ("2 wh", Basis.WORKING_TIME, timedelta(hours=2), "2 个工作小时"),
        ("1.5 wh", Basis.WORKING_TIME, timedelta(minutes=90), "1.5 个工作小时"),
        ("24 h", Basis.WALL_CLOCK, timedelta(days=1), "1 天"),
        ("90 min", Basis.WALL_CLOCK, timedelta(minutes=90), "90 分钟"),
        ("30min", Basis.WALL_CLOCK, timedelta(minutes=30), "30 分钟"),
        ("45 s", Basis.WALL_CLOCK, timedelta(seconds=45), "45 秒"),
        ("0.5 s", Basis.WALL_CLOCK, timedelta(seconds=0.5), "0.5 秒"),
        ("3 d", Basis.WALL_CLOCK, timedelta(days=3), "3 天"),
    ],
)
def test_limit_reads_as_people_write_it(text: str, basis: Basis, nominal_for: timedelta, words: str) -> None:
    limit = Limit.model_validate(text)
    assert (limit.basis, limit.nominal_for, limit.words) == (basis, nominal_for, words)
    assert Limit.model_validate(str(limit)) == limit


@pytest.mark.parametrize("text", ["", "5", "wd", "-1 wd", "5 weeks", "1.5 wd", "5 wd later"])
def test_limit_that_nobody_writes_is_refused(text: str) -> None:
    assert Limit.model_validate("5 wd")
    with pytest.raises(ValidationError, match="时限"):
        Limit.model_validate(text)


limits = (
    st.builds(Limit.working_days, st.integers(0, 400))
    | st.builds(Limit.wall, st.timedeltas(timedelta(0), timedelta(days=400)))
    | st.builds(
        lambda minutes: Limit(basis=Basis.WORKING_TIME, span_for=timedelta(minutes=minutes)),
        st.integers(0, 10_000),
    )
)


@given(limits)
@settings(derandomize=True, deadline=None)
def test_every_limit_survives_being_written_down(limit: Limit) -> None:
    assert Limit.model_validate_json(limit.model_dump_json()) == limit


@given(limits, st.floats(1, 100_000))
@settings(derandomize=True, deadline=None)
def test_compressed_limit_is_never_empty(limit: Limit, speed: float) -> None:
    fast = limit.compressed(speed)
    assert fast.basis is Basis.WALL_CLOCK
    assert timedelta(0) < fast.span_for <= max(limit.nominal_for, timedelta(milliseconds=1))


# ── policies as text ────────────────────────────────────────────────────────────────────────────


def test_shipped_policy_is_the_one_that_parses() -> None:
    assert parse_policy(DEFAULT_TEXT, default_calendar()) == default_policy()
    assert default_policy().revision == "default/3"


@pytest.mark.parametrize(
    ("old", "new", "names"),
    [
        ('transfer = "2 min"', 'transfer = "two minutes"', ["limits", "transfer", "two minutes"]),
        ('transfer = "2 min"', "", ["limits", "transfer"]),
        ('limit = "1 wd"', 'limit = "1.5 wd"', ["handling", "整数"]),
        ('types = ["consult"]', 'types = ["wish"]', ["handling", "types"]),
        ('signature = "short"', 'signature = "shorter"', ["ladder_of", "shorter"]),
        ('at = "due-2 wh"', 'at = "before lunch"', ["ladders", "before lunch"]),
        ('at = "due+1 wd"', 'at = "due+soon"', ["ladders", "soon"]),
        ('code = "imminent"', 'code = "nearly"', ["ladders", "nearly"]),
        ("revisit_attempts = 3", 'revisit_attempts = "many"', ["caps", "revisit_attempts"]),
        ('spread_over = "2 min"', 'spread_over = "16 min"', ["spread_over", "15 min"]),
        ('spread_over = "2 min"', 'spread_over = "1 wh"', ["spread_over", "自然时间"]),
        ('revision = "default/3"', "", ["revision"]),
    ],
)
def test_bad_policy_is_refused_by_field_and_rule(old: str, new: str, names: list[str]) -> None:
    with pytest.raises(ValidationError) as refused:
        changed(old, new)
    assert isinstance(refused.value, ValueError)
    assert all(name in str(refused.value) for name in names)


def test_last_handling_rule_must_fit_every_request() -> None:
    only = HandlingLimit(limit=Limit.working_days(1), types=(RequestType.CONSULT,))
    fields = POLICY.model_dump() | {"calendar": POLICY.calendar}
    with pytest.raises(ValidationError, match="末条须适用于其余诉求"):
        PolicySnapshot.model_validate({**fields, "handling": (*POLICY.handling, only)})


def test_figure_is_changed_by_a_revision() -> None:
    policy = changed('types = ["consult"]\nlimit = "1 wd"', 'types = ["consult"]\nlimit = "2 wd"')
    assert policy.handling_limit(RequestType.CONSULT, Urgency.NORMAL, hard=False).days == 2
    assert policy.handling_limit(RequestType.COMPLAINT, Urgency.NORMAL, hard=False).days == 5


@pytest.mark.parametrize(
    "kind",
    sorted(
        set(ClockKind)
        - {ClockKind.HANDLING, ClockKind.ASSIST, ClockKind.PLAN, ClockKind.ORDER, ClockKind.APPEAL}
        - {ClockKind.LISTING, ClockKind.JOINT_ACTION, ClockKind.EXCLUSION}
    ),
)
@pytest.mark.parametrize("urgency", Urgency)
def test_every_obligation_has_a_limit(kind: ClockKind, urgency: Urgency) -> None:
    assert POLICY.limit_for(kind, urgency).nominal_for > timedelta(0)


@pytest.mark.parametrize("kind", ClockKind)
def test_rungs_of_a_ladder_are_in_order_by_rule_16(kind: ClockKind) -> None:
    order = list(AlarmCode)
    places = [order.index(rung.code) for rung in POLICY.ladder(kind)]
    assert places == sorted(set(places))


@pytest.mark.parametrize(
    ("text", "is_due", "used", "before", "after"),
    [
        ("75%", False, 0.75, None, None),
        ("due-2 wh", False, None, "2 wh", None),
        ("due", True, None, None, None),
        ("due+3 wd", False, None, None, "3 wd"),
    ],
)
def test_rung_reads_as_people_write_it(
    text: str, used: float | None, before: str | None, after: str | None, *, is_due: bool
) -> None:
    rung = Rung.model_validate({"code": "warning", "at": text})
    parts = [None if part is None else str(part) for part in (rung.before, rung.after)]
    assert (rung.is_due, rung.used, parts) == (is_due, used, [before, after])
    assert Rung.model_validate_json(rung.model_dump_json()) == rung


# ── compressed time ─────────────────────────────────────────────────────────────────────────────


def test_compressed_policy_runs_on_the_wall_clock_throughout() -> None:
    fast = POLICY.compressed(480, "fast")
    every = [
        *(rule.limit for rule in fast.handling),
        *fast.limits.values(),
        *fast.critical.values(),
        fast.return_window,
        fast.revisit_spacing,
        fast.days(3),
    ]
    assert {limit.basis for limit in every} == {Basis.WALL_CLOCK}
    assert (fast.revision, fast.transition, fast.speed) == ("fast", "from_revision", 480)
    assert PolicySnapshot.model_validate_json(fast.model_dump_json()) == fast


def test_working_day_of_a_compressed_policy_is_eight_hours_at_its_speed() -> None:
    fast = POLICY.compressed(480, "fast")
    assert fast.days(5).span_for == timedelta(minutes=5)
    start_at = datetime(2026, 3, 7, tzinfo=UTC)
    assert fast.add(start_at, fast.days(1)).at - start_at == timedelta(minutes=1)
    rungs = {rung.code: rung.after for rung in fast.ladder(ClockKind.HANDLING)}
    assert rungs[AlarmCode.SUPERVISION] == Limit.wall(timedelta(minutes=3))


def test_day_that_people_name_ends_at_its_close_or_the_next_one() -> None:
    now = at("2026-03-02 09:00")
    assert shown(POLICY.close_of(date(2026, 3, 4), now)) == "2026-03-04 18:00"
    assert shown(POLICY.close_of(date(2026, 3, 7), now)) == "2026-03-09 18:00"
    fast = POLICY.compressed(60, "fast")
    assert shown(fast.close_of(date(2026, 3, 2), now)) == "2026-03-02 09:09"


def test_cases_under_one_revision_share_its_snapshot_and_other_contents_never_do() -> None:
    other = POLICY.model_copy(update={"spread_over": Limit.wall(timedelta(minutes=3))})
    first, second, changed = (
        RevisePolicy.model_validate_json(RevisePolicy(policy=policy).model_dump_json()).policy
        for policy in (POLICY, POLICY, other)
    )
    assert first is second
    assert first == POLICY
    assert changed == other != POLICY, "one revision id, and yet what was sent is what is read"
