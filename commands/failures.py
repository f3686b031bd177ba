"""How a command ends badly (出错): one line that names field and rule, and an exit code.

2 means that what was asked is at fault, 1 that what was asked could not be done.
"""

from enum import IntEnum
from typing import NoReturn

import orjson
import typer

from hotline.refusals import Refusal


class ExitCode(IntEnum):
    """What a script may branch on."""

    NOT_DONE = 1
    BAD_INPUT = 2


def refuse(refusal: Refusal, *, as_json: bool) -> NoReturn:
    """End with what a rule does not allow; `field` is told as the option that carries it."""
    option = f"--{refusal.field.replace('_', '-')}" if refusal.field else None
    parts = {"code": refusal.code, "message": refusal.message, "field": option, "rule": refusal.rule}
    if as_json:
        typer.echo(orjson.dumps(parts).decode(), err=True)
    else:
        rule = f" ({refusal.rule})" if refusal.rule else ""
        typer.echo(f"error: {f'{option}: ' if option else ''}{refusal.message}{rule}", err=True)
    raise typer.Exit(ExitCode.BAD_INPUT)


def fail(message: str, *, as_json: bool, code: str = "not_done") -> NoReturn:
    """End because it could not be done, although nothing was wrong with the request."""
    typer.echo(
        orjson.dumps({"code": code, "message": message}).decode() if as_json else f"error: {message}",
        err=True,
    )
    raise typer.Exit(ExitCode.NOT_DONE)
