"""Cases of a past period (往期工单): page by page in the order of their registration, with their whole ledgers."""

from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import select, tuple_

from hotline.facts import Fact
from hotline.identifiers import CaseNo
from store.engine import ReadSession
from store.ledger import ledgers_of
from store.scope import CaseScope
from store.tables.casework import cases

PAGE: Final = 100


class Period(NamedTuple):
    """From an instant until before another."""

    since: datetime
    until: datetime


class PastPage(NamedTuple):
    """Some ledgers, in order, and where the next page goes on; None at the end."""

    ledgers: tuple[tuple[Fact, ...], ...]
    place: tuple[datetime, CaseNo] | None


async def ledgers_between(
    session: ReadSession,
    scope: CaseScope,
    period: Period,
    *,
    after: tuple[datetime, str] | None = None,
    limit: int = PAGE,
) -> PastPage:
    """Return the ledgers of the next cases that were registered in a period."""
    place = cases.c.registered_at, cases.c.case_no
    query = select(*place).where(
        scope.condition,
        cases.c.registered_at >= period.since,
        cases.c.registered_at < period.until,
    )
    if after:
        query = query.where(tuple_(*place) > after)
    found = (await session.execute(query.order_by(*place).limit(limit))).all()
    ledgers = await ledgers_of(session, [CaseNo(row.case_no) for row in found])
    ordered = tuple(ledgers[CaseNo(row.case_no)] for row in found if row.case_no in ledgers)
    last = found[-1] if len(found) == limit else None
    return PastPage(ordered, (last.registered_at, CaseNo(last.case_no)) if last else None)
