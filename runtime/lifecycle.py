"""Beginning and end of a process: wait until something serves, stop when asked (进程生命周期).

Every long-running command shares these few functions, so that Ctrl-C and SIGTERM mean the same
everywhere: finish what is in hand, then leave.
"""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Final

POLL_FOR: Final = timedelta(milliseconds=50)


class NotInTimeError(TimeoutError):
    """Something that was awaited did not come about within its limit."""


async def wait_until(
    holds: Callable[[], Awaitable[bool]],
    *,
    within_for: timedelta,
    what: str,
    poll_for: timedelta = POLL_FOR,
) -> None:
    """Return as soon as `holds` does; raise `NotInTimeError` naming `what` otherwise."""
    try:
        async with asyncio.timeout(within_for.total_seconds()):
            while not await holds():  # noqa: ASYNC110  what is awaited lives outside this process: no event to set
                await asyncio.sleep(poll_for.total_seconds())
    except TimeoutError as error:
        raise NotInTimeError(f"{what} took longer than {within_for.total_seconds():g} s") from error


@contextmanager
def stop_requests() -> Iterator[asyncio.Event]:
    """An event that Ctrl-C, SIGTERM and a closed terminal set; the handlers go on leaving."""
    requested = asyncio.Event()
    loop = asyncio.get_running_loop()
    numbers = _numbers_to_heed()
    for number in numbers:
        loop.add_signal_handler(number, requested.set)
    try:
        yield requested
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)


def _numbers_to_heed() -> list[signal.Signals]:
    # `nohup` ignores the hang-up for us, and means it.
    outlives_terminal = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    return [signal.SIGINT, signal.SIGTERM, *([] if outlives_terminal else [signal.SIGHUP])]


async def run_until_asked(work: Coroutine[Any, Any, None]) -> None:
    """Cancel the work at the first request to stop; an impatient second one changes nothing."""
    with stop_requests() as requested:
        task = asyncio.create_task(work)
        asked = asyncio.create_task(requested.wait())
        asked.add_done_callback(lambda _: task.cancel())
        try:
            await task
        except asyncio.CancelledError:
            if not requested.is_set():
                raise
        finally:
            asked.cancel()
