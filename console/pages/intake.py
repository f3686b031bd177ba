"""Registering a call (登记): one page, the keyboard alone, and the promised date before anything is saved."""

from collections.abc import Mapping
from dataclasses import dataclass
from re import fullmatch
from typing import Annotated, Any, Final
from uuid import uuid4

from fastapi import Form, Query, Request
from fastapi.responses import HTMLResponse
from pydantic import ValidationError
from starlette.datastructures import FormData

from api.deps import command_id_of
from api.desk import Filing, file
from api.errors import EXPECTED, ApiError, Problem, problem_of
from api.filters import WORDS
from api.forms import form_of, kind_of
from api.knowledge import KnowledgeDraft
from api.parts import Part
from api.reading import case_page, case_view
from api.registering import register_case
from api.routers.dispatching import suggestion
from api.routers.intake import knowledge, similar
from api.routers.policy import due
from api.schemas import CasePageView
from api.similar import Draft
from console.forms import Catalogue, Field, answers, fields_of, fill, with_errors
from console.labels import RATINGS
from console.pages.case import TERMS
from console.pages.catalogue import matters_offered
from console.visit import Here, Visit
from hotline.commands import AnswerDirectly, JoinCase, TransferEmergency
from hotline.identifiers import CaseNo
from hotline.vocabulary import EmergencyService, RequestType, Urgency
from store.cases import CaseFilters
from store.intake import IntakeRequest
from store.intake_request import CODE
from store.vault import caller_hash
from workflows.contracts import Receipt

router = Part()

_START: Final = {"channel": "phone", "type": "complaint", "urgency": "normal"}
_RECENT: Final = 5
_BESIDE: Final = ("join_into", "answer", "knowledge_id")
"""What the page asks beside the registration itself, for the command that follows it."""

_SERVICES: Final = {service.value: service for service in EmergencyService}
_SAME_MATTER: Final = "登记时核对，与该工单为同一事项"


@router.get("/intake", operation_id="intake_register")
async def ask(visit: Here) -> HTMLResponse:
    """An empty form."""
    fields = fields_of(IntakeRequest, await _catalogue(visit), _START, await matters_offered(visit))
    return _form(visit, fields, uuid4().hex)


@router.post("/intake", operation_id="intake_register")
async def take(visit: Here, request: Request) -> HTMLResponse:
    """Register, or show the form as it was filled in with what is wrong; the same key is the same case.

    What the caller is told at once, and the case that this one belongs to, is filed right afterwards.
    """
    sent = await request.form()
    into, answer = str(sent.get("join_into", "")), str(sent.get("answer", "")).strip()
    if into and visit.may("join_case"):
        then = Following(JoinCase, {"into": into, "reason": _SAME_MATTER})
    elif answer and visit.may("answer_directly"):
        then = Following(AnswerDirectly, {"answer": answer, "knowledge_id": sent.get("knowledge_id") or None})
    else:
        then = None
    return await _register(visit, sent, then)


@router.post("/intake/emergency", operation_id="transfer_emergency")
async def stop(visit: Here, request: Request) -> HTMLResponse:
    """Register what has been typed so far as an emergency and transfer it at once (紧急移送, R1): nothing else is asked."""
    sent = await request.form()
    service = _SERVICES.get(str(sent.get("emergency_to", "")))
    if service is None:
        raise ApiError(422, "invalid_input", "请选择移送单位")
    title = str(sent.get("title", "")).strip() or f"紧急移送{service.label}"
    known = {
        "title": title,
        "content": str(sent.get("content", "")).strip() or title,
        "urgency": Urgency.CRITICAL.value,
        "emergency": service.value,
    }
    kept = [(name, value) for name, value in sent.multi_items() if name not in known]
    form = FormData([*kept, *known.items()])
    return await _register(visit, form, Following(TransferEmergency, {"service": service.value}))


@dataclass(frozen=True, slots=True)
class Following:
    """The command that is filed right after a registration, and what it says."""

    command: type[AnswerDirectly | JoinCase | TransferEmergency]
    fields: Mapping[str, Any]


async def _register(visit: Visit, sent: FormData, then: Following | None) -> HTMLResponse:
    key = str(sent.get("key", "")) or uuid4().hex
    filled = fill(IntakeRequest, await _catalogue(visit), sent, await matters_offered(visit))
    if filled.form is None:
        return _form(visit, filled.fields, key, status=422, sent=sent)
    try:
        receipt = await register_case(visit.services, filled.form, actor=visit.actor, key=key)
    except EXPECTED as error:
        problem, headers = problem_of(error)
        fields = with_errors(filled.fields, {problem.field: problem.title} if problem.field else {})
        return _form(visit, fields, key, status=problem.status, problem=problem, headers=headers, sent=sent)
    done, problem_after = await _follow(visit, CaseNo(receipt.case_no), key, then)
    return visit.page(
        "registered.html",
        receipt=receipt,
        then=TERMS[kind_of(then.command)] if then else None,
        done=done,
        problem=problem_after,
    )


