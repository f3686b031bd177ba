"""Accounts (账号): who has one, in which role, and what they can get in with; a password is shown once."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse

from api.address import AddressDep
from api.errors import ApiError
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
from console.forms import Catalogue, Field, How, Widget, fields_of, fill
from console.rendering import instant
from console.sheets import REFUSED, Sheet, done, handed_out, refused, shown
from console.speaking import marked as _
from console.visit import Here, Visit
from hotline.accountability.vocabulary import Level
from hotline.identifiers import HOTLINE
from hotline.roles import STAFF, UNIT_ROLES
from hotline.vocabulary import Role

router = APIRouter()

_SHOWN: Final = 300
"""More than anybody reads; a search narrows them."""

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
    return shown(visit, _new(fields_of(NewAccount, Catalogue(), how=await _how(visit))))


@router.post("/admin/new-user", operation_id="accounts_create")
async def create(visit: Here, request: Request, address: AddressDep) -> HTMLResponse:
    """Add the account, and show its first password this once."""
    filled = fill(NewAccount, Catalogue(), await request.form(), await _how(visit))
    sheet = _new(filled.fields)
    if not isinstance(filled.form, NewAccount):
        return shown(visit, sheet, status=422)
    try:
        handed = await accounts.create(filled.form, visit.principal, visit.services, address)
    except REFUSED as error:
        return refused(visit, sheet, error)
    return _hand_out(visit, _("账号已建立"), handed)


def _new(fields: tuple[Field, ...]) -> Sheet:
    return Sheet(_("新建账号"), "/admin/new-user", fields, button=_("建立"))


def _hand_out(visit: Visit, title: str, handed: HandedOut) -> HTMLResponse:
    if handed.expires_at is None:
        return handed_out(visit, title, None, _("经单点登录进入，没有密码。"))
    note = _("首次登录须更改，%(until)s 前有效。")
    return handed_out(visit, title, handed.initial_password, note, until=instant(handed.expires_at))


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
    now = _of(known, user_id).model_dump(include=set(AccountChange.model_fields))
    return shown(visit, _change(user_id, fields_of(AccountChange, Catalogue(), now, await _how(visit))))


@router.post("/admin/users/{user_id}/change", operation_id="accounts_change")
async def change(
    visit: Here, user_id: Id, known: Accounts, request: Request, address: AddressDep
) -> HTMLResponse:
    """Change what was filled in otherwise; what was left as it is says nothing, so that a new role sheds the old unit."""
    filled = fill(AccountChange, Catalogue(), await request.form(), await _how(visit))
    sheet = _change(user_id, filled.fields)
    if not isinstance(filled.form, AccountChange):
        return shown(visit, sheet, status=422)
    now, wanted = _of(known, user_id).model_dump(), filled.form.model_dump()
    body = AccountChange(**{name: value for name, value in wanted.items() if value != now[name]})
    try:
        await accounts.change(user_id, body, visit.principal, visit.services, address)
    except REFUSED as error:
        return refused(visit, sheet, error)
    return done(visit, _("账号已变更"))


def _change(user_id: str, fields: tuple[Field, ...]) -> Sheet:
    return Sheet("变更账号", f"/admin/users/{user_id}/change", fields, about=user_id, button="保存")


@router.get("/admin/users/{user_id}/reset", operation_id="accounts_reset")
async def ask_for_reset(visit: Here, user_id: Id) -> HTMLResponse:
    """What else is to go with the password."""
    return shown(visit, _reset(user_id, fields_of(Reset, Catalogue())))


@router.post("/admin/users/{user_id}/reset", operation_id="accounts_reset")
async def reset(visit: Here, user_id: Id, request: Request, address: AddressDep) -> HTMLResponse:
    """Give another password, and show it this once."""
    filled = fill(Reset, Catalogue(), await request.form())
    sheet = _reset(user_id, filled.fields)
    if not isinstance(filled.form, Reset):
        return shown(visit, sheet, status=422)
    try:
        handed = await accounts.reset(user_id, filled.form, visit.principal, visit.services, address)
    except REFUSED as error:
        return refused(visit, sheet, error)
    return _hand_out(visit, _("密码已重置"), handed)


def _reset(user_id: str, fields: tuple[Field, ...]) -> Sheet:
    action = f"/admin/users/{user_id}/reset"
    return Sheet(_("重置密码"), action, fields, about=user_id, button=_("重置"), danger=True)


@router.get("/admin/users/{user_id}/sign-out", operation_id="accounts_end_sessions")
async def ask_to_sign_out(visit: Here, user_id: Id) -> HTMLResponse:
    """Whether it is meant."""
    return shown(visit, _sign_out(user_id))


@router.post("/admin/users/{user_id}/sign-out", operation_id="accounts_end_sessions")
async def sign_out(visit: Here, user_id: Id, address: AddressDep) -> HTMLResponse:
    """Sign the account out everywhere."""
    try:
        await accounts.end_sessions(user_id, visit.principal, visit.services, address)
    except REFUSED as error:
        return refused(visit, _sign_out(user_id), error)
    return done(visit, _("全部会话已结束"))


def _sign_out(user_id: str) -> Sheet:
    return Sheet(
        _("结束全部会话"),
        f"/admin/users/{user_id}/sign-out",
        about=user_id,
        note=_("该账号在所有浏览器中立即退出，未提交的内容由浏览器保留。"),
        danger=True,
    )


@router.get("/admin/users/{user_id}/tokens", operation_id="accounts_issue")
async def ask_for_token(visit: Here, user_id: Id) -> HTMLResponse:
    """What a token is for."""
    return shown(visit, _token(user_id, fields_of(TokenRequest, Catalogue(), {"days": 90}, _TOKEN)))


@router.post("/admin/users/{user_id}/tokens", operation_id="accounts_issue")
async def issue(visit: Here, user_id: Id, request: Request, address: AddressDep) -> HTMLResponse:
    """Make a token, and show it this once."""
    filled = fill(TokenRequest, Catalogue(), await request.form(), _TOKEN)
    sheet = _token(user_id, filled.fields)
    if not isinstance(filled.form, TokenRequest):
        return shown(visit, sheet, status=422)
    try:
        made = await accounts.issue(user_id, filled.form, visit.principal, visit.services, address)
    except REFUSED as error:
        return refused(visit, sheet, error)
    return handed_out(
        visit, _("令牌已签发"), made.token, _("%(until)s 前有效。"), until=instant(made.expires_at)
    )


def _token(user_id: str, fields: tuple[Field, ...]) -> Sheet:
    return Sheet("签发令牌", f"/admin/users/{user_id}/tokens", fields, about=user_id, button="签发")


_TOKEN: Final[How] = {
    "name": {"label": _("用途"), "help": ""},
    "scopes": {"help": ""},
    "days": {"label": _("有效天数"), "help": ""},
}


@router.get("/admin/users/{user_id}/tokens/{token_id}/revoke", operation_id="accounts_revoke")
async def ask_to_revoke(visit: Here, user_id: Id, token_id: str) -> HTMLResponse:
    """Whether it is meant."""
    return shown(visit, _revoke(user_id, token_id))


@router.post("/admin/users/{user_id}/tokens/{token_id}/revoke", operation_id="accounts_revoke")
async def revoke(visit: Here, user_id: Id, token_id: str, address: AddressDep) -> HTMLResponse:
    """Revoke one token."""
    try:
        await accounts.revoke(user_id, token_id, visit.principal, visit.services, address)
    except REFUSED as error:
        return refused(visit, _revoke(user_id, token_id), error)
    return done(visit, _("令牌已撤销"))


def _revoke(user_id: str, token_id: str) -> Sheet:
    return Sheet(
        _("撤销令牌"),
        f"/admin/users/{user_id}/tokens/{token_id}/revoke",
        about=token_id,
        note=_("使用该令牌的系统立即不能再访问。"),
        button=_("撤销"),
        danger=True,
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
