"""The knowledge base (知识库): entries as they are, every version that they had, and what was answered from them.

Each act makes a version, and versions only grow, so that what a caller was told can be shown later. Entries hold
nothing of a person, so they are searched in the clear: by pairs of neighbouring characters with their places, which
find a word of two characters by index and a longer one exactly (ADR 0037).
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, Final

from pydantic import JsonValue
from sqlalchemy import (
    Boolean,
    ColumnElement,
    Integer,
    Text,
    and_,
    cast,
    func,
    insert,
    literal,
    literal_column,
    or_,
    select,
    true,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR

from hotline.calendar import SHANGHAI
from hotline.identifiers import CaseNo, CommandId, KnowledgeNo, UnitCode, UserId, knowledge_no
from hotline.knowledge import Knowledge, require_impersonal, require_keeper, require_term
from hotline.model import Record
from hotline.refusals import GuardFailed, KeyReused, StaleVersion, WrongStatus
from hotline.vocabulary import KnowledgeAct, TrailEvent
from store.accounts import unknown_units
from store.administration import By
from store.engine import ReadSession, WriteSession
from store.scope import CaseScope
from store.search import Search, pairs_of
from store.tables.casework import cases, facts
from store.tables.knowledge import knowledge, knowledge_revisions, knowledge_sequence
from store.trail import TrailEntry, record

_MOST_PAIRS: Final = 200
"""So much of what somebody takes down is compared: a matter is named in its first lines."""

_IN_TITLE: Final = 0.6
"""What PostgreSQL's `ts_rank` gives one pair that is found in a title, before it divides by the pairs asked for."""

_FINE: Final = 1_000_000
"""Ranks are compared as whole numbers, so that a cursor names one exactly."""


class Entry(Knowledge):
    """An entry as it is now."""

    number: KnowledgeNo
    version: int
    updated_at: datetime
    updated_by: UserId
    withdrawn_at: datetime | None


class Revision(Knowledge):
    """One version of an entry: what was done, what it said from then on, when and by whom."""

    version: int
    act: KnowledgeAct
    at: datetime
    by: UserId


class Upkeep(Record):
    """How one unit keeps its knowledge: entries, those that are 待更新, and those that were updated in the month."""

    unit: UnitCode
    entries: int
    stale: int
    updated: int


class AnsweredCase(Record):
    """A case that was answered from an entry, when, and by which version."""

    case_no: CaseNo
    at: datetime
    version: int | None


class KnowledgeFilters(Record):
    """What a list is narrowed by; what is None does not narrow. Entries that were withdrawn have a list of their own."""

    unit: UnitCode | None = None
    category: str | None = None
    stale: bool | None = None
    updated_since: datetime | None = None
    withdrawn: bool = False
    search: Search | None = None


_ENTRY: Final = tuple(knowledge.c[name] for name in Entry.model_fields)
_SAID: Final = tuple(Knowledge.model_fields)


def today_of(at: datetime) -> date:
    """The day on the hotline's calendar."""
    return at.astimezone(SHANGHAI).date()


# ── writing ─────────────────────────────────────────────────────────────────────────────────────


async def write_entry(session: WriteSession, said: Knowledge, *, by: By, command_id: CommandId) -> Entry:
    """Add an entry; the same command is the same entry.

    NotPermitted: of another unit. GuardFailed: the unit, the day or a text does not do. KeyReused: it brings another.
    """
    if known := await _known(session, command_id, KnowledgeAct.WRITTEN, said.model_dump()):
        return known
    await _require_sound(session, said, by)
    return await add_entry(session, said, by=by, command_id=command_id, told=True)


async def add_entry(
    session: WriteSession, said: Knowledge, *, by: By, command_id: CommandId, told: bool
) -> Entry:
    """Add an entry as it is; unless it is `told`, the trail keeps silent, as about all demonstration data."""
    number = knowledge_no(await session.scalar(select(knowledge_sequence.next_value())))
    entry = _entry(said, number, version=1, by=by)
    await session.execute(insert(knowledge).values(_row(entry)))
    await _keep(session, entry, KnowledgeAct.WRITTEN, by, command_id, told=told)
    return entry


