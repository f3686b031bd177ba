"""`hotline audit`: prove the books, or say what does not hold (账目核对).

What PostgreSQL alone can prove comes from store/audit.py; here the engine is asked too, so that ledger,
read rows and workflow are known to agree. Exit code 1 as soon as there is one finding.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Final

import orjson
import typer
from prometheus_client import CollectorRegistry, Gauge, write_to_textfile
from rich.console import Console
from rich.progress import Progress

from api.gateway import CaseGateway, CaseNotAdopted, GatewayError
from commands.engine import connected_gateway
from commands.failures import ExitCode
from commands.options import AsJson, DataDir, stack_settings
from hotline.case import CaseState
from hotline.identifiers import CaseNo, DossierNo, LineNo
from hotline.model import Record
from hotline.roles import SYSTEM_ACTOR
from hotline.vocabulary import Status
from runtime.settings import Settings
from runtime.signing import signing_keys
from store.audit import audit as audit_books
from store.cases import counts_by_status, state_of
from store.engine import Database
from store.ledger import numbers_in_ledger
from store.scope import visible_to
from workflows.contracts import CaseEnd, state_digest

_EVERY_CASE: Final = visible_to(SYSTEM_ACTOR)
_AT_ONCE: Final = 8
_SETTLES_FOR: Final = timedelta(seconds=60)
"""How long a case that is being worked on may differ between engine and ledger before it counts."""

GraceOption = Annotated[
    float, typer.Option("--grace", min=0, help="Seconds that work may be on its way before it is a finding.")
]


TextfileOption = Annotated[
    Path | None,
    typer.Option("--textfile", help="Also write the result there for Prometheus's node exporter (*.prom)."),
]


class AuditFinding(Record):
    """One thing that does not hold."""

    check: str
    case_no: CaseNo | None = None
    dossier_no: DossierNo | None = None
    line_no: LineNo | None = None
    detail: str


class AuditReport(Record):
    """What was proved: how many cases, where they stand, and every finding."""

    cases: int
    counts: dict[Status, int]
    findings: tuple[AuditFinding, ...]
    took_seconds: float


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(audit)


def audit(
    data_dir: DataDir = None,
    grace: GraceOption = 150.0,
    textfile: TextfileOption = None,
    as_json: AsJson = False,
) -> None:
    """Prove that no case is lost, no fact altered, no clock missed (账目核对)."""
    report = asyncio.run(_audit(stack_settings(data_dir), timedelta(seconds=grace), quiet=as_json))
    if textfile:
        _keep(report, textfile)
    if as_json:
        typer.echo(orjson.dumps(report.model_dump(mode="json")).decode())
    else:
        _show(report)
    if report.findings:
        raise typer.Exit(ExitCode.NOT_DONE)


def _keep(report: AuditReport, file: Path) -> None:
    """What Prometheus's node exporter reads of the last audit; its own age says whether audits still run."""
    registry = CollectorRegistry()
    findings = Gauge("hotline_audit_findings", "What did not hold.", registry=registry)
    findings.set(len(report.findings))
    Gauge("hotline_audit_cases", "Cases that were proved.", registry=registry).set(report.cases)
    Gauge("hotline_audit_timestamp_seconds", "When.", registry=registry).set_to_current_time()
    write_to_textfile(str(file), registry)


async def _audit(settings: Settings, grace_for: timedelta, *, quiet: bool) -> AuditReport:
    assert settings.database_url is not None
    started_at = datetime.now(UTC)
    database = Database.connect(settings.database_url)
    try:
        gateway = await connected_gateway(settings)
        findings = [
            AuditFinding.model_validate(found.model_dump(mode="json"))
            async for found in audit_books(
                database, now=started_at, grace_for=grace_for, verify=signing_keys(settings).verify
            )
        ]
        findings += [found async for found in _compared(database, gateway, quiet=quiet)]
        async with database.read() as session:
            counts = await counts_by_status(session, _EVERY_CASE)
    finally:
        await database.close()
    return AuditReport(
        cases=sum(counts.values()),
        counts=dict(sorted(counts.items())),
        findings=tuple(findings),
        took_seconds=round((datetime.now(UTC) - started_at).total_seconds(), 1),
    )


async def _compared(database: Database, gateway: CaseGateway, *, quiet: bool) -> AsyncIterator[AuditFinding]:
    """Every case's workflow against its ledger, in batches."""
    total = await _total(database)
    after = ""
    with Progress(transient=True, disable=quiet) as progress:
        task = progress.add_task("engine and ledger", total=total)
        while True:
            async with database.read() as session:
                numbers = await numbers_in_ledger(session, after=after)
            if not numbers:
                return
            for found in await _differing(database, gateway, numbers):
                yield found
            progress.advance(task, len(numbers))
            after = numbers[-1]


async def _total(database: Database) -> int:
    async with database.read() as session:
        return sum((await counts_by_status(session, _EVERY_CASE)).values())


async def _differing(
    database: Database, gateway: CaseGateway, numbers: Sequence[CaseNo]
) -> list[AuditFinding]:
    gate = asyncio.Semaphore(_AT_ONCE)

    async def one(case_no: CaseNo) -> AuditFinding | None:
        async with gate:
            return await _difference(database, gateway, case_no)

    found = await asyncio.gather(*(one(case_no) for case_no in numbers))
    return [finding for finding in found if finding]


async def _difference(database: Database, gateway: CaseGateway, case_no: CaseNo) -> AuditFinding | None:
    """Ask both until they agree; work in hand makes them differ for a moment, a fault for good."""
    deadline = asyncio.get_running_loop().time() + _SETTLES_FOR.total_seconds()
    while True:
        problem = await _problem(database, gateway, case_no)
        if problem is None:
            return None
        if asyncio.get_running_loop().time() > deadline:
            return AuditFinding(check="engine_differs", case_no=case_no, detail=problem)
        await asyncio.sleep(0.2)


async def _problem(database: Database, gateway: CaseGateway, case_no: CaseNo) -> str | None:
    stored = await _stored(database, case_no)
    if stored is None:
        return "no read row"
    try:
        if stored.status is Status.ARCHIVED and (end := await gateway.end(case_no)) and end.state_digest:
            return None if end.state_digest == state_digest(stored) else _versions(end, stored)
        live = await gateway.state(case_no)
    except CaseNotAdopted:
        return None if stored.status is Status.ARCHIVED else "no workflow"
    except GatewayError as error:
        # A worker that has just been killed, or has no moment to replay, answers later.
        return f"the engine did not tell: {type(error).__name__}"
    return None if live == stored else _versions(live, stored)


def _versions(live: CaseState | CaseEnd, stored: CaseState) -> str:
    return (
        f"workflow at version {live.version} ({live.status.value}), "
        f"ledger at {stored.version} ({stored.status.value})"
    )


async def _stored(database: Database, case_no: CaseNo) -> CaseState | None:
    async with database.read() as session:
        return await state_of(session, _EVERY_CASE, case_no)


def _show(report: AuditReport) -> None:
    console = Console()
    for status, count in report.counts.items():
        console.print(f"  {status.label}  {status.value}: {count}")
    for check, count in Counter(finding.check for finding in report.findings).items():
        console.print(f"[red]✗ {check}: {count}[/]")
    for finding in report.findings[:50]:
        about = finding.case_no or finding.dossier_no or finding.line_no or "-"
        console.print(f"    {finding.check}  {about}  {finding.detail}", markup=False)
    verdict = "[green]✓ the books hold[/]" if not report.findings else "[red]the books do not hold[/]"
    console.print(f"{verdict}: {report.cases} cases in {report.took_seconds} s")
