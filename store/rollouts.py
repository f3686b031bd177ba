"""Rollouts of policy revisions (规则换版): which are on their way, how they ended, and what they came to.

The figures of a report are counted from the ledger and the cases each time, so that no retry can count twice.
"""

from datetime import datetime

from sqlalchemy import DateTime, cast, distinct, func, select, update
from sqlalchemy.dialects.postgresql import insert

from hotline.identifiers import CaseNo
from hotline.model import Record
from hotline.roles import SYSTEM_ACTOR
from hotline.vocabulary import TrailEvent
from store.engine import ReadSession, WriteSession
from store.living import lives_under_another
from store.tables.casework import cases, facts
from store.tables.reference import policy_refusals, policy_rollouts
from store.tables.registration import intake
from store.trail import TrailEntry, record


class RefusedCase(Record):
    """A case that refused a revision, with the code of its refusal."""

    case_no: CaseNo
    code: str


class RolloutReport(Record):
    """Where a rollout stands: cases that took the revision, clocks that moved by it, who refused, who is left."""

    revision: str
    ordered_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    overtaken: bool
    done: int
    clocks_moved: int
    left: int
    refused: tuple[RefusedCase, ...]


async def order_rollout(session: WriteSession, revision: str, *, at: datetime) -> None:
    """Note that a published revision is to reach the living cases."""
    row = {"revision": revision, "ordered_at": at, "overtaken": False}
    await session.execute(insert(policy_rollouts).values(row).on_conflict_do_nothing())


async def unstarted(session: ReadSession) -> tuple[str, ...]:
    """Return the revisions whose rollout the engine has yet to take on, the oldest first."""
    query = select(policy_rollouts.c.revision).where(policy_rollouts.c.started_at.is_(None))
    found = await session.execute(query.order_by(policy_rollouts.c.ordered_at))
    return tuple(found.scalars())


async def mark_started(session: WriteSession, revision: str, *, at: datetime) -> None:
    """Note that the engine has it; the first instant stays."""
    is_it = (policy_rollouts.c.revision == revision) & policy_rollouts.c.started_at.is_(None)
    await session.execute(update(policy_rollouts).where(is_it).values(started_at=at))


async def note_refusal(
    session: WriteSession, revision: str, case_no: CaseNo, code: str, *, at: datetime
) -> None:
    """Note that a case will not take a revision, so that it is not asked again."""
    row = {"revision": revision, "case_no": case_no, "code": code, "at": at}
    await session.execute(insert(policy_refusals).values(row).on_conflict_do_nothing())


async def finish(session: WriteSession, revision: str, *, overtaken: bool, at: datetime) -> None:
    """Note the end of a rollout and record it; only the first time."""
    is_open = (policy_rollouts.c.revision == revision) & policy_rollouts.c.finished_at.is_(None)
    ended = await session.execute(
        update(policy_rollouts)
        .where(is_open)
        .values(finished_at=at, overtaken=overtaken)
        .returning(policy_rollouts.c.revision)
    )
    if ended.scalar_one_or_none() is not None:
        entry = TrailEntry(
            at=at,
            event=TrailEvent.POLICY_ROLLED_OUT,
            actor=SYSTEM_ACTOR,
            subject=revision,
            detail={"overtaken": overtaken},
        )
        await record(session, entry)


async def is_awaited(session: ReadSession, revision: str) -> bool:
    """Tell whether a case that was registered under another revision is still on its way to the engine."""
    under_another = intake.c.registration["policy_revision"].astext != revision
    query = select(intake.c.case_no).where(intake.c.adopted_at.is_(None), under_another).limit(1)
    return await session.scalar(query) is not None


async def report_of(session: ReadSession, revision: str) -> RolloutReport | None:
    """Return where a rollout stands; None if there is none of this revision."""
    found = await session.execute(select(policy_rollouts).where(policy_rollouts.c.revision == revision))
    row = found.mappings().one_or_none()
    if row is None:
        return None
    refusals = await session.execute(
        select(policy_refusals.c.case_no, policy_refusals.c.code)
        .where(policy_refusals.c.revision == revision)
        .order_by(policy_refusals.c.case_no)
    )
    refused = tuple(RefusedCase.model_validate(dict(line)) for line in refusals.mappings())
    waiting = select(func.count()).select_from(cases).where(lives_under_another(revision))
    return RolloutReport(
        **row,
        done=await _done(session, revision, row["ordered_at"]),
        clocks_moved=await _clocks_moved(session, revision, row["ordered_at"]),
        left=await session.scalar(waiting) or 0,
        refused=refused,
    )


async def _done(session: ReadSession, revision: str, since: datetime) -> int:
    taken = (
        facts.c.tag == "policy:revised",
        facts.c.at >= since,
        facts.c.body["policy_revision"].astext == revision,
    )
    return await session.scalar(select(func.count(distinct(facts.c.case_no))).where(*taken)) or 0


async def _clocks_moved(session: ReadSession, revision: str, since: datetime) -> int:
    """Count the clocks whose due instant a revision changed: each is compared with what it was before."""
    taken, moved, before = facts.alias("taken"), facts.alias("moved"), facts.alias("before")
    due_at = "schedule", "due_at"
    was = (
        select(cast(before.c.body[due_at].astext, DateTime(timezone=True)))
        .where(
            before.c.case_no == moved.c.case_no,
            before.c.seq < moved.c.seq,
            before.c.tag.in_(("clock:started", "clock:moved")),
            before.c.body["clock_id"].astext == moved.c.body["clock_id"].astext,
        )
        .order_by(before.c.seq.desc())
        .limit(1)
        .scalar_subquery()
    )
    same_decision = (moved.c.case_no == taken.c.case_no) & (moved.c.command_id == taken.c.command_id)
    query = (
        select(func.count())
        .select_from(taken.join(moved, same_decision))
        .where(
            taken.c.tag == "policy:revised",
            taken.c.at >= since,
            taken.c.body["policy_revision"].astext == revision,
            moved.c.tag == "clock:moved",
            cast(moved.c.body[due_at].astext, DateTime(timezone=True)) != was,
        )
    )
    return await session.scalar(query) or 0
