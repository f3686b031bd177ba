"""`hotline retention run`: erase what is past its term now, or count it (到期清除)."""

import asyncio
from datetime import UTC, datetime
from typing import Annotated

import orjson
import typer

from api.retention import apply_retention
from commands.options import AsJson, DataDir, stack_settings
from hotline.policy import default_policy
from runtime.settings import Settings
from store.engine import Database
from store.policies import active
from store.retention import Swept, due

DryRun = Annotated[bool, typer.Option("--dry-run", help="Count only; nothing is erased.")]


def register(app: typer.Typer) -> None:
    """Add the group of commands."""
    group = typer.Typer(no_args_is_help=True, help="Terms of what is kept (保存期限).")
    group.callback()(lambda: None)
    group.command()(run)
    app.add_typer(group, name="retention")


def run(dry_run: DryRun = False, data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Erase what is past its term; the API does so by itself (到期清除)."""
    swept = asyncio.run(_run(stack_settings(data_dir), dry_run=dry_run))
    if as_json:
        typer.echo(orjson.dumps({"dry_run": dry_run, **swept.model_dump()}).decode())
        return
    verb = "past their term" if dry_run else "erased"
    typer.echo(f"{swept.texts} unused texts, {swept.callers} callers, {swept.cases} cases {verb}")


async def _run(settings: Settings, *, dry_run: bool) -> Swept:
    assert settings.database_url is not None
    database, now = Database.connect(settings.database_url), datetime.now(UTC)
    try:
        if not dry_run:
            return await apply_retention(database, now=now)
        async with database.read() as session:
            policy = await active(session) or default_policy()
            return await due(session, policy.retention, now=now)
    finally:
        await database.close()