async def revise_entry(
    session: WriteSession,
    number: KnowledgeNo,
    said: Knowledge,
    *,
    by: By,
    command_id: CommandId,
    seen: int | None,
) -> Entry | None:
    """Let an entry say something else from now on; None if there is none of that number.

    Refuses as `write_entry`, for the unit that has it and for the one that gets it; StaleVersion: somebody was first.
    """
    if known := await _known(session, command_id, KnowledgeAct.REVISED, said.model_dump(), number):
        return known
    before = await _held(session, number, by, seen)
    if before is None:
        return None
    await _require_sound(session, said, by)
    return await _change(session, before, said, KnowledgeAct.REVISED, by, command_id)


async def confirm_entry(
    session: WriteSession,
    number: KnowledgeNo,
    valid_until: date,
    *,
    by: By,
    command_id: CommandId,
    seen: int | None,
) -> Entry | None:
    """Vouch for an entry until a later day, as it stands. Refuses as `revise_entry`; GuardFailed: the day is not later."""
    wanted = {"valid_until": valid_until}
    if known := await _known(session, command_id, KnowledgeAct.CONFIRMED, wanted, number):
        return known
    before = await _held(session, number, by, seen)
    if before is None:
        return None
    require_term(valid_until, today_of(by.at))
    if valid_until <= before.valid_until:
        raise GuardFailed("validity_not_extended", "确认后的有效期须晚于原有效期", field="valid_until")
    return await _change(
        session, before, before.model_copy(update=wanted), KnowledgeAct.CONFIRMED, by, command_id
    )


async def withdraw_entry(
    session: WriteSession, number: KnowledgeNo, *, by: By, command_id: CommandId, seen: int | None
) -> Entry | None:
    """Take an entry out of use; what it said stays. Refuses as `revise_entry`."""
    if known := await _known(session, command_id, KnowledgeAct.WITHDRAWN, {}, number):
        return known
    before = await _held(session, number, by, seen)
    if before is None:
        return None
    return await _change(session, before, before, KnowledgeAct.WITHDRAWN, by, command_id)


async def _require_sound(session: WriteSession, said: Knowledge, by: By) -> None:
    require_keeper(by.actor, said.unit)
    require_term(said.valid_until, today_of(by.at))
    require_impersonal(title=said.title, answer=said.answer)
    if await unknown_units(session, [said.unit]):
        raise GuardFailed("unit_unknown", "没有这个代码的单位", field="unit")


async def _known(
    session: WriteSession,
    command_id: CommandId,
    act: KnowledgeAct,
    wanted: Mapping[str, Any],  # values of as many types as an entry has
    number: KnowledgeNo | None = None,
) -> Entry | None:
    """What a command did when it came before. Two of one id at once take turns here."""
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(command_id, 0))))
    query = select(knowledge_revisions).where(knowledge_revisions.c.command_id == command_id)
    row = (await session.execute(query)).mappings().one_or_none()
    if row is None:
        return None
    if (
        row["act"] != act
        or number not in {None, row["number"]}
        or any(row[n] != v for n, v in wanted.items())
    ):
        raise KeyReused("key_reused", "同一幂等键已用于另一条知识")
    withdrawn_at = row["at"] if act is KnowledgeAct.WITHDRAWN else None
    told = {"updated_at": row["at"], "updated_by": row["by"], "withdrawn_at": withdrawn_at}
    return Entry.model_validate({**row, **told})


async def _held(session: WriteSession, number: KnowledgeNo, by: By, seen: int | None) -> Entry | None:
    """An entry that nobody else changes before the transaction ends, if this person may and saw it as it is."""
    query = select(*_ENTRY).where(knowledge.c.number == number).with_for_update()
    row = (await session.execute(query)).mappings().one_or_none()
    if row is None:
        return None
    entry = Entry.model_validate(dict(row))
    require_keeper(by.actor, entry.unit)
    if seen is not None and seen != entry.version:
        at = entry.updated_at.astimezone(SHANGHAI)
        raise StaleVersion(
            "knowledge_moved_on",
            f"该知识已由 {entry.updated_by} 于 {at:%Y-%m-%d %H:%M} 更新为第 {entry.version} 版，请核对后再提交",
        )
    if entry.withdrawn_at is not None:
        raise WrongStatus("knowledge_withdrawn", "该知识已下架，不能再更新")
    return entry


async def _change(
    session: WriteSession,
    before: Entry,
    said: Knowledge,
    act: KnowledgeAct,
    by: By,
    command_id: CommandId,
) -> Entry:
    withdrawn_at = by.at if act is KnowledgeAct.WITHDRAWN else None
    after = _entry(said, before.number, version=before.version + 1, by=by, withdrawn_at=withdrawn_at)
    await session.execute(update(knowledge).where(knowledge.c.number == before.number).values(_row(after)))
    await _keep(session, after, act, by, command_id, told=True)
    return after


