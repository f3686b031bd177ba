"""An export verifies itself offline, and whatever is changed in it, the first place that was touched is named."""

import copy
from typing import Any

import pytest
from anchor_hands import document, exported, fill, tamper
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store_hands import NOW, OPERATOR, bring
from unit import lives

from hotline.proof.chain import entry_hash
from hotline.proof.export import Export
from hotline.proof.verify import Flaw, Place, Verdict, verify_export
from hotline.vocabulary import TrailEvent
from runtime.signing import SigningKeys, is_signed_by
from store.engine import Database
from store.export import export_case
from store.trail import TrailFilters, entries

Path = tuple[str | int, ...]


@pytest.fixture(scope="module")
def keys() -> SigningKeys:
    return SigningKeys.generate()


def _verdict(found: object, trusted: SigningKeys | None = None) -> Verdict:
    return verify_export(found, is_signed_by, trusted=trusted and list(trusted.public_keys.values()))


def _first(found: object) -> Flaw:
    verdict = _verdict(found)
    assert not verdict.is_true
    return verdict.flaws[0]


async def test_export_is_true_and_tells_how_far_it_is_anchored(database: Database, keys: SigningKeys) -> None:
    life = await fill(database, keys)
    verdict = _verdict(await document(database, keys), trusted=keys)
    assert verdict.is_true
    assert (verdict.case_no, verdict.entries) == (lives.NUMBER, life.state.version)
    assert verdict.anchors == 3
    assert 0 < verdict.anchored < verdict.entries


async def test_export_without_an_anchor_is_true_by_its_own_signature(
    database: Database, keys: SigningKeys
) -> None:
    life = lives.contacted()
    await bring(database, life)
    found = await document(database, keys)
    verdict = _verdict(found, trusted=keys)
    assert (verdict.is_true, verdict.anchored, verdict.entries) == (True, 0, life.state.version)
    del found["entries"][-1]
    assert _first(found) == Flaw(place=Place.ENTRY, number=life.state.version, problem="it is missing")


async def test_case_without_a_ledger_has_no_export_and_leaves_no_entry(
    database: Database, keys: SigningKeys
) -> None:
    async with database.write() as session:
        assert await export_case(session, keys, lives.NUMBER, at=NOW, actor=OPERATOR) is None
        assert await entries(session, TrailFilters()) == ()


async def test_export_has_nothing_but_references(database: Database, keys: SigningKeys) -> None:
    """The body of a fact is what may leave: codes, instants and ids of the vault (hotline/facts.py)."""
    await fill(database, keys)
    told = (await exported(database, keys)).model_dump_json()
    assert lives.TEXT.text_id in told
    assert "caller" not in told


async def test_export_is_recorded_in_the_trail(database: Database, keys: SigningKeys) -> None:
    await fill(database, keys)
    await exported(database, keys)
    async with database.read() as session:
        (line,) = await entries(session, TrailFilters(event=TrailEvent.LEDGER_EXPORTED))
    assert (line.case_no, line.actor) == (lives.NUMBER, OPERATOR)


async def test_signature_of_somebody_else_is_none_of_ours(database: Database, keys: SigningKeys) -> None:
    await fill(database, keys)
    found = await document(database, keys)
    verdict = _verdict(found, trusted=SigningKeys.generate())
    assert verdict.flaws[0].place is Place.KEY
    assert _verdict(found, trusted=keys).is_true


async def test_forger_who_signs_everything_anew_is_found_by_the_published_key(
    database: Database, keys: SigningKeys
) -> None:
    await fill(database, keys)
    forged = Export.model_validate(_rewritten(await document(database, keys), seq=3))
    forger = SigningKeys.generate()
    header = forged.header.model_copy(update={"key_id": forger.key_id, "head": forged.entries[-1].hash})
    own = forged.model_copy(
        update={
            "header": header,
            "signature": forger.sign(header.message),
            "keys": dict(forged.keys) | forger.public_keys,
        }
    )
    found = own.model_dump(mode="json")
    # Even without the published key, the old anchors name the span that was rewritten.
    assert _first(found).number == 1
    assert "entries 1 to" in _first(found).problem
    assert _verdict(found, trusted=keys).flaws[0].place is Place.KEY


