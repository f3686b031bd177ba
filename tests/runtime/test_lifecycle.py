import asyncio
import os
import signal
from collections.abc import Iterator
from datetime import timedelta

import pytest

from runtime.lifecycle import NotInTimeError, run_until_asked, stop_requests, wait_until

SHORT = timedelta(milliseconds=50)
QUICK = timedelta(milliseconds=1)


@pytest.fixture
def hang_up_ignored() -> Iterator[None]:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    yield
    signal.signal(signal.SIGHUP, before)


async def test_waiting_ends_when_the_condition_holds() -> None:
    answers = iter([False, False, True])

    async def holds() -> bool:
        return next(answers)

    await wait_until(holds, within_for=timedelta(seconds=10), what="the third answer", poll_for=QUICK)
    assert next(answers, None) is None


async def test_waiting_too_long_names_what_was_awaited() -> None:
    async def never() -> bool:
        return False

    with pytest.raises(NotInTimeError, match=r"the end of days took longer than 0\.05 s"):
        await wait_until(never, within_for=SHORT, what="the end of days", poll_for=QUICK)


@pytest.fixture
def hang_up_heard() -> Iterator[None]:
    """A suite that runs under nohup was started with the signal ignored."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
async def test_each_signal_asks_to_stop(number: signal.Signals, hang_up_heard: None) -> None:
    with stop_requests() as requested:
        os.kill(os.getpid(), number)
        await asyncio.wait_for(requested.wait(), 10)
    assert signal.getsignal(number) in {signal.SIG_DFL, signal.default_int_handler}


async def test_process_under_nohup_outlives_its_terminal(hang_up_ignored: None) -> None:
    with stop_requests():
        os.kill(os.getpid(), signal.SIGHUP)
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN


async def test_work_is_cancelled_once_and_may_clean_up_in_spite_of_impatience() -> None:
    cleaned_up: list[str] = []

    async def work() -> None:
        try:
            os.kill(os.getpid(), signal.SIGINT)
            await asyncio.Event().wait()
        finally:
            os.kill(os.getpid(), signal.SIGINT)
            await asyncio.sleep(0.02)
            cleaned_up.append("yes")

    await run_until_asked(work())
    assert cleaned_up == ["yes"]


async def test_failure_of_the_work_is_not_swallowed() -> None:
    async def fail() -> None:
        raise LookupError

    with pytest.raises(LookupError):
        await run_until_asked(fail())


async def test_cancelling_from_outside_is_not_taken_for_a_request() -> None:
    task = asyncio.create_task(run_until_asked(asyncio.Event().wait()))  # type: ignore[arg-type]  never returns
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
