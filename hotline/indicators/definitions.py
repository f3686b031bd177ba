"""Definitions of the indicators (指标口径): numerator, denominator, what is left out, and whose rule it is.

A published version keeps its meaning for ever: a frozen month names the versions it was counted by, and another
meaning is another version. `hotline.indicators.counting` is the code of the newest ones.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from hotline.model import Record
from hotline.vocabulary import Indicator


class Definition(Record):
    """One version of one indicator, in the words of a clerk.

    `counted_at` says which instant puts a row into a month, and `attributed_to` which unit answers for it.
    """

    indicator: Indicator
    version: int
    numerator: str
    denominator: str
    left_out: str
    counted_at: str
    attributed_to: str
    source: str

    @property
    def id(self) -> str:
        """The name under which a frozen month keeps it, such as `resolution-rate/1`."""
        return f"{self.indicator}/{self.version}"


_APPROVED: Final = "调整值另剔除经两级审批同意剔除的"
_UNREASONABLE: Final = "调整值另剔除经两级审批同意剔除或者认定为不合理诉求的"
_CLOSING_UNIT: Final = "办结时的主办单位"
_DISPATCHED_UNIT: Final = "该次派单的主办单位"
_CLOSED: Final = "办结时刻；重新办理后再次办结的，另计一次"

DEFINITIONS: Final[Mapping[Indicator, Definition]] = MappingProxyType(
    {
        definition.indicator: definition
        for definition in (
            Definition(
                indicator=Indicator.RESPONSE,
                version=1,
                numerator="最后一次回访中诉求人确认单位已联系的",
                denominator="经单位答复办结且有回访结果的",
                left_out=f"未接通、没有回访结果、未经单位答复而终结的；{_UNREASONABLE}",
                counted_at=_CLOSED,
                attributed_to=_CLOSING_UNIT,
                source="domain.md §5：响应率 = 诉求人确认联系 ÷ 有效回访；北京条例第 32 条",
            ),
            Definition(
                indicator=Indicator.RESOLUTION,
                version=1,
                numerator="最后一次回访中诉求人确认问题已解决的",
                denominator="经单位答复办结且有回访结果的",
                left_out=f"未接通、没有回访结果、未经单位答复而终结的；{_UNREASONABLE}",
                counted_at=_CLOSED,
                attributed_to=_CLOSING_UNIT,
                source="domain.md §5：解决率 = 确认解决 ÷ 有效回访；北京条例第 32 条",
            ),
            Definition(
                indicator=Indicator.SATISFACTION,
                version=1,
                numerator="最后一次评价为非常满意、满意、基本满意的",
                denominator="经单位答复办结且有评价的；办结后诉求人自行评价的，以该评价为准",
                left_out=f"没有评价、未经单位答复而终结的；{_UNREASONABLE}",
                counted_at=_CLOSED,
                attributed_to=_CLOSING_UNIT,
                source="domain.md §5：满意率 =（非常满意 + 满意 + 基本满意）÷ 已评价；北京条例第 32 条",
            ),
            Definition(
                indicator=Indicator.FIRST_RESOLUTION,
                version=1,
                numerator="首次回访中诉求人即确认问题已解决的",
                denominator="经单位答复办结且有回访结果的",
                left_out=f"没有回访结果、未经单位答复而终结的；{_UNREASONABLE}",
                counted_at=_CLOSED,
                attributed_to=_CLOSING_UNIT,
                source="domain.md §5：首次与最终评价分开保存",
            ),
            Definition(
                indicator=Indicator.ON_TIME,
                version=1,
                numerator="首轮办理结果在办理时限内提交并通过审核的",
                denominator="首轮办理时限已满足或者已届满的派单和并单",
                left_out=f"暂停计时的、届满前收回或者改派的、退单成立的；{_APPROVED}",
                counted_at="按期的为审核通过时刻，逾期的为时限届满时刻",
                attributed_to=_DISPATCHED_UNIT,
                source="domain.md §9.1：按期办结率 = 按期办结 ÷ 到期",
            ),
            Definition(
                indicator=Indicator.TIMELY_SIGNING,
                version=1,
                numerator="在签收时限内签收或者退单的",
                denominator="签收时限已满足或者已届满的派单",
                left_out=f"并单而未另行派单的、届满前收回或者改派的；{_APPROVED}",
                counted_at="按时的为签收时刻，逾期的为时限届满时刻",
                attributed_to=_DISPATCHED_UNIT,
                source="domain.md §9.1：及时签收率 = 按时签收 ÷ 派单",
            ),
            Definition(
                indicator=Indicator.RETURN,
                version=1,
                numerator="单位退单的派单，不论裁定结果",
                denominator="全部派单；退单后改派的，另计一次",
                left_out=f"并单而未另行派单的；{_APPROVED}",
                counted_at="派单时刻",
                attributed_to=_DISPATCHED_UNIT,
                source="domain.md §9.1：回退率 = 退单 ÷ 派单",
            ),
            Definition(
                indicator=Indicator.REWORK,
                version=1,
                numerator="办结前经审核退回或者回访后重新办理过的",
                denominator="经单位答复办结的",
                left_out=f"未经单位答复而终结的；{_UNREASONABLE}",
                counted_at=_CLOSED,
                attributed_to=_CLOSING_UNIT,
                source="domain.md §9.1：重办率 = 重办 ÷ 办结",
            ),
            Definition(
                indicator=Indicator.REPEAT,
                version=1,
                numerator="登记时即为同一诉求人、同一事项再次反映的",
                denominator="派给承办单位或者并入在办工单的，每件一次",
                left_out=f"没有派单的；{_APPROVED}",
                counted_at="首次派单或者并单时刻",
                attributed_to="最近一次派单的主办单位",
                source="domain.md §9.1、§12 第 4 条",
            ),
            Definition(
                indicator=Indicator.POINTS,
                version=1,
                numerator="黄牌、红牌和退单不成立的单位记分之和",
                denominator="不是比率，没有分母",
                left_out="调整值不计申诉成立而撤销的",
                counted_at="记分时刻",
                attributed_to="被记分的单位",
                source="domain.md §6.2；记分标准见办理规则 supervision",
            ),
        )
    }
)

RATES: Final = tuple(indicator for indicator in Indicator if indicator is not Indicator.POINTS)
"""The indicators that are rates, as an exclusion may name them."""

OF_CLOSINGS: Final = (
    Indicator.RESPONSE,
    Indicator.RESOLUTION,
    Indicator.SATISFACTION,
    Indicator.FIRST_RESOLUTION,
    Indicator.REWORK,
)
"""The rates that count each end of a case."""

SCORE: Final = "unit-score/1"
"""得分 = 100 − 扣分 (domain.md §9.2): what the three rates lack of a hundred per cent, each times its weight, then the
points of supervision that stand; never below nought."""
