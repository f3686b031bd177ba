"""Repeat problems (重复性问题台账): the lines by stage and 清零率 by unit, and one line with its plan, cases, history and next steps."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Final

from fastapi import Depends
from fastapi.responses import HTMLResponse
from pydantic import BaseModel

from api.deps import command_id_of
from api.forms import form_of
from api.parts import Part
from api.problems import (
    ClearanceBoard,
    LineFiling,
    LinkedCases,
    ProblemHistory,
    ProblemPage,
    ProblemView,
    file_on_line,
    linked_cases,
    one_line,
)
from api.routers.evidence import listed as files_of
from api.routers.problems import history, linked, list_lines, rates
from api.routers.problems import one_line as whole
from console import sheets
from console.forms import Catalogue
from console.links import to
from console.visit import Here, Visit
from hotline.case import EvidenceRef
from hotline.identifiers import CaseNo, LineNo
from hotline.model import Message
from hotline.problems.decide import RULES
from hotline.problems.vocabulary import ProblemStage
from hotline.roles import STAFF

router = Part()

TERMS: Final[Mapping[str, str]] = {
    rule.kind: " ".join((rule.command.__doc__ or "").split()).partition(":")[0]
    for rule in RULES.values()
    if rule.by & STAFF
}
"""The commands on a line by their kinds, as buttons say them."""

_FIRST: Final = (
    *("assign_problem_lead", "submit_problem_plan", "audit_clearance", "submit_clearance"),
    *("reach_milestone", "report_rectification", "excuse_revisit", "detach_case"),
)
"""What brings a line on comes first."""

_QUIET: Final = frozenset({"problem_clock:started", "problem_clock:stopped", "problem:case_moved"})
"""What a history leaves to the panel of limits, and to the cases."""


@router.get("/problems", operation_id="problems_list_lines")
async def lines(
    visit: Here,
    page: Annotated[ProblemPage, Depends(list_lines)],
    board: Annotated[ClearanceBoard, Depends(rates)],
    stage: ProblemStage | None = None,
) -> HTMLResponse:
    """The lines, and how many of them each unit has cleared within a year."""
    return visit.page(
        "problems_parts.html" if visit.is_part else "problems.html",
        page=page,
        board=board,
        stage=stage,
        stages=list(ProblemStage),
        asked=visit.request.query_params,
        more=visit.request.url.include_query_params(cursor=page.next_cursor).query,
        units=await visit.unit_names(),
        to=to,
    )


@router.get("/problems/{line_no}", operation_id="problems_one_line")
async def shown(
    visit: Here,
    line: Annotated[ProblemView, Depends(whole)],
    cases: Annotated[LinkedCases, Depends(linked)],
    told: Annotated[ProblemHistory, Depends(history)],
) -> HTMLResponse:
    """One line, and what may be done next."""
    return visit.page(
        "problem_line_parts.html" if visit.is_part else "problem_line.html",
        line=line,
        cases=cases.items,
        steps=[step for step in reversed(told.items) if step.tag not in _QUIET],
        actions=[(kind, TERMS[kind]) for kind in sorted(line.next_actions, key=_FIRST.index)],
        units=await visit.unit_names(),
    )


async def _sheet(visit: Visit, kind: str, command: type[Message], line_no: LineNo) -> sheets.Sheet[BaseModel]:
    line = await one_line(visit.services, visit.actor, line_no)
    return sheets.Sheet(
        path=f"/problems/{line_no}/commands/{kind}",
        term=TERMS[kind],
        model=form_of(command),
        subject=line.line_no,
        catalogue=await _catalogue(visit, line_no),
    )


async def _catalogue(visit: Visit, line_no: LineNo) -> Catalogue:
    """Units, the line's cases, and the files that were uploaded to them."""
    behind = await linked_cases(visit.services, visit.actor, line_no)
    evidence: dict[str, EvidenceRef] = {}
    for one in behind.items:
        files = await files_of(CaseNo(one.case_no), visit.actor, visit.services)
        evidence |= {
            file.evidence_id: EvidenceRef(evidence_id=file.evidence_id, kind=file.kind, made_at=file.made_at)
            for file in files.items
        }
    return Catalogue(
        units=[(code, f"{name} {code}") for code, name in (await visit.unit_names()).items()],
        cases=[(one.case_no, f"{one.case_no} {one.standing_label}") for one in behind.items],
        evidence=evidence,
        now=visit.now,
    )


def _ask(kind: str, command: type[Message]) -> Callable[..., Awaitable[HTMLResponse]]:
    async def ask(visit: Here, line_no: str) -> HTMLResponse:
        return sheets.ask(visit, await _sheet(visit, kind, command, LineNo(line_no)))

    return ask


def _take(kind: str, command: type[Message]) -> Callable[..., Awaitable[HTMLResponse]]:
    async def take(visit: Here, line_no: str) -> HTMLResponse:
        number = LineNo(line_no)

        async def filed(sent: sheets.Sent[BaseModel]) -> HTMLResponse:
            command_id = command_id_of(visit.actor.user_id, line_no, sent.key)
            filing = LineFiling(number, command, sent.form, visit.actor, command_id)
            await file_on_line(visit.services, filing)
            return sheets.done(visit, TERMS[kind])

        return await sheets.take(visit, await _sheet(visit, kind, command, number), filed)

    return take


for _rule in RULES.values():
    if _rule.by & STAFF:
        _path = f"/problems/{{line_no}}/commands/{_rule.kind}"
        router.add_api_route(_path, _ask(_rule.kind, _rule.command), methods=["GET"], operation_id=_rule.kind)
        router.add_api_route(
            _path, _take(_rule.kind, _rule.command), methods=["POST"], operation_id=_rule.kind
        )
