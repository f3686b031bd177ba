"""Accounts (账号): who has one, in which role, and what they can get in with; a password is shown once."""

from typing import Annotated, Final

from fastapi import Depends, Query
from fastapi.responses import HTMLResponse

from api.address import AddressDep
from api.errors import ApiError
from api.parts import Part
from api.routers import accounts
from api.routers.accounts import (
    AccountChange,
    AccountList,
    AccountView,
    HandedOut,
    Id,
    NewAccount,
    Reset,
    every,
    its_sessions,
    its_tokens,
)
from api.routers.session import SessionList
from api.routers.tokens import TokenList, TokenRequest
from api.routers.units import groups
from console import sheets
from console.forms import How, Widget
from console.rendering import instant
from console.speaking import marked as _
from console.visit import Here, Visit
from hotline.accountability.vocabulary import Level
from hotline.identifiers import HOTLINE
from hotline.roles import STAFF, UNIT_ROLES
from hotline.vocabulary import Role

router = Part()

_SHOWN: Final = 300
"""More than anybody reads; a search narrows them."""

_CHANGE: Final = "变更账号"
_SIGN_OUT: Final = "结束全部会话"
_END_SESSION: Final = "结束会话"
_REVOKE: Final = "撤销令牌"
_STATES: Final = {"on": "在用", "off": "停用", "locked": "已锁定"}

Accounts = Annotated[AccountList, Depends(every)]


@router.get("/admin/users", operation_id="accounts_every")
async def listed(
    visit: Here,
    known: Accounts,
    text: Annotated[str, Query(max_length=80)] = "",
    role: Role | None = None,
    unit: Annotated[str, Query(max_length=64)] = "",
    state: Annotated[str, Query(max_length=8)] = "",
) -> HTMLResponse:
    """Every account, narrowed by name, role, unit and state."""
    found = [
        one
        for one in known.items
        if text.casefold() in f"{one.user_id} {one.display_name}".casefold()
        and (role is None or one.role == role)
        and (not unit or one.unit == unit)
        and (not state or _state(one) == state)
    ]
    return visit.page(
        "users_rows.html" if visit.is_part else "users.html",
        accounts=found[:_SHOWN],
        count=len(found),
        every=len(known.items),
        asked=visit.request.query_params,
        roles=sorted(STAFF, key=list(Role).index),
        states=_STATES,
        units=await visit.unit_names(),
    )


def _state(one: AccountView) -> str:
    if not one.active:
        return "off"
    return "locked" if one.locked_until else "on"


@router.get("/admin/new-user", operation_id="accounts_create")
async def ask_for_new(visit: Here) -> HTMLResponse:
    """An empty form."""
    return sheets.ask(visit, await _new(visit))


@router.post("/admin/new-user", operation_id="accounts_create")
async def create(visit: Here, address: AddressDep) -> HTMLResponse:
    """Add the account, and show its first password this once."""

    async def created(sent: sheets.Sent[NewAccount]) -> HTMLResponse:
        handed = await accounts.create(sent.form, visit.principal, visit.services, address)
        return _hand_out(visit, _("账号已建立"), handed)

    return await sheets.take(visit, await _new(visit), created)


async def _new(visit: Visit) -> sheets.Sheet[NewAccount]:
    return sheets.Sheet("/admin/new-user", _("新建账号"), NewAccount, how=await _how(visit))


def _hand_out(visit: Visit, title: str, handed: HandedOut) -> HTMLResponse:
    if handed.expires_at is None:
        return sheets.handed_out(visit, title, None, _("经单点登录进入，没有密码。"))
    note = _("首次登录须更改，%(until)s 前有效。")
    until = instant(handed.expires_at)
    return sheets.handed_out(visit, title, handed.initial_password, note, until=until)


@router.get("/admin/users/{user_id}", operation_id="accounts_every")
async def one(
    visit: Here,
    user_id: Id,
    known: Accounts,
    sessions: Annotated[SessionList, Depends(its_sessions)],
    tokens: Annotated[TokenList, Depends(its_tokens)],
) -> HTMLResponse:
    """One account: who it is, where it is signed in, and the tokens that were made for it."""
    return visit.page(
        "user_parts.html" if visit.is_part else "user.html",
        account=_of(known, user_id),
        sessions=sessions.items,
        tokens=tokens.items,
        units=await visit.unit_names(),
        groups=await _groups(visit),
        levels={level.value: level.label for level in Level},
    )


