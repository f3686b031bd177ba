"""The object store (对象存储): sealed files in a folder or in any S3-compatible store, by one library.

Each object has a key of its own, which the caller keeps sealed: what lies in the store is useless without the
database and the keyring, and shredding the key shreds the file, copies and backups included.

    ObjectStoreFailure
    ├── ObjectStoreUnavailable  no answer: try again later
    ├── ObjectMissing           nothing is there under this name
    └── ObjectAltered           not what was stored
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from obstore import delete_async, get, get_async, put, put_async
from obstore import list as list_objects
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import LocalStore, S3Store

from runtime.files import private_folder
from runtime.settings import Settings

KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12


class ObjectStoreFailure(Exception):  # noqa: N818  failures state what failed
    """The object store could not do what was asked; no address and no content is in the message."""


class ObjectStoreUnavailable(ObjectStoreFailure):
    """The store does not answer."""


class ObjectMissing(ObjectStoreFailure):
    """Nothing is there under this name."""


class ObjectAltered(ObjectStoreFailure):
    """The object is not what was stored under this name with this key."""


class StoredObject(NamedTuple):
    """What must be kept to find an object and to open it."""

    name: str
    key: bytes


class ObjectStore:
    """Puts and gets whole files.

    A file is sealed in one piece: it is handed out only after all of it has proved to be unaltered, so that
    a part of it could not be used anyway; the limit on uploads keeps it small enough.
    """

    def __init__(self, settings: Settings) -> None:
        self._store = _store(settings)

    async def put(self, folder: str, content: bytes) -> StoredObject:
        """Store a file under a new name in a folder."""
        stored = StoredObject(f"{folder}/{secrets.token_hex(16)}", secrets.token_bytes(KEY_BYTES))
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = nonce + AESGCM(stored.key).encrypt(nonce, content, stored.name.encode())
        try:
            await put_async(self._store, stored.name, sealed)
        except (BaseError, OSError) as error:
            raise ObjectStoreUnavailable("the object store did not take a file") from error
        return stored

    async def get(self, stored: StoredObject) -> bytes:
        """Return a file, after all of it has proved to be what was stored."""
        try:
            found = await get_async(self._store, stored.name)
            sealed = bytes(await found.bytes_async())
        except (NotFoundError, FileNotFoundError) as error:
            raise ObjectMissing("a stored file is gone") from error
        except (BaseError, OSError) as error:
            raise ObjectStoreUnavailable("the object store did not give a file") from error
        try:
            return AESGCM(stored.key).decrypt(
                sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], stored.name.encode()
            )
        except (InvalidTag, ValueError):
            raise ObjectAltered("a stored file is not what was stored") from None

    def names(self) -> Iterator[str]:
        """The name of every file, in no order."""
        with _told():
            for page in list_objects(self._store):
                yield from (found["path"] for found in page)

    def sealed(self, name: str) -> bytes:
        """A file as it lies there; without its key nobody can read it."""
        with _told():
            return bytes(get(self._store, name).bytes())

    def put_sealed(self, name: str, sealed: bytes) -> None:
        """Store a file as it lay in another store."""
        with _told():
            put(self._store, name, sealed)

    async def remove(self, stored: StoredObject) -> None:
        """Remove a file; one that is gone is removed already."""
        try:
            await delete_async(self._store, stored.name)
        except (NotFoundError, FileNotFoundError):
            return
        except (BaseError, OSError) as error:
            raise ObjectStoreUnavailable("the object store did not remove a file") from error


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except (NotFoundError, FileNotFoundError) as error:
        raise ObjectMissing("a stored file is gone") from error
    except (BaseError, OSError) as error:
        raise ObjectStoreUnavailable("the object store did not answer") from error


def copy_missing(source: ObjectStore, target: ObjectStore) -> int:
    """Copy what a store has and another lacks, sealed as it is, and return how many that were.

    A name is drawn by lot and never stored under twice, so one that is there needs no second look. For commands:
    nothing else of the process goes on meanwhile.
    """
    there = set(target.names())
    missing = [name for name in source.names() if name not in there]
    for name in missing:
        target.put_sealed(name, source.sealed(name))
    return len(missing)


def _store(settings: Settings) -> LocalStore | S3Store:
    url = urlsplit(settings.evidence_url)
    if url.scheme == "s3":
        return _s3(settings, bucket=url.netloc, prefix=url.path.strip("/"))
    folder = Path(url.path) if url.scheme == "file" else settings.data_dir / "evidence"
    return LocalStore(private_folder(folder.absolute()), automatic_cleanup=True)


def _s3(settings: Settings, *, bucket: str, prefix: str) -> S3Store:
    """Only what was set is passed on, so that the library's own ways to find credentials stay open."""
    chosen = {
        "endpoint": settings.evidence_s3_endpoint,
        "region": settings.evidence_s3_region,
        "access_key_id": settings.evidence_s3_key_id,
        "secret_access_key": settings.evidence_s3_secret,
    }
    is_plain = (settings.evidence_s3_endpoint or "").startswith("http://")
    return S3Store(
        bucket,
        prefix=prefix or None,
        config={name: value for name, value in chosen.items() if value},  # type: ignore[arg-type]  # keys of S3Config
        client_options={"allow_http": is_plain, "timeout": "20s"},
        retry_config={"max_retries": 2},
    )
