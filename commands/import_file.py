"""`hotline import`: register the rows of a CSV, Excel or JSONL file (批量导入).

Every row goes the way of a call that is taken down: through the API, under a key that follows from the
row, so that running an import again finishes it and doubles nothing.
"""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

import orjson
import typer

from commands.accounts import Accounts, AccountsMissingError
from commands.client import ApiProblem, PatienceEndedError, Registered
from commands.connecting import (
    DEFAULT_PATIENCE,
    ApiUrl,
    PatienceMinutes,
    connected,
    data_folder,
    url_finder,
)
from commands.failures import fail, refuse
from commands.importing.columns import MappingError, map_columns, parse_pairs, require_columns
from commands.importing.preparing import check_defaults
from commands.importing.reading import Table, UnreadableFileError, read_table
from commands.importing.report import RowOutcome, bad_rows_file, reporting
from commands.importing.running import Importer, Registrar
from commands.options import AsJson, DataDir
from commands.progress import progress
from hotline.refusals import GuardFailed
from hotline.vocabulary import Role
from runtime.lifecycle import run_until_asked
from runtime.stack import StackNotRunningError

CONCURRENCY: Final = 8
"""Two cores serve about as many registrations at once; more of them only wait in line."""

_NOT_DONE: Final = (AccountsMissingError, ApiProblem, PatienceEndedError, StackNotRunningError)

FileArgument = Annotated[
    Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="CSV, Excel or JSONL.")
]
MapOption = Annotated[
    list[str] | None,
    typer.Option(
        "--map", metavar="HEADER=FIELD", help="Column of a field; FIELD - ignores the column. Repeatable."
    ),
]
DefaultOption = Annotated[
    list[str] | None,
    typer.Option(
        "--default",
        metavar="FIELD=VALUE",
        help="What stands in for an empty field, e.g. type=complaint. Repeatable.",
        show_default="type=help channel=web",
    ),
]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Read, map and check; register nothing.")]
ReportOption = Annotated[
    Path | None,
    typer.Option(
        "--report", help="JSONL with a line per row.", show_default="DATA_DIR/imports/FILE.report.jsonl"
    ),
]
TokenOption = Annotated[
    str | None,
    typer.Option("--token", help="Bearer token to register with.", show_default="the demo operator's"),
]
ConcurrencyOption = Annotated[
    int, typer.Option("--concurrency", min=1, max=64, help="Rows at the same time.")
]


@dataclass(frozen=True, slots=True)
class _Plan:
    """An import that can begin: the file read, its columns told, the places known."""

    file: Path
    table: Table
    columns: Mapping[str, str]
    defaults: Mapping[str, str]
    report: Path
    concurrency: int


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("import")(import_file)


def import_file(
    file: FileArgument,
    mapping: MapOption = None,
    default: DefaultOption = None,
    dry_run: DryRunOption = False,
    report: ReportOption = None,
    data_dir: DataDir = None,
    api_url: ApiUrl = None,
    token: TokenOption = None,
    concurrency: ConcurrencyOption = CONCURRENCY,
    patience: PatienceMinutes = DEFAULT_PATIENCE,
    as_json: AsJson = False,
) -> None:
    """Register every row of a file; run it again to finish what was interrupted (批量导入)."""
    folder = data_folder(data_dir)
    try:
        where = report or folder / "imports" / f"{file.name}.report.jsonl"
        plan = _plan(file, mapping or [], default or [], where, concurrency)
    except MappingError as error:
        refuse(
            GuardFailed("bad_mapping", str(error), rule="--map HEADER=FIELD, --default FIELD=VALUE"),
            as_json=as_json,
        )
    except UnreadableFileError as error:
        refuse(GuardFailed("unreadable_file", str(error)), as_json=as_json)
    run = _Run(plan)
    trouble = None
    try:
        if dry_run:
            run.judge()
        else:
            run.register(folder, api_url, token, patience)
    except _NOT_DONE as error:
        trouble = str(error)
    typer.echo(orjson.dumps(run.summary()).decode() if as_json else _in_words(run.summary()))
    if trouble or not run.is_complete:
        fail(f"{trouble or 'stopped'}; run the same command again to finish", as_json=as_json)


