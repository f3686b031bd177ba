"""规则修订 by the API: drafted by one, tried dry, published by another; an office of its own, for it changes what is in force."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from importlib.resources import files
from typing import Any

import pytest
import pytest_asyncio
from api_hands import HANDLER, UNIT, Office, Person, advance, new_key, opened, problem
from api_premises import manned, migrated
from fixtures.eventually import assert_eventually
from fixtures.stack import PostgresForTests, TemporalForTests

from hotline.calendar import SHANGHAI

TOML = files("hotline").joinpath("data/policy-default.toml").read_text(encoding="utf-8")


@pytest_asyncio.fixture(scope="module")
async def city(
    postgres: PostgresForTests, temporal_server: TemporalForTests, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Office]:
    fresh = await postgres.create_database(prepared_by=migrated)
    folder = tmp_path_factory.mktemp("drafts")
    async with (
        manned(fresh, temporal_server, folder) as premises,
        opened(premises.settings, premises.tokens) as office,
    ):
        yield office


def revised(revision: str, *changes: tuple[str, str]) -> str:
    text = TOML.replace('revision = "default/3"', f'revision = "{revision}"', 1)
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return text


def new_revision() -> str:
    return f"city/{new_key()[:8]}"


async def drafted(administrator: Person, *changes: tuple[str, str]) -> dict[str, Any]:
    answer = await administrator.post("/policies/drafts", {"toml": revised(new_revision(), *changes)})
    assert answer.status_code == 201, answer.text
    view: dict[str, Any] = answer.json()
    return view


SHORTER = ('limit = "5 wd"', 'limit = "1 wd"')


async def test_draft_tells_what_it_changes_and_nothing_comes_into_force(city: Office) -> None:
    in_force = (await city("auditor1").get("/policies/active")).json()["revision"]
    draft = await drafted(city("administrator1"), ('rework = "3 wd"', 'rework = "2 wd"'))
    assert {"field": "limits.rework", "before": "3 个工作日", "after": "2 个工作日"} in draft["differences"]
    assert (draft["in_force"], draft["published_at"]) == (in_force, None)
    assert (await city("auditor1").get("/policies/active")).json()["revision"] == in_force
    assert (await city("auditor1").get(f"/policies/drafts/{draft['draft_id']}")).json() == draft
    listed = (await city("auditor1").get("/policies/drafts")).json()["items"]
    assert draft["draft_id"] == listed[0]["draft_id"]


async def test_one_key_is_one_draft(city: Office) -> None:
    key, body = new_key(), {"toml": revised(new_revision())}
    administrator = city("administrator1")
    first = await administrator.post("/policies/drafts", body, key=key)
    again = await administrator.post("/policies/drafts", body, key=key)
    assert first.json() == again.json()
    other = await administrator.post("/policies/drafts", {"toml": revised(new_revision())}, key=key)
    problem(other, 422, "key_reused")


async def test_every_fault_of_a_draft_is_named(city: Office) -> None:
    text = revised("city/x", ('rework = "3 wd"', 'rework = "soon"'), ('review = "1 wd"', 'review = "x"'))
    refused = await city("administrator1").post("/policies/drafts", {"toml": text})
    told = problem(refused, 422, "invalid_input")
    assert {fault["field"] for fault in told["errors"]} == {"limits.rework", "limits.review"}


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({}, "one_source_needed", "toml"),
        ({"toml": "x = 1", "notice": {}}, "one_source_needed", "toml"),
        ({"notice": {"year": 2027, "papers": [], "days": []}}, "revision_needed", "revision"),
        (
            {"revision": "a/1", "notice": {"year": 2027, "papers": [], "days": []}},
            "invalid_input",
            "notice.days",
        ),
        ({"base": "a/0", "revision": "a/1", "notice": {"year": 2027}}, "policy_unknown", "base"),
        ({"toml": "revision = "}, "invalid_input", "toml"),
        ({"toml": TOML}, "revision_taken", "revision"),
        ({"snapshot": {}}, "invalid_input", "revision"),
        ({"draft": 1}, "invalid_input", "draft"),
    ],
)
async def test_draft_that_cannot_be_is_refused_by_field(
    city: Office, body: dict[str, Any], code: str, field: str
) -> None:
    told = problem(await city("administrator1").post("/policies/drafts", body), 422, code)
    assert told["field"] == field


async def test_dry_run_counts_by_unit_and_shows_the_rows_and_moves_nothing(city: Office) -> None:
    numbers = [await city("operator1").new_case() for _ in range(3)]
    for number in numbers:
        await advance(city, number, until="sign_for")
    before = await city("administrator1").case(numbers[0])
    draft = await drafted(city("administrator1"), SHORTER)
    told = (await city("leader1").get(f"/policies/drafts/{draft['draft_id']}/dry-run")).json()
    (unit,) = (line for line in told["units"] if line["holder"] == UNIT)
    assert unit["earlier"] >= 3
    assert unit["most_earlier_seconds"] > 0
    assert told["cases"] >= told["cases_changed"] >= 3
    path, rows, cursor = f"/policies/drafts/{draft['draft_id']}/dry-run/clocks", [], None
    while True:
        page = (
            await city("leader1").get(path, limit=1, unit=UNIT, **({"cursor": cursor} if cursor else {}))
        ).json()
        rows += page["items"]
        if (cursor := page["next_cursor"]) is None:
            break
    assert len(rows) == unit["clocks"]
    assert {*numbers} <= {row["case_no"] for row in rows}
    assert all(row["moved_seconds"] < 0 for row in rows if row["case_no"] in numbers)
    after = await city("administrator1").case(numbers[0])
    assert (after["version"], after["clocks"]) == (before["version"], before["clocks"])


async def test_dry_run_of_nothing_and_by_a_forged_cursor_is_refused(city: Office) -> None:
    nowhere = "0" * 32
    for path in ("", "/dry-run", "/dry-run/clocks"):
        problem(await city("auditor1").get(f"/policies/drafts/{nowhere}{path}"), 404, "draft_not_found")
    draft = await drafted(city("administrator1"))
    path = f"/policies/drafts/{draft['draft_id']}/dry-run/clocks"
    problem(await city("auditor1").get(path, cursor="x"), 422, "bad_cursor")
    problem(await city("administrator2").post(f"/policies/drafts/{nowhere}/publish"), 404, "draft_not_found")


async def test_publishing_takes_another_administrator_and_is_once(city: Office) -> None:
    draft = await drafted(city("administrator1"), SHORTER)
    path = f"/policies/drafts/{draft['draft_id']}/publish"
    problem(await city("administrator1").post(path), 403, "own_draft")
    problem(await city("leader1").post(path), 403, "role_not_permitted")
    first = await city("administrator2").post(path)
    assert first.status_code == 200, first.text
    assert (await city("administrator2").post(path)).json() == first.json()
    assert (await city("auditor1").get("/policies/active")).json()["revision"] == draft["revision"]
    number = await city("operator1").new_case()
    assert (await city("operator1").case(number))["policy_revision"] == draft["revision"]
    taken = await city("administrator1").post("/policies/drafts", {"toml": revised(draft["revision"])})
    problem(taken, 422, "revision_taken")
    for event, by in (("policy:drafted", "administrator1"), ("policy:published", "administrator2")):
        lines = (await city("auditor1").get("/trail", event=event)).json()["items"]
        mine = [line for line in lines if line["subject"] == draft["revision"]]
        assert [line["actor"]["user_id"] for line in mine] == [by]
        assert mine[0]["detail"]["base"] == draft["base"]


async def test_draft_drawn_before_another_came_into_force_cannot_be_published(city: Office) -> None:
    older, newer = [await drafted(city("administrator1")) for _ in range(2)]
    publish = city("administrator2").post
    assert (await publish(f"/policies/drafts/{newer['draft_id']}/publish")).status_code == 200
    problem(await publish(f"/policies/drafts/{older['draft_id']}/publish"), 409, "policy_moved_on")


async def test_provisional_date_settles_when_the_notice_is_published(city: Office) -> None:
    days = [{"name": "元旦", "date": f"2027-01-0{day}", "isOffDay": True} for day in (1, 2, 3, 4)]
    notice = {"year": 2027, "papers": ["https://www.gov.cn/"], "days": days}
    ask = {"from": "2026-12-31T10:00:00+08:00", "working_days": 1}
    before = (await city("operator1").get("/due", **ask)).json()
    assert (before["due_at"], before["provisional"]) == ("2027-01-04T18:00:00+08:00", True)
    body = {"revision": new_revision(), "calendar_revision": "cn-2027.1", "notice": notice}
    draft = (await city("administrator1").post("/policies/drafts", body)).json()
    assert {"field": "calendar.2027-01-04", "before": "工作日", "after": "放假"} in draft["differences"]
    assert draft["policy"]["calendar"]["revision"] == "cn-2027.1"
    await city("administrator2").post(f"/policies/drafts/{draft['draft_id']}/publish")
    after = (await city("operator1").get("/due", **ask)).json()
    assert (after["due_at"], after["provisional"]) == ("2027-01-05T18:00:00+08:00", False)


async def _publish(city: Office, body: dict[str, Any]) -> str:
    draft = await city("administrator1").post("/policies/drafts", body)
    assert draft.status_code == 201, draft.text
    answer = await city("administrator2").post(f"/policies/drafts/{draft.json()['draft_id']}/publish")
    assert answer.status_code == 200, answer.text
    return str(answer.json()["revision"])


async def _clock(city: Office, number: str) -> tuple[str, dict[str, Any]]:
    view = await city("administrator1").case(number)
    (clock,) = (clock for clock in view["clocks"] if clock["clock_id"] == "handling:1")
    return view["policy_revision"], clock


async def test_published_notice_reaches_the_living_case_and_settles_its_date(city: Office) -> None:
    """From draft to settled: a limit that runs into a year without a notice, and then the notice comes."""
    now = datetime.now(SHANGHAI)
    policy = (await city("auditor1").get("/policies/active")).json() | {"revision": new_revision()}
    policy["handling"][-1]["limit"] = "250 wd"
    years = [year for year in policy["calendar"]["years"] if year["year"] <= now.year]
    if all(year["year"] != now.year for year in years):
        years.append({"year": now.year, "off": [f"{now.year}-01-01"]})
    policy["calendar"] |= {"years": years, "revision": policy["revision"]}
    await _publish(city, {"snapshot": policy})
    number = await city("operator1").new_case()
    await advance(city, number, until="sign_for")
    _, before = await _clock(city, number)
    assert before["provisional"]
    due_at = datetime.fromisoformat(before["due_at"]).astimezone(SHANGHAI)
    assert due_at.year == now.year + 1
    days = [
        {"name": "元旦", "date": day, "isOffDay": True} for day in (f"{due_at.year}-01-01", f"{due_at:%F}")
    ]
    notice = {"year": due_at.year, "papers": [], "days": days}
    revision = await _publish(city, {"revision": new_revision(), "notice": notice})

    async def has_settled() -> None:
        taken, after = await _clock(city, number)
        assert taken == revision
        assert not after["provisional"]

    await assert_eventually(has_settled, within=timedelta(seconds=60))
    _, after = await _clock(city, number)
    assert datetime.fromisoformat(after["due_at"]) != datetime.fromisoformat(before["due_at"])
    facts = [fact for fact in await city("administrator1").facts(number) if fact["tag"] == "policy:revised"]
    assert [fact["body"]["policy_revision"] for fact in facts] == [revision]

    async def nobody_is_left() -> None:
        report = (await city("auditor1").get(f"/policies/{revision}/rollout")).json()
        assert (report["left"], report["refused"], report["overtaken"]) == (0, [], False)
        assert report["started_at"]
        assert report["done"] >= 1
        assert report["clocks_moved"] >= 1

    await assert_eventually(nobody_is_left, within=timedelta(seconds=60))


async def test_rollout_of_nothing_is_not_found(city: Office) -> None:
    problem(await city("auditor1").get("/policies/no/such/rollout"), 404, "rollout_not_found")


async def test_drafts_are_kept_from_units_and_desks(city: Office) -> None:
    for user in ("operator1", "dispatcher1", HANDLER, "revisitor1"):
        problem(await city(user).get("/policies/drafts"), 403, "role_not_permitted")
        problem(await city(user).post("/policies/drafts", {"toml": TOML}), 403, "role_not_permitted")
