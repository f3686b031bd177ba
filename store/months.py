"""Frozen months (月度冻结): previewed, then frozen for good, and reckoned again from the ledger at any time.

A frozen row keeps the version of its case's ledger at which it was counted, so that folding just as many facts
gives the very same row again. Freezing copies the rows of the month, digests them in the order of their keys and
commits both at once; nothing of it can be changed afterwards, by anybody.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import Date, RowMapping, Select, and_, cast, distinct, func, insert, literal, or_, select

from hotline.facts import Fact
from hotline.identifiers import CaseNo, UserId
from hotline.indicators.counting import Count, counts_of
from hotline.indicators.definitions import DEFINITIONS, SCORE
from hotline.indicators.figures import UnitFigures
from hotline.indicators.months import Month, content_of, digest_of
from hotline.model import Record
from hotline.policy import PolicySnapshot, ScoringRules
from hotline.proof.chain import GENESIS, entry_hash
from hotline.roles import SYSTEM_ACTOR
from store.engine import ReadSession, WriteSession
from store.ledger import ledgers_of
from store.scope import visible_to
from store.scores import ScoreQuestion, figures_of_units, in_month
from store.tables.casework import cases
from store.tables.indicators import frozen_months, frozen_scores, month_previews, scores

_PAGE: Final = 500
_CASES: Final = 100
_ROWS: Final = TypeAdapter(list[Count])


class Preview(Record):
    """What somebody looked at before a month was frozen: the digest of all figures by unit."""

    month: Month
    previewed_at: datetime
    previewed_by: UserId
    figures_digest: bytes


class FrozenMonth(Record):
    """A month whose figures stand: who froze it when, by which definitions and policies, and its digest."""

    month: Month
    frozen_at: datetime
    frozen_by: UserId
    previewed_at: datetime
    previewed_by: UserId
    definitions: tuple[str, ...]
    policies: tuple[str, ...]
    policy_revision: str
    scoring: ScoringRules
    cases: int
    rows: int
    figures_digest: bytes
    digest: bytes


# ── preview and freeze ──────────────────────────────────────────────────────────────────────────


async def figures_digest(session: ReadSession, month: Month, now: datetime) -> bytes:
    """The digest of a month's live figures by unit: what a preview shows and a freeze confirms."""
    units = await figures_of_units(session, ScoreQuestion(month=month, now=now))
    return _digest_of_units(units)


def _digest_of_units(units: Iterable[UnitFigures]) -> bytes:
    digest = GENESIS
    for unit in units:
        digest = entry_hash(digest, unit.model_dump(mode="json"))
    return digest


async def lock_month(session: WriteSession, month: Month) -> None:
    """Let nobody else preview or freeze a month before the transaction ends."""
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"month:{month}", 0))))


async def keep_preview(session: WriteSession, preview: Preview) -> None:
    """Keep that somebody looked at the figures of a month."""
    await session.execute(insert(month_previews).values(_row(preview)))


async def last_preview(session: ReadSession, month: Month) -> Preview | None:
    """Return what was last looked at."""
    query = select(month_previews).where(month_previews.c.month == month.first)
    found = await session.execute(query.order_by(month_previews.c.number.desc()).limit(1))
    row = found.mappings().one_or_none()
    return Preview.model_validate(_model(row)) if row else None


async def freeze(
    session: WriteSession, preview: Preview, policy: PolicySnapshot, *, by: UserId, at: datetime
) -> FrozenMonth:
    """Freeze the rows that count in a month by now. The month must not be frozen yet."""
    month = preview.month
    await session.execute(_copied(month, at))
    frozen = FrozenMonth(
        month=month,
        frozen_at=at,
        frozen_by=by,
        previewed_at=preview.previewed_at,
        previewed_by=preview.previewed_by,
        definitions=(*(entry.id for entry in DEFINITIONS.values()), SCORE),
        policies=await _policies(session, month),
        policy_revision=policy.revision,
        scoring=policy.scores,
        cases=await _count(session, month, distinct(frozen_scores.c.case_no)),
        rows=await _count(session, month, frozen_scores.c.case_no),
        figures_digest=preview.figures_digest,
        digest=await _digest(session, month),
    )
    await session.execute(insert(frozen_months).values(_row(frozen)))
    return frozen


