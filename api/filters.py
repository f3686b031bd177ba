"""What a list of cases is narrowed by (筛选条件), as a query string has it: one definition for the list and its export."""

from typing import Annotated, Final

from fastapi import Depends, Query

from hotline.identifiers import UnitCode
from hotline.model import Instant
from hotline.vocabulary import Phase, RequestType, Status, Urgency
from store.cases import CaseFilters

WORDS: Final = r"^[^\x00-\x1f\x7f]{1,200}$"
"""What an entry of the catalogue of matters or an area may be called."""


async def case_filters(  # one parameter per filter, as the query string has them
    status: Annotated[list[Status] | None, Query(description="状态，可重复")] = None,
    phase: Annotated[Phase | None, Query(description="阶段")] = None,
    type_: Annotated[RequestType | None, Query(alias="type", description="诉求类型")] = None,
    urgency: Annotated[Urgency | None, Query(description="紧急程度")] = None,
    category: Annotated[str | None, Query(pattern=WORDS, description="事项分类")] = None,
    area: Annotated[str | None, Query(pattern=WORDS, description="所属区域")] = None,
    unit: Annotated[str | None, Query(pattern=r"^[\w.-]{1,64}$", description="主办或者协办单位代码")] = None,
    lead: Annotated[
        str | None, Query(pattern=r"^[\w.-]{1,64}$", description="主办单位代码；热线代码表示尚无主办单位")
    ] = None,
    level: Annotated[str | None, Query(max_length=64, description="主办单位的层级")] = None,
    since: Annotated[Instant | None, Query(description="登记时间自（含）")] = None,
    until: Annotated[Instant | None, Query(description="登记时间至（不含）")] = None,
    closed_since: Annotated[Instant | None, Query(description="办结时间自（含）")] = None,
    closed_until: Annotated[Instant | None, Query(description="办结时间至（不含）")] = None,
    open_: Annotated[bool | None, Query(alias="open", description="是否在办")] = None,
    due_before: Annotated[Instant | None, Query(description="最近时限早于此刻")] = None,
    overdue: Annotated[bool | None, Query(description="是否超期")] = None,
    caller_hash: Annotated[
        str | None, Query(pattern=r"^[0-9a-f]{64}$", description="诉求人电话的密钥摘要")
    ] = None,
    text: Annotated[str | None, Query(max_length=200, description="全文检索，每个词至少两个字")] = None,
    order: Annotated[
        str | None,
        Query(
            pattern="^(newest|oldest|due)$",
            description="`newest` 按登记时间倒序，`oldest` 按登记时间，`due` 按最近时限；缺省按登记时间倒序，"
            "只看超期或某一时限之前的，则按最近时限",
        ),
    ] = None,
) -> CaseFilters:
    """The filters that a request names; whatever it leaves out does not narrow."""
    return CaseFilters.model_validate(
        {
            "status": tuple(status or ()),
            "phase": phase,
            "type": type_,
            "urgency": urgency,
            "category": category,
            "area": area,
            "unit": UnitCode(unit) if unit else None,
            "lead": UnitCode(lead) if lead else None,
            "level": level,
            "registered_since": since,
            "registered_until": until,
            "closed_since": closed_since,
            "closed_until": closed_until,
            "is_open": open_,
            "due_before": due_before,
            "overdue": overdue,
            "caller_hash": caller_hash,
            "text": text,
            # Whoever asks what is late, or comes due, begins with what is worst.
            "order": order or ("due" if overdue or due_before else "newest"),
        }
    )


FiltersDep = Annotated[CaseFilters, Depends(case_filters)]
"""The filters of a request for a list of cases."""
