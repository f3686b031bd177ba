"""Administering accounts (账号管理): creating, changing, switching off and resetting, each with its entry in the trail.

The same rules hold for the API and for the command line, so they are here and not in either. Whoever loses a role or
the account loses the sessions with it; the last administrator cannot be lost.
"""

from datetime import datetime
from typing import Any, Final, NamedTuple

from pydantic import JsonValue

from hotline.accountability.vocabulary import Level
from hotline.case import Actor
from hotline.identifiers import UnitCode, UserId
from hotline.refusals import GuardFailed, LimitReached
from hotline.roles import UNIT_ROLES
from hotline.vocabulary import Role, TrailEvent
from store import credentials, sessions, tokens
from store.accounts import User, account, add_user, administrators, has_group, put_users, unknown_units
from store.engine import WriteSession
from store.trail import TrailEntry, record

_UNSAID: Final = frozenset({"display_name"})
"""That a name was changed is in the trail; the name is not."""


class By(NamedTuple):
    """Who administers, when and from where; the trail keeps all three."""

    actor: Actor
    at: datetime
    address: str | None = None


class InitialPassword(NamedTuple):
    """The hash of a password that an administrator hands out, and until when it works."""

    password_hash: str
    expires_at: datetime


async def create_account(session: WriteSession, user: User, initial: InitialPassword | None, by: By) -> None:
    """Add an account, with a password to be changed at once unless it signs in elsewhere.

    Raises GuardFailed if the id is taken, or the role or the unit does not exist.
    """
    await _require_sound(session, user)
    if not await add_user(session, user):
        raise GuardFailed("account_exists", "已有同名账号", field="user_id")
    if initial is not None:
        await _give(session, user.user_id, initial)
    made: dict[str, JsonValue] = {
        "created": user.role.value,
        "unit": user.unit,
        "discipline_group": user.discipline_group,
        "discipline_level": user.discipline_level,
    }
    await _tell(session, by, user.user_id, made)


async def bootstrap(session: WriteSession, user: User, initial: InitialPassword, by: By) -> None:
    """Add the first administrator; LimitReached if there is one already."""
    if await administrators(session):
        raise LimitReached("already_bootstrapped", "系统已有管理员，请由其新建账号")
    await create_account(session, user, initial, by)


async def change_account(
    session: WriteSession, user_id: UserId, changes: dict[str, Any], by: By
) -> User | None:
    """Change name, role, unit or whether an account is in use; None if there is none.

    A new role, unit or state ends every session of the account. Raises GuardFailed for a role or unit that does not
    exist, and LimitReached for the last administrator.
    """
    admins = await administrators(session)
    before = await account(session, user_id)
    if before is None:
        return None
    after = _as_it_will_be(before, changes)
    differing = {name: value for name, value in after.model_dump().items() if getattr(before, name) != value}
    if not differing:
        return before
    await _require_sound(session, after)
    stays = after.active and after.role is Role.ADMINISTRATOR
    if admins == {user_id} and not stays:
        raise LimitReached("last_administrator", "不得停用或者改任最后一名管理员")
    await put_users(session, [after])
    if differing.keys() - {"display_name"}:
        await sessions.end_sessions(session, user_id)
    shown = {
        name: value
        for name, value in after.model_dump(mode="json").items()
        if name in differing.keys() - _UNSAID
    }
    await _tell(session, by, user_id, {"changed": list[JsonValue](sorted(differing)), **shown})
    return after


def _as_it_will_be(before: User, changes: dict[str, Any]) -> User:
    """The account after a change. Who leaves a role leaves its unit, group and level, unless told otherwise.

    A unit or a stationed group that stayed behind would go on showing cases to who has no business with them.
    """
    role = changes.get("role", before.role)
    left: dict[str, Any] = {}
    if role is not before.role:
        left = {"unit": None, "discipline_group": None, "discipline_level": None}
        if role in UNIT_ROLES and before.role in UNIT_ROLES:
            del left["unit"]
    return before.model_copy(update=left | changes)


