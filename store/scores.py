"""Rows of the indicators (计数明细): counted from the ledger a moment after it grew, and added up where they are read.

The projection only notes that a case has changed, so that nothing waits for counting; `count_changed` folds the
whole ledger of each such case again and replaces its rows. A row whose clock is still running stands at its due
instant, and every query asks for what has counted by now.
"""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Table,
    Text,
    and_,
    bindparam,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from hotline.facts import Fact
from hotline.identifiers import CaseNo, UnitCode
from hotline.indicators.counting import Count, counts_of
from hotline.indicators.figures import Figure, UnitFigures
from hotline.indicators.months import Month
from hotline.model import Record
from hotline.roles import SYSTEM_ACTOR
from hotline.vocabulary import Counted, Indicator, RequestType
from store.engine import ReadSession, WriteSession
from store.ledger import ledgers_of
from store.scope import CaseScope, effective, visible_to
from store.tables.casework import cases
from store.tables.indicators import frozen_scores, score_due, scores
from store.tables.reference import units

PAGE: Final = 50
"""Cases that are counted in one transaction."""

TO_COUNT: Final = (
    upsert(score_due)
    .values(case_no=bindparam("of_case", type_=Text), version=bindparam("grown_to", type_=Integer))
    .on_conflict_do_nothing()
    .cte("to_count")
)
"""Notes that the case `of_case` has grown to a version and is to be counted; said along with another statement."""

# Any number will do, so long as nothing else in the database locks the same.
_LOCK: Final = 1234500014
_ROWS: Final = TypeAdapter(list[Count])
_MANY: Final = 10_000


# ── counting ────────────────────────────────────────────────────────────────────────────────────


async def count_changed(session: WriteSession, limit: int = PAGE, *, wait: bool = False) -> int:
    """Count the next cases that have changed, and return how many there were.

    None while another process counts, unless told to wait for it.
    """
    if wait:
        await session.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    elif not await session.scalar(select(func.pg_try_advisory_xact_lock(_LOCK))):
        return 0
    due = select(score_due.c.case_no).distinct().order_by(score_due.c.case_no).limit(limit)
    numbers = [CaseNo(number) for number in await session.scalars(due)]
    if not numbers:
        return 0
    ledgers = await ledgers_of(session, numbers)
    await _replace(session, await asyncio.to_thread(_counted, ledgers.values()), numbers)
    # What was noted in the meantime stays noted, and is counted again.
    known = [(number, facts[-1].seq) for number, facts in ledgers.items()]
    done = or_(
        score_due.c.case_no.not_in([number for number, _ in known]),
        *(and_(score_due.c.case_no == number, score_due.c.version <= seq) for number, seq in known),
    )
    await session.execute(delete(score_due).where(score_due.c.case_no.in_(numbers), done))
    return len(numbers)


def _counted(ledgers: Iterable[tuple[Fact, ...]]) -> list[dict[str, Any]]:
    return [
        row.model_dump(mode="python") | {"version": facts[-1].seq}
        for facts in ledgers
        for row in counts_of(facts)
    ]


async def _replace(session: WriteSession, rows: list[dict[str, Any]], numbers: list[CaseNo]) -> None:
    await session.execute(delete(scores).where(scores.c.case_no.in_(numbers)))
    if rows:
        await session.execute(insert(scores), rows)


async def still_to_count(session: ReadSession) -> int:
    """How many changes have not been counted yet; at the most ten thousand."""
    some = select(literal(1)).select_from(score_due).limit(_MANY).subquery()
    return int(await session.scalar(select(func.count()).select_from(some)) or 0)


async def uncounted(session: ReadSession, numbers: Sequence[CaseNo]) -> frozenset[CaseNo]:
    """Which of some cases have yet to be counted."""
    query = select(score_due.c.case_no).where(score_due.c.case_no.in_(numbers))
    return frozenset(CaseNo(number) for number in await session.scalars(query))


async def note_every_case(session: WriteSession) -> int:
    """Note that every case is to be counted again, and return how many there are."""
    every = select(cases.c.case_no, cases.c.version).where(visible_to(SYSTEM_ACTOR).condition)
    noted = upsert(score_due).from_select(["case_no", "version"], every).on_conflict_do_nothing()
    return int((await session.execute(noted)).rowcount)


async def pending_exclusions(session: ReadSession, month: Month, now: datetime) -> int:
    """How many cases that count in a month wait for a decision on leaving them out (剔除)."""
    query = (
        select(func.count(scores.c.case_no.distinct()))
        .join(cases, cases.c.case_no == scores.c.case_no)
        .where(visible_to(SYSTEM_ACTOR).condition, in_month(month, now))
        .where(cases.c.state["exclusion"].astext.is_not(None))
    )
    return int(await session.scalar(query) or 0)


# ── what is asked ───────────────────────────────────────────────────────────────────────────────


class FiguresBy(StrEnum):
    """By what figures are added up."""

    CITY = "city"
    LEVEL = "level"
    UNIT = "unit"
    TYPE = "type"


class ScoreQuestion(Record):
    """Which rows are asked about: a month as of now, or as it was frozen; what is None does not matter.

    `counted` is asked of the adjusted figures, or of the raw ones.
    """

    month: Month
    now: datetime
    frozen: bool = False
    unit: UnitCode | None = None
    level: str | None = None
    type: RequestType | None = None
    indicator: Indicator | None = None
    counted: Counted | None = None
    raw: bool = False

    @property
    def table(self) -> Table:
        """Where the rows are."""
        return frozen_scores if self.frozen else scores


class FigureLine(Figure):
    """What one indicator comes to for one unit, level or type."""

    group: str

    @property
    def figure(self) -> Figure:
        """What it comes to, whosever it is."""
        return Figure(**self.model_dump(exclude={"group"}))


