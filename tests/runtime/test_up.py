import asyncio
import io
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dummy_cli
import httpx
import pytest
from fixtures.stack import PostgresForTests, TemporalForTests
from rich.console import Console

import runtime
from commands import child_command, up
from commands.stack_display import StackDisplay
from runtime.children import ServiceNotReadyError
from runtime.embedded_postgres import READY_FOR
from runtime.lifecycle import wait_until
from runtime.ports import free_port
from runtime.postgres_roles import connected
from runtime.processes import ProcessIdentity, identify, this_process
from runtime.settings import Settings
from runtime.stack import StackInfo, StackNotRunningError, connected_settings, find_stack, publish_stack
from runtime.supervisor import Board, PartStatus

PROJECT = Path(runtime.__file__).parents[1]


@pytest.fixture(autouse=True)
def dummies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child_command, "_CLI", Path(dummy_cli.__file__))
    monkeypatch.setattr(up, "configure_logging", lambda *_: None)
    paths = [str(PROJECT), *(path for path in sys.path if path.endswith("tests"))]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(paths))


def ports() -> dict[str, Any]:
    names = ("postgres_port", "temporal_port", "temporal_ui_port", "api_port", "worker_metrics_port")
    return {name: free_port() for name in names}


class Screen(StackDisplay):
    """A display whose text can be read and whose last word can be awaited."""

    def __init__(self, data_dir: Path, *, as_json: bool = False) -> None:
        self._text = io.StringIO()
        super().__init__(Console(file=self._text, soft_wrap=True), data_dir, as_json=as_json)
        self.serves = False

    @property
    def text(self) -> str:
        return self._text.getvalue()

    def show_stack(self, stack: StackInfo) -> None:
        super().show_stack(stack)
        self.serves = True


@asynccontextmanager
async def serving(settings: Settings, screen: Screen | None = None) -> AsyncIterator[StackInfo]:
    screen = screen or Screen(settings.data_dir)
    task = asyncio.create_task(up.serve(settings, screen))
    try:
        await _eventually(lambda: screen.serves or task.done())
        if task.done():
            await task
        yield find_stack(settings.data_dir)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _cases(stack: StackInfo) -> int:
    async with connected(stack.database_url.replace("+asyncpg", "")) as application:
        return int(await application.fetchval("SELECT count(*) FROM cases"))


async def test_embedded_stack_serves_migrated_and_seeded_and_ends_without_a_trace(tmp_path: Path) -> None:
    screen = Screen(tmp_path)
    settings = Settings(data_dir=tmp_path, demo_mode=True, demo_cases=0, **ports())
    async with serving(settings, screen) as stack:
        assert await _cases(stack) == 1
        assert stack.pids.keys() == {"postgres", "temporal", "worker", "api"}
        async with httpx.AsyncClient(trust_env=False) as client:
            assert (await client.get(f"{stack.api_url}/health/live")).is_success
        assert (tmp_path / "stack.json").stat().st_mode & 0o777 == 0o600
    assert not any(identify(pid) for pid in stack.pids.values())
    with pytest.raises(StackNotRunningError):
        find_stack(tmp_path)
    assert stack.api_url in screen.text
    assert "demo-tokens.json" in screen.text
    assert stack.database_url not in screen.text


async def test_stack_file_follows_a_part_that_is_started_again(tmp_path: Path) -> None:
    async with serving(Settings(data_dir=tmp_path, demo_mode=True, demo_cases=0, **ports())) as stack:
        for part in ("worker", "postgres", "temporal"):
            os.kill(stack.pids[part], signal.SIGKILL)
            await _eventually(
                lambda part=part: find_stack(tmp_path).pids.get(part, stack.pids[part]) != stack.pids[part]
            )
        again = find_stack(tmp_path)
        assert await _cases(again) == 1
        assert (again.database_url, again.temporal_address) == (stack.database_url, stack.temporal_address)


async def test_given_addresses_replace_the_embedded_servers(
    tmp_path: Path, postgres: PostgresForTests, temporal_server: TemporalForTests
) -> None:
    database = await postgres.create_database()
    settings = Settings(
        data_dir=tmp_path,
        demo_mode=True,
        demo_cases=0,
        database_url=database.owner_url,
        temporal_address=temporal_server.address,
        task_queue=database.name,
        **ports(),
    )
    screen = Screen(tmp_path, as_json=True)
    async with serving(settings, screen) as stack:
        assert stack.pids.keys() == {"worker", "api"}
        assert await _cases(stack) == 1
        told = json.loads(screen.text)
    assert told["api_url"] == stack.api_url
    assert told.keys() == {"api_url", "temporal_address", "temporal_ui_url", "pids", "data_dir"}


