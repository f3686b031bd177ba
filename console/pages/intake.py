"""Registering a call (登记): one page, the keyboard alone, and the promised date before anything is saved."""

from typing import Annotated, Final
from uuid import uuid4

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse

from api.errors import ApiError, problem_of
from api.reading import case_page
from api.registering import register_case
from api.routers.policy import due
from console.forms import Catalogue, Field, answers, fields_of, fill, with_errors
from console.visit import Here, Visit
from hotline.refusals import Refusal
from hotline.vocabulary import RequestType, Urgency
from store.cases import CaseFilters
from store.failures import DatabaseUnavailable
from store.intake import IntakeRequest
from store.vault import caller_hash

router = APIRouter()

_START: Final = {"channel": "phone", "type": "complaint", "urgency": "normal"}
_RECENT: Final = 5


@router.get("/intake", operation_id="intake_register")
async def ask(visit: Here) -> HTMLResponse:
    """An empty form."""
    fields = fields_of(IntakeRequest, await _catalogue(visit), _START)
    return _form(visit, fields, uuid4().hex)


@router.post("/intake", operation_id="intake_register")
async def take(visit: Here, request: Request) -> HTMLResponse:
    """Register, or show the form as it was filled in with what is wrong; the same key is the same case."""
    sent = await request.form()
    key = str(sent.get("key", "")) or uuid4().hex
    filled = fill(IntakeRequest, await _catalogue(visit), sent)
    if not isinstance(filled.form, IntakeRequest):
        return _form(visit, filled.fields, key, status=422)
    try:
        receipt = await register_case(visit.services, filled.form, actor=visit.actor, key=key)
    except (Refusal, ApiError, DatabaseUnavailable) as error:
        problem, headers = problem_of(error)
        fields = with_errors(filled.fields, {problem.field: problem.title} if problem.field else {})
        return _form(visit, fields, key, status=problem.status, problem=problem, headers=headers)
    return visit.page("registered.html", receipt=receipt)


@router.get("/intake/promise", operation_id="policy_due")
async def promised(
    visit: Here,
    type_: Annotated[RequestType, Query(alias="type")] = RequestType.COMPLAINT,
    urgency: Urgency = Urgency.NORMAL,
    hard: bool = False,
) -> HTMLResponse:
    """Until when the caller will have an answer if it is registered now, and why."""
    promise = await due(
        visit.actor, visit.services, from_at=visit.now, type_=type_, urgency=urgency, hard=hard
    )
    return visit.page("components/promise.html", promise=promise)


@router.post("/intake/caller", operation_id="cases_list_cases")
async def caller(visit: Here, caller_phone: Annotated[str, Form(max_length=40)] = "") -> HTMLResponse:
    """What the same caller said before. The number comes in the body: an address would be written to logs."""
    known = None
    if caller_phone.strip():
        known_as = caller_hash(visit.services.keyring, caller_phone)
        filters = CaseFilters(caller_hash=known_as)
        known = await case_page(visit.services, visit.actor, filters, cursor=None, limit=_RECENT)
    return visit.page("components/caller.html", known=known)


def _form(
    visit: Visit,
    fields: tuple[Field, ...],
    key: str,
    *,
    status: int = 200,
    problem: object = None,
    headers: dict[str, str] | None = None,
) -> HTMLResponse:
    return visit.page(
        "intake.html",
        status=status,
        headers=headers,
        fields={field.name: field for field in fields},
        key=key,
        answers=answers,
        problem=problem,
    )


async def _catalogue(visit: Visit) -> Catalogue:
    return Catalogue(units=list((await visit.unit_names()).items()))
