"""What supervision has published (公开通报, 挂牌督办): what another person approved, and nothing else.

Whether a text may be published is a decision of the case, so it is read from the ledger; what became of the
measure since then is in its row. Texts stay in the vault: this tells which one.
"""

from datetime import date, datetime
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import Select, and_, case, func, select, tuple_

from hotline.case import TextRef
from hotline.identifiers import CaseNo, MeasureNo, UnitCode
from hotline.model import Record
from hotline.vocabulary import MeasureKind
from store.engine import ReadSession
from store.tables.casework import cases, facts, measures
from store.tables.reference import units


class Publication(Record):
    """One published measure: of which unit, since when, which text, and what became of it."""

    number: MeasureNo
    case_no: CaseNo
    kind: MeasureKind
    unit: UnitCode
    unit_name: str | None
    published_at: datetime
    text: TextRef
    due_on: date | None
    settled: bool
    withdrawn: bool


_ROWS: Final = TypeAdapter(list[Publication])


async def publications(
    session: ReadSession,
    kind: MeasureKind | None = None,
    *,
    before: tuple[datetime, str] | None = None,
    limit: int = 50,
) -> tuple[Publication, ...]:
    """List what was published, the newest first; a page goes on before (instant, number) of the last line.

    A case that became secret afterwards is left out.
    """
    query = _query(kind, before).limit(limit)
    return tuple(_ROWS.validate_python((await session.execute(query)).mappings().all()))


# Select is generic in the types of its columns, which a Table does not tell.
def _query(kind: MeasureKind | None, before: tuple[datetime, str] | None) -> Select[Any]:
    decided, issued = facts.alias("decided"), facts.alias("issued")
    number = decided.c.body["number"].astext
    of_measure = and_(
        issued.c.case_no == decided.c.case_no,
        issued.c.tag == "supervision:issued",
        issued.c.body["number"].astext == number,
    )
    query = (
        select(
            measures.c.number,
            measures.c.case_no,
            measures.c.kind,
            measures.c.unit,
            units.c.name.label("unit_name"),
            decided.c.at.label("published_at"),
            case(
                (func.jsonb_typeof(issued.c.body["public_text"]) == "object", issued.c.body["public_text"]),
                else_=issued.c.body["text"],
            ).label("text"),
            issued.c.body["due_on"].astext.label("due_on"),
            measures.c.settled,
            measures.c.appeal_upheld.is_(True).label("withdrawn"),
        )
        .select_from(decided)
        .join(issued, of_measure)
        .join(measures, measures.c.number == number)
        .join(cases, cases.c.case_no == decided.c.case_no)
        .join(units, units.c.code == measures.c.unit, isouter=True)
        .where(
            decided.c.tag == "supervision:notice_decided",
            decided.c.body["approved"].astext == "true",
            cases.c.secret.is_(False),
        )
        .order_by(decided.c.at.desc(), measures.c.number.desc())
    )
    if kind:
        query = query.where(measures.c.kind == kind.value)
    if before:
        query = query.where(tuple_(decided.c.at, measures.c.number) < before)
    return query
