"""Policy (办理规则) as data: limits, ladders, caps and hours, versioned and carried by every case.

A limit reads as people write it: "5 wd" is five working days, "2 wh" two working hours, "2 h", "30 min",
"45 s" and "3 d" run on the wall clock. A PolicySnapshot is one published revision with its calendar;
defaults and their sources are in hotline/data/policy-default.toml.
"""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from typing import Annotated, Final, Literal, Self

from pydantic import (
    BeforeValidator,
    Field,
    ValidationInfo,
    field_validator,
    model_serializer,
    model_validator,
)

from hotline.calendar import SHANGHAI, Reckoning, WorkingCalendar, default_calendar
from hotline.model import Record
from hotline.oversight import ScreeningRules, Triggers
from hotline.problems.vocabulary import ProblemClockKind
from hotline.vocabulary import BURDENING, AlarmCode, ClockKind, RequestType, Urgency

WORKING_DAY_FOR: Final = timedelta(hours=8)
"""What a working day counts for where it must be compared with clock time (compressed policies)."""


_LIMITED_ELSEWHERE: Final = frozenset(
    {
        ClockKind.HANDLING,
        ClockKind.ASSIST,
        ClockKind.PLAN,
        ClockKind.ORDER,
        ClockKind.APPEAL,
        ClockKind.LISTING,
        ClockKind.JOINT_ACTION,
        ClockKind.EXCLUSION,
    }
)
"""These have no figure in `limits`: theirs is by request, by dispatch, to a day that was named, or in `supervision` or `scoring`."""


class Basis(StrEnum):
    """What a limit is counted in."""

    WORKING_DAYS = "wd"
    WORKING_TIME = "wh"
    WALL_CLOCK = "clock"


_LIMIT: Final = re.compile(r"(\d+(?:\.\d+)?) ?(wd|wh|d|h|min|s)")
_WALL: Final = {
    "d": timedelta(days=1),
    "h": timedelta(hours=1),
    "min": timedelta(minutes=1),
    "s": timedelta(seconds=1),
}
_WORDS: Final = {"d": "天", "h": "小时", "min": "分钟", "s": "秒"}


# Every state and every clock fact carries limits, always the same few dozen.
@lru_cache(maxsize=1024)
def _read_limit(text: str) -> Mapping[str, object]:
    if not (found := _LIMIT.fullmatch(text.strip())):
        message = f"时限 {text!r} 须形如 5 wd、2 wh、24 h、30 min、45 s 或者 3 d"
        raise ValueError(message)
    amount, unit = float(found[1]), found[2]
    if unit == "wd":
        if not amount.is_integer():
            message = f"时限 {text!r} 的工作日须为整数"
            raise ValueError(message)
        return {"basis": Basis.WORKING_DAYS, "days": int(amount)}
    if unit == "wh":
        return {"basis": Basis.WORKING_TIME, "span_for": timedelta(hours=amount)}
    return {"basis": Basis.WALL_CLOCK, "span_for": amount * _WALL[unit]}


class Limit(Record):
    """A span of time that a rule grants. It is written and stored as text such as "5 wd"."""

    basis: Basis
    days: int = 0
    span_for: timedelta = timedelta(0)

    @model_validator(mode="before")
    @classmethod
    def _parse(cls, value: object) -> object:
        return _read_limit(value) if isinstance(value, str) else value

    @model_serializer
    def _text(self) -> str:
        if self.basis is Basis.WORKING_DAYS:
            return f"{self.days} wd"
        if self.basis is Basis.WORKING_TIME:
            return f"{self.span_for / timedelta(hours=1):.15g} wh"
        for unit, one in _WALL.items():
            if self.span_for and not self.span_for % one:
                return f"{self.span_for // one} {unit}"
        return f"{self.span_for.total_seconds():.6f} s"

    def __str__(self) -> str:
        """The limit as policy writes it."""
        return self._text()

    @classmethod
    def working_days(cls, days: int) -> Self:
        """A limit of whole working days."""
        return cls(basis=Basis.WORKING_DAYS, days=days)

    @classmethod
    def wall(cls, span_for: timedelta) -> Self:
        """A limit that runs on the wall clock."""
        return cls(basis=Basis.WALL_CLOCK, span_for=span_for)

    @property
    def nominal_for(self) -> timedelta:
        """About how long it is, a working day counting eight hours."""
        return self.days * WORKING_DAY_FOR + self.span_for

    @property
    def words(self) -> str:
        """The limit in Chinese, as a clerk reads it."""
        if self.basis is Basis.WORKING_DAYS:
            return f"{self.days} 个工作日"
        if self.basis is Basis.WORKING_TIME:
            return f"{self.span_for / timedelta(hours=1):g} 个工作小时"
        for unit, one in _WALL.items():
            if self.span_for and not self.span_for % one:
                return f"{self.span_for // one} {_WORDS[unit]}"
        return f"{self.span_for.total_seconds():g} 秒"

    def compressed(self, speed: float) -> "Limit":
        """The same limit on a wall clock that runs `speed` times as fast."""
        return Limit.wall(max(self.nominal_for / speed, timedelta(milliseconds=1)))


