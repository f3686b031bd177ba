"""`hotline city`: let the demo city have a past and a present (演示城市).

A few hundred cases in every status, registered over the past weeks. `hotline up` starts it beside the stack in demo mode;
it may be stopped at any time and goes on where it was.
"""

import asyncio
import os
from collections.abc import Callable
from typing import Annotated, Final

import orjson
import typer

from commands.city.growing import grow
from commands.city.notebook import Progress, progress_of
from commands.city.plan import Plan, city_plan
from commands.failures import fail
from commands.options import AsJson, DataDir, stack_settings
from commands.progress import progress
from runtime.lifecycle import run_until_asked
from runtime.logging import configure_logging
from runtime.settings import Settings

_GENTLE: Final = 15
"""How far behind everybody else: whoever clicks through the demo must not wait for its past."""

CasesOption = Annotated[
    int | None,
    typer.Option(
        "--cases", min=1, help="About so many cases in the same mix.", show_default="the plan's own"
    ),
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(city)


def city(cases: CasesOption = None, data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Let a demo city have weeks of work behind it and cases in every status (演示城市)."""
    settings = stack_settings(data_dir)
    if not settings.demo_mode:
        fail(
            "a demo city belongs to demo mode: set HOTLINE_DEMO_MODE=true",
            as_json=as_json,
            code="demo_mode_only",
        )
    configure_logging(settings, "city")
    os.nice(_GENTLE)
    wanted = settings.demo_cases if cases is None else cases
    plan = city_plan() if wanted is None else city_plan().scaled(wanted)
    with progress() as bar:
        task = bar.add_task("cases", total=plan.size, note="")

        def show(so_far: Progress) -> None:
            note = f"{so_far.files_done} of {so_far.files} files" if so_far.files_done else ""
            bar.update(task, completed=len(so_far.done), note=note)

        asyncio.run(run_until_asked(_work(settings, plan, show)))
    so_far = progress_of(settings.data_dir)
    assert so_far is not None, "growing notes how far it came"
    answer = {"cases": so_far.cases, "done": len(so_far.done), "complete": so_far.is_complete}
    typer.echo(
        orjson.dumps(answer).decode() if as_json else f"{answer['done']} of {answer['cases']} cases stand"
    )


async def _work(settings: Settings, plan: Plan, show: Callable[[Progress], None]) -> None:
    await grow(settings, plan, on_progress=show)
