"""Deliveries (投递): what outside channels have to carry, as an outbox that any number of processes empty.

A process claims a message under a lease and sends it; only then is it marked. One that dies in between leaves
the lease to run out, and the next try carries the same id and says the same words: what a receiver has seen
under an id it need not show again. Several notices that wait for one person's morning travel as one message.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Select, and_, delete, func, or_, select, true, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from hotline.identifiers import CaseNo, DeliveryId, NoticeId, UnitCode, UserId
from hotline.model import Record
from hotline.roles import UNIT_ROLES
from hotline.visibility import Viewer
from hotline.vocabulary import DeliveryState, NoticeKind
from store.conditions import among
from store.engine import ReadSession, WriteSession
from store.notices import Onlookers
from store.tables.notices import deliveries, muted_channels, notices

EVERYBODY: Final = "*"
"""The recipient of a channel that has one receiver for all, such as a group of the supervision desk."""

UNIT_PREFIX: Final = "unit:"
"""How a recipient begins that is a whole unit; no account's id has a colon."""

DIGEST_AT_MOST: Final = 20
"""Notices in one message: a group robot cuts off what is longer than a few thousand characters."""


class Message(Record):
    """What is sent at once to one recipient, under the id by which a receiver knows it again."""

    message_id: DeliveryId
    channel: str
    recipient: str
    attempts: int
    lines: tuple[str, ...]


class DeliveryLine(Record):
    """One delivery as an administrator sees it."""

    delivery_id: DeliveryId
    notice_id: NoticeId
    case_no: CaseNo
    kind: NoticeKind
    channel: str
    recipient: str
    state: DeliveryState
    attempts: int
    created_at: datetime
    not_before: datetime
    settled_at: datetime | None
    failure: str | None


class Backlog(Record):
    """How far telling is behind: notices in no inbox yet, messages that are due, that wait for another try, that were given up."""

    untold: int
    untold_since: datetime | None
    due: int
    due_since: datetime | None
    retrying: int
    retrying_since: datetime | None
    failed: int


_LINES: Final = TypeAdapter(list[DeliveryLine])


# ── sending ─────────────────────────────────────────────────────────────────────────────────────


async def claim(
    session: WriteSession, channel: str, *, now: datetime, lease_for: timedelta, limit: int
) -> tuple[Message, ...]:
    """Take messages of one channel to send, emergencies first; nobody else gets them while the lease lasts."""
    taken: list[Message] = []
    bundled: set[str] = set()
    if limit == 0:
        return ()
    for head in await _heads(session, channel, now, limit):
        if head.bundle is not None:
            taken.append(await _lease(session, head.delivery_id, now + lease_for))
        elif head.delivery_id not in bundled and (members := await _bundle(session, head, now)):
            bundled.update(members)
            taken.append(await _lease(session, members[0], now + lease_for))
    return tuple(taken)


