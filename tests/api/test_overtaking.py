"""优先处理: who waits for long while clocks wake has the case put first until the answer; nobody else costs the engine anything."""

import asyncio
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta

import pytest

from api import overtaking
from api.overtaking import AT_ONCE, Overtaking, WakingClocks
from store.engine import Database

NOW = timedelta(0)
NEVER = timedelta(days=1)
ORDINARY, WAITED_FOR = 3, 2


class Engine:
    """The priorities of its workflows; a slow one tells how many changes were asked of it at once."""

    def __init__(self, *, fails: bool = False) -> None:
        self.priorities: dict[str, int] = {}
        self.asked: list[str] = []
        self.now_asked = self.most_asked = 0
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self._fails = fails

    async def put_first(self, workflow: str) -> int | None:
        was = self.priorities.get(workflow, ORDINARY)
        await self._set(workflow, WAITED_FOR)
        return was if was > WAITED_FOR else None

    async def put_back(self, workflow: str, priority: int) -> None:
        await self._set(workflow, priority)

    async def _set(self, workflow: str, priority: int) -> None:
        self.asked.append(workflow)
        self.now_asked += 1
        self.most_asked = max(self.now_asked, self.most_asked)
        await asyncio.sleep(0)
        await self.may_answer.wait()
        self.now_asked -= 1
        if self._fails:
            raise RuntimeError("the engine is away")
        self.priorities[workflow] = priority


async def yes() -> bool:
    return True


async def no() -> bool:
    return False


@pytest.fixture(autouse=True)
def _without_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overtaking, "REST_FOR", timedelta(0))


async def turns(count: int = 30) -> None:
    """Let everybody who is ready go on."""
    for _ in range(count):
        await asyncio.sleep(0)


async def test_who_waits_for_long_is_put_first_until_the_answer() -> None:
    engine = Engine()
    async with Overtaking(engine, yes, patient_for=NOW).waiting_for("case:1"):
        await turns()
        assert engine.priorities == {"case:1": WAITED_FOR}
    await turns()
    assert engine.priorities == {"case:1": ORDINARY}


async def test_what_is_first_already_stays_so() -> None:
    engine = Engine()
    engine.priorities["case:1"] = 1
    engine.put_first = no_change  # type: ignore[method-assign]
    async with Overtaking(engine, yes, patient_for=NOW).waiting_for("case:1"):
        await turns()
    await turns()
    assert engine.priorities == {"case:1": 1}


async def no_change(_: str) -> None:
    """An emergency is left alone."""


@pytest.mark.parametrize(("waking", "patient_for"), [(yes, NEVER), (no, NOW)])
async def test_who_is_answered_in_time_or_has_nobody_to_overtake_is_not(waking, patient_for) -> None:
    engine = Engine()
    async with Overtaking(engine, waking, patient_for=patient_for).waiting_for("case:1"):
        await turns()
    await turns()
    assert engine.asked == []


async def test_who_waits_when_clocks_begin_to_wake_is_put_first_then() -> None:
    engine, wake = Engine(), asyncio.Event()

    async def awake() -> bool:
        return wake.is_set()

    async with Overtaking(engine, awake, patient_for=NOW).waiting_for("case:1"):
        await turns()
        assert engine.asked == []
        wake.set()
        await turns()
        assert engine.asked == ["case:1"]


async def test_who_waits_for_the_same_is_put_first_with_them_until_the_last_answer() -> None:
    engine = Engine()
    watch = Overtaking(engine, yes, patient_for=NOW)
    async with watch.waiting_for("case:1"):
        async with watch.waiting_for("case:1"):
            await turns()
        await turns()
        assert engine.priorities == {"case:1": WAITED_FOR}
    await turns()
    assert engine.priorities == {"case:1": ORDINARY}
    assert engine.asked == ["case:1", "case:1"], "it was put first once and back once"


