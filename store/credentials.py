"""What a local account signs in with (本地登录凭据): password hash, failed attempts, second factor, recovery codes.

Hashes and seals are made by the caller; here they are kept, counted and used up. Attempts are counted before the
password is looked at, so that any number of guesses at the same moment are as many as one after the other.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import Row, and_, case, delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from hotline.identifiers import UserId
from hotline.model import Record
from store.engine import ReadSession, WriteSession
from store.tables.access import credentials, recovery_codes

TOTP: Final = "totp"
"""The purpose under which the secrets of second factors are sealed, each bound to its account."""


class Lockout(NamedTuple):
    """After how many failures an account is locked, and for how long."""

    after: int
    lasts_for: timedelta


class Credentials(Record):
    """What is kept of one account. `must_change`: an administrator chose the password (初始密码)."""

    user_id: UserId
    password_hash: str | None = None
    must_change: bool = False
    password_expires_at: datetime | None = None
    failures: int = 0
    locked_until: datetime | None = None
    totp_sealed: bytes | None = None
    totp_confirmed_at: datetime | None = None
    totp_last_step: int | None = None

    def is_locked(self, at: datetime) -> bool:
        """Whether no attempt is allowed now."""
        return self.locked_until is not None and self.locked_until > at

    @property
    def has_second_factor(self) -> bool:
        """Whether a code is asked for."""
        return self.totp_confirmed_at is not None


async def credentials_of(session: ReadSession, user_id: UserId) -> Credentials:
    """Return what an account signs in with; nothing, if it never had a password."""
    row = (await session.execute(select(credentials).where(credentials.c.user_id == user_id))).one_or_none()
    return _credentials(row) if row else Credentials(user_id=user_id)


async def all_credentials(session: ReadSession) -> dict[UserId, Credentials]:
    """Return what every account signs in with that ever had something, by account."""
    found = map(_credentials, await session.execute(select(credentials)))
    return {one.user_id: one for one in found}


async def set_password(
    session: WriteSession,
    user_id: UserId,
    password_hash: str,
    *,
    must_change: bool = False,
    expires_at: datetime | None = None,
) -> None:
    """Give an account a password; failures and locks of the old one are over."""
    values = {
        "password_hash": password_hash,
        "must_change": must_change,
        "password_expires_at": expires_at,
        "failures": 0,
        "locked_until": None,
    }
    statement = insert(credentials).values(user_id=user_id, **values)
    await session.execute(statement.on_conflict_do_update(index_elements=["user_id"], set_=values))


async def rehash(session: WriteSession, user_id: UserId, password_hash: str) -> None:
    """Keep the same password under newer parameters."""
    await session.execute(
        update(credentials).where(credentials.c.user_id == user_id).values(password_hash=password_hash)
    )


async def take_attempt(
    session: WriteSession, user_id: UserId, lockout: Lockout, *, at: datetime
) -> Credentials | None:
    """Count an attempt as failed before it is made; None while the account is locked.

    The attempt that reaches the limit locks the account; if it then succeeds, `undo_attempt` opens it again.
    """
    over = and_(credentials.c.locked_until.is_not(None), credentials.c.locked_until <= at)
    failures = case((over, 1), else_=credentials.c.failures + 1)
    found = await session.execute(
        insert(credentials)
        .values(user_id=user_id, must_change=False, failures=1, locked_until=None)
        .on_conflict_do_update(
            index_elements=["user_id"],
            set_={
                "failures": failures,
                "locked_until": case((failures >= lockout.after, at + lockout.lasts_for), else_=None),
            },
            where=or_(credentials.c.locked_until.is_(None), credentials.c.locked_until <= at),
        )
        .returning(*credentials.c)
    )
    row = found.one_or_none()
    return _credentials(row) if row else None


async def undo_attempt(session: WriteSession, user_id: UserId) -> None:
    """Count an attempt no longer, since it succeeded; the failures before it stay until somebody is in.

    Otherwise who knows the password could guess the second factor for ever, with a right password in between.
    """
    await session.execute(
        update(credentials)
        .where(credentials.c.user_id == user_id, credentials.c.failures > 0)
        .values(failures=credentials.c.failures - 1, locked_until=None)
    )


async def forget_failures(session: WriteSession, user_id: UserId) -> None:
    """Begin counting anew, after an attempt that succeeded or by an administrator."""
    await session.execute(
        update(credentials).where(credentials.c.user_id == user_id).values(failures=0, locked_until=None)
    )


async def put_totp(session: WriteSession, user_id: UserId, sealed: bytes) -> bool:
    """Keep the secret of a second factor that is not confirmed yet; False if another one is in force."""
    values = {"totp_sealed": sealed, "totp_confirmed_at": None, "totp_last_step": None}
    done = await session.execute(
        insert(credentials)
        .values(user_id=user_id, must_change=False, failures=0, **values)
        .on_conflict_do_update(
            index_elements=["user_id"], set_=values, where=credentials.c.totp_confirmed_at.is_(None)
        )
    )
    return bool(done.rowcount)


async def use_totp_step(session: WriteSession, user_id: UserId, step: int) -> bool:
    """Use up the code of one time step; False if it, or a later one, was used already (重放)."""
    last = credentials.c.totp_last_step
    done = await session.execute(
        update(credentials)
        .where(credentials.c.user_id == user_id, or_(last.is_(None), last < step))
        .values(totp_last_step=step)
    )
    return bool(done.rowcount)


async def confirm_totp(
    session: WriteSession, user_id: UserId, code_hashes: Iterable[str], *, at: datetime
) -> None:
    """Put the second factor in force, with recovery codes in place of those from before."""
    await session.execute(
        update(credentials).where(credentials.c.user_id == user_id).values(totp_confirmed_at=at)
    )
    await session.execute(delete(recovery_codes).where(recovery_codes.c.user_id == user_id))
    rows = [{"user_id": user_id, "code_hash": code_hash} for code_hash in code_hashes]
    await session.execute(insert(recovery_codes), rows)


async def remove_totp(session: WriteSession, user_id: UserId) -> None:
    """Take the second factor and its recovery codes away."""
    await session.execute(
        update(credentials)
        .where(credentials.c.user_id == user_id)
        .values(totp_sealed=None, totp_confirmed_at=None, totp_last_step=None)
    )
    await session.execute(delete(recovery_codes).where(recovery_codes.c.user_id == user_id))


async def use_recovery_code(session: WriteSession, user_id: UserId, code_hash: str, *, at: datetime) -> bool:
    """Use up a recovery code; False if there is none or it was used."""
    done = await session.execute(
        update(recovery_codes)
        .where(
            recovery_codes.c.user_id == user_id,
            recovery_codes.c.code_hash == code_hash,
            recovery_codes.c.used_at.is_(None),
        )
        .values(used_at=at)
    )
    return bool(done.rowcount)


def _credentials(row: Row[Any]) -> Credentials:  # Any: a row is of as many types as it has columns
    return Credentials.model_validate(row._asdict())