SPREAD_UNSAID: Final = Limit.wall(timedelta(minutes=2))
"""The spread of a closing time under policies that were published before one could name it."""

SPREAD_AT_MOST: Final = Limit.wall(timedelta(minutes=15))
"""The widest spread: beyond it somebody would wait for what an alarm is to tell them."""


class Rung(Record):
    """One rung of a ladder: "75%" of the limit used, "due-2 wh", "due", or "due+3 wd"."""

    code: AlarmCode
    used: float | None = None
    before: Limit | None = None
    after: Limit | None = None

    @model_validator(mode="before")
    @classmethod
    def _parse(cls, value: object) -> object:
        if not isinstance(value, Mapping) or "at" not in value:
            return value
        at = str(value["at"])
        parts: dict[str, object] = {"code": value["code"]}
        if at.endswith("%"):
            parts["used"] = float(at[:-1]) / 100
        elif at.startswith("due-"):
            parts["before"] = at[4:]
        elif at.startswith("due+"):
            parts["after"] = at[4:]
        elif at != "due":
            message = f"阶梯 {at!r} 须形如 75%、due-2 wh、due 或者 due+1 wd"
            raise ValueError(message)
        return parts

    @property
    def is_due(self) -> bool:
        """Whether this rung stands at the due instant itself."""
        return self.used is None and self.before is None and self.after is None

    def compressed(self, speed: float) -> "Rung":
        """The same rung of a compressed ladder."""
        return self.model_copy(
            update={
                "before": self.before and self.before.compressed(speed),
                "after": self.after and self.after.compressed(speed),
            }
        )


class HandlingLimit(Record):
    """A handling limit and the requests it is for; what is left out fits every request."""

    limit: Limit
    urgency: Urgency | None = None
    hard: bool | None = None
    types: tuple[RequestType, ...] = ()

    def fits(self, type_: RequestType, urgency: Urgency, *, hard: bool) -> bool:
        """Whether the rule is for such a request."""
        return (
            (self.urgency is None or self.urgency is urgency)
            and (self.hard is None or self.hard is hard)
            and (not self.types or type_ in self.types)
        )


class Caps(Record):
    """How often something may happen, and how far it may go (domain.md §2, §3, §5, §12 rules 11–14)."""

    returns_per_unit: int = 1
    returns_per_case: int = 2
    reworks: int = 2
    extensions: int = 2
    extension_days_unit: int = 5
    extension_days_hotline: int = 10
    suspensions: int = 2
    suspension_days: int = 180
    revisit_attempts: int = 3
    repeat_flag_at: int = 3
    repeat_window_days: int = 90


class EvidenceRules(Record):
    """What a reply must carry before it can be submitted (domain.md §12 rule 17)."""

    contact: bool = True
    handling: bool = True
    citation: bool = True


class Retention(Record):
    """How long things are kept, in days (个人信息保护法 art. 19: the shortest time that is necessary)."""

    closed_case_days: int = 3650
    caller_days: int = 1095
    unused_text_days: int = 7


class Points(Record):
    """What a card costs (记分): the unit, and the person who signed for the case."""

    unit: int = Field(ge=0)
    person: int = Field(ge=0)


