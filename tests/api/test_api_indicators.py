"""考核指标 by the API: figures with the rows behind them, a ranking, and months that are frozen in two steps."""

import re
from functools import partial
from importlib.resources import files
from typing import Any

import pytest
import pytest_asyncio
from api_doors import Doors
from api_hands import Person, problem
from unit import lives

from hotline import commands as c
from hotline.identifiers import CaseNo, UnitCode
from hotline.vocabulary import ExclusionGround, Role
from store.accounts import Unit, put_units
from store.period import ledgers_between
from store.projection import project

PATH = "/indicators/months/2026-03"
UNIT, OTHER = lives.UNIT, lives.OTHER_UNIT
NUMBERS = [CaseNo(f"26030209000001{n:04d}") for n in range(21, 25)]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def march(doors: Doors) -> Doors:
    """A month that is long over; in the database of all tests of doors."""
    await work_in_march(doors)
    return doors


async def work_in_march(doors: Doors) -> None:
    """Four cases of two units."""
    one, two, three, four = NUMBERS
    found = (
        lives.completed(case_no=one),
        lives.reworks_used_up(case_no=two).then(c.CloseCase(reason=lives.TEXT), lives.SUPERVISOR),
        lives.dispatched(case_no=three),
        lives.registered(case_no=four).then(lives.dispatch(OTHER), lives.DISPATCHER),
    )
    async with doors.services.database.write() as session:
        await put_units(
            session, [Unit(code=UnitCode(code), name=code, level="city") for code in (UNIT, OTHER)]
        )
        for life in found:
            await project(session, life.state.case_no, life.facts)
    await doors.services.scores.keep(wait=True)


async def person(doors: Doors, role: Role, unit: str | None = None) -> Person:
    return doors.bearer(await doors.token(await doors.hire(role, unit)))


def figure(view: dict[str, Any], group: str, indicator: str) -> dict[str, Any]:
    [found] = (entry for entry in view["groups"] if entry["group"] == group)
    [line] = (line for line in found["figures"] if line["indicator"] == indicator)
    return dict(line)


async def test_definitions_are_told_to_everybody(doors: Doors) -> None:
    told = (await (await person(doors, Role.HANDLER, "U120")).get("/indicators")).json()
    assert "resolution-rate/1" in {entry["id"] for entry in told["items"]}
    assert told["score"] == "unit-score/1"


async def test_every_figure_opens_its_rows_with_reasons(march: Doors) -> None:
    supervisor = await person(march, Role.SUPERVISOR)
    view = (await supervisor.get(PATH, by="unit")).json()
    rate = figure(view, UNIT, "resolution-rate")["adjusted"]
    assert (rate["numerator"], rate["denominator"], rate["percent"]) == (1, 2, "50.00")
    asked = {"unit": UNIT, "indicator": "resolution-rate"}
    for counted, number, because in (
        ("numerator", NUMBERS[0], "诉求人确认问题已解决"),
        ("denominator", NUMBERS[1], "诉求人表示问题没有解决"),
    ):
        [row] = (await supervisor.get(f"{PATH}/rows", counted=counted, **asked)).json()["items"]
        assert (row["case_no"], row["because"]) == (number, because)
    city = (await supervisor.get(PATH)).json()
    assert figure(city, "city", "return-rate")["raw"]["denominator"] == 4
    level = (await supervisor.get(PATH, by="level", level="city", type="complaint")).json()
    assert figure(level, "city", "return-rate")["raw"]["denominator"] == 4


async def test_rows_come_in_pages(march: Doors) -> None:
    supervisor = await person(march, Role.SUPERVISOR)
    whole = (await supervisor.get(f"{PATH}/rows", limit=500)).json()["items"]
    found, cursor = [], None
    while True:
        page = (
            await supervisor.get(f"{PATH}/rows", limit=7, **({"cursor": cursor} if cursor else {}))
        ).json()
        found += page["items"]
        if not (cursor := page["next_cursor"]):
            break
    assert found == whole
    problem(await supervisor.get(f"{PATH}/rows", cursor="nonsense"), 422, "bad_cursor")


async def test_unit_sees_its_own_rows_and_no_ranking_that_may_still_move(march: Doors) -> None:
    head = await person(march, Role.UNIT_HEAD, OTHER)
    assert {row["case_no"] for row in (await head.get(f"{PATH}/rows")).json()["items"]} == {NUMBERS[3]}
    assert figure((await head.get(PATH)).json(), "city", "return-rate")["raw"]["denominator"] == 1
    problem(await head.get("/indicators/months/2026-02/ranking"), 404, "month_not_frozen")


