"""`make bundle`: one folder from which a machine without a network installs what is committed here (离线安装包).

It has the wheels that `requirements-runtime.lock` names, by its hashes, our own wheel with the console's files, the units of systemd, a
script that needs nothing but Python, and the checksums of it all. The folder is installed from once before it is told of.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from pathlib import Path
from typing import Final

_ROOT: Final = Path(__file__).parents[1]
_LOCK: Final = "requirements-runtime.lock"
_SUMS: Final = "SHA256SUMS"
_PIP: Final = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check")


def bundled(into: Path) -> Path:
    """Make the folder of this version anew and return it. Raises CalledProcessError: a step failed, and said why."""
    version = tomllib.loads((_ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    folder = into / f"hotline-{version}"
    shutil.rmtree(folder, ignore_errors=True)
    wheels = folder / "wheels"
    wheels.mkdir(parents=True)
    _run(*_PIP, "download", "--require-hashes", "--only-binary", ":all:", "-r", _LOCK, "-d", str(wheels))
    _build(folder / "own")
    shutil.copy(_ROOT / _LOCK, folder)
    shutil.copy(_ROOT / "deploy" / "offline" / "install.sh", folder)
    shutil.copytree(_ROOT / "deploy" / "systemd", folder / "systemd")
    (folder / _SUMS).write_text(checksums(folder), encoding="utf-8")
    return folder


def checksums(folder: Path) -> str:
    """What `sha256sum --check` reads, of every file of a folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != _SUMS)
    lines = (
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(folder).as_posix()}\n"
        for path in files
    )
    return "".join(lines)


def install_from(folder: Path, environment: Path) -> None:
    """Install as a machine without a network does. Raises CalledProcessError: it cannot be installed."""
    _run("sh", str(folder / "install.sh"), str(environment), PYTHON=sys.executable, PIP_NO_INDEX="1")


def _build(into: Path) -> None:
    """Our own wheel, of what is committed: files that lie about are in no release."""
    with tempfile.TemporaryDirectory() as scratch:
        archive = Path(scratch) / "committed.tar"
        _run("git", "archive", "--output", str(archive), "HEAD")
        with tarfile.open(archive) as committed:
            committed.extractall(source := Path(scratch) / "source", filter="data")
        programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        _run(*_PIP, "wheel", "--no-deps", "--no-build-isolation", "-w", str(into), str(source), PATH=programs)


def _run(*command: str, **settings: str) -> None:
    subprocess.run(command, cwd=_ROOT, check=True, env=os.environ | settings)  # noqa: S603  all are written here


def main() -> None:
    """Make the bundle, prove that it installs, and say where it lies."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("into", nargs="?", type=Path, default=_ROOT / "dist")
    into: Path = parser.parse_args().into.absolute()
    folder = bundled(into)
    with tempfile.TemporaryDirectory() as scratch:
        install_from(folder, Path(scratch) / "environment")
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    print(f"{folder}: {size / 1e6:.0f} MB, installs without a network: sh install.sh")


if __name__ == "__main__":
    main()
