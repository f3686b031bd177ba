"""The keyring (密钥环): seals data with AES-256-GCM or SM4-GCM and makes keyed hashes to find it again.

Each purpose (payload, vault, phone, text …) has its own key, derived by HKDF from one master key per id, so that
what is sealed for one purpose opens for no other and a hash made for one matches no other. A seal names its
cipher and its key, so that both may change and everything still opens.

    UnsealError
    ├── NotASealError     the bytes have not the form of a seal
    ├── UnknownKeyError   sealed under a key this ring does not hold
    └── BrokenSealError   altered, or opened for another purpose or other associated data
"""

import hmac
import logging
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from types import MappingProxyType
from typing import Final, Protocol, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from runtime import keyfile
from runtime.keyfile import KEY_BYTES, PERSON, KeyFileError, KeyMaterial
from runtime.settings import Settings

_NONCE_BYTES: Final = 12
_TAG_BYTES: Final = 16

_log = logging.getLogger(__name__)


class UnsealError(Exception):
    """Sealed bytes cannot be opened; neither key nor data is in the message."""


class NotASealError(UnsealError):
    """The bytes have not the form of a seal."""


class UnknownKeyError(UnsealError):
    """The seal names a key that this ring does not hold."""


class BrokenSealError(UnsealError):
    """The seal does not verify: altered, or opened for another purpose or other associated data."""


class Suite(IntEnum):
    """The cipher of a seal (密码算法), which is its first byte; both are opened for ever."""

    AES_256_GCM = 1
    SM4_GCM = 2


_KNOWN_SUITES: Final = frozenset(Suite)

SUITES: Final[Mapping[str, Suite]] = MappingProxyType(
    {"aes-256-gcm": Suite.AES_256_GCM, "sm4-gcm": Suite.SM4_GCM}
)
"""By the names of HOTLINE_CIPHER."""


class Sealer(Protocol):
    """Whoever seals and opens under one key or several."""

    def seal(self, purpose: str, plaintext: bytes, aad: bytes) -> bytes: ...
    def open(self, purpose: str, sealed: bytes, aad: bytes) -> bytes: ...


class Keyring:
    """Seals under the current key, opens under any key it holds, and hashes under a key that never rotates."""

    def __init__(
        self, material: KeyMaterial, *, path: Path | None = None, suite: Suite = Suite.AES_256_GCM
    ) -> None:
        self._material = material
        self._path = path
        self._suite = suite
        # Not of this moment: the file may have been replaced since the material was read from it.
        self._stamp: tuple[int, int, int] | None = None
        self._keys: dict[tuple[Suite, str, str], _Aead] = {}
        self._hash_keys: dict[tuple[str, str], bytes] = {}

    @classmethod
    def load_or_create(cls, path: Path, *, suite: Suite = Suite.AES_256_GCM) -> Self:
        return cls(keyfile.load_or_create(path), path=path, suite=suite)

    @classmethod
    def from_json(cls, text: str, *, suite: Suite = Suite.AES_256_GCM) -> Self:
        """Build a ring from the content of a key file, for deployments that hand secrets in as settings."""
        return cls(keyfile.parse(text), suite=suite)

    @classmethod
    def generate(cls, *, suite: Suite = Suite.AES_256_GCM) -> Self:
        return cls(KeyMaterial.generate(), suite=suite)

    @classmethod
    def rotate(cls, path: Path, *, suite: Suite = Suite.AES_256_GCM) -> Self:
        """Add a new current key to the file; running rings learn of it with their next seal."""
        return cls(keyfile.rotate(path), path=path, suite=suite)

    @property
    def current_id(self) -> str:
        """The id of the key that seals now."""
        self._learn()
        return self._material.current

    @property
    def material(self) -> KeyMaterial:
        """The keys themselves, as they are in the file now."""
        self._learn()
        return self._material

    def seal(self, purpose: str, plaintext: bytes, aad: bytes) -> bytes:
        # Random nonces are safe for 2**32 seals per key and purpose (NIST SP 800-38D, 8.3); rotate well before.
        key_id = self.current_id
        return _seal(self._key(self._suite, key_id, purpose), self._suite, key_id, plaintext, aad)

    def open(self, purpose: str, sealed: bytes, aad: bytes) -> bytes:
        seal = _Seal.parse(sealed)
        return seal.opened(self._key(seal.suite, seal.key_id, purpose), aad)

    def under(self, key_id: str, key: bytes) -> Sealer:
        """Seal and open under a key that is not in the ring, such as a citizen's own."""
        return _KeySealer(key_id, key, self._suite)

    def key_id_of(self, sealed: bytes) -> str:
        """Tell under which key something is sealed. NotASealError: it is no seal."""
        return _Seal.parse(sealed).key_id

    def match(self, purpose: str, value: str) -> str:
        """Return a keyed hash for equality, the same before and after rotation; the caller normalises first."""
        return self._hash("match", purpose, value).hex()

    def token64(self, purpose: str, value: str) -> int:
        """Return a keyed hash as a signed 64-bit integer, small enough to be an element of a search index."""
        return int.from_bytes(self._hash("token64", purpose, value)[:8], "big", signed=True)

    def _key(self, suite: Suite, key_id: str, purpose: str) -> "_Aead":
        key = self._keys.get((suite, key_id, purpose))
        if key is None:
            key = self._keys[suite, key_id, purpose] = _aead(suite, self._master(key_id), purpose)
        return key

    def _master(self, key_id: str) -> bytes:
        if key_id not in self._material.keys:
            self._learn()
        if key_id not in self._material.keys:
            raise UnknownKeyError(f"no key with the id {key_id}")
        return self._material.keys[key_id]

    def _learn(self) -> None:
        """Read the file again when another process has rotated it; a look at its date costs a microsecond."""
        stamp = _stamp_of(self._path)
        if self._path is None or stamp is None or stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            self._material = keyfile.load(self._path)
        except (KeyFileError, OSError) as error:
            # What this process holds still works; an operator who breaks the file must not stop the hotline.
            _log.error("keyring.unreadable", extra={"error_type": type(error).__name__})
            return
        # A key that was retired must not live on in derived keys.
        self._keys.clear()

    def _hash(self, use: str, purpose: str, value: str) -> bytes:
        key = self._hash_keys.get((use, purpose))
        if key is None:
            key = self._hash_keys[use, purpose] = _derive(self._material.index, use, purpose, KEY_BYTES)
        # A lone surrogate is hashed like any other text: an encoding error would quote the value.
        return hmac.digest(key, value.encode("utf-8", "surrogatepass"), "sha256")

    def __repr__(self) -> str:
        return f"Keyring(current_id={self._material.current!r}, keys={len(self._material.keys)})"


