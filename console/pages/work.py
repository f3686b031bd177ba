"""One's own work (我的待办、派遣台): the queue of a unit and of the dispatchers, group by group, and what each row needs."""

from collections.abc import Mapping
from typing import Annotated, Final
from uuid import uuid4

from fastapi import Depends, Query
from fastapi.responses import HTMLResponse

from api.parts import Part
from api.routers.work import counts, listed
from api.work import LIMIT, WorkBoard, WorkLine, groups_of
from console.asked import Asked
from console.pages.case import TERMS
from console.visit import Here, Visit
from hotline.case import Actor
from hotline.vocabulary import Role, Status
from hotline.work import WorkGroup

router = Part()

_FIRST: Final = 25
"""Some screens full: who works from the top needs no more, and each row costs a title to open and a clock to tell."""
_MORE: Final = 200
Board = Annotated[WorkBoard, Depends(counts)]
Limit = Annotated[int, Query(ge=1, le=LIMIT)]


_ACTIONS: Final[Mapping[WorkGroup, str]] = {
    WorkGroup.TO_SIGN: "sign_for",
    WorkGroup.IN_HAND: "submit_reply",
    WorkGroup.REWORK: "submit_reply",
    WorkGroup.ASSIST: "assist_reply",
    WorkGroup.SUSPENDED: "resume",
    WorkGroup.TO_APPROVE: "decide_extension",
    WorkGroup.TO_DISPATCH: "dispatch_case",
    WorkGroup.RETURNS: "rule_on_return",
    WorkGroup.JOINT_REVIEWS: "rule_bindingly",
    WorkGroup.REPLIES: "review_reply",
}
"""The command that brings a case of each group on; the page of the case has all of them."""

_DECISIONS: Final = {"termination": "decide_termination", "unreasonable": "decide_unreasonable"}


@router.get("/inbox", operation_id="work_listed")
@router.get("/dispatch", operation_id="work_listed")
async def queue(
    visit: Here, board: Board, group: WorkGroup | None = None, limit: Limit = _FIRST
) -> HTMLResponse:
    """What waits for a unit or for a dispatcher: without a group the first that has any."""
    chosen = group or _first(board, visit.actor)
    page = await listed(chosen, visit.actor, visit.services, limit)
    return visit.page(
        "work_rows.html" if visit.is_part else "work.html",
        asked=Asked(visit.request.query_params),
        board=board,
        group=chosen,
        page=page,
        limit=limit,
        more_limit=min(limit + _MORE, LIMIT) if page.more and limit < LIMIT else None,
        units=await visit.unit_names(),
        key=uuid4().hex,
        terms=TERMS,
        actions={line.case.case_no: _action(visit, chosen, line) for line in page.items},
        is_unit=visit.actor.role is not Role.DISPATCHER,
    )


def _first(board: WorkBoard, actor: Actor) -> WorkGroup:
    waiting = {one.group for one in board.items if one.count}
    groups = groups_of(actor)
    return next((group for group in groups if group in waiting), groups[0])


def _action(visit: Visit, group: WorkGroup, line: WorkLine) -> str | None:
    """The command to offer on a row, if the caller's role issues it."""
    match group:
        case WorkGroup.DUE_TODAY:
            is_new = line.case.status == Status.AWAITING_SIGNATURE
            kind = "sign_for" if is_new else "submit_reply"
        case WorkGroup.REQUESTS:
            kind = _DECISIONS.get(line.determination or "", "decide_extension")
        case _:
            kind = _ACTIONS[group]
    return kind if visit.may(kind) else None
