"""Accountability files in the database (案卷台账): an append-only, hash-chained ledger, and what is read from it.

The ledger of dossiers is a table of its own, so that no query on cases, no export and no live stream can come
upon one. Every read takes the officer who asks; `visible_to` says the same in SQL as
`hotline.accountability.secrecy.may_know`. Appending is idempotent by (dossier_no, seq).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from pydantic import TypeAdapter
from sqlalchemy import (
    ColumnElement,
    Row,
    Table,
    and_,
    cast,
    delete,
    func,
    insert,
    not_,
    or_,
    select,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import JSONPATH, aggregate_order_by
from sqlalchemy.dialects.postgresql import insert as upsert

from hotline.accountability.evolve import replay
from hotline.accountability.facts import DossierFact
from hotline.accountability.measures import codes_of
from hotline.accountability.secrecy import accounts_of
from hotline.accountability.state import Decision, DossierState, Officer, PersonSubject
from hotline.accountability.statistics import STEPS, Countable
from hotline.accountability.vocabulary import ClueSource, DossierStage, Family, Level, PublicationScope
from hotline.case import TextRef
from hotline.identifiers import CaseNo, DossierNo, PersonId, TextId, UnitCode, circular_id
from hotline.model import Instant, Message, Record
from hotline.proof.chain import ChainBreak
from store.chained import ChainedLedger, Values
from store.clues import mark_adopted
from store.cursor import cursor_of, place_of
from store.engine import ReadSession, WriteSession
from store.tables.accountability import circulars, dossier_facts, dossiers, sanctions
from store.vault import mark_used, refs_in

LEDGER: Final = ChainedLedger(dossier_facts, key="dossier_no", who="officer", form=DossierFact)

_FAMILIES: Final = {family.value: family for family in Family}


@dataclass(frozen=True, slots=True)
class SanctionRow:
    """One line of a person's record (个人问责记录), which a change of job does not touch."""

    dossier_no: DossierNo
    number: int
    unit: UnitCode
    family: Family
    measures: tuple[str, ...]
    decided_at: datetime
    effect_from: date | None
    effect_until: date | None


# ── writing ─────────────────────────────────────────────────────────────────────────────────────


async def project(session: WriteSession, number: DossierNo, facts: Sequence[DossierFact]) -> int:
    """Append the facts, bring the read rows up to them, and return the version they have then.

    LedgerGap and LedgerConflict as store/chained.py says; then nothing is written.
    """
    appended = await LEDGER.append(session, number, facts)
    if fresh := appended.fresh:
        await mark_used(session, _text_ids(fresh), at=fresh[-1].at)
        await mark_adopted(session, number, at=fresh[-1].at)
        await _write(session, replay(appended.whole))
    return len(appended.whole)


async def rebuild(session: WriteSession, number: DossierNo) -> DossierState:
    """Make the read rows of a dossier again from its ledger alone."""
    await LEDGER.lock(session, number)
    state = replay(await LEDGER.facts_of(session, number))
    await session.execute(delete(dossiers).where(dossiers.c.dossier_no == number))
    await _write(session, state)
    return state


def _text_ids(facts: Sequence[DossierFact]) -> tuple[TextId, ...]:
    return tuple(sorted({ref.text_id for fact in facts for ref in refs_in(fact.body)}))


def rows_of(state: DossierState) -> dict[Table, list[Values]]:
    """Every row that is read of a dossier, as its ledger tells it."""
    return {
        dossiers: [_dossier_row(state)],
        sanctions: list(_sanction_rows(state)),
        circulars: list(_circular_rows(state)),
    }


async def _write(session: WriteSession, state: DossierState) -> None:
    rows = rows_of(state)
    statement = upsert(dossiers).values(rows[dossiers])
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=dossiers.primary_key,
            set_=statement.excluded,
            where=dossiers.c.version < statement.excluded.version,
        )
    )
    for table in (sanctions, circulars):
        await session.execute(delete(table).where(table.c.dossier_no == state.dossier_no))
        if rows[table]:
            await session.execute(insert(table), rows[table])


