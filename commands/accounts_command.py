"""`hotline accounts`: the first administrator, and accounts from the command line (账号管理).

For the first run, and for the day on which nobody can sign in: whoever may read the database's password may do this.
A password is made here, shown once or written to a file that its owner alone can read, and changed at the first sign-in.
"""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, NamedTuple, TypeVar

import orjson
import typer

from commands.failures import fail, refuse
from commands.options import AsJson, DataDir, stack_settings
from hotline.accountability.vocabulary import Level
from hotline.identifiers import UnitCode, UserId, is_user_id
from hotline.refusals import GuardFailed, Refusal
from hotline.roles import SYSTEM_ACTOR
from hotline.vocabulary import Role
from runtime.files import write_private
from runtime.passwords import Passwords, new_password
from runtime.settings import Settings
from store import administration
from store.accounts import User, every_account
from store.administration import By, InitialPassword
from store.engine import Database, WriteSession

_app = typer.Typer(no_args_is_help=True, help="The first administrator, and accounts (账号管理).")

UserArgument = Annotated[str, typer.Argument(help="Id of the account (账号).")]
NameOption = Annotated[str, typer.Option("--name", help="Name of the person (姓名).")]
SecretFile = Annotated[
    Path | None,
    typer.Option("--secret-file", help="Write the password there, mode 0600, instead of showing it."),
]


class _HandedOut(NamedTuple):
    """A password before and after hashing."""

    password: str
    initial: InitialPassword


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.add_typer(_app, name="accounts")


