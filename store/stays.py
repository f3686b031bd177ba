"""Where earlier cases of a matter stayed (去向): the counts behind a suggestion of a unit (hotline/suggestion.py)."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select

from hotline.identifiers import UnitCode
from hotline.vocabulary import Phase
from store.conditions import among
from store.engine import ReadSession
from store.scope import CaseScope
from store.tables.casework import cases

# A unit that has signed and not given back has the case in hand, or had it to the end.
_STAYED = (Phase.RECTIFICATION, Phase.REVISIT, Phase.CLOSEOUT)


class Matter(NamedTuple):
    """What a case is about, and where."""

    category: str
    area: str | None


class Stays(NamedTuple):
    """How many earlier cases of a matter stayed with which unit: in the same area, and anywhere."""

    here: Mapping[UnitCode, int]
    anywhere: Mapping[UnitCode, int]


async def stays_of(
    session: ReadSession, scope: CaseScope, matters: Iterable[Matter], *, since: datetime
) -> dict[Matter, Stays]:
    """Count, for each of some matters, with which unit the cases registered since then stayed."""
    wanted = set(matters)
    if not wanted:
        return {}
    query = (
        select(cases.c.category, cases.c.area, cases.c.lead_unit, func.count().label("number"))
        .where(
            scope.condition,
            among(cases.c.category, sorted({matter.category for matter in wanted})),
            cases.c.registered_at >= since,
            cases.c.lead_unit.is_not(None),
            among(cases.c.phase, [phase.value for phase in _STAYED]),
        )
        .group_by(cases.c.category, cases.c.area, cases.c.lead_unit)
    )
    here: dict[Matter, Counter[UnitCode]] = {}
    anywhere: dict[str, Counter[UnitCode]] = {}
    for row in await session.execute(query):
        unit = UnitCode(row.lead_unit)
        here.setdefault(Matter(row.category, row.area), Counter())[unit] += row.number
        anywhere.setdefault(row.category, Counter())[unit] += row.number
    return {
        # Where nobody said the area, the same area is not known.
        matter: Stays(
            here.get(matter, {}) if matter.area is not None else {}, anywhere.get(matter.category, {})
        )
        for matter in wanted
    }
