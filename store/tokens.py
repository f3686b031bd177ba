"""API tokens (接口令牌): named, scoped, expiring, shown once.

A token is 32 random bytes, and only its SHA-256 is kept: a slow hash would add nothing to a secret that nobody
can guess. Its public handle is `token_id`, by which it is listed and revoked.
"""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, Final, NamedTuple
from uuid import uuid4

from sqlalchemy import BindParameter, ColumnElement, Row, and_, bindparam, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from hotline.identifiers import UserId
from hotline.model import Record
from hotline.vocabulary import TokenScope
from store.accounts import User, account_in, with_account
from store.engine import ReadSession, WriteSession
from store.tables.access import tokens

ALL_SCOPES = frozenset(TokenScope)


class Token(Record):
    """One token as it is listed: everything but the token itself. `last_used_on` is a day in Shanghai."""

    token_id: str
    user_id: UserId
    name: str
    scopes: frozenset[TokenScope]
    issued_by: UserId
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    last_used_on: date | None = None


class Holder(NamedTuple):
    """A token that works, and the account that it opens."""

    token: Token
    user: User


# Any: a parameter, which is of the type of what it is compared with.
def _is_live(at: datetime | BindParameter[Any]) -> ColumnElement[bool]:
    return and_(tokens.c.revoked_at.is_(None), or_(tokens.c.expires_at.is_(None), tokens.c.expires_at > at))


# Built once: every request of the API says it.
_HELD: Final = with_account(
    select(tokens).where(tokens.c.token_hash == bindparam("hashed"), _is_live(bindparam("at"))),
    tokens.c.user_id,
)


async def issue_token(
    session: WriteSession,
    user_id: UserId,
    *,
    name: str,
    at: datetime,
    expires_at: datetime | None = None,
    scopes: Iterable[TokenScope] = ALL_SCOPES,
    issued_by: UserId | None = None,
) -> str:
    """Make a token for a user and return it: it cannot be read again."""
    token = secrets.token_urlsafe(32)
    values = {
        "token_hash": _hash(token),
        "token_id": uuid4().hex,
        "user_id": user_id,
        "name": name,
        "scopes": sorted(scope.value for scope in scopes),
        "issued_by": issued_by or user_id,
        "created_at": at,
        "expires_at": expires_at,
    }
    await session.execute(insert(tokens).values(values))
    return token


async def holder(session: ReadSession, token: str, *, at: datetime, demo_mode: bool) -> Holder | None:
    """Return the account that a token opens, or None if the token or the account is not in use.

    Outside demo mode the accounts of demo mode have no way in.
    """
    row = (await session.execute(_HELD, {"hashed": _hash(token), "at": at})).one_or_none()
    if row is None or (row.demo and not demo_mode):
        return None
    return Holder(_token(row), account_in(row))


async def token_by(session: ReadSession, token: str) -> Token | None:
    """Return what is known of a token, also of one that works no more."""
    row = (await session.execute(select(tokens).where(tokens.c.token_hash == _hash(token)))).one_or_none()
    return _token(row) if row else None


async def is_live(session: ReadSession, token_id: str, *, at: datetime) -> bool:
    """Tell whether a token still works, as far as the token goes."""
    found = await session.scalar(select(tokens.c.token_id).where(tokens.c.token_id == token_id, _is_live(at)))
    return found is not None


async def mark_used(session: WriteSession, token_id: str, day: date) -> None:
    """Remember the day on which a token was used last; one write a day tells whether anybody still needs it."""
    await session.execute(update(tokens).where(tokens.c.token_id == token_id).values(last_used_on=day))


async def tokens_of(session: ReadSession, user_id: UserId) -> tuple[Token, ...]:
    """Return every token that a user ever had, the newest first."""
    found = await session.execute(
        select(tokens)
        .where(tokens.c.user_id == user_id)
        .order_by(tokens.c.created_at.desc(), tokens.c.token_id)
    )
    return tuple(_token(row) for row in found)


async def revoke_token(
    session: WriteSession, user_id: UserId, token_id: str, *, at: datetime
) -> Token | None:
    """Revoke one token of a user and return it; None if they have no such token in use."""
    found = await session.execute(
        update(tokens)
        .where(tokens.c.user_id == user_id, tokens.c.token_id == token_id, tokens.c.revoked_at.is_(None))
        .values(revoked_at=at)
        .returning(*tokens.c)
    )
    row = found.one_or_none()
    return _token(row) if row else None


async def revoke_tokens(
    session: WriteSession, user_id: UserId, *, at: datetime, name: str | None = None
) -> int:
    """Revoke a user's tokens, all or those of one name, and return how many there were."""
    statement = update(tokens).where(tokens.c.user_id == user_id, tokens.c.revoked_at.is_(None))
    if name is not None:
        statement = statement.where(tokens.c.name == name)
    return (await session.execute(statement.values(revoked_at=at))).rowcount


async def has_live_token(session: ReadSession, user_id: UserId, *, name: str, at: datetime) -> bool:
    """Tell whether a user has a token of that name that still works."""
    found = await session.scalar(
        select(tokens.c.user_id)
        .where(tokens.c.user_id == user_id, tokens.c.name == name, _is_live(at))
        .limit(1)
    )
    return found is not None


def _hash(token: str) -> bytes:
    # Whatever a caller sends as a token is hashed, even what is no valid text.
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def _token(row: Row[Any]) -> Token:  # Any: a row is of as many types as it has columns
    return Token.model_validate(row._asdict())
