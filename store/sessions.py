"""Browser sessions (浏览器会话): kept here and nowhere else, so that they can be listed and ended.

The cookie holds 32 random bytes, of which only the SHA-256 is kept; `session_id` is the handle by which a session
is listed and ended. A session that still owes a step (动态口令、修改初始密码) opens nothing but that step.
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import uuid4

from sqlalchemy import ColumnElement, Row, delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from hotline.identifiers import UserId
from hotline.model import Record
from hotline.vocabulary import SignInMethod, SignInStep
from store.accounts import User, account_in, with_account
from store.engine import ReadSession, WriteSession
from store.tables.access import sessions


class Limits(NamedTuple):
    """How long a session may lie idle, and how long it lasts at most."""

    idle_for: timedelta
    lasts_for: timedelta


class Session(Record):
    """One session as it is listed: everything but the secret in the cookie."""

    session_id: str
    user_id: UserId
    method: SignInMethod
    step: SignInStep
    created_at: datetime
    seen_at: datetime
    address: str | None = None
    agent: str | None = None


class Holder(NamedTuple):
    """A session that works, and the account that it opens."""

    session: Session
    user: User


async def open_session(session: WriteSession, opened: Session) -> str:
    """Begin a session and return the secret for its cookie: it cannot be read again."""
    secret = secrets.token_urlsafe(32)
    await session.execute(insert(sessions).values(session_hash=_hash(secret), **opened.model_dump()))
    return secret


def new_session_id() -> str:
    """Make the handle of a session; it opens nothing."""
    return uuid4().hex


async def holder(
    session: ReadSession, secret: str, *, at: datetime, limits: Limits, demo_mode: bool
) -> Holder | None:
    """Return the account that a session opens, or None if the session has ended or the account is not in use."""
    held = select(sessions).where(sessions.c.session_hash == _hash(secret), ~_has_ended(at, limits))
    row = (await session.execute(with_account(held, sessions.c.user_id))).one_or_none()
    if row is None or (row.demo and not demo_mode):
        return None
    return Holder(_session(row), account_in(row))


async def is_live(session: ReadSession, session_id: str, *, at: datetime, limits: Limits) -> bool:
    """Tell whether a session has not ended."""
    found = await session.scalar(
        select(sessions.c.session_id).where(sessions.c.session_id == session_id, ~_has_ended(at, limits))
    )
    return found is not None


async def mark_seen(session: WriteSession, session_id: str, at: datetime) -> None:
    """Remember that a session was used, from which its idle time counts."""
    await session.execute(update(sessions).where(sessions.c.session_id == session_id).values(seen_at=at))


async def rotate(session: WriteSession, session_id: str, *, step: SignInStep, at: datetime) -> str | None:
    """Give a session a new secret with the step it has reached; None if it was ended meanwhile.

    Whoever learned the secret of the session before somebody signed in has nothing afterwards.
    """
    secret = secrets.token_urlsafe(32)
    done = await session.execute(
        update(sessions)
        .where(sessions.c.session_id == session_id)
        .values(session_hash=_hash(secret), step=step.value, seen_at=at)
    )
    return secret if done.rowcount else None


async def sessions_of(
    session: ReadSession, user_id: UserId, *, at: datetime, limits: Limits
) -> tuple[Session, ...]:
    """Return a user's sessions that have not ended, the one used last first."""
    found = await session.execute(
        select(sessions)
        .where(sessions.c.user_id == user_id, ~_has_ended(at, limits))
        .order_by(sessions.c.seen_at.desc(), sessions.c.session_id)
    )
    return tuple(_session(row) for row in found)


async def end_session(session: WriteSession, user_id: UserId, session_id: str) -> bool:
    """End one session of a user; False if there is none."""
    ended = await session.execute(
        delete(sessions).where(sessions.c.user_id == user_id, sessions.c.session_id == session_id)
    )
    return bool(ended.rowcount)


async def end_sessions(session: WriteSession, user_id: UserId, *, but: str | None = None) -> int:
    """End a user's sessions, all or all but one, and return how many there were."""
    statement = delete(sessions).where(sessions.c.user_id == user_id)
    if but is not None:
        statement = statement.where(sessions.c.session_id != but)
    return (await session.execute(statement)).rowcount


async def forget_ended(session: WriteSession, *, at: datetime, limits: Limits) -> int:
    """Delete the sessions of everybody that have ended by themselves, and return how many there were."""
    return (await session.execute(delete(sessions).where(_has_ended(at, limits)))).rowcount


def _has_ended(at: datetime, limits: Limits) -> ColumnElement[bool]:
    return or_(
        sessions.c.created_at <= at - limits.lasts_for,
        sessions.c.seen_at <= at - limits.idle_for,
    )


def _hash(secret: str) -> bytes:
    # Whatever a browser sends as a cookie is hashed, even what is no valid text.
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def _session(row: Row[Any]) -> Session:  # Any: a row is of as many types as it has columns
    return Session.model_validate(row._asdict())