def _rewritten(found: dict[str, Any], seq: int) -> dict[str, Any]:
    """Change an old fact and work out every hash after it."""
    forged = copy.deepcopy(found)
    forged["entries"][seq - 1]["actor"][0] = "somebody-else"
    prev_hash = bytes.fromhex(forged["entries"][seq - 1]["prev_hash"])
    for entry in forged["entries"][seq - 1 :]:
        entry["prev_hash"] = prev_hash.hex()
        content = {name: value for name, value in entry.items() if name not in {"prev_hash", "hash"}}
        prev_hash = entry_hash(prev_hash, content)
        entry["hash"] = prev_hash.hex()
    return forged


async def test_fact_that_was_rewritten_in_the_database_with_its_chain_is_found_in_a_genuine_export(
    database: Database, as_owner: Database, keys: SigningKeys
) -> None:
    await fill(database, keys)
    genuine = await document(database, keys)
    monday, wednesday = (proof["seq"] for proof in genuine["proofs"])
    for entry in _rewritten(genuine, seq=wednesday)["entries"]:
        await tamper(
            as_owner,
            "facts",
            f"UPDATE facts SET actor_id = '{entry['actor'][0]}', hash = '\\x{entry['hash']}',"
            f" prev_hash = '\\x{entry['prev_hash']}'"
            f" WHERE case_no = '{lives.NUMBER}' AND seq = {entry['seq']}",
        )
    flaw = _first(await document(database, keys))
    assert (flaw.place, flaw.number) == (Place.ENTRY, monday + 1)
    assert f"entries {monday + 1} to {wednesday} are not those over which anchor 3" in flaw.problem


@pytest.mark.parametrize("found", [None, [], {}, {"format": "x"}, "text", {"header": {}, "entries": 3}])
def test_file_that_is_no_export_is_told_from_one(found: object) -> None:
    assert _first(found).place in {Place.FILE, Place.HEADER}


def test_half_a_character_is_no_bug_of_ours() -> None:
    assert not _verdict({"header": "\ud800"}).is_true


# ── every single change ─────────────────────────────────────────────────────────────────────────


def _leaves(value: Any, path: Path = ()) -> list[Path]:
    """The way to every value of a document that holds no others."""
    if isinstance(value, dict):
        return [way for key in value for way in _leaves(value[key], (*path, key))]
    if isinstance(value, list) and value:
        return [way for index, part in enumerate(value) for way in _leaves(part, (*path, index))]
    return [path]


def _at(found: Any, path: Path) -> Any:
    for step in path:
        found = found[step]
    return found


def _set(found: Any, path: Path, value: object) -> None:
    _at(found, path[:-1])[path[-1]] = value


def _other(value: Any, data: st.DataObject) -> Any:
    """Something that a value is not: near it, or of another kind."""
    near: list[Any] = [None, [], {}, "x", 7, True, 1.5]
    if isinstance(value, str) and value:
        place = data.draw(st.integers(0, len(value) - 1))
        near += [value[:place] + ("0" if value[place] != "0" else "1") + value[place + 1 :]] * 9
        near += [value[:-1], value + "0", value.upper()]
    if isinstance(value, int) and not isinstance(value, bool):
        near += [value + 1, value - 1, str(value)] * 3
    return data.draw(
        st.sampled_from([other for other in near if other != value or type(other) is not type(value)])
    )


def _expected(found: dict[str, Any], path: Path) -> tuple[Place, int | None]:
    """The part that a change is in."""
    match path:
        case ("entries", int(index), *_):
            return Place.ENTRY, index + 1
        case ("anchors", int(index), *_):
            return Place.ANCHOR, index + 1
        case ("proofs", int(index), *_):
            return Place.PROOF, found["proofs"][index]["anchor"]
        case ("keys", *_):
            return Place.KEY, None
    return Place.HEADER, None


