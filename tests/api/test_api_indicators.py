"""考核指标 by the API: figures with the rows behind them, a ranking, and months that are frozen in two steps."""

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
from store.projection import project

PATH = "/indicators/months/2026-03"
UNIT, OTHER = lives.UNIT, lives.OTHER_UNIT
NUMBERS = [CaseNo(f"26030209000001{n:04d}") for n in range(21, 25)]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def march(doors: Doors) -> Doors:
    """Four cases of two units, in a month that is long over; in the database of all tests of doors."""
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
    return doors


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


async def test_units_may_not_freeze(doors: Doors) -> None:
    head = await person(doors, Role.UNIT_HEAD, "U120")
    problem(await head.post(f"{PATH}/preview"), 403, "role_not_permitted")
