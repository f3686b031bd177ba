"""`hotline migrate` and `hotline seed`: the form of the database, and demonstration data (迁移、演示数据).

Both may run any number of times. Seeding registers the project's own sample of complaints through the
API, as an operator would, so that a new stack has something to show.
"""

import asyncio
import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import httpx
import orjson
import typer

from commands.accounts import FILE
from commands.client import HotlineApi, Patience
from commands.failures import fail
from commands.options import AsJson, DataDir, stack_settings
from hotline.identifiers import UserId
from runtime.files import write_private
from runtime.settings import Settings
from runtime.stack import find_stack
from store import migrate as migrations
from store.engine import Database
from store.seed import demo_users, seed_demo


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(migrate)
    app.command()(seed)


def migrate(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Bring the database to the form that this release expects (数据库迁移)."""
    settings = stack_settings(data_dir)
    assert settings.owner_database_url is not None
    revision = asyncio.run(migrations.migrate(settings.owner_database_url))
    typer.echo(orjson.dumps({"revision": revision}).decode() if as_json else f"database is at {revision}")


def seed(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Add demo units, accounts, tokens and a sample of complaints, as far as they are missing (演示数据)."""
    settings = stack_settings(data_dir)
    if not settings.demo_mode:
        fail(
            "demo data belongs to demo mode: set HOTLINE_DEMO_MODE=true",
            as_json=as_json,
            code="demo_mode_only",
        )
    tokens = asyncio.run(_accounts(settings))
    registered = asyncio.run(_sample(settings, tokens))
    answer = {"accounts": len(tokens), "sample": registered, "tokens": str(settings.data_dir / FILE)}
    typer.echo(
        orjson.dumps(answer).decode()
        if as_json
        else f"{len(tokens)} accounts, {registered} sample complaints; tokens in {answer['tokens']}"
    )


async def _accounts(settings: Settings) -> Mapping[UserId, str]:
    """Units, users and tokens; the tokens lie in a file that its owner alone can read."""
    assert settings.database_url is not None
    file = settings.data_dir / FILE
    database = Database.connect(settings.database_url)
    try:
        async with database.write() as session:
            tokens = await seed_demo(session, at=datetime.now(UTC), known=_known(file))
    finally:
        await database.close()
    told = {
        user.user_id: {
            "token": tokens[user.user_id],
            "role": user.role.value,
            "unit": user.unit,
            "name": user.display_name,
        }
        for user in demo_users()
    }
    write_private(file, orjson.dumps(told, option=orjson.OPT_INDENT_2).decode())
    return tokens


def _known(file: Path) -> dict[UserId, str]:
    """The tokens of an earlier run; a file that cannot be read is made anew."""
    try:
        return {
            UserId(user_id): str(entry["token"]) for user_id, entry in orjson.loads(file.read_bytes()).items()
        }
    except (OSError, orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
        return {}


async def _sample(settings: Settings, tokens: Mapping[UserId, str]) -> int:
    """Register the sample; its keys are fixed, so that a second run finds every case again."""
    complaints = sample()
    async with httpx.AsyncClient(trust_env=False, timeout=30) as http:
        # Short pauses, since seeding begins while the API is still starting.
        patience = Patience(longest_pause_for=timedelta(milliseconds=500))
        api = HotlineApi(http, lambda: find_stack(settings.data_dir).api_url, patience)
        for number, complaint in enumerate(complaints, start=1):
            await api.register(tokens[UserId("operator1")], complaint, key=f"sample-{number:04d}")
    return len(complaints)


def sample() -> list[dict[str, Any]]:  # Any: each is the body of a registration, validated by the API
    """The project's own sample of complaints."""
    text = files("commands").joinpath("sample.toml").read_text(encoding="utf-8")
    complaints: list[dict[str, Any]] = tomllib.loads(text)["complaint"]
    return complaints
