"""What every request shares (公共服务): made once when the API starts, closed when it stops.

Starting needs neither PostgreSQL nor the engine: connections are made on first use, so that the API can
say what is missing instead of refusing to start.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from api.anchoring import AnchorKeeper
from api.bookkeeping import Bookkeeper
from api.clue_keeper import ClueKeeper
from api.engine_watch import EngineWatch
from api.gateway import CaseGateway
from api.handover_keeper import HandoverKeeper
from api.keeper import Keeper
from api.limits import RateLimits
from api.live import LiveHub
from api.notifying import NoticeKeeper
from api.overtaking import WakingClocks
from api.policies import PolicyShelf
from api.problem_keeper import ProblemKeeper
from api.relay import Relay
from api.retention import RetentionKeeper
from api.rollouts import RolloutKeeper
from api.scoring import ScoreKeeper
from api.screener import ScreeningKeeper
from api.tallying import TallyKeeper
from api.watching import MetricsKeeper
from runtime.channels import Outside, channels_of
from runtime.keyring import Keyring, keyring_of
from runtime.objects import ObjectStore
from runtime.passwords import Passwords
from runtime.settings import Settings
from runtime.signing import SigningKeys, signing_keys
from runtime.temporal import connect, tls_of
from store.engine import SERVING_TRANSACTION_FOR, Database, PoolSettings

IDENTITY: Final = "hotline-api"


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Services:
    """The database, the vault's cipher, the engine and what is built on them."""

    settings: Settings
    database: Database
    keyring: Keyring
    signing: SigningKeys
    gateway: CaseGateway
    books: Bookkeeper
    engine: EngineWatch
    relay: Relay
    rollouts: RolloutKeeper
    scores: ScoreKeeper
    clues: ClueKeeper
    live: LiveHub
    notices: NoticeKeeper
    outside: Outside
    limits: RateLimits
    policies: PolicyShelf
    objects: ObjectStore
    passwords: Passwords
    keepers: tuple[Keeper, ...] = ()
    clock: Callable[[], datetime] = _utc_now

    def now(self) -> datetime:
        """What the one clock of the API shows."""
        return self.clock()


@asynccontextmanager
async def assembled(
    settings: Settings, gateway_class: type[CaseGateway] = CaseGateway
) -> AsyncIterator[Services]:
    """Connect lazily and close all on leaving; no keeper runs, so whatever is started by itself is left to others."""
    if settings.database_url is None or settings.temporal_address is None:
        message = "the API needs HOTLINE_DATABASE_URL and HOTLINE_TEMPORAL_ADDRESS; `hotline up` sets both"
        raise RuntimeError(message)
    keyring = keyring_of(settings)
    database = Database.connect(settings.database_url, _pool(settings))
    client = await connect(
        settings.temporal_address,
        settings.temporal_namespace,
        keyring,
        identity=IDENTITY,
        lazy=True,
        tls=tls_of(settings),
    )
    answer_within = timedelta(seconds=settings.rpc_timeout_seconds)
    gateway = gateway_class(
        client,
        settings.task_queue,
        answer_within=answer_within,
        are_many_waking=WakingClocks(database, _utc_now).are_many,
    )
    books = Bookkeeper(database, gateway, brings=settings.facts_in_answers)
    outside = Outside(channels_of(settings), answer_within=timedelta(seconds=settings.notify_timeout_seconds))
    live = LiveHub(settings.database_url)
    policies = PolicyShelf(database)
    try:
        yield Services(
            settings=settings,
            database=database,
            keyring=keyring,
            signing=signing_keys(settings),
            gateway=gateway,
            books=books,
            engine=EngineWatch(gateway, live),
            relay=Relay(database, books, interval=timedelta(seconds=settings.relay_interval_seconds)),
            rollouts=RolloutKeeper(database, gateway),
            scores=ScoreKeeper(database),
            clues=ClueKeeper(database, gateway),
            live=live,
            notices=NoticeKeeper(database, outside, policies, settings, _utc_now),
            outside=outside,
            limits=RateLimits(),
            policies=policies,
            passwords=Passwords(),
            objects=ObjectStore(settings),
        )
    finally:
        await database.close()


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Services]:
    """Assemble the services, and run the relay, the live reader and the keepers until leaving."""
    async with assembled(settings) as services, AsyncExitStack() as running_beside:
        database, gateway = services.database, services.gateway
        keepers = (
            services.relay,
            HandoverKeeper(database, gateway),
            services.engine,
            AnchorKeeper(database, services.signing),
            RetentionKeeper(database),
            services.rollouts,
            ScreeningKeeper(database),
            services.notices,
            services.scores,
            TallyKeeper(database),
            ProblemKeeper(database, gateway),
            services.clues,
            MetricsKeeper(database),
        )
        for beside in (*keepers, services.live):
            await running_beside.enter_async_context(beside)
        yield replace(services, keepers=keepers)


def _pool(settings: Settings) -> PoolSettings:
    return PoolSettings(
        size=settings.database_pool_size,
        transaction_for=SERVING_TRANSACTION_FOR,
        application_name=IDENTITY,
    )
