"""The key file (密钥文件): the secrets behind every seal and blind index, in one JSON file only its owner may read.

Creation and rotation are atomic and serialised between processes, because two processes that each invent a
key would leave half of the vault unreadable.

    KeyFileError
    ├── KeyFileExposedError    others than the owner may read the file
    ├── KeyFileMalformedError  the content is not a key file
    └── KeyInUseError          the key seals now, or is not in the file: it cannot be taken out
"""

import fcntl
import os
import re
import secrets
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

KEY_BYTES: Final = 32
_KEY_ID: Final = r"[A-Za-z0-9._-]{1,64}"
_KEY_ID_BYTES: Final = re.compile(_KEY_ID.encode())
PERSON: Final = "person."
"""How the id of a citizen's own key begins (store/persons.py); no key of this file may be called so."""

KeyId = Annotated[str, Field(pattern=f"^{_KEY_ID}$")]
Key = Annotated[bytes, Field(min_length=KEY_BYTES, max_length=KEY_BYTES)]


class KeyFileError(Exception):
    """The keys cannot be had; nothing that needs them may start."""


class KeyFileExposedError(KeyFileError):
    """The file's mode lets others read the keys."""


class KeyFileMalformedError(KeyFileError):
    """The content is not the JSON of a key file; the content itself is never quoted."""


class KeyInUseError(KeyFileError):
    """The key cannot be taken out of the file."""


class KeyMaterial(BaseModel):
    """Master keys by id, the id that seals now, and the index key that no rotation changes.

    `signing` is the private Ed25519 key under which the ledger is anchored, any 32 bytes; files of
    earlier releases have none yet. `signed_before` are the public keys of those that it replaced.
    `since` tells from when a key sealed; keys of files that were made before that was noted have no entry.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        ser_json_bytes="base64",
        val_json_bytes="base64",
    )

    current: KeyId
    keys: dict[KeyId, Key] = Field(repr=False)
    index: Key = Field(repr=False)
    signing: Key | None = Field(default=None, repr=False)
    signed_before: tuple[Key, ...] = ()
    since: dict[KeyId, AwareDatetime] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _current_is_present(self) -> Self:
        if self.current not in self.keys:
            raise ValueError("the current key id names no key")
        if any(key_id.startswith(PERSON) for key_id in self.keys):
            raise ValueError("a key id is one of a citizen's own")
        return self

    @classmethod
    def generate(cls) -> Self:
        current = _new_id()
        return cls(
            current=current,
            keys={current: new_key()},
            index=new_key(),
            signing=new_key(),
            since={current: datetime.now(UTC)},
        )

    def rotated(self) -> Self:
        current = _new_id()
        return self.model_copy(
            update={
                "current": current,
                "keys": {**self.keys, current: new_key()},
                "since": {**self.since, current: datetime.now(UTC)},
            }
        )

    def without(self, key_id: str) -> Self:
        """Take a key out. KeyInUseError: it seals now, or there is none of that id."""
        if key_id == self.current or key_id not in self.keys:
            raise KeyInUseError("the current key cannot be retired, nor one that the key file does not hold")
        keys = {known: key for known, key in self.keys.items() if known != key_id}
        since = {known: at for known, at in self.since.items() if known != key_id}
        return self.model_copy(update={"keys": keys, "since": since})

    def replaced_at(self, key_id: str) -> datetime | None:
        """When another key took over from this one, or None if it seals now."""
        if key_id == self.current:
            return None
        mine = self.since.get(key_id)
        later = [at for known, at in self.since.items() if known != key_id and (mine is None or at > mine)]
        # What is known of an old file's keys is only that they came before the noted ones.
        return min(later, default=None)


def is_key_id(name: bytes) -> bool:
    """Tell whether bytes found in a seal may be a key id; only then may an error name them."""
    return _KEY_ID_BYTES.fullmatch(name) is not None


def parse(text: str | bytes) -> KeyMaterial:
    try:
        return KeyMaterial.model_validate_json(text)
    except ValidationError as error:
        problems = error.error_count()
    # Raised outside the handler so that no chained error can carry the content along.
    raise KeyFileMalformedError(f"not a key file: {problems} problem(s)")


def load(path: Path) -> KeyMaterial:
    with path.open("rb") as file:
        if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
            raise KeyFileExposedError(f"{path} must be readable by its owner alone (mode 0600)")
        return parse(file.read())


def load_or_create(path: Path) -> KeyMaterial:
    path.parent.mkdir(parents=True, exist_ok=True)
    with _locked(path.parent) as directory:
        if not path.exists():
            _write(path, KeyMaterial.generate(), directory)
    return load(path)


def rotate(path: Path) -> KeyMaterial:
    with _locked(path.parent) as directory:
        material = load(path).rotated()
        _write(path, material, directory)
    return material


def amend(path: Path, change: Callable[[KeyMaterial], KeyMaterial]) -> KeyMaterial:
    """Replace the content by what `change` makes of it, if that is something else, and return what is there then."""
    with _locked(path.parent) as directory:
        before = load(path)
        after = change(before)
        if after != before:
            _write(path, after, directory)
    return after


def retire(path: Path, key_id: str) -> KeyMaterial:
    """Take a key out of the file for good. KeyInUseError: see `KeyMaterial.without`."""
    return amend(path, lambda material: material.without(key_id))


def _new_id() -> str:
    # Random, not counted: a backup of another installation must meet an unknown id, not a wrong key.
    return secrets.token_hex(4)


def new_key() -> bytes:
    return secrets.token_bytes(KEY_BYTES)


@contextmanager
def _locked(directory: Path) -> Iterator[int]:
    """Hold the directory's lock; a lock on the file would stay with the inode that a rotation replaces."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)


def _write(path: Path, material: KeyMaterial, directory: int) -> None:
    """Replace the file in one step and force it to disk: data sealed under a lost key is lost."""
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mode 0600
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(material.model_dump_json(indent=2).encode())
            file.flush()
            os.fsync(file.fileno())
        Path(draft).replace(path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
    os.fsync(directory)
