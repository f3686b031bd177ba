"""Lines of repeat problems in the database (重复性问题台账): their ledger, what lists read, and the share cleared.

The read rows are a fold of the ledger, so `rebuild` makes the same rows again. Every query takes a `LineScope`;
the cases behind a line are shown within the reader's scope of cases, and never a secret one to somebody who
could learn from the line who complained.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Float, Table, cast, delete, func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from hotline.identifiers import CaseNo, LineNo, UnitCode
from hotline.model import Record
from hotline.problems.evolve import replay
from hotline.problems.facts import CaseDetached, ProblemFact, ProblemFiled, RevisitExcused
from hotline.problems.state import ProblemState
from hotline.problems.vocabulary import UNCLEARED, ProblemStage
from hotline.proof.chain import ChainBreak
from hotline.vocabulary import TrailEvent
from store.chained import ChainedLedger, Values
from store.engine import ReadSession, WriteSession
from store.listing import CASE_COLUMNS
from store.rows import CaseRow
from store.scope import CaseScope, LineScope
from store.tables.casework import cases
from store.tables.problems import problem_facts, problem_lines, problem_links, problems
from store.trail import TrailEntry, record
from store.vault import mark_used, refs_in

LEDGER: Final = ChainedLedger(problem_facts, key="line_no", who="actor", form=ProblemFact)


class ProblemRow(Record):
    """One line in a list."""

    line_no: LineNo
    version: int
    stage: ProblemStage
    category: str
    area: str | None
    lead_unit: UnitCode | None
    round: int
    overdue: bool
    opened_at: datetime
    cleared_at: datetime | None
    next_due_at: datetime | None


class ProblemQuestion(Record):
    """Which lines are asked about; what is left out asks about all."""

    stage: ProblemStage | None = None
    unit: UnitCode | None = None
    uncleared: bool | None = None
    overdue: bool | None = None
    since: datetime | None = None
    until: datetime | None = None


class ClearanceRate(Record):
    """清零率 of one unit's lines: how many were opened, are cleared, came back, are overdue; the share cleared.

    The numerator are lines that stand cleared (已销号, 回头看期满, 归档); the denominator all lines opened in the
    period. A line that a relapse has reopened is not cleared.
    """

    unit: UnitCode | None
    opened: int
    cleared: int
    relapsed: int
    overdue: int
    rate: float


_ROWS: Final = TypeAdapter(list[ProblemRow])
_RATES: Final = TypeAdapter(list[ClearanceRate])
_COLUMNS: Final = tuple(problems.c[name] for name in ProblemRow.model_fields)

_EVENTS: Final[dict[type, TrailEvent]] = {
    CaseDetached: TrailEvent.PROBLEM_CASE_DETACHED,
    RevisitExcused: TrailEvent.PROBLEM_REVISIT_EXCUSED,
}
"""Acts that take a caller's word out of what clearing waits for: the trail has them beside the line's own ledger."""

# ── writing ─────────────────────────────────────────────────────────────────────────────────────


async def project(session: WriteSession, number: LineNo, facts: Sequence[ProblemFact]) -> int:
    """Append the facts, bring the read rows up to them, and return the version they have then.

    LedgerGap and LedgerConflict as store/chained.py says; then nothing is written.
    """
    appended = await LEDGER.append(session, number, facts)
    await _write(session, replay(appended.whole))
    for fact in appended.fresh:
        await _settle(session, fact)
    for fact in appended.fresh:
        if event := _EVENTS.get(type(fact.body)):
            await record(session, TrailEntry(at=fact.at, event=event, actor=fact.actor, subject=number))
    return len(appended.whole)


async def rebuild(session: WriteSession, number: LineNo) -> ProblemState:
    """Make the read row of a line again from its ledger alone."""
    await LEDGER.lock(session, number)
    state = replay(await LEDGER.facts_of(session, number))
    await session.execute(delete(problems).where(problems.c.line_no == number))
    await _write(session, state)
    return state


async def _write(session: WriteSession, state: ProblemState) -> None:
    statement = insert(problems).values(rows_of(state)[problems])
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=problems.primary_key,
            set_=statement.excluded,
            where=problems.c.version < statement.excluded.version,
        )
    )


def rows_of(state: ProblemState) -> dict[Table, list[Values]]:
    """Every row that is read of a line, as its ledger tells it."""
    return {problems: [_row(state)]}


def _row(state: ProblemState) -> Values:
    concern = state.concern
    return {
        "line_no": state.line_no,
        "version": state.version,
        "stage": state.stage.value,
        "category": state.category,
        "area": state.area,
        "lead_unit": state.lead,
        "units": list(concern.units),
        "accused_units": list(concern.accused_units),
        "recused": list(concern.recused),
        "round": state.round,
        "overdue": state.is_overdue,
        "opened_at": state.opened_at,
        "cleared_at": state.cleared_at,
        "next_due_at": state.next_due_at,
        "state": state.model_dump(mode="json"),
    }


async def _settle(session: WriteSession, fact: ProblemFact) -> None:
    """Keep the texts that a fact refers to, and let go of what it takes out or ends."""
    await mark_used(session, (ref.text_id for ref in refs_in(fact.body)), at=fact.at)
    line = problem_links.c.line_no == fact.line_no
    match fact.body:
        case CaseDetached(case_no=case_no):
            of_case = problem_links.c.case_no == case_no
            await session.execute(update(problem_links).where(line, of_case).values(detached_at=fact.at))
        case ProblemFiled():
            ended = update(problem_lines).where(problem_lines.c.line_no == fact.line_no)
            await session.execute(ended.values(ended_at=fact.at))


# ── reading ─────────────────────────────────────────────────────────────────────────────────────


async def problem(session: ReadSession, scope: LineScope, number: LineNo) -> ProblemState | None:
    """A line as it stands, or None: for whoever may not know of it there is none."""
    stored = await session.scalar(
        select(problems.c.state).where(scope.condition, problems.c.line_no == number)
    )
    return None if stored is None else ProblemState.model_validate(stored)


async def list_problems(
    session: ReadSession,
    scope: LineScope,
    question: ProblemQuestion,
    *,
    before: tuple[datetime, str] | None = None,
    limit: int = 50,
) -> tuple[ProblemRow, ...]:
    """List lines, the newest first; a page goes on before (instant, number) of the last one."""
    query = select(*_COLUMNS).where(scope.condition, *_asked(question))
    if before:
        query = query.where(tuple_(problems.c.opened_at, problems.c.line_no) < before)
    query = query.order_by(problems.c.opened_at.desc(), problems.c.line_no.desc()).limit(limit)
    return tuple(_ROWS.validate_python((await session.execute(query)).mappings().all()))


async def cases_of_problem(
    session: ReadSession, scope: CaseScope, state: ProblemState, *, with_secret: bool
) -> tuple[CaseRow, ...]:
    """The cases of a line that somebody may see, in the order in which they were registered.

    All of them are of one caller, so that a secret one beside one that is not would tell who complained:
    secret cases are left out unless the reader may see secret callers anyway.
    """
    numbers = [case.case_no for case in state.cases]
    query = select(*CASE_COLUMNS).where(scope.condition, cases.c.case_no.in_(numbers))
    if not with_secret:
        query = query.where(cases.c.secret.is_(False))
    found = await session.execute(query.order_by(cases.c.registered_at, cases.c.case_no))
    return tuple(CaseRow.model_validate(dict(row)) for row in found.mappings())


async def clearance_rates(
    session: ReadSession, scope: LineScope, question: ProblemQuestion
) -> tuple[ClearanceRate, ...]:
    """清零率 by lead unit; lines without one yet come first. Every figure is the count of `list_problems`."""
    opened = func.count()
    cleared = func.count().filter(problems.c.cleared_at.is_not(None))
    query = (
        select(
            problems.c.lead_unit.label("unit"),
            opened.label("opened"),
            cleared.label("cleared"),
            func.count().filter(problems.c.round > 1).label("relapsed"),
            func.count().filter(problems.c.overdue).label("overdue"),
            (cast(cleared, Float) / opened).label("rate"),
        )
        .where(scope.condition, *_asked(question))
        .group_by(problems.c.lead_unit)
        .order_by(problems.c.lead_unit.nulls_first())
    )
    return tuple(_RATES.validate_python((await session.execute(query)).mappings().all()))


def _asked(question: ProblemQuestion) -> Iterator[ColumnElement[bool]]:
    if question.stage:
        yield problems.c.stage == question.stage.value
    if question.unit:
        yield problems.c.lead_unit == question.unit
    if question.uncleared is not None:
        is_uncleared = problems.c.stage.in_(sorted(UNCLEARED))
        yield is_uncleared if question.uncleared else ~is_uncleared
    if question.overdue is not None:
        yield problems.c.overdue.is_(question.overdue)
    if question.since:
        yield problems.c.opened_at >= question.since
    if question.until:
        yield problems.c.opened_at < question.until


async def facts_of(session: ReadSession, number: LineNo) -> tuple[ProblemFact, ...]:
    """The whole ledger of a line."""
    return await LEDGER.facts_of(session, number)


async def verify_chain(session: ReadSession, number: LineNo) -> ChainBreak | None:
    """Walk the chain of a line and return the first place where it does not hold."""
    return await LEDGER.verify(session, number)


async def first_case_of(session: ReadSession, number: LineNo) -> CaseNo | None:
    """The case under whose caller's key the texts of a line are sealed: all of its cases are of that caller."""
    found = await session.scalar(
        select(problem_links.c.case_no)
        .where(problem_links.c.line_no == number)
        .order_by(problem_links.c.linked_at, problem_links.c.case_no)
        .limit(1)
    )
    return None if found is None else CaseNo(found)