async def test_failing_migration_is_told_with_its_log(
    tmp_path: Path, postgres: PostgresForTests, temporal_server: TemporalForTests
) -> None:
    unreachable = f"postgresql://u:hidden@127.0.0.1:{free_port()}/d"
    settings = Settings(
        data_dir=tmp_path, database_url=unreachable, temporal_address=temporal_server.address, **ports()
    )
    with pytest.raises(
        ServiceNotReadyError, match=r"(?s)`hotline migrate` ended with code 1.*ConnectionRefused"
    ) as told:
        await up.serve(settings, Screen(tmp_path))
    assert "hidden" not in str(told.value)


def a_stack(supervisor: ProcessIdentity) -> StackInfo:
    return StackInfo(
        supervisor=supervisor,
        started_at=datetime(2026, 2, 13, tzinfo=UTC),
        database_url="postgresql+asyncpg://app@127.0.0.1/hotline",
        owner_database_url="postgresql+asyncpg://owner@127.0.0.1/hotline",
        temporal_address="127.0.0.1:7233",
        temporal_namespace="cases",
        temporal_ui_url=None,
        task_queue="queue",
        api_url="http://127.0.0.1:8000",
        pids={},
    )


def test_commands_find_the_stack(tmp_path: Path) -> None:
    stack = a_stack(this_process())
    publish_stack(tmp_path, stack)
    found = connected_settings(Settings(data_dir=tmp_path))
    assert found.database_url == stack.database_url
    assert found.owner_database_url == stack.owner_database_url
    assert (found.temporal_address, found.temporal_namespace) == ("127.0.0.1:7233", "cases")
    assert (found.task_queue, found.api_port) == ("queue", 8000)


def test_commands_prefer_an_address_that_is_given(tmp_path: Path) -> None:
    publish_stack(tmp_path, a_stack(this_process()))
    found = connected_settings(Settings(data_dir=tmp_path, database_url="postgresql://h/d"))
    assert found.database_url == found.owner_database_url == "postgresql+asyncpg://h/d"
    assert found.temporal_address == "127.0.0.1:7233"


def test_stack_file_of_a_killed_supervisor_counts_for_nothing(tmp_path: Path) -> None:
    dead = this_process().model_copy(update={"started": "0"})
    publish_stack(tmp_path, a_stack(dead))
    with pytest.raises(StackNotRunningError):
        find_stack(tmp_path)


def test_without_a_stack_the_error_says_how_to_start_one(tmp_path: Path) -> None:
    with pytest.raises(StackNotRunningError, match=f"hotline up --data-dir {tmp_path}"):
        connected_settings(Settings(data_dir=tmp_path))


async def _eventually(holds: Callable[[], bool]) -> None:
    async def check() -> bool:
        return holds()

    await wait_until(check, within_for=READY_FOR, what="the expected state")


class Squatter(Screen):
    """Takes the port of the API as soon as the database serves: it was chosen before, and nobody listens there yet."""

    listener: socket.socket | None = None

    def show_changes(self, board: Board) -> None:
        super().show_changes(board)
        database = board.get("postgres")
        if self.listener is None and database is not None and database.status is PartStatus.SERVING:
            chosen = json.loads((self._data_dir / "ports.json").read_text())["api_port"]["chosen"]
            self.listener = socket.create_server(("127.0.0.1", chosen))


async def test_api_finds_another_port_when_its_own_was_taken_meanwhile(tmp_path: Path) -> None:
    screen = Squatter(tmp_path)
    try:
        async with serving(
            Settings(data_dir=tmp_path, demo_mode=True, demo_cases=0, **ports()), screen
        ) as stack:
            assert screen.listener is not None
            assert not stack.api_url.endswith(f":{screen.listener.getsockname()[1]}")
            async with httpx.AsyncClient(trust_env=False) as client:
                assert (await client.get(f"{stack.api_url}/health/live")).json()["pid"] == stack.pids["api"]
    finally:
        if screen.listener is not None:
            screen.listener.close()