RELAXED = settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


async def test_any_value_that_is_altered_is_found_where_it_stands(
    database: Database, keys: SigningKeys
) -> None:
    await fill(database, keys)
    genuine = await document(database, keys)
    ways = _leaves(genuine)

    @RELAXED
    @given(st.data())
    def altered(data: st.DataObject) -> None:
        found, path = copy.deepcopy(genuine), data.draw(st.sampled_from(ways))
        _set(found, path, _other(_at(found, path), data))
        flaw = _first(found)
        assert (flaw.place, flaw.number) == _expected(genuine, path)

    altered()


async def test_proof_that_names_no_anchor_is_told_by_the_one_it_was_of(
    database: Database, keys: SigningKeys
) -> None:
    await fill(database, keys)
    genuine = await document(database, keys)
    _set(found := copy.deepcopy(genuine), ("proofs", 1, "anchor"), None)
    flaw = _first(found)
    assert (flaw.place, flaw.number) == (Place.PROOF, genuine["proofs"][1]["anchor"])
    assert flaw.number != 1 + 1  # where it stands is not what it is called


async def test_key_that_is_taken_away_or_renamed_is_named(database: Database, keys: SigningKeys) -> None:
    await fill(database, keys)
    genuine = await document(database, keys)
    assert _first(genuine | {"keys": {}}) == Flaw(place=Place.KEY, problem=f"key {keys.key_id} is missing")
    renamed = {"f" * 16: genuine["keys"][keys.key_id]}
    assert _first(genuine | {"keys": renamed}).place is Place.KEY


@pytest.mark.parametrize(
    ("path", "place"),
    [
        (("header", "key_id"), Place.HEADER),
        (("anchors", 1, "key_id"), Place.ANCHOR),
        (("anchors", 1, "signature"), Place.ANCHOR),
        (("signature",), Place.HEADER),
        (("header", "covered", 0, "seq"), Place.HEADER),
    ],
)
async def test_reference_that_is_altered_is_named_and_not_what_it_refers_to(
    database: Database, keys: SigningKeys, path: Path, place: Place
) -> None:
    await fill(database, keys)
    found = await document(database, keys)
    before = _at(found, path)
    _set(
        found,
        path,
        before + 1 if isinstance(before, int) else before[:-1] + ("0" if before[-1] != "0" else "1"),
    )
    assert _first(found).place is place


async def test_any_part_that_is_removed_doubled_or_swapped_is_found_where_it_belongs(
    database: Database, keys: SigningKeys
) -> None:
    await fill(database, keys)
    genuine = await document(database, keys)
    lists = ("entries", "anchors", "proofs")

    @RELAXED
    @given(st.data())
    def rearranged(data: st.DataObject) -> None:
        found, section = copy.deepcopy(genuine), data.draw(st.sampled_from(lists))
        parts = found[section]
        first = data.draw(st.integers(0, len(parts) - 1))
        match data.draw(st.sampled_from(("remove", "double", "swap", "cut"))):
            case "remove":
                del parts[first]
            case "cut":
                del parts[first:]
            case "double":
                parts.insert(first, copy.deepcopy(parts[first]))
                first += 1
            case _:
                second = data.draw(st.integers(0, len(parts) - 1).filter(lambda place: place != first))
                parts[first], parts[second] = parts[second], parts[first]
                first = min(first, second)
        flaw = _first(found)
        place, _ = _expected(genuine, (section, 0))
        numbers = {"entries": "seq", "anchors": "number", "proofs": "anchor"}
        named = genuine[section][first : first + 1]
        number = (
            named[0][numbers[section]]
            if named
            else genuine[section][-1][numbers[section]] + (section != "proofs")
        )
        assert (flaw.place, flaw.number) == (place, number)

    rearranged()