@_app.command()
def bootstrap(
    user_id: UserArgument,
    name: NameOption,
    secret_file: SecretFile = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Make the first administrator; refused once there is one (首次启用)."""
    settings = stack_settings(data_dir)
    user = User.model_construct(
        user_id=_user_id(user_id, as_json=as_json), display_name=name, role=Role.ADMINISTRATOR
    )
    handed = _run(_bootstrap(settings, user), as_json=as_json)
    _show(user.user_id, handed, secret_file, as_json=as_json)


@_app.command()
def add(
    user_id: UserArgument,
    name: NameOption,
    role: Annotated[Role, typer.Option("--role", help="Role (角色).")],
    unit: Annotated[str | None, typer.Option("--unit", help="Unit (单位代码).")] = None,
    discipline_group: Annotated[
        str | None, typer.Option("--discipline-group", help="Stationed discipline group (派驻组代码).")
    ] = None,
    discipline_level: Annotated[
        Level | None, typer.Option("--discipline-level", help="Level of approval (审批层级).")
    ] = None,
    secret_file: SecretFile = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Add an account (新建账号)."""
    settings = stack_settings(data_dir)
    user = User.model_construct(
        user_id=_user_id(user_id, as_json=as_json),
        display_name=name,
        role=role,
        unit=UnitCode(unit) if unit else None,
        discipline_group=discipline_group,
        discipline_level=discipline_level,
    )
    handed = _run(_add(settings, user), as_json=as_json)
    _show(user.user_id, handed, secret_file, as_json=as_json)


@_app.command()
def disable(user_id: UserArgument, data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Switch an account off; its sessions end and its tokens work no more (停用账号)."""
    settings = stack_settings(data_dir)
    known = _run(_disable(settings, _user_id(user_id, as_json=as_json)), as_json=as_json)
    if not known:
        fail(f"there is no account {user_id}", as_json=as_json, code="account_not_found")
    typer.echo(orjson.dumps({"disabled": user_id}).decode() if as_json else f"{user_id} is switched off")


@_app.command("reset-password")
def reset_password(
    user_id: UserArgument,
    second_factor: Annotated[
        bool, typer.Option("--second-factor", help="Take the authenticator app away too.")
    ] = False,
    tokens: Annotated[bool, typer.Option("--tokens", help="Revoke every token too.")] = False,
    secret_file: SecretFile = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Give an account another password, open its lock and end its sessions (重置密码)."""
    settings = stack_settings(data_dir)
    who = _user_id(user_id, as_json=as_json)
    handed = _run(_reset(settings, who, second_factor=second_factor, tokens=tokens), as_json=as_json)
    if handed is None:
        fail(f"there is no account {user_id}", as_json=as_json, code="account_not_found")
    _show(who, handed, secret_file, as_json=as_json)


@_app.command("list")
def list_(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Every account with its role, unit and state (账号列表)."""
    users = _run(_every(stack_settings(data_dir)), as_json=as_json)
    if as_json:
        typer.echo(orjson.dumps([user.model_dump(mode="json") for user in users]).decode())
        return
    for user in users:
        marks = [mark for mark, on in (("off", not user.active), ("demo", user.demo)) if on]
        typer.echo("\t".join([user.user_id, user.role, user.unit or "-", user.display_name, *marks]))


def _user_id(text: str, *, as_json: bool) -> UserId:
    if not is_user_id(text):
        message = "账号由字母、数字和 . _ @ - 组成，以字母或者数字开头，不超过 64 个字符"
        refuse(GuardFailed("bad_user_id", message, field="user_id"), as_json=as_json)
    return UserId(text)


_Answer = TypeVar("_Answer")


def _run(work: Coroutine[None, None, _Answer], *, as_json: bool) -> _Answer:
    try:
        return asyncio.run(work)
    except Refusal as refusal:
        refuse(refusal, as_json=as_json)


def _show(user_id: UserId, handed: _HandedOut, file: Path | None, *, as_json: bool) -> None:
    """Tell the password once: on the terminal, or in a file for who has none."""
    if file is not None:
        write_private(file, handed.password + "\n")
    told = {
        "user_id": user_id,
        "expires_at": handed.initial.expires_at.isoformat(timespec="seconds"),
        **({"secret_file": str(file)} if file else {"initial_password": handed.password}),
    }
    if as_json:
        typer.echo(orjson.dumps(told).decode())
        return
    where = f"is in {file}" if file else f"is {handed.password}"
    typer.echo(f"the password of {user_id} {where}")
    typer.echo(f"it works once, until {told['expires_at']}, and is changed at the first sign-in")


async def _handed_out(settings: Settings) -> _HandedOut:
    password = new_password()
    expires_at = datetime.now(UTC) + timedelta(hours=settings.initial_password_hours)
    return _HandedOut(password, InitialPassword(await Passwords().hash(password), expires_at))


@asynccontextmanager
async def _writing(settings: Settings) -> AsyncIterator[WriteSession]:
    assert settings.database_url is not None
    database = Database.connect(settings.database_url)
    try:
        async with database.write() as session:
            yield session
    finally:
        await database.close()


def _by() -> By:
    return By(SYSTEM_ACTOR, datetime.now(UTC))


async def _bootstrap(settings: Settings, user: User) -> _HandedOut:
    handed = await _handed_out(settings)
    async with _writing(settings) as session:
        await administration.bootstrap(session, user, handed.initial, _by())
    return handed


async def _add(settings: Settings, user: User) -> _HandedOut:
    handed = await _handed_out(settings)
    async with _writing(settings) as session:
        await administration.create_account(session, user, handed.initial, _by())
    return handed


async def _disable(settings: Settings, user_id: UserId) -> bool:
    async with _writing(settings) as session:
        user = await administration.change_account(session, user_id, {"active": False}, _by())
    return user is not None


async def _reset(
    settings: Settings, user_id: UserId, *, second_factor: bool, tokens: bool
) -> _HandedOut | None:
    handed = await _handed_out(settings)
    async with _writing(settings) as session:
        done = await administration.reset_account(
            session,
            user_id,
            handed.initial,
            _by(),
            second_factor=second_factor,
            revoke_tokens=tokens,
        )
    return handed if done else None


async def _every(settings: Settings) -> tuple[User, ...]:
    async with _writing(settings) as session:
        return await every_account(session)
