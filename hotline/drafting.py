"""A draft of a policy revision (规则草案): read from what people write, with every fault named by field and rule.

A draft is a whole policy as TOML or JSON, or the policy in force with one year's holiday notice (放假安排).
It differs from a stored snapshot in that nothing is overlooked: a field that no rule knows is a fault here.
"""

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from pydantic import BaseModel, ValidationError

from hotline.calendar import parse_notice
from hotline.oversight import ScreeningRule, ScreeningRules, Trigger, Triggers
from hotline.policy import (
    Caps,
    EvidenceRules,
    HandlingLimit,
    PolicySnapshot,
    ProblemRules,
    Retention,
    ScoringRules,
    SupervisionRules,
    ladder_faults,
)

REVISION: Final = r"[A-Za-z0-9][A-Za-z0-9._/-]{0,63}"
"""The form of a revision's id: it stands in addresses and in every schedule. `@` marks compressed ones."""

_PARTS: Final[Mapping[str, type[BaseModel]]] = {
    "caps": Caps,
    "evidence": EvidenceRules,
    "problems": ProblemRules,
    "retention": Retention,
    "supervision": SupervisionRules,
    "screening": ScreeningRules,
    "triggers": Triggers,
    "scoring": ScoringRules,
}
_LISTS: Final[Mapping[str, type[BaseModel]]] = {"screening": ScreeningRule, "triggers": Trigger}
"""Parts whose `rules` are a list, and what each of them is."""


class Fault(NamedTuple):
    """What is wrong with a draft: the field by its path, and the rule that it breaks."""

    field: str
    rule: str


class DraftFaulty(ValueError):  # noqa: N818  it states what the draft is, as refusals do
    """A draft cannot be published as it stands; `faults` has everything that is wrong with it."""

    def __init__(self, *faults: Fault) -> None:
        """Keep the faults apart: their text is for people."""
        super().__init__("; ".join(f"{fault.field}: {fault.rule}" for fault in faults))
        self.faults = faults


def draft_from_toml(text: str, base: PolicySnapshot) -> PolicySnapshot:
    """A policy written as TOML, with the calendar of the base. Raises DraftFaulty."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DraftFaulty(Fault("toml", str(error))) from error
    if "calendar" in data:
        raise DraftFaulty(Fault("calendar", "日历经放假安排修订，不写入规则文本"))
    return _read({**data, "calendar": base.calendar.model_dump(mode="json")})


# A draft is whatever somebody sent until it has been read.
def draft_from_snapshot(data: Mapping[str, Any]) -> PolicySnapshot:
    """A whole policy with its calendar, as `GET /policies/active` tells one. Raises DraftFaulty."""
    return _read(data)


def draft_from_notice(
    notice: Mapping[str, object], base: PolicySnapshot, revision: str, calendar_revision: str | None = None
) -> PolicySnapshot:
    """The base with one year's holiday notice in its `{year}.json` form. Raises DraftFaulty.

    The calendar's revision is that of the draft unless another is named.
    """
    try:
        year = parse_notice(notice)
    except ValueError as error:
        raise DraftFaulty(*_notice_faults(error)) from error
    if not year.is_published:
        raise DraftFaulty(Fault("notice.days", "放假安排没有任何日期：尚未公布的年份不必导入"))
    calendar = base.calendar.with_notice(year, calendar_revision or revision)
    draft = base.model_copy(update={"revision": revision, "calendar": calendar})
    _require_none(_rules_broken(draft))
    return draft


def _notice_faults(error: ValueError) -> Iterator[Fault]:
    for fault in str(error).split("; "):
        path, _, rule = fault.partition(": ")
        yield Fault(f"notice.{path}" if path != "notice" else path, rule)


# As above.
def _read(data: Mapping[str, Any]) -> PolicySnapshot:
    _require_none(_unknown_fields(data))
    try:
        draft = PolicySnapshot.model_validate(data)
    except ValidationError as error:
        faults = (Fault(_path(found["loc"]), _rule_of(found)) for found in error.errors(include_url=False))
        raise DraftFaulty(*faults) from error
    _require_none(_rules_broken(draft))
    return draft


_RULES: Final[Mapping[str, str]] = {
    "missing": "缺少此项",
    "enum": "没有这个代码",
    "int_type": "须为整数",
    "int_parsing": "须为整数",
    "float_type": "须为数字",
    "bool_type": "须为 true 或者 false",
    "string_type": "须为文字",
    "tuple_type": "须为列表",
    "greater_than_equal": "数值过小",
    "less_than_equal": "数值过大",
}
"""What a fault is called in which a text does not have the form of a policy, by pydantic's types."""


# What pydantic tells of a fault has a value of any kind.
def _rule_of(found: Any) -> str:
    """The rule that a fault breaks, in our own words where there are some."""
    if found["type"] == "value_error":
        return str(found["ctx"]["error"])
    return _RULES.get(found["type"], found["msg"])


def _require_none(faults: Iterator[Fault]) -> None:
    if found := tuple(faults):
        raise DraftFaulty(*found)


def _path(location: tuple[int | str, ...]) -> str:
    return ".".join(map(str, location)) or "policy"


# As above.
def _unknown_fields(data: Mapping[str, Any]) -> Iterator[Fault]:
    yield from _unknown_in(data, PolicySnapshot.model_fields, "")
    for name, model in _PARTS.items():
        yield from _unknown_in(data.get(name), model.model_fields, f"{name}.")
    rules = data.get("handling")
    for place, rule in enumerate(rules if isinstance(rules, list) else ()):
        yield from _unknown_in(rule, HandlingLimit.model_fields, f"handling.{place}.")
    for name, model in _LISTS.items():
        part = data.get(name)
        listed = part.get("rules") if isinstance(part, Mapping) else None
        for place, rule in enumerate(listed if isinstance(listed, list) else ()):
            yield from _unknown_in(rule, model.model_fields, f"{name}.rules.{place}.")


# As above.
def _unknown_in(part: Any, known: Mapping[str, Any], prefix: str) -> Iterator[Fault]:
    if isinstance(part, Mapping):
        for name in part:
            if name not in known:
                yield Fault(f"{prefix}{name}", "没有这一项规则")


def _rules_broken(draft: PolicySnapshot) -> Iterator[Fault]:
    if not re.fullmatch(REVISION, draft.revision, re.ASCII):
        yield Fault("revision", "版本号由字母、数字和 . _ / - 组成，最长 64 位")
    if draft.speed != 1 or draft.transition != "from_start":
        yield Fault("transition", "压缩时间仅供模拟；正式规则按原起算时间重算 (architecture.md §3 e)")
    for name, rungs in draft.ladders.items():
        repeated = [code for code, count in Counter(rung.code for rung in rungs).items() if count > 1]
        yield from (Fault(f"ladders.{name}", f"{code.label}在同一阶梯中只能出现一次") for code in repeated)
    yield from (Fault(f"ladders.{name}", fault) for name, fault in ladder_faults(draft))
    for part in (draft.caps, draft.retention):
        for name, value in part:
            if value < 0:
                yield Fault(f"{'caps' if part is draft.caps else 'retention'}.{name}", "不得为负数")
