"""Published policies (办理规则): immutable revisions, one of them in force for new cases.

A case carries the snapshot it started with, so an old revision is kept for ever; since a revision never
changes, callers may cache it without limit.
"""

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from hotline.identifiers import UserId
from hotline.policy import SPREAD_UNSAID, Limit, PolicySnapshot, default_policy
from hotline.roles import SYSTEM_ACTOR
from store.engine import ReadSession, WriteSession
from store.failures import PolicyAltered
from store.tables.reference import policies


async def publish(
    session: WriteSession, policy: PolicySnapshot, *, by: UserId, at: datetime, activate: bool = True
) -> None:
    """Publish a revision; it is in force for new cases unless told otherwise. Publishing twice is once.

    PolicyAltered: the revision exists with other content.
    """
    body = policy.model_dump(mode="json")
    await session.execute(
        insert(policies)
        .values(revision=policy.revision, body=body, published_at=at, published_by=by, active=False)
        .on_conflict_do_nothing()
    )
    if await by_revision(session, policy.revision) != PolicySnapshot.model_validate(body):
        raise PolicyAltered(f"policy revision {policy.revision} is published with other content")
    if activate:
        await put_in_force(session, policy.revision)


async def put_in_force(session: WriteSession, revision: str) -> None:
    """Let new cases start with a published revision."""
    # First the old one goes: at no moment may the unique index see two.
    await session.execute(
        update(policies).where(policies.c.active, policies.c.revision != revision).values(active=False)
    )
    await session.execute(update(policies).where(policies.c.revision == revision).values(active=True))


async def active(session: ReadSession) -> PolicySnapshot | None:
    """Return the policy in force, if any was published yet."""
    return _policy(await session.scalar(select(policies.c.body).where(policies.c.active)))


async def active_revision(session: ReadSession) -> str | None:
    """Return the revision of the policy in force, if any was published yet."""

    async def read() -> str | None:
        revision: str | None = await session.scalar(select(policies.c.revision).where(policies.c.active))
        return revision

    return await session.once(active_revision, read)


async def by_revision(session: ReadSession, revision: str) -> PolicySnapshot | None:
    """Return a published policy by its revision."""
    return _policy(await session.scalar(select(policies.c.body).where(policies.c.revision == revision)))


async def published_as(session: ReadSession, revision: str) -> bool:
    """Tell whether a revision of this id is published."""
    found = await session.scalar(select(policies.c.revision).where(policies.c.revision == revision))
    return found is not None


async def revisions(session: ReadSession) -> tuple[str, ...]:
    """Return every published revision, the newest first."""
    found = await session.execute(select(policies.c.revision).order_by(policies.c.number.desc()))
    return tuple(found.scalars())


async def widest_spread(session: ReadSession) -> timedelta:
    """Return how long after its instant an alarm may fire under any published policy (错峰), of which open cases carry some."""

    async def read() -> timedelta:
        said = await session.scalars(select(policies.c.body["spread_over"].astext).distinct())
        limits = (SPREAD_UNSAID if text is None else Limit.model_validate(text) for text in said)
        return max((limit.span_for for limit in limits), default=SPREAD_UNSAID.span_for)

    return await session.once(widest_spread, read)


async def ensure_default(session: WriteSession, *, at: datetime) -> PolicySnapshot:
    """Return the policy in force; the first time, that is the one the package ships."""
    found = await active(session)
    if found is not None:
        return found
    await publish(session, default_policy(), by=SYSTEM_ACTOR.user_id, at=at)
    return default_policy()


def _policy(body: object) -> PolicySnapshot | None:
    return None if body is None else PolicySnapshot.model_validate(body)
