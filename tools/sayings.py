"""What the console may say, and whether it can say it in English: `python -m tools.sayings --write` adds what is missing.

A saying is every Chinese text in the expressions of templates and in the console's modules, and every label of the
domain that pages show. A test fails on each without English, on English that nothing says any more, and on Chinese
that a template writes without marking it.
"""

import ast
import re
import sys
from collections.abc import Iterator
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po
from jinja2 import nodes

import api
import console
import hotline
from api.forms import commands_for_people, form_of
from api.wellbeing import PARTS
from console.labels import FACTS
from console.pages.case import TERMS
from console.pages.dossier import TERMS as DOSSIER_TERMS
from console.rendering import environment
from console.speaking import CATALOGUE, catalogue
from hotline.policy_text import words

CONSOLE: Final = Path(console.__file__).parent
TEMPLATES: Final = CONSOLE / "templates"
_CHINESE: Final = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
"""Its punctuation too: a list of names is not joined by 、 in English."""
_SPOKEN_OF: Final = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def sayings() -> set[str]:
    """Everything that the console may say."""
    return {one for one in (*_templates(), *_modules(), *_labels()) if _CHINESE.search(one)}


def missing() -> list[str]:
    """What the console cannot say in English."""
    known = catalogue()
    return sorted(one for one in sayings() if not (message := known.get(one)) or not message.string)


def left_over() -> list[str]:
    """English that nothing says any more."""
    return sorted({str(message.id) for message in catalogue() if message.id} - sayings())


def unmarked() -> list[str]:
    """Chinese that a template writes as it is, so that it is Chinese in every language."""
    return sorted(
        f"{name}: {text.strip()}"
        for name, tree in _parsed()
        for data in tree.find_all(nodes.TemplateData)
        for text in data.data.splitlines()
        if _CHINESE.search(text)
    )


def write() -> None:
    """Write the catalogue anew: in order, with what is missing as empty entries, without what is left over."""
    known, kept = catalogue(), Catalog(locale="en", domain="console", project="hotline")
    for one in sorted(sayings()):
        message = known.get(one)
        kept.add(one, message.string if message else "")
    with CATALOGUE.open("wb") as file:
        write_po(file, kept, width=0, omit_header=True, sort_output=True)


def _parsed() -> Iterator[tuple[str, nodes.Template]]:
    for file in sorted(TEMPLATES.rglob("*.html")):
        name = file.relative_to(TEMPLATES).as_posix()
        yield name, environment().parse(file.read_text(encoding="utf-8"), name)


def _templates() -> Iterator[str]:
    """Yield the texts in the expressions of templates."""
    for _name, tree in _parsed():
        for constant in tree.find_all(nodes.Const):
            if isinstance(constant.value, str):
                yield constant.value


def _modules() -> Iterator[str]:
    """Yield the texts of the console's modules, without what describes the code or is a piece of a text."""
    for file in sorted(CONSOLE.rglob("*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        apart = {id(statement.value) for statement in ast.walk(tree) if isinstance(statement, ast.Expr)}
        apart |= {
            id(piece) for text in ast.walk(tree) if isinstance(text, ast.JoinedStr) for piece in text.values
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in apart:
                yield node.value


def _of_forms() -> Iterator[str]:
    """Yield what buttons say, and what stands below the fields of their forms."""
    yield from (*TERMS.values(), *DOSSIER_TERMS.values())
    for command in commands_for_people():
        yield from (info.description or "" for info in form_of(command).model_fields.values())


def _labels() -> Iterator[str]:
    """Yield what the console takes from elsewhere: facts, buttons, hints, parts, and every closed set of terms."""
    yield from FACTS.values()
    yield from _of_forms()
    yield from words()
    yield from (label for label, _look in PARTS.values())
    places = (*walk_packages(hotline.__path__, "hotline."), *walk_packages(api.__path__, "api."))
    for place in places:
        for thing in vars(import_module(place.name)).values():
            if isinstance(thing, type) and issubclass(thing, StrEnum):
                yield from (one.label for one in thing if hasattr(one, "label"))


if __name__ == "__main__":
    if "--write" in sys.argv:
        write()
    for one in missing():
        print(one)
