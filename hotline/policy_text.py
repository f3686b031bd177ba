"""A policy as people write it (规则文本): TOML with the terms of the field beside the codes, to be edited and drafted again.

The counterpart of `hotline.drafting.draft_from_toml`, which reads it back as the same policy. The calendar is
left out: it is revised by holiday notices alone.
"""

import json
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from hotline.policy import PolicySnapshot, Rung
from hotline.problems.vocabulary import ProblemClockKind
from hotline.vocabulary import AlarmCode, ClockKind, RequestType, Urgency

TITLES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "handling": "办理期限",
        "limits": "其他时限",
        "critical": "特急件的时限",
        "ladders": "督办阶梯",
        "ladder_of": "各时限适用的阶梯",
        "supervision": "督办措施与记分",
        "screening": "线索筛查",
        "triggers": "联动提请",
        "scoring": "考核计分",
        "caps": "次数与幅度上限",
        "problems": "重复性问题台账与聚集预警",
        "evidence": "办结材料要求",
        "retention": "保存期限（天）",
    }
)
"""The parts of a policy, as a heading says them."""

_HINTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "handling": "由上而下，第一条相符的适用，末条适用于其余",
        "ladders": "75% 为用时，due 为到期，due+1 wd 为超期一个工作日",
    }
)
LADDERS: Final[Mapping[str, str]] = MappingProxyType(
    {"standard": "标准阶梯", "short": "短阶梯", "desk": "热线阶梯", "order": "督办单阶梯"}
)
"""The ladders of the shipped policy; one that a city adds is called as its policy has it."""

_HEAD: Final = (
    "# 时限写法：5 wd 五个工作日，2 wh 两个工作小时，24 h、30 min、3 d 为自然时间。",
    "# 发布后的版本不可更改，修订须另用版本号。",
)
_PLAIN: Final[Mapping[str, str]] = MappingProxyType(
    {
        "revision": "版本号",
        "transition": "换版方式",
        "speed": "时间倍速",
        "return_window": "退单时限",
        "revisit_spacing": "两次回访的间隔",
        "spread_over": "集中到期错峰",
        "caps.returns_per_unit": "每单位退单次数",
        "caps.returns_per_case": "每件退单次数",
        "caps.reworks": "重办次数",
        "caps.extensions": "延期次数",
        "caps.extension_days_unit": "单位可批延期工作日",
        "caps.extension_days_hotline": "热线可批延期工作日",
        "caps.suspensions": "挂账次数",
        "caps.suspension_days": "挂账天数",
        "caps.revisit_attempts": "回访次数",
        "caps.repeat_flag_at": "重复诉求立账次数",
        "caps.repeat_window_days": "重复诉求计算天数",
        "supervision.order": "督办单答复",
        "supervision.appeal_window": "提出申诉",
        "supervision.appeal": "申诉审理",
        "supervision.yellow_card": "黄牌记分",
        "supervision.red_card": "红牌记分",
        "supervision.overturned_return": "退单不成立记分",
        "scoring.response_weight": "响应率权重",
        "scoring.resolution_weight": "解决率权重",
        "scoring.satisfaction_weight": "满意率权重",
        "scoring.ranked_from": "参加排名的最少派单数",
        "scoring.appeal_window": "月后可提请剔除",
        "scoring.exclusion": "剔除审批",
        "scoring.freeze_on_day": "次月冻结日",
        "problems.plan_days": "整改最长天数",
        "problems.burst_callers": "聚集预警人数",
        "problems.burst_days": "聚集预警天数",
        "evidence.contact": "须有联系记录",
        "evidence.handling": "须有办理材料",
        "evidence.citation": "须有政策依据",
        "retention.closed_case_days": "办结工单",
        "retention.caller_days": "诉求人信息",
        "retention.unused_text_days": "未使用的文本",
        "calendar.hours": "工作时间",
    }
)
"""Fields that are no terms of the vocabulary, by their paths."""

