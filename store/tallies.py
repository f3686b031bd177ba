"""Tallies (汇总): what boards ask for, counted ahead by cells of unit, matter and time, and proved.

A sheet (store/sheets.py) says what of a case's read rows counts where. A keeper counts each case again, a moment after its
rows have changed, and keeps beside the sums what it was counted as. Whoever reads puts right what was not counted since
(store/tallied.py): counting late costs readers time, and never a number.
"""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import (
    CTE,
    BigInteger,
    Select,
    Text,
    and_,
    any_,
    bindparam,
    cast,
    delete,
    except_,
    func,
    insert,
    literal,
    select,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, Insert
from sqlalchemy.dialects.postgresql import insert as upsert

from hotline.identifiers import CaseNo
from hotline.roles import SYSTEM_ACTOR
from store.engine import ReadSession, WriteSession
from store.given import given_rows
from store.scope import visible_to
from store.sheets import CELL, NO_TIME, SOURCES, Sheet, Source
from store.tables.casework import cases
from store.tables.kinds import Codes
from store.tables.tallies import tallies, tally_due, tally_lines

PAGE: Final = 500
"""Marks that are settled in one transaction."""

MARKED_AT_MOST: Final = 500
"""Where more cases stand apart, as before the first counting, readers count rows, which costs them no more."""

# Any number will do, so long as nothing else in the database locks the same.
_LOCK: Final = 1234500030
_NUMBERS: Final = bindparam("numbers", type_=Codes)


# Select is generic in the types of its columns, which a Table does not tell.
def _lines(sheet: Sheet, source: Source) -> Select[Any]:
    """What some cases count as on a sheet."""
    at = source.cell().label("at")
    return (
        select(
            source.case_no.label("case_no"),
            literal(sheet.value).label("sheet"),
            source.unit.label("unit"),
            source.what.label("what"),
            at,
            func.count().label("number"),
            cast(func.sum(source.microseconds), BigInteger).label("microseconds"),
            func.max(source.microseconds).label("longest"),
        )
        .select_from(source.rows)
        .where(source.case_no == any_(_NUMBERS), source.counts, source.visible(visible_to(SYSTEM_ACTOR)))
        .group_by(source.case_no, source.unit, source.what, at)
    )


_COUNTED_AS: Final = union_all(*(_lines(sheet, source) for sheet, source in SOURCES.items()))
"""The lines of the cases `numbers`, as their rows are now."""


def _added(lines: CTE, sign: int) -> Insert:
    """Add lines to the sums, or take them off, which leaves the longest as it was."""
    cell = [lines.c[name] for name in CELL]
    longest = func.max(lines.c.longest) if sign > 0 else NO_TIME
    sums = select(*cell, sign * func.sum(lines.c.number), sign * func.sum(lines.c.microseconds), longest)
    statement = upsert(tallies).from_select(
        [*CELL, "number", "microseconds", "longest"], sums.group_by(*cell)
    )
    new = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=tallies.primary_key,
        set_={
            "number": tallies.c.number + new.number,
            "microseconds": tallies.c.microseconds + new.microseconds,
            "longest": func.greatest(tallies.c.longest, new.longest),
        },
    )


_SUMMED: Final = tuple(tally_lines.c[name] for name in (*CELL, "number", "microseconds", "longest"))
_TAKE_OFF: Final = _added(
    delete(tally_lines).where(tally_lines.c.case_no == any_(_NUMBERS)).returning(*_SUMMED).cte("went"), -1
).returning(*(tallies.c[name] for name in CELL))
_ADD: Final = _added(
    insert(tally_lines).from_select([*tally_lines.c.keys()], _COUNTED_AS).returning(*_SUMMED).cte("came"), +1
)
_LEFT: Final = given_rows(tallies, "cells")
_OF_LEFT: Final = and_(*(tallies.c[name] == _LEFT.c[name] for name in CELL))
_LONGEST: Final = (
    update(tallies)
    .where(_OF_LEFT)
    .values(
        longest=select(func.max(tally_lines.c.longest))
        .where(*(tally_lines.c[name] == tallies.c[name] for name in CELL))
        .scalar_subquery()
    )
)
_ADD_UP: Final = insert(tallies).from_select(
    [*CELL, "number", "microseconds", "longest"],
    select(
        *(tally_lines.c[name] for name in CELL),
        func.sum(tally_lines.c.number),
        func.sum(tally_lines.c.microseconds),
        func.max(tally_lines.c.longest),
    )
    .where(tally_lines.c.sheet == bindparam("of_sheet", type_=Text))
    .group_by(*(tally_lines.c[name] for name in CELL)),
)
_EMPTY: Final = delete(tallies).where(_OF_LEFT, tallies.c.number == 0)