def _dossier_row(state: DossierState) -> Values:
    return {
        "dossier_no": state.dossier_no,
        "version": state.version,
        "stage": state.stage.value,
        "source": state.source.value,
        "units": list(state.units),
        "accounts": sorted(accounts_of(state)),
        "recused": list(state.recused),
        "registered_at": state.registered_at,
        "closed_at": state.closed_at,
        "next_due_at": state.next_due_at,
        "state": state.model_dump(mode="json"),
        "cases": list(state.cases),
        "reference": state.reference,
    }


def _circular_rows(state: DossierState) -> Iterable[Values]:
    """What was published of decisions that stand: a revoked one is no longer told to anybody."""
    for notice in state.notices:
        if notice.published_at and state.decisions[notice.decision - 1].stands:
            yield {
                "circular_id": circular_id(state.reference or state.dossier_no, notice.number),
                "dossier_no": state.dossier_no,
                "number": notice.number,
                "scope": notice.scope.value,
                "text": notice.text.model_dump(mode="json"),
                "published_at": notice.published_at,
            }


def _sanction_rows(state: DossierState) -> Iterable[Values]:
    for decision in state.decisions:
        subject = decision.draft.subject
        if decision.decided_at and isinstance(subject, PersonSubject):
            yield _sanction_row(state, decision, subject)


def _sanction_row(state: DossierState, decision: Decision, subject: PersonSubject) -> Values:
    effect = decision.effect
    is_open = effect is not None and (effect.probation or effect.until_on is None)
    return {
        "dossier_no": state.dossier_no,
        "number": decision.number,
        "person": subject.person,
        "unit": subject.position.unit,
        "family": decision.draft.measure.family.value,
        "measures": list(codes_of(decision.draft.measure)),
        "decided_at": decision.decided_at,
        "effect_from": effect and effect.from_on,
        "effect_until": effect and effect.until_on,
        "is_open_ended": is_open,
        "revoked_at": decision.revoked_at,
    }


# ── reading ─────────────────────────────────────────────────────────────────────────────────────


def visible_to(officer: Officer) -> ColumnElement[bool]:
    """Which dossiers an officer may know of, as a condition on `dossiers`."""
    if officer.level is Level.SYSTEM:
        return true()
    kept = or_(
        dossiers.c.recused.contains([officer.user_id]), dossiers.c.accounts.contains([officer.user_id])
    )
    conditions = [not_(kept)]
    if officer.unit is not None:
        conditions.append(not_(dossiers.c.units.contains([officer.unit])))
    if officer.supervises is not None:
        conditions.append(dossiers.c.units.contained_by(list(officer.supervises)))
    return and_(*conditions)


async def dossier(session: ReadSession, number: DossierNo, officer: Officer) -> DossierState | None:
    """A dossier as it stands, or None: for whoever may not know of it there is none."""
    stored = await session.scalar(
        select(dossiers.c.state).where(and_(dossiers.c.dossier_no == number, visible_to(officer)))
    )
    return None if stored is None else DossierState.model_validate(stored)


class DossierPage(NamedTuple):
    """Some dossiers of a list, and the cursor of the next page if there is one."""

    items: tuple[DossierState, ...]
    next_cursor: str | None


class DossierFilters(Message):
    """What a list is narrowed by; whatever is left out does not narrow it."""

    stage: DossierStage | None = None
    source: ClueSource | None = None
    unit: UnitCode | None = None
    case_no: CaseNo | None = None
    due_before: datetime | None = None
    numbers: tuple[DossierNo, ...] | None = None
    is_open: bool | None = None
    awaits: Officer | None = None


class _Place(NamedTuple):
    """Where a dossier stands in the list: the newest first."""

    registered_at: Instant
    dossier_no: str


_PLACE: Final = TypeAdapter(_Place)
_ORDER: Final = tuple_(dossiers.c.registered_at, dossiers.c.dossier_no)


