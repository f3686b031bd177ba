"""Periods of effect and the people whom files are about (影响期、被反映人), across all files that an officer may know of."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, NamedTuple

from pydantic import TypeAdapter
from sqlalchemy import and_, case, column, distinct, func, select, true, tuple_
from sqlalchemy.dialects.postgresql import JSONB

from hotline.accountability.state import Officer
from hotline.identifiers import PersonId, UnitCode
from hotline.model import Instant
from store.cursor import cursor_of, place_of
from store.dossiers import SanctionRow, covers, sanction_of, visible_to
from store.engine import ReadSession
from store.tables.accountability import dossiers, sanctions

OPEN_ENDED: Final = date.max
"""When a period ends that nothing ends: it stands last."""

_ENDS_ON: Final = case((sanctions.c.is_open_ended, OPEN_ENDED), else_=sanctions.c.effect_until)


@dataclass(frozen=True, slots=True)
class PeriodRow:
    """A measure with its period of effect (影响期), and whom it is in effect on.

    `is_open_ended` where nothing ends it or a probation will be decided on.
    """

    person: PersonId
    sanction: SanctionRow
    is_open_ended: bool


@dataclass(frozen=True, slots=True)
class AccusedRow:
    """Somebody whom files are about (被反映人): where they were, how many files and standing decisions there are.

    `barred_until` is the last day of what keeps them from promotion on the day that was asked for.
    """

    person: PersonId
    units: tuple[UnitCode, ...]
    files: int
    decisions: int
    barred_until: date | None
    named_at: datetime


async def list_periods(
    session: ReadSession,
    officer: Officer,
    day: date,
    *,
    running: bool | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> tuple[tuple[PeriodRow, ...], str | None]:
    """Periods of effect in the files that an officer may know of, what ends next first, and the next cursor.

    `running` says whether they must cover the day, or must be over by then.
    """
    order = tuple_(_ENDS_ON, sanctions.c.dossier_no, sanctions.c.number)
    wanted = [visible_to(officer), sanctions.c.revoked_at.is_(None), sanctions.c.effect_from.is_not(None)]
    if running is not None:
        wanted.append(day <= _ENDS_ON if running else day > _ENDS_ON)
    if cursor:
        wanted.append(order > tuple_(*place_of(cursor, _PERIOD_PLACE)))
    found = (
        await session.execute(
            select(sanctions, _ENDS_ON.label("until"))
            .join(dossiers, dossiers.c.dossier_no == sanctions.c.dossier_no)
            .where(and_(*wanted))
            .order_by(order)
            .limit(limit + 1)
        )
    ).all()
    rows = tuple(
        PeriodRow(PersonId(row.person), sanction_of(row), row.is_open_ended) for row in found[:limit]
    )
    last = found[limit - 1] if len(found) > limit else None
    return rows, cursor_of(_PeriodPlace(last.until, last.dossier_no, last.number)) if last else None


class _PeriodPlace(NamedTuple):
    until: date
    dossier_no: str
    number: int


_PERIOD_PLACE: Final = TypeAdapter(_PeriodPlace)


async def list_accused(
    session: ReadSession,
    officer: Officer,
    day: date,
    *,
    person: PersonId | None = None,
    unit: UnitCode | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> tuple[tuple[AccusedRow, ...], str | None]:
    """The people whom files are about that an officer may know of, the last named first, and the next cursor."""
    subject = func.jsonb_array_elements(dossiers.c.state["subjects"]).table_valued(
        column("value", JSONB), name="subject"
    )
    who = subject.c.value["person"].astext
    named_at = func.max(dossiers.c.registered_at)
    standing = (
        select(
            sanctions.c.person,
            func.count().label("decisions"),
            func.max(case((covers(day), _ENDS_ON))).label("barred_until"),
        )
        .join(dossiers, dossiers.c.dossier_no == sanctions.c.dossier_no)
        .where(and_(visible_to(officer), sanctions.c.revoked_at.is_(None)))
        .group_by(sanctions.c.person)
        .subquery()
    )
    wanted = [visible_to(officer), who.is_not(None)]
    if person:
        wanted.append(who == person)
    if unit:
        wanted.append(subject.c.value["position"]["unit"].astext == unit)
    asked = (
        select(
            who.label("person"),
            func.array_agg(distinct(subject.c.value["position"]["unit"].astext)).label("units"),
            func.count(distinct(dossiers.c.dossier_no)).label("files"),
            func.coalesce(func.max(standing.c.decisions), 0).label("decisions"),
            func.max(standing.c.barred_until).label("barred_until"),
            named_at.label("named_at"),
        )
        .select_from(dossiers.join(subject, true()).outerjoin(standing, standing.c.person == who))
        .where(and_(*wanted))
        .group_by(who)
    )
    if cursor:
        place = place_of(cursor, _ACCUSED_PLACE)
        asked = asked.having(tuple_(place.named_at, place.person) > tuple_(named_at, who))
    found = (await session.execute(asked.order_by(named_at.desc(), who.desc()).limit(limit + 1))).all()
    rows = tuple(
        AccusedRow(
            person=PersonId(row.person),
            units=tuple(UnitCode(code) for code in row.units),
            files=row.files,
            decisions=row.decisions,
            barred_until=row.barred_until,
            named_at=row.named_at,
        )
        for row in found[:limit]
    )
    more = len(found) > limit
    return rows, cursor_of(_AccusedPlace(rows[-1].named_at, rows[-1].person)) if more else None


class _AccusedPlace(NamedTuple):
    named_at: Instant
    person: str


_ACCUSED_PLACE: Final = TypeAdapter(_AccusedPlace)
