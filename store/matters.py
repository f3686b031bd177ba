"""The catalogue of matters (事项目录): what cases are about, as their classifications have it.

Nobody draws it up beforehand: a matter is in it from the first case that was registered or reclassified under it,
and goes when the last one does. Most of a matter's cases went to one unit, which is told beside it.
"""

from datetime import datetime

from sqlalchemy import and_, func, select

from hotline.identifiers import UnitCode
from hotline.model import Record
from store.engine import ReadSession
from store.scope import CaseScope
from store.tables import cases


class MatterLine(Record):
    """One matter: how many cases, how many of them open, since when and until when, and who mostly leads them."""

    category: str
    cases: int
    open_cases: int
    first_at: datetime
    last_at: datetime
    lead: UnitCode | None


async def matters(session: ReadSession, scope: CaseScope, *, limit: int) -> tuple[MatterLine, ...]:
    """Return the matters of the visible cases, those with the most cases first."""
    query = (
        select(
            cases.c.category,
            func.count().label("cases"),
            func.count().filter(cases.c.closed_at.is_(None)).label("open_cases"),
            func.min(cases.c.registered_at).label("first_at"),
            func.max(cases.c.registered_at).label("last_at"),
            func.mode().within_group(cases.c.lead_unit).label("lead"),
        )
        .where(and_(scope.condition, cases.c.category.is_not(None)))
        .group_by(cases.c.category)
        .order_by(func.count().desc(), cases.c.category)
        .limit(limit)
    )
    return tuple(MatterLine.model_validate(dict(row)) for row in (await session.execute(query)).mappings())
