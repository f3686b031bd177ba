"""`hotline worker`: one process that takes on cases (工作进程); a large installation starts as many as it likes."""

import typer

from commands.options import DataDir, stack_settings
from worker import main


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(worker)


def worker(data_dir: DataDir = None) -> None:
    """Take on cases until stopped (运行工作进程)."""
    main(stack_settings(data_dir))
