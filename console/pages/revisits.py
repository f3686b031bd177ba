"""The revisit desk (回访台): the queue with its attempts, and one page on which a revisit is done from the first call.

Both forms of the page are the commands' own and file as those of the case page do; what may be recorded now is
what the server offers (`next_actions`).
"""

from dataclasses import replace
from typing import Annotated, Any, Final
from uuid import uuid4

from fastapi import Depends, Query
from fastapi.responses import HTMLResponse

from api.forms import kind_of
from api.parts import Part
from api.reading import fact_page
from api.revisits import RevisitView
from api.routers.cases import one_case
from api.routers.revisits import of_case
from api.routers.revisits import queue as waiting
from api.schemas import CaseView, FactPage
from console import sheets
from console.labels import FACTS
from console.pages.case import CALLS, sheet_of
from console.visit import Here, Visit
from hotline.commands import LogRevisitAttempt, RecordRevisit, SecondRevisit
from hotline.identifiers import CaseNo
from hotline.vocabulary import ContactOutcome
from store.revisits import RevisitQueue

router = Part()

QUEUES: Final = {
    RevisitQueue.TO_ASK: "待回访",
    RevisitQueue.WINDOW: "等待短信评价",
    RevisitQueue.AGAIN: "待二次回访",
}
"""The parts of the desk as their tabs say them."""

NOT_REACHED: Final = tuple(outcome for outcome in ContactOutcome if outcome is not ContactOutcome.REACHED)
"""How a call ends without an answer: one button each."""

_RECORDS: Final = {kind_of(command): command for command in (RecordRevisit, SecondRevisit)}
_ATTEMPT: Final = kind_of(LogRevisitAttempt)
_FACTS: Final = 500
_FIRST: Final = 25
"""As many as the other desks show at first."""

Limit = Annotated[int, Query()]


@router.get("/revisits", operation_id="revisits_queue")
async def desk(
    visit: Here, queue: RevisitQueue = RevisitQueue.TO_ASK, cursor: str | None = None, limit: Limit = _FIRST
) -> HTMLResponse:
    """What is to be asked next."""
    page = await waiting(visit.actor, visit.services, queue, cursor, limit)
    return visit.page(
        "revisits_rows.html" if visit.is_part else "revisits.html",
        page=page,
        queue=queue,
        queues=QUEUES,
        units=await visit.unit_names(),
        more=visit.request.url.include_query_params(cursor=page.next_cursor).query,
    )


@router.get("/revisits/{case_no}", operation_id="revisits_of_case")
async def one(
    visit: Here,
    case: Annotated[CaseView, Depends(one_case)],
    asked: Annotated[RevisitView, Depends(of_case)],
) -> HTMLResponse:
    """The script, the three questions, the reply and the calls so far, on one page."""
    facts = await fact_page(visit.services, visit.actor, CaseNo(case.case_no), after=0, limit=_FACTS)
    return visit.page(
        "revisit_parts.html" if visit.is_part else "revisit.html",
        asked=asked,
        **await _form(visit, case),
        attempt=_ATTEMPT if _ATTEMPT in case.next_actions else None,
        attempt_key=uuid4().hex,
        outcomes=NOT_REACHED,
        reply=_reply(facts),
        calls=[fact for fact in reversed(facts.items) if fact.tag in CALLS],
        texts=facts.texts,
        said=FACTS,
        contacts={outcome.value: outcome.label for outcome in ContactOutcome},
        units=await visit.unit_names(),
    )


async def _form(visit: Visit, case: CaseView) -> dict[str, Any]:
    """What the template shows as the form of what may be recorded now."""
    for kind, command in _RECORDS.items():
        if kind in case.next_actions:
            sheet = await sheet_of(visit, case, kind, command)
            return sheets.in_place(replace(sheet, given={"channel": "phone"}))
    return {"case": case, "sheet": None}


def _reply(facts: FactPage) -> str | None:
    """The reply that the citizen is asked about: the last that was submitted, or that a master case gave."""
    for fact in reversed(facts.items):
        if fact.tag in {"handling:reply_submitted", "intake:member_settled"}:
            ref = fact.body.get("text") or fact.body.get("reply") or {}
            return facts.texts.get(ref.get("text_id", ""))
    return None
