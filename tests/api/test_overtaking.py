"""优先处理: who waits for long has the case put first, once; whoever is answered in time costs the engine nothing."""

import asyncio
from datetime import timedelta

import pytest

from api import overtaking
from api.overtaking import AT_ONCE, Overtaking

NOW = timedelta(0)
NEVER = timedelta(days=1)


class Engine:
    """What was put first; a slow one tells how many were asked of it at once."""

    def __init__(self, *, fails: bool = False) -> None:
        self.first: list[str] = []
        self.asked = self.most_asked = 0
        self._fails = fails

    async def put_first(self, workflow: str) -> None:
        self.asked += 1
        self.most_asked = max(self.asked, self.most_asked)
        await asyncio.sleep(0)
        self.asked -= 1
        self.first.append(workflow)
        if self._fails:
            raise RuntimeError("the engine is away")


@pytest.fixture(autouse=True)
def _without_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overtaking, "REST_FOR", timedelta(0))


async def turns(count: int = 20) -> None:
    """Let everybody who is ready go on."""
    for _ in range(count):
        await asyncio.sleep(0)


async def test_who_waits_for_long_is_put_first() -> None:
    engine = Engine()
    async with Overtaking(engine.put_first, patient_for=NOW).waiting_for("case:1"):
        await turns()
    assert engine.first == ["case:1"]


async def test_who_is_answered_in_time_is_not() -> None:
    engine = Engine()
    async with Overtaking(engine.put_first, patient_for=NEVER).waiting_for("case:1"):
        await turns()
    await turns()
    assert engine.first == []


async def test_many_who_wait_are_put_first_a_few_at_a_time() -> None:
    engine = Engine()
    watch = Overtaking(engine.put_first, patient_for=NOW)

    async def wait(workflow: str) -> None:
        async with watch.waiting_for(workflow):
            await turns(100)

    names = [f"case:{number}" for number in range(9)]
    await asyncio.gather(*map(wait, names))
    assert (sorted(engine.first), engine.most_asked) == (names, AT_ONCE)


async def test_a_case_is_put_first_once_however_many_wait_for_it() -> None:
    engine = Engine()
    watch = Overtaking(engine.put_first, patient_for=NOW)
    for _ in range(3):
        async with watch.waiting_for("case:1"):
            await turns()
    assert engine.first == ["case:1"]


async def test_it_is_put_first_again_when_another_engine_may_have_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overtaking, "STANDS_FOR", timedelta(seconds=-1))
    engine = Engine()
    watch = Overtaking(engine.put_first, patient_for=NOW)
    for _ in range(2):
        async with watch.waiting_for("case:1"):
            await turns()
    assert engine.first == ["case:1", "case:1"]


async def test_an_engine_that_is_away_is_no_fault_of_who_waits() -> None:
    engine = Engine(fails=True)
    watch = Overtaking(engine.put_first, patient_for=NOW)
    for _ in range(2):
        async with watch.waiting_for("case:1"):
            await turns()
    assert engine.first == ["case:1", "case:1"], "it is tried again by the next one who waits"
