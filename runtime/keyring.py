"""The keyring (密钥环): seals data with AES-256-GCM and makes keyed hashes to find it again.

Each purpose (payload, vault, phone, text …) has its own key, derived by HKDF from one master key per id, so that
what is sealed for one purpose opens for no other and a hash made for one matches no other.

    UnsealError
    ├── NotASealError     the bytes have not the form of a seal
    ├── UnknownKeyError   sealed under a key this ring does not hold
    └── BrokenSealError   altered, or opened for another purpose or other associated data
"""

import hmac
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from runtime import keyfile
from runtime.keyfile import KEY_BYTES, KeyMaterial

_VERSION: Final = 1
_NONCE_BYTES: Final = 12
_TAG_BYTES: Final = 16


class UnsealError(Exception):
    """Sealed bytes cannot be opened; neither key nor data is in the message."""


class NotASealError(UnsealError):
    """The bytes have not the form of a seal."""


class UnknownKeyError(UnsealError):
    """The seal names a key that this ring does not hold."""


class BrokenSealError(UnsealError):
    """The seal does not verify: altered, or opened for another purpose or other associated data."""


class Keyring:
    """Seals under the current key, opens under any key it holds, and hashes under a key that never rotates."""

    def __init__(self, material: KeyMaterial, *, path: Path | None = None) -> None:
        self._material = material
        self._path = path
        self._ciphers: dict[tuple[str, str], AESGCM] = {}
        self._hash_keys: dict[tuple[str, str], bytes] = {}

    @classmethod
    def load_or_create(cls, path: Path) -> Self:
        return cls(keyfile.load_or_create(path), path=path)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Build a ring from the content of a key file, for deployments that hand secrets in as settings."""
        return cls(keyfile.parse(text))

    @classmethod
    def generate(cls) -> Self:
        return cls(KeyMaterial.generate())

    @classmethod
    def rotate(cls, path: Path) -> Self:
        """Add a new current key to the file; running rings learn of it with the first seal that names it."""
        return cls(keyfile.rotate(path), path=path)

    @property
    def current_id(self) -> str:
        return self._material.current

    def seal(self, purpose: str, plaintext: bytes, aad: bytes) -> bytes:
        # Random nonces are safe for 2**32 seals per key and purpose (NIST SP 800-38D, 8.3); rotate well before.
        key_id, nonce = self.current_id, secrets.token_bytes(_NONCE_BYTES)
        header = _header(key_id)
        return header + nonce + self._cipher(key_id, purpose).encrypt(nonce, plaintext, header + aad)

    def open(self, purpose: str, sealed: bytes, aad: bytes) -> bytes:
        seal = _Seal.parse(sealed)
        cipher = self._cipher(seal.key_id, purpose)
        try:
            return cipher.decrypt(seal.nonce, seal.ciphertext, _header(seal.key_id) + aad)
        except InvalidTag:
            raise BrokenSealError("the seal does not verify") from None

    def match(self, purpose: str, value: str) -> str:
        """Return a keyed hash for equality, the same before and after rotation; the caller normalises first."""
        return self._hash("match", purpose, value).hex()

    def token64(self, purpose: str, value: str) -> int:
        """Return a keyed hash as a signed 64-bit integer, small enough to be an element of a search index."""
        return int.from_bytes(self._hash("token64", purpose, value)[:8], "big", signed=True)

    def _cipher(self, key_id: str, purpose: str) -> AESGCM:
        cipher = self._ciphers.get((key_id, purpose))
        if cipher is None:
            cipher = AESGCM(_derive(self._master(key_id), "seal", purpose))
            self._ciphers[key_id, purpose] = cipher
        return cipher

    def _master(self, key_id: str) -> bytes:
        if key_id not in self._material.keys and self._path is not None:
            # Another process may have rotated the file since this one read it.
            self._material = keyfile.load(self._path)
        if key_id not in self._material.keys:
            raise UnknownKeyError(f"no key with the id {key_id}")
        return self._material.keys[key_id]

    def _hash(self, use: str, purpose: str, value: str) -> bytes:
        key = self._hash_keys.get((use, purpose))
        if key is None:
            key = self._hash_keys[use, purpose] = _derive(self._material.index, use, purpose)
        # A lone surrogate is hashed like any other text: an encoding error would quote the value.
        return hmac.digest(key, value.encode("utf-8", "surrogatepass"), "sha256")

    def __repr__(self) -> str:
        return f"Keyring(current_id={self.current_id!r}, keys={len(self._material.keys)})"


@dataclass(frozen=True, slots=True)
class _Seal:
    """version byte | length of the key id | key id | nonce | ciphertext and tag."""

    key_id: str
    nonce: bytes
    ciphertext: bytes

    @classmethod
    def parse(cls, sealed: bytes) -> Self:
        if len(sealed) < 2 or sealed[0] != _VERSION:
            raise NotASealError("no seal of a known version")
        nonce_at = 2 + sealed[1]
        ciphertext_at = nonce_at + _NONCE_BYTES
        key_id = sealed[2:nonce_at]
        if len(sealed) < ciphertext_at + _TAG_BYTES or not keyfile.is_key_id(key_id):
            raise NotASealError("a seal that is cut short or names no key")
        return cls(key_id.decode("ascii"), sealed[nonce_at:ciphertext_at], sealed[ciphertext_at:])


def _header(key_id: str) -> bytes:
    """Return what precedes the nonce; it is authenticated with the data, and its length prefix keeps both apart."""
    return bytes((_VERSION, len(key_id))) + key_id.encode("ascii")


def _derive(master: bytes, use: str, purpose: str) -> bytes:
    info = f"hotline/1/{use}/{purpose}".encode()
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(master)
