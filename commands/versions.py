"""`hotline versions`: which generations of the workflow code serve, and moving cases from one to the next (流程代次).

A case is carried on by workers of the generation that began its run, until it continues as new. So an old
generation's workers stay until the engine says that nothing is left on it; `drain` has everything there move on now,
what sleeps for weeks included (docs/upgrade.md).
"""

import asyncio
import time
from collections.abc import Awaitable
from typing import Annotated, Final, TypeVar

import orjson
import typer
from rich.console import Console
from rich.table import Table
from temporalio.client import Client
from temporalio.common import WorkerDeploymentVersion
from temporalio.service import RPCError

from api.gateway import GatewayError
from commands.engine import engine_client, gateway_over
from commands.failures import ExitCode, fail
from commands.options import AsJson, DataDir, stack_settings
from hotline.model import Record
from runtime.deployment import Standing, count_open, make_current, nudge, open_runs, versions
from runtime.settings import Settings
from workflows.generation import GENERATION
from workflows.living import MOVE_ON

KINDS: Final = {
    "cases": "case",
    "files": "accountability",
    "lines": "repeat_problem",
    "rollouts": "policy_rollout",
}
"""What runs is called, and the workflow's name for it."""

_FIRST_PAUSE: Final = 1.0
_LONGEST_PAUSE: Final = 30.0
"""Between two looks at what is left; a run that stays gets a signal at each, which its history keeps."""

_NAMED: Final = 20
"""So many of those that stay are named; the rest share their reason."""

Answer = TypeVar("Answer")
Build = Annotated[str, typer.Argument(help="The version, as `hotline versions list` calls it.")]


class VersionLine(Record):
    """One version: where it stands, what still runs on it, who serves it, and whether its workers may be stopped."""

    build_id: str
    standing: Standing
    open: dict[str, int]
    workers: tuple[str, ...]

    @property
    def left(self) -> int:
        """How many open runs there are in all."""
        return sum(self.open.values())

    @property
    def may_stop(self) -> bool:
        """Whether nothing needs its workers: the engine says so, and nothing is counted there."""
        return self.standing in {Standing.DRAINED, Standing.INACTIVE} and not self.left

    def told(self) -> dict[str, object]:
        """As JSON tells it."""
        return {**self.model_dump(mode="json"), "may_stop": self.may_stop}


class Drained(Record):
    """How a draining went: what was woken, and what has not moved."""

    version: VersionLine
    nudged: int
    left: tuple[str, ...]

    @property
    def done(self) -> bool:
        """Whether the workers may be stopped."""
        return self.version.may_stop


class NotPossibleError(Exception):
    """A version cannot do what was asked of it; the message says why, for people."""

    def __init__(self, code: str, message: str) -> None:
        """Say it for scripts and for people."""
        super().__init__(message)
        self.code = code


def register(app: typer.Typer) -> None:
    """Add the group of commands."""
    group = typer.Typer(no_args_is_help=True, help="Generations of the workflow code (流程代次).")
    group.command("list")(show)
    group.command()(promote)
    group.command()(drain)
    app.add_typer(group, name="versions")


