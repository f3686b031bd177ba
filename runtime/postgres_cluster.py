"""The files of one embedded PostgreSQL cluster (数据库集簇).

Made once, whole or not at all, owned by the account that serves it; the passwords lie beside it,
readable by the owner of the data folder alone.
"""

import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final, Self

from pydantic import BaseModel, ConfigDict, Field

from runtime.children import Account
from runtime.files import private_folder, write_private

SUPERUSER: Final = "postgres"

# The kernel resolves this to the working folder without looking at the folders above it, so a
# server that runs as `nobody` serves a cluster that lies under a 0700 home of root.
_WORKING_FOLDER: Final = Path("/proc/self/cwd")
_INITDB_OPTIONS: Final = (
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--locale=C",
    "--encoding=UTF8",
    "--auth=scram-sha-256",
    "--no-instructions",
    f"--username={SUPERUSER}",
)


class ClusterError(RuntimeError):
    """The cluster cannot be made, or what lies on disk cannot be used."""


class ClusterSecrets(BaseModel):
    """Passwords of one cluster, made with it and kept beside it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    superuser: str = Field(repr=False)
    owner: str = Field(repr=False)
    application: str = Field(repr=False)

    @classmethod
    def random(cls) -> Self:
        superuser, owner, application = (secrets.token_hex(24) for _ in range(3))
        return cls(superuser=superuser, owner=owner, application=application)


class Cluster:
    """`data_dir/postgres` with the account and the passwords that open it."""

    def __init__(self, data_dir: Path) -> None:
        self.folder = data_dir / "postgres"
        self.account = _serving_account()
        self._data_dir = data_dir
        self._secrets_file = data_dir / "postgres-secrets.json"

    @property
    def data_argument(self) -> str:
        """What ``-D`` says to a server that is started inside the folder."""
        return _data_argument(self.folder)

    @property
    def pid_file(self) -> Path:
        return self.folder / "postmaster.pid"

    def recorded_pid(self) -> int | None:
        """The postmaster's pid as the last server wrote it, dead or alive."""
        try:
            first, *_ = self.pid_file.read_text().splitlines()
            return int(first)
        except (OSError, ValueError):
            return None

    def ensure(self, binaries: Path, *, sync: bool) -> ClusterSecrets:
        """Make the cluster unless it is there, and return its passwords."""
        private_folder(self._data_dir)
        passwords = self._ensure_secrets()
        if not self.folder.exists():
            self._make(binaries, passwords.superuser, sync=sync)
        return passwords

    def _ensure_secrets(self) -> ClusterSecrets:
        if self._secrets_file.exists():
            return ClusterSecrets.model_validate_json(self._secrets_file.read_bytes())
        if self.folder.exists():
            raise ClusterError(f"{self.folder} exists, but its passwords in {self._secrets_file} are gone")
        # Written first: a crash in between leaves passwords without a cluster, which is harmless.
        passwords = ClusterSecrets.random()
        write_private(self._secrets_file, passwords.model_dump_json())
        return passwords

    def _make(self, binaries: Path, password: str, *, sync: bool) -> None:
        """Make it aside and rename it, so that a crash leaves none rather than half of one."""
        made = self._data_dir / "postgres.new"
        shutil.rmtree(made, ignore_errors=True)
        made.mkdir(mode=0o700)
        if self.account is not None:
            os.chown(made, *self.account)
        _initdb(binaries, made, password, self.account, sync=sync)
        made.rename(self.folder)


def _serving_account() -> Account | None:
    """PostgreSQL refuses to run as root, so root lends it the account that owns nothing."""
    if os.geteuid() != 0:
        return None
    nobody = pwd.getpwnam("nobody")
    return Account(nobody.pw_uid, nobody.pw_gid)


def _data_argument(folder: Path) -> str:
    return str(_WORKING_FOLDER if _WORKING_FOLDER.exists() else folder.absolute())


def plain_environment() -> dict[str, str]:
    """Without an operator's ``PG*`` variables, which are meant for their own server."""
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


def _initdb(binaries: Path, folder: Path, password: str, account: Account | None, *, sync: bool) -> None:
    with tempfile.TemporaryFile() as password_file:
        password_file.write(password.encode())
        password_file.flush()
        password_file.seek(0)
        if account is not None:
            os.fchown(password_file.fileno(), *account)
        # By descriptor, because the serving account may not be able to walk to any folder of ours.
        options = [f"--pwfile=/dev/fd/{password_file.fileno()}", *([] if sync else ["--no-sync"])]
        command = [str(binaries / "initdb"), "-D", _data_argument(folder), *_INITDB_OPTIONS, *options]
        finished = subprocess.run(  # noqa: S603  our own program and arguments
            command,
            cwd=folder,
            env=plain_environment(),
            pass_fds=[password_file.fileno()],
            capture_output=True,
            text=True,
            check=False,
            user=account.user if account else None,
            group=account.group if account else None,
            extra_groups=[] if account else None,
        )
    if finished.returncode != 0:
        raise ClusterError(f"initdb failed:\n{finished.stderr.strip()}")