async def _keep(
    session: WriteSession, entry: Entry, act: KnowledgeAct, by: By, command_id: CommandId, *, told: bool
) -> None:
    version = {
        "number": entry.number,
        "version": entry.version,
        "act": act.value,
        **entry.model_dump(include=set(_SAID)),
        "at": by.at,
        "by": by.actor.user_id,
        "command_id": command_id,
    }
    await session.execute(insert(knowledge_revisions).values(version))
    if told:
        detail: dict[str, JsonValue] = {"act": act.value, "version": entry.version, "unit": entry.unit}
        await record(
            session,
            TrailEntry(
                at=by.at,
                event=TrailEvent.KNOWLEDGE_CHANGED,
                actor=by.actor,
                subject=entry.number,
                address=by.address,
                detail=detail,
            ),
        )


def _entry(
    said: Knowledge, number: KnowledgeNo, *, version: int, by: By, withdrawn_at: datetime | None = None
) -> Entry:
    return Entry(
        **said.model_dump(include=set(_SAID)),
        number=number,
        version=version,
        updated_at=by.at,
        updated_by=by.actor.user_id,
        withdrawn_at=withdrawn_at,
    )


def _row(entry: Entry) -> dict[str, Any]:
    return {**entry.model_dump(), "words": cast(literal(_words(entry), Text), TSVECTOR)}


def _words(said: Knowledge) -> str:
    """The pairs of an entry with their places. Those of the title weigh most, then the matter; parts are a place apart."""
    place, placed = 0, list[str]()
    for text, weight in ((said.title, "A"), (said.category, "B"), (said.answer, "D")):
        place += 1
        for pair in pairs_of(text):
            place += 1
            placed.append(f"'{pair}':{place}{weight}")
    return " ".join(placed)


# ── finding ─────────────────────────────────────────────────────────────────────────────────────


async def entry_of(session: ReadSession, number: str) -> Entry | None:
    """Return one entry, also one that was withdrawn."""
    found = await session.execute(select(*_ENTRY).where(knowledge.c.number == number))
    row = found.mappings().one_or_none()
    return Entry.model_validate(dict(row)) if row else None


async def is_entry(session: ReadSession, number: str) -> bool:
    """Whether there is or was an entry of that number."""
    return await session.scalar(select(true()).where(knowledge.c.number == number)) is not None


async def list_entries(
    session: ReadSession,
    filters: KnowledgeFilters,
    *,
    now: datetime,
    after: tuple[int, datetime, str] | None = None,
    limit: int = 50,
) -> tuple[tuple[Entry, int], ...]:
    """List entries with their ranks: those that match best, and without words the last updated first.

    A page goes on after (rank, instant, number) of the last one.
    """
    rank = _rank(filters.search)
    # Without words the rank is the same for all, and an index is in the order of the rest.
    ranked = 0 if filters.search else 1
    place = (rank, knowledge.c.updated_at, knowledge.c.number)[ranked:]
    query = select(*_ENTRY, rank.label("rank")).where(*_conditions(filters, today_of(now)))
    if after:
        query = query.where(tuple_(*place) < tuple_(*map(literal, after[ranked:])))
    found = await session.execute(query.order_by(*(column.desc() for column in place)).limit(limit))
    return tuple((Entry.model_validate(dict(row)), row["rank"]) for row in found.mappings())


def _rank(search: Search | None) -> ColumnElement[int]:
    if search is None:
        return literal(0)
    return cast(func.ts_rank(knowledge.c.words, _all_of(search)) * _FINE, Integer)


def _conditions(filters: KnowledgeFilters, today: date) -> Iterator[ColumnElement[bool]]:
    if filters.withdrawn:
        yield knowledge.c.withdrawn_at.is_not(None)
    else:
        yield knowledge.c.withdrawn_at.is_(None)
    if filters.unit:
        yield knowledge.c.unit == filters.unit
    if filters.category:
        yield knowledge.c.category == filters.category
    if filters.stale is not None:
        yield (knowledge.c.valid_until < today) == filters.stale
    if filters.updated_since:
        yield knowledge.c.updated_at >= filters.updated_since
    if filters.search:
        yield knowledge.c.words.op("@@")(_all_of(filters.search))


