"""One endpoint per command on an accountability file (案卷指令), made from the table of rules."""

from collections.abc import Awaitable, Callable
from typing import Any

from structlog.contextvars import bind_contextvars

from api.deps import ExpectedVersion, IdempotencyKey, ServicesDep, command_id_of
from api.dossier_desk import DossierFiling, file_on_dossier
from api.dossier_examples import dossier_example_of
from api.dossier_forms import dossier_commands, dossier_form_of
from api.dossier_views import DossierReceiptView
from api.errors import responses
from api.examples import as_body
from api.officers import OfficerDep
from api.parts import Operations
from api.routers.commands import sentence, term
from api.routers.dossiers import DossierNoDep
from hotline.accountability.decide import RULES
from hotline.accountability.vocabulary import DossierStage, Level
from hotline.model import Message

router = Operations()


def _one(command: type[Message]) -> Callable[..., Awaitable[DossierReceiptView]]:
    async def issue(
        dossier_no: DossierNoDep,
        form: Any,  # The form's own model is set below; it is made at run time.
        officer: OfficerDep,
        services: ServicesDep,
        version: ExpectedVersion,
        key: IdempotencyKey = None,
    ) -> DossierReceiptView:
        filing = DossierFiling(
            dossier_no=dossier_no,
            command=command,
            form=form,
            officer=officer,
            command_id=command_id_of(officer.user_id, dossier_no, key),
            expected_version=version,
        )
        bind_contextvars(command_id=filing.command_id)
        return DossierReceiptView.of(await file_on_dossier(services, filing))

    issue.__annotations__["form"] = dossier_form_of(command)
    return issue


def _describe(command: type[Message]) -> str:
    rule = RULES[command]
    levels = "、".join(level.label for level in Level if level in rule.by and level is not Level.SYSTEM)
    stages = "、".join(stage.label for stage in DossierStage if stage in rule.when)
    return f"{sentence(command)}\n\n可由：{levels}。适用阶段：{stages}。"


for _command in dossier_commands():
    _kind = RULES[_command].kind
    router.add_api_route(
        f"/accountability/dossiers/{{dossier_no}}/commands/{_kind}",
        _one(_command),
        methods=["POST"],
        response_model=DossierReceiptView,
        operation_id=f"dossiers_{_kind}",
        tags=["dossiers"],
        summary=term(_command),
        description=_describe(_command),
        responses=responses(401, 403, 404, 409),
        openapi_extra=as_body(dossier_example_of(_command)),
    )
