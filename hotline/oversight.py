"""Rules that look over many cases (监督规则) as policy data: what is screened for clues 筛查, and what several cases lead to.

They belong to the office that looks, not to the case that is looked at: always the policy in force applies, and
none of them moves a clock (domain.md §6.2, §7.4, §8.1 B-38, §12 rule 22).
"""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Self

from pydantic import Field, model_validator

from hotline.calendar import SHANGHAI
from hotline.model import Record
from hotline.vocabulary import AlarmCode, Flag, MeasureKind, RequestType, ScreeningTest

Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]


class ScreeningRule(Record):
    """One rule of screening (筛查规则): what it looks for, from how much on, and in which matters.

    `at_least` counts returns, reworks or occurrences; `at_most` is a satisfaction; `rung` is the lowest rung that
    a missed limit must have reached, any if None. Empty `categories`, `words`, `areas` and `types` fit every case;
    a word is looked for in the code of the matter.
    """

    code: Code
    label: str = Field(min_length=1, max_length=40)
    test: ScreeningTest
    at_least: int = Field(default=1, ge=1, le=1000)
    at_most: int = Field(default=2, ge=1, le=5)
    rung: AlarmCode | None = None
    flag: Flag | None = None
    categories: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    types: tuple[RequestType, ...] = ()

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.test is ScreeningTest.FLAGGED and self.flag is None:
            message = "flag: a rule that looks for a mark names it"
            raise ValueError(message)
        if self.test is ScreeningTest.MATTER and not self.names_matters:
            message = "categories: a rule that looks for a matter names categories, words, areas or types"
            raise ValueError(message)
        return self

    @property
    def names_matters(self) -> bool:
        """Whether the rule is for some matters only."""
        return bool(self.categories or self.words or self.areas or self.types)


class ScreeningRules(Record):
    """Everything that is screened for (筛查规则)."""

    rules: tuple[ScreeningRule, ...] = ()

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        _require_distinct(rule.code for rule in self.rules)
        return self


class Trigger(Record):
    """What several measures on one unit lead to (联动规则): so many of one kind within so many months propose a rung.

    `rung` tells cards of one colour from those of another. `months` are calendar months of Shanghai, the one in
    which the last measure was issued and those before it. A measure leads to one proposal of a rule, not to two.
    """

    code: Code
    label: str = Field(min_length=1, max_length=40)
    measure: MeasureKind
    rung: AlarmCode | None = None
    at_least: int = Field(ge=2, le=100)
    months: int = Field(default=1, ge=1, le=12)
    proposes: AlarmCode


class Triggers(Record):
    """Everything that several cases of one unit can lead to (联动规则)."""

    rules: tuple[Trigger, ...] = ()

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        _require_distinct(rule.code for rule in self.rules)
        return self


def month_of(at: datetime) -> str:
    """The calendar month of an instant in Shanghai, as 2026-03."""
    return at.astimezone(SHANGHAI).strftime("%Y-%m")


def span_of(trigger: Trigger, month: str) -> tuple[datetime, datetime]:
    """From when until before when a trigger counts for a month: that one and those before it."""
    year, number = map(int, month.split("-"))
    first, after = year * 12 + number - trigger.months, year * 12 + number
    return _start_of(first), _start_of(after)


def _start_of(months: int) -> datetime:
    return datetime(months // 12, months % 12 + 1, 1, tzinfo=SHANGHAI)


def _require_distinct(codes: Iterable[str]) -> None:
    if repeated := sorted(code for code, count in Counter(codes).items() if count > 1):
        message = f"rules: {', '.join(repeated)} is there more than once"
        raise ValueError(message)