def show(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Tell which versions there are, what is open on each, and which may be switched off (代次状态)."""
    settings = stack_settings(data_dir)
    lines = _asked(_lines(settings), as_json=as_json)
    ours = settings.build_id or GENERATION
    if as_json:
        told = {"this_release": ours, "versions": [line.told() for line in lines]}
        typer.echo(orjson.dumps(told).decode())
        return
    table = Table("version", "stands", *KINDS, "workers", "may be stopped")
    for line in lines:
        counts = (str(line.open[kind]) for kind in KINDS)
        workers = str(len(line.workers))
        table.add_row(line.build_id, line.standing, *counts, workers, "yes" if line.may_stop else "no")
    Console().print(table)
    typer.echo(f"this release: {ours}")


def promote(build_id: Build, data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Have new cases, and those that move on, go to a version; also the way back to the one before (启用代次)."""
    line = _asked(_promote(stack_settings(data_dir), build_id), as_json=as_json)
    typer.echo(orjson.dumps(line.told()).decode() if as_json else f"{build_id} is current")


def drain(
    build_id: Build,
    data_dir: DataDir = None,
    within: Annotated[float, typer.Option(min=0, help="Minutes after which to give up.")] = 30.0,
    per_second: Annotated[
        float, typer.Option(min=0.1, max=1000, help="How many are woken in a second; people's work goes on.")
    ] = 20.0,
    as_json: AsJson = False,
) -> None:
    """Have everything that is open on a version move to the current one, until its workers may be stopped (排空代次)."""
    settings = stack_settings(data_dir)
    work = _Draining(settings, build_id, within_for=within * 60, pause_for=1 / per_second)
    drained = _asked(work.run(), as_json=as_json)
    if as_json:
        told = {**drained.version.told(), "nudged": drained.nudged, "left": drained.left}
        typer.echo(orjson.dumps(told).decode())
    elif drained.done:
        typer.echo(f"{build_id} is drained: {drained.nudged} were woken, its workers may be stopped")
    else:
        named = ", ".join(drained.left)
        typer.echo(
            f"{build_id} is {drained.version.standing}, {drained.version.left} left: {named}", err=True
        )
    if not drained.done:
        raise typer.Exit(ExitCode.NOT_DONE)


def _asked(question: Awaitable[Answer], *, as_json: bool) -> Answer:
    """An engine that is away ends the command in one sentence; RuntimeError is the SDK's first connection."""

    async def answered() -> Answer:
        return await question

    try:
        return asyncio.run(answered())
    except NotPossibleError as error:
        fail(str(error), as_json=as_json, code=error.code)
    except (RPCError, RuntimeError, GatewayError) as error:
        fail(
            f"the engine does not answer ({type(error).__name__})", as_json=as_json, code="engine_unavailable"
        )


async def _lines(settings: Settings) -> tuple[VersionLine, ...]:
    client = await engine_client(settings)
    living = await gateway_over(client, settings).workers()
    return tuple(
        [
            VersionLine(
                build_id=version.build_id,
                standing=version.standing,
                open=await _counted(client, _version(settings, version.build_id)),
                workers=tuple(one.identity for one in living if one.version == version.build_id),
            )
            for version in await versions(client, settings.deployment_name)
        ]
    )


async def _counted(client: Client, version: WorkerDeploymentVersion) -> dict[str, int]:
    return {kind: await count_open(client, version, workflow) for kind, workflow in KINDS.items()}


def _version(settings: Settings, build_id: str) -> WorkerDeploymentVersion:
    return WorkerDeploymentVersion(settings.deployment_name, build_id)


async def _line(settings: Settings, build_id: str) -> VersionLine:
    for line in await _lines(settings):
        if line.build_id == build_id:
            return line
    message = f"no worker of {build_id} has ever polled; see `hotline versions list`"
    raise NotPossibleError("version_unknown", message)


def _require_workers(line: VersionLine, why: str) -> None:
    if not line.workers:
        message = f"no worker of {line.build_id} lives, and {why}"
        raise NotPossibleError("version_unserved", message)


async def _promote(settings: Settings, build_id: str) -> VersionLine:
    line = await _line(settings, build_id)
    _require_workers(line, "whatever goes to it would wait for one")
    await make_current(await engine_client(settings), _version(settings, build_id))
    return await _line(settings, build_id)


class _Draining:
    """Walks over what is open on a version, again and again, until the engine says that it is drained."""

    def __init__(self, settings: Settings, build_id: str, *, within_for: float, pause_for: float) -> None:
        self._settings = settings
        self._build_id = build_id
        self._until = time.monotonic() + within_for
        self._pause_for = pause_for
        self._nudged = 0

    async def run(self) -> Drained:
        line = await self._line()
        if line.standing is Standing.CURRENT:
            message = f"{self._build_id} is current: promote another version first"
            raise NotPossibleError("version_current", message)
        if line.left:
            # Only code of the old generation can replay an old run, and so bring it to the place where it moves.
            _require_workers(line, "what is open there cannot move without one")
        return await self._walk()

    async def _walk(self) -> Drained:
        client = await engine_client(self._settings)
        rests_for = _FIRST_PAUSE
        while True:
            left = await self._wake(client)
            line = await self._line()
            if line.may_stop or time.monotonic() >= self._until:
                # What was still open when it was woken has moved since, if the engine says that nothing is.
                named = () if line.may_stop else tuple(left[:_NAMED])
                return Drained(version=line, nudged=self._nudged, left=named)
            await asyncio.sleep(min(rests_for, max(self._until - time.monotonic(), 0)))
            rests_for = min(2 * rests_for, _LONGEST_PAUSE)

    async def _wake(self, client: Client) -> list[str]:
        woken = []
        async for run in open_runs(client, _version(self._settings, self._build_id)):
            await nudge(client, run, MOVE_ON)
            woken.append(run.workflow)
            await asyncio.sleep(self._pause_for)
        self._nudged += len(woken)
        return woken

    async def _line(self) -> VersionLine:
        return await _line(self._settings, self._build_id)
