"""Which column is which field (字段对应): guessed from Chinese and English headers, overridden by hand.

A header that says nothing to us is left alone and reported; two columns for one field are an error.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

FIELDS: Final = (
    "source_number",
    "channel",
    "type",
    "title",
    "content",
    "caller_name",
    "caller_phone",
    "address",
    "registered_at",
    "reply",
    "replied_at",
)
REQUIRED: Final = ("title", "content")

_NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "source_number": (
            "source_number source_no source_id number id ticket ticket_no ticket_number order_no order_number"
            " 留言编号 工单编号 工单号 来源编号 原工单号 诉求编号 诉求件编号 信件编号 事项编号 流水号 编号"
        ),
        "channel": "channel source 渠道 诉求渠道 来源渠道 受理渠道 反映渠道 来电渠道 诉求来源 来源",
        "type": "type request_type kind 类型 诉求类型 留言类型 工单类型 信件类型 诉求类别 事项类型",
        "title": (
            "title subject summary headline 标题 主题 留言主题 留言标题 诉求标题 工单标题 诉求主题 信件标题 事项标题"
        ),
        "content": (
            "content body text detail details description message 内容 详情 留言详情 留言内容 诉求内容 诉求详情"
            " 工单内容 问题描述 反映内容 事项描述 信件内容 详细内容"
        ),
        "caller_name": (
            "caller_name name caller user username citizen 姓名 诉求人 诉求人姓名 来电人 来电人姓名 反映人 反映人姓名"
            " 市民姓名 联系人 留言用户 留言人 用户 网友"
        ),
        "caller_phone": (
            "caller_phone phone tel telephone mobile phone_number caller_number 电话 手机 手机号 手机号码 电话号码"
            " 联系电话 联系方式 来电号码 诉求人电话 诉求电话"
        ),
        "address": "address location place 地址 事发地址 诉求地址 联系地址 地点 事发地点 发生地点 所在地址",
        "registered_at": (
            "registered_at created_at raised_at submitted_at time date datetime 时间 留言时间 登记时间 受理时间 来电时间"
            " 诉求时间 提交时间 创建时间 反映时间 来信时间"
        ),
        "reply": (
            "reply answer response result 答复 回复 答复意见 答复内容 回复内容 回复意见 办理结果 办理情况 处理结果 处理情况"
        ),
        "replied_at": (
            "replied_at reply_time answered_at responded_at 答复时间 回复时间 办结时间 办理时间 处理时间"
        ),
    }
)


def _folded(header: str) -> str:
    """Case, width, blanks, brackets and underscores do not tell headers apart."""
    plain = re.sub(r"[(\[（【].*?[)\]）】]", "", unicodedata.normalize("NFKC", header))
    return re.sub(r"[\W_]+", "", plain).casefold()


_FIELD_OF: Final = MappingProxyType(
    {_folded(name): field for field, names in _NAMES.items() for name in names.split()}
)


class MappingError(ValueError):
    """The columns cannot be told; `field` is the one at fault."""

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


def parse_pairs(pairs: Iterable[str], *, option: str) -> dict[str, str]:
    """Read `a=b` pairs, several to an argument if blanks part them."""
    found: dict[str, str] = {}
    for pair in pairs:
        name, equals, value = pair.rpartition("=")
        if not (equals and name.strip() and value.strip()):
            raise MappingError(f"{option} {pair!r} is not of the form NAME=VALUE")
        found[name.strip()] = value.strip()
    return found


def map_columns(headers: Iterable[str], overrides: Mapping[str, str]) -> dict[str, str]:
    """The header of each field that the file has. What is mapped by hand is never guessed again."""
    known = tuple(headers)
    _check(known, overrides)
    chosen = {field: header for header, field in overrides.items() if field != "-"}
    for header in known:
        field = _FIELD_OF.get(_folded(header))
        if field is None or header in overrides or field in overrides.values():
            continue
        if field in chosen:
            raise MappingError(
                f"both {chosen[field]!r} and {header!r} look like {field}; choose by --map", field
            )
        chosen[field] = header
    return chosen


def require_columns(columns: Mapping[str, str], defaults: Mapping[str, str]) -> None:
    """Refuse a file in which no column can be a field that every request needs."""
    for field in REQUIRED:
        if field not in columns and field not in defaults:
            raise MappingError(f"no column looks like {field}; name one by --map HEADER={field}", field)


def _check(headers: tuple[str, ...], overrides: Mapping[str, str]) -> None:
    for header, field in overrides.items():
        if header not in headers:
            raise MappingError(f"there is no column {header!r}; there are {', '.join(headers)}", field)
        if field not in {*FIELDS, "-"}:
            raise MappingError(f"there is no field {field!r}; there are {', '.join(FIELDS)}", field)
    fields = [field for field in overrides.values() if field != "-"]
    if twice := sorted({field for field in fields if fields.count(field) > 1}):
        raise MappingError(f"two columns are mapped to {twice[0]}", twice[0])
