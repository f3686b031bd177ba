"""Boards: each number opens the rows behind it, in the scope of who asks; the chain of hands tells every holder."""

from datetime import datetime, time, timedelta
from typing import Any

import pytest
import pytest_asyncio
from api_hands import HANDLER, OTHER_UNIT, UNIT, Office, advance, problem

from hotline.calendar import SHANGHAI

FOREIGN = f"handler-{OTHER_UNIT}"


@pytest_asyncio.fixture(scope="module")
async def in_hand(office: Office) -> str:
    number = await office("operator1").new_case()
    await advance(office, number, until="log_contact")
    return number


@pytest_asyncio.fixture(scope="module")
async def under_review(office: Office) -> str:
    number = await office("operator1").new_case()
    await advance(office, number, until="submit_reply")
    return number


async def rows(office: Office, user: str, path: str, **asked: Any) -> list[dict[str, Any]]:
    """Every row of a list, page by page."""
    found: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await office(user).get(path, limit=2, **asked, **cursor)).json()
        found += page["items"]
        if not page["next_cursor"]:
            return found
        cursor = {"cursor": page["next_cursor"]}


STANDS = {
    "open": {"open": True},
    "due_soon": {"open": True, "overdue": False},
    "overdue": {"overdue": True},
    "suspended": {"status": "suspended"},
}


async def listed(office: Office, user: str, **asked: Any) -> set[str]:
    return {row["case_no"] for row in await rows(office, user, "/cases", **asked)}


async def test_every_number_of_the_overview_opens_its_cases(
    office: Office, in_hand: str, under_review: str
) -> None:
    board = (await office("supervisor1").get("/board", hours=24 * 3)).json()
    assert board["total"]["open"] == sum(line["open"] for line in board["units"])
    for group, which in [
        (board["total"], {}),
        *((line, {"lead": line["unit"]}) for line in board["units"]),
        *((line, {"level": line["level"]}) for line in board["levels"]),
    ]:
        for name, asked in STANDS.items():
            soon = {"due_before": board["soon"]} if name == "due_soon" else {}
            found = await listed(office, "supervisor1", **asked, **soon, **which)
            assert len(found) == group[name], (which, name)
    assert {in_hand, under_review} <= await listed(office, "supervisor1", open=True, lead=UNIT)


async def test_ages_days_and_matters_of_the_overview_open_their_cases(office: Office, in_hand: str) -> None:
    category = "城乡建设/供热管理/室温不达标"
    matter = await office("operator1").new_case(category=category)
    board = (await office("supervisor1").get("/board", days=7)).json()
    for age in board["ages"]:
        span = {name: age[name] for name in ("since", "until") if age[name]}
        assert len(await listed(office, "supervisor1", open=True, **span)) == age["count"]
    today = board["days"][-1]
    since = f"{today['day']}T00:00:00+08:00"
    assert len(await listed(office, "supervisor1", since=since)) == today["registered"] > 0
    assert len(await listed(office, "supervisor1", closed_since=since)) == today["closed"]
    assert len(board["days"]) == 7
    [line] = [line for line in board["matters"] if line["category"] == category]
    behind = await listed(office, "supervisor1", category=category, since=board["since"])
    assert (len(behind), line["before"], matter in behind) == (line["count"], 0, True)
    assert [rung["alarm_label"] for rung in board["rungs"]][:3] == ["预警", "临期预警", "到期"]


async def test_unit_sees_its_own_standing_on_the_overview_and_nobody_elses(
    office: Office, in_hand: str
) -> None:
    # A unit that shares no case with another in any test.
    number, alone = await office("operator1").new_case(), "U160"
    assert (await office("dispatcher1").command(number, "dispatch_case", {"lead": alone})).is_success
    own = (await office(HANDLER).get("/board")).json()
    foreign = (await office(f"handler-{alone}").get("/board")).json()
    assert UNIT in {line["unit"] for line in own["units"]}
    assert {line["unit"] for line in foreign["units"]} == {alone}


