"""The keyring: what is sealed stays closed to all but the right purpose, data and key, and rotation loses nothing."""

import json
import multiprocessing
import os
import stat
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest

from runtime.keyfile import (
    KeyFileExposedError,
    KeyFileMalformedError,
    KeyInUseError,
    KeyMaterial,
    retire,
    rotate,
)
from runtime.keyring import BrokenSealError, Keyring, NotASealError, Suite, UnknownKeyError, keyring_of
from runtime.settings import Settings

SECRET = "张三 13800000000"
PLAINTEXT = SECRET.encode()
AAD = b"vault/caller_name/1"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "secrets" / "keyring.json"


@pytest.mark.parametrize("plaintext", [b"", PLAINTEXT, bytes(70_000)])
def test_what_is_sealed_opens_again(plaintext: bytes) -> None:
    ring = Keyring.generate()
    assert ring.open("vault", ring.seal("vault", plaintext, AAD), AAD) == plaintext


def test_equal_plaintexts_seal_differently() -> None:
    ring = Keyring.generate()
    assert ring.seal("vault", PLAINTEXT, AAD) != ring.seal("vault", PLAINTEXT, AAD)


def test_a_seal_shows_none_of_its_plaintext() -> None:
    assert PLAINTEXT not in Keyring.generate().seal("vault", PLAINTEXT, AAD)


def test_a_seal_opens_for_its_own_purpose_and_data_alone() -> None:
    ring = Keyring.generate()
    sealed = ring.seal("vault", PLAINTEXT, AAD)
    for purpose, aad in [("payload", AAD), ("vault", b"vault/caller_name/2"), ("vault", b"")]:
        with pytest.raises(BrokenSealError):
            ring.open(purpose, sealed, aad)
    assert ring.open("vault", sealed, AAD) == PLAINTEXT


def test_every_altered_byte_is_detected() -> None:
    ring = Keyring.generate()
    sealed = ring.seal("vault", PLAINTEXT, AAD)
    for at in range(len(sealed)):
        altered = sealed[:at] + bytes((sealed[at] ^ 1,)) + sealed[at + 1 :]
        with pytest.raises((BrokenSealError, NotASealError, UnknownKeyError)):
            ring.open("vault", altered, AAD)


def test_every_truncation_is_detected() -> None:
    ring = Keyring.generate()
    sealed = ring.seal("vault", PLAINTEXT, AAD)
    for length in range(len(sealed)):
        with pytest.raises((BrokenSealError, NotASealError)):
            ring.open("vault", sealed[:length], AAD)


def test_a_seal_cannot_be_relabelled_with_another_key_id() -> None:
    text = json.loads(_json_of(Keyring.generate()))
    text["keys"]["other"] = text["keys"][text["current"]]
    ring = Keyring.from_json(json.dumps(text))
    sealed = ring.seal("vault", PLAINTEXT, AAD)
    id_end = 2 + sealed[1]
    with pytest.raises(BrokenSealError):
        ring.open("vault", b"\x01\x05other" + sealed[id_end:], AAD)


def test_a_seal_of_another_installation_names_an_unknown_key() -> None:
    sealed = Keyring.generate().seal("vault", PLAINTEXT, AAD)
    with pytest.raises(UnknownKeyError):
        Keyring.generate().open("vault", sealed, AAD)


def test_rotation_seals_under_a_new_key_and_keeps_old_seals_readable(path: Path) -> None:
    old = Keyring.load_or_create(path)
    sealed, replaced = old.seal("vault", PLAINTEXT, AAD), old.current_id
    new = Keyring.rotate(path)
    assert new.current_id != replaced
    assert new.open("vault", sealed, AAD) == PLAINTEXT
    assert Keyring.load_or_create(path).current_id == new.current_id


def test_a_running_ring_learns_a_key_that_another_process_rotated_in(path: Path) -> None:
    running = Keyring.load_or_create(path)
    sealed = Keyring.rotate(path).seal("vault", PLAINTEXT, AAD)
    assert running.open("vault", sealed, AAD) == PLAINTEXT


def test_a_running_ring_seals_under_a_key_that_another_process_rotated_in(path: Path) -> None:
    running = Keyring.load_or_create(path)
    before = running.key_id_of(running.seal("vault", PLAINTEXT, AAD))
    rotated = Keyring.rotate(path)
    after = running.key_id_of(running.seal("vault", PLAINTEXT, AAD))
    assert before != after == rotated.current_id


