import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from errno import ENOSPC
from pathlib import Path
from typing import NamedTuple

import pytest
import supervised
from supervised import dummy

import runtime
from runtime.children import ServiceNotReadyError, launch
from runtime.claim import AlreadyRunningError, ProcessRecords, claimed
from runtime.lifecycle import wait_until
from runtime.ports import free_port
from runtime.processes import ProcessIdentity, identify
from runtime.supervisor import Board, Part, PartStatus, Plan, Step, Supervisor, parts_of

LONG = timedelta(seconds=30)


async def eventually(holds: Callable[[], bool]) -> None:
    async def check() -> bool:
        return holds()

    await wait_until(check, within_for=LONG, what="the expected state")


@asynccontextmanager
async def running(supervisor: Supervisor) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(supervisor.run())
    try:
        await eventually(lambda: all_serve(supervisor.board, supervisor.plan) or task.done())
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def all_serve(board: Board, plan: Plan) -> bool:
    names = [part.name for part in parts_of(plan)]
    return all(name in board and board[name].status is PartStatus.SERVING for name in names)


def alive(pid: int | None) -> bool:
    return pid is not None and identify(pid) is not None


async def test_killed_part_is_started_again_on_its_port(tmp_path: Path) -> None:
    supervisor = Supervisor(
        tmp_path, [dummy("one", free_port(), tmp_path), dummy("two", free_port(), tmp_path)]
    )
    async with running(supervisor):
        killed, other = supervisor.board["one"].pid, supervisor.board["two"].pid
        assert killed is not None
        os.kill(killed, signal.SIGKILL)
        await eventually(
            lambda: supervisor.board["one"].restarts == 1 and all_serve(supervisor.board, supervisor.plan)
        )
        assert supervisor.board["one"].pid != killed
        assert supervisor.board["two"].pid == other


async def test_part_is_started_again_although_nobody_can_be_told(tmp_path: Path) -> None:
    """The stack file and the records cannot be written on a full disk, from which a killed part is to come back."""
    told: list[PartStatus] = []

    def tell(board: Board) -> None:
        told.append(board["one"].status)
        if PartStatus.RESTARTING in told:
            raise OSError(ENOSPC, "no room")

    supervisor = Supervisor(tmp_path, [dummy("one", free_port(), tmp_path)], tell)
    async with running(supervisor):
        killed = supervisor.board["one"].pid
        assert killed is not None
        os.kill(killed, signal.SIGKILL)
        await eventually(lambda: told.count(PartStatus.SERVING) > 1)
        assert all_serve(supervisor.board, supervisor.plan)


async def test_stopping_ends_the_parts_in_reverse_order_and_forgets_them(tmp_path: Path) -> None:
    stopped: list[str] = []

    def remember(board: Board) -> None:
        stopped.extend(
            n for n, state in board.items() if state.status is PartStatus.STOPPED and n not in stopped
        )

    plan = [dummy("one", free_port(), tmp_path), dummy("two", free_port(), tmp_path)]
    supervisor = Supervisor(tmp_path, plan, remember)
    async with running(supervisor):
        pids = [state.pid for state in supervisor.board.values()]
        assert all(alive(pid) for pid in pids)
    assert stopped == ["two", "one"]
    assert not any(alive(pid) for pid in pids)
    assert list((tmp_path / "run").glob("*.json")) == []


async def test_part_that_ignores_the_request_is_killed(tmp_path: Path) -> None:
    log = tmp_path / "stubborn.log"
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); signal.pause()"

    async def serves() -> bool:
        return "deaf" in log.read_text()

    part = Part(
        "stubborn",
        lambda: launch([sys.executable, "-S", "-c", deaf], log=log),
        serves,
        log,
        stops_for=timedelta(milliseconds=100),
    )
    supervisor = Supervisor(tmp_path, [part])
    async with running(supervisor):
        pid = supervisor.board["stubborn"].pid
    assert not alive(pid)


async def test_steps_run_once_between_their_neighbours(tmp_path: Path) -> None:
    seen: list[Board] = []

    async def look() -> None:
        seen.append(dict(supervisor.board))

    plan = [dummy("one", free_port(), tmp_path), Step("look", look), dummy("two", free_port(), tmp_path)]
    supervisor = Supervisor(tmp_path, plan)
    async with running(supervisor):
        assert [list(board) for board in seen] == [["one"]]


async def test_items_of_a_tuple_begin_together_and_the_next_waits_for_all(tmp_path: Path) -> None:
    begun = asyncio.Barrier(2)
    order: list[str] = []

    async def meet() -> None:
        await begun.wait()
        order.append("met")

    async def note() -> None:
        order.append(supervisor.board["one"].status)

    plan = [
        (dummy("one", free_port(), tmp_path), Step("here", meet), Step("there", meet)),
        Step("note", note),
        dummy("two", free_port(), tmp_path),
    ]
    supervisor = Supervisor(tmp_path, plan)
    async with running(supervisor):
        assert order == ["met", "met", PartStatus.SERVING]


async def test_failure_of_one_of_those_begun_together_ends_the_others_and_is_told_as_it_is(
    tmp_path: Path,
) -> None:
    part = dummy("one", free_port(), tmp_path)
    ended = asyncio.Event()

    async def fail() -> None:
        await eventually(lambda: "one" in supervisor._children)
        raise ServiceNotReadyError("no disk")

    async def linger() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    supervisor = Supervisor(tmp_path, [(part, Step("linger", linger), Step("fail", fail))])
    with pytest.raises(ServiceNotReadyError, match="no disk"):
        await supervisor.run()
    assert ended.is_set()
    assert supervisor._children["one"].returncode is not None
    assert supervisor.board["one"].status is PartStatus.STOPPED


