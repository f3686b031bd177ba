"""From a cell to a field (清洗): texts without control characters, instants in Shanghai time, codes.

Exports carry the blanks of web pages, entities and Excel's numbers; none of it belongs to the request.
"""

import html
import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from types import MappingProxyType
from typing import Final, TypeVar

from commands.importing.reading import Cell
from hotline.calendar import SHANGHAI
from hotline.model import Term
from hotline.vocabulary import Channel, RequestType

_BREAK: Final = re.compile(r"<\s*(?:br\s*/?|/p|/div|/li|/tr)\s*>", re.IGNORECASE)
_TAG: Final = re.compile(
    r"</?(?:p|div|span|font|b|strong|i|em|u|a|img|table|tbody|tr|td|ul|ol|li)\b[^<>]*>", re.IGNORECASE
)
_INVISIBLE: Final = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
"""Control and format characters, and halves of surrogate pairs, which PostgreSQL and JSON cannot keep."""
_BLANKS: Final = re.compile(r"[^\S\n]+")
_INSTANT: Final = re.compile(
    r"(\d{4})\s?[-/.年]\s?(\d{1,2})\s?[-/.月]\s?(\d{1,2})日?"
    r"(?:[\sT]+(\d{1,2})[:时点](\d{1,2})(?:[:分](\d{1,2})秒?)?(?:\.\d+)?分?)?"
)
_EXCEL_EPOCH: Final = datetime(1899, 12, 30, tzinfo=SHANGHAI)
_EXCEL_SERIALS: Final = range(20_000, 80_000)
"""Day numbers of the years 1954 to 2119: a date cell that lost its format on the way."""

_ALSO_CALLED: Final[Mapping[Term, tuple[str, ...]]] = MappingProxyType(
    {
        Channel.PHONE: ("热线", "来电", "12345热线", "电话热线"),
        Channel.WEB: ("网络", "网页", "网上", "互联网", "门户网站", "政府网站"),
        Channel.APP: ("app", "手机客户端", "移动端"),
        Channel.WECHAT: ("公众号", "微信公众号"),
        Channel.LETTER: ("信件", "信函"),
        Channel.VISIT: ("走访", "上门"),
        Channel.EMAIL: ("邮箱", "电子邮件"),
        Channel.UPSTREAM: ("转办", "上级转办", "留言板", "领导留言板"),
        RequestType.HELP: ("求决",),
        RequestType.SUGGESTION: ("意见", "意见建议"),
        RequestType.REPORT: ("揭发控告",),
        RequestType.PRAISE: ("感谢",),
    }
)
"""What other systems write for the same thing (domain.md §1.1, §1.2)."""

_T = TypeVar("_T", bound=Term)


def clean_text(cell: Cell) -> str:
    """The text of a cell over several lines: no control characters, single blanks, no empty edges."""
    text = html.unescape(_TAG.sub("", _BREAK.sub("\n", as_text(cell))))
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    lines = (_BLANKS.sub(" ", line).strip() for line in _INVISIBLE.sub("", text).split("\n"))
    return re.sub(r"\n{2,}", "\n", "\n".join(lines)).strip()


def clean_line(cell: Cell) -> str:
    """The text of a cell on one line."""
    return clean_text(cell).replace("\n", " ")


def clean_code(cell: Cell) -> str:
    """A number of another register: full-width digits and the blanks of an export do not belong to it."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", clean_text(cell)))


def as_text(cell: Cell) -> str:
    """A cell as it was meant: Excel keeps whole numbers as fractions."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def clean_instant(cell: Cell) -> datetime | None:
    """An instant from an Excel date, a day number or a text. Raises ValueError."""
    if isinstance(cell, datetime):
        return cell if cell.tzinfo else cell.replace(tzinfo=SHANGHAI)
    if isinstance(cell, date):
        return datetime.combine(cell, time(), SHANGHAI)
    if isinstance(cell, int | float) and int(cell) in _EXCEL_SERIALS:
        return _EXCEL_EPOCH + timedelta(seconds=round(cell * 86_400))
    text = clean_line(cell)
    return _read_instant(text) if text else None


def _read_instant(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = _read_loosely(text)
    return at if at.tzinfo else at.replace(tzinfo=SHANGHAI)


def _read_loosely(text: str) -> datetime:
    found = _INSTANT.fullmatch(unicodedata.normalize("NFKC", text))
    if found is None:
        raise ValueError("not an instant such as 2026-02-13 10:00 or 2026年2月13日")
    parts = [int(part) for part in found.groups(default="0")]
    return datetime(*parts, tzinfo=SHANGHAI)  # type: ignore[misc,arg-type]  # six numbers by the pattern


def clean_term(terms: type[_T], cell: Cell) -> _T | None:
    """A code by itself or by its Chinese term. Raises ValueError that lists what there is."""
    text = clean_line(cell)
    if not text:
        return None
    said = text.casefold()
    for term in terms:
        if said in {term.value, term.label} or said in _ALSO_CALLED.get(term, ()):
            return term
    raise ValueError("not one of " + ", ".join(f"{term.value} {term.label}" for term in terms))
