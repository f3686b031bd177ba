"""Signing (签名): the Ed25519 key under which anchors and exports of the ledger are signed.

The private key lies in the key file and is made when it is first needed; a key's id is its fingerprint, and
public keys are there to be published. A key that is replaced leaves its public part behind.
"""

from pathlib import Path
from typing import Final, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from hotline.proof.verify import key_id_of
from runtime import keyfile
from runtime.keyfile import KeyFileMalformedError, KeyMaterial
from runtime.settings import Settings

PUBLIC_KEY_BYTES: Final = 32


class SigningKeys:
    """The key that signs now, and the public part of every key that has signed."""

    def __init__(self, material: KeyMaterial) -> None:
        if material.signing is None:
            raise ValueError("there is no signing key in this key material")
        self._private = Ed25519PrivateKey.from_private_bytes(material.signing)
        self._public = self._private.public_key().public_bytes_raw()
        self._known = (*material.signed_before, self._public)

    @classmethod
    def load_or_create(cls, path: Path) -> Self:
        """The keys of a key file, to which a signing key is added if it has none."""
        keyfile.load_or_create(path)
        return cls(keyfile.amend(path, _with_key))

    @classmethod
    def replace(cls, path: Path) -> Self:
        """Sign under a new key from now on, and keep the public part of the old one."""
        return cls(keyfile.amend(path, _with_another_key))

    @classmethod
    def generate(cls) -> Self:
        return cls(KeyMaterial.generate())

    @property
    def key_id(self) -> str:
        return key_id_of(self._public)

    @property
    def public_keys(self) -> dict[str, bytes]:
        """Public keys by id, the one in use last."""
        return {key_id_of(key): key for key in self._known}

    def sign(self, message: bytes) -> bytes:
        return self._private.sign(message)

    def verify(self, key_id: str, signature: bytes, message: bytes) -> bool:
        """Tell whether a key that was ever ours has signed a message."""
        key = self.public_keys.get(key_id)
        return key is not None and is_signed_by(key, signature, message)

    def __repr__(self) -> str:
        return f"SigningKeys(key_id={self.key_id!r}, known={len(self._known)})"


def signing_keys(settings: Settings) -> SigningKeys:
    """The signing keys of an installation: from the setting that holds the keys, else from the key file.

    KeyFileMalformedError: the setting holds no signing key; a file would be given one.
    """
    if settings.keyring is not None:
        material = keyfile.parse(settings.keyring)
        if material.signing is None:
            raise KeyFileMalformedError("HOTLINE_KEYRING has no `signing` key")
        return SigningKeys(material)
    return SigningKeys.load_or_create(settings.keyring_path)


def is_signed_by(public_key: bytes, signature: bytes, message: bytes) -> bool:
    """Tell whether a message was signed by the owner of a public key."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def _with_key(material: KeyMaterial) -> KeyMaterial:
    return material if material.signing else material.model_copy(update={"signing": keyfile.new_key()})


def _with_another_key(material: KeyMaterial) -> KeyMaterial:
    if material.signing is None:
        return _with_key(material)
    replaced = SigningKeys(material).public_keys.values()
    return material.model_copy(update={"signing": keyfile.new_key(), "signed_before": tuple(replaced)})
