"""Temporal's remote codec protocol (载荷解密), for its web interface and command line."""

from types import MappingProxyType
from typing import Annotated, Any, Final

from fastapi import Header

from api import codec
from api.address import AddressDep
from api.codec import WirePayloads
from api.deps import ActorDep, ServicesDep
from api.errors import responses
from api.examples import as_body
from api.parts import ANY_OPERATION, Operations
from runtime.codec import CODEC_PATH

router = Operations(below="", prefix=CODEC_PATH, tags=["codec"], responses=ANY_OPERATION)
_EXAMPLE: Final[MappingProxyType[str, Any]] = MappingProxyType(
    {"payloads": [{"metadata": {"encoding": "anNvbi9wbGFpbg=="}, "data": "IuWkmeS6jiI="}]}
)

Namespace = Annotated[
    str | None, Header(alias="X-Namespace", max_length=255, description="Temporal 命名空间")
]


@router.post(
    "/decode", summary="解密流程载荷", responses=responses(401, 403), openapi_extra=as_body(_EXAMPLE)
)
async def decode(
    asked: WirePayloads,
    actor: ActorDep,
    services: ServicesDep,
    address: AddressDep,
    namespace: Namespace = None,
) -> WirePayloads:
    """Open payloads that the engine keeps sealed; what is not sealed comes back as it is. Recorded."""
    return await codec.decode(services, asked, actor, namespace=namespace, address=address)


@router.post(
    "/encode", summary="加密流程载荷", responses=responses(401, 403), openapi_extra=as_body(_EXAMPLE)
)
async def encode(
    asked: WirePayloads,
    actor: ActorDep,  # noqa: ARG001  it lets in whom api/access.py names
    services: ServicesDep,
    namespace: Namespace = None,
) -> WirePayloads:
    """Seal payloads for the engine, as our own client would."""
    return await codec.encode(services, asked, namespace=namespace)
