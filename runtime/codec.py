"""The payload codec (载荷加密): what Temporal stores of a case is sealed before it leaves the process.

Encoding can be switched off, decoding never can, so that old histories stay readable whatever the settings say.
"""

import logging
import zlib
from collections.abc import Sequence
from enum import IntEnum
from typing import Final

from temporalio.api.common.v1 import Payload
from temporalio.converter import PayloadCodec

from runtime.keyring import Keyring, UnsealError

SEALED: Final = b"binary/hotline-sealed"
CODEC_PATH: Final = "/codec"
"""Where the API opens payloads for Temporal's own tools (api/codec.py)."""

_PURPOSE: Final = "payload"
_COMPRESS_FROM: Final = 1024  # Below this size zlib saves less than a history event's own overhead.

_log = logging.getLogger(__name__)


class SealingCodec(PayloadCodec):
    """Seals each payload whole, its metadata included, and binds the seal to this encoding and namespace."""

    def __init__(self, keyring: Keyring, namespace: str, *, seals: bool = True) -> None:
        self._keyring = keyring
        self._aad = SEALED + b"|" + namespace.encode()
        self._seals = seals

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        if not self._seals:
            return list(payloads)
        return [self._sealed(payload) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Open what this codec sealed; a payload of any other encoding is not ours to judge and passes."""
        return [self._opened(p) if p.metadata.get("encoding") == SEALED else p for p in payloads]

    def _sealed(self, payload: Payload) -> Payload:
        plaintext = _pack(payload.SerializeToString())
        return Payload(
            metadata={"encoding": SEALED},
            data=self._keyring.seal(_PURPOSE, plaintext, self._aad),
        )

    def _opened(self, payload: Payload) -> Payload:
        try:
            plaintext = self._keyring.open(_PURPOSE, payload.data, self._aad)
        except UnsealError as error:
            # Type and size are all that may be said: the log outlives the case's retention.
            _log.error(
                "payload.unreadable",
                extra={"error_type": type(error).__name__, "payload_bytes": len(payload.data)},
            )
            raise
        return Payload.FromString(_unpack(plaintext))


class _Packing(IntEnum):
    """First byte of the plaintext, so that the choice to compress is sealed with the data."""

    PLAIN = 0
    ZLIB = 1


def _pack(data: bytes) -> bytes:
    if len(data) < _COMPRESS_FROM:
        return bytes((_Packing.PLAIN,)) + data
    return bytes((_Packing.ZLIB,)) + zlib.compress(data)


def _unpack(plaintext: bytes) -> bytes:
    packing, data = _Packing(plaintext[0]), plaintext[1:]
    return zlib.decompress(data) if packing is _Packing.ZLIB else data
