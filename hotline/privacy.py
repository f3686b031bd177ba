"""Masking (脱敏): what of a name, a phone number or an address may be shown to who need not know it.

Whatever is not recognised is hidden altogether, because a mask that guesses wrong gives somebody away.
"""

import re
from typing import Final

ERASED: Final = "已按规定删除"
"""What stands where something personal was, once its citizen's data is erased (个人信息保护法 art. 47)."""

_MASK: Final = "*"
_COMPOUND_SURNAMES: Final = frozenset(
    {
        "欧阳", "上官", "司马", "诸葛", "东方", "皇甫", "尉迟", "公孙", "令狐", "慕容",
        "司徒", "夏侯", "宇文", "长孙", "端木", "百里", "呼延", "轩辕", "独孤", "南宫",
    }
)  # fmt: skip
_MOBILE: Final = re.compile(r"1\d{10}")
_AREA: Final = re.compile(r"^.{2,}?(?:街道|[区县旗]|镇|乡)")


def mask_name(name: str) -> str:
    """Keep the surname and the number of characters: 王小明 → 王**, 欧阳明 → 欧阳*."""
    known = name.strip()
    if len(known) < 2:
        return _MASK * len(known)
    surname = surname_of(known)
    return surname + _MASK * (len(known) - len(surname))


def surname_of(name: str) -> str:
    """The surname of a Chinese name: 王小明 → 王, 欧阳明 → 欧阳."""
    return name[:2] if len(name) > 2 and name[:2] in _COMPOUND_SURNAMES else name[:1]


def mask_phone(phone: str) -> str:
    """Keep three and four digits of a mobile number and the last two of any other: 138****5678."""
    digits = re.sub(r"\D", "", phone)
    if _MOBILE.fullmatch(digits):
        return f"{digits[:3]}{_MASK * 4}{digits[-4:]}"
    if len(digits) < 7:
        return _MASK * len(digits)
    return _MASK * (len(digits) - 2) + digits[-2:]


def mask_address(address: str) -> str:
    """Keep the district or the township and hide the rest, its length included: 市南区****."""
    known = address.strip()
    if not known:
        return ""
    return area_of(known) + _MASK * 4


def area_of(address: str) -> str:
    """What an address begins with, down to the district or the township; empty if that cannot be told."""
    area = _AREA.match(address)
    return area[0] if area else ""
