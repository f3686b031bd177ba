import os
from pathlib import Path

import pytest

from runtime.files import private_folder, write_private


def _mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_every_folder_that_is_made_is_private(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    made = private_folder(tmp_path / "data" / "run")
    assert [_mode(folder) for folder in (made, made.parent, tmp_path)] == [0o700, 0o700, 0o755]


def test_file_is_private_whatever_the_umask(tmp_path: Path) -> None:
    file = tmp_path / "secrets.json"
    before = os.umask(0)
    try:
        write_private(file, "{}")
    finally:
        os.umask(before)
    assert _mode(file) == 0o600


def test_failed_write_leaves_the_old_content_and_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "secrets.json"
    write_private(file, "old")
    with pytest.raises(UnicodeEncodeError):
        write_private(file, "\ud800")
    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]