class SupervisionRules(Record):
    """What the rungs of a ladder lead to (domain.md §6.2, §12 rule 16).

    `order` is the limit for answering a 督办单; `appeal_window` how long a measure can be appealed, and
    `appeal` the limit for deciding on that. `overturned_return` is what a return costs that was ruled against the
    unit (rule 11); older policies charge nothing.
    """

    order: Limit = Limit.working_days(3)
    appeal_window: Limit = Limit.working_days(10)
    appeal: Limit = Limit.working_days(10)
    yellow_card: Points = Points(unit=2, person=1)
    red_card: Points = Points(unit=5, person=3)
    overturned_return: Points = Points(unit=0, person=0)

    def points(self, rung: AlarmCode | None) -> Points:
        """What a rung costs; only cards cost anything."""
        match rung:
            case AlarmCode.YELLOW_CARD:
                return self.yellow_card
            case AlarmCode.RED_CARD:
                return self.red_card
            case _:
                return Points(unit=0, person=0)

    def compressed(self, speed: float) -> "SupervisionRules":
        """The same rules on a clock that runs `speed` times as fast."""
        limits = ("order", "appeal_window", "appeal")
        return self.model_copy(update={name: getattr(self, name).compressed(speed) for name in limits})


class ScoringRules(Record):
    """How a month's figures become a score and a ranking, and when they stand for good (domain.md §9.2).

    The weights are what a unit loses of its hundred points at a rate of nought; points of supervision come off as they
    stand. A unit with fewer dispatches than `ranked_from` is listed apart. A case may be put forward for
    exclusion (剔除) until `appeal_window` after its month, `exclusion` is the limit for deciding on that, and from
    `freeze_on_day` of the next month, if both have passed, the figures may be frozen.
    """

    response_weight: int = Field(default=20, ge=0, le=100)
    resolution_weight: int = Field(default=40, ge=0, le=100)
    satisfaction_weight: int = Field(default=40, ge=0, le=100)
    ranked_from: int = Field(default=10, ge=1)
    appeal_window: Limit = Limit.working_days(3)
    exclusion: Limit = Limit.working_days(2)
    freeze_on_day: int = Field(default=5, ge=1, le=28)

    def compressed(self, speed: float) -> "ScoringRules":
        """The same rules on a clock that runs `speed` times as fast; months stay months."""
        limits = ("appeal_window", "exclusion")
        return self.model_copy(update={name: getattr(self, name).compressed(speed) for name in limits})


class ProblemRules(Record):
    """What the ledger of repeat problems and burst alarms go by (domain.md §1.8, §12 rule 4).

    A line opens at `caps.repeat_flag_at` requests within `caps.repeat_window_days`. `filing` is how long after
    the look-back a case that was registered within it may still be on its way. A burst (聚集) is `burst_callers`
    different callers on one matter in one place within `burst_days`.
    """

    lead: Limit = Limit.working_days(1)
    plan: Limit = Limit.working_days(5)
    audit: Limit = Limit.working_days(5)
    look_back: Limit = Limit.wall(timedelta(days=90))
    filing: Limit = Limit.wall(timedelta(days=1))
    plan_days: int = Field(default=180, ge=1)
    burst_callers: int = Field(default=5, ge=2)
    burst_days: int = Field(default=7, ge=1)

    def limit(self, kind: ProblemClockKind) -> Limit:
        """The limit of a clock of a line; milestones and clearances have days of their own."""
        limits = {
            ProblemClockKind.LEAD: self.lead,
            ProblemClockKind.PLAN: self.plan,
            ProblemClockKind.AUDIT: self.audit,
            ProblemClockKind.LOOK_BACK: self.look_back,
            ProblemClockKind.FILING: self.filing,
        }
        return limits[kind]

    def compressed(self, speed: float) -> "ProblemRules":
        """The same rules on a clock that runs `speed` times as fast."""
        limits = ("lead", "plan", "audit", "look_back", "filing")
        return self.model_copy(update={name: getattr(self, name).compressed(speed) for name in limits})


