"""Export and erasure of what is held about a person (个人信息查阅与删除)."""

from typing import Any, Final

from pydantic import BaseModel

from api.address import AddressDep
from api.deps import ActorDep, ServicesDep
from api.errors import responses
from api.examples import as_body
from api.parts import Operations
from api.persons import Applied, PersonRequest, erase_of, export_of
from store.person_export import PersonExport

router = Operations(prefix="/persons", tags=["persons"])
_EXAMPLE: Final[dict[str, Any]] = {"phone": "13800000000", "ground": "own_request"}


class ErasedView(BaseModel):
    """The cases of which nothing personal is kept any more."""

    cases: list[str]


@router.post(
    "/export",
    summary="导出个人信息",
    responses=responses(401, 403, 404),
    openapi_extra=as_body(_EXAMPLE),
)
async def export(
    application: PersonRequest, address: AddressDep, actor: ActorDep, services: ServicesDep
) -> PersonExport:
    """Everything held about a person: cases, caller's data, every text, and each opening of sealed data."""
    applied = Applied(at=services.now(), actor=actor, address=address)
    return await export_of(services.database, services.keyring, application, applied)


@router.post(
    "/erase",
    summary="删除个人信息",
    responses=responses(401, 403, 404),
    openapi_extra=as_body(_EXAMPLE),
)
async def erase(
    application: PersonRequest, address: AddressDep, actor: ActorDep, services: ServicesDep
) -> ErasedView:
    """Erase everything personal of somebody, for good. Refused while a case of theirs is open."""
    applied = Applied(at=services.now(), actor=actor, address=address)
    numbers = await erase_of(services.database, services.keyring, application, applied)
    return ErasedView(cases=list(numbers))
