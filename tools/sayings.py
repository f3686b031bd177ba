"""What the console may say, and whether it can say it in English: `python -m tools.sayings --write` adds what is missing.

Sayings are the words marked in templates and in the console's modules, and the labels of the domain that pages
show. A test fails on each without English, and on English that nothing says any more.
"""

import sys
from collections.abc import Iterator
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import write_po

import console
import hotline
from api.columns import CaseColumn
from api.forms import commands_for_people, form_of
from console.labels import CHOICES, FACTS, FIELDS, LEVELS
from console.menu import MENU, Group
from console.pages.case import TERMS
from console.speaking import CATALOGUE, catalogue
from console.views import PRESETS

CONSOLE: Final = Path(console.__file__).parent
_MARKED: Final = [("**.py", "python"), ("**.html", "jinja2.ext:babel_extract")]


def sayings() -> set[str]:
    """Everything that the console may say."""
    return {one for one in (*_marked(), *_labels(), *_terms()) if one}


def missing() -> list[str]:
    """What the console cannot say in English."""
    known = catalogue()
    return sorted(one for one in sayings() if not (message := known.get(one)) or not message.string)


def left_over() -> list[str]:
    """English that nothing says any more."""
    return sorted({str(message.id) for message in catalogue() if message.id} - sayings())


def write() -> None:
    """Write the catalogue anew: in order, with what is missing as empty entries, without what is left over."""
    known, kept = catalogue(), Catalog(locale="en", domain="console", project="hotline")
    for one in sorted(sayings()):
        message = known.get(one)
        kept.add(one, message.string if message else "")
    with CATALOGUE.open("wb") as file:
        write_po(file, kept, width=0, omit_header=True, sort_output=True)


def _marked() -> Iterator[str]:
    """Yield what templates and modules mark with `_`."""
    for _file, _line, message, _comments, _context in extract_from_dir(CONSOLE, method_map=_MARKED):
        yield message if isinstance(message, str) else message[0]


def _labels() -> Iterator[str]:
    """Yield the console's own labels: menus, fields, facts, buttons."""
    yield from (entry.label for entry in MENU)
    yield from (group.value for group in Group)
    yield from (column.label for column in CaseColumn)
    yield from (preset.name for preset in PRESETS)
    yield from (*FIELDS.values(), *FACTS.values(), *LEVELS.values(), *TERMS.values())
    for pair in CHOICES.values():
        yield from pair
    for command in commands_for_people():
        yield from (info.description or "" for info in form_of(command).model_fields.values())


def _terms() -> Iterator[str]:
    """Yield the labels of every closed set of the domain."""
    for module in walk_packages(hotline.__path__, "hotline."):
        for thing in vars(import_module(module.name)).values():
            if isinstance(thing, type) and issubclass(thing, StrEnum):
                yield from (one.label for one in thing if hasattr(one, "label"))


if __name__ == "__main__":
    if "--write" in sys.argv:
        write()
    for one in missing():
        print(one)
