"""The columns of a list of cases (列): what a reader may choose to see, and what an export writes into each."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Final

from api.schemas import CaseLine
from hotline.identifiers import UnitCode
from hotline.model import Term
from hotline.vocabulary import Channel, Flag, Outcome, Phase, Urgency

Cell = str | int | datetime | None


class CaseColumn(Term):
    """One column of a list of cases."""

    CASE_NO = "case_no", "工单编号"
    TITLE = "title", "标题"
    STATUS = "status", "状态"
    PHASE = "phase", "阶段"
    TYPE = "type", "诉求类型"
    URGENCY = "urgency", "紧急程度"
    CATEGORY = "category", "事项分类"
    AREA = "area", "所属区域"
    CHANNEL = "channel", "渠道"
    LEAD_UNIT = "lead_unit", "主办单位"
    OWNER_UNIT = "owner_unit", "现由单位"
    REGISTERED_AT = "registered_at", "登记时间"
    NEXT_DUE_AT = "next_due_at", "最近时限"
    OVERDUE = "overdue", "是否超期"
    CLOSED_AT = "closed_at", "办结时间"
    OUTCOME = "outcome", "办理结果"
    ROUND = "round", "办理轮次"
    FLAGS = "flags", "标记"


ALWAYS: Final = (CaseColumn.CASE_NO, CaseColumn.TITLE)
"""What tells a reader which case a row is; no list is without them."""

USUAL: Final = (
    *ALWAYS,
    CaseColumn.STATUS,
    CaseColumn.TYPE,
    CaseColumn.OWNER_UNIT,
    CaseColumn.REGISTERED_AT,
    CaseColumn.NEXT_DUE_AT,
)
"""What is shown to whoever has not chosen."""


def chosen(columns: Sequence[CaseColumn] | None) -> tuple[CaseColumn, ...]:
    """The columns to show, in their usual order, with those that tell which case it is."""
    wanted = {*ALWAYS, *columns} if columns else set(USUAL)
    return tuple(column for column in CaseColumn if column in wanted)


def cells(line: CaseLine, columns: Sequence[CaseColumn], units: Mapping[UnitCode, str]) -> list[Cell]:
    """What the row of a case has in each column, in words for people; instants stay instants."""
    return [_CELLS[column](line, units) for column in columns]


def _label(kind: type[Term], code: str) -> str:
    return next(term.label for term in kind if term.value == code)


def _unit(code: str | None, units: Mapping[UnitCode, str]) -> str | None:
    return code and units.get(UnitCode(code), code)


_CELLS: Final[Mapping[CaseColumn, Callable[[CaseLine, Mapping[UnitCode, str]], Cell]]] = MappingProxyType(
    {
        CaseColumn.CASE_NO: lambda line, _: line.case_no,
        CaseColumn.TITLE: lambda line, _: line.title,
        CaseColumn.STATUS: lambda line, _: line.status_label,
        CaseColumn.PHASE: lambda line, _: _label(Phase, line.phase),
        CaseColumn.TYPE: lambda line, _: line.type_label,
        CaseColumn.URGENCY: lambda line, _: _label(Urgency, line.urgency),
        CaseColumn.CATEGORY: lambda line, _: line.category,
        CaseColumn.AREA: lambda line, _: line.area,
        CaseColumn.CHANNEL: lambda line, _: _label(Channel, line.channel),
        CaseColumn.LEAD_UNIT: lambda line, units: _unit(line.lead_unit, units),
        CaseColumn.OWNER_UNIT: lambda line, units: _unit(line.owner_unit, units),
        CaseColumn.REGISTERED_AT: lambda line, _: line.registered_at,
        CaseColumn.NEXT_DUE_AT: lambda line, _: None if line.closed_at else line.next_due_at,
        CaseColumn.OVERDUE: lambda line, _: "是" if line.overdue else "否",
        CaseColumn.CLOSED_AT: lambda line, _: line.closed_at,
        CaseColumn.OUTCOME: lambda line, _: line.outcome and _label(Outcome, line.outcome),
        CaseColumn.ROUND: lambda line, _: line.round,
        CaseColumn.FLAGS: lambda line, _: "、".join(_label(Flag, flag) for flag in line.flags),
    }
)