def _copied(month: Month, now: datetime) -> Any:  # an insert from a select, generic in its columns
    names = [column.name for column in scores.c]
    rows = select(cast(literal(month.first), Date).label("month"), *scores.c).where(in_month(month, now))
    return insert(frozen_scores).from_select(["month", *names], rows)


async def _policies(session: ReadSession, month: Month) -> tuple[str, ...]:
    """The revisions of policy that the counted cases carry."""
    query = (
        select(cases.c.policy_revision)
        .distinct()
        .join(
            frozen_scores,
            and_(frozen_scores.c.case_no == cases.c.case_no, frozen_scores.c.month == month.first),
        )
    )
    query = query.where(visible_to(SYSTEM_ACTOR).condition)
    return tuple(sorted(await session.scalars(query)))


async def _count(session: ReadSession, month: Month, what: Any) -> int:  # a column or its distinct values
    query = select(func.count(what)).where(frozen_scores.c.month == month.first)
    return int(await session.scalar(query) or 0)


async def _digest(session: ReadSession, month: Month) -> bytes:
    """Case by case: how a database sorts words is its own affair, and digits sort everywhere alike."""
    digest, after = GENESIS, CaseNo("")
    while numbers := await _frozen_cases(session, month, after):
        rows = sorted(await _frozen_of(session, month, numbers), key=lambda row: row.key)
        digest = await asyncio.to_thread(digest_of, rows, digest)
        after = numbers[-1]
    return digest


async def _frozen_cases(session: ReadSession, month: Month, after: CaseNo) -> list[CaseNo]:
    query = (
        select(frozen_scores.c.case_no)
        .distinct()
        .where(frozen_scores.c.month == month.first, frozen_scores.c.case_no > after)
    )
    found = await session.scalars(query.order_by(frozen_scores.c.case_no).limit(_PAGE))
    return [CaseNo(number) for number in found]


def _of_month(month: Month) -> Select[Any]:  # of every column of a row
    columns = (frozen_scores.c[name] for name in Count.model_fields)
    return select(*columns).where(frozen_scores.c.month == month.first)


async def frozen_month(session: ReadSession, month: Month) -> FrozenMonth | None:
    """Return a month if it is frozen."""
    found = await session.execute(select(frozen_months).where(frozen_months.c.month == month.first))
    row = found.mappings().one_or_none()
    return FrozenMonth.model_validate(_model(row)) if row else None


async def every_frozen_month(session: ReadSession) -> tuple[FrozenMonth, ...]:
    """Return every frozen month, the newest first."""
    found = await session.execute(select(frozen_months).order_by(frozen_months.c.month.desc()))
    return tuple(FrozenMonth.model_validate(_model(row)) for row in found.mappings())


# Values of a row, as its columns take them and give them back.
def _row(entry: Preview | FrozenMonth) -> dict[str, Any]:
    row = entry.model_dump() | {"month": entry.month.first}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in row.items()}


# As above.
def _model(row: RowMapping) -> dict[str, Any]:
    return dict(row) | {"month": {"year": row["month"].year, "month": row["month"].month}}


# ── reckoning it again ──────────────────────────────────────────────────────────────────────────


class Deviation(StrEnum):
    """How a frozen row and the ledger disagree."""

    CHANGED = "changed"
    NOT_IN_LEDGER = "not_in_ledger"
    NOT_FROZEN = "not_frozen"


class RowDeviation(Record):
    """One row on which a frozen month and the ledger disagree."""

    case_no: CaseNo
    indicator: str
    occasion: str
    deviation: Deviation


class Recomputed(Record):
    """A stretch of a month reckoned again: where it ended, the digest so far, and what disagrees."""

    after: CaseNo | None
    digest: bytes
    cases: int
    rows: int
    deviations: tuple[RowDeviation, ...]


