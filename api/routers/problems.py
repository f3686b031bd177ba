"""Repeat problems (重复性问题台账): lists, one line with what is behind it, 清零率, and one endpoint per command."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Annotated, Any, Final

from fastapi import Path, Query
from pydantic import TypeAdapter
from structlog.contextvars import bind_contextvars

from api.deps import ActorDep, ExpectedVersion, IdempotencyKey, ServicesDep, command_id_of
from api.errors import responses
from api.examples import as_body, example_of
from api.forms import form_of
from api.parts import Operations
from api.problems import (
    ClearanceBoard,
    LineFiling,
    LinkedCases,
    ProblemHistory,
    ProblemLine,
    ProblemPage,
    ProblemReceiptView,
    ProblemView,
    clearance_board,
    file_on_line,
    history_of,
    linked_cases,
)
from api.problems import one_line as whole_line
from hotline.identifiers import LineNo, UnitCode
from hotline.model import Instant, Message
from hotline.problems.decide import RULES, ProblemRule
from hotline.problems.vocabulary import ProblemStage
from hotline.roles import STAFF
from hotline.vocabulary import Role
from store.cursor import cursor_of, place_of
from store.problems import ProblemQuestion, list_problems
from store.scope import lines_visible_to

router = Operations(tags=["problems"], responses=responses(401))

_PLACE: Final = TypeAdapter(tuple[Instant, str])

Line = Annotated[str, Path(max_length=64, description="台账编号，CF 加 10 位数字", examples=["CF2026000001"])]


@router.get("/problems", summary="重复性问题台账")
async def list_lines(
    actor: ActorDep,
    services: ServicesDep,
    stage: Annotated[ProblemStage | None, Query(description="阶段")] = None,
    unit: Annotated[str | None, Query(pattern=r"^[\w.-]{1,64}$", description="牵头单位代码")] = None,
    uncleared: Annotated[bool | None, Query(description="true 只看未销号的，false 只看已销号的")] = None,
    overdue: Annotated[bool | None, Query(description="有逾期未了的时限或节点")] = None,
    cursor: Annotated[str | None, Query(max_length=400, description="上一页的 `next_cursor`")] = None,
    limit: Annotated[int, Query(ge=1, le=200, description="每页条数")] = 50,
) -> ProblemPage:
    """Lines by stage, unit and what is overdue, the newest first."""
    question = ProblemQuestion(
        stage=stage, unit=UnitCode(unit) if unit else None, uncleared=uncleared, overdue=overdue
    )
    before = place_of(cursor, _PLACE) if cursor else None
    async with services.database.read() as session:
        rows = await list_problems(session, lines_visible_to(actor), question, before=before, limit=limit)
    last = rows[-1] if len(rows) == limit else None
    following = cursor_of((last.opened_at, last.line_no)) if last else None
    return ProblemPage(items=[ProblemLine.of(row) for row in rows], next_cursor=following)


@router.get("/problems/clearance-rate", summary="清零率")
async def rates(
    actor: ActorDep,
    services: ServicesDep,
    since: Annotated[Instant | None, Query(description="建账时间，缺省为 365 天前")] = None,
    until: Annotated[Instant | None, Query(description="缺省为现在")] = None,
) -> ClearanceBoard:
    """The share of lines that stand cleared, by lead unit."""
    ends_at = until or services.now()
    begins_at = since or ends_at - timedelta(days=365)
    return await clearance_board(services, actor, since=begins_at, until=ends_at)


@router.get("/problems/{line_no}", summary="一条台账", responses=responses(404))
async def one_line(line_no: Line, actor: ActorDep, services: ServicesDep) -> ProblemView:
    """A line with its plan, its limits and what the caller may do next."""
    return await whole_line(services, actor, LineNo(line_no))


@router.get("/problems/{line_no}/cases", summary="台账关联的工单", responses=responses(404))
async def linked(line_no: Line, actor: ActorDep, services: ServicesDep) -> LinkedCases:
    """The cases behind a line that the caller may see, and how each stands."""
    return await linked_cases(services, actor, LineNo(line_no))


@router.get("/problems/{line_no}/history", summary="台账经过", responses=responses(404))
async def history(line_no: Line, actor: ActorDep, services: ServicesDep) -> ProblemHistory:
    """Everything that was decided about a line, with its texts and evidence."""
    return await history_of(services, actor, LineNo(line_no))


def _one(command: type[Message]) -> Callable[..., Awaitable[ProblemReceiptView]]:
    async def issue(
        line_no: Line,
        form: Any,  # The form's own model is set below; it is made at run time.
        actor: ActorDep,
        services: ServicesDep,
        version: ExpectedVersion,
        key: IdempotencyKey = None,
    ) -> ProblemReceiptView:
        filing = LineFiling(
            line_no=LineNo(line_no),
            command=command,
            form=form,
            actor=actor,
            command_id=command_id_of(actor.user_id, line_no, key),
            expected_version=version,
        )
        bind_contextvars(command_id=filing.command_id)
        return ProblemReceiptView.of(await file_on_line(services, filing))

    issue.__annotations__["form"] = form_of(command)
    return issue


def _describe(rule: ProblemRule) -> str:
    roles = "、".join(role.label for role in Role if role in rule.by)
    stages = "、".join(stage.label for stage in ProblemStage if stage in rule.when)
    return f"{_sentence(rule)}\n\n可由：{roles}。适用阶段：{stages}。"


def _sentence(rule: ProblemRule) -> str:
    return " ".join((rule.command.__doc__ or "").split())


for _rule in RULES.values():
    if _rule.by & STAFF:
        router.add_api_route(
            f"/problems/{{line_no}}/commands/{_rule.kind}",
            _one(_rule.command),
            methods=["POST"],
            response_model=ProblemReceiptView,
            operation_id=_rule.kind,
            summary=_sentence(_rule).partition(":")[0],
            description=_describe(_rule),
            responses=responses(401, 403, 404, 409),
            openapi_extra=as_body(example_of(_rule.command)),
        )
