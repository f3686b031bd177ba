"""Options that every command shares, and the settings they lead to (公共选项)."""

from pathlib import Path
from typing import Annotated, Any

import typer

from runtime.settings import Settings, load_settings
from runtime.stack import connected_settings

DataDir = Annotated[
    Path | None,
    typer.Option("--data-dir", help="Folder of the stack.", show_default=".hotline", file_okay=False),
]
AsJson = Annotated[bool, typer.Option("--json", help="Answer in JSON, for machines.")]


def chosen_settings(data_dir: Path | None, **given: Any) -> Settings:  # Any: each field validates its own
    """The environment's settings under what the command line says."""
    return load_settings(data_dir=data_dir, **given)


def stack_settings(data_dir: Path | None, **given: Any) -> Settings:  # Any: as above
    """The same with every address known, from the stack that runs on the folder."""
    return connected_settings(chosen_settings(data_dir, **given))
