"""How the system is: a worker that lives is seen within seconds, and so is that it is gone."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest_asyncio
from api_doors import Browser, Doors
from api_hands import Office
from fixtures.eventually import assert_eventually

from api.keeper import Keeper
from api.wellbeing import KEEPERS
from hotline.vocabulary import Role


@pytest_asyncio.fixture
async def administrator(doors: Doors) -> AsyncIterator[Browser]:
    yield await doors.signed_in(Role.ADMINISTRATOR)


def test_every_keeper_has_a_word() -> None:
    """A loop that ended is told by its name, to somebody who must know what that means."""
    assert {keeper.task_name for keeper in Keeper.__subclasses__()} <= KEEPERS.keys()


async def test_worker_that_serves_is_seen_by_its_heartbeat(office: Office) -> None:
    async def is_attended() -> None:
        seen: dict[str, Any] = (await office("operator1").get("/system/engine")).json()
        assert (seen["attended"], seen["serves"]) == (True, True)
        assert seen["workers"][0]["heard_at"] >= seen["workers"][0]["started_at"]

    await assert_eventually(is_attended, within=timedelta(seconds=20))


async def test_engine_that_is_away_is_unattended(administrator: Browser) -> None:
    """No engine stands behind these doors."""
    seen = (await administrator.get("/system/engine")).json()
    assert seen == {"attended": False, "serves": False, "workers": []}


async def test_every_part_is_told_whatever_the_others_are(administrator: Browser) -> None:
    told = (await administrator.get("/system/parts")).json()
    states = {one["part"]: one["state"] for one in told["items"]}
    assert not told["well"]
    assert {states[part] for part in ("engine", "workers")} == {"down"}
    assert {states[part] for part in ("database", "evidence", "keepers", "rollouts")} == {"well"}
    assert {"clock", "alarms"} <= states.keys(), "tests move the clock of these doors"
    assert all(one["detail"] and one["label"] for one in told["items"])