_LINES: Final = TypeAdapter(list[FigureLine])
_CITY: Final = "city"


async def add_up_rows(
    session: ReadSession, scope: CaseScope, question: ScoreQuestion, by: FiguresBy
) -> tuple[FigureLine, ...]:
    """Add rows up, in the order of group and indicator: once for all who ask the same of one snapshot."""
    scope = await effective(session, scope)
    group = _group(question.table, by).label("group")
    query = _asked(select(group, question.table.c.indicator, *_sums(question.table)), scope, question)
    query = query.group_by(group, question.table.c.indicator).order_by(group, question.table.c.indicator)

    async def read() -> tuple[FigureLine, ...]:
        return tuple(_LINES.validate_python((await session.execute(query)).mappings().all()))

    # A snapshot has one moment, whatever the clock says while it is read.
    as_asked = question.model_copy(update={"now": None})
    return await session.once((add_up_rows, scope, as_asked, by), read)


async def add_up_ways(
    session: ReadSession, scope: CaseScope, question: ScoreQuestion, ways: Collection[FiguresBy]
) -> dict[FiguresBy, tuple[FigureLine, ...]]:
    """Add the same rows up in several ways; the city is the sum of its units where both are asked for."""
    apart = [by for by in ways if by is not FiguresBy.CITY or FiguresBy.UNIT not in ways]
    lines = {by: await add_up_rows(session, scope, question, by) for by in apart}
    if FiguresBy.CITY in ways and FiguresBy.CITY not in lines:
        lines[FiguresBy.CITY] = _together(lines[FiguresBy.UNIT], _CITY)
    return lines


def _together(lines: Iterable[FigureLine], group: str) -> tuple[FigureLine, ...]:
    sums: dict[Indicator, FigureLine] = {}
    for line in lines:
        one = line.model_copy(update={"group": group})
        sums[line.indicator] = one + sums[line.indicator] if line.indicator in sums else one
    return tuple(sums[indicator] for indicator in sorted(sums))


async def figures_of_units(session: ReadSession, question: ScoreQuestion) -> tuple[UnitFigures, ...]:
    """Add up everything by unit, whoever asks: for a ranking, and for the digest of a month."""
    lines = await add_up_rows(session, visible_to(SYSTEM_ACTOR), question, FiguresBy.UNIT)
    figures: defaultdict[UnitCode, dict[Indicator, Figure]] = defaultdict(dict)
    for line in lines:
        figures[UnitCode(line.group)][line.indicator] = line.figure
    return tuple(UnitFigures(unit=unit, figures=known) for unit, known in figures.items())


async def list_rows(
    session: ReadSession,
    scope: CaseScope,
    question: ScoreQuestion,
    *,
    after: tuple[datetime, str, str, str] | None = None,
    limit: int = 100,
) -> tuple[Count, ...]:
    """List rows as they came to count; a page goes on after (instant, case, indicator, occasion) of the last."""
    table = question.table
    place = (table.c.counted_at, table.c.case_no, table.c.indicator, table.c.occasion)
    query = _asked(select(*(table.c[name] for name in Count.model_fields)), scope, question)
    if after:
        query = query.where(tuple_(*place) > after)
    found = await session.execute(query.order_by(*place).limit(limit))
    return tuple(_ROWS.validate_python(found.mappings().all()))


# Select is generic in the types of its columns, which a Table does not tell.
def _asked(query: Select[Any], scope: CaseScope, question: ScoreQuestion) -> Select[Any]:
    table = question.table
    joined = query.select_from(table).outerjoin(units, units.c.code == table.c.unit)
    return joined.where(scope.holds(table.c.case_no), *_conditions(question))


def _conditions(question: ScoreQuestion) -> Iterator[ColumnElement[bool]]:
    table = question.table
    if question.frozen:
        yield table.c.month == question.month.first
    else:
        yield in_month(question.month, question.now)
    wanted: Mapping[str, object | None] = {
        "unit": question.unit,
        "type": question.type,
        "indicator": question.indicator,
        "raw" if question.raw else "adjusted": question.counted,
    }
    yield from (table.c[name] == value for name, value in wanted.items() if value is not None)
    if question.level is not None:
        yield units.c.level == question.level


def in_month(month: Month, now: datetime) -> ColumnElement[bool]:
    """The condition on `scores` that a row counts in a month by now: a limit that has not passed does not yet."""
    return and_(
        scores.c.counted_at >= month.since, scores.c.counted_at < month.until, scores.c.counted_at <= now
    )


def _group(table: Table, by: FiguresBy) -> ColumnElement[Any]:
    match by:
        case FiguresBy.CITY:
            return literal(_CITY)
        case FiguresBy.LEVEL:
            return func.coalesce(units.c.level, "")
        case FiguresBy.UNIT:
            return table.c.unit
        case FiguresBy.TYPE:
            return table.c.type


def _sums(table: Table) -> Iterator[ColumnElement[Any]]:
    out, yes = Counted.EXCLUDED.value, Counted.NUMERATOR.value
    kept = table.c.adjusted != out
    conditions = {
        "raw_numerator": table.c.raw == yes,
        "raw_denominator": table.c.raw != out,
        "numerator": table.c.adjusted == yes,
        "denominator": kept,
        "left_out": and_(table.c.raw != out, table.c.adjusted == out),
    }
    for name, condition in conditions.items():
        yield func.count().filter(condition).label(name)
    yield func.coalesce(func.sum(table.c.points), 0).label("raw_points")
    yield func.coalesce(func.sum(table.c.points).filter(kept), 0).label("points")