def _of(known: AccountList, user_id: str) -> AccountView:
    found = next((one for one in known.items if one.user_id == user_id), None)
    if found is None:
        raise ApiError(404, "account_not_found", "没有这个账号")
    return found


async def _groups(visit: Visit) -> dict[str, str]:
    found = await groups(visit.actor, visit.services)
    return {group.code: group.name for group in found.items}


@router.get("/admin/users/{user_id}/change", operation_id="accounts_change")
async def ask_for_change(visit: Here, user_id: Id, known: Accounts) -> HTMLResponse:
    """The form as the account is now."""
    return sheets.ask(visit, await _change(visit, _of(known, user_id)))


@router.post("/admin/users/{user_id}/change", operation_id="accounts_change")
async def change(visit: Here, user_id: Id, known: Accounts, address: AddressDep) -> HTMLResponse:
    """Change what was filled in otherwise; what was left as it is says nothing, so that a new role sheds the old unit."""
    account = _of(known, user_id)

    async def changed(sent: sheets.Sent[AccountChange]) -> HTMLResponse:
        now, wanted = account.model_dump(), sent.form.model_dump()
        body = AccountChange(**{name: value for name, value in wanted.items() if value != now[name]})
        await accounts.change(user_id, body, visit.principal, visit.services, address)
        return sheets.done(visit, _CHANGE)

    return await sheets.take(visit, await _change(visit, account), changed)


async def _change(visit: Visit, account: AccountView) -> sheets.Sheet[AccountChange]:
    return sheets.Sheet(
        f"/admin/users/{account.user_id}/change",
        _CHANGE,
        AccountChange,
        account.user_id,
        given=account.model_dump(include=set(AccountChange.model_fields)),
        how=await _how(visit),
        is_drafted=False,
    )


@router.get("/admin/users/{user_id}/reset", operation_id="accounts_reset")
async def ask_for_reset(visit: Here, user_id: Id) -> HTMLResponse:
    """What else is to go with the password."""
    return sheets.ask(visit, _reset(user_id))


@router.post("/admin/users/{user_id}/reset", operation_id="accounts_reset")
async def reset(visit: Here, user_id: Id, address: AddressDep) -> HTMLResponse:
    """Give another password, and show it this once."""

    async def was_reset(sent: sheets.Sent[Reset]) -> HTMLResponse:
        handed = await accounts.reset(user_id, sent.form, visit.principal, visit.services, address)
        return _hand_out(visit, _("密码已重置"), handed)

    return await sheets.take(visit, _reset(user_id), was_reset)


def _reset(user_id: str) -> sheets.Sheet[Reset]:
    path = f"/admin/users/{user_id}/reset"
    return sheets.Sheet(path, _("重置密码"), Reset, user_id, is_dangerous=True, is_drafted=False)


@router.get("/admin/users/{user_id}/sign-out", operation_id="accounts_end_sessions")
async def ask_to_sign_out(visit: Here, user_id: Id) -> HTMLResponse:
    """Whether it is meant."""
    return sheets.ask(visit, _sign_out(user_id))


@router.post("/admin/users/{user_id}/sign-out", operation_id="accounts_end_sessions")
async def sign_out(visit: Here, user_id: Id, address: AddressDep) -> HTMLResponse:
    """Sign the account out everywhere."""

    async def signed_out(_sent: sheets.Sent[sheets.Confirmation]) -> HTMLResponse:
        await accounts.end_sessions(user_id, visit.principal, visit.services, address)
        return sheets.done(visit, _SIGN_OUT)

    return await sheets.take(visit, _sign_out(user_id), signed_out)


def _sign_out(user_id: str) -> sheets.Sheet[sheets.Confirmation]:
    return sheets.Sheet(
        f"/admin/users/{user_id}/sign-out",
        _SIGN_OUT,
        sheets.Confirmation,
        user_id,
        note=_("该账号在所有浏览器中立即退出，未提交的内容由浏览器保留。"),
        is_dangerous=True,
    )


@router.get("/admin/users/{user_id}/sessions/{session_id}/end", operation_id="accounts_end_one_session")
async def ask_to_end_session(visit: Here, user_id: Id, session_id: str) -> HTMLResponse:
    """Whether it is meant."""
    return sheets.ask(visit, _ending(user_id, session_id))