async def test_who_comes_before_the_case_is_put_back_has_it_stay_first() -> None:
    engine = Engine()
    watch = Overtaking(engine, yes, patient_for=NOW)
    async with watch.waiting_for("case:1"):
        await turns()
    async with watch.waiting_for("case:1"):
        await turns()
        assert engine.asked == ["case:1"], "it was put first once"
        assert engine.priorities == {"case:1": WAITED_FOR}
    await turns()
    assert engine.priorities == {"case:1": ORDINARY}


async def test_who_comes_while_the_case_is_put_back_has_it_put_first_again() -> None:
    engine = Engine()
    watch = Overtaking(engine, yes, patient_for=NOW)
    async with watch.waiting_for("case:1"):
        await turns()
    engine.may_answer.clear()
    await turns()
    assert engine.asked == ["case:1", "case:1"], "it is being put back"
    async with watch.waiting_for("case:1"):
        engine.may_answer.set()
        await turns()
        assert engine.priorities == {"case:1": WAITED_FOR}
    await turns()
    assert engine.priorities == {"case:1": ORDINARY}


async def test_who_found_it_first_is_not_left_behind_when_another_process_puts_it_back() -> None:
    engine = Engine()
    engine.priorities["case:1"] = WAITED_FOR
    async with Overtaking(engine, yes, patient_for=NOW).waiting_for("case:1"):
        await turns()
        engine.priorities["case:1"] = ORDINARY
        await turns()
        assert engine.priorities == {"case:1": WAITED_FOR}


async def test_many_who_wait_are_put_first_a_few_at_a_time() -> None:
    engine = Engine()
    watch = Overtaking(engine, yes, patient_for=NOW)

    async def wait(workflow: str) -> None:
        async with watch.waiting_for(workflow):
            await turns(200)

    names = [f"case:{number}" for number in range(9)]
    await asyncio.gather(*map(wait, names))
    await turns(200)
    assert engine.priorities == dict.fromkeys(names, ORDINARY)
    assert engine.most_asked == AT_ONCE


async def test_what_the_engine_was_asked_is_not_broken_off_by_an_answer() -> None:
    engine = Engine()
    engine.may_answer.clear()
    async with Overtaking(engine, yes, patient_for=NOW).waiting_for("case:1"):
        await turns()
    engine.may_answer.set()
    await turns()
    assert engine.asked == ["case:1", "case:1"], "it was put first and back"
    assert engine.priorities == {"case:1": ORDINARY}


async def test_who_is_answered_while_others_are_put_first_is_left_alone() -> None:
    engine = Engine()
    engine.may_answer.clear()
    watch = Overtaking(engine, yes, patient_for=NOW)
    names = [f"case:{number}" for number in range(AT_ONCE + 1)]
    for workflow in names:
        async with watch.waiting_for(workflow):
            await turns()
    engine.may_answer.set()
    await turns(100)
    assert set(engine.asked) == set(names[:-1])


async def test_an_engine_that_is_away_is_no_fault_of_who_waits() -> None:
    engine = Engine(fails=True)
    watch = Overtaking(engine, yes, patient_for=NOW)
    for _ in range(2):
        async with watch.waiting_for("case:1"):
            await turns()
    assert engine.asked == ["case:1", "case:1"], "it is tried again by the next one who waits"


async def test_database_is_asked_once_a_second_whether_clocks_wake(monkeypatch) -> None:
    asked = 0

    async def are_waking(*_: object) -> bool:
        nonlocal asked
        asked += 1
        return True

    monkeypatch.setattr(overtaking, "are_waking", are_waking)
    waking = WakingClocks(NoDatabase(), lambda: datetime.now(UTC))  # type: ignore[arg-type]
    assert [await waking.are_many() for _ in range(3)] == [True] * 3
    assert asked == 1
    monkeypatch.setattr(overtaking, "ASKS_EVERY", timedelta(0))
    await waking.are_many()
    assert asked == 2


class NoDatabase:
    """One whose sessions nobody asks anything."""

    def read(self) -> nullcontext[None]:
        return nullcontext()


async def test_where_the_database_is_away_nobody_is_overtaken() -> None:
    nowhere = Database.connect("postgresql+asyncpg://nobody@127.0.0.1:1/none")
    assert not await WakingClocks(nowhere, lambda: datetime.now(UTC)).are_many()