async def test_part_that_ends_at_its_first_start_is_told_with_its_log(tmp_path: Path) -> None:
    log = tmp_path / "broken.log"

    async def never() -> bool:
        return False

    def spawn() -> asyncio.Future[Process]:
        return asyncio.ensure_future(
            launch([sys.executable, "-S", "-c", "raise SystemExit('no disk')"], log=log)
        )

    first = dummy("one", free_port(), tmp_path)
    supervisor = Supervisor(tmp_path, [first, Part("broken", spawn, never, log)])
    with pytest.raises(ServiceNotReadyError, match="no disk"):
        await supervisor.run()
    assert supervisor.board["one"].status is PartStatus.STOPPED


async def test_part_whose_port_was_taken_before_it_listened_is_tried_on_another(tmp_path: Path) -> None:
    good = dummy("one", free_port(), tmp_path)
    spawned: list[Process] = []

    async def spawn() -> Process:
        fails = [sys.executable, "-S", "-c", "raise SystemExit('taken')"]
        spawned.append(await (good.spawn() if spawned else launch(fails, log=good.log)))
        return spawned[-1]

    part = replace(good, spawn=spawn, first_tries=2)
    async with running(Supervisor(tmp_path, [part])):
        assert [child.returncode for child in spawned] == [1, None]


async def test_failing_step_stops_what_has_started(tmp_path: Path) -> None:
    async def fail() -> None:
        raise RuntimeError("refused")

    supervisor = Supervisor(tmp_path, [dummy("one", free_port(), tmp_path), Step("migrate", fail)])
    with pytest.raises(RuntimeError, match="refused"):
        await supervisor.run()
    assert supervisor.board["one"].status is PartStatus.STOPPED


async def test_second_claim_of_a_folder_is_refused(tmp_path: Path) -> None:
    async with claimed(tmp_path):
        with pytest.raises(
            AlreadyRunningError, match=f"process {os.getpid()} already runs the stack of {tmp_path}"
        ):
            async with claimed(tmp_path):
                pass
    async with claimed(tmp_path):
        pass


async def test_recorded_process_of_a_dead_supervisor_is_stopped(tmp_path: Path) -> None:
    left = await asyncio.create_subprocess_exec("/bin/sleep", "600")
    ProcessRecords(tmp_path).write("left", left.pid, signal.SIGTERM)
    async with claimed(tmp_path):
        assert not alive(left.pid)
    assert await left.wait() == -signal.SIGTERM


async def test_process_that_took_a_recorded_pid_is_left_alone(tmp_path: Path) -> None:
    stranger = await asyncio.create_subprocess_exec("/bin/sleep", "600")
    ProcessRecords(tmp_path).write("left", stranger.pid, signal.SIGTERM)
    file = tmp_path / "run" / "left.json"
    record = json.loads(file.read_text())
    record["identity"]["started"] = "1"
    file.write_text(json.dumps(record))
    async with claimed(tmp_path):
        assert alive(stranger.pid)
    stranger.kill()
    await stranger.wait()


def test_identity_is_of_one_process_only() -> None:
    mine = identify(os.getpid())
    assert mine is not None
    assert mine.is_alive()
    assert not ProcessIdentity(pid=mine.pid, started=mine.started, boot="another").is_alive()


class Stack(NamedTuple):
    """A supervisor in a process of its own."""

    process: Process
    data_dir: Path

    async def until(self, *statuses: str) -> list[int]:
        """Read what it prints until the parts have these statuses; return their pids."""
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            board = json.loads(line)
            if [status for status, _ in board.values()] == list(statuses):
                return [pid for _, pid in board.values()]
        raise AssertionError("the supervisor ended")


async def start(data_dir: Path, *ports: int) -> Stack:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, supervised.__file__, str(data_dir), *map(str, ports)),
        stdout=PIPE,
        stderr=PIPE,
        env={**os.environ, "PYTHONPATH": str(Path(runtime.__file__).parents[1])},
    )
    return Stack(process, data_dir)


async def test_stack_recovers_from_the_kill_of_its_supervisor(tmp_path: Path) -> None:
    ports = free_port(), free_port()
    killed = await start(tmp_path, *ports)
    old = await killed.until("serving", "serving")
    killed.process.kill()
    await killed.process.communicate()
    successor = await start(tmp_path, *ports)
    new = await successor.until("serving", "serving")
    assert not any(alive(pid) for pid in old)
    assert all(alive(pid) for pid in new)
    successor.process.send_signal(signal.SIGINT)
    await successor.process.communicate()
    assert successor.process.returncode == 0
    assert not any(alive(pid) for pid in new)


async def test_children_end_with_a_killed_supervisor(tmp_path: Path) -> None:
    stack = await start(tmp_path, free_port(), free_port())
    pids = await stack.until("serving", "serving")
    stack.process.kill()
    await stack.process.communicate()
    if sys.platform == "linux":
        await eventually(lambda: not any(alive(pid) for pid in pids))


async def test_second_supervisor_leaves_the_first_alone(tmp_path: Path) -> None:
    first = await start(tmp_path, free_port(), free_port())
    pids = await first.until("serving", "serving")
    second = await start(tmp_path, free_port(), free_port())
    _, told = await second.process.communicate()
    assert second.process.returncode == 1
    assert f"process {first.process.pid} already runs" in told.decode()
    assert all(alive(pid) for pid in pids)
    first.process.terminate()
    await first.process.communicate()
    assert first.process.returncode == 0