_CLOCK_WORDS: Final = {kind.value: kind.label for kind in ClockKind}
_LINE_WORDS: Final = {kind.value: kind.label for kind in ProblemClockKind}
_CLOCKS: Final = frozenset({"limits", "critical", "ladder_of"})
_OF_VALUES: Final[Mapping[str, str]] = MappingProxyType(
    {term.value: term.label for terms in (RequestType, Urgency, AlarmCode) for term in terms}
)
_FITTING: Final = {**_OF_VALUES, "hard": "疑难", "not-hard": "非疑难", "others": "其余诉求"}
_KEYS_OF_TERMS: Final = frozenset({"code", "urgency", "types", "rung", "proposes"})
"""Fields of lists whose values are terms."""


def word_for(field: str) -> str:
    """What a field of a policy is called, by its path as `hotline.revision.differences` has it; "" if it has no name."""
    part, _, name = field.partition(".")
    if field in _PLAIN:
        return _PLAIN[field]
    if part == "handling":
        return "、".join(_FITTING.get(one, one) for one in name.split("+"))
    if part == "ladders":
        return LADDERS.get(name, name)
    words = _CLOCK_WORDS if part in _CLOCKS else _LINE_WORDS if part == "problems" else {}
    return words.get(name, "")


def words() -> Iterator[str]:
    """Yield what the parts, ladders and fields of a policy are called."""
    yield from (*TITLES.values(), *LADDERS.values(), *_PLAIN.values(), *_FITTING.values())


def policy_text(policy: PolicySnapshot) -> str:
    """The whole policy without its calendar, ending in a newline."""
    told = policy.model_dump(mode="json", exclude={"calendar"}, exclude_none=True)
    if policy.speed == 1:
        del told["speed"], told["transition"]
    told["ladders"] = {
        name: [{"code": rung.code.value, "at": _placed(rung)} for rung in rungs]
        for name, rungs in policy.ladders.items()
    }
    for part in _CLOCKS:  # A database keeps its own order of what it stores.
        told[part] = {kind.value: told[part][kind.value] for kind in ClockKind if kind.value in told[part]}
    simple = {name: value for name, value in told.items() if not isinstance(value, dict | list)}
    parts = ((name, value) for name, value in told.items() if name not in simple and value)
    return "\n".join((*_HEAD, *_lines("", simple), *(line for part in parts for line in _part(*part)))) + "\n"


# What a policy holds is dumped as JSON: tables within tables.
def _part(name: str, value: Any) -> Iterator[str]:
    yield ""
    yield f"# ── {TITLES[name]}{f'：{_HINTS[name]}' if name in _HINTS else ''} ──"
    yield from _tables(name, value)


# As above.
def _tables(name: str, value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for one in value:
            yield f"[[{name}]]"
            yield from _lines("[]", one)
        return
    deeper = {inner: one for inner, one in value.items() if _is_table_of_its_own(one)}
    if flat := {inner: one for inner, one in value.items() if inner not in deeper}:
        yield f"[{name}]"
        yield from _lines(name, flat)
    for inner, one in deeper.items():
        yield from _tables(f"{name}.{inner}", one)


# As above.
def _is_table_of_its_own(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


# As above.
def _lines(part: str, table: Mapping[str, Any]) -> Iterator[str]:
    for name, value in table.items():
        if value == []:
            continue
        said = _said_of_value(name, value) if part == "[]" else word_for(f"{part}.{name}".lstrip("."))
        yield f"{name} = {_value(value)}" + (f"  # {said}" if said else "")


# As above.
def _said_of_value(name: str, value: Any) -> str:
    values = value if isinstance(value, list) else [value]
    return "、".join(_OF_VALUES.get(one, "") for one in values) if name in _KEYS_OF_TERMS else ""


# As above.
def _value(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{name} = {_value(one)}" for name, one in value.items()) + " }"
    # Texts, figures, truth values and lists of them are written alike in JSON and TOML.
    return json.dumps(value, ensure_ascii=False)


def _placed(rung: Rung) -> str:
    if rung.used is not None:
        return f"{rung.used * 100:g}%"
    if rung.before:
        return f"due-{rung.before}"
    return f"due+{rung.after}" if rung.after else "due"
