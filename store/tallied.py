"""What was tallied (汇总查询), put right as it is read, and so exact at every moment.

Whoever reads takes the sums (store/tallies.py) and puts right what stands apart from them: cases that were not counted
since, and cases that the reader may not know of, are taken off and looked at themselves; so are the rows of cells that
a span cuts in two.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    CompoundSelect,
    Interval,
    Select,
    Subquery,
    Table,
    all_,
    and_,
    any_,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    not_,
    select,
    true,
    tuple_,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY

from hotline.identifiers import CaseNo
from store.engine import ReadSession, Snapshot
from store.scope import CaseScope
from store.sheets import CELL, NO_TIME, SOURCES, Sheet, begin_of
from store.tables.casework import cases
from store.tables.kinds import Codes, Instant
from store.tables.tallies import tallies, tally_due, tally_lines
from store.tallies import MARKED_AT_MOST

_STATEMENTS: Final = 512
"""Of so many shapes the statements are kept, for they take longer to build than to answer."""


class Tallied(NamedTuple):
    """Lines of unit, what, at, number, microseconds and longest, and the values of the parameters in them.

    The lines of one shape are one object, so that whoever builds a statement on them can keep it.
    """

    lines: Subquery
    values: Mapping[str, Any]


async def tallied(
    session: ReadSession,
    scope: CaseScope,
    sheet: Sheet,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    cuts: Iterable[datetime] = (),
    whole_from: datetime | None = None,
) -> Tallied:
    """What counts on a sheet from `since` until before `until`.

    A line is a row, or all rows of a cell, whose beginning is `at` then. A cell is never told in one line that
    a cut falls into, nor one before `whole_from`. The session must be a snapshot, for this asks twice.
    """
    assert isinstance(session, Snapshot), "who stands apart now may not stand apart in the next statement"
    values: dict[str, Any] = {_SINCE: since, _UNTIL: until}
    apart = await _apart(session, scope)
    if apart is None:
        return _told(sheet, _by_rows(sheet, scope, since is not None, until is not None), values)
    cell_for = SOURCES[sheet].cell_for
    cut = _cut([edge for edge in (since, until, *cuts) if edge is not None], cell_for)
    stretches = _stretches(cut, cell_for, whole_from)
    begins = [begin for begin in (since and begin_of(since, cell_for), whole_from) if begin]
    values |= {_FROM: max(begins, default=None), _CUT: cut or None, _APART: list(apart) or None}
    for place, (begin, end) in enumerate(stretches):
        values |= {f"{_BEGIN}_{place}": begin, f"{_END}_{place}": end}
    shape = _Shape(
        sheet,
        scope if apart else None,
        frozenset(name for name, value in values.items() if value is not None),
        len(stretches),
    )
    return _told(sheet, _by_cells(shape), values)


_SINCE: Final = "since"
_UNTIL: Final = "until"
_FROM: Final = "from"
_CUT: Final = "cut"
_BEGIN: Final = "begin"
_END: Final = "end"
_APART: Final = "apart"


def _told(sheet: Sheet, lines: Subquery, values: Mapping[str, Any]) -> Tallied:
    given = {_name(sheet, name): value for name, value in values.items() if value is not None}
    return Tallied(lines, given)


def _name(sheet: Sheet, name: str) -> str:
    """What a parameter of the lines of a sheet is called; who stands apart is the same for all."""
    return name if name == _APART else f"{sheet.value}_{name}"


async def _apart(session: ReadSession, scope: CaseScope) -> tuple[CaseNo, ...] | None:
    """The cases whose lines are not to be used: those marked since, and those that must not be seen.

    None if they are too many, or if whoever asks sees so little that it is counted sooner.
    """

    async def read() -> tuple[CaseNo, ...] | None:
        apart = await session.scalars(_who_stands_apart(scope))
        return tuple(sorted({*apart})) if len(apart) <= MARKED_AT_MOST else None

    return await session.once((_apart, scope), read) if scope.reaches_all else None


@lru_cache(maxsize=_STATEMENTS)
def _who_stands_apart(scope: CaseScope) -> CompoundSelect[Any]:
    marked = select(tally_due.c.case_no).limit(MARKED_AT_MOST + 1).subquery()
    return union_all(select(marked.c.case_no), select(cases.c.case_no).where(not_(scope.condition)))


class _Shape(NamedTuple):
    """What lines look like: of what, for whom if some cases stand apart, and which parameters there are."""

    sheet: Sheet
    scope: CaseScope | None
    given: frozenset[str]
    stretches: int

    def value(self, name: str, kind: Any = Instant) -> Any:  # Any: a parameter of that kind, or none
        """A parameter, if it is given."""
        return bindparam(_name(self.sheet, name), type_=kind) if name in self.given else None


@lru_cache(maxsize=_STATEMENTS)
def _by_rows(sheet: Sheet, scope: CaseScope, has_since: bool, has_until: bool) -> Subquery:
    names = {_SINCE: has_since, _UNTIL: has_until}
    shape = _Shape(sheet, scope, frozenset(name for name, is_given in names.items() if is_given), 0)
    return _rows(shape, SOURCES[sheet].visible(scope)).subquery()


@lru_cache(maxsize=_STATEMENTS)
def _by_cells(shape: _Shape) -> Subquery:
    source = SOURCES[shape.sheet]
    parts = [_whole(shape)]
    is_counted: ColumnElement[bool] = true()
    if shape.scope is not None:
        apart = shape.value(_APART, Codes)
        is_counted = source.case_no != all_(apart)
        parts += [
            _taken_off(shape),
            _rows(shape, and_(source.case_no == any_(apart), source.visible(shape.scope))),
        ]
    for place in range(shape.stretches):
        stretch = between(source.at, shape.value(f"{_BEGIN}_{place}"), shape.value(f"{_END}_{place}"))
        parts.append(_rows(shape, and_(is_counted, *stretch)))
    return union_all(*parts).subquery()


def _rows(shape: _Shape, condition: ColumnElement[bool]) -> Select[Any]:
    """Rows one by one."""
    source = SOURCES[shape.sheet]
    asked = between(source.at, shape.value(_SINCE), shape.value(_UNTIL))
    return (
        select(
            source.unit.label("unit"),
            source.what.label("what"),
            source.at.label("at"),
            literal_column("1", BigInteger).label("number"),
            source.microseconds.label("microseconds"),
            source.microseconds.label("longest"),
        )
        .select_from(source.rows)
        .where(source.counts, source.by_now, *asked, condition)
    )


def _within(of: Table, shape: _Shape) -> ColumnElement[bool]:
    """The condition on the cells of a sheet that are told whole."""
    cut = shape.value(_CUT, ARRAY(Instant))
    is_whole = true() if cut is None else of.c.at != all_(cut)
    return and_(
        of.c.sheet == literal_column(f"'{shape.sheet.value}'"),
        *between(of.c.at, shape.value(_FROM), shape.value(_UNTIL)),
        is_whole,
    )


def _whole(shape: _Shape) -> Select[Any]:
    """Cells in one line each."""
    of = tallies.c
    longest: ColumnElement[Any] = of.longest
    if shape.scope is not None and SOURCES[shape.sheet].microseconds is not NO_TIME:
        # A case that stands apart may be the longest of its cell.
        apart, lines = shape.value(_APART, Codes), tally_lines.c
        theirs = select(lines.at, lines.unit, lines.what).where(
            lines.case_no == any_(apart), lines.sheet == shape.sheet.value
        )
        of_cell = (lines[name] == of[name] for name in CELL)
        others = select(func.max(lines.longest)).where(*of_cell, lines.case_no != all_(apart))
        is_theirs = tuple_(of.at, of.unit, of.what).in_(theirs)
        longest = case((is_theirs, others.scalar_subquery()), else_=longest)
    columns = of.unit, of.what, of.at, of.number, of.microseconds, longest.label("longest")
    return select(*columns).where(_within(tallies, shape))


def _taken_off(shape: _Shape) -> Select[Any]:
    """What those who stand apart were counted as, to be subtracted."""
    of = tally_lines.c
    return select(of.unit, of.what, of.at, -of.number, -of.microseconds, NO_TIME).where(
        of.case_no == any_(shape.value(_APART, Codes)), _within(tally_lines, shape)
    )


def span_of(microseconds: ColumnElement[Any]) -> ColumnElement[timedelta]:
    """Microseconds as an interval."""
    return cast(func.make_interval(0, 0, 0, 0, 0, 0, microseconds / 1_000_000.0), Interval)


def _cut(edges: Iterable[datetime], cell_for: timedelta | None) -> list[datetime]:
    """The beginnings of the cells that an edge cuts in two, in order."""
    return sorted({begin for edge in edges if (begin := begin_of(edge, cell_for)) != edge})


def _stretches(
    cut: Sequence[datetime], cell_for: timedelta | None, whole_from: datetime | None
) -> list[tuple[datetime | None, datetime]]:
    """The stretches of time of which rows are told: what is before `whole_from`, and the cells that are cut."""
    found: list[tuple[datetime | None, datetime]] = [] if whole_from is None else [(None, whole_from)]
    for cell in cut:
        assert cell_for is not None, "only what has an instant is cut"
        begin, end = found.pop() if found and found[-1][1] >= cell else (cell, cell)
        found.append((begin, max(end, cell + cell_for)))
    return found


# Any: an instant, or a parameter that stands for one.
def between(at: ColumnElement[Any], since: Any, until: Any) -> Iterator[ColumnElement[bool]]:
    """The conditions that an instant is in a span, which may have no beginning (None) or no end."""
    if since is not None:
        yield at >= since
    if until is not None:
        yield at < until