class PolicySnapshot(Record):
    """One published revision of the policy with its calendar; it travels with a case.

    `transition` says how a clock that is running meets a new revision: counted anew from its own start,
    or in full from the instant of the revision. Without `supervision` a rung announces and makes nothing, as
    the policies did that were published before there were such rules; without `scoring` the shipped ones hold.
    `spread_over` is how long after a closing time the last of its alarms fires (错峰, `hotline.spread`).
    """

    revision: str
    calendar: WorkingCalendar
    transition: Literal["from_start", "from_revision"] = "from_start"
    speed: float = Field(default=1.0, gt=0)
    handling: tuple[HandlingLimit, ...]
    limits: Mapping[ClockKind, Limit]
    critical: Mapping[ClockKind, Limit] = Field(default_factory=dict)
    ladders: Mapping[str, tuple[Rung, ...]] = Field(default_factory=dict)
    ladder_of: Mapping[ClockKind, str] = Field(default_factory=dict)
    return_window: Limit
    revisit_spacing: Limit
    spread_over: Limit = SPREAD_UNSAID
    caps: Caps = Caps()
    evidence: EvidenceRules = EvidenceRules()
    retention: Retention = Retention()
    supervision: SupervisionRules | None = None
    screening: ScreeningRules | None = None
    triggers: Triggers | None = None
    scoring: ScoringRules | None = None
    problems: ProblemRules = ProblemRules()

    @field_validator("spread_over")
    @classmethod
    def _is_short(cls, limit: Limit) -> Limit:
        if limit.basis is not Basis.WALL_CLOCK or limit.span_for > SPREAD_AT_MOST.span_for:
            message = f"须为自然时间，最长 {SPREAD_AT_MOST}"
            raise ValueError(message)
        return limit

    @model_validator(mode="after")
    def _complete(self) -> Self:
        fixed = set(ClockKind) - _LIMITED_ELSEWHERE
        if missing := sorted(fixed - set(self.limits)):
            message = f"limits 缺少 {'、'.join(missing)}"
            raise ValueError(message)
        if unknown := sorted(set(self.ladder_of.values()) - set(self.ladders)):
            message = f"ladder_of 指向没有的阶梯 {'、'.join(unknown)}"
            raise ValueError(message)
        last = self.handling[-1]
        if last.types or last.urgency is not None or last.hard is not None:
            message = "handling 的末条须适用于其余诉求"
            raise ValueError(message)
        return self

    def handling_limit(self, type_: RequestType, urgency: Urgency, *, hard: bool) -> Limit:
        """The limit for handling such a request: the first rule that fits (domain.md §12 rule 7)."""
        return next(rule.limit for rule in self.handling if rule.fits(type_, urgency, hard=hard))

    def limit_for(self, kind: ClockKind, urgency: Urgency) -> Limit:
        """The limit of any other obligation; emergencies may have their own."""
        if urgency is Urgency.CRITICAL and kind in self.critical:
            return self.critical[kind]
        return self.limits[kind]

    def ladder(self, kind: ClockKind) -> tuple[Rung, ...]:
        """The rungs of a clock, in the order of the policy."""
        return self.ladders.get(self.ladder_of.get(kind, ""), ())

    @property
    def measures(self) -> SupervisionRules:
        """The rules for measures that people take by hand; an older policy has the shipped ones."""
        if self.supervision:
            return self.supervision
        rules = SupervisionRules()
        return rules if self.speed == 1 else rules.compressed(self.speed)

    @property
    def screens(self) -> ScreeningRules:
        """What is screened for under this policy; an older one has the shipped rules."""
        return self.screening or default_policy().screening or ScreeningRules()

    @property
    def scores(self) -> ScoringRules:
        """The rules for scores; a policy that has none of its own has the shipped ones."""
        if self.scoring:
            return self.scoring
        rules = ScoringRules()
        return rules if self.speed == 1 else rules.compressed(self.speed)

    @property
    def leads_to(self) -> Triggers:
        """What several measures on one unit lead to under this policy; an older one has the shipped rules."""
        return self.triggers or default_policy().triggers or Triggers()

    def next_burden_at(self, at: datetime) -> datetime | None:
        """From when the next rung may burden a unit after one did; None where the policy does not say.

        That is when offices open on the next working day; in compressed time, a working day later.
        """
        if self.supervision is None:
            return None
        if self.speed != 1:
            return self.add(at, self.days(1)).at
        tomorrow = datetime.combine(at.astimezone(SHANGHAI).date() + timedelta(days=1), time(), SHANGHAI)
        return self.calendar.next_opening(tomorrow)

    def days(self, count: int) -> Limit:
        """So many working days, as this policy's clock counts them."""
        limit = Limit.working_days(count)
        return limit if self.speed == 1 else limit.compressed(self.speed)

    def add(self, start_at: datetime, limit: Limit) -> Reckoning:
        """When a limit that starts at an instant ends, and why."""
        match limit.basis:
            case Basis.WORKING_DAYS:
                return self.calendar.add_working_days(start_at, limit.days)
            case Basis.WORKING_TIME:
                return self.calendar.add_working_time(start_at, limit.span_for)
            case Basis.WALL_CLOCK:
                return Reckoning(
                    at=start_at + limit.span_for, provisional=False, because=("按自然时间连续计算",)
                )

    def move(self, start_at: datetime, span_for: timedelta, basis: Basis) -> datetime:
        """The instant a span after another, in working time or on the wall clock as the basis says."""
        if basis is Basis.WALL_CLOCK:
            return start_at + span_for
        return self.calendar.add_working_time(start_at, span_for).at

    def between(self, start_at: datetime, end_at: datetime, basis: Basis) -> timedelta:
        """The span between two instants, in working time or on the wall clock as the basis says."""
        if basis is Basis.WALL_CLOCK:
            return end_at - start_at
        return self.calendar.working_time_between(start_at, end_at)

    def close_of(self, day: date, now: datetime) -> datetime:
        """When a day that people name ends for work: its close of business, or the next one's."""
        noon = datetime(day.year, day.month, day.day, tzinfo=now.tzinfo)
        close_at = self.calendar.closes_on(day) or self.calendar.add_working_days(noon, 1).at
        return close_at if self.speed == 1 else now + (close_at - now) / self.speed

    def compressed(self, speed: float, revision: str) -> "PolicySnapshot":
        """The same policy on a clock that runs `speed` times as fast, for simulations (模拟)."""
        return self.model_copy(
            update={
                "revision": revision,
                "transition": "from_revision",
                "speed": speed,
                "handling": tuple(
                    rule.model_copy(update={"limit": rule.limit.compressed(speed)}) for rule in self.handling
                ),
                "limits": {kind: limit.compressed(speed) for kind, limit in self.limits.items()},
                "critical": {kind: limit.compressed(speed) for kind, limit in self.critical.items()},
                "ladders": {
                    name: tuple(rung.compressed(speed) for rung in rungs)
                    for name, rungs in self.ladders.items()
                },
                "supervision": self.supervision and self.supervision.compressed(speed),
                "scoring": self.scoring and self.scoring.compressed(speed),
                "problems": self.problems.compressed(speed),
                "return_window": self.return_window.compressed(speed),
                "revisit_spacing": self.revisit_spacing.compressed(speed),
            }
        )


