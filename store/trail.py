"""The audit trail (安全审计日志): who signed in, opened, exported or erased what, chained like the ledger.

Facts tell what was decided about a case; the trail tells what was done with the system and with what it keeps
secret. An entry is written in the transaction of the act that it records: what could not be recorded was
not done. One chain for the whole installation, so that a missing entry shows (等保 2.0 三级 8.1.4.3).
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from pydantic import Field, JsonValue
from sqlalchemy import ColumnElement, RowMapping, and_, func, insert, select

from hotline.case import Actor
from hotline.identifiers import CaseNo, UserId
from hotline.model import Record
from hotline.proof.anchors import TrailHead
from hotline.proof.chain import GENESIS, ChainBreak, entry_hash
from hotline.vocabulary import TrailEvent
from store.engine import ReadSession, WriteSession
from store.tables.trail import trail

PAGE: Final = 500
# Any number will do, so long as nothing else in the database locks the same.
_LOCK: Final = 1234500002


class TrailEntry(Record):
    """One act: who, when, what, on which case or account. `detail` holds codes and counts, never words.

    `address` is the network address of a member of staff; of citizens none is kept.
    """

    at: datetime
    event: TrailEvent
    actor: Actor | None = None
    case_no: CaseNo | None = None
    subject: str | None = None
    address: str | None = None
    detail: dict[str, JsonValue] = Field(default_factory=dict)


class TrailLine(TrailEntry):
    """An entry as it stands in the trail."""

    seq: int


class TrailFilters(Record):
    """Which entries are wanted; what is None does not matter."""

    event: TrailEvent | None = None
    actor_id: UserId | None = None
    case_no: CaseNo | None = None
    since: datetime | None = None
    until: datetime | None = None


async def record(session: WriteSession, entry: TrailEntry) -> int:
    """Add an entry and return its number.

    Writers queue from here to the end of their transaction, so this is the last statement of one.
    """
    await session.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    last = await head(session)
    values = {"seq": last.seq + 1, **_values(entry)}
    chained = {"prev_hash": last.hash, "hash": entry_hash(last.hash, _content(values))}
    await session.execute(insert(trail).values(values | chained))
    return last.seq + 1


async def head(session: ReadSession) -> TrailHead:
    """Return the last entry's number and hash, as an anchor takes them down."""
    found = await session.execute(select(trail.c.seq, trail.c.hash).order_by(trail.c.seq.desc()).limit(1))
    last = found.one_or_none()
    return TrailHead(last.seq, last.hash) if last else TrailHead(0, GENESIS)


async def entries(
    session: ReadSession, filters: TrailFilters, *, before: int | None = None, limit: int = 100
) -> tuple[TrailLine, ...]:
    """Return entries, newest first, that come before number `before`."""
    found = await session.execute(
        select(trail)
        .where(and_(True, *_conditions(filters, before)))
        .order_by(trail.c.seq.desc())
        .limit(limit)
    )
    return tuple(_line(row) for row in found.mappings())


def _conditions(filters: TrailFilters, before: int | None) -> Iterator[ColumnElement[bool]]:
    if filters.event:
        yield trail.c.event == filters.event
    if filters.actor_id:
        yield trail.c.actor_id == filters.actor_id
    if filters.case_no:
        yield trail.c.case_no == filters.case_no
    if filters.since:
        yield trail.c.at >= filters.since
    if filters.until:
        yield trail.c.at < filters.until
    if before is not None:
        yield trail.c.seq < before


async def verify_trail(session: ReadSession) -> ChainBreak | None:
    """Walk the whole trail and return the first place where it does not hold."""
    last, prev_hash = 0, GENESIS
    while page := await _page(session, last):
        for row in page:
            if problem := _problem(row, last, prev_hash):
                return ChainBreak(row["seq"], problem)
            last, prev_hash = row["seq"], row["hash"]
    return None


async def _page(session: ReadSession, after: int) -> Sequence[RowMapping]:
    found = await session.execute(select(trail).where(trail.c.seq > after).order_by(trail.c.seq).limit(PAGE))
    return found.mappings().all()


def _problem(row: RowMapping, last: int, prev_hash: bytes) -> str | None:
    if row["seq"] != last + 1:
        return "the entry before it is missing"
    if row["prev_hash"] != prev_hash:
        return "it is not chained to the entry before it"
    if row["hash"] != entry_hash(prev_hash, _content(dict(row))):
        return "its content is not what was hashed"
    return None


def _values(entry: TrailEntry) -> dict[str, Any]:
    actor = entry.actor
    return {
        "at": entry.at,
        "event": entry.event.value,
        "actor_id": actor.user_id if actor else None,
        "actor_role": actor.role.value if actor else None,
        "actor_unit": actor.unit if actor else None,
        "case_no": entry.case_no,
        "subject": entry.subject,
        "address": entry.address,
        "detail": entry.detail,
    }


_HASHED: Final = (
    "seq",
    "event",
    "actor_id",
    "actor_role",
    "actor_unit",
    "case_no",
    "subject",
    "address",
    "detail",
)


# A row's values are of as many types as it has columns.
def _content(values: Mapping[str, Any]) -> dict[str, Any]:
    at = values["at"].astimezone(UTC).isoformat(timespec="microseconds")
    return {"at": at, **{name: values[name] for name in _HASHED}}


def _line(row: RowMapping) -> TrailLine:
    actor = {"user_id": row["actor_id"], "role": row["actor_role"], "unit": row["actor_unit"]}
    return TrailLine.model_validate({**row, "actor": actor if row["actor_id"] else None})
