"""Policies (办理规则): what is in force, drafts with what they would do, publishing by a second person, and the rollout.

A draft is tried on the living cases by the API with the very rule that later moves them; the pages show what
came of it and decide nothing.
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final
from uuid import uuid4

from fastapi import Depends, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import ValidationError

from api.address import AddressDep
from api.drafts import ClockMovePage, DraftList, DraftView, DryRun
from api.errors import EXPECTED, ApiError, Problem, problem_of
from api.parts import Part
from api.routers import drafts as drafting
from api.routers.drafts import DraftForm, DraftId, dry_run, dry_run_clocks, list_drafts, one, rollout
from api.routers.policy import CalendarYear, PolicyText, Revisions, active, calendar, revisions, text
from console import sheets
from console.speaking import marked as _
from console.visit import Here, Visit
from hotline.calendar import SHANGHAI
from hotline.policy import PolicySnapshot
from hotline.policy_text import LADDERS, TITLES, word_for
from hotline.revision import Difference
from hotline.vocabulary import ClockKind, RequestType, Urgency
from store.rollouts import RolloutReport

router = Part()

_MONTHS: Final = 12


# ── what is in force ────────────────────────────────────────────────────────────────────────────


@router.get("/admin/policy", operation_id="policy_active")
async def in_force(
    visit: Here,
    policy: Annotated[PolicySnapshot, Depends(active)],
    published: Annotated[Revisions, Depends(revisions)],
) -> HTMLResponse:
    """The policy in force as tables, the revisions before it, and the drafts that wait."""
    waiting: DraftList | None = None
    if visit.may("policy_list_drafts"):
        waiting = await list_drafts(visit.actor, visit.services)
    return visit.page(
        "policy.html",
        policy=policy,
        revisions=published.items,
        drafts=waiting.items if waiting else [],
        kinds=list(ClockKind),
        types={term.value: term.label for term in RequestType},
        urgencies={term.value: term.label for term in Urgency},
        titles=TITLES,
        word=word_for,
        ladders=LADDERS,
    )


@router.get("/admin/policy/text", operation_id="policy_text")
async def as_text(visit: Here, written: Annotated[PolicyText, Depends(text)]) -> HTMLResponse:
    """A published policy as it is written."""
    return visit.page("policy_text.html", written=written)


@router.get("/admin/policy/rollouts/{revision:path}", operation_id="policy_rollout")
async def rolled_out(visit: Here, report: Annotated[RolloutReport, Depends(rollout)]) -> HTMLResponse:
    """How far a published revision has reached the living cases."""
    return visit.page("rollout_parts.html" if visit.is_part else "rollout.html", report=report)


# ── drafts ──────────────────────────────────────────────────────────────────────────────────────


@router.get("/admin/policy/new", operation_id="policy_draft")
async def write(
    visit: Here,
    written: Annotated[PolicyText, Depends(text)],
    known: Annotated[Revisions, Depends(revisions)],
) -> HTMLResponse:
    """The policy in force in an editor, under the name of a revision that is not taken."""
    name = _next(written.revision, known.items)
    return _editor(visit, written.text.replace(f'revision = "{written.revision}"', f'revision = "{name}"', 1))


def _next(revision: str, taken: Sequence[str]) -> str:
    """The name that follows by counting on: default/3 becomes default/4."""
    stem, _, last = revision.partition("@")[0].rpartition("/")
    count = int(last) if last.isdigit() else 1
    stem = stem if last.isdigit() and stem else revision
    while (name := f"{stem}/{count}") in taken or name == revision:
        count += 1
    return name


@router.post("/admin/policy/new", operation_id="policy_draft")
async def draft(visit: Here, request: Request, address: AddressDep) -> Response:
    """Keep the draft and show what it changes; or say every fault of it beside the text."""
    sent = await request.form()
    toml, key = str(sent.get("toml", "")), str(sent.get("key", ""))
    try:
        kept = await _drafted(visit, address, key, toml=toml)
    except _NOT_DRAFTED as error:
        problem, faults = _faults(error)
        return _editor(visit, toml, key=key, status=problem.status, problem=problem, faults=faults)
    return RedirectResponse(f"/admin/policy/drafts/{kept.draft_id}", status_code=303)


_NOT_DRAFTED: Final = (*EXPECTED, RequestValidationError, ValidationError)


# A form of a draft has fields of several kinds.
async def _drafted(visit: Visit, address: str, key: str, **form: Any) -> DraftView:
    body = DraftForm(**form)
    return await drafting.draft(body, visit.actor, visit.services, address, key=key or None)


def _faults(error: Exception) -> tuple[Problem, list[tuple[str, str, str]]]:
    """What is wrong with a draft: its problem, and each fault as path, word and rule."""
    if not isinstance(error, RequestValidationError | ValidationError):
        return problem_of(error)[0], []
    problem, _ = problem_of(ApiError(422, "invalid_input", "草案有误，请按下列各项修改"))
    paths = (
        (".".join(str(part) for part in one["loc"] if part != "body"), one["msg"]) for one in error.errors()
    )
    return problem, [(path, word_for(path), rule) for path, rule in paths]


def _editor(
    visit: Visit,
    written: str,
    *,
    key: str = "",
    status: int = 200,
    problem: Problem | None = None,
    faults: Sequence[tuple[str, str, str]] = (),
) -> HTMLResponse:
    return visit.page(
        "policy_editor.html",
        status=status,
        written=written,
        key=key or uuid4().hex,
        problem=problem,
        faults=faults,
    )


@router.get("/admin/policy/drafts/{draft_id}", operation_id="policy_one")
async def drafted(visit: Here, found: Annotated[DraftView, Depends(one)]) -> HTMLResponse:
    """A draft: what it changes, and what it would do to the living cases."""
    days, lines = _split(found.differences)
    report = None
    if found.published_at and visit.may("policy_rollout"):
        report = await rollout(found.revision, visit.actor, visit.services)
    return visit.page(
        "policy_draft.html", draft=found, days=days, lines=lines, word=word_for, titles=TITLES, report=report
    )


def _split(
    found: Sequence[Difference],
) -> tuple[Mapping[str, list[Difference]], Mapping[str, list[Difference]]]:
    """Differences by part of the policy, and days of the calendar by month."""
    days: defaultdict[str, list[Difference]] = defaultdict(list)
    lines: defaultdict[str, list[Difference]] = defaultdict(list)
    for line in found:
        part, _, rest = line.field.partition(".")
        is_day = part == "calendar" and rest[:4].isdigit()
        (days[rest[:7]] if is_day else lines[part]).append(line)
    return days, lines


@router.get("/admin/policy/drafts/{draft_id}/dry-run", operation_id="policy_dry_run")
async def tried(visit: Here, found: Annotated[DryRun, Depends(dry_run)], draft_id: DraftId) -> HTMLResponse:
    """Which units' clocks would move, by how much, and what would fire at once."""
    return visit.page(
        "components/dry_run.html", found=found, draft_id=draft_id, units=await visit.unit_names()
    )


