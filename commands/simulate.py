"""`hotline simulate`: a living city on a fast clock (模拟).

Invented operators, dispatchers, units, revisitors and citizens drive cases through the public API, so that
a newcomer sees every screen move, and a kill of any part can be watched under load.
"""

import asyncio
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Final

import orjson
import typer
from rich.console import Console
from rich.table import Table

from commands.accounts import Accounts, AccountsMissingError
from commands.client import ApiProblem, PatienceEndedError
from commands.connecting import (
    DEFAULT_PATIENCE,
    ApiUrl,
    PatienceMinutes,
    connected,
    data_folder,
    url_finder,
)
from commands.failures import fail, refuse
from commands.options import AsJson, DataDir
from commands.progress import progress
from commands.simulation.running import Order, run_city
from commands.simulation.tally import Tally
from hotline.refusals import GuardFailed, Refusal
from hotline.vocabulary import Outcome, Status
from runtime.lifecycle import run_until_asked
from runtime.stack import StackNotRunningError

CASES: Final = 20
SPEED: Final = 1_440.0
"""A day passes in a minute: the five working days of a complaint in a hundred seconds."""

CONCURRENCY: Final = 12
_NOT_DONE: Final = (AccountsMissingError, ApiProblem, PatienceEndedError, StackNotRunningError)
_REFRESH_FOR: Final = timedelta(milliseconds=250)

CasesOption = Annotated[
    int | None,
    typer.Option(
        "--cases",
        min=0,
        help="Register so many invented complaints first.",
        show_default="20, or 0 with --until-closed or --only-open",
    ),
]
SpeedOption = Annotated[
    float,
    typer.Option(
        "--speed", min=1.1, max=1_000_000, help="How many times as fast the clocks of the cases run."
    ),
]
UntilClosedOption = Annotated[
    bool, typer.Option("--until-closed", help="Go on until no case of the whole system is open.")
]
OnlyOpenOption = Annotated[
    bool, typer.Option("--only-open", help="Register none; see the cases that are open now to their end.")
]
SeedOption = Annotated[
    str | None,
    typer.Option(
        "--seed",
        help="The same seed registers the same complaints once and goes on with them.",
        show_default="drawn and told",
    ),
]
ConcurrencyOption = Annotated[
    int, typer.Option("--concurrency", min=1, max=200, help="Cases in hand at the same time.")
]
MinutesOption = Annotated[float | None, typer.Option("--for", min=0, help="Stop after so many minutes.")]
BriskOption = Annotated[bool, typer.Option("--brisk", help="Nobody takes time to think: for measuring.")]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("simulate")(simulate)


def simulate(
    cases: CasesOption = None,
    speed: SpeedOption = SPEED,
    until_closed: UntilClosedOption = False,
    only_open: OnlyOpenOption = False,
    seed: SeedOption = None,
    concurrency: ConcurrencyOption = CONCURRENCY,
    minutes: MinutesOption = None,
    brisk: BriskOption = False,
    data_dir: DataDir = None,
    api_url: ApiUrl = None,
    patience: PatienceMinutes = DEFAULT_PATIENCE,
    as_json: AsJson = False,
) -> None:
    """Let invented people drive cases through the API on a fast clock (模拟)."""
    try:
        count = _count(cases, until_closed=until_closed, only_open=only_open)
    except Refusal as refusal:
        refuse(refusal, as_json=as_json)
    order = Order(
        cases=count,
        open_ones=until_closed or only_open,
        again=until_closed,
        seed=seed or secrets.token_hex(4),
        speed=speed,
        concurrency=concurrency,
        is_brisk=brisk,
    )
    tally, trouble = Tally(), None
    try:
        asyncio.run(run_until_asked(_work(order, tally, data_folder(data_dir), api_url, patience, minutes)))
    except _NOT_DONE as error:
        trouble = str(error)
    _tell({"seed": order.seed, "speed": order.speed, **tally.summary()}, as_json=as_json)
    if tally.stuck:
        trouble = trouble or f"nobody knows what to do with {', '.join(tally.stuck)}"
    if until_closed and not tally.is_complete:
        trouble = trouble or "stopped before every case was closed; run it again to go on"
    if trouble:
        fail(trouble, as_json=as_json)


def _count(cases: int | None, *, until_closed: bool, only_open: bool) -> int:
    if only_open and cases:
        raise GuardFailed(
            "cases_and_only_open", "不能与 --only-open 同用", field="cases", rule="--only-open 不登记新工单"
        )
    if cases is not None:
        return cases
    return 0 if until_closed or only_open else CASES


async def _work(
    order: Order, tally: Tally, folder: Path, api_url: str | None, patience: float, minutes: float | None
) -> None:
    find_url = url_finder(folder, api_url)
    accounts = Accounts.load(folder)
    seconds = None if minutes is None else minutes * 60
    async with connected(find_url, patience=patience, connections=order.concurrency) as api:
        tally.retries, tally.requests = api.retries, api.requests
        with suppress(TimeoutError), showing(tally):
            async with asyncio.timeout(seconds):
                await run_city(order, api, accounts, tally)


@contextmanager
def showing(tally: Tally) -> Iterator[None]:
    """Show the counts while something runs."""
    with progress() as bar:
        task = bar.add_task("cases", total=None, note="")

        async def follow() -> None:
            while True:
                bar.update(task, completed=tally.ended, total=tally.total or None, note=tally.note)
                await asyncio.sleep(_REFRESH_FOR.total_seconds())

        following = asyncio.create_task(follow())
        try:
            yield
        finally:
            following.cancel()


def _tell(told: Mapping[str, Any], *, as_json: bool) -> None:
    if as_json:
        typer.echo(orjson.dumps(told).decode())
        return
    console = Console()
    for name in ("statuses", "outcomes", "commands", "refusals", "retries"):
        if told[name]:
            console.print(_table(name, told[name]))
    rest = (
        "seed",
        "speed",
        "cases",
        "registered",
        "ended",
        "unfinished",
        "requests",
        "seconds",
        "cases_per_second",
    )
    console.print("  ".join(f"{name} {told[name]}" for name in rest), highlight=False)
    if told["stuck"]:
        console.print("stuck: " + ", ".join(told["stuck"]), highlight=False)


def _table(name: str, counts: Mapping[str, int]) -> Table:
    table = Table(name, "count", box=None, pad_edge=False)
    for what, count in counts.items():
        table.add_row(_LABELS.get(what, what), str(count))
    return table


_LABELS: Final = {term.value: f"{term.value} {term.label}" for terms in (Status, Outcome) for term in terms}
