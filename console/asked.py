"""The address of a list (查询条件): what was asked for, and the same with something changed.

Every filter, order and column of a list stands in its address, so that a link, a tab and a saved view are the
same thing, and the way back is the browser's own.
"""

from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

_OF_A_PAGE: Final = frozenset({"cursor", "limit"})
_OF_A_VIEW: Final = frozenset({"view", "columns"})
Value = str | int | Iterable[str] | None


class Asked:
    """What an address asks for."""

    def __init__(self, params: QueryParams) -> None:
        """Read the query of a request."""
        self._pairs = params.multi_items()

    def get(self, name: str, default: str = "") -> str:
        """The first value of a parameter."""
        return next((value for key, value in self._pairs if key == name), default)

    def all(self, name: str) -> list[str]:
        """Every value of a parameter."""
        return [value for key, value in self._pairs if key == name]

    @property
    def filters(self) -> list[tuple[str, str]]:
        """What narrows and orders the list, without how much of it is shown and in which columns."""
        return [pair for pair in self._pairs if pair[0] not in _OF_A_PAGE | _OF_A_VIEW]

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Everything but how much is shown."""
        return [pair for pair in self._pairs if pair[0] not in _OF_A_PAGE]

    def but(self, **changes: Value) -> str:
        """The same from its first page with something else, as a query; None leaves a parameter out."""
        kept = [pair for pair in self.pairs if pair[0] not in changes]
        return urlencode(kept + list(_flat(changes)))

    def asks_for(self, query: Mapping[str, Value]) -> bool:
        """Whether this narrows and orders a list just as some other query does."""
        return sorted(self.filters) == sorted(_flat(query))


def _flat(values: Mapping[str, Value]) -> Iterable[tuple[str, str]]:
    for name, value in values.items():
        match value:
            case None:
                continue
            case str() | int():
                yield name, str(value)
            case _:
                yield from ((name, one) for one in value)