def test_a_running_ring_forgets_a_key_that_was_retired(path: Path) -> None:
    running = Keyring.load_or_create(path)
    sealed, old = running.seal("vault", PLAINTEXT, AAD), running.current_id
    Keyring.rotate(path)
    retire(path, old)
    running.seal("vault", PLAINTEXT, AAD)
    with pytest.raises(UnknownKeyError):
        running.open("vault", sealed, AAD)


def test_a_running_ring_goes_on_with_the_keys_it_has_when_the_file_is_spoilt(path: Path) -> None:
    running = Keyring.load_or_create(path)
    sealed = running.seal("vault", PLAINTEXT, AAD)
    path.write_text("{")
    assert running.open("vault", running.seal("vault", PLAINTEXT, AAD), AAD) == PLAINTEXT
    assert running.open("vault", sealed, AAD) == PLAINTEXT


def test_the_current_key_and_an_unknown_one_cannot_be_retired(path: Path) -> None:
    current = Keyring.load_or_create(path).current_id
    for key_id in (current, "unknown"):
        with pytest.raises(KeyInUseError):
            retire(path, key_id)
    assert Keyring.load_or_create(path).current_id == current


def test_a_key_file_tells_when_a_key_was_replaced() -> None:
    first = KeyMaterial.generate()
    second = first.rotated()
    third = second.rotated()
    assert third.replaced_at(first.current) == third.since[second.current]
    assert third.replaced_at(second.current) == third.since[third.current]
    assert third.replaced_at(third.current) is None
    aged = third.model_copy(update={"since": {third.current: third.since[third.current]}})
    assert aged.replaced_at(first.current) == third.since[third.current]


@pytest.mark.parametrize("suite", list(Suite))
@pytest.mark.parametrize("later", list(Suite))
def test_what_either_cipher_sealed_opens_whichever_is_chosen_later(suite: Suite, later: Suite) -> None:
    material = KeyMaterial.generate()
    ring, other = Keyring(material, suite=suite), Keyring(material, suite=later)
    sealed = ring.seal("vault", PLAINTEXT, AAD)
    assert sealed[0] == suite
    assert other.open("vault", sealed, AAD) == PLAINTEXT
    own = ring.under("person.1", bytes(32))
    assert (
        other.under("person.1", bytes(32)).open("vault", own.seal("vault", PLAINTEXT, AAD), AAD) == PLAINTEXT
    )


def test_every_altered_byte_of_an_sm4_seal_is_detected() -> None:
    ring = Keyring.generate(suite=Suite.SM4_GCM)
    sealed = ring.seal("vault", PLAINTEXT, AAD)
    for at in range(len(sealed)):
        altered = sealed[:at] + bytes((sealed[at] ^ 1,)) + sealed[at + 1 :]
        with pytest.raises((BrokenSealError, NotASealError, UnknownKeyError)):
            ring.open("vault", altered, AAD)


def test_a_seal_cannot_be_relabelled_with_the_other_cipher() -> None:
    ring = Keyring.generate()
    sealed = ring.seal("vault", PLAINTEXT, AAD)
    with pytest.raises(BrokenSealError):
        ring.open("vault", bytes((Suite.SM4_GCM,)) + sealed[1:], AAD)


def test_a_key_of_somebodys_own_opens_nothing_of_another() -> None:
    ring = Keyring.generate()
    one, other = ring.under("person.1", b"1" * 32), ring.under("person.1", b"2" * 32)
    sealed = one.seal("text", PLAINTEXT, AAD)
    assert one.open("text", sealed, AAD) == PLAINTEXT
    assert ring.key_id_of(sealed) == "person.1"
    with pytest.raises(BrokenSealError):
        other.open("text", sealed, AAD)
    with pytest.raises(UnknownKeyError):
        ring.under("person.2", b"1" * 32).open("text", sealed, AAD)
    with pytest.raises(UnknownKeyError):
        ring.open("text", sealed, AAD)


def test_keys_come_from_a_setting_or_a_file_and_with_the_cipher_that_was_chosen(path: Path) -> None:
    content = Keyring.generate().material.model_dump_json()
    of_setting = keyring_of(Settings(keyring=content, cipher="sm4-gcm"))
    assert of_setting.seal("vault", PLAINTEXT, AAD)[0] == Suite.SM4_GCM
    assert keyring_of(Settings(keyring_file=path)).seal("vault", PLAINTEXT, AAD)[0] == Suite.AES_256_GCM
    assert path.exists()


def test_hashes_survive_rotation(path: Path) -> None:
    old = Keyring.load_or_create(path)
    new = Keyring.rotate(path)
    assert new.match("phone", SECRET) == old.match("phone", SECRET)
    assert new.token64("text", "噪音") == old.token64("text", "噪音")


