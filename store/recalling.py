"""What the ledgers know of everything that has not ended (台账接续): which numbers, and what was told already."""

from collections.abc import Collection, Sequence
from typing import Final, NamedTuple

from sqlalchemy import Column, select, tuple_

from hotline.accountability.reporting import FileReport
from hotline.accountability.vocabulary import DossierStage
from hotline.effects import Effect
from hotline.identifiers import CaseNo, CommandId
from hotline.problems.vocabulary import ProblemStage
from hotline.vocabulary import Status
from store.engine import ReadSession
from store.file_reports import every_report_to
from store.tables.accountability import dossiers
from store.tables.casework import cases, facts
from store.tables.problems import problems


class Kind(NamedTuple):
    """One kind of entity: where its numbers stand, and what says that it has ended."""

    # Column is generic in what it holds, which a Table does not tell.
    number: Column[str]
    stage: Column[str]
    ended: str


CASES: Final = Kind(cases.c.case_no, cases.c.status, Status.ARCHIVED.value)
DOSSIERS: Final = Kind(dossiers.c.dossier_no, dossiers.c.stage, DossierStage.ARCHIVED.value)
LINES: Final = Kind(problems.c.line_no, problems.c.stage, ProblemStage.FILED.value)


async def unfinished(session: ReadSession, kind: Kind, *, after: str, limit: int) -> Sequence[str]:
    """Return the numbers that come after one and have not ended, in order."""
    query = select(kind.number).where(kind.number > after, kind.stage != kind.ended)
    return await session.scalars(query.order_by(kind.number).limit(limit))


async def heard_by(session: ReadSession, case_no: CaseNo) -> tuple[FileReport, ...]:
    """Return what accountability files have told a case."""
    return tuple(read.report for read in await every_report_to(session, case_no))


async def told_among(
    session: ReadSession, effects: Collection[Effect]
) -> frozenset[tuple[CaseNo, CommandId]]:
    """Return which of some effects need not be told again: their target has decided on them, or has ended."""
    if not effects:
        return frozenset()
    wanted = {(effect.target, effect.envelope.command_id) for effect in effects}
    pair = tuple_(facts.c.case_no, facts.c.command_id)
    decided = await session.execute(
        select(facts.c.case_no, facts.c.command_id).where(pair.in_(sorted(wanted))).distinct()
    )
    targets = {target for target, _ in wanted}
    over = await session.scalars(
        select(cases.c.case_no).where(
            cases.c.case_no.in_(sorted(targets)), cases.c.status == Status.ARCHIVED.value
        )
    )
    ended = {one for one in wanted if one[0] in set(over)}
    return frozenset((CaseNo(row.case_no), CommandId(row.command_id)) for row in decided) | ended