# Row is generic in its columns, which a Table does not tell.
async def _heads(session: ReadSession, channel: str, now: datetime, limit: int) -> Sequence[Any]:
    found = await session.execute(
        select(deliveries)
        .where(_waits(channel, now))
        .where(or_(deliveries.c.bundle.is_(None), deliveries.c.bundle == deliveries.c.delivery_id))
        .order_by(deliveries.c.is_urgent.desc(), deliveries.c.not_before, deliveries.c.delivery_id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return found.all()


def _waits(channel: str, now: datetime) -> ColumnElement[bool]:
    return and_(
        deliveries.c.state == DeliveryState.WAITING.value,
        deliveries.c.channel == channel,
        deliveries.c.not_before <= now,
        or_(deliveries.c.leased_until.is_(None), deliveries.c.leased_until <= now),
    )


async def _bundle(session: WriteSession, head: Any, now: datetime) -> list[DeliveryId]:  # Any: as `_heads`
    """Fix what travels together, before the first try; an emergency goes alone."""
    query = (
        select(deliveries.c.delivery_id, notices.c.case_no)
        .join(notices, notices.c.notice_id == deliveries.c.notice_id)
        .with_for_update(skip_locked=True, of=deliveries)
    )
    if head.is_urgent:
        query = query.where(deliveries.c.delivery_id == head.delivery_id)
    else:
        query = (
            query.where(_waits(head.channel, now), deliveries.c.bundle.is_(None))
            .where(deliveries.c.recipient == head.recipient, deliveries.c.is_urgent.is_(False))
            .order_by(notices.c.at, deliveries.c.delivery_id)
            .limit(DIGEST_AT_MOST)
        )
    found = (await session.execute(query)).all()
    wanted = await _still_concerned(session, head.recipient, found)
    members = [DeliveryId(row.delivery_id) for row in found if row.case_no in wanted]
    dropped = [row.delivery_id for row in found if row.case_no not in wanted]
    await _settle(session, deliveries.c.delivery_id.in_(dropped), DeliveryState.DROPPED, now)
    if members:
        chosen = deliveries.c.delivery_id.in_(members)
        await session.execute(update(deliveries).where(chosen).values(bundle=members[0]))
    return members


async def _still_concerned(session: ReadSession, recipient: str, found: Iterable[Any]) -> set[str]:
    """The cases that a recipient may still know of: somebody may have been recused since they were told."""
    numbers = {CaseNo(row.case_no) for row in found}
    if recipient == EVERYBODY:
        return set(numbers)
    people = await Onlookers.of(session, numbers)
    viewer = _viewer(recipient, people)
    return {number for number in numbers if viewer and people.may_hear(viewer, number)}


def _viewer(recipient: str, people: Onlookers) -> Viewer | None:
    if recipient.startswith(UNIT_PREFIX):
        unit = UnitCode(recipient.removeprefix(UNIT_PREFIX))
        return next((v for v in people.viewers if v.actor.unit == unit and v.actor.role in UNIT_ROLES), None)
    return next((v for v in people.viewers if v.actor.user_id == recipient), None)


async def _lease(session: WriteSession, head_id: str, until: datetime) -> Message:
    """Counting the try before it is made also counts those that a process did not survive."""
    head = (
        await session.execute(
            update(deliveries)
            .where(deliveries.c.delivery_id == head_id)
            .values(leased_until=until, attempts=deliveries.c.attempts + 1)
            .returning(deliveries)
        )
    ).one()
    lines = await session.scalars(
        select(notices.c.text)
        .join(deliveries, deliveries.c.notice_id == notices.c.notice_id)
        .where(deliveries.c.bundle == head_id)
        .order_by(notices.c.at, notices.c.notice_id)
    )
    return Message(
        message_id=head.delivery_id,
        channel=head.channel,
        recipient=head.recipient,
        attempts=head.attempts,
        lines=tuple(lines),
    )


async def mark_sent(session: WriteSession, message_id: DeliveryId, *, at: datetime) -> None:
    """A receiver has taken a message."""
    await _settle(session, deliveries.c.bundle == message_id, DeliveryState.SENT, at)


async def put_off(session: WriteSession, message_id: DeliveryId, failure: str, *, until: datetime) -> None:
    """A try failed; there will be another."""
    await session.execute(
        update(deliveries)
        .where(deliveries.c.delivery_id == message_id, deliveries.c.state == DeliveryState.WAITING.value)
        .values(not_before=until, leased_until=None, failure=failure)
    )


async def give_up(session: WriteSession, message_id: DeliveryId, failure: str, *, at: datetime) -> None:
    """No try is left; an administrator sees it and may order another."""
    await _settle(session, deliveries.c.bundle == message_id, DeliveryState.FAILED, at, failure)


async def _settle(
    session: WriteSession,
    which: ColumnElement[bool],
    state: DeliveryState,
    at: datetime,
    failure: str | None = None,
) -> None:
    await session.execute(
        update(deliveries)
        .where(which, deliveries.c.state == DeliveryState.WAITING.value)
        .values(state=state.value, settled_at=at, leased_until=None, failure=failure)
    )


# ── an administrator's view ─────────────────────────────────────────────────────────────────────


async def list_deliveries(
    session: ReadSession,
    *,
    state: DeliveryState,
    channel: str | None = None,
    before: tuple[datetime, str] | None = None,
    limit: int = 50,
) -> tuple[DeliveryLine, ...]:
    """List deliveries in one state, the newest first."""
    query = _lines().where(deliveries.c.state == state.value)
    query = query.order_by(deliveries.c.created_at.desc(), deliveries.c.delivery_id.desc()).limit(limit)
    if channel is not None:
        query = query.where(deliveries.c.channel == channel)
    if before:
        query = query.where(tuple_(deliveries.c.created_at, deliveries.c.delivery_id) < before)
    return tuple(_LINES.validate_python((await session.execute(query)).mappings().all()))


async def retry_failed(session: WriteSession, *, channel: str | None, at: datetime) -> int:
    """Let everything that was given up be tried again, under the ids it had; count it."""
    failed = deliveries.c.state == DeliveryState.FAILED.value
    of_channel = true() if channel is None else deliveries.c.channel == channel
    again = await session.execute(
        update(deliveries)
        .where(failed, of_channel)
        .values(state=DeliveryState.WAITING.value, attempts=0, not_before=at, settled_at=None)
    )
    return again.rowcount


async def discard(session: WriteSession, channel: str, *, at: datetime) -> int:
    """Let everything rest that a channel has not delivered; inboxes have it all the same. Count it."""
    undelivered = among(deliveries.c.state, [DeliveryState.WAITING.value, DeliveryState.FAILED.value])
    dropped = await session.execute(
        update(deliveries)
        .where(deliveries.c.channel == channel, undelivered)
        .values(state=DeliveryState.DROPPED.value, settled_at=at)
    )
    return dropped.rowcount


async def backlog(session: ReadSession, *, now: datetime) -> Backlog:
    """Tell how far telling is behind."""
    is_waiting = deliveries.c.state == DeliveryState.WAITING.value
    first_tries = and_(is_waiting, deliveries.c.attempts == 0, deliveries.c.bundle.is_(None))
    untold = await count_since(session, notices.c.at, notices.c.told_at.is_(None))
    due = await count_since(
        session, deliveries.c.not_before, and_(first_tries, deliveries.c.not_before <= now)
    )
    retrying = await count_since(
        session, deliveries.c.created_at, and_(is_waiting, deliveries.c.attempts > 0)
    )
    failed = await count_since(
        session, deliveries.c.created_at, deliveries.c.state == DeliveryState.FAILED.value
    )
    return Backlog(
        untold=untold[0],
        untold_since=untold[1],
        due=due[0],
        due_since=due[1],
        retrying=retrying[0],
        retrying_since=retrying[1],
        failed=failed[0],
    )


async def count_since(
    session: ReadSession, since: ColumnElement[datetime], which: ColumnElement[bool]
) -> tuple[int, datetime | None]:
    """How many rows there are, and the earliest instant among them."""
    counted = select(func.count().label("found"), func.min(since).label("since")).where(which)
    row = (await session.execute(counted)).one()
    return row.found, row.since


# Select is generic in the types of its columns, which a Table does not tell.
def _lines() -> Select[Any]:
    columns = [deliveries.c[name] for name in DeliveryLine.model_fields if name in deliveries.c]
    return select(*columns, notices.c.case_no, notices.c.kind).join_from(
        deliveries, notices, notices.c.notice_id == deliveries.c.notice_id
    )


# ── what somebody wants ─────────────────────────────────────────────────────────────────────────


async def muted(session: ReadSession) -> dict[str, frozenset[UserId]]:
    """Return who has turned which channel off."""
    by_channel: defaultdict[str, set[UserId]] = defaultdict(set)
    for row in await session.execute(select(muted_channels)):
        by_channel[row.channel].add(UserId(row.user_id))
    return {channel: frozenset(users) for channel, users in by_channel.items()}


async def muted_by(session: ReadSession, user: UserId) -> frozenset[str]:
    """Return the channels that somebody has turned off."""
    found = await session.scalars(select(muted_channels.c.channel).where(muted_channels.c.user_id == user))
    return frozenset(found)


async def mute(session: WriteSession, user: UserId, channel: str, *, off: bool) -> None:
    """Turn a channel off or on again for somebody."""
    if off:
        row = {"user_id": user, "channel": channel}
        await session.execute(insert(muted_channels).values(row).on_conflict_do_nothing())
    else:
        mine = and_(muted_channels.c.user_id == user, muted_channels.c.channel == channel)
        await session.execute(delete(muted_channels).where(mine))
