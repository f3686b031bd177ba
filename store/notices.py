"""Notices (通知) on their way from facts to people: noted with the facts, told to inboxes, read there.

They are noted in the projection's own statement, so there is a notice for every fact that has one and for none
that was not written. Who is told is found out a moment later (`tell`), away from the projection that somebody
waits for: in one transaction a batch is marked as told, put into every inbox and handed to the channels, so
that any number of processes may do it and whatever is cut short has not happened.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson
from pydantic import TypeAdapter
from sqlalchemy import Row, Select, and_, delete, exists, func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from hotline.case import Actor, Concern
from hotline.identifiers import CaseNo, NoticeId, UnitCode, UserId, delivery_id
from hotline.model import Record
from hotline.notices import Audience, Notice
from hotline.visibility import Viewer, may_see, viewer_of
from hotline.vocabulary import DeliveryState, NoticeKind
from store.accounts import User, all_users
from store.conditions import among
from store.engine import ReadSession, WriteSession
from store.given import Values, insert_given
from store.scope import CaseScope
from store.tables.casework import cases
from store.tables.notices import deliveries, inbox, notices
from store.tables.reference import supervised_units
from store.viewers import parents

CHANNEL: Final = "inbox_changed"
"""Where PostgreSQL tells live readers that there is something new for them."""

BATCH: Final = 200
_NAMED_AT_ONCE: Final = 80
"""A NOTIFY carries less than 8,000 bytes, and an account's id has up to 64."""

NOTED: Final = insert_given(notices, "notice_rows").on_conflict_do_nothing().cte("noted")
"""Keeps the notices of `notice_rows`, each once; said along with another statement."""

_AUDIENCES: Final = TypeAdapter(tuple[Audience, ...])


@dataclass(frozen=True, slots=True)
class Handing:
    """One notice that an outside channel carries to somebody: `recipient` is an account, a unit, or everybody."""

    channel: str
    recipient: str
    not_before: datetime


Route = Callable[[Notice, Sequence[Actor]], Iterable[Handing]]
"""Which outside channels carry a notice, given everybody who is told."""


class InboxLine(Record):
    """One notice in somebody's inbox."""

    notice_id: NoticeId
    case_no: CaseNo
    kind: NoticeKind
    at: datetime
    text: str
    is_urgent: bool
    read_at: datetime | None


# ── from facts to people ────────────────────────────────────────────────────────────────────────


def notice_rows(told: Iterable[Notice]) -> list[Values]:
    """What is to be told of newly written facts, as `NOTED` takes it."""
    return [notice.model_dump(mode="json") | {"told_at": None} for notice in told]


