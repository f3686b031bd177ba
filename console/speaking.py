"""What the console says in another language (界面语言): Chinese first, English as the second, through gettext.

The Chinese words of templates and labels are the keys, `console/locale/en.po` has the English, and
`tools/sayings.py` holds the two together. What people and rules wrote (texts of cases, explanations of clocks,
refusals) stays Chinese.
"""

from enum import StrEnum
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

CATALOGUE: Final = Path(__file__).parent / "locale" / "en.po"


class Language(StrEnum):
    """A language of the console, by the tag that a page carries."""

    CHINESE = "zh-CN"
    ENGLISH = "en"


def catalogue() -> Catalog:
    """The English that there is."""
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="en", domain="console")


@cache
def translations(language: Language) -> NullTranslations:
    """What gettext translates with; Chinese needs nothing."""
    if language is Language.CHINESE:
        return NullTranslations()
    compiled = BytesIO()
    write_mo(compiled, catalogue())
    compiled.seek(0)
    return GNUTranslations(compiled)


def marked(text: str) -> str:
    """The text itself, which a page says later: imported as `_`, it tells tools/sayings.py that it is said."""
    return text
