"""One question to the API from the command line (查询接口): whose token, which server, and how a refusal is told."""

import asyncio
from pathlib import Path
from typing import Any, Final, NamedTuple
from uuid import uuid4

import orjson
import typer

from commands.accounts import Accounts, AccountsMissingError
from commands.client import ApiProblem, Form, PatienceEndedError
from commands.connecting import connected, data_folder, url_finder
from commands.failures import fail
from hotline.vocabulary import Role
from runtime.stack import StackNotRunningError

_NOT_DONE: Final = (AccountsMissingError, ApiProblem, PatienceEndedError, StackNotRunningError)
_PATIENCE: Final = 1.0


class Caller(NamedTuple):
    """Who asks, and where: a token of their own, or that of the `nth` demo account of a role."""

    role: Role
    token: str | None
    data_dir: Path | None
    api_url: str | None
    nth: int = 0


# Answers of the API are shown as they come: their form is the API's to say.
def ask(caller: Caller, method: str, path: str, form: Form | None = None, *, as_json: bool) -> dict[str, Any]:
    """Ask once and return the answer; a refusal is told and ends the command."""
    folder = data_folder(caller.data_dir)

    async def answered() -> dict[str, Any]:
        known = caller.token or Accounts.load(folder).pick(caller.role, nth=caller.nth).token
        async with connected(url_finder(folder, caller.api_url), patience=_PATIENCE, connections=1) as api:
            return await api.ask(method, path, known, form, key=uuid4().hex)

    try:
        return asyncio.run(answered())
    except _NOT_DONE as error:
        code = error.code if isinstance(error, ApiProblem) else "not_done"
        fail(str(error), as_json=as_json, code=code)


# As above.
def tell(told: dict[str, Any], *, as_json: bool) -> None:
    """Print an answer as JSON: in one line for machines, indented for people."""
    typer.echo(orjson.dumps(told, option=0 if as_json else orjson.OPT_INDENT_2).decode())
