"""The `hotline` command (命令行): puts the modules of `commands` together.

A composition root: it may import everything, and nothing imports it.
"""

import sys
from typing import Final

import typer
from pydantic import ValidationError

from commands import audit, database, doctor, due, import_file, serve, simulate
from commands.up import up
from runtime.children import ServiceNotReadyError
from runtime.claim import AlreadyRunningError
from runtime.postgres_binaries import BinariesNotFoundError
from runtime.postgres_cluster import ClusterError
from runtime.settings import UnknownSettingError
from runtime.stack import StackNotRunningError

# What an operator can cure: told in one sentence. Anything else is a bug and shows its stack.
_OPERATOR_ERRORS: Final = (
    AlreadyRunningError,
    BinariesNotFoundError,
    ClusterError,
    ServiceNotReadyError,
    StackNotRunningError,
    UnknownSettingError,
)

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(up)
for part in (serve, database, due, import_file, simulate, audit, doctor):
    part.register(app)


@app.callback()
def _hotline() -> None:
    """A durable case engine for the 12345 government hotline (12345 热线办件引擎)."""


def main() -> None:
    try:
        app()
    except _OPERATOR_ERRORS as error:
        sys.exit(f"hotline: {error}")
    except ValidationError as error:
        sys.exit(f"hotline: {_told(error)}")


def _told(error: ValidationError) -> str:
    """Which setting breaks which rule, without the value, which may be a password."""
    return "; ".join(f"{'.'.join(map(str, found['loc']))}: {found['msg']}" for found in error.errors())


if __name__ == "__main__":
    main()
