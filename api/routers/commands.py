"""One endpoint per command (指令), made from the table of rules, and the same command in bulk."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Final

from fastapi import Query
from pydantic import Field, create_model
from structlog.contextvars import bind_contextvars

from api.bulk import BulkResults, file_all
from api.deps import (
    ActorDep,
    CaseNoDep,
    ExpectedVersion,
    IdempotencyKey,
    ServicesDep,
    command_id_of,
)
from api.desk import Filing, file
from api.errors import responses
from api.examples import as_body, bulk_example_of, example_of
from api.forms import commands_for_people, form_of, kind_of
from api.offering import Offer, offer
from api.parts import Operations
from api.schemas import ReceiptView
from hotline.decide import RULES
from hotline.identifiers import CaseNo
from hotline.model import Message
from hotline.vocabulary import Role, Status

BULK_LIMIT: Final = 100
router = Operations()


def _one(command: type[Message]) -> Callable[..., Awaitable[ReceiptView]]:
    async def issue(
        case_no: CaseNoDep,
        form: Any,  # The form's own model is set below; it is made at run time.
        actor: ActorDep,
        services: ServicesDep,
        version: ExpectedVersion,
        key: IdempotencyKey = None,
    ) -> ReceiptView:
        filing = Filing(
            case_no=case_no,
            command=command,
            form=form,
            actor=actor,
            command_id=command_id_of(actor.user_id, case_no, key),
            expected_version=version,
        )
        bind_contextvars(command_id=filing.command_id)
        return ReceiptView.of(await file(services, filing))

    issue.__annotations__["form"] = form_of(command)
    return issue


def _bulk(command: type[Message]) -> Callable[..., Awaitable[BulkResults]]:
    item = create_model(
        f"{command.__name__}Item",
        case_no=(str, Field(pattern=r"^\d{18}$")),
        form=(form_of(command), Field(default_factory=form_of(command)) if _is_empty(command) else ...),
        expected_version=(int | None, None),
    )
    batch = create_model(
        f"{command.__name__}Batch",
        items=(list[item], Field(min_length=1, max_length=BULK_LIMIT)),
    )

    async def issue_all(
        batch: Any,  # As above.
        actor: ActorDep,
        services: ServicesDep,
        key: IdempotencyKey = None,
    ) -> BulkResults:
        filings = [
            Filing(
                case_no=CaseNo(row.case_no),
                command=command,
                form=row.form,
                actor=actor,
                command_id=command_id_of(actor.user_id, row.case_no, key),
                expected_version=row.expected_version,
            )
            for row in batch.items
        ]
        return BulkResults(results=await file_all(services, filings))

    issue_all.__annotations__["batch"] = batch
    return issue_all


def _is_empty(command: type[Message]) -> bool:
    return not form_of(command).model_fields


def _describe(command: type[Message]) -> str:
    rule = RULES[command]
    roles = "、".join(role.label for role in Role if role in rule.by and role is not Role.SYSTEM)
    statuses = "、".join(status.label for status in Status if status in rule.when)
    return f"{sentence(command)}\n\n可由：{roles}。适用状态：{statuses}。"


def sentence(command: type[Message]) -> str:
    """The docstring of a command in one line."""
    return " ".join((command.__doc__ or "").split())


def term(command: type[Message]) -> str:
    """The 中文 term with which the docstring of every command begins."""
    return sentence(command).partition(":")[0]


@router.get(
    "/bulk", operation_id="bulk_offered", tags=["bulk"], summary="批量可选操作", responses=responses(401)
)
async def offered(
    actor: ActorDep,
    services: ServicesDep,
    case_no: Annotated[
        list[Annotated[str, Query(pattern=r"^[0-9]{18}$")]],
        Query(min_length=1, max_length=BULK_LIMIT, description="工单编号，可重复"),
    ],
) -> Offer:
    """What may be done with some cases, one by one and together; one that is not there is left out."""
    return await offer(services, actor, [CaseNo(number) for number in case_no])


for _command in commands_for_people():
    _kind = kind_of(_command)
    router.add_api_route(
        f"/cases/{{case_no}}/commands/{_kind}",
        _one(_command),
        methods=["POST"],
        response_model=ReceiptView,
        operation_id=_kind,
        tags=["commands"],
        summary=term(_command),
        description=_describe(_command),
        responses=responses(401, 403, 404, 409),
        openapi_extra=as_body(example_of(_command)),
    )
    router.add_api_route(
        f"/bulk/{_kind}",
        _bulk(_command),
        methods=["POST"],
        response_model=BulkResults,
        operation_id=f"bulk_{_kind}",
        tags=["bulk"],
        summary=f"批量{term(_command)}",
        description=f"{_describe(_command)}\n\n每行一个结果，失败的行不影响其他行；至多 {BULK_LIMIT} 行。",
        responses=responses(401, 403),
        openapi_extra=as_body(bulk_example_of(_command)),
    )