async def recompute(session: ReadSession, month: FrozenMonth, was: Recomputed | None = None) -> Recomputed:
    """Reckon the next hundred cases of a frozen month again from their ledgers; `after` is None at the end.

    A case that has no frozen row is read as it was when the month was frozen, and must have none now.
    """
    numbers = await _candidates(session, month, was.after if was else None)
    frozen = await _frozen_of(session, month.month, numbers)
    versions = await _versions(session, month.month, numbers)
    ledgers = await ledgers_of(session, numbers)
    now = await asyncio.to_thread(_reckoned, month, ledgers, versions)
    deviations = tuple(_deviations(frozen, now))
    return Recomputed(
        after=numbers[-1] if len(numbers) == _CASES else None,
        digest=digest_of(now, was.digest if was else GENESIS),
        cases=len(numbers) + (was.cases if was else 0),
        rows=len(now) + (was.rows if was else 0),
        deviations=deviations,
    )


async def _candidates(session: ReadSession, month: FrozenMonth, after: CaseNo | None) -> list[CaseNo]:
    """Every case that has a frozen row, or was there in the month and not over before it."""
    span = month.month
    counted = select(frozen_scores.c.case_no).where(frozen_scores.c.month == span.first)
    alive = and_(
        cases.c.registered_at < span.until, or_(cases.c.closed_at.is_(None), cases.c.closed_at >= span.since)
    )
    query = select(cases.c.case_no).where(
        visible_to(SYSTEM_ACTOR).condition, or_(alive, cases.c.case_no.in_(counted))
    )
    if after:
        query = query.where(cases.c.case_no > after)
    found = await session.execute(query.order_by(cases.c.case_no).limit(_CASES))
    return [CaseNo(number) for number in found.scalars()]


async def _frozen_of(session: ReadSession, month: Month, numbers: list[CaseNo]) -> list[Count]:
    found = await session.execute(_of_month(month).where(frozen_scores.c.case_no.in_(numbers)))
    return _ROWS.validate_python(found.mappings().all())


async def _versions(session: ReadSession, month: Month, numbers: list[CaseNo]) -> dict[str, int]:
    query = select(frozen_scores.c.case_no, func.max(frozen_scores.c.version).label("version")).where(
        frozen_scores.c.month == month.first, frozen_scores.c.case_no.in_(numbers)
    )
    found = await session.execute(query.group_by(frozen_scores.c.case_no))
    return {row.case_no: row.version for row in found}


def _reckoned(
    month: FrozenMonth, ledgers: Mapping[CaseNo, tuple[Fact, ...]], versions: Mapping[str, int]
) -> list[Count]:
    rows = (
        row
        for number, facts in sorted(ledgers.items())
        for row in counts_of(_as_frozen(facts, versions.get(number), month.frozen_at))
    )
    return [row for row in rows if _counts_in(row, month)]


def _as_frozen(facts: Sequence[Fact], version: int | None, frozen_at: datetime) -> list[Fact]:
    if version is None:
        return [fact for fact in facts if fact.at <= frozen_at]
    return [fact for fact in facts if fact.seq <= version]


def _counts_in(row: Count, month: FrozenMonth) -> bool:
    return month.month.since <= row.counted_at < month.month.until and row.counted_at <= month.frozen_at


def _deviations(frozen: Iterable[Count], now: Iterable[Count]) -> Iterable[RowDeviation]:
    stood, stands = ({row.key: row for row in rows} for rows in (frozen, now))
    for key in sorted(stood.keys() | stands.keys()):
        if key not in stands:
            yield _deviation(stood[key], Deviation.NOT_IN_LEDGER)
        elif key not in stood:
            yield _deviation(stands[key], Deviation.NOT_FROZEN)
        elif content_of(stood[key]) != content_of(stands[key]):
            yield _deviation(stood[key], Deviation.CHANGED)


def _deviation(row: Count, deviation: Deviation) -> RowDeviation:
    return RowDeviation(
        case_no=row.case_no, indicator=row.indicator, occasion=row.occasion, deviation=deviation
    )
