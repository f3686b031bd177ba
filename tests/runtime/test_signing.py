"""The signing key lies in the key file, stays the same, and can be replaced without forgetting the old one."""

import json
import stat
from pathlib import Path

import pytest

from runtime.keyring import Keyring
from runtime.signing import SigningKeys, is_signed_by


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "keyring.json"


def test_signature_is_of_one_key_and_one_message() -> None:
    keys, others = SigningKeys.generate(), SigningKeys.generate()
    (public,) = keys.public_keys.values()
    signature = keys.sign(b"message")
    assert is_signed_by(public, signature, b"message")
    assert not is_signed_by(public, signature, b"another")
    assert not is_signed_by(next(iter(others.public_keys.values())), signature, b"message")
    assert not is_signed_by(b"no key", signature, b"message")
    assert keys.verify(keys.key_id, signature, b"message")
    assert not others.verify(keys.key_id, signature, b"message")


def test_key_is_made_once_and_found_again(file: Path) -> None:
    first, second = SigningKeys.load_or_create(file), SigningKeys.load_or_create(file)
    assert first.public_keys == second.public_keys
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_key_file_of_an_earlier_release_gets_a_key_and_keeps_the_others(file: Path) -> None:
    sealed = Keyring.load_or_create(file).seal("text", b"content", b"")
    old = json.loads(file.read_text())
    del old["signing"], old["signed_before"]
    file.write_text(json.dumps(old))
    assert SigningKeys.load_or_create(file).key_id == SigningKeys.load_or_create(file).key_id
    assert Keyring.load_or_create(file).open("text", sealed, b"") == b"content"


def test_replaced_key_still_verifies_what_it_signed(file: Path) -> None:
    before = SigningKeys.load_or_create(file)
    signature = before.sign(b"message")
    after = SigningKeys.replace(file)
    assert after.key_id != before.key_id
    assert list(after.public_keys) == [before.key_id, after.key_id]
    assert after.verify(before.key_id, signature, b"message")
    assert SigningKeys.load_or_create(file).public_keys == after.public_keys


def test_rotation_of_the_master_key_leaves_the_signing_key(file: Path) -> None:
    before = SigningKeys.load_or_create(file)
    Keyring.rotate(file)
    assert SigningKeys.load_or_create(file).key_id == before.key_id


def test_private_key_is_not_shown(file: Path) -> None:
    keys = SigningKeys.load_or_create(file)
    secret = json.loads(file.read_text())["signing"]
    assert secret not in repr(keys)
    assert secret.encode() not in b"".join(keys.public_keys.values())