async def test_every_number_of_the_timer_board_opens_its_rows(
    office: Office, in_hand: str, under_review: str
) -> None:
    board = (await office("supervisor1").get("/timer-board", hours=24 * 30)).json()
    for count in board["upcoming"]:
        asked = {"hours": 24 * 30, "unit": count["holder"], "alarm": count["alarm"]}
        assert len(await rows(office, "supervisor1", "/timer-board/alarms", **asked)) == count["count"]
    for count in board["standing_still"]:
        asked = {"unit": count["holder"], "status": count["status"]}
        still = await rows(office, "supervisor1", "/timer-board/standing-still", **asked)
        assert {row["status"] for row in still} == {count["status"]}
        assert len(still) == count["count"]
    assert in_hand in {
        row["case_no"] for row in await rows(office, "supervisor1", "/timer-board/alarms", hours=24 * 30)
    }
    assert under_review in {
        row["case_no"] for row in await rows(office, "supervisor1", "/timer-board/standing-still")
    }
    assert board["missed"] == []
    coming = [moment for moment in board["axis"] if not moment["has_fired"]]
    assert sum(moment["count"] for moment in coming) == sum(count["count"] for count in board["upcoming"])
    for moment in coming:
        start = datetime.fromisoformat(moment["at"])
        end = start + timedelta(seconds=board["stretch_seconds"])
        asked = {
            "unit": moment["holder"],
            "alarm": moment["alarm"],
            "since": moment["at"],
            "until": min(end, datetime.fromisoformat(board["until"])).isoformat(),
        }
        assert len(await rows(office, "supervisor1", "/timer-board/alarms", **asked)) == moment["count"]


async def test_unit_finds_its_own_clocks_on_the_board_and_nobody_elses(office: Office, in_hand: str) -> None:
    own = await rows(office, HANDLER, "/timer-board/alarms", hours=24 * 30)
    foreign = await rows(office, FOREIGN, "/timer-board/alarms", hours=24 * 30)
    assert in_hand in {row["case_no"] for row in own}
    assert in_hand not in {row["case_no"] for row in foreign}


async def test_a_sum_of_the_holding_ledger_opens_its_cases(office: Office, in_hand: str) -> None:
    board = (await office("leader1").get("/holdings", open=True)).json()
    line = next(line for line in board["items"] if (line["holder"], line["cause"]) == (UNIT, "handling"))
    assert (line["phase_label"], line["cause_label"]) == ("办理整改", "办理")
    behind = (
        await office("leader1").get("/holdings/cases", holder=UNIT, cause="handling", open=True, limit=200)
    ).json()["items"]
    assert len(behind) == line["cases"]
    assert {row["case_no"]: row["holds_now"] for row in behind}[in_hand] is True
    assert behind[0]["seconds"] == pytest.approx(line["longest_seconds"], abs=60)


async def test_a_holding_ledger_with_ended_cases_is_of_a_quarter(office: Office, in_hand: str) -> None:
    board = (await office("leader1").get("/holdings")).json()
    since, until = (datetime.fromisoformat(board[edge]) for edge in ("since", "until"))
    assert timedelta(days=92) < until - since <= timedelta(days=93)
    assert since.astimezone(SHANGHAI).time() == time()
    assert (UNIT, "handling") in {(line["holder"], line["cause"]) for line in board["items"]}
    year = {"since": "2026-01-01T00:00:00+08:00", "until": "2027-01-01T00:00:00+08:00"}
    for path, asked in (("/holdings", {}), ("/holdings/cases", {"holder": UNIT, "cause": "handling"})):
        problem(await office("leader1").get(path, **asked, **year), 422, "bad_period")
    assert (await office("leader1").get("/holdings", open=True, **year)).status_code == 200


async def test_chain_of_hands_tells_every_holder_in_order(office: Office, under_review: str) -> None:
    chain = (await office("supervisor1").get(f"/cases/{under_review}/hands")).json()["items"]
    assert [(hand["holder"], hand["cause_label"]) for hand in chain] == [
        ("12345", "受理"),
        (UNIT, "签收"),
        (UNIT, "办理"),
        ("12345", "审核"),
    ]
    assert [hand["until"] is None for hand in chain] == [False, False, False, True]
    assert all(hand["working_seconds"] <= hand["seconds"] for hand in chain)


async def test_chain_of_a_case_that_is_not_ones_own_is_not_there(office: Office, in_hand: str) -> None:
    problem(await office(FOREIGN).get(f"/cases/{in_hand}/hands"), 404, "case_not_found")


async def test_fired_alarms_are_listed_within_the_span_that_was_asked(office: Office, in_hand: str) -> None:
    span = {"since": "2026-01-01T00:00:00+08:00", "until": "2026-01-02T00:00:00+08:00"}
    assert await rows(office, "supervisor1", "/timer-board/fired", **span) == []


@pytest.mark.parametrize("path", ["alarms", "standing-still", "fired"])
async def test_a_cursor_that_nobody_gave_out_is_refused(office: Office, path: str) -> None:
    refused = await office("supervisor1").get(f"/timer-board/{path}", cursor="WyJuZXdlc3QiXQ==")
    assert problem(refused, 422, "bad_cursor")["field"] == "cursor"