@pytest.mark.parametrize("month", ["2026-13", "0000-01", "march"])
async def test_what_is_no_month_is_refused_by_field(march: Doors, month: str) -> None:
    supervisor = await person(march, Role.SUPERVISOR)
    problem(await supervisor.get(f"/indicators/months/{month}"), 422, "invalid_input")


async def test_month_is_frozen_as_it_was_previewed_and_verified_from_the_ledger(march: Doors) -> None:
    supervisor, path = await person(march, Role.SUPERVISOR), PATH
    problem(await supervisor.get(f"{path}/verify"), 404, "month_not_frozen")
    problem(await supervisor.post(f"{path}/freeze", {"figures_digest": "0" * 64}), 422, "preview_needed")
    looked = (await supervisor.post(f"{path}/preview")).json()
    assert looked["pending_exclusions"] == 0
    late = lives.completed(case_no=CaseNo("260302090000010025"))
    late.then(exclusion(late), lives.UNIT_HEAD)
    await project_one(march, late)
    await march.services.scores.keep(wait=True)
    stale = await supervisor.post(f"{path}/freeze", {"figures_digest": looked["figures_digest"]})
    problem(stale, 422, "exclusions_pending")
    looked = (await supervisor.post(f"{path}/preview")).json()
    assert looked["pending_exclusions"] == 1
    confirmed = {"figures_digest": looked["figures_digest"]}
    problem(await supervisor.post(f"{path}/freeze", confirmed), 422, "exclusions_pending")
    await project_one(
        march, late.then(c.DecideExclusion(approved=False, reason=lives.TEXT), lives.DISPATCHER)
    )
    await project_one(march, lives.completed(case_no=CaseNo("260302090000010027")))
    problem(await supervisor.post(f"{path}/freeze", confirmed), 422, "preview_stale")
    looked = (await supervisor.post(f"{path}/preview")).json()
    confirmed = {"figures_digest": looked["figures_digest"]}
    answer = await supervisor.post(f"{path}/freeze", confirmed)
    assert answer.status_code == 200, answer.text
    month = answer.json()
    assert (await supervisor.post(f"{path}/freeze", confirmed)).json() == month, "freezing twice is once"
    problem(await supervisor.post(f"{path}/preview"), 422, "month_frozen")
    assert month in (await supervisor.get("/indicators/months")).json()["items"]
    told = (await supervisor.get(f"{path}/verify")).json()
    assert (told["matches"], told["digest"], told["deviations"]) == (True, month["digest"], [])
    view = (await supervisor.get(path, by="unit")).json()
    assert (view["frozen"], view["still_to_count"]) == (True, 0)
    await project_one(march, lives.completed(case_no=CaseNo("260302090000010026")))
    assert (await supervisor.get(path, by="unit")).json() == view
    head = await person(march, Role.UNIT_HEAD, OTHER)
    ranking = (await head.get(f"{path}/ranking")).json()
    assert {line["unit"]: line["place"] for line in ranking["items"]} == {UNIT: None, OTHER: None}
    events = {line.event.value for line in await march.trail() if line.subject == "2026-03"}
    assert events == {"month:previewed", "month:frozen"}


def exclusion(life: lives.Life) -> c.ExcludeFromScore:
    ground = ExclusionGround.SYSTEM_FAILURE
    return c.ExcludeFromScore(ground=ground, reason=lives.TEXT, evidence=(lives.evidence(life.now),))


async def project_one(doors: Doors, life: lives.Life) -> None:
    async with doors.services.database.write() as session:
        await project(session, life.state.case_no, life.facts)


async def test_month_that_is_not_over_is_neither_previewed_nor_frozen(doors: Doors) -> None:
    supervisor = await person(doors, Role.SUPERVISOR)
    this = doors.clock.now().strftime("%Y-%m")
    problem(await supervisor.post(f"/indicators/months/{this}/preview"), 422, "month_not_over")
    refused = await supervisor.post(f"/indicators/months/{this}/freeze", {"figures_digest": "0" * 64})
    problem(refused, 409, "month_not_freezable")


async def test_every_case_is_counted_again_on_request(march: Doors) -> None:
    before = (await (await person(march, Role.SUPERVISOR)).get(f"{PATH}/rows", limit=500)).json()
    answer = await (await person(march, Role.ADMINISTRATOR)).post("/indicators/recount", {})
    assert answer.status_code == 202
    assert answer.json()["cases"] >= 4
    await march.services.scores.keep(wait=True)
    assert (await (await person(march, Role.SUPERVISOR)).get(f"{PATH}/rows", limit=500)).json() == before


async def test_units_may_not_freeze(doors: Doors) -> None:
    head = await person(doors, Role.UNIT_HEAD, "U120")
    problem(await head.post(f"{PATH}/preview"), 403, "role_not_permitted")


