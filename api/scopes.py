"""For what a token may be used (令牌权限): the one place that asks, before any endpoint runs.

A browser session may do whatever its account may; a token only what it was made for. What no rule here knows
needs `admin`, so that a new endpoint is closed to narrow tokens until somebody opens it.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from fastapi.routing import APIRoute

from api.errors import ApiError
from hotline.vocabulary import TokenScope

_READING: Final = frozenset({"GET", "HEAD"})
_CLOSED: Final = frozenset({"accounts", "tokens"})
"""Reading here tells an attacker whom to attack next."""

_BY_TAG: Final[Mapping[str, TokenScope]] = MappingProxyType(
    {
        "intake": TokenScope.REGISTER,
        "commands": TokenScope.COMMAND,
        "bulk": TokenScope.COMMAND,
        "evidence": TokenScope.COMMAND,
        "problems": TokenScope.COMMAND,
        "mass": TokenScope.COMMAND,
        "knowledge": TokenScope.COMMAND,
    }
)


def scope_of(method: str, tags: Iterable[str]) -> TokenScope:
    """The scope that an operation needs."""
    tag = next(iter(tags), "")
    if tag in _BY_TAG and method not in _READING:
        return _BY_TAG[tag]
    if method in _READING and tag not in _CLOSED:
        return TokenScope.READ
    return TokenScope.ADMIN


def require_scope(scopes: frozenset[TokenScope], method: str, route: APIRoute) -> None:
    """Refuse a token that was not made for this."""
    needed = scope_of(method, (str(tag) for tag in route.tags))
    if needed not in scopes:
        raise ApiError(403, "scope_missing", "此令牌没有该操作的权限")
