"""Every document that is made from the code; `python -m tools.docs --write` makes them anew."""

import sys
from typing import Final

from benchmarks import page
from runtime.settings import settings_table
from tools import error_codes, glossary, indicators, roles
from tools.document import Document, run

SETTINGS: Final = Document("settings.md", settings_table)
DOCUMENTS: Final = (
    glossary.DOCUMENT,
    SETTINGS,
    error_codes.DOCUMENT,
    roles.DOCUMENT,
    indicators.DOCUMENT,
    page.DOCUMENT,
)

if __name__ == "__main__":
    sys.exit(run(DOCUMENTS))
