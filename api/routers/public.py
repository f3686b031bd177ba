"""What citizens do without an account (公众服务): submit, follow, add facts, rate.

A case is reached by its number and retrieval code; a wrong code and an unknown number look the same. All
of it is rate-limited by address.
"""

from enum import StrEnum
from typing import Annotated, Final
from uuid import uuid4

from fastapi import Depends, Header, Query, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from structlog.contextvars import bind_contextvars

from api.address import address_of, network_of
from api.deps import CaseNoDep, IdempotencyKey, ServicesDep, command_id_of
from api.desk import Filing, file
from api.dossier_reading import circular_page
from api.dossier_views import CircularPage
from api.errors import not_found, responses
from api.examples import SUBMISSION, as_body, example_of
from api.forms import Text, form_of
from api.parts import Operations
from api.public_reading import public_case
from api.publications import PublicationPage, published
from api.registering import register_case
from api.schemas import PublicCaseView, ReceiptView, RegisteredView
from api.services import Services
from hotline.commands import AddFacts, CitizenRating
from hotline.identifiers import CaseNo
from hotline.roles import CITIZEN_ACTOR
from hotline.vocabulary import Channel, MeasureKind, RequestType
from store.intake_request import IntakeRequest, Line
from store.retrieval import code_fits

router = Operations(prefix="/public", tags=["public"], responses=responses(429))


class PublicSubmission(BaseModel):
    """A complaint as a citizen writes it; what it is about, the hotline decides."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    type: RequestType = RequestType.COMPLAINT
    title: Line = Field(repr=False)
    content: Text = Field(repr=False)
    name: Line | None = Field(default=None, repr=False)
    phone: Line | None = Field(default=None, repr=False)
    address: Line | None = Field(default=None, repr=False)
    secret: bool = False
    anonymous: bool = False

    def request(self) -> IntakeRequest:
        """The registration that this means; what it refuses is told by the names of this form."""
        try:
            return IntakeRequest(
                channel=Channel.WEB,
                type=self.type,
                title=self.title,
                content=self.content,
                caller_name=self.name,
                caller_phone=self.phone,
                address=self.address,
                secret=self.secret,
                anonymous=self.anonymous,
            )
        except ValidationError as error:
            faults = error.errors(include_url=False, include_input=False, include_context=False)
            raise RequestValidationError(
                [{**fault, "loc": ("body", str(fault["loc"][0]).removeprefix("caller_"))} for fault in faults]
            ) from None


async def _address(request: Request) -> str:
    return network_of(address_of(request.scope))


Address = Annotated[str, Depends(_address)]


async def own_case(
    case_no: CaseNoDep,
    services: ServicesDep,
    address: Address,
    code: Annotated[str, Header(alias="X-Retrieval-Code", min_length=6, max_length=12, description="提取码")],
) -> CaseNo:
    """The case that number and code open. Guessing is limited by address and by case."""
    await services.limits.spend(services.settings.public_follow_limit, "follow", address)
    await services.limits.spend(services.settings.public_follow_limit, "case", case_no)
    async with services.database.read() as session:
        if not await code_fits(session, services.keyring, case_no, code):
            raise not_found()
    return case_no


OwnCase = Annotated[CaseNo, Depends(own_case)]


@router.post("/cases", status_code=201, summary="提交诉求", openapi_extra=as_body(SUBMISSION))
async def submit(
    submission: PublicSubmission, services: ServicesDep, address: Address, key: IdempotencyKey = None
) -> RegisteredView:
    """Submit a complaint; number and retrieval code are the way back to it."""
    await services.limits.spend(services.settings.public_submit_limit, "submit", address)
    return await register_case(
        services,
        submission.request(),
        actor=CITIZEN_ACTOR,
        key=key or uuid4().hex,
        # Whose computer it was nobody needs to know, only that a retry comes from the same.
        principal=f"public/{services.keyring.match('address', address)}",
    )


@router.get("/cases/{case_no}", summary="查询进度", responses=responses(404))
async def follow(case_no: OwnCase, services: ServicesDep) -> PublicCaseView:
    """Where the case stands, by when an answer is promised, and the answer once there is one."""
    return await public_case(services, case_no)


@router.post(
    "/cases/{case_no}/facts",
    summary="补充事实",
    responses=responses(404, 409),
    openapi_extra=as_body(example_of(AddFacts)),
)
async def add_facts(
    case_no: OwnCase,
    form: form_of(AddFacts),  # type: ignore[valid-type]  # the form is made at run time
    services: ServicesDep,
    key: IdempotencyKey = None,
) -> ReceiptView:
    """Add what was forgotten or has happened since."""
    return await _file(services, case_no, AddFacts, form, key)


@router.post(
    "/cases/{case_no}/rating",
    summary="评价",
    responses=responses(404, 409),
    openapi_extra=as_body(example_of(CitizenRating)),
)
async def rate(
    case_no: OwnCase,
    form: form_of(CitizenRating),  # type: ignore[valid-type]  # the form is made at run time
    services: ServicesDep,
    key: IdempotencyKey = None,
) -> ReceiptView:
    """Say whether it was solved, and how satisfied you are."""
    return await _file(services, case_no, CitizenRating, form, key)


class Published(StrEnum):
    """What the public may read of supervision."""

    NOTICE = "notice"
    LISTING = "listing"


_KINDS: Final = {Published.NOTICE: MeasureKind.NOTICE, Published.LISTING: MeasureKind.LISTING}


@router.get("/supervision", summary="公开通报和挂牌督办")
async def supervision(
    services: ServicesDep,
    address: Address,
    kind: Annotated[Published | None, Query(description="通报，或者挂牌督办")] = None,
    cursor: Annotated[str | None, Query(max_length=400, description="上一页的 `next_cursor`")] = None,
    limit: Annotated[int, Query(ge=1, le=100, description="每页条数")] = 20,
) -> PublicationPage:
    """Notices and listed cases whose text was approved for the public; one that was withdrawn is told as such."""
    await services.limits.spend(services.settings.public_follow_limit, "published", address)
    return await published(services, _KINDS[kind] if kind else None, cursor=cursor, limit=limit)


@router.get("/circulars", summary="公开的问责通报")
async def circulars(
    services: ServicesDep,
    address: Address,
    cursor: Annotated[str | None, Query(max_length=400, description="上一页的 `next_cursor`")] = None,
    limit: Annotated[int, Query(ge=1, le=100, description="每页条数")] = 20,
) -> CircularPage:
    """Notices of decisions that were desensitised, approved and published; a revoked decision's is gone."""
    await services.limits.spend(services.settings.public_follow_limit, "published", address)
    return await circular_page(services, cursor=cursor, limit=limit)


async def _file(
    services: Services,
    case_no: CaseNo,
    command: type[AddFacts | CitizenRating],
    form: BaseModel,
    key: str | None,
) -> ReceiptView:
    filing = Filing(
        case_no=case_no,
        command=command,
        form=form,
        actor=CITIZEN_ACTOR,
        command_id=command_id_of("citizen", case_no, key),
    )
    bind_contextvars(command_id=filing.command_id)
    return ReceiptView.of(await file(services, filing))