def test_hashes_differ_by_purpose_value_and_installation() -> None:
    ring, other = Keyring.generate(), Keyring.generate()
    hashes = [
        ring.match("phone", SECRET),
        ring.match("address", SECRET),
        ring.match("phone", SECRET + " "),
        other.match("phone", SECRET),
    ]
    assert len({*hashes}) == len(hashes)
    assert all(len(bytes.fromhex(each)) == 32 for each in hashes)


def test_a_token_is_a_signed_64_bit_integer_that_is_no_part_of_the_match_hash() -> None:
    ring = Keyring.generate()
    tokens = [ring.token64("text", str(n)) for n in range(200)]
    assert len({*tokens}) == 200
    assert min(tokens) < 0 < max(tokens)
    assert all(-(2**63) <= token < 2**63 for token in tokens)
    assert ring.token64("text", SECRET).to_bytes(8, "big", signed=True).hex() not in ring.match(
        "text", SECRET
    )


def test_text_that_is_no_valid_unicode_is_hashed_without_an_error() -> None:
    ring = Keyring.generate()
    assert ring.match("text", "\ud800") != ring.match("text", "\ud801")


def test_the_key_file_is_for_its_owner_alone_also_after_rotation(path: Path) -> None:
    umask = os.umask(0)
    try:
        Keyring.load_or_create(path)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        Keyring.rotate(path)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    finally:
        os.umask(umask)
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_a_key_file_that_others_may_read_is_refused(path: Path) -> None:
    Keyring.load_or_create(path)
    path.chmod(0o640)
    with pytest.raises(KeyFileExposedError):
        Keyring.load_or_create(path)
    path.chmod(0o600)
    Keyring.load_or_create(path)


@pytest.mark.parametrize(
    "change",
    [
        {"current": "missing"},
        {"index": "c2hvcnQ="},
        {"keys": {"leaky-id": "leaky-key"}},
        {"surplus": "leaky-value"},
        {"keys": {"person.leaky": "A" * 43 + "="}, "current": "person.leaky"},
    ],
)
def test_a_malformed_key_file_is_refused_without_quoting_it(change: dict[str, object]) -> None:
    good = json.loads(_json_of(Keyring.generate()))
    Keyring.from_json(json.dumps(good))
    with pytest.raises(KeyFileMalformedError) as caught:
        Keyring.from_json(json.dumps(good | change))
    assert "leaky" not in str(caught.value)
    assert caught.value.__context__ is None


def test_a_key_file_cut_short_is_refused_and_never_overwritten(path: Path) -> None:
    Keyring.load_or_create(path)
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(KeyFileMalformedError):
        Keyring.load_or_create(path)
    assert len(path.read_bytes()) == 40


def test_processes_that_race_for_the_first_key_get_the_same_one(path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    start, answers = context.Barrier(3), context.Queue()
    racers = [context.Process(target=_race, args=(path, start, answers)) for _ in range(3)]
    for racer in racers:
        racer.start()
    hashes = {answers.get(timeout=60) for _ in racers}
    for racer in racers:
        racer.join()
    assert hashes == {Keyring.load_or_create(path).match("phone", SECRET)}


def test_processes_that_race_to_rotate_lose_no_key(path: Path) -> None:
    first = Keyring.load_or_create(path).current_id
    context = multiprocessing.get_context("spawn")
    start, answers = context.Barrier(3), context.Queue()
    racers = [context.Process(target=_rotate, args=(path, start, answers)) for _ in range(3)]
    for racer in racers:
        racer.start()
    rotated = {answers.get(timeout=60) for _ in racers}
    for racer in racers:
        racer.join()
    assert json.loads(path.read_text())["keys"].keys() == {first, *rotated}
    assert len(rotated) == 3


def test_the_representation_shows_no_key() -> None:
    ring = Keyring.generate()
    shown = repr(ring) + repr(ring._material)
    assert ring.current_id in shown
    for key in [*ring._material.keys.values(), ring._material.index]:
        assert repr(key) not in shown


def _json_of(ring: Keyring) -> str:
    return ring._material.model_dump_json()


def _race(path: Path, start: Barrier, answers: "Queue[str]") -> None:
    start.wait()
    answers.put(Keyring.load_or_create(path).match("phone", SECRET))


def _rotate(path: Path, start: Barrier, answers: "Queue[str]") -> None:
    start.wait()
    answers.put(rotate(path).current)
