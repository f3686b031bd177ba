"""The codec endpoint (载荷解密): lets Temporal's web interface and command line show what the engine's payloads say.

It speaks the remote codec protocol: payloads in, payloads out. Each answer is preceded by an entry in the audit
trail with the number of payloads, never with what they hold.
"""

import base64
from typing import Annotated, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send
from temporalio.api.common.v1 import Payload

from api.errors import ApiError
from api.services import Services
from hotline.case import Actor
from hotline.refusals import GuardFailed
from hotline.vocabulary import TrailEvent
from runtime.codec import CODEC_PATH, SealingCodec
from runtime.keyring import UnsealError
from store.trail import TrailEntry, record

_AT_MOST: Final = 2_000
_HEADERS: Final = ("Authorization", "Authorization-Extras", "Content-Type", "X-Namespace")
"""What Temporal's web interface sends along."""


def _from_base64(value: object) -> object:
    """Read strictly: the lenient reading of the standard library would make something of anything."""
    return base64.b64decode(value, validate=True) if isinstance(value, str) else value


Bytes = Annotated[
    bytes,
    BeforeValidator(_from_base64),
    PlainSerializer(lambda value: base64.b64encode(value).decode(), return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "contentEncoding": "base64"}),
]


class WirePayload(BaseModel):
    """A payload as the protocol writes it: bytes in base64."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    metadata: dict[str, Bytes] = Field(default_factory=dict, repr=False)
    data: Bytes = Field(default=b"", repr=False)

    def payload(self) -> Payload:
        """The payload that this means."""
        return Payload(metadata=self.metadata, data=self.data)

    @classmethod
    def of(cls, payload: Payload) -> "WirePayload":
        """A payload on its way out."""
        return cls(metadata=dict(payload.metadata), data=payload.data)


class WirePayloads(BaseModel):
    """What is asked and what is answered, in the same order."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    payloads: list[WirePayload] = Field(max_length=_AT_MOST)


async def decode(
    services: Services, asked: WirePayloads, actor: Actor, *, namespace: str | None, address: str | None
) -> WirePayloads:
    """Open sealed payloads and leave others alone. ApiError 422: one is not ours, or was altered."""
    codec = _codec(services, namespace)
    try:
        opened = await codec.decode([wire.payload() for wire in asked.payloads])
    except UnsealError as error:
        raise ApiError(422, "payload_unreadable", "载荷无法解密") from error
    entry = TrailEntry(
        at=services.now(),
        event=TrailEvent.PAYLOADS_DECODED,
        actor=actor,
        address=address,
        detail={"namespace": services.settings.temporal_namespace, "count": len(opened)},
    )
    async with services.database.write() as session:
        await record(session, entry)
    return WirePayloads(payloads=[WirePayload.of(payload) for payload in opened])


async def encode(services: Services, asked: WirePayloads, *, namespace: str | None) -> WirePayloads:
    """Seal payloads, as our own client would."""
    sealed = await _codec(services, namespace).encode([wire.payload() for wire in asked.payloads])
    return WirePayloads(payloads=[WirePayload.of(payload) for payload in sealed])


def _codec(services: Services, namespace: str | None) -> SealingCodec:
    ours = services.settings.temporal_namespace
    if namespace not in {None, ours}:
        raise GuardFailed("namespace_unknown", "不是本系统的命名空间", field="X-Namespace")
    return SealingCodec(services.keyring, ours)


class CodecCors:
    """Lets one other origin ask, the configured one of Temporal's web interface, and for these paths alone."""

    def __init__(self, app: ASGIApp, origin: str | None) -> None:
        """Wrap an application; without an origin no other page may ask."""
        self._app = app
        self._open = (
            CORSMiddleware(
                app,
                allow_origins=[origin],
                allow_methods=["POST"],
                allow_headers=_HEADERS,
                allow_credentials=True,
            )
            if origin
            else app
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        asks_codec = scope["type"] == "http" and scope["path"].startswith(f"{CODEC_PATH}/")
        await (self._open if asks_codec else self._app)(scope, receive, send)
