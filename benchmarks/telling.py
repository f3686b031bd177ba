"""How a benchmark tells how far it is: on standard error, for a run takes minutes and its figures come at the end."""

import sys
from datetime import UTC, datetime


def progress(what: str) -> None:
    """One line, with the time."""
    print(f"{datetime.now(UTC):%H:%M:%S} {what}", file=sys.stderr, flush=True)