@router.post("/admin/users/{user_id}/sessions/{session_id}/end", operation_id="accounts_end_one_session")
async def end_session(visit: Here, user_id: Id, session_id: str, address: AddressDep) -> HTMLResponse:
    """Sign the account out of one browser."""

    async def ended(_sent: sheets.Sent[sheets.Confirmation]) -> HTMLResponse:
        await accounts.end_one_session(user_id, session_id, visit.principal, visit.services, address)
        return sheets.done(visit, _END_SESSION)

    return await sheets.take(visit, _ending(user_id, session_id), ended)


def _ending(user_id: str, session_id: str) -> sheets.Sheet[sheets.Confirmation]:
    return sheets.Sheet(
        f"/admin/users/{user_id}/sessions/{session_id}/end",
        _END_SESSION,
        sheets.Confirmation,
        user_id,
        note=_("该账号在这一个浏览器中立即退出，其他会话不受影响。"),
        is_dangerous=True,
    )


@router.get("/admin/users/{user_id}/tokens", operation_id="accounts_issue")
async def ask_for_token(visit: Here, user_id: Id) -> HTMLResponse:
    """What a token is for."""
    return sheets.ask(visit, _token(user_id))


@router.post("/admin/users/{user_id}/tokens", operation_id="accounts_issue")
async def issue(visit: Here, user_id: Id, address: AddressDep) -> HTMLResponse:
    """Make a token, and show it this once."""

    async def issued(sent: sheets.Sent[TokenRequest]) -> HTMLResponse:
        made = await accounts.issue(user_id, sent.form, visit.principal, visit.services, address)
        note, until = _("%(until)s 前有效。"), instant(made.expires_at)
        return sheets.handed_out(visit, _("令牌已签发"), made.token, note, until=until)

    return await sheets.take(visit, _token(user_id), issued)


def _token(user_id: str) -> sheets.Sheet[TokenRequest]:
    path, given = f"/admin/users/{user_id}/tokens", {"days": 90}
    return sheets.Sheet(path, _("签发令牌"), TokenRequest, user_id, given=given, how=_TOKEN)


_TOKEN: Final[How] = {
    "name": {"label": _("用途"), "help": ""},
    "scopes": {"help": ""},
    "days": {"label": _("有效天数"), "help": ""},
}


@router.get("/admin/users/{user_id}/tokens/{token_id}/revoke", operation_id="accounts_revoke")
async def ask_to_revoke(visit: Here, user_id: Id, token_id: str) -> HTMLResponse:
    """Whether it is meant."""
    return sheets.ask(visit, _revoke(user_id, token_id))


@router.post("/admin/users/{user_id}/tokens/{token_id}/revoke", operation_id="accounts_revoke")
async def revoke(visit: Here, user_id: Id, token_id: str, address: AddressDep) -> HTMLResponse:
    """Revoke one token."""

    async def revoked(_sent: sheets.Sent[sheets.Confirmation]) -> HTMLResponse:
        await accounts.revoke(user_id, token_id, visit.principal, visit.services, address)
        return sheets.done(visit, _REVOKE)

    return await sheets.take(visit, _revoke(user_id, token_id), revoked)


def _revoke(user_id: str, token_id: str) -> sheets.Sheet[sheets.Confirmation]:
    return sheets.Sheet(
        f"/admin/users/{user_id}/tokens/{token_id}/revoke",
        _REVOKE,
        sheets.Confirmation,
        token_id,
        note=_("使用该令牌的系统立即不能再访问。"),
        is_dangerous=True,
    )


async def _how(visit: Visit) -> How:
    """What an account's fields may be: the API refuses the rest, so the page does not offer it."""
    names = await visit.unit_names()
    in_use = [(code, f"{name} {code}") for code, name in names.items() if code != HOTLINE]
    return {
        "user_id": {"help": _("字母、数字和 . _ @ -，建立后不得更改")},
        "display_name": {"help": ""},
        "role": {"options": [(role.value, role.label) for role in Role if role in STAFF]},
        "unit": {
            "widget": Widget.UNIT,
            "options": in_use,
            "help": f"{'、'.join(role.label for role in Role if role in UNIT_ROLES)}须填",
        },
        "discipline_group": {
            "widget": Widget.CHOICE,
            "options": list((await _groups(visit)).items()),
            "help": _("限纪检监察；不填为本级机关"),
        },
        "discipline_level": {
            "widget": Widget.CHOICE,
            "options": [(level.value, level.label) for level in Level if level is not Level.SYSTEM],
            "help": _("限纪检监察；不填为承办人"),
        },
    }
