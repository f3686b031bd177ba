"""A document of docs/ whose lower part is made from the code: what is said there cannot become untrue.

The part above the mark is written by hand and left alone; the part below is made anew by `--write`, and a
test fails while the committed file says something else.
"""

import argparse
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

MARK: Final = "<!-- Made by `python -m tools.docs --write`; change the code instead. -->"
DOCS: Final = Path(__file__).parents[1] / "docs"


class NoMarkError(ValueError):
    """The document has no place for its generated part."""


@dataclass(frozen=True, slots=True)
class Document:
    """One file under docs/ and what belongs below its mark."""

    name: str
    generated: Callable[[], str]

    def made_from(self, text: str) -> str:
        """The document as it should be, given its hand-written part."""
        head, mark, _ = text.partition(MARK)
        if not mark:
            raise NoMarkError(f"docs/{self.name} has no line {MARK!r}")
        return f"{head}{MARK}\n\n{self.generated().strip()}\n"

    def is_current(self, docs: Path = DOCS) -> bool:
        """Whether the file says what the code says."""
        text = (docs / self.name).read_text(encoding="utf-8")
        return text == self.made_from(text)

    def write(self, docs: Path = DOCS) -> None:
        """Make the lower part anew."""
        file = docs / self.name
        file.write_text(self.made_from(file.read_text(encoding="utf-8")), encoding="utf-8")


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; a bar within a cell would end it."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def run(documents: Iterable[Document], arguments: Sequence[str] | None = None) -> int:
    """Write the documents, or tell which are not current; the exit code is for CI."""
    parser = argparse.ArgumentParser(description="Documents that are made from the code.")
    parser.add_argument("--write", action="store_true", help="make them anew")
    if parser.parse_args(arguments).write:
        for document in documents:
            document.write()
        return 0
    stale = [document.name for document in documents if not document.is_current()]
    for name in stale:
        print(f"docs/{name} is not current; run `python -m tools.docs --write`")
    return 1 if stale else 0
