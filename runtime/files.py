"""Writing files that a crash cannot leave half-written and others cannot read (私有文件)."""

import os
import tempfile
from pathlib import Path
from typing import Final

_PRIVATE: Final = 0o700


def private_folder(folder: Path) -> Path:
    """Make the folder and those above it that are missing, for their owner alone; existing ones keep their mode."""
    if not folder.is_dir():
        private_folder(folder.parent)
        folder.mkdir(mode=_PRIVATE, exist_ok=True)
    return folder


def write_private(file: Path, content: str) -> None:
    """Replace the file in one step, mode 0600, safe against power loss."""
    private_folder(file.parent)
    # mkstemp creates 0600 whatever the umask is.
    descriptor, written = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        Path(written).replace(file)
    except BaseException:
        Path(written).unlink(missing_ok=True)
        raise
