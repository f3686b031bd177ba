"""Bring a policy revision to a page of living cases (规则换版), one case after the other.

Idempotent by what is asked: a case that has the revision is not in the page, and refuses it a second time. A
command names the version of the case that was read together with the policy in force, so that a revision which
was overtaken in between can never come after its successor.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from temporalio import activity

from hotline.commands import CommandEnvelope, RevisePolicy
from hotline.identifiers import CaseNo, derived_command
from hotline.policy import PolicySnapshot
from hotline.refusals import Refusal, StaleVersion
from hotline.roles import SYSTEM_ACTOR
from store.engine import Database
from store.living import Living, living_cases
from store.policies import active
from store.rollouts import finish, is_awaited, note_refusal
from workflows.contracts import (
    ROLLOUT_FINISH,
    ROLLOUT_PAGE,
    PageDone,
    PageOrder,
    RolloutContract,
    RolloutEnd,
)

Send = Callable[[CaseNo, CommandEnvelope], Awaitable[bool]]
"""Have a case decide a command: False if nobody answered for it now. Raises the case's refusal."""


class Rollout(RolloutContract):
    """The living cases of a database, reached through the engine."""

    def __init__(self, database: Database, send: Send) -> None:
        """Take the pool that every activity shares, and the way to the cases."""
        self._database = database
        self._send = send

    @activity.defn(name=ROLLOUT_PAGE)
    async def page(self, order: PageOrder) -> PageDone:
        """Bring the revision to the next cases, unless it is no longer in force."""
        async with self._database.read(snapshot=True) as session:
            policy = await active(session)
            if policy is None or policy.revision != order.revision:
                return PageDone(overtaken=True)
            living = await living_cases(session, revision=order.revision, after=order.after)
            if not living:
                return PageDone(awaited=await is_awaited(session, order.revision))
        left = 0
        for case in living:
            left += not await self._bring(case, policy)
            activity.heartbeat(case.case_no)
        return PageDone(last=living[-1].case_no, left=left)

    @activity.defn(name=ROLLOUT_FINISH)
    async def finish(self, end: RolloutEnd) -> None:
        """Note the end and record it, once."""
        async with self._database.write() as session:
            await finish(session, end.revision, overtaken=end.overtaken, at=datetime.now(UTC))

    async def _bring(self, case: Living, policy: PolicySnapshot) -> bool:
        """Whether the case is settled: it has the revision, or will never take it."""
        envelope = CommandEnvelope(
            command_id=derived_command(f"{policy.revision}/{case.version}", case.case_no),
            actor=SYSTEM_ACTOR,
            command=RevisePolicy(policy=policy),
            expected_version=case.version,
        )
        try:
            return await self._send(case.case_no, envelope)
        except StaleVersion:
            return False  # Somebody was at work on it; the next walk finds it as it is then.
        except Refusal as refusal:
            async with self._database.write() as session:
                await note_refusal(session, policy.revision, case.case_no, refusal.code, at=datetime.now(UTC))
            return True
