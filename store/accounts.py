"""Units, users and their bearer tokens (单位、账号与令牌).

A token is 32 random bytes, shown once; only its SHA-256 is kept. A slow hash would add nothing to a
secret that nobody can guess.
"""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from pydantic import model_validator
from sqlalchemy import ColumnElement, Row, Select, and_, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from hotline.case import Actor
from hotline.identifiers import UnitCode, UserId
from hotline.model import Record
from hotline.roles import UNIT_ROLES
from hotline.vocabulary import Role
from store.engine import ReadSession, WriteSession
from store.tables import tokens, units, users


class Unit(Record):
    """A unit (承办单位): its code, its name, its level such as city or district, and the unit above it."""

    code: UnitCode
    name: str
    level: str
    parent: UnitCode | None = None
    active: bool = True


class User(Record):
    """An account: one person in one role, for one unit if the role belongs to units."""

    user_id: UserId
    display_name: str
    role: Role
    unit: UnitCode | None = None
    active: bool = True

    @model_validator(mode="after")
    def _has_its_unit(self) -> "User":
        if self.role in UNIT_ROLES and self.unit is None:
            message = f"unit: a {self.role.value} belongs to a unit"
            raise ValueError(message)
        return self

    @property
    def actor(self) -> Actor:
        """The user as rules know them."""
        return Actor(user_id=self.user_id, role=self.role, unit=self.unit)


async def put_units(session: WriteSession, rows: Iterable[Unit]) -> None:
    """Add units or bring them up to date; a parent comes before its children."""
    for unit in rows:
        values = unit.model_dump()
        statement = insert(units).values(values).on_conflict_do_update(index_elements=["code"], set_=values)
        await session.execute(statement)


async def put_users(session: WriteSession, rows: Iterable[User]) -> None:
    """Add users or bring them up to date."""
    for user in rows:
        values = user.model_dump() | {"role": user.role.value}
        statement = (
            insert(users).values(values).on_conflict_do_update(index_elements=["user_id"], set_=values)
        )
        await session.execute(statement)


async def all_units(session: ReadSession) -> tuple[Unit, ...]:
    """Return every active unit by its code."""
    found = await session.execute(select(units).where(units.c.active).order_by(units.c.code))
    return tuple(_unit(row) for row in found)


async def unknown_units(session: ReadSession, codes: Iterable[UnitCode]) -> tuple[UnitCode, ...]:
    """Return those of some codes that name no active unit, so that no case goes nowhere."""
    wanted = tuple(dict.fromkeys(codes))
    found = await session.execute(select(units.c.code).where(and_(units.c.code.in_(wanted), units.c.active)))
    known = set(found.scalars())
    return tuple(code for code in wanted if code not in known)


async def all_users(session: ReadSession) -> tuple[User, ...]:
    """Return every active user by id."""
    found = await session.execute(select(users).where(users.c.active).order_by(users.c.user_id))
    return tuple(_user(row) for row in found)


async def user_of(session: ReadSession, user_id: UserId) -> User | None:
    """Return one active user."""
    row = (
        await session.execute(select(users).where(users.c.user_id == user_id, users.c.active))
    ).one_or_none()
    return _user(row) if row else None


async def issue_token(
    session: WriteSession, user_id: UserId, *, name: str, at: datetime, expires_at: datetime | None = None
) -> str:
    """Make a token for a user and return it: it cannot be read again."""
    token = secrets.token_urlsafe(32)
    await session.execute(
        insert(tokens).values(
            token_hash=_hash(token), user_id=user_id, name=name, created_at=at, expires_at=expires_at
        )
    )
    return token


async def revoke_tokens(
    session: WriteSession, user_id: UserId, *, at: datetime, name: str | None = None
) -> int:
    """Revoke a user's tokens, all or those of one name, and return how many there were."""
    statement = update(tokens).where(tokens.c.user_id == user_id, tokens.c.revoked_at.is_(None))
    if name is not None:
        statement = statement.where(tokens.c.name == name)
    return (await session.execute(statement.values(revoked_at=at))).rowcount


async def authenticate(session: ReadSession, token: str, *, at: datetime) -> Actor | None:
    """Return who holds a token, or None if it is unknown, expired or revoked, or its user is inactive."""
    row = (await session.execute(_holder(token, at))).one_or_none()
    return _user(row).actor if row else None


async def has_live_token(session: ReadSession, user_id: UserId, *, name: str, at: datetime) -> bool:
    """Tell whether a user has a token of that name that still works."""
    found = await session.scalar(
        select(tokens.c.user_id)
        .where(tokens.c.user_id == user_id, tokens.c.name == name, _is_live(at))
        .limit(1)
    )
    return found is not None


def _holder(token: str, at: datetime) -> Select[Any]:
    return (
        select(users)
        .join(tokens, tokens.c.user_id == users.c.user_id)
        .where(tokens.c.token_hash == _hash(token), _is_live(at), users.c.active)
    )


def _is_live(at: datetime) -> ColumnElement[bool]:
    return and_(tokens.c.revoked_at.is_(None), or_(tokens.c.expires_at.is_(None), tokens.c.expires_at > at))


def _hash(token: str) -> bytes:
    # Whatever a caller sends as a token is hashed, even what is no valid text.
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def _unit(row: Row[Any]) -> Unit:
    return Unit(code=row.code, name=row.name, level=row.level, parent=row.parent, active=row.active)


def _user(row: Row[Any]) -> User:
    return User(
        user_id=row.user_id, display_name=row.display_name, role=row.role, unit=row.unit, active=row.active
    )