async def _follow(
    visit: Visit, case_no: CaseNo, key: str, then: Following | None
) -> tuple[Receipt | None, Problem | None]:
    """File what follows. The case has its number by now: a refusal is told beside it and undoes nothing."""
    if then is None:
        return None, None
    try:
        filing = Filing(
            case_no=case_no,
            command=then.command,
            form=form_of(then.command).model_validate(dict(then.fields)),
            actor=visit.actor,
            command_id=command_id_of(visit.actor.user_id, case_no, f"{key}/then"),
        )
        return await file(visit.services, filing), None
    except ValidationError:
        return None, problem_of(ApiError(422, "invalid_input", "内容不符合要求"))[0]
    except EXPECTED as error:
        return None, problem_of(error)[0]


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
    """What the same caller said before, and how satisfied they were last. The number comes in the body: an address would be written to logs."""
    known, rating = None, None
    if caller_phone.strip():
        known_as = caller_hash(visit.services.keyring, caller_phone)
        filters = CaseFilters(caller_hash=known_as)
        known = await case_page(visit.services, visit.actor, filters, cursor=None, limit=_RECENT)
        rating = await _last_rating(visit, known)
    return visit.page("components/caller.html", known=known, rating=rating, ratings=RATINGS)


async def _last_rating(visit: Visit, known: CasePageView) -> int | None:
    """How satisfied somebody was with the last case of theirs that was asked about."""
    for line in known.items:
        if line.closed_at is not None:
            case = await case_view(visit.services, visit.actor, CaseNo(line.case_no))
            if case.satisfaction is not None:
                return case.satisfaction
    return None


@router.post("/intake/similar", operation_id="intake_similar")
async def alike(
    visit: Here,
    caller_phone: Annotated[str, Form(max_length=40)] = "",
    title: Annotated[str, Form(max_length=20_000)] = "",
    content: Annotated[str, Form(max_length=20_000)] = "",
    address: Annotated[str, Form(max_length=20_000)] = "",
    join_into: Annotated[str, Form(max_length=18)] = "",
) -> HTMLResponse:
    """Open cases that may be the same matter; one of them can be chosen to be joined."""
    draft = Draft(caller_phone=caller_phone, title=title, content=content, address=address)
    found = await similar(draft, visit.actor, visit.services)
    return visit.page(
        "components/similar.html", found=found.items, chosen=join_into, units=await visit.unit_names()
    )


@router.post("/intake/knowledge", operation_id="intake_knowledge")
async def answers_known(
    visit: Here,
    title: Annotated[str, Form(max_length=20_000)] = "",
    content: Annotated[str, Form(max_length=20_000)] = "",
    category: Annotated[str, Form(max_length=64)] = "",
    area: Annotated[str, Form(max_length=64)] = "",
) -> HTMLResponse:
    """The entries of the knowledge base that may answer it; one that is chosen becomes the direct answer."""
    narrowed = {"category": _code(category), "area": _code(area)}
    draft = KnowledgeDraft(title=title, content=content, **narrowed)
    found = await knowledge(draft, visit.actor, visit.services)
    said = bool(title.strip() or content.strip() or narrowed["category"])
    return visit.page(
        "components/knowledge.html", found=found.items, asked=said, units=await visit.unit_names()
    )


def _code(typed: str) -> str | None:
    """A code as far as it is one: what is still being typed narrows nothing."""
    return typed if fullmatch(CODE, typed) else None


@router.get("/intake/suggestion", operation_id="dispatch_suggestion")
async def suggested(
    visit: Here, category: Annotated[str, Query(max_length=64)] = "", area: str | None = None
) -> HTMLResponse:
    """The units with which earlier cases of the matter stayed, with the share and how many cases that is."""
    items = []
    if category and fullmatch(WORDS, category):
        where = area if area and fullmatch(WORDS, area) else None
        items = (await suggestion(visit.actor, visit.services, category, where)).items
    return visit.page(
        "components/suggestion.html", items=items, asked=category, units=await visit.unit_names()
    )


def _form(
    visit: Visit,
    fields: tuple[Field, ...],
    key: str,
    *,
    status: int = 200,
    problem: object = None,
    headers: dict[str, str] | None = None,
    sent: FormData | None = None,
) -> HTMLResponse:
    return visit.page(
        "intake.html",
        status=status,
        headers=headers,
        fields={field.name: field for field in fields},
        key=key,
        answers=answers,
        problem=problem,
        services=list(EmergencyService),
        typed={name: str(sent.get(name, "")) if sent else "" for name in _BESIDE},
    )


async def _catalogue(visit: Visit) -> Catalogue:
    return Catalogue(units=list((await visit.unit_names()).items()))