def keyring_of(settings: Settings) -> Keyring:
    """The ring of a process: from the setting that holds the keys, else from the key file."""
    suite = SUITES[settings.cipher]
    if settings.keyring is not None:
        return Keyring.from_json(settings.keyring, suite=suite)
    return Keyring.load_or_create(settings.keyring_path, suite=suite)


class _KeySealer:
    """Seals and opens under one key that the caller brings."""

    def __init__(self, key_id: str, key: bytes, suite: Suite) -> None:
        assert key_id.startswith(PERSON), "only citizens have keys of their own"
        self._key_id = key_id
        self._key = key
        self._suite = suite

    def seal(self, purpose: str, plaintext: bytes, aad: bytes) -> bytes:
        return _seal(_aead(self._suite, self._key, purpose), self._suite, self._key_id, plaintext, aad)

    def open(self, purpose: str, sealed: bytes, aad: bytes) -> bytes:
        seal = _Seal.parse(sealed)
        if seal.key_id != self._key_id:
            raise UnknownKeyError("sealed under another key")
        return seal.opened(_aead(seal.suite, self._key, purpose), aad)


class _Aead(Protocol):
    """Authenticated encryption with associated data; raises InvalidTag."""

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes) -> bytes: ...
    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes) -> bytes: ...


class _Sm4Gcm:
    """SM4 (GB/T 32907) in Galois/Counter Mode (GB/T 36624), with the interface of AESGCM."""

    def __init__(self, key: bytes) -> None:
        self._algorithm = algorithms.SM4(key)

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes) -> bytes:
        encryptor = Cipher(self._algorithm, modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(associated_data)
        return encryptor.update(data) + encryptor.finalize() + encryptor.tag

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes) -> bytes:
        ciphertext, tag = data[:-_TAG_BYTES], data[-_TAG_BYTES:]
        decryptor = Cipher(self._algorithm, modes.GCM(nonce, tag)).decryptor()
        decryptor.authenticate_additional_data(associated_data)
        return decryptor.update(ciphertext) + decryptor.finalize()


@dataclass(frozen=True, slots=True)
class _Seal:
    """suite byte | length of the key id | key id | nonce | ciphertext and tag."""

    suite: Suite
    key_id: str
    nonce: bytes
    ciphertext: bytes

    @classmethod
    def parse(cls, sealed: bytes) -> Self:
        if len(sealed) < 2 or sealed[0] not in _KNOWN_SUITES:
            raise NotASealError("no seal of a known version")
        nonce_at = 2 + sealed[1]
        ciphertext_at = nonce_at + _NONCE_BYTES
        key_id = sealed[2:nonce_at]
        if len(sealed) < ciphertext_at + _TAG_BYTES or not keyfile.is_key_id(key_id):
            raise NotASealError("a seal that is cut short or names no key")
        return cls(
            Suite(sealed[0]), key_id.decode("ascii"), sealed[nonce_at:ciphertext_at], sealed[ciphertext_at:]
        )

    def opened(self, key: _Aead, aad: bytes) -> bytes:
        try:
            return key.decrypt(self.nonce, self.ciphertext, _header(self.suite, self.key_id) + aad)
        except InvalidTag:
            raise BrokenSealError("the seal does not verify") from None


def _seal(key: _Aead, suite: Suite, key_id: str, plaintext: bytes, aad: bytes) -> bytes:
    header, nonce = _header(suite, key_id), secrets.token_bytes(_NONCE_BYTES)
    return header + nonce + key.encrypt(nonce, plaintext, header + aad)


def _header(suite: Suite, key_id: str) -> bytes:
    """Return what precedes the nonce; it is authenticated with the data, and its length prefix keeps both apart."""
    return bytes((suite, len(key_id))) + key_id.encode("ascii")


def _aead(suite: Suite, master: bytes, purpose: str) -> _Aead:
    match suite:
        case Suite.AES_256_GCM:
            return AESGCM(_derive(master, "seal", purpose, KEY_BYTES))
        case Suite.SM4_GCM:
            return _Sm4Gcm(_derive(master, "seal-sm4", purpose, 16))


def _derive(master: bytes, use: str, purpose: str, length: int) -> bytes:
    info = f"hotline/1/{use}/{purpose}".encode()
    return HKDF(algorithm=SHA256(), length=length, salt=None, info=info).derive(master)


def _stamp_of(path: Path | None) -> tuple[int, int, int] | None:
    """What changes whenever the file is replaced."""
    with suppress(OSError):
        if path is not None:
            status = path.stat()
            return status.st_ino, status.st_mtime_ns, status.st_size
    return None