async def reset_account(
    session: WriteSession,
    user_id: UserId,
    initial: InitialPassword | None,
    by: By,
    *,
    second_factor: bool = False,
    revoke_tokens: bool = False,
) -> bool:
    """Give an account a password to be changed at once, end its sessions and open its lock; False if there is none.

    On request its second factor goes too, for who lost the telephone, and its tokens, for who lost more.
    """
    if await account(session, user_id) is None:
        return False
    if initial is not None:
        await _give(session, user_id, initial)
    if second_factor:
        await credentials.remove_totp(session, user_id)
    ended = await sessions.end_sessions(session, user_id)
    revoked = await tokens.revoke_tokens(session, user_id, at=by.at) if revoke_tokens else 0
    detail: dict[str, JsonValue] = {
        "reset": True,
        "second_factor": second_factor,
        "sessions": ended,
        "tokens": revoked,
    }
    await _tell(session, by, user_id, detail)
    return True


async def end_one_session(session: WriteSession, user_id: UserId, session_id: str, by: By) -> bool:
    """End one session of an account; False if there is none."""
    ended = await sessions.end_session(session, user_id, session_id)
    if ended:
        await _tell(session, by, user_id, {"session": session_id}, TrailEvent.SESSION_REVOKED)
    return ended


async def end_all_sessions(session: WriteSession, user_id: UserId, by: By) -> int:
    """Sign an account out everywhere, and return of how many sessions."""
    ended = await sessions.end_sessions(session, user_id)
    await _tell(session, by, user_id, {"sessions": ended}, TrailEvent.SESSION_REVOKED)
    return ended


async def revoke_all_tokens(session: WriteSession, user_id: UserId, by: By) -> int:
    """Revoke every token of an account, and return how many worked until now."""
    revoked = await tokens.revoke_tokens(session, user_id, at=by.at)
    await _tell(session, by, user_id, {"tokens": revoked}, TrailEvent.TOKEN_REVOKED)
    return revoked


async def _require_sound(session: WriteSession, user: User) -> None:
    if user.role in {Role.CITIZEN, Role.SYSTEM}:
        raise GuardFailed("role_not_for_accounts", "诉求人和系统没有账号", field="role")
    if user.role in UNIT_ROLES and user.unit is None:
        raise GuardFailed("unit_required", "承办单位人员须指定单位", field="unit")
    if user.discipline_group is not None and user.role is not Role.DISCIPLINE:
        raise GuardFailed("group_not_for_role", "只有纪检监察人员属于派驻组", field="discipline_group")
    if user.discipline_level is not None and user.role is not Role.DISCIPLINE:
        raise GuardFailed("level_not_for_role", "只有纪检监察人员有审批层级", field="discipline_level")
    if user.discipline_level is Level.SYSTEM:
        raise GuardFailed("level_not_of_people", "账号不能为系统层级", field="discipline_level")
    if user.discipline_group is not None and not await has_group(session, user.discipline_group):
        raise GuardFailed("group_unknown", "没有这个代码的派驻组", field="discipline_group")
    if user.unit is not None and await unknown_units(session, [UnitCode(user.unit)]):
        raise GuardFailed("unit_unknown", "没有这个代码的单位", field="unit")


async def _give(session: WriteSession, user_id: UserId, initial: InitialPassword) -> None:
    await credentials.set_password(
        session, user_id, initial.password_hash, must_change=True, expires_at=initial.expires_at
    )


async def _tell(
    session: WriteSession,
    by: By,
    user_id: UserId,
    detail: dict[str, JsonValue],
    event: TrailEvent = TrailEvent.ACCOUNT_CHANGED,
) -> None:
    entry = TrailEntry(
        at=by.at, event=event, actor=by.actor, subject=user_id, address=by.address, detail=detail
    )
    await record(session, entry)
