"""Published policies as the API uses them: the one in force, and any revision that a case carries."""

from datetime import datetime

from hotline.policy import PolicySnapshot, default_policy
from hotline.refusals import GuardFailed
from store import policies
from store.engine import Database, ReadSession


class PolicyShelf:
    """Revisions are immutable, so each is read once; which one is in force is asked every time."""

    def __init__(self, database: Database) -> None:
        """Start empty."""
        self._database = database
        self._known: dict[str, PolicySnapshot] = {}

    async def in_force(self, *, at: datetime) -> PolicySnapshot:
        """The policy for new cases; the first time ever, that becomes the one which the package ships."""
        async with self._database.read() as session:
            revision = await policies.active_revision(session)
        if revision is None:
            async with self._database.write() as session:
                return await policies.ensure_default(session, at=at)
        return await self.of(revision)

    async def seen_by(self, session: ReadSession) -> PolicySnapshot:
        """The policy in force as a session sees it; before anything was published, the one that the package ships."""
        revision = await policies.active_revision(session)
        return default_policy() if revision is None else await self.of(revision)

    async def of(self, revision: str) -> PolicySnapshot:
        """A published revision. Raises GuardFailed when there is none of that name."""
        if revision not in self._known:
            async with self._database.read() as session:
                found = await policies.by_revision(session, revision)
            if found is None:
                raise GuardFailed("policy_unknown", "没有这个已发布的规则版本", field="revision")
            self._known[revision] = found
        return self._known[revision]