# ── what if ─────────────────────────────────────────────────────────────────────────────────────

TOML = files("hotline").joinpath("data/policy-default.toml").read_text(encoding="utf-8")
PERIOD = {"since": "2026-03-01T00:00:00+08:00", "until": "2026-04-01T00:00:00+08:00"}


async def draft_of_a_quarter(doors: Doors) -> str:
    """A draft in which complaints are to be handled within fifteen minutes."""
    text = re.sub(r'revision = "[^"]+"', 'revision = "city/quarter"', TOML, count=1)
    text = text.replace('limit = "5 wd"', 'limit = "15 min"', 1)
    answer = await (await person(doors, Role.ADMINISTRATOR)).post("/policies/drafts", {"toml": text})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["draft_id"])


async def test_past_month_is_told_under_a_draft_and_opens_into_its_cases(march: Doors) -> None:
    supervisor = await person(march, Role.SUPERVISOR)
    asked = {**PERIOD, "draft_id": await draft_of_a_quarter(march)}
    told = (await supervisor.post("/policies/what-if", asked)).json()
    assert told["next_cursor"] is None
    assert told["cases"] >= 4
    [unit] = [line for line in told["units"] if line["unit"] == UNIT]
    before, after = (unit[name]["rates"]["on-time-rate"] for name in ("before", "after"))
    assert before["denominator"] == after["denominator"]
    assert after["numerator"] < before["numerator"]
    assert unit["after"]["late"] > unit["before"]["late"]
    page = (await supervisor.post("/policies/what-if/cases", {**asked, "unit": UNIT})).json()
    [case] = [item for item in page["items"] if item["case_no"] == NUMBERS[0]]
    [clock] = [line for line in case["clocks"] if line["clock_id"] == "handling:1"]
    assert (clock["was_late"], clock["late"]) == (False, True)
    [row] = [line for line in case["rows"] if line["indicator"] == "on-time-rate"]
    assert (row["was_because"], row["would_be_because"]) == (
        "在办理时限内提交办理结果，并通过审核",
        "超过办理时限才提交办理结果",
    )
    assert {item["case_no"] for item in page["items"]}.isdisjoint({NUMBERS[3]})


async def test_policy_in_force_told_against_itself_changes_no_case(march: Doors) -> None:
    supervisor = await person(march, Role.SUPERVISOR)
    revision = (await supervisor.get("/policies/active")).json()["revision"]
    told = (await supervisor.post("/policies/what-if", {**PERIOD, "revision": revision})).json()
    assert told["cases"] >= 4
    assert told["cases_changed"] == 0
    assert all(line["before"] == line["after"] for line in told["units"])


async def test_long_what_if_is_told_in_stretches(march: Doors) -> None:
    supervisor = await person(march, Role.SUPERVISOR)
    asked = {**PERIOD, "draft_id": await draft_of_a_quarter(march)}
    whole = (await supervisor.post("/policies/what-if", asked)).json()
    with march.settings(request_timeout_seconds=1e-6), pytest.MonkeyPatch.context() as patched:
        patched.setattr("api.what_if.ledgers_between", partial(ledgers_between, limit=2))
        answers = [(await supervisor.post("/policies/what-if", asked)).json()]
        while cursor := answers[-1]["next_cursor"]:
            answers.append((await supervisor.post("/policies/what-if", {**asked, "cursor": cursor})).json())
    assert len(answers) > 2
    for field in ("cases", "cases_changed"):
        assert sum(answer[field] for answer in answers) == whole[field]
    late = [line["after"]["late"] for answer in answers for line in answer["units"]]
    assert sum(late) == sum(line["after"]["late"] for line in whole["units"])


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({}, "one_policy_needed", "draft_id"),
        ({"revision": "none/1"}, "policy_unknown", "revision"),
        ({"revision": "default/3", "until": "2026-03-01T00:00:00+08:00"}, "bad_period", "until"),
        ({"revision": "default/3", "until": "2026-09-01T00:00:00+08:00"}, "bad_period", "until"),
        ({"revision": "default/3", "cursor": "nonsense"}, "bad_cursor", "cursor"),
    ],
)
async def test_what_makes_no_sense_is_refused_by_field(
    march: Doors, changes: dict[str, str], code: str, field: str
) -> None:
    supervisor = await person(march, Role.SUPERVISOR)
    told = problem(await supervisor.post("/policies/what-if", {**PERIOD, **changes}), 422, code)
    assert told["field"] == field
    missing = {**PERIOD, "draft_id": "0" * 32}
    problem(await supervisor.post("/policies/what-if", missing), 404, "draft_not_found")
