"""Drafts of policy revisions as they are sent out (规则草案): the difference, the dry run, and publishing.

The dry run works on stored states with the very rule that moves a case (hotline/revision.py), and writes
nothing. It reads page by page, and reckons outside the loop that answers other requests.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import datetime
from typing import Any, Final, Self
from uuid import uuid4

from fastapi.exceptions import RequestValidationError
from pydantic import Field, TypeAdapter

from api.errors import ApiError
from api.schemas import Instant, View
from api.services import Services
from hotline.case import Actor, CaseState
from hotline.drafting import DraftFaulty, draft_from_notice, draft_from_snapshot, draft_from_toml
from hotline.identifiers import CaseNo, UnitCode, derived_command
from hotline.policy import PolicySnapshot
from hotline.refusals import GuardFailed
from hotline.revision import ClockMove, Difference, Impact, UnitImpact, differences, impact_on
from store.cursor import bad_cursor, cursor_of, place_of
from store.drafts import Draft, DraftId, DraftLine, add_draft, draft_of, drafts, publish_draft
from store.living import PAGE, living_states
from store.policies import by_revision
from store.scope import visible_to

_PLACE: Final = TypeAdapter(tuple[str])
MOST_READ: Final = 2_000
"""How many cases one page of rows may look at: a page that finds little ends early, with a cursor."""


class DraftLineView(View):
    """One draft of a list."""

    draft_id: str
    revision: str
    base: str = Field(description="起草时的现行版本")
    drafted_at: Instant
    drafted_by: str
    published_at: Instant | None = None
    published_by: str | None = None

    @classmethod
    def of(cls, line: DraftLine) -> Self:
        """The view of a line."""
        return cls(**line.model_dump())


class DraftList(View):
    """The latest drafts, the newest first."""

    items: list[DraftLineView]


class DraftView(DraftLineView):
    """A draft with its difference to the policy in force, and the whole policy that it proposes."""

    in_force: str = Field(description="现行版本；差异以它为准")
    differences: list[Difference]
    policy: PolicySnapshot


class UnitImpactView(View):
    """What a draft does to the clocks of one unit."""

    holder: str
    clocks: int = Field(description="有变化的时限数")
    earlier: int = Field(description="提前的时限数")
    later: int = Field(description="推后的时限数")
    settled: int = Field(description="由暂定转为确定的时限数")
    at_once: int = Field(description="发布后立即触发的提醒数")
    most_earlier_seconds: float
    most_later_seconds: float

    @classmethod
    def of(cls, line: UnitImpact) -> Self:
        """The view of a sum."""
        return cls(
            **line.model_dump(exclude={"most_earlier_for", "most_later_for"}),
            most_earlier_seconds=line.most_earlier_for.total_seconds(),
            most_later_seconds=line.most_later_for.total_seconds(),
        )


class DryRun(View):
    """What publishing a draft would do to the living cases that the caller may see. Nothing was changed."""

    as_of: Instant
    revision: str
    cases: int = Field(description="在办工单数")
    cases_changed: int = Field(description="有时限变化的工单数")
    clocks: int = Field(description="运行中的时限数")
    missed: int = Field(description="已超期、不再变动的时限数")
    units: list[UnitImpactView]


class ClockMoveView(View):
    """One clock that a draft would change."""

    case_no: str
    clock_id: str
    kind: str
    kind_label: str
    holder: str
    was_due_at: Instant
    due_at: Instant
    moved_seconds: float = Field(description="负数表示提前")
    was_provisional: bool
    provisional: bool
    held: bool
    at_once: list[str]
    at_once_labels: list[str]

    @classmethod
    def of(cls, move: ClockMove) -> Self:
        """The view of a move."""
        return cls(
            **move.model_dump(exclude={"at_once"}),
            kind_label=move.kind.label,
            moved_seconds=move.moved_for.total_seconds(),
            at_once=[*move.at_once],
            at_once_labels=[code.label for code in move.at_once],
        )


class ClockMovePage(View):
    """Clocks that a draft would change, by case number. A page may be short and yet have a successor."""

    items: list[ClockMoveView]
    next_cursor: str | None = None


class Published(View):
    """A draft that is published: its revision is in force for new cases."""

    draft_id: str
    revision: str
    published_at: Instant
    published_by: str


# ── drafting ────────────────────────────────────────────────────────────────────────────────────


# A draft is whatever somebody sent until it has been read.
async def draw(
    services: Services,
    actor: Actor,
    form: Mapping[str, Any],
    *,
    key: str | None,
    address: str | None,
) -> DraftView:
    """Read and keep a draft. Every fault in it is told at once, by field and rule."""
    at = services.now()
    in_force = await services.policies.in_force(at=at)
    name = derived_command(f"{actor.user_id}/policy_draft", key) if key else uuid4().hex
    draft = Draft(
        draft_id=DraftId(name),
        base=in_force.revision,
        policy=await _read(services, form, in_force),
        drafted_at=at,
        drafted_by=actor.user_id,
    )
    async with services.database.write() as session:
        kept = await add_draft(session, draft, by=actor, address=address)
    return _view(kept, in_force)


async def _read(services: Services, form: Mapping[str, Any], in_force: PolicySnapshot) -> PolicySnapshot:
    given = [name for name in ("toml", "snapshot", "notice") if form.get(name) is not None]
    if len(given) != 1:
        raise GuardFailed(
            "one_source_needed", "须恰好提供一种草案内容", field="toml", rule="toml、snapshot、notice 三选一"
        )
    base = await _base(services, form.get("base"), in_force)
    try:
        if given == ["toml"]:
            return draft_from_toml(form["toml"], base)
        if given == ["snapshot"]:
            return draft_from_snapshot(form["snapshot"])
        if form.get("revision") is None:
            raise GuardFailed("revision_needed", "导入放假安排须给出新版本号", field="revision")
        return draft_from_notice(form["notice"], base, form["revision"], form.get("calendar_revision"))
    except DraftFaulty as error:
        raise _invalid(error) from error


async def _base(services: Services, revision: str | None, in_force: PolicySnapshot) -> PolicySnapshot:
    if revision is None or revision == in_force.revision:
        return in_force
    async with services.database.read() as session:
        found = await by_revision(session, revision)
    if found is None:
        raise GuardFailed("policy_unknown", "没有这个已发布的规则版本", field="base")
    return found


def _invalid(error: DraftFaulty) -> RequestValidationError:
    return RequestValidationError(
        [
            {"loc": ("body", *fault.field.split(".")), "msg": fault.rule, "type": "policy"}
            for fault in error.faults
        ]
    )


async def every_draft(services: Services) -> DraftList:
    """The latest drafts."""
    async with services.database.read() as session:
        return DraftList(items=[DraftLineView.of(line) for line in await drafts(session)])


async def one_draft(services: Services, draft_id: str) -> DraftView:
    """A draft with what it changes. Raises 404."""
    in_force = await services.policies.in_force(at=services.now())
    return _view(await _draft(services, draft_id), in_force)


async def publish(services: Services, actor: Actor, draft_id: str, *, address: str | None) -> Published:
    """Publish a draft as its second person. Raises 404."""
    async with services.database.write() as session:
        draft = await publish_draft(session, DraftId(draft_id), by=actor, at=services.now(), address=address)
    if draft is None:
        raise _not_found()
    assert draft.published_at is not None
    assert draft.published_by is not None
    services.rollouts.nudge()
    return Published(
        draft_id=draft.draft_id,
        revision=draft.policy.revision,
        published_at=draft.published_at,
        published_by=draft.published_by,
    )


async def draft_policy(services: Services, draft_id: str) -> PolicySnapshot:
    """The policy that a draft proposes. Raises 404."""
    return (await _draft(services, draft_id)).policy


async def _draft(services: Services, draft_id: str) -> Draft:
    async with services.database.read() as session:
        found = await draft_of(session, draft_id)
    if found is None:
        raise _not_found()
    return found


def _not_found() -> ApiError:
    return ApiError(404, "draft_not_found", "没有这份规则草案")


def _view(draft: Draft, in_force: PolicySnapshot) -> DraftView:
    return DraftView(
        **draft.model_dump(exclude={"policy"}),
        revision=draft.policy.revision,
        policy=draft.policy,
        in_force=in_force.revision,
        differences=[*differences(in_force, draft.policy)],
    )


# ── the dry run 试算 ────────────────────────────────────────────────────────────────────────────


async def dry_run(services: Services, actor: Actor, draft_id: str) -> DryRun:
    """Count what a draft would do, by unit. Raises 404."""
    policy, now = (await _draft(services, draft_id)).policy, services.now()
    cases = cases_changed = clocks = missed = 0
    units: dict[UnitCode, UnitImpact] = {}
    async for page in _impacts(services, actor, policy, now):
        for impact in page:
            cases, clocks = cases + 1, clocks + impact.clocks
            cases_changed, missed = cases_changed + bool(impact.moves), missed + impact.missed
            for move in impact.moves:
                units[move.holder] = units.get(move.holder, UnitImpact(holder=move.holder)) + move
    return DryRun(
        as_of=now,
        revision=policy.revision,
        cases=cases,
        cases_changed=cases_changed,
        clocks=clocks,
        missed=missed,
        units=[UnitImpactView.of(units[holder]) for holder in sorted(units)],
    )


async def dry_run_rows(
    services: Services, actor: Actor, draft_id: str, *, unit: str | None, cursor: str | None, limit: int
) -> ClockMovePage:
    """List the clocks that a draft would change; whole cases, so that a page may be a little longer. Raises 404."""
    policy, now = (await _draft(services, draft_id)).policy, services.now()
    after, read = _after(cursor), 0
    rows: list[ClockMoveView] = []
    async for page in _impacts(services, actor, policy, now, after=after):
        for impact in page:
            rows.extend(
                ClockMoveView.of(move) for move in impact.moves if unit is None or move.holder == unit
            )
            after, read = impact.case_no, read + 1
            if len(rows) >= limit or read >= MOST_READ:
                return ClockMovePage(items=rows, next_cursor=cursor_of((after,)))
    return ClockMovePage(items=rows)


def _after(cursor: str | None) -> CaseNo | None:
    if cursor is None:
        return None
    (after,) = place_of(cursor, _PLACE)
    if "\x00" in after:
        raise bad_cursor()
    return CaseNo(after)


async def _impacts(
    services: Services, actor: Actor, policy: PolicySnapshot, now: datetime, *, after: CaseNo | None = None
) -> AsyncIterator[tuple[Impact, ...]]:
    while True:
        async with services.database.read() as session:
            states = await living_states(session, visible_to(actor), revision=policy.revision, after=after)
        if states:
            yield await asyncio.to_thread(_worked_out, states, policy, now)
        if len(states) < PAGE:
            return
        after = states[-1].case_no


def _worked_out(states: Iterable[CaseState], policy: PolicySnapshot, now: datetime) -> tuple[Impact, ...]:
    return tuple(impact_on(state, policy, now) for state in states)