@router.get("/admin/policy/drafts/{draft_id}/clocks", operation_id="policy_dry_run_clocks")
async def tried_one_by_one(
    visit: Here,
    page: Annotated[ClockMovePage, Depends(dry_run_clocks)],
    draft_id: DraftId,
    unit: Annotated[str, Query(max_length=64)] = "",
) -> HTMLResponse:
    """The clocks behind the sums, each with both due instants."""
    return visit.page(
        "policy_clocks.html",
        page=page,
        draft_id=draft_id,
        unit=unit,
        more=visit.request.url.include_query_params(cursor=page.next_cursor).query,
        units=await visit.unit_names(),
    )


@router.get("/admin/policy/drafts/{draft_id}/publish", operation_id="policy_publish")
async def ask_to_publish(visit: Here, draft_id: DraftId) -> HTMLResponse:
    """Whether it is meant."""
    return sheets.ask(visit, _publishing(draft_id))


@router.post("/admin/policy/drafts/{draft_id}/publish", operation_id="policy_publish")
async def publish(visit: Here, draft_id: DraftId, address: AddressDep) -> HTMLResponse:
    """Put the draft in force; the page then follows its rollout."""

    async def published(_sent: sheets.Sent[sheets.Confirmation]) -> HTMLResponse:
        draft = await drafting.publish(draft_id, visit.actor, visit.services, address)
        return sheets.gone_to(f"/admin/policy/rollouts/{draft.revision}")

    return await sheets.take(visit, _publishing(draft_id), published)


def _publishing(draft_id: str) -> sheets.Sheet[sheets.Confirmation]:
    return sheets.Sheet(
        f"/admin/policy/drafts/{draft_id}/publish",
        _("发布规则"),
        sheets.Confirmation,
        note=_(
            "新登记的工单立即适用；在办工单逐件换版，已到期或者已超期的时限不变。发布后不可撤回，只能再行修订。"
        ),
    )


# ── the calendar ────────────────────────────────────────────────────────────────────────────────


@router.get("/admin/calendar", operation_id="policy_calendar")
async def year(visit: Here, year: Annotated[int | None, Query(ge=1950, le=2150)] = None) -> HTMLResponse:
    """A year of the working calendar, day by day, and a form for the notice of one."""
    shown_year = year or visit.now.astimezone(SHANGHAI).year
    found = await calendar(shown_year, visit.actor, visit.services)
    return _calendar(visit, found)


@router.post("/admin/calendar", operation_id="policy_draft")
async def import_notice(visit: Here, request: Request, address: AddressDep) -> Response:
    """Draft a policy that differs by one year's holiday notice, pasted or read from a file by the page."""
    sent = await request.form()
    pasted, key = str(sent.get("notice", "")), str(sent.get("key", ""))
    revision = str(sent.get("revision", "")).strip()
    try:
        kept = await _drafted(visit, address, key, notice=_read(pasted), revision=revision or None)
    except _NOT_DRAFTED as error:
        problem, faults = _faults(error)
        found = await calendar(visit.now.year, visit.actor, visit.services)
        return _calendar(visit, found, problem=problem, faults=faults, notice=pasted, revision=revision)
    return RedirectResponse(f"/admin/policy/drafts/{kept.draft_id}", status_code=303)


# A notice is whatever somebody sent until it has been read.
def _read(pasted: str) -> dict[str, Any]:
    try:
        found = json.loads(pasted)
    except ValueError as error:
        raise ApiError(422, "bad_notice", "放假安排须为 JSON，形如 {year}.json") from error
    if not isinstance(found, dict):
        raise ApiError(422, "bad_notice", "放假安排须为 JSON，形如 {year}.json")
    return found


# As above.
def _calendar(
    visit: Visit, found: CalendarYear, problem: Problem | None = None, **typed: Any
) -> HTMLResponse:
    months = [[day for day in found.days if day.day.month == month] for month in range(1, _MONTHS + 1)]
    given = {"faults": [], "notice": "", "revision": ""} | typed
    return visit.page(
        "calendar.html",
        status=problem.status if problem else 200,
        year=found,
        months=months,
        today=visit.now.astimezone(SHANGHAI).date(),
        key=uuid4().hex,
        problem=problem,
        **given,
    )
