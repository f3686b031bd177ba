"""`hotline person`: what is held about somebody, for them to read, or erased for good (个人信息权利).

What is asked for is recorded with its ground, as by the API. A phone number on the command line stays in the shell's
history, so `--phone -` reads it from standard input.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, TypeVar

import orjson
import typer
from pydantic import ValidationError

from api.errors import ApiError
from api.persons import Applied, PersonRequest, erase_of, export_of
from commands.failures import fail, refuse
from commands.options import AsJson, DataDir, stack_settings
from hotline.refusals import GuardFailed, Refusal
from hotline.vocabulary import PersonGround
from runtime.files import write_private
from runtime.keyring import keyring_of
from runtime.settings import Settings
from store.engine import Database
from store.persons import Cipher

Phone = Annotated[
    str | None, typer.Option("--phone", help="The citizen's number; `-` reads it from standard input.")
]
Case = Annotated[
    str | None, typer.Option("--case", help="Number of a case, for a caller who left no phone number.")
]
Ground = Annotated[PersonGround, typer.Option("--ground", help="On which ground it is done.")]
Out = Annotated[Path | None, typer.Option("--out", "-o", help="File to write, for its owner alone to read.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask again.")]
Answer = TypeVar("Answer")
Act = Callable[[Database, Cipher, PersonRequest, Applied], Awaitable[Answer]]


def register(app: typer.Typer) -> None:
    """Add the group of commands."""
    group = typer.Typer(no_args_is_help=True, help="A citizen's rights over their data (个人信息权利).")
    group.command()(export)
    group.command()(erase)
    app.add_typer(group, name="person")


def export(
    phone: Phone = None,
    case: Case = None,
    ground: Ground = PersonGround.OWN_REQUEST,
    out: Out = None,
    data_dir: DataDir = None,
) -> None:
    """Write everything that is held about a person as one JSON document (导出个人信息)."""
    settings, request = stack_settings(data_dir), _request(phone, case, ground, as_json=False)
    text = _done(settings, export_of, request, as_json=False).model_dump_json(indent=1)
    if out is None:
        typer.echo(text)
    else:
        write_private(out, text + "\n")
        typer.echo(str(out))


def erase(
    ground: Ground,
    phone: Phone = None,
    case: Case = None,
    yes: Yes = False,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Erase everything personal of somebody, for good; refused while a case of theirs is open (删除个人信息)."""
    settings, request = stack_settings(data_dir), _request(phone, case, ground, as_json=as_json)
    if not yes:
        typer.confirm("Nothing can bring it back. Erase?", abort=True, err=True)
    numbers = _done(settings, erase_of, request, as_json=as_json)
    typer.echo(
        orjson.dumps({"cases": list(numbers)}).decode()
        if as_json
        else f"erased what was kept of {len(numbers)} cases"
    )


def _request(phone: str | None, case: str | None, ground: PersonGround, *, as_json: bool) -> PersonRequest:
    given = sys.stdin.readline().strip() if phone == "-" else phone
    try:
        return PersonRequest(phone=given, case_no=case, ground=ground)
    except ValidationError:
        refuse(
            GuardFailed("bad_person", "请提供诉求人电话或者 18 位工单编号之一", field="phone"),
            as_json=as_json,
        )


def _done(settings: Settings, act: Act[Answer], request: PersonRequest, *, as_json: bool) -> Answer:
    try:
        return asyncio.run(_with_database(settings, act, request))
    except Refusal as refusal:
        refuse(refusal, as_json=as_json)
    except ApiError as error:
        fail(error.detail, as_json=as_json, code=error.code)


async def _with_database(settings: Settings, act: Act[Answer], request: PersonRequest) -> Answer:
    assert settings.database_url is not None
    database = Database.connect(settings.database_url)
    try:
        return await act(database, keyring_of(settings), request, Applied(at=datetime.now(UTC)))
    finally:
        await database.close()
