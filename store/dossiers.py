"""Accountability files in the database (案卷台账): an append-only, hash-chained ledger, and what is read from it.

The ledger of dossiers is a table of its own, so that no query on cases, no export and no live stream can come
upon one. Every read takes the officer who asks; `visible_to` says the same in SQL as
`hotline.accountability.secrecy.may_know`. Appending is idempotent by (dossier_no, seq).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final, NamedTuple

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Row, and_, delete, func, insert, not_, or_, select, true, tuple_
from sqlalchemy.dialects.postgresql import aggregate_order_by
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
from hotline.proof.chain import GENESIS, ChainBreak, entry_hash
from store.clues import mark_adopted
from store.cursor import cursor_of, place_of
from store.engine import ReadSession, WriteSession
from store.failures import LedgerConflict, LedgerGap
from store.tables import circulars, dossier_facts, dossiers, sanctions
from store.vault import mark_used, refs_in

# The values of one row, as its columns take them.
Values = dict[str, Any]

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

    LedgerGap: facts before them are missing. LedgerConflict: another fact has one of the numbers. Either
    way nothing is written.
    """
    await _lock(session, number)
    stored = await facts_of(session, number)
    fresh = _new_among(number, facts, stored)
    if fresh:
        await session.execute(insert(dossier_facts), await _chained(session, number, fresh))
        await mark_used(session, _text_ids(fresh), at=fresh[-1].at)
        await mark_adopted(session, number, at=fresh[-1].at)
        await _write(session, replay((*stored, *fresh)))
    return len(stored) + len(fresh)


async def rebuild(session: WriteSession, number: DossierNo) -> DossierState:
    """Make the read rows of a dossier again from its ledger alone."""
    await _lock(session, number)
    state = replay(await facts_of(session, number))
    await session.execute(delete(dossiers).where(dossiers.c.dossier_no == number))
    await _write(session, state)
    return state


def _text_ids(facts: Sequence[DossierFact]) -> tuple[TextId, ...]:
    return tuple(sorted({ref.text_id for fact in facts for ref in refs_in(fact.body)}))


async def _lock(session: WriteSession, number: DossierNo) -> None:
    """Let nobody else write this dossier before the transaction ends."""
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(number, 0))))


def _new_among(
    number: DossierNo, facts: Sequence[DossierFact], stored: Sequence[DossierFact]
) -> tuple[DossierFact, ...]:
    """The facts that the ledger does not have, in order and without a gap."""
    known, last, fresh = {fact.seq: fact for fact in stored}, len(stored), []
    for fact in facts:
        if fact.seq in known:
            if known[fact.seq] != fact:
                raise LedgerConflict(number, fact.seq)
        elif fact.seq != last + 1 or fact.dossier_no != number:
            raise LedgerGap(number, fact.seq)
        else:
            fresh.append(fact)
            last = fact.seq
    return tuple(fresh)


async def _chained(session: WriteSession, number: DossierNo, fresh: Sequence[DossierFact]) -> list[Values]:
    last = await session.scalar(
        select(dossier_facts.c.hash)
        .where(dossier_facts.c.dossier_no == number)
        .order_by(dossier_facts.c.seq.desc())
        .limit(1)
    )
    prev_hash, rows = last or GENESIS, []
    for fact in fresh:
        row = _row(fact)
        row |= {"prev_hash": prev_hash, "hash": entry_hash(prev_hash, _content(row))}
        prev_hash = row["hash"]
        rows.append(row)
    return rows


def _row(fact: DossierFact) -> Values:
    return {
        "dossier_no": fact.dossier_no,
        "seq": fact.seq,
        "at": fact.at,
        "tag": fact.body.tag,
        "officer": fact.officer.model_dump(mode="json"),
        "command_id": fact.command_id,
        "body": _ordered(fact.body.model_dump(mode="json")),
    }


def _stored(row: Row[Any]) -> Values:
    """A row of the ledger, as `_row` makes one."""
    return {column.name: getattr(row, column.name) for column in dossier_facts.c}


# JSON of any of the facts' shapes.
def _ordered(value: Any) -> Any:
    """JSON in which a set, which has no order of its own, always comes out the same."""
    match value:
        case dict():
            return {key: sorted(part) if key == "forms" else _ordered(part) for key, part in value.items()}
        case list():
            return [_ordered(part) for part in value]
        case _:
            return value


def _content(row: Values) -> Values:
    """What of a row is hashed."""
    hashed = ("dossier_no", "seq", "officer", "command_id", "body")
    at = row["at"].astimezone(UTC).isoformat(timespec="microseconds")
    return {**{name: row[name] for name in hashed}, "at": at}


async def _write(session: WriteSession, state: DossierState) -> None:
    statement = upsert(dossiers).values(_dossier_row(state))
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=dossiers.primary_key,
            set_=statement.excluded,
            where=dossiers.c.version < statement.excluded.version,
        )
    )
    await session.execute(delete(sanctions).where(sanctions.c.dossier_no == state.dossier_no))
    if lines := list(_sanction_rows(state)):
        await session.execute(insert(sanctions), lines)
    await session.execute(delete(circulars).where(circulars.c.dossier_no == state.dossier_no))
    if published := list(_circular_rows(state)):
        await session.execute(insert(circulars), published)


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
        "state": _ordered(state.model_dump(mode="json")),
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
    covers = and_(
        sanctions.c.effect_from <= day, or_(sanctions.c.is_open_ended, sanctions.c.effect_until >= day)
    )
    return await _sanctions(session, person, officer, covers)


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
    return tuple(_sanction(row) for row in found)


def _sanction(row: Row[Any]) -> SanctionRow:
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
    return tuple(_fact(row) for row in await _rows(session, number))


async def verify_chain(session: ReadSession, number: DossierNo) -> ChainBreak | None:
    """Walk the chain of a dossier and return the first place where it does not hold."""
    prev_hash = GENESIS
    for place, row in enumerate(await _rows(session, number), start=1):
        if row.seq != place:
            return ChainBreak(place, "missing")
        if row.prev_hash != prev_hash or row.hash != entry_hash(prev_hash, _content(_stored(row))):
            return ChainBreak(place, "altered")
        prev_hash = row.hash
    return None


async def _rows(session: ReadSession, number: DossierNo) -> Sequence[Row[Any]]:
    found = await session.execute(
        select(dossier_facts).where(dossier_facts.c.dossier_no == number).order_by(dossier_facts.c.seq)
    )
    return found.all()


def _fact(row: Row[Any]) -> DossierFact:
    return DossierFact.model_validate(
        {
            "dossier_no": row.dossier_no,
            "seq": row.seq,
            "at": row.at,
            "officer": row.officer,
            "command_id": row.command_id,
            "body": row.body,
        }
    )
