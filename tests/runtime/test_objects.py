"""A file comes back as it was put or not at all, from a folder and from an S3-compatible server."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from moto.server import ThreadedMotoServer

from runtime.objects import (
    ObjectAltered,
    ObjectMissing,
    ObjectStore,
    ObjectStoreUnavailable,
    StoredObject,
)
from runtime.ports import LOOPBACK, free_port
from runtime.settings import Settings

CONTENT = "现场照片".encode() * 1000


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """The address of an S3-compatible server with a bucket."""
    port = free_port()
    server = ThreadedMotoServer(LOOPBACK, port, verbose=False)
    server.start()
    endpoint = f"http://{LOOPBACK}:{port}"
    httpx.put(f"{endpoint}/evidence", trust_env=False).raise_for_status()
    yield endpoint
    server.stop()


def _s3_settings(endpoint: str, data_dir: Path) -> Settings:
    return Settings(
        data_dir=data_dir,
        evidence_url="s3://evidence/city/files",
        evidence_s3_endpoint=endpoint,
        evidence_s3_region="us-east-1",
        evidence_s3_key_id="key",
        evidence_s3_secret="secret",
    )


@pytest.fixture(params=["folder", "named folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    if request.param == "s3":
        return ObjectStore(_s3_settings(request.getfixturevalue("s3"), tmp_path))
    elsewhere = f"file://{tmp_path}/named" if request.param == "named folder" else ""
    return ObjectStore(Settings(data_dir=tmp_path, evidence_url=elsewhere))


async def test_file_comes_back_as_it_was(store: ObjectStore) -> None:
    stored = await store.put("260302090000010001", CONTENT)
    assert await store.get(stored) == CONTENT


async def test_same_file_twice_is_two_objects_with_keys_of_their_own(store: ObjectStore) -> None:
    first, second = [await store.put("case", CONTENT) for _ in range(2)]
    assert first.name != second.name
    assert first.key != second.key
    await store.remove(first)
    with pytest.raises(ObjectMissing):
        await store.get(first)
    assert await store.get(second) == CONTENT


async def test_removing_what_is_gone_is_no_failure(store: ObjectStore) -> None:
    stored = await store.put("case", CONTENT)
    await store.remove(stored)
    await store.remove(stored)


async def test_key_of_another_object_does_not_open(store: ObjectStore) -> None:
    first, second = [await store.put("case", CONTENT) for _ in range(2)]
    with pytest.raises(ObjectAltered):
        await store.get(StoredObject(first.name, second.key))


async def test_store_has_nothing_in_the_clear_and_shows_every_change(tmp_path: Path) -> None:
    store = ObjectStore(Settings(data_dir=tmp_path))
    stored = await store.put("case", CONTENT)
    file = tmp_path / "evidence" / stored.name
    sealed = file.read_bytes()
    assert CONTENT[:24] not in sealed
    for altered in (sealed[:-1], sealed + b"!", bytes(len(sealed)), b"", sealed[:5]):
        file.write_bytes(altered)
        with pytest.raises(ObjectAltered):
            await store.get(stored)
    file.write_bytes(sealed)
    assert await store.get(stored) == CONTENT
    moved = await store.put("case", b"another")
    (tmp_path / "evidence" / moved.name).write_bytes(sealed)
    with pytest.raises(ObjectAltered):
        await store.get(StoredObject(moved.name, stored.key))


async def test_files_lie_under_the_prefix_of_the_bucket(s3: str, tmp_path: Path) -> None:
    settings = _s3_settings(s3, tmp_path)
    stored = await ObjectStore(settings).put("case", CONTENT)
    bucket = ObjectStore(settings.model_copy(update={"evidence_url": "s3://evidence"}))
    with pytest.raises(ObjectMissing):
        await bucket.get(stored)
    # It is there, and it is bound to the name that it was given.
    with pytest.raises(ObjectAltered):
        await bucket.get(StoredObject(f"city/files/{stored.name}", stored.key))


async def test_server_that_does_not_answer_is_told_from_a_file_that_is_gone(tmp_path: Path) -> None:
    store = ObjectStore(_s3_settings(f"http://{LOOPBACK}:{free_port()}", tmp_path))
    with pytest.raises(ObjectStoreUnavailable):
        await store.put("case", CONTENT)
    with pytest.raises(ObjectStoreUnavailable):
        await store.get(StoredObject("case/name", bytes(32)))


@pytest.mark.parametrize("url", ["ftp://host/x", "evidence", "s3://", "file://"])
def test_url_of_no_store_is_a_bad_setting(url: str) -> None:
    with pytest.raises(ValueError):
        Settings(evidence_url=url)
