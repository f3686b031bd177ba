"""Redaction (隐去): a secret caller's traces in texts that others must read to do their work.

Whoever handles a secret case needs to know what happened and may not learn who said so (domain.md §1.5, §12
rule 5). Hidden is what is known of the caller, however it is spaced or written, and whatever has the form of
a phone number, an identity card, a bank card, a mail address or an account; too much rather than too little.
What a caller tells about themselves in other words no program can find: dispatchers read the text before it goes out.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from hotline.privacy import area_of, surname_of

HIDDEN: Final = "***"

_DIGITS: Final = (
    "0０零〇○",
    "1１一壹幺",
    "2２二贰两",
    "3３三叁",
    "4４四肆",
    "5５五伍",
    "6６六陆",
    "7７七柒",
    "8８八捌",
    "9９九玖",
)
_ANY_DIGIT: Final = f"[{''.join(_DIGITS)}]"
_FROM_3: Final = f"[{''.join(_DIGITS[3:])}]"
_GAP: Final = r"[\s·.\-－—–_()（）]{0,3}"
_TITLES: Final = "某|先生|女士|小姐|同志|老师|师傅|阿姨|大爷|大妈|大叔|大哥|大姐|经理|医生"
_DOOR: Final = re.compile(r"[0-9A-Za-z一二三四五六七八九十百]+(?:号|栋|幢|座|弄|组|单元|室).*")
_UNIT_DOOR: Final = re.compile(r"[0-9一二三四五六七八九十]+(?:单元|室).*")
_SHORTEST_PLACE: Final = 4

_OF_ONE_PERSON: Final = tuple(
    re.compile(pattern, re.ASCII | re.IGNORECASE)
    for pattern in (
        # A mobile number, also spaced, full-width or in words.
        rf"(?<!{_ANY_DIGIT})(?:(?:\+|00)?86{_GAP})?[{_DIGITS[1]}]{_GAP}{_FROM_3}(?:{_GAP}{_ANY_DIGIT}){{9}}(?!{_ANY_DIGIT})",
        # An identity card of 18 or 15 digits, told from other numbers by its date of birth.
        r"(?<!\d)[1-9]\d{5}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dX](?!\d)",
        r"(?<!\d)[1-9]\d{7}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}(?!\d)",
        r"(?<!\d)62\d{14,17}(?!\d)",
    )
)
"""Numbers that one person has: a mobile telephone, an identity card, a bank card."""

_OF_ANYBODY: Final = tuple(
    re.compile(pattern, re.ASCII | re.IGNORECASE)
    for pattern in (
        r"(?<!\d)0\d{2,3}[-－—–\s]?\d{7,8}(?!\d)",
        r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+",
        r"(?<=微信)(?:号|号码)?[:：是为\s]*[A-Za-z0-9_-]{5,20}",
        r"(?<![A-Za-z])(?:QQ|VX|WX|ＱＱ)(?:号|号码)?[:：是为\s]*[A-Za-z0-9_-]{5,20}",
    )
)
"""What an office has as well: a telephone with an area code, a mail address, an account."""

_FORMS: Final = (*_OF_ONE_PERSON, *_OF_ANYBODY)


def has_number_of_a_person(text: str) -> bool:
    """Whether a text that is for everybody has a number in it that belongs to one person."""
    return any(form.search(text) for form in _OF_ONE_PERSON)


def redact(
    text: str, *, name: str | None = None, phone: str | None = None, address: str | None = None
) -> str:
    """Return a text without what tells who its caller is."""
    for pattern in (*_of_name(name), *_of_phone(phone), *_of_address(address), *_FORMS):
        text = pattern.sub(HIDDEN, text)
    return text


def _of_name(name: str | None) -> Iterator[re.Pattern[str]]:
    known = _plain(name)
    if len(known) >= 2:
        yield _loosely(known)
    if known:
        yield re.compile(rf"{re.escape(surname_of(known))}(?={_TITLES})")


def _of_phone(phone: str | None) -> Iterator[re.Pattern[str]]:
    digits = re.sub(r"\D", "", _plain(phone), flags=re.ASCII)
    if len(digits) >= 5:
        yield _loosely(digits)


def _of_address(address: str | None) -> Iterator[re.Pattern[str]]:
    """The whole of it, then what follows the district, then house and room alone; the district may stay."""
    known = _plain(address)
    places = {known, known.removeprefix(area_of(known))}
    places |= {found[0] for door in (_DOOR, _UNIT_DOOR) if (found := door.search(known))}
    for place in sorted(places, key=len, reverse=True):
        if len(place) >= _SHORTEST_PLACE:
            yield _loosely(place)


def _plain(value: str | None) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", value or ""))


def _loosely(value: str) -> re.Pattern[str]:
    """Find a value however its characters are spaced, and its digits and letters are written."""
    return re.compile(_GAP.join(_variants(char) for char in value), re.IGNORECASE)


def _variants(char: str) -> str:
    if char.isascii() and char.isdigit():
        return f"[{_DIGITS[int(char)]}]"
    if char.isascii() and char.isprintable() and char != " ":
        return f"[{re.escape(char)}{chr(ord(char) + 0xFEE0)}]"
    return re.escape(char)
