"""Policies and due instants: published revisions, the compressed clock of simulations, and what a limit comes to."""

from datetime import datetime

import pytest
from api_hands import Office, Person, advance, opened, problem

from hotline.identifiers import UserId
from hotline.vocabulary import Role
from runtime.settings import Settings
from store.accounts import User, put_users
from store.tokens import issue_token


async def test_the_policy_in_force_is_told_and_listed(office: Office) -> None:
    active = (await office("auditor1").get("/policies/active")).json()
    assert active["revision"] == "default/3"
    assert "default/3" in (await office("auditor1").get("/policies")).json()["items"]


async def test_a_compressed_policy_moves_the_clocks_of_the_case_that_takes_it(office: Office) -> None:
    number = await office("operator1").new_case()
    await advance(office, number, until="sign_for")
    administrator = office("administrator1")
    before = {clock["clock_id"]: clock for clock in (await administrator.case(number))["clocks"]}
    revision = (await administrator.post("/policies/compressed", {"speed": 100})).json()["revision"]
    assert revision == "default/3@x100"
    receipt = await administrator.command(number, "revise_policy", {"revision": revision})
    assert receipt.status_code == 200, receipt.text
    view = await administrator.case(number)
    after = {clock["clock_id"]: clock for clock in view["clocks"]}
    assert view["policy_revision"] == revision
    assert due_at(after["handling:1"]) < due_at(before["handling:1"])
    assert revision in after["handling:1"]["because"][0]
    # What had ended is history, and stays as it was.
    assert after["signature:1.0"] == before["signature:1.0"]


async def test_new_cases_do_not_start_on_the_compressed_clock(office: Office) -> None:
    await office("administrator1").post("/policies/compressed", {"speed": 100})
    number = await office("operator1").new_case()
    assert (await office("operator1").case(number))["policy_revision"] == "default/3"


async def test_publishing_a_compression_twice_is_once(office: Office) -> None:
    administrator = office("administrator1")
    for speed in (100, 100, 100.00001, 1.1):
        answer = await administrator.post("/policies/compressed", {"speed": speed})
        assert answer.status_code == 200, answer.text
    revisions = (await administrator.get("/policies")).json()["items"]
    assert revisions.count("default/3@x100") == 1
    assert len(revisions) == len(set(revisions))


async def test_only_an_administrator_compresses_time(office: Office) -> None:
    for user in ("dispatcher1", "leader1", "auditor1", "head-U120"):
        problem(await office(user).post("/policies/compressed", {"speed": 2}), 403, "role_not_permitted")
    for speed in (1, 0, -1, 2_000_000, "fast"):
        refused = await office("administrator1").post("/policies/compressed", {"speed": speed})
        assert problem(refused, 422, "invalid_input")["field"] == "speed"


async def test_time_is_compressed_in_demonstrations_only(
    api_settings: Settings, tokens: dict[str, str]
) -> None:
    administrator = User(user_id=UserId("zhou.min"), display_name="周敏", role=Role.ADMINISTRATOR)
    async with opened(api_settings.model_copy(update={"demo_mode": False}), tokens) as serious:
        async with serious.services.database.write() as session:
            await put_users(session, [administrator])
            token = await issue_token(session, administrator.user_id, name="test", at=serious.services.now())
        refused = await Person(serious.http, token).post("/policies/compressed", {"speed": 2})
        problem(refused, 404, "demo_mode_only")


@pytest.mark.parametrize("revision", ["default/999", "a b", "a\x00b"])
async def test_a_revision_that_is_not_published_is_named(office: Office, revision: str) -> None:
    number = await office("operator1").new_case()
    refused = await office("administrator1").command(number, "revise_policy", {"revision": revision})
    assert refused.status_code == 422
    assert refused.json()["field"] == "revision"


@pytest.mark.parametrize(
    ("limit", "due"),
    [
        ({"working_days": 3}, "2026-02-25T18:00:00+08:00"),
        ({"working_hours": 2}, "2026-02-13T12:00:00+08:00"),
        ({"hours": 24}, "2026-02-14T10:00:00+08:00"),
        ({"type": "complaint"}, "2026-02-27T18:00:00+08:00"),
    ],
)
async def test_a_limit_is_reckoned_with_its_reasons(
    office: Office, limit: dict[str, object], due: str
) -> None:
    answer = await office("operator1").get("/due", **{"from": "2026-02-13T10:00:00+08:00"} | limit)
    promise = answer.json()
    assert (promise["due_at"], promise["provisional"]) == (due, False)
    assert "default/3" in promise["because"][0]
    assert len(promise["because"]) >= 2


@pytest.mark.parametrize(
    ("question", "code"),
    [
        ({}, "one_limit_needed"),
        ({"working_days": 1, "hours": 1}, "one_limit_needed"),
        ({"working_days": -1}, "invalid_input"),
        ({"hours": "nan"}, "invalid_input"),
        ({"from": "2026-02-13T10:00:00", "hours": 1}, "invalid_input"),
        ({"from": "9999-12-31T23:59:59+08:00", "working_days": 1}, "invalid_input"),
        ({"from": "0001-01-01T00:00:00+14:00", "hours": 1}, "invalid_input"),
    ],
)
async def test_a_question_without_one_answer_is_refused(
    office: Office, question: dict[str, object], code: str
) -> None:
    problem(
        await office("operator1").get("/due", **{"from": "2026-02-13T10:00:00+08:00"} | question), 422, code
    )


def due_at(clock: dict[str, str]) -> datetime:
    return datetime.fromisoformat(clock["due_at"])
