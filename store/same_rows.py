"""Whether read rows are what their ledger tells: the comparison of the audit (账目核对)."""

from collections.abc import Callable, Iterable

from pydantic import ValidationError

from store.chained import Values


def same_rows(wanted: Iterable[Values], stored: Iterable[Values]) -> bool:
    """Whether the rows are the same in any order; of a stored row only what the ledger can tell is compared."""
    expected = list(wanted)
    known = [{name: row[name] for name in expected[0]} for row in stored] if expected else list(stored)
    return len(expected) == len(known) and all(row in known for row in expected)


def as_written_today(row: Values, rewritten: Callable[[Values], Values]) -> Values:
    """A row whose state an earlier release wrote lacks what came later, and means what those fields are without.

    `rewritten` reads a state and writes it as this release does. What does not even validate stays as it is, and differs: the next fact, or a rebuild, writes it again.
    """
    try:
        return row | {"state": rewritten(row["state"])}
    except ValidationError:
        return row
