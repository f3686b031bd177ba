"""Lists of cases (工单列表): filters, keyset pages and text search.

A page starts where the last one ended, by (instant, number) in the order of an index, so that page 500
costs what page 1 does. Whether a case is overdue is derived from its due instant, never stored.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final, Literal, NamedTuple

from pydantic import Field, TypeAdapter
from sqlalchemy import ColumnElement, Select, and_, not_, select, tuple_

from hotline.identifiers import HOTLINE, CaseNo, UnitCode, is_case_no
from hotline.model import Instant, Message
from hotline.refusals import GuardFailed
from hotline.vocabulary import Phase, RequestType, Status, Urgency
from store.cursor import bad_cursor, cursor_of, place_of
from store.engine import ReadSession
from store.persons import Cipher
from store.rows import CaseRow
from store.scope import CaseScope
from store.search import Search
from store.tables.casework import cases
from store.tables.reference import units
from store.vault import CONTENT, TITLE, redacted_texts, texts_of

Order = Literal["newest", "oldest", "due"]

CASE_COLUMNS: Final = tuple(cases.c[name] for name in CaseRow.model_fields)
_KEYS: Final = {"newest": cases.c.registered_at, "oldest": cases.c.registered_at, "due": cases.c.next_due_at}
_CANDIDATES: Final = 100
_EXAMINED_AT_MOST: Final = 2_000
"""So many candidates of a text search are opened for one page; the next page goes on from there."""


class CaseFilters(Message):
    """What a list is narrowed by; whatever is left out does not narrow it.

    `lead` is the lead unit, and the hotline for cases that nobody leads yet; `level` is the level of the lead unit.
    """

    status: tuple[Status, ...] = ()
    phase: Phase | None = None
    type: RequestType | None = None
    urgency: Urgency | None = None
    category: str | None = None
    area: str | None = None
    unit: UnitCode | None = None
    lead: UnitCode | None = None
    level: str | None = None
    registered_since: Instant | None = None
    registered_until: Instant | None = None
    closed_since: Instant | None = None
    closed_until: Instant | None = None
    is_open: bool | None = None
    due_before: Instant | None = None
    overdue: bool | None = None
    caller_hash: str | None = None
    text: str | None = Field(default=None, repr=False)
    order: Order = "newest"


class CasePage(NamedTuple):
    """Some rows of a list, and the cursor of the next page if there is one."""

    rows: tuple[CaseRow, ...]
    next_cursor: str | None


class _Place(NamedTuple):
    """Where a row stands in an order."""

    order: Order
    key: Instant
    case_no: str


_PLACE: Final = TypeAdapter(_Place)


async def list_cases(
    session: ReadSession,
    scope: CaseScope,
    filters: CaseFilters,
    *,
    now: datetime,
    cipher: Cipher,
    cursor: str | None = None,
    limit: int = 50,
    redacted: bool = False,
) -> CasePage:
    """Return one page of the cases that may be seen; the cipher serves the text search alone.

    To a reader of `redacted` texts a search tells nothing that the texts would not, and a caller's hash leads
    to none of their secret cases.

    GuardFailed: the cursor is not one of this list, or the text is too short to be searched.
    """
    place = _read_cursor(cursor, filters.order) if cursor else None
    query = select(cases.c.case_no).where(scope.condition, *_conditions(filters, now))
    if redacted and filters.caller_hash:
        query = query.where(not_(cases.c.secret))
    if filters.text is None:
        rows = await _rows_after(session, query, filters.order, place, limit + 1)
        return _page(rows[:limit], filters.order, more=len(rows) > limit)
    search = Search.parse(filters.text)
    narrowed = query.where(search.condition(cipher))
    hits = _Hits(session, cipher, search, narrowed, filters.order, redacted=redacted)
    return await hits.page(place, limit)


class _Hits:
    """The rows of a query whose texts really contain what is searched."""

    def __init__(
        self,
        session: ReadSession,
        cipher: Cipher,
        search: Search,
        query: Select[Any],
        order: Order,
        *,
        redacted: bool,
    ) -> None:
        self._session = session
        self._cipher = cipher
        self._search = search
        self._query = query
        self._order = order
        self._redacted = redacted

    async def page(self, place: _Place | None, limit: int) -> CasePage:
        """Open candidates until a page is full, none is left, or enough were opened for one request."""
        found: list[CaseRow] = []
        examined = 0
        # Most candidates of the first are hits: no more are opened than a page has.
        count = min(limit + 1, _CANDIDATES)
        while examined < _EXAMINED_AT_MOST:
            candidates = await _rows_after(self._session, self._query, self._order, place, count)
            for row in await self._verified(candidates):
                found.append(row)
                if len(found) == limit:
                    return _page(found, self._order, more=True)
            if len(candidates) < count:
                return CasePage(tuple(found), None)
            examined += len(candidates)
            count = _CANDIDATES
            place = _place_of(candidates[-1], self._order)
        assert place is not None
        return CasePage(tuple(found), cursor_of(place))

    async def _verified(self, candidates: tuple[CaseRow, ...]) -> list[CaseRow]:
        hidden = {row.case_no for row in candidates if row.secret and self._redacted}
        doubtful = hidden if self._search.is_exact else {row.case_no for row in candidates}
        texts = await self._texts(doubtful, hidden)
        return [
            row
            for row in candidates
            if row.case_no not in doubtful or self._search.occurs_in(texts[row.case_no].values())
        ]

    async def _texts(
        self, numbers: Collection[CaseNo], hidden: Collection[CaseNo]
    ) -> dict[CaseNo, dict[str, str]]:
        if not numbers:
            return {}
        texts = await texts_of(self._session, self._cipher, sorted(numbers), (TITLE, CONTENT))
        return texts | await redacted_texts(self._session, self._cipher, {no: texts[no] for no in hidden})


async def _rows_after(
    session: ReadSession, numbers: Select[Any], order: Order, place: _Place | None, limit: int
) -> tuple[CaseRow, ...]:
    """Rows of the cases whose numbers a query has. They are chosen before anything else is read: rows are wide, and indexes hold what is sorted."""
    key = _KEYS[order]
    pair = tuple_(key, cases.c.case_no)
    if order == "newest":
        sorting = key.desc(), cases.c.case_no.desc()
        after = pair < (place.key, place.case_no) if place else None
    else:
        numbers = numbers.where(key.is_not(None)) if order == "due" else numbers
        sorting = key.asc(), cases.c.case_no.asc()
        after = pair > (place.key, place.case_no) if place else None
    if after is not None:
        numbers = numbers.where(after)
    chosen = numbers.order_by(*sorting).limit(limit).subquery()
    query = select(*CASE_COLUMNS).join(chosen, chosen.c.case_no == cases.c.case_no).order_by(*sorting)
    return tuple(CaseRow.model_validate(dict(row)) for row in (await session.execute(query)).mappings())


def _conditions(filters: CaseFilters, now: datetime) -> list[ColumnElement[bool]]:
    wanted = (
        cases.c.status.in_([status.value for status in filters.status]) if filters.status else None,
        cases.c.phase == filters.phase.value if filters.phase else None,
        cases.c.type == filters.type.value if filters.type else None,
        cases.c.urgency == filters.urgency.value if filters.urgency else None,
        cases.c.category == filters.category if filters.category else None,
        cases.c.area == filters.area if filters.area else None,
        cases.c.units.contains([filters.unit]) if filters.unit else None,
        _led_by(filters.lead) if filters.lead else None,
        cases.c.lead_unit.in_(select(units.c.code).where(units.c.level == filters.level))
        if filters.level
        else None,
        cases.c.registered_at >= filters.registered_since if filters.registered_since else None,
        cases.c.registered_at < filters.registered_until if filters.registered_until else None,
        cases.c.closed_at >= filters.closed_since if filters.closed_since else None,
        cases.c.closed_at < filters.closed_until if filters.closed_until else None,
        _either(cases.c.closed_at.is_(None), filters.is_open),
        cases.c.next_due_at < filters.due_before if filters.due_before else None,
        _either(_is_overdue(now), filters.overdue),
        cases.c.caller_hash == filters.caller_hash if filters.caller_hash else None,
    )
    return [condition for condition in wanted if condition is not None]


def _led_by(unit: UnitCode) -> ColumnElement[bool]:
    return cases.c.lead_unit.is_(None) if unit == HOTLINE else cases.c.lead_unit == unit


def _is_overdue(now: datetime) -> ColumnElement[bool]:
    due = and_(cases.c.next_due_at.is_not(None), cases.c.next_due_at < now)
    return and_(cases.c.closed_at.is_(None), due)


def _either(condition: ColumnElement[bool], wanted: bool | None) -> ColumnElement[bool] | None:
    """Return the condition, its contrary, or nothing if it does not matter."""
    if wanted is None:
        return None
    return condition if wanted else not_(condition)


def _page(rows: tuple[CaseRow, ...] | list[CaseRow], order: Order, *, more: bool) -> CasePage:
    return CasePage(tuple(rows), cursor_of(_place_of(rows[-1], order)) if more else None)


def _place_of(row: CaseRow, order: Order) -> _Place:
    key = row.next_due_at if order == "due" else row.registered_at
    assert key is not None, "a list by due instants has rows with one only"
    return _Place(order, key, row.case_no)


def _read_cursor(cursor: str, order: Order) -> _Place:
    place = place_of(cursor, _PLACE)
    if not is_case_no(place.case_no):
        raise bad_cursor()
    if place.order != order:
        raise GuardFailed("bad_cursor", "翻页标记属于另一种排序", field="cursor")
    return place