def _plan(file: Path, maps: list[str], defaults: list[str], report: Path, concurrency: int) -> _Plan:
    standing_in = parse_pairs(defaults, option="--default")
    check_defaults(standing_in)
    overrides = parse_pairs(maps, option="--map")
    table = read_table(file)
    columns = map_columns(table.headers, overrides)
    require_columns(columns, standing_in)
    return _Plan(file, table, columns, standing_in, report, concurrency)


class _Run:
    """One run of a plan, and what it has to tell in the end."""

    def __init__(self, plan: _Plan) -> None:
        self._plan = plan
        self._counts: dict[str, int] = {}
        self._done = 0
        self._retries: dict[str, int] = {}
        self._started_at = time.monotonic()

    @property
    def is_complete(self) -> bool:
        """Whether every row was dealt with."""
        return self._done == len(self._plan.table.rows)

    def judge(self) -> None:
        """Say of each row whether it could be registered."""
        asyncio.run(self._import(None))

    def register(self, folder: Path, api_url: str | None, token: str | None, patience: float) -> None:
        """Register the rows. Whatever stops it, what is registered by then is in the report."""
        find_url = url_finder(folder, api_url)
        bearer = token or Accounts.load(folder).pick(Role.OPERATOR).token

        async def work() -> None:
            async with connected(find_url, patience=patience, connections=self._plan.concurrency) as api:

                async def one(form: Mapping[str, Any], key: str) -> Registered:
                    return await api.register(bearer, form, key=key)

                try:
                    await self._import(one)
                finally:
                    self._retries = dict(api.retries)

        asyncio.run(run_until_asked(work()))

    async def _import(self, registrar: Registrar | None) -> None:
        plan = self._plan
        with reporting(plan.report, plan.table.headers) as report, progress() as bar:
            task = bar.add_task(plan.file.name, total=len(plan.table.rows), note="")

            def tick() -> None:
                self._done += 1
                self._counts = report.summary()
                bar.update(task, completed=self._done, note=f"bad {self._counts[RowOutcome.BAD]}")

            importer = Importer(plan.columns, plan.defaults, report, tick)
            await importer.run(plan.table.rows, registrar, concurrency=plan.concurrency)

    def summary(self) -> dict[str, Any]:
        """What became of the file."""
        plan = self._plan
        bad_rows = bad_rows_file(plan.report)
        return {
            "file": plan.file.name,
            "rows": len(plan.table.rows),
            **(self._counts or {outcome.value: 0 for outcome in RowOutcome}),
            "columns": {header: name for name, header in plan.columns.items()},
            "ignored_columns": [
                header for header in plan.table.headers if header not in plan.columns.values()
            ],
            "report": str(plan.report),
            "bad_rows": str(bad_rows) if bad_rows.exists() else None,
            "retries": self._retries,
            "seconds": round(time.monotonic() - self._started_at, 1),
        }


def _in_words(told: Mapping[str, Any]) -> str:
    counts = ", ".join(f"{told[outcome]} {outcome.value}" for outcome in RowOutcome if told[outcome])
    lines = [
        f"{told['file']}: {told['rows']} rows — {counts or 'none'} in {told['seconds']} s",
        "columns: " + ", ".join(f"{header} → {name}" for header, name in told["columns"].items()),
        f"report: {told['report']}",
    ]
    if told["ignored_columns"]:
        lines.insert(2, "ignored columns: " + ", ".join(told["ignored_columns"]))
    if told["bad_rows"]:
        lines.append(f"bad rows: {told['bad_rows']}")
    return "\n".join(lines)
