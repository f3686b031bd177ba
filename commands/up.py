"""`hotline up`: the whole stack in one terminal (一键启动).

What is not given by an address is embedded; everything else, from migration to the API, is the same
commands that an operator of a large installation runs one by one.
"""

import asyncio
from datetime import timedelta
from typing import Annotated, Final

import typer
from rich.console import Console

from commands.city.notebook import progress_of
from commands.options import AsJson, DataDir, chosen_settings
from commands.stack_display import StackDisplay
from commands.stack_plan import StackPlan, has_city
from runtime.claim import claimed
from runtime.files import private_folder
from runtime.lifecycle import run_until_asked
from runtime.logging import configure_logging
from runtime.settings import Settings
from runtime.stack import withdraw_stack
from runtime.supervisor import Board, Supervisor

DatabaseUrlOption = Annotated[
    str | None,
    typer.Option("--database-url", help="PostgreSQL to use instead of the embedded one."),
]
TemporalOption = Annotated[
    str | None,
    typer.Option("--temporal-address", help="Temporal frontend to use instead of the embedded one."),
]
PortOption = Annotated[int | None, typer.Option("--api-port", help="Port of the API.", show_default="8000")]
DemoOption = Annotated[
    bool, typer.Option(help="Seed demo accounts and a sample of complaints, and let a demo city grow.")
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(up)


def up(
    data_dir: DataDir = None,
    database_url: DatabaseUrlOption = None,
    temporal_address: TemporalOption = None,
    api_port: PortOption = None,
    demo: DemoOption = True,
    as_json: AsJson = False,
) -> None:
    """Start everything, keep it running, and stop it with Ctrl-C (启动全部服务)."""
    settings = chosen_settings(
        data_dir,
        database_url=database_url,
        temporal_address=temporal_address,
        api_port=api_port,
        demo_mode=demo,
    )
    display = StackDisplay(Console(soft_wrap=True, highlight=False), settings.data_dir, as_json=as_json)
    asyncio.run(run_until_asked(serve(settings, display)))


async def serve(settings: Settings, display: StackDisplay) -> None:
    """Hold the data folder and run its stack until cancelled."""
    async with claimed(settings.data_dir):
        logs = private_folder(settings.data_dir / "logs")
        configure_logging(settings, "up", logs / "up.log")
        plan = StackPlan(settings, display.show_stack)

        def follow(board: Board) -> None:
            display.show_changes(board)
            plan.follow(board)

        growing = asyncio.create_task(_follow_city(settings, display))
        try:
            await Supervisor(settings.data_dir, plan.items(), follow).run()
        finally:
            growing.cancel()
            withdraw_stack(settings.data_dir)


async def _follow_city(settings: Settings, display: StackDisplay) -> None:
    """Show how the demo city grows, from what it notes in the data folder."""
    while has_city(settings):
        if so_far := progress_of(settings.data_dir):
            display.show_growth(so_far)
            if so_far.is_complete:
                return
        await asyncio.sleep(_LOOKS_EVERY.total_seconds())


_LOOKS_EVERY: Final = timedelta(seconds=2)