async def list_dossiers(
    session: ReadSession,
    officer: Officer,
    filters: DossierFilters,
    *,
    cursor: str | None = None,
    limit: int = 50,
) -> DossierPage:
    """The dossiers that an officer may know of, the newest first. GuardFailed: nobody gave out such a cursor."""
    wanted = [visible_to(officer), *_conditions(filters)]
    if cursor:
        place = place_of(cursor, _PLACE)
        wanted.append(tuple_(place.registered_at, place.dossier_no) > _ORDER)
    found = await session.scalars(
        select(dossiers.c.state)
        .where(and_(*wanted))
        .order_by(dossiers.c.registered_at.desc(), dossiers.c.dossier_no.desc())
        .limit(limit + 1)
    )
    items = tuple(DossierState.model_validate(state) for state in found[:limit])
    has_more = len(found) > limit
    return DossierPage(
        items, cursor_of(_Place(items[-1].registered_at, items[-1].dossier_no)) if has_more else None
    )


def _conditions(filters: DossierFilters) -> Iterator[ColumnElement[bool]]:
    if filters.stage:
        yield dossiers.c.stage == filters.stage.value
    if filters.source:
        yield dossiers.c.source == filters.source.value
    if filters.unit:
        yield dossiers.c.units.contains([filters.unit])
    if filters.case_no:
        yield dossiers.c.cases.contains([filters.case_no])
    if filters.due_before:
        yield dossiers.c.next_due_at < filters.due_before
    if filters.numbers is not None:
        yield dossiers.c.dossier_no.in_(filters.numbers)
    if filters.is_open is not None:
        yield dossiers.c.closed_at.is_(None) if filters.is_open else dossiers.c.closed_at.is_not(None)
    if filters.awaits is not None:
        yield _awaits(filters.awaits)


def _awaits(officer: Officer) -> ColumnElement[bool]:
    """待我审批, as `hotline.accountability.actions.awaiting` says it of one file."""
    return func.jsonb_path_exists(
        dossiers.c.state,
        _AWAITED,
        func.jsonb_build_object("level", officer.level.value, "officer", officer.user_id),
    )


_AWAITED: Final = cast(
    "$.proposals[*] ? (@.chain[@.endorsements.size()] == $level && @.proposed_by != $officer"
    " && !exists(@.endorsements[*] ? (@.by == $officer)))",
    JSONPATH,
)


async def countable(
    session: ReadSession, officer: Officer, *, since: datetime, until: datetime
) -> tuple[Countable, ...]:
    """What statistics of a span may count, of the dossiers that an officer may know of, the oldest first.

    Nothing is counted before a dossier is registered or after it is closed.
    """
    proposed = dossier_facts.alias("proposed")
    step = func.jsonb_build_object(
        "at", dossier_facts.c.at, "substance", proposed.c.body["proposal"]["substance"]
    )
    steps = (
        select(func.jsonb_agg(aggregate_order_by(step, dossier_facts.c.seq)))
        .join(
            proposed,
            and_(
                proposed.c.dossier_no == dossier_facts.c.dossier_no,
                proposed.c.tag == "approval:proposed",
                proposed.c.body["proposal"]["number"] == dossier_facts.c.body["proposal"],
            ),
        )
        .where(
            dossier_facts.c.dossier_no == dossiers.c.dossier_no,
            dossier_facts.c.tag == "approval:approved",
            proposed.c.body["proposal"]["substance"]["matter"].astext.in_(STEPS),
        )
        .correlate(dossiers)
        .scalar_subquery()
    )
    found = await session.execute(
        select(dossiers.c.state, steps.label("steps"))
        .where(
            visible_to(officer),
            dossiers.c.registered_at < until,
            or_(dossiers.c.closed_at.is_(None), dossiers.c.closed_at >= since),
        )
        .order_by(dossiers.c.registered_at, dossiers.c.dossier_no)
    )
    return tuple(Countable.model_validate({"state": row.state, "steps": row.steps or ()}) for row in found)


async def record_of(session: ReadSession, person: PersonId, officer: Officer) -> tuple[SanctionRow, ...]:
    """Everything that was decided against a person and stands, across jobs, the oldest first."""
    return await _sanctions(session, person, officer, true())