async def tally_changed(session: WriteSession, limit: int = PAGE) -> int:
    """Count the cases of the next marks again, and return how many marks are settled; none while another process counts."""
    if not await session.scalar(select(func.pg_try_advisory_xact_lock(_LOCK))):
        return 0
    found = (await session.execute(select(tally_due).order_by(tally_due.c.mark).limit(limit))).all()
    if not found:
        return 0
    of_cases = {"numbers": sorted({row.case_no for row in found})}
    # What changes from here on is marked anew, whether these statements see it or not.
    left = (await session.execute(_TAKE_OFF, of_cases)).all()
    await session.execute(_ADD, of_cases)
    cells = {
        "cells": [
            dict(zip(CELL, (cell.sheet, cell.at.isoformat(), cell.unit, cell.what), strict=True))
            for cell in left
        ]
    }
    await session.execute(_LONGEST, cells)
    await session.execute(_EMPTY, cells)
    settled = bindparam("settled", type_=ARRAY(BigInteger))
    await session.execute(
        delete(tally_due).where(tally_due.c.mark == any_(settled)), {"settled": [row.mark for row in found]}
    )
    return len(found)


async def count_marked(session: ReadSession) -> int:
    """How many marks wait for the keeper; from `MARKED_AT_MOST` on boards count rows until it has been through them."""
    return int(await session.scalar(select(func.count()).select_from(tally_due)) or 0)


async def keep_from_counting(session: WriteSession) -> None:
    """Wait until nobody counts, and let nobody begin until this transaction ends."""
    await session.execute(select(func.pg_advisory_xact_lock(_LOCK)))


async def tally_anew(session: WriteSession) -> None:
    """Add all lines up again, and mark every case, so that the keeper counts each anew."""
    await keep_from_counting(session)
    await session.execute(delete(tallies))
    # One sheet at a time, for each statement has to end in time.
    for sheet in Sheet:
        await session.execute(_ADD_UP, {"of_sheet": sheet.value})
    every = select(cases.c.case_no).where(visible_to(SYSTEM_ACTOR).condition)
    await session.execute(insert(tally_due).from_select(["case_no"], every))


# ── proof ───────────────────────────────────────────────────────────────────────────────────────


async def wrongly_counted(session: ReadSession, numbers: Sequence[CaseNo]) -> frozenset[CaseNo]:
    """Which of some cases count as something else than their rows say, though nothing marks them to be counted again."""
    kept = select(tally_lines).where(tally_lines.c.case_no == any_(_NUMBERS))
    now = select(_COUNTED_AS.subquery())
    differing = union_all(except_(kept, now), except_(now, kept)).subquery()
    marked = select(tally_due.c.case_no)
    query = select(differing.c.case_no).distinct().where(differing.c.case_no.not_in(marked))
    found = await session.execute(query, {"numbers": [*numbers]})
    return frozenset(CaseNo(number) for number in found.scalars())


async def wrong_sums(session: ReadSession, sheet: Sheet) -> int:
    """How many sums of a sheet are not those of its lines."""
    of, sums = tally_lines.c, (func.sum(tally_lines.c.number), func.sum(tally_lines.c.microseconds))
    lines = select(of.at, of.unit, of.what, *sums, func.max(of.longest)).where(of.sheet == sheet.value)
    lines = lines.group_by(of.at, of.unit, of.what)
    kept = select(*(column for column in tallies.c if column is not tallies.c.sheet))
    kept = kept.where(tallies.c.sheet == sheet.value)
    differing = union_all(except_(lines, kept), except_(kept, lines)).subquery()
    return int(await session.scalar(select(func.count()).select_from(differing)) or 0)


# ── reading ─────────────────────────────────────────────────────────────────────────────────────
