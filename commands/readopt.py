"""`hotline readopt`: have the engine go on from the ledger with everything that it has lost (重新接管).

After the database was restored, or Temporal's own data is older than the ledger or gone. The ledger is the record:
whatever has not ended there and does not live in the engine up to its last fact is started again as it stands, with
its clocks, the commands that it has done, and what it has yet to tell others. Whatever lives as it should is left
alone, so that the command may run any number of times. Nobody may file meanwhile: the API is not to serve yet.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, Protocol, TypeVar

import orjson
import typer

from api.gateway import CaseGateway, GatewayError
from commands.engine import connected_gateway
from commands.failures import ExitCode
from commands.options import AsJson, DataDir, stack_settings
from hotline.accountability.evolve import replay as replay_dossier
from hotline.accountability.policy import default_dossier_policy
from hotline.evolve import replay as replay_case
from hotline.identifiers import (
    CaseNo,
    DossierNo,
    LineNo,
    dossier_workflow_id,
    line_workflow_id,
    workflow_id,
)
from hotline.policy import PolicySnapshot
from hotline.problems.evolve import replay as replay_line
from runtime.settings import Settings
from store import dossiers, problems
from store.engine import Database, ReadSession
from store.ledger import books_of
from store.policies import by_revision
from store.recalling import CASES, DOSSIERS, LINES, Kind, heard_by, told_among, unfinished
from workflows.contracts import CaseInput, DossierInput, ProblemInput
from workflows.recalling import effects_in, recalled_case, recalled_dossier, recalled_line

_PAGE: Final = 100
_AT_ONCE: Final = 16

_Fact = TypeVar("_Fact", covariant=True)  # noqa: PLC0105  as everywhere here
Lost = CaseInput | DossierInput | ProblemInput


class NotRecalledError(Exception):
    """The ledger does not tell how an entity goes on; the message says why in a word."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(readopt)


def readopt(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Have the engine go on from the ledger with everything that it has lost (重新接管)."""
    report = asyncio.run(_readopt(stack_settings(data_dir)))
    if as_json:
        typer.echo(orjson.dumps(report.told()).decode())
    else:
        for what, count in sorted(report.counts.items()):
            typer.echo(f"{what}: {count}")
        for number, problem in report.failed:
            typer.echo(f"not taken up: {number} {problem}", err=True)
    if report.failed:
        raise typer.Exit(ExitCode.NOT_DONE)


@dataclass
class Report:
    """How many of each kind lived, how many were taken up, and which could not be, with the reason."""

    counts: Counter[str] = field(default_factory=Counter)
    failed: list[tuple[str, str]] = field(default_factory=list)

    def told(self) -> dict[str, object]:
        """As JSON tells it."""
        return {**self.counts, "failed": [{"number": one, "problem": why} for one, why in self.failed]}


async def _readopt(settings: Settings) -> Report:
    assert settings.database_url is not None
    database = Database.connect(settings.database_url)
    try:
        return await Recovery(database, await connected_gateway(settings)).run()
    finally:
        await database.close()


@dataclass(frozen=True, slots=True)
class _Way:
    """How one kind of entity is found and recalled."""

    what: str
    kind: Kind
    workflow: Callable[[str], str]
    # The version of the ledger, and what the engine goes on from.
    recall: Callable[[ReadSession, str], Awaitable[tuple[int, Lost]]]


class Recovery:
    """One walk over everything that has not ended."""

    def __init__(self, database: Database, gateway: CaseGateway) -> None:
        self._database = database
        self._gateway = gateway
        self._report = Report()
        self._policies: dict[str, PolicySnapshot] = {}
        self._ways = (
            _Way("cases", CASES, lambda number: workflow_id(CaseNo(number)), self._case),
            _Way("dossiers", DOSSIERS, lambda number: dossier_workflow_id(DossierNo(number)), self._dossier),
            _Way("lines", LINES, lambda number: line_workflow_id(LineNo(number)), self._line),
        )

    async def run(self) -> Report:
        """Take up whatever is lost, a few at a time."""
        gate = asyncio.Semaphore(_AT_ONCE)

        async def one(way: _Way, number: str) -> None:
            async with gate:
                await self._look_after(way, number)

        for way in self._ways:
            self._report.counts.update({f"{way.what}_living": 0, f"{way.what}_taken_up": 0})
            async for numbers in self._pages(way.kind):
                await asyncio.gather(*(one(way, number) for number in numbers))
        return self._report

    async def _pages(self, kind: Kind) -> AsyncIterator[Sequence[str]]:
        after = ""
        while True:
            async with self._database.read() as session:
                numbers = await unfinished(session, kind, after=after, limit=_PAGE)
            if not numbers:
                return
            yield numbers
            after = numbers[-1]

    async def _look_after(self, way: _Way, number: str) -> None:
        try:
            # The ledger first: a workflow that lives is never behind it.
            async with self._database.read(snapshot=True) as session:
                version, lost = await way.recall(session, number)
            living = await self._gateway.living_version(way.workflow(number))
            if living is not None and living >= version:
                self._report.counts[f"{way.what}_living"] += 1
                return
            await self._gateway.take_up(lost)
            self._report.counts[f"{way.what}_taken_up"] += 1
        except (GatewayError, NotRecalledError) as error:
            self._report.failed.append((number, str(error)))

    async def _case(self, session: ReadSession, number: str) -> tuple[int, CaseInput]:
        case_no = CaseNo(number)
        facts = _whole((await books_of(session, [case_no])).get(case_no))
        effects = tuple(effects_in(facts))
        told = await told_among(session, effects)
        state = replay_case(facts)
        recalled = recalled_case(
            facts,
            await self._policy(session, state.policy_revision),
            at=datetime.now(UTC),
            untold=[one for one in effects if (one.target, one.envelope.command_id) not in told],
            heard=await heard_by(session, case_no),
        )
        return state.version, recalled

    async def _dossier(self, session: ReadSession, number: str) -> tuple[int, DossierInput]:
        facts = _whole((await dossiers.LEDGER.books(session, [number])).get(number))
        return replay_dossier(facts).version, recalled_dossier(facts, default_dossier_policy())

    async def _line(self, session: ReadSession, number: str) -> tuple[int, ProblemInput]:
        facts = _whole((await problems.LEDGER.books(session, [number])).get(number))
        state = replay_line(facts)
        return state.version, recalled_line(facts, await self._policy(session, state.policy_revision))

    async def _policy(self, session: ReadSession, revision: str) -> PolicySnapshot:
        if revision not in self._policies:
            found = await by_revision(session, revision)
            if found is None:
                raise NotRecalledError(f"policy_missing {revision}")
            self._policies[revision] = found
        return self._policies[revision]


class _Book(Protocol[_Fact]):
    """A ledger as it was read: without facts if its chain breaks."""

    @property
    def facts(self) -> tuple[_Fact, ...]:
        """All of them."""
        ...


def _whole(book: _Book[_Fact] | None) -> tuple[_Fact, ...]:
    if book is None or not book.facts:
        raise NotRecalledError("ledger_broken" if book else "ledger_missing")
    return book.facts
