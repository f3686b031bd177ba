"""离线安装包: its script installs nothing from a folder that is not whole."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tools.bundle import checksums, install_from

INSTALL = Path(__file__).parents[2] / "deploy" / "offline" / "install.sh"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "bundle"
    (folder / "wheels").mkdir(parents=True)
    (folder / "wheels" / "some.whl").write_bytes(b"as it was made")
    shutil.copy(INSTALL, folder)
    (folder / "SHA256SUMS").write_text(checksums(folder), encoding="utf-8")
    return folder


def test_checksums_are_those_of_the_common_tool(folder: Path) -> None:
    subprocess.run(["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=folder, check=True)


@pytest.mark.parametrize("harm", ["changed", "lost"])
def test_folder_that_is_not_whole_is_not_installed_from(
    folder: Path, tmp_path: Path, harm: str, capfd: pytest.CaptureFixture[str]
) -> None:
    wheel = folder / "wheels" / "some.whl"
    wheel.unlink() if harm == "lost" else wheel.write_bytes(b"as somebody wants it")
    with pytest.raises(subprocess.CalledProcessError):
        install_from(folder, tmp_path / "environment")
    assert "some.whl" in "".join(capfd.readouterr())
    assert not (tmp_path / "environment").exists()
