"""How far the demo city is (演示城市进度): a note in the data folder, so that whoever goes on knows what stands."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import orjson
from pydantic import AwareDatetime, ValidationError

from hotline.model import Record
from runtime.files import write_private

FILE: Final = "city.json"


class Progress(Record):
    """How far the city of a plan is: what its present is, which cases are done, and how many files after them."""

    plan: str
    present: AwareDatetime
    cases: int
    files: int
    done: frozenset[int] = frozenset()
    files_done: int = 0
    is_complete: bool = False

    @property
    def share(self) -> float:
        """How much of it stands, from nought to one."""
        return (len(self.done) + self.files_done) / (self.cases + self.files)


def progress_of(folder: Path) -> Progress | None:
    """How far the city of a data folder is; None if nobody has begun it."""
    try:
        return Progress.model_validate_json((folder / FILE).read_bytes())
    except (OSError, ValidationError):
        return None


class Notebook:
    """Keeps the progress of one plan; that of another plan is written over."""

    def __init__(self, folder: Path, blank: Progress, on_progress: Callable[[Progress], None]) -> None:
        """Go on where the plan of `blank` was left, or begin with it."""
        self._folder, self._on_progress = folder, on_progress
        known = progress_of(folder)
        self.now = known if known and known.plan == blank.plan else blank
        on_progress(self.now)

    # Whatever fields of Progress have changed.
    def note(self, **changes: object) -> None:
        """Write down what has been done."""
        self.now = self.now.model_copy(update=changes)
        told = self.now.model_dump(mode="json") | {"done": sorted(self.now.done)}
        write_private(self._folder / FILE, orjson.dumps(told).decode())
        self._on_progress(self.now)
