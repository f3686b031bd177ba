"""Drafts of policy revisions (规则草案): kept as they were proposed, published once, by another person.

A draft is drawn against the revision in force at that moment. If another has come into force since, the draft
would take that one back unread, so it cannot be published any more. Several drafts may carry the same
revision id; the first to be published has it.
"""

from datetime import datetime
from typing import NewType

from sqlalchemy import RowMapping, select, update
from sqlalchemy.dialects.postgresql import insert

from hotline.case import Actor
from hotline.identifiers import UserId
from hotline.model import Record
from hotline.policy import PolicySnapshot
from hotline.refusals import GuardFailed, KeyReused, StaleVersion
from hotline.roles import require_another
from hotline.vocabulary import TrailEvent
from store.engine import ReadSession, WriteSession
from store.policies import publish, published_as
from store.rollouts import order_rollout
from store.tables.reference import policies, policy_drafts
from store.trail import TrailEntry, record

DraftId = NewType("DraftId", str)


class Draft(Record):
    """One draft: what is proposed, against which revision, by whom, and who published it if somebody did."""

    draft_id: DraftId
    base: str
    policy: PolicySnapshot
    drafted_at: datetime
    drafted_by: UserId
    published_at: datetime | None = None
    published_by: UserId | None = None


class DraftLine(Record):
    """A draft as lists show it."""

    draft_id: DraftId
    revision: str
    base: str
    drafted_at: datetime
    drafted_by: UserId
    published_at: datetime | None = None
    published_by: UserId | None = None


async def add_draft(session: WriteSession, draft: Draft, *, by: Actor, address: str | None) -> Draft:
    """Keep a draft and record that it was made; the same id with the same content is the same draft.

    Raises GuardFailed when the revision is published already, KeyReused when the id brings another draft.
    """
    if known := await draft_of(session, draft.draft_id):
        if (known.policy, known.drafted_by) != (draft.policy, draft.drafted_by):
            raise KeyReused("key_reused", "同一幂等键已用于另一份草案")
        return known
    if await published_as(session, draft.policy.revision):
        raise _taken()
    await session.execute(insert(policy_drafts).values(_values(draft)))
    await record(session, _entry(TrailEvent.POLICY_DRAFTED, draft, draft.drafted_at, by, address))
    return draft


async def draft_of(session: ReadSession, draft_id: str) -> Draft | None:
    """Return a draft by its id."""
    found = await session.execute(select(policy_drafts).where(policy_drafts.c.draft_id == draft_id))
    row = found.mappings().one_or_none()
    return _draft(row) if row else None


async def drafts(session: ReadSession, *, limit: int = 100) -> tuple[DraftLine, ...]:
    """Return the latest drafts, the newest first."""
    query = select(*(policy_drafts.c[name] for name in DraftLine.model_fields))
    found = await session.execute(query.order_by(policy_drafts.c.number.desc()).limit(limit))
    return tuple(DraftLine.model_validate(dict(row)) for row in found.mappings())


async def publish_draft(
    session: WriteSession, draft_id: DraftId, *, by: Actor, at: datetime, address: str | None
) -> Draft | None:
    """Publish a draft, put it in force for new cases, and record it. Publishing it again changes nothing.

    None: there is no such draft. NotPermitted: whoever drafted it does not publish it. StaleVersion: another
    revision came into force since it was drawn. GuardFailed: its revision id was published meanwhile.
    """
    row = await session.execute(
        select(policy_drafts).where(policy_drafts.c.draft_id == draft_id).with_for_update()
    )
    found = row.mappings().one_or_none()
    if found is None:
        return None
    draft = _draft(found)
    if draft.published_at is not None:
        return draft
    require_another(by, (draft.drafted_by,), code="own_draft", rule="发布人不得是起草人（双人办理）")
    await _require_base_in_force(session, draft)
    if await published_as(session, draft.policy.revision):
        raise _taken()
    await publish(session, draft.policy, by=by.user_id, at=at)
    await order_rollout(session, draft.policy.revision, at=at)
    published = {"published_at": at, "published_by": by.user_id}
    await session.execute(update(policy_drafts).where(policy_drafts.c.draft_id == draft_id).values(published))
    await record(session, _entry(TrailEvent.POLICY_PUBLISHED, draft, at, by, address))
    return draft.model_copy(update=published)


async def _require_base_in_force(session: WriteSession, draft: Draft) -> None:
    """Of two drafts published at once one waits here, and then finds that its base is in force no more."""
    query = select(policies.c.revision).where(policies.c.active).with_for_update()
    if await session.scalar(query) != draft.base:
        raise StaleVersion(
            "policy_moved_on", "起草后已有其他规则生效，请按现行规则重新起草", field="draft_id"
        )


def _taken() -> GuardFailed:
    return GuardFailed(
        "revision_taken", "该版本号已发布，发布后的规则不可更改，请另用版本号", field="revision"
    )


def _entry(event: TrailEvent, draft: Draft, at: datetime, by: Actor, address: str | None) -> TrailEntry:
    detail = {
        "draft_id": draft.draft_id,
        "base": draft.base,
        "calendar_revision": draft.policy.calendar.revision,
        "drafted_by": draft.drafted_by,
    }
    return TrailEntry(
        at=at, event=event, actor=by, subject=draft.policy.revision, address=address, detail={**detail}
    )


def _values(draft: Draft) -> dict[str, object]:
    return {
        "draft_id": draft.draft_id,
        "revision": draft.policy.revision,
        "base": draft.base,
        "body": draft.policy.model_dump(mode="json"),
        "drafted_at": draft.drafted_at,
        "drafted_by": draft.drafted_by,
    }


def _draft(row: RowMapping) -> Draft:
    return Draft.model_validate({**row, "policy": row["body"]})
