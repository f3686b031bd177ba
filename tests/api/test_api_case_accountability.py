"""What a case knows of the files that came of it: shown to whom a file may be known, and no trace of it to others."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from api_hands import HANDLER, HEAD, UNIT, Office, advance, problem
from fixtures.eventually import assert_eventually

from hotline.roles import SYSTEM_ACTOR
from hotline.visibility import Viewer
from store.live import CaseChange, Item

OFFICER, STATIONED = "discipline2", "discipline1"
DOSSIERS = "/accountability/dossiers"
NOT_THEIRS = (
    HANDLER,
    HEAD,
    "operator1",
    "dispatcher1",
    "revisitor1",
    "supervisor1",
    "leader1",
    "administrator1",
)

_PASSING = {"seconds", "working_seconds", "as_of", "instance"}


async def file_on(office: Office, case_no: str, unit: str = UNIT) -> str:
    """A file that came of a case and has told it so; returns its number."""
    clue = {
        "source": "false_closing",
        "cases": [case_no],
        "subjects": [{"kind": "organisation", "unit": unit}],
        "summary": "回访查明办结不实",
    }
    answer = await office(OFFICER).post(DOSSIERS, clue)
    assert answer.status_code == 201, answer.text
    number = str(answer.json()["dossier_no"])

    async def has_told() -> None:
        assert number in [one["dossier_no"] for one in await files(office, case_no)]

    await assert_eventually(has_told)
    return number


async def files(office: Office, case_no: str, user: str = OFFICER) -> list[dict[str, Any]]:
    answer = await office(user).get(f"/cases/{case_no}/accountability")
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def everything(office: Office, user: str, case_no: str) -> dict[str, Any]:
    """All that somebody is told of a case, apart from the seconds that pass between two looks."""
    told: dict[str, Any] = {}
    for part in ("", "/facts", "/supervision", "/hands", "/evidence", "/accountability"):
        answer = await office(user).get(f"/cases/{case_no}{part}")
        told[part] = (answer.status_code, answer.headers.get("etag"), timeless(answer.json()))
    listed = await office(user).get("/cases", limit=200)
    told["line"] = [line for line in listed.json()["items"] if line["case_no"] == case_no]
    return told


def timeless(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: timeless(held) for key, held in value.items() if key not in _PASSING}
    return [timeless(held) for held in value] if isinstance(value, list) else value


async def test_officer_sees_the_file_of_a_case_and_how_far_it_is(office: Office) -> None:
    case_no = await office("operator1").new_case()
    assert await files(office, case_no) == []
    number = await file_on(office, case_no)
    [file] = await files(office, case_no)
    assert (file["dossier_no"], [event["event"] for event in file["events"]]) == (number, ["opened"])
    assert number not in file["reference"]


async def test_auditor_sees_that_there_is_a_file_and_not_which(office: Office) -> None:
    case_no = await office("operator1").new_case()
    number = await file_on(office, case_no)
    answer = await office("auditor1").get(f"/cases/{case_no}/accountability")
    [file] = answer.json()["items"]
    assert (file["dossier_no"], file["events"][0]["label"]) == (None, "登记线索")
    assert number not in answer.text
    trail = (await office("auditor1").get("/trail", actor=OFFICER, limit=20)).json()["items"]
    assert file["reference"] in [line["subject"] for line in trail]


async def test_officer_who_may_not_know_of_the_file_sees_a_case_without_one(office: Office) -> None:
    """The group of `discipline1` supervises the unit of the case, and not the one that the file is about."""
    case_no, without = [await office("operator1").new_case() for _ in range(2)]
    for number in (case_no, without):
        await advance(office, number, until="dispatch_case")
    await file_on(office, case_no, unit="U130")
    assert await files(office, case_no, STATIONED) == await files(office, without, STATIONED) == []


async def test_nobody_else_is_told_a_difference(office: Office) -> None:
    case_no = await office("operator1").new_case()
    await advance(office, case_no, until="sign_for")

    async def told() -> dict[str, dict[str, Any]]:
        return {user: await everything(office, user, case_no) for user in NOT_THEIRS}

    before = await told()
    await file_on(office, case_no)
    assert await told() == before
    assert before[HANDLER][""][0] == before["supervisor1"]["/facts"][0] == 200


@pytest.mark.parametrize("user", NOT_THEIRS)
async def test_refusal_is_the_same_for_a_case_that_there_is_not(office: Office, user: str) -> None:
    case_no = await office("operator1").new_case()
    for number in (case_no, "0" * 18):
        problem(await office(user).get(f"/cases/{number}/accountability"), 403, "role_not_permitted")


async def heard_until(changes: AsyncIterator[Item], marker: str) -> list[str]:
    heard: list[str] = []
    while marker not in heard:
        change = await anext(changes)
        if isinstance(change, CaseChange):
            heard.append(change.case_no)
    return heard


async def test_no_reader_hears_that_a_file_was_opened(office: Office) -> None:
    case_no, before, after = [await office("operator1").new_case() for _ in range(3)]
    async with office.services.live.subscribe(Viewer(actor=SYSTEM_ACTOR)) as changes:
        await advance(office, before, until="dispatch_case")
        await heard_until(changes, before)
        await file_on(office, case_no)
        await advance(office, after, until="dispatch_case")
        assert case_no not in await heard_until(changes, after)
