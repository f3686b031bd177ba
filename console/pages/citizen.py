"""The citizens' own pages (公众服务): submit, follow with number and code, add facts, rate, and read what is published.

No account and nothing that stays in the browser: number and code travel in the forms of the page. What may be
done, and how often, is the public operations' to say, whose functions these pages call.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final
from uuid import uuid4

from fastapi import Depends, Form, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse
from starlette.datastructures import FormData

from api.browser import refuse_other_origins
from api.deps import ServicesDep
from api.dossier_views import CircularPage
from api.errors import EXPECTED, Problem, not_found, problem_of
from api.forms import form_of
from api.parts import Part
from api.publications import PublicationPage
from api.routers.public import (
    Address,
    PublicSubmission,
    add_facts,
    circulars,
    follow,
    own_case,
    rate,
    submit,
    supervision,
)
from api.schemas import PublicCaseView
from api.services import Services
from console.forms import Catalogue, Field, answers, fields_of, fill, with_errors
from console.rendering import render
from console.visit import look_of
from hotline.commands import AddFacts, CitizenRating
from hotline.identifiers import CaseNo, is_case_no
from hotline.vocabulary import Phase

router = Part()

_NOTHING: Final = Catalogue()
_CODE_LENGTHS: Final = range(6, 13)
_UNANSWERED: Final = 503


@dataclass(frozen=True, slots=True)
class Asked:
    """A browser without an account, on whose behalf a page asks the public operations."""

    request: Request
    services: Services
    address: str

    def page(
        self, template: str, status: int = 200, headers: Mapping[str, str] | None = None, **context: Any
    ) -> HTMLResponse:
        """The answer that a template makes of what it is given."""
        now = self.services.now()
        filled = render(look_of(self.request), template, visit=None, now=now, answers=answers, **context)
        return HTMLResponse(filled, status_code=status, headers=headers)


async def _asked(request: Request, services: ServicesDep, address: Address) -> Asked:
    if request.method != "GET":
        refuse_other_origins(request, services.settings)
    return Asked(request, services, address)


Citizen = Annotated[Asked, Depends(_asked)]
_Typed = Annotated[str, Form(max_length=40)]


@router.get("/public", operation_id="public_submit")
async def ask(asked: Citizen) -> HTMLResponse:
    """The form of a complaint."""
    return _submission(asked, fields_of(PublicSubmission, _NOTHING), uuid4().hex)


@router.post("/public", operation_id="public_submit")
async def take(asked: Citizen) -> HTMLResponse:
    """Submit; the number and its code are shown this once. The same key is the same case."""
    sent = await asked.request.form()
    key = str(sent.get("key", "")) or uuid4().hex
    filled = fill(PublicSubmission, _NOTHING, sent)
    if filled.form is None:
        return _submission(asked, filled.fields, key, status=422)
    try:
        receipt = await submit(filled.form, asked.services, asked.address, key)
    except RequestValidationError as error:
        wrong = {str(fault["loc"][-1]): "填写有误" for fault in error.errors()}
        return _submission(asked, with_errors(filled.fields, wrong), key, status=422)
    except EXPECTED as error:
        problem, headers = problem_of(error)
        return _submission(asked, filled.fields, key, problem.status, problem, headers)
    return asked.page("citizen_receipt.html", receipt=receipt)


@router.get("/public/follow", operation_id="public_follow")
async def ask_number(asked: Citizen) -> HTMLResponse:
    """Where number and code are typed in."""
    return asked.page("citizen_follow.html", number="", problem=None)


@router.post("/public/follow", operation_id="public_follow")
async def shown(asked: Citizen, number: _Typed = "", code: _Typed = "") -> HTMLResponse:
    """Where the case stands; a wrong code and an unknown number look the same."""
    try:
        key = await _key_of(asked, number, code)
        view = await follow(key.case_no, asked.services)
    except EXPECTED as error:
        problem, headers = problem_of(error)
        return asked.page(
            "citizen_follow.html", problem.status, headers, number=number.strip(), problem=problem
        )
    return _case(asked, view, key)


@router.post("/public/follow/facts", operation_id="public_add_facts")
async def add(asked: Citizen, number: _Typed = "", code: _Typed = "", key: _Typed = "") -> HTMLResponse:
    """Take down what was forgotten or has happened since."""
    return await _file(asked, await _key_of(asked, number, code), key, AddFacts)


@router.post("/public/follow/rating", operation_id="public_rate")
async def rated(asked: Citizen, number: _Typed = "", code: _Typed = "", key: _Typed = "") -> HTMLResponse:
    """Take down whether it was solved, and how satisfied somebody is."""
    return await _file(asked, await _key_of(asked, number, code), key, CitizenRating)


@router.get("/public/supervision", operation_id="public_supervision")
async def listed(asked: Citizen, page: Annotated[PublicationPage, Depends(supervision)]) -> HTMLResponse:
    """Notices and listed cases, the newest first."""
    return asked.page(
        "citizen_supervision.html",
        page=page,
        kind=asked.request.query_params.get("kind", ""),
        more=_more(asked, page.next_cursor),
    )


@router.get("/public/circulars", operation_id="public_circulars")
async def decided(asked: Citizen, page: Annotated[CircularPage, Depends(circulars)]) -> HTMLResponse:
    """Notices of decisions, the newest first."""
    return asked.page("citizen_circulars.html", page=page, more=_more(asked, page.next_cursor))


@dataclass(frozen=True, slots=True)
class _Key:
    """A case and the code that opened it."""

    case_no: CaseNo
    code: str


async def _key_of(asked: Asked, number: str, code: str) -> _Key:
    """The case that is opened by what somebody typed. Raises 404 and 429 as the operation does."""
    typed, secret = "".join(number.split()), "".join(code.split())
    if not is_case_no(typed) or len(secret) not in _CODE_LENGTHS:
        raise not_found()
    return _Key(await own_case(CaseNo(typed), asked.services, asked.address, secret), secret)


_FORMS: Final[Mapping[type[AddFacts | CitizenRating], tuple[str, str]]] = {
    AddFacts: ("facts", "已收到您补充的事实"),
    CitizenRating: ("rating", "感谢您的评价"),
}
"""What a citizen files: the name of its form on the page, and what is said once it is done."""


async def _file(asked: Asked, key: _Key, once: str, command: type[AddFacts | CitizenRating]) -> HTMLResponse:
    """File a citizen's form; refused or incomplete it stays on the page as it was typed."""
    sent: FormData = await asked.request.form()
    name, thanks = _FORMS[command]
    filled = fill(form_of(command), _NOTHING, sent)
    if filled.form is None:
        return await _again(asked, key, name, filled.fields, once, status=422)
    operation = add_facts if command is AddFacts else rate
    try:
        await operation(key.case_no, filled.form, asked.services, once or None)
    except EXPECTED as error:
        problem, headers = problem_of(error)
        kept = once if problem.status == _UNANSWERED else uuid4().hex
        return await _again(asked, key, name, filled.fields, kept, problem.status, problem, headers)
    view = await follow(key.case_no, asked.services)
    return _case(asked, view, key, thanks=thanks, sent=name)


