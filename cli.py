"""The `hotline` command (命令行): puts the modules of `commands` together.

A composition root: it may import everything, and nothing imports it.
"""

import gc
import sys
from importlib import import_module
from typing import Final

import typer
from pydantic import ValidationError
from typer._click.core import Command, Context
from typer.core import TyperGroup
from typer.main import get_group

from runtime.children import ServiceNotReadyError
from runtime.claim import AlreadyRunningError
from runtime.keyfile import KeyFileError
from runtime.postgres_binaries import BinariesNotFoundError
from runtime.postgres_cluster import ClusterError
from runtime.settings import UnknownSettingError
from runtime.stack import StackNotRunningError

# What an operator can cure: told in one sentence. Anything else is a bug and shows its stack.
_OPERATOR_ERRORS: Final = (
    AlreadyRunningError,
    BinariesNotFoundError,
    ClusterError,
    KeyFileError,
    ServiceNotReadyError,
    StackNotRunningError,
    UnknownSettingError,
)

_MODULES: Final = {
    "up": "commands.up",
    "worker": "commands.serve_worker",
    "api": "commands.serve_api",
    "migrate": "commands.database",
    "seed": "commands.database",
    "due": "commands.due",
    "policy": "commands.policy_command",
    "calendar": "commands.policy_command",
    "indicators": "commands.indicators_command",
    "import": "commands.import_file",
    "simulate": "commands.simulate",
    "city": "commands.city_command",
    "audit": "commands.audit",
    "versions": "commands.versions",
    "readopt": "commands.readopt",
    "backup": "commands.backup",
    "restore": "commands.backup",
    "ledger": "commands.ledger",
    "doctor": "commands.doctor",
    "keys": "commands.keys",
    "person": "commands.person",
    "retention": "commands.retention",
    "accounts": "commands.accounts_command",
}
"""Where each command lives. `hotline up` starts four of them, and each loads only what it needs itself."""


_LOOKS_EVERY: Final = {"api": 20_000}
"""How many more objects than were let go make the collector look, where the usual 700 will not do.

A page makes some ten thousand objects that are gone with it: to look that often finds none of them. A worker keeps to
the usual: each case that leaves its cache is garbage that nothing but the collector finds, a third of a megabyte of it.
"""


class Commands(TyperGroup):
    """Loads the module of a command when the command is asked for."""

    def list_commands(self, ctx: Context) -> list[str]:  # noqa: ARG002  the signature is Typer's
        """Every command, in the order of the table."""
        return list(_MODULES)

    def get_command(self, ctx: Context, cmd_name: str) -> Command | None:  # noqa: ARG002  as above
        """One command, or None if there is none of that name."""
        if cmd_name not in _MODULES:
            return None
        part = typer.Typer()
        # What is loaded stays: to search it for garbage, now and ever after, is a fifth of the start.
        gc.disable()
        import_module(_MODULES[cmd_name]).register(part)
        gc.freeze()
        if cmd_name in _LOOKS_EVERY:
            gc.set_threshold(_LOOKS_EVERY[cmd_name])
        gc.enable()
        return get_group(part).commands[cmd_name]


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


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