async def in_effect(
    session: ReadSession, person: PersonId, day: date, officer: Officer
) -> tuple[SanctionRow, ...]:
    """影响期内: what keeps a person from being put forward for promotion on a day; empty if nothing does."""
    return await _sanctions(session, person, officer, covers(day))


def covers(day: date) -> ColumnElement[bool]:
    """Which sanctions are in effect on a day, as a condition on `sanctions`."""
    return and_(
        sanctions.c.effect_from <= day, or_(sanctions.c.is_open_ended, sanctions.c.effect_until >= day)
    )


async def number_of(session: ReadSession, reference: str, officer: Officer) -> DossierNo | None:
    """The number of the file that cases and the trail call by a reference; None if an officer may not know of it."""
    number: DossierNo | None = await session.scalar(
        select(dossiers.c.dossier_no).where(and_(dossiers.c.reference == reference, visible_to(officer)))
    )
    return number


async def running_until(session: ReadSession, person: PersonId, day: date) -> date | None:
    """The last day of any 政务处分 of a person that still runs on a day, whoever may know of it."""
    last: date | None = await session.scalar(
        select(func.max(sanctions.c.effect_until)).where(
            and_(
                sanctions.c.person == person,
                sanctions.c.family == Family.ADMINISTRATIVE.value,
                sanctions.c.revoked_at.is_(None),
                sanctions.c.effect_until >= day,
            )
        )
    )
    return last


async def _sanctions(
    session: ReadSession, person: PersonId, officer: Officer, condition: ColumnElement[bool]
) -> tuple[SanctionRow, ...]:
    found = await session.execute(
        select(sanctions)
        .join(dossiers, dossiers.c.dossier_no == sanctions.c.dossier_no)
        .where(
            and_(
                sanctions.c.person == person,
                sanctions.c.revoked_at.is_(None),
                visible_to(officer),
                condition,
            )
        )
        .order_by(sanctions.c.decided_at, sanctions.c.dossier_no, sanctions.c.number)
    )
    return tuple(sanction_of(row) for row in found)


def sanction_of(row: Row[Any]) -> SanctionRow:
    """One row of `sanctions`."""
    return SanctionRow(
        dossier_no=DossierNo(row.dossier_no),
        number=row.number,
        unit=UnitCode(row.unit),
        family=_FAMILIES[row.family],
        measures=tuple(row.measures),
        decided_at=row.decided_at,
        effect_from=row.effect_from,
        effect_until=row.effect_until,
    )


class Circular(Record):
    """A published notice of a decision (通报): its words, by reference, and nothing that leads to the file."""

    circular_id: str
    text: TextRef
    published_at: Instant


class _CircularPlace(NamedTuple):
    published_at: Instant
    circular_id: str


_CIRCULAR_PLACE: Final = TypeAdapter(_CircularPlace)


async def list_circulars(
    session: ReadSession, *, cursor: str | None = None, limit: int = 20
) -> tuple[tuple[Circular, ...], str | None]:
    """What was published for everybody and still stands, the newest first, and the cursor of the next page."""
    order = tuple_(circulars.c.published_at, circulars.c.circular_id)
    wanted = [circulars.c.scope == PublicationScope.PUBLIC.value]
    if cursor:
        place = place_of(cursor, _CIRCULAR_PLACE)
        wanted.append(order < tuple_(place.published_at, place.circular_id))
    found = await session.execute(
        select(circulars)
        .where(and_(*wanted))
        .order_by(circulars.c.published_at.desc(), circulars.c.circular_id.desc())
        .limit(limit + 1)
    )
    items = tuple(Circular.model_validate(dict(row)) for row in found.mappings())
    page = items[:limit]
    more = len(items) > limit
    return page, cursor_of((page[-1].published_at, page[-1].circular_id)) if more else None


async def facts_of(session: ReadSession, number: DossierNo) -> tuple[DossierFact, ...]:
    """The whole ledger of a dossier; it has dozens of facts, not thousands."""
    return await LEDGER.facts_of(session, number)


async def verify_chain(session: ReadSession, number: DossierNo) -> ChainBreak | None:
    """Walk the chain of a dossier and return the first place where it does not hold."""
    return await LEDGER.verify(session, number)