async def tell(session: WriteSession, route: Route, *, at: datetime, limit: int = BATCH) -> int:
    """Tell a batch of notices, emergencies first; return how many there were."""
    found = await session.execute(
        select(notices)
        .where(notices.c.told_at.is_(None))
        .order_by(notices.c.is_urgent.desc(), notices.c.at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    batch = [_notice(row) for row in found]
    if not batch:
        return 0
    people = await Onlookers.of(session, {notice.case_no for notice in batch})
    told = {notice.notice_id: people.told(notice) for notice in batch}
    await _put_in_inboxes(session, batch, told)
    await _hand_out(session, ((n, h) for n in batch for h in route(n, told[n.notice_id])), at)
    await session.execute(update(notices).where(notices.c.notice_id.in_(told)).values(told_at=at))
    await _announce(session, {actor.user_id for actors in told.values() for actor in actors})
    return len(batch)


@dataclass(frozen=True, slots=True)
class Onlookers:
    """Everybody who may be told of some cases, as of now: accounts, the tree of units, whom each case concerns."""

    viewers: Sequence[Viewer]
    concerns: dict[CaseNo, Concern]

    @classmethod
    async def of(cls, session: ReadSession, numbers: Iterable[CaseNo]) -> "Onlookers":
        """Read them for some cases."""
        tree, supervised = await parents(session), await _supervised(session)
        users = await all_users(session)
        viewers = [viewer_of(user.actor, tree, _reach(user, supervised)) for user in users]
        found = await session.execute(
            select(cases.c.case_no, cases.c.units, cases.c.accused_units, cases.c.recused).where(
                among(cases.c.case_no, tuple(numbers))
            )
        )
        return cls(
            viewers,
            {
                CaseNo(row.case_no): Concern(
                    units=tuple(row.units),
                    accused_units=tuple(row.accused_units),
                    recused=tuple(row.recused),
                )
                for row in found
            },
        )

    def told(self, notice: Notice) -> list[Actor]:
        """Whom a notice is for, and who may know of its case."""
        return [
            viewer.actor
            for viewer in self.viewers
            if notice.is_for(viewer.actor) and self.may_hear(viewer, notice.case_no)
        ]

    def may_hear(self, viewer: Viewer, case_no: CaseNo) -> bool:
        """Whether somebody may know of a case now."""
        concern = self.concerns.get(case_no)
        return concern is not None and may_see(viewer, concern)


def _reach(user: User, supervised: dict[str, tuple[UnitCode, ...]]) -> tuple[UnitCode, ...] | None:
    return None if user.discipline_group is None else supervised.get(user.discipline_group, ())


async def _supervised(session: ReadSession) -> dict[str, tuple[UnitCode, ...]]:
    named: defaultdict[str, tuple[UnitCode, ...]] = defaultdict(tuple)
    for row in await session.execute(select(supervised_units)):
        named[row.group] += (UnitCode(row.unit),)
    return dict(named)


async def _put_in_inboxes(
    session: WriteSession, batch: Iterable[Notice], told: dict[NoticeId, list[Actor]]
) -> None:
    rows = [
        {"recipient": actor.user_id, "notice_id": notice.notice_id, "at": notice.at, "read_at": None}
        for notice in batch
        for actor in told[notice.notice_id]
    ]
    if rows:
        await session.execute(insert(inbox).on_conflict_do_nothing(), rows)


async def _hand_out(session: WriteSession, handed: Iterator[tuple[Notice, Handing]], at: datetime) -> None:
    rows = [
        {
            "delivery_id": delivery_id(notice.notice_id, handing.recipient, handing.channel),
            "notice_id": notice.notice_id,
            "channel": handing.channel,
            "recipient": handing.recipient,
            "is_urgent": notice.is_urgent,
            "created_at": at,
            "not_before": handing.not_before,
            "state": DeliveryState.WAITING.value,
            "attempts": 0,
        }
        for notice, handing in handed
    ]
    if rows:
        await session.execute(insert(deliveries).on_conflict_do_nothing(), rows)


async def _announce(session: WriteSession, told: Iterable[UserId]) -> None:
    """Tell live readers when the transaction commits: only that there is something for whom."""
    named = sorted(told)
    for start in range(0, len(named), _NAMED_AT_ONCE):
        payload = orjson.dumps({"recipients": named[start : start + _NAMED_AT_ONCE]}).decode()
        await session.execute(select(func.pg_notify(CHANNEL, payload)))


# ── an inbox ────────────────────────────────────────────────────────────────────────────────────


async def list_inbox(
    session: ReadSession,
    scope: CaseScope,
    recipient: UserId,
    *,
    unread_only: bool = False,
    before: tuple[datetime, str] | None = None,
    limit: int = 50,
) -> tuple[InboxLine, ...]:
    """List somebody's notices, the newest first, of the cases that they may still know of."""
    query = _visible(scope, recipient).order_by(inbox.c.at.desc(), inbox.c.notice_id.desc()).limit(limit)
    if unread_only:
        query = query.where(inbox.c.read_at.is_(None))
    if before:
        query = query.where(tuple_(inbox.c.at, inbox.c.notice_id) < before)
    return tuple(InboxLine.model_validate(dict(row)) for row in (await session.execute(query)).mappings())


async def count_unread(session: ReadSession, scope: CaseScope, recipient: UserId) -> int:
    """Count what somebody has not read yet, of the cases that they may still know of."""
    unread = _visible(scope, recipient).where(inbox.c.read_at.is_(None)).subquery()
    return int(await session.scalar(select(func.count()).select_from(unread)))


async def mark_read(
    session: WriteSession,
    scope: CaseScope,
    recipient: UserId,
    *,
    at: datetime,
    only: NoticeId | None = None,
    until: datetime | None = None,
) -> int | None:
    """Mark one notice, or everything up to an instant, as read; how many were not, or None if there is no such one."""
    visible = _visible(scope, recipient)
    if only is not None:
        visible = visible.where(inbox.c.notice_id == only)
        if not await session.scalar(select(exists(visible))):
            return None
    seen = visible.with_only_columns(inbox.c.notice_id).where(inbox.c.read_at.is_(None))
    if until is not None:
        seen = seen.where(inbox.c.at <= until)
    marked = await session.execute(
        update(inbox)
        .where(and_(inbox.c.recipient == recipient, inbox.c.notice_id.in_(seen)))
        .values(read_at=at)
    )
    return marked.rowcount


async def forget_notices(session: WriteSession, numbers: Sequence[CaseNo]) -> None:
    """Delete what was told of some cases, from inboxes and from what is still to be delivered."""
    await session.execute(delete(notices).where(notices.c.case_no.in_(numbers)))
    # What was to travel together with something that is gone now travels by itself.
    head = deliveries.alias()
    has_head = exists().where(head.c.delivery_id == deliveries.c.bundle)
    await session.execute(
        update(deliveries)
        .where(deliveries.c.state == DeliveryState.WAITING.value, deliveries.c.bundle.is_not(None), ~has_head)
        .values(bundle=None)
    )


# Select is generic in the types of its columns, which a Table does not tell.
def _visible(scope: CaseScope, recipient: UserId) -> Select[Any]:
    columns = (
        notices.c.notice_id,
        notices.c.case_no,
        notices.c.kind,
        inbox.c.at,
        notices.c.text,
        notices.c.is_urgent,
        inbox.c.read_at,
    )
    return (
        select(*columns)
        .join_from(inbox, notices, notices.c.notice_id == inbox.c.notice_id)
        .join(cases, cases.c.case_no == notices.c.case_no)
        .where(and_(inbox.c.recipient == recipient, scope.condition))
    )


def _notice(row: Row[Any]) -> Notice:
    return Notice(
        notice_id=row.notice_id,
        case_no=row.case_no,
        seq=row.seq,
        kind=row.kind,
        at=row.at,
        text=row.text,
        audiences=_AUDIENCES.validate_python(row.audiences),
        besides=row.besides,
        is_urgent=row.is_urgent,
    )