async def _again(
    asked: Asked,
    key: _Key,
    name: str,
    fields: Sequence[Field],
    once: str,
    status: int,
    problem: Problem | None = None,
    headers: Mapping[str, str] | None = None,
) -> HTMLResponse:
    view = await follow(key.case_no, asked.services)
    return _case(asked, view, key, status, headers, typed={name: (fields, once)}, problem=problem)


def _case(
    asked: Asked,
    view: PublicCaseView,
    key: _Key,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    *,
    typed: Mapping[str, tuple[Sequence[Field], str]] | None = None,
    problem: Problem | None = None,
    thanks: str = "",
    sent: str = "",
) -> HTMLResponse:
    """The case with the forms of what may be added now."""
    empty = {
        name: (fields_of(form_of(command), _NOTHING), uuid4().hex) for command, (name, _) in _FORMS.items()
    }
    return asked.page(
        "citizen_case.html",
        status,
        headers,
        case=view,
        code=key.code,
        forms=empty | dict(typed or {}),
        phases=[phase.label for phase in Phase],
        problem=problem,
        thanks=thanks,
        sent=sent,
    )


def _submission(
    asked: Asked,
    fields: Sequence[Field],
    key: str,
    status: int = 200,
    problem: Problem | None = None,
    headers: Mapping[str, str] | None = None,
) -> HTMLResponse:
    by_name = {field.name: field for field in fields}
    return asked.page("citizen_submit.html", status, headers, fields=by_name, key=key, problem=problem)


def _more(asked: Asked, cursor: str | None) -> str:
    return asked.request.url.include_query_params(cursor=cursor).query if cursor else ""
