"""The codec: sealed payloads open again for the right reader alone, and nobody else's payload is touched."""

import logging
from pathlib import Path

import pytest
from temporalio.api.common.v1 import Payload

from runtime.codec import SEALED, SealingCodec
from runtime.keyring import BrokenSealError, Keyring, UnknownKeyError

MARKER = "MARKER-e3b0c442"


def _payload(data: bytes) -> Payload:
    return Payload(metadata={"encoding": b"json/plain", "type": MARKER.encode()}, data=data)


@pytest.mark.parametrize("size", [0, 1, 900, 1100, 200_000])
async def test_a_sealed_payload_opens_with_its_metadata(size: int) -> None:
    codec = SealingCodec(Keyring.generate(), "default")
    payload = _payload(b"x" * size)
    [sealed] = await codec.encode([payload])
    assert sealed.metadata == {"encoding": SEALED}
    assert MARKER.encode() not in sealed.SerializeToString()
    assert await codec.decode([sealed]) == [payload]


async def test_a_large_payload_is_compressed_before_it_is_sealed() -> None:
    [sealed] = await SealingCodec(Keyring.generate(), "default").encode([_payload(b"x" * 100_000)])
    assert len(sealed.data) < 2_000


async def test_foreign_payloads_pass_unchanged_among_sealed_ones() -> None:
    codec = SealingCodec(Keyring.generate(), "default")
    own = _payload(b"own")
    foreign = [
        Payload(data=b"bare"),
        _payload(b"plain"),
        Payload(metadata={"encoding": b"binary/encrypted"}, data=b"?"),
    ]
    assert await codec.decode([*foreign, *await codec.encode([own])]) == [*foreign, own]


async def test_switched_off_it_writes_in_the_clear_and_still_reads_what_was_sealed() -> None:
    ring = Keyring.generate()
    [sealed] = await SealingCodec(ring, "default").encode([_payload(b"old")])
    off = SealingCodec(ring, "default", seals=False)
    assert await off.encode([_payload(b"new")]) == [_payload(b"new")]
    assert await off.decode([sealed]) == [_payload(b"old")]


async def test_payloads_sealed_before_a_rotation_stay_readable(tmp_path: Path) -> None:
    path = tmp_path / "keyring.json"
    [sealed] = await SealingCodec(Keyring.load_or_create(path), "default").encode([_payload(b"old")])
    assert await SealingCodec(Keyring.rotate(path), "default").decode([sealed]) == [_payload(b"old")]


@pytest.mark.parametrize(
    ("namespace", "own_keys", "refusal"),
    [("other", True, BrokenSealError), ("default", False, UnknownKeyError)],
)
async def test_an_unreadable_payload_is_refused_and_logged_by_type_and_size_only(
    namespace: str, own_keys: bool, refusal: type[Exception], caplog: pytest.LogCaptureFixture
) -> None:
    ring = Keyring.generate()
    [sealed] = await SealingCodec(ring, "default").encode([_payload(b"x")])
    reader = SealingCodec(ring if own_keys else Keyring.generate(), namespace)
    with caplog.at_level(logging.DEBUG), pytest.raises(refusal):
        await reader.decode([sealed])
    [record] = caplog.records
    own = record.__dict__.keys() - logging.makeLogRecord({}).__dict__.keys() - {"message", "asctime"}
    assert {name: record.__dict__[name] for name in own} == {
        "error_type": refusal.__name__,
        "payload_bytes": len(sealed.data),
    }
    assert (record.msg, record.args, record.exc_info) == ("payload.unreadable", (), None)
