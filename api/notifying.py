"""The notice keeper (通知投递): tells inboxes what facts come to, and carries messages to outside channels.

A task of every API process. The database hands each notice and each message to one of them at a time, and what a
process leaves unfinished another takes on; every channel has a lane of its own, so that a receiver which hangs
holds up nobody else.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final, TypeVar

import structlog
from prometheus_client import Counter

from api.keeper import Keeper
from api.policies import PolicyShelf
from hotline.case import Actor
from hotline.identifiers import DeliveryId, UserId
from hotline.notices import Notice, may_disturb_from
from hotline.policy import PolicySnapshot
from runtime.channels import Channel, Outside, Reach, SendFailed
from runtime.settings import Settings
from store.deliveries import (
    EVERYBODY,
    UNIT_PREFIX,
    Message,
    claim,
    give_up,
    mark_sent,
    muted,
    put_off,
)
from store.engine import Database
from store.failures import DatabaseUnavailable
from store.notices import BATCH, Handing, Route, tell

AT_ONCE: Final = 8
"""Messages of one channel in flight in one process."""

LONGEST_PAUSE: Final = timedelta(hours=1)
_LEASE_MARGIN: Final = timedelta(seconds=30)
"""What marking a sent message may take, over and above the try itself."""

Outcome = TypeVar("Outcome")

_log = structlog.get_logger(__name__)
_told = Counter("hotline_notices_told", "Notices that were put into inboxes.")
_tries = Counter("hotline_deliveries", "Tries to reach an outside channel.", ["channel", "outcome"])


def route_of(
    channels: Mapping[str, Channel],
    off: Mapping[str, frozenset[UserId]],
    policy: PolicySnapshot,
    now: datetime,
) -> Route:
    """Which channels carry a notice: those that are for it and for somebody who is told and wants it."""

    def route(notice: Notice, told: Sequence[Actor]) -> Iterator[Handing]:
        if not channels:
            return
        not_before = may_disturb_from(notice, now, policy)
        for name, channel in channels.items():
            silent = frozenset() if channel.mandatory else off.get(name, frozenset())
            if channel.carries(notice):
                for recipient in _recipients(channel, told, silent):
                    yield Handing(channel=name, recipient=recipient, not_before=not_before)

    return route


def _recipients(channel: Channel, told: Sequence[Actor], silent: frozenset[UserId]) -> dict[str, None]:
    """Each receiver once, in order; what a group shares nobody can turn off for the others."""
    heard = [actor for actor in told if channel.is_for(actor)]
    match channel.reach:
        case Reach.PERSON:
            return {actor.user_id: None for actor in heard if actor.user_id not in silent}
        case Reach.UNIT:
            return {f"{UNIT_PREFIX}{actor.unit}": None for actor in heard if actor.unit}
        case Reach.EVERYBODY:
            return {EVERYBODY: None} if heard else {}


def pause_before(message_id: DeliveryId, attempts: int, first: timedelta) -> timedelta:
    """How long to wait after so many tries: twice as long each time, apart by up to a quarter.

    The share is drawn from the id, so that what failed together is not tried together.
    """
    draw = int.from_bytes(hashlib.sha256(f"{message_id}/{attempts}".encode()).digest()[:4]) / 2**32
    # Beyond so many doublings any first pause has reached the longest one.
    pause = min(first * 2.0 ** min(attempts - 1, 32), LONGEST_PAUSE)
    return pause * (1 + draw / 4)


class NoticeKeeper(Keeper):
    """A loop that tells notices, and a lane per channel that delivers messages."""

    task_name = "notice-keeper"

    def __init__(
        self,
        database: Database,
        outside: Outside,
        policies: PolicyShelf,
        settings: Settings,
        clock: Callable[[], datetime],
    ) -> None:
        """Nothing happens before it is entered."""
        self._database = database
        self._policies = policies
        self._outside = outside
        self._clock = clock
        self._interval = timedelta(seconds=settings.notify_interval_seconds)
        self._first_retry = timedelta(seconds=settings.notify_retry_seconds)
        self._attempts = settings.notify_attempts
        self._lease_for = timedelta(seconds=settings.notify_timeout_seconds) + _LEASE_MARGIN

    async def tell(self) -> int:
        """Tell one batch, and return how many notices it was."""
        now = self._clock()
        async with self._database.write() as session:
            policy = await self._policies.seen_by(session)
            route = route_of(self._outside.channels, await muted(session), policy, now)
            told = await tell(session, route, at=now)
        _told.inc(told)
        return told

    async def take(self, channel: str, limit: int = AT_ONCE) -> tuple[Message, ...]:
        """Claim messages of one channel that are due."""
        async with self._database.write() as session:
            return await claim(session, channel, now=self._clock(), lease_for=self._lease_for, limit=limit)

    async def deliver(self, message: Message) -> None:
        """Try once, and mark how it went. Who is cut short in between leaves it to the end of the lease."""
        place = message.recipient.removeprefix(UNIT_PREFIX)
        try:
            await self._outside.send(message.channel, place, message.message_id, message.lines)
        except SendFailed as failure:
            await self._mark_failed(message, failure.reason)
            return
        async with self._database.write() as session:
            await mark_sent(session, message.message_id, at=self._clock())
        _tries.labels(message.channel, "sent").inc()

    async def _mark_failed(self, message: Message, reason: str) -> None:
        _tries.labels(message.channel, reason).inc()
        now, is_last = self._clock(), message.attempts >= self._attempts
        log = _log.error if is_last else _log.warning
        log(
            "notify.given_up" if is_last else "notify.failed",
            channel=message.channel,
            message_id=message.message_id,
            attempts=message.attempts,
            reason=reason,
        )
        async with self._database.write() as session:
            if is_last:
                await give_up(session, message.message_id, reason, at=now)
            else:
                pause = pause_before(message.message_id, message.attempts, self._first_retry)
                await put_off(session, message.message_id, reason, until=now + pause)

    async def _run(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._telling())
            for channel in self._outside.channels:
                group.create_task(self._lane(channel))

    async def _telling(self) -> None:
        while True:
            told = await _guarded(self.tell, otherwise=0)
            await asyncio.sleep(0 if told == BATCH else self._interval.total_seconds())

    async def _lane(self, channel: str) -> None:
        in_flight: set[asyncio.Task[None]] = set()
        async with asyncio.TaskGroup() as group:
            while True:
                nothing: tuple[Message, ...] = ()
                for message in await _guarded(
                    partial(self.take, channel, AT_ONCE - len(in_flight)), otherwise=nothing
                ):
                    task = group.create_task(_guarded(partial(self.deliver, message), otherwise=None))
                    in_flight.add(task)
                    task.add_done_callback(in_flight.discard)
                await asyncio.sleep(self._interval.total_seconds())


async def _guarded(act: Callable[[], Awaitable[Outcome]], *, otherwise: Outcome) -> Outcome:
    """Keep a loop alive: one that died of a bug would leave people untold."""
    try:
        return await act()
    except DatabaseUnavailable:
        _log.warning("notify.database_away")
    except Exception:  # noqa: BLE001  as the docstring says
        _log.exception("notify.loop_failed")
    return otherwise