async def answers_to(
    session: ReadSession, text: str, *, category: str | None, area: str | None, limit: int
) -> tuple[Entry, ...]:
    """Return the entries that may answer what somebody takes down: those of its matter first, then the best matches.

    Of another area's is none. A single pair that is in a title by chance is no match, unless nothing else was said.
    """
    pairs = list(dict.fromkeys(pairs_of(text)))[:_MOST_PAIRS]
    if not pairs and category is None:
        return ()
    rank: ColumnElement[float] = literal(0.0)
    matches: list[ColumnElement[bool]] = []
    of_matter: ColumnElement[bool] = literal(value=False)
    if pairs:
        wanted = _query(" | ".join(f"'{pair}'" for pair in pairs))
        rank = func.ts_rank(knowledge.c.words, wanted)
        least = _IN_TITLE * min(2, len(pairs)) / len(pairs)
        matches.append(and_(knowledge.c.words.op("@@")(wanted), rank >= least))
    if category is not None:
        of_matter = knowledge.c.category == category
        matches.append(of_matter)
    query = select(*_ENTRY).where(knowledge.c.withdrawn_at.is_(None), or_(*matches))
    if area is not None:
        query = query.where(func.coalesce(knowledge.c.area, area) == area)
    ordered = query.order_by(of_matter.desc(), rank.desc(), knowledge.c.number).limit(limit)
    found = await session.execute(ordered)
    return tuple(Entry.model_validate(dict(row)) for row in found.mappings())


def _all_of(search: Search) -> ColumnElement[Any]:
    """Every word whole: its pairs one after the other."""
    return _query(" & ".join("(" + " <-> ".join(f"'{p}'" for p in pairs_of(w)) + ")" for w in search.words))


def _query(text: str) -> ColumnElement[Any]:
    # The normal form of a text has no punctuation, so that nothing in a pair ends its quotation.
    return cast(literal(text, Text), TSQUERY)


# ── what became of it ───────────────────────────────────────────────────────────────────────────


async def revisions_of(session: ReadSession, number: KnowledgeNo) -> tuple[Revision, ...]:
    """Return every version of an entry, the newest first."""
    query = select(*(knowledge_revisions.c[name] for name in Revision.model_fields))
    query = query.where(knowledge_revisions.c.number == number)
    found = await session.execute(query.order_by(knowledge_revisions.c.version.desc()))
    return tuple(Revision.model_validate(dict(row)) for row in found.mappings())


async def answered_with(session: ReadSession, number: KnowledgeNo) -> int:
    """Count the cases that were answered from an entry, by the ledger."""
    query = select(func.count()).select_from(facts).where(_answers_from(number))
    return int(await session.scalar(query) or 0)


async def cases_answered(
    session: ReadSession, scope: CaseScope, number: KnowledgeNo, *, limit: int
) -> tuple[AnsweredCase, ...]:
    """Return the last visible cases that were answered from an entry, each with the version of that moment."""
    then = (
        select(func.max(knowledge_revisions.c.version))
        .where(knowledge_revisions.c.number == number, knowledge_revisions.c.at <= facts.c.at)
        .scalar_subquery()
    )
    query = (
        select(facts.c.case_no, facts.c.at, then.label("version"))
        .join(cases, cases.c.case_no == facts.c.case_no)
        .where(_answers_from(number), scope.condition)
        .order_by(facts.c.at.desc())
        .limit(limit)
    )
    return tuple(AnsweredCase.model_validate(dict(row)) for row in (await session.execute(query)).mappings())


def _answers_from(number: KnowledgeNo) -> ColumnElement[bool]:
    # Written out, for only then the planner sees that the index of answers serves.
    told_from = literal_column("facts.body ->> 'knowledge_id'", Text)
    return and_(literal_column("facts.tag = 'intake:answered'", Boolean), told_from == number)


async def upkeep(session: ReadSession, *, now: datetime) -> tuple[Upkeep, ...]:
    """Count, for each unit, its entries in use, those that are 待更新, and those updated in the month, in one pass."""
    today = today_of(now)
    query = select(
        knowledge.c.unit,
        func.count().label("entries"),
        func.count().filter(knowledge.c.valid_until < today).label("stale"),
        func.count().filter(knowledge.c.updated_at >= month_began(now)).label("updated"),
    )
    counted = query.where(knowledge.c.withdrawn_at.is_(None)).group_by(knowledge.c.unit)
    found = await session.execute(counted.order_by(knowledge.c.unit))
    return tuple(Upkeep.model_validate(dict(row)) for row in found.mappings())


def month_began(now: datetime) -> datetime:
    """The first instant of the month on the hotline's calendar."""
    return now.astimezone(SHANGHAI).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