@lru_cache(maxsize=32)
def _read_policy(text: str) -> PolicySnapshot:
    return PolicySnapshot.model_validate_json(text)


def _shared(told: object, info: ValidationInfo) -> object:
    return _read_policy(json.dumps(told)) if info.mode == "json" else told


SharedPolicy = Annotated[PolicySnapshot, BeforeValidator(_shared)]
"""A snapshot as a case brings it along: hundreds in one worker's memory are under one revision, and what reads the same is one object."""


def parse_policy(text: str, calendar: WorkingCalendar) -> PolicySnapshot:
    """Read a policy written as TOML. Raises ValueError that names field and rule."""
    policy = PolicySnapshot.model_validate({**tomllib.loads(text), "calendar": calendar})
    for name, fault in ladder_faults(policy):
        message = f"ladders.{name}: {fault}"
        raise ValueError(message)
    return policy


def ladder_faults(policy: PolicySnapshot) -> Iterator[tuple[str, str]]:
    """Every ladder that does not climb, or burdens a unit before the limit has passed (§12 rule 16), and why.

    Asked of what is written, not of what is stored: a snapshot that a case carries is past correcting.
    """
    order = list(AlarmCode)
    for name, rungs in policy.ladders.items():
        places = [order.index(rung.code) for rung in rungs]
        if places != sorted(places):
            yield name, "各级须由低到高排列"
        for rung in rungs:
            if rung.code in BURDENING and (rung.used is not None or rung.before):
                yield name, f"{rung.code.label}不得早于到期时刻"


@lru_cache(maxsize=1)
def default_policy() -> PolicySnapshot:
    """The policy that the package ships (hotline/data/policy-default.toml) with the calendar it ships."""
    text = files("hotline").joinpath("data/policy-default.toml").read_text(encoding="utf-8")
    return parse_policy(text, default_calendar())
