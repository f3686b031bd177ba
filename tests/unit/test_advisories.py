"""The offline audit finds what a folder of advisories says of a lock, and takes no empty folder for a clean one."""

from pathlib import Path

import pytest
import yaml
from packaging.version import Version

from tools.advisories import Advisory, affects, audit, read_advisories

HASH = "0" * 64


def advisory(*events: dict[str, str], versions: tuple[str, ...] = (), **more: str) -> Advisory:
    return more | {
        "id": "PYSEC-2026-1",
        "published": "2026-07-07T16:02:55Z",
        "affected": [
            {
                "package": {"name": "Some_Package", "ecosystem": "PyPI"},
                "ranges": [{"type": "ECOSYSTEM", "events": list(events)}],
                "versions": list(versions),
            }
        ],
    }


def folder_of(root: Path, *advisories: Advisory) -> Path:
    for number, one in enumerate(advisories):
        (root / f"{number}.yaml").write_text(yaml.safe_dump(one))
    return root


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("1.9", False),
        ("2.0", True),
        ("2.4.9", True),
        ("2.5.0", False),
        ("3.0", True),
        ("3.1", True),
        ("3.2", False),
    ],
)
def test_version_is_affected_from_what_introduced_it_to_what_ended_it(
    version: str, *, expected: bool
) -> None:
    found = advisory(
        {"fixed": "2.5.0"}, {"introduced": "2.0"}, {"introduced": "3.0"}, {"last_affected": "3.1"}
    )
    assert affects(found, "some-package", Version(version)) is expected


def test_first_version_of_all_is_before_every_version() -> None:
    assert affects(advisory({"introduced": "0"}), "some-package", Version("0.0.1a1"))


def test_version_that_is_named_is_affected_by_any_spelling() -> None:
    found = advisory(versions=("2004d", "1.0.0"))
    assert affects(found, "some-package", Version("1.0"))
    assert not affects(found, "some-package", Version("1.0.1"))


def test_what_was_withdrawn_or_is_of_another_package_affects_nothing() -> None:
    assert not affects(
        advisory({"introduced": "0"}, withdrawn="2026-08-01T00:00:00Z"), "some-package", Version("1")
    )
    assert not affects(advisory({"introduced": "0"}), "another", Version("1"))


@pytest.mark.parametrize(("version", "code"), [("2.4.0", 1), ("2.5.0", 0)])
def test_lock_is_audited(tmp_path: Path, capfd: pytest.CaptureFixture[str], version: str, code: int) -> None:
    folder = folder_of(tmp_path, advisory({"introduced": "0"}, {"fixed": "2.5.0"}))
    lock = tmp_path / "lock.txt"
    lock.write_text(f"some-package=={version} --hash=sha256:{HASH}\n")
    assert audit(folder, lock) == code
    assert ("PYSEC-2026-1" in capfd.readouterr().out) is (code == 1)


def test_folder_without_advisories_is_no_clean_lock(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="holds no advisories"):
        read_advisories(tmp_path)
