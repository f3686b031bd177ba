"""The page of a case: its life as a drawing, the join bar, the contact log, and the time machine."""

import re
from collections.abc import AsyncIterator
from urllib.parse import quote

import pytest_asyncio
from api_hands import HEAD, LIFE, STAGES, UNSOLVED, Office, advance, new_key, problem
from fixtures.eventually import assert_eventually
from page_hands import Pages, browsing

from console.app import add_console


@pytest_asyncio.fixture(scope="module")
async def desk(office: Office) -> AsyncIterator[Pages]:
    add_console(office.app)
    async with browsing(office, "supervisor1") as pages:
        yield pages


async def reworked(office: Office) -> str:
    number = await office("operator1").new_case()
    await advance(office, number, until="review_reply")
    answer = await office("revisitor1").command(number, "record_revisit", UNSOLVED | {"opinion": "路面没修"})
    assert answer.status_code == 200
    return number


async def test_time_machine_tells_what_the_api_answered_then(office: Office, desk: Pages) -> None:
    number = await office("operator1").new_case()
    supervisor = office("supervisor1")
    answered = []
    done = 0
    for stage in ("dispatch_case", "log_contact", "review_reply"):
        done = await went_on(office, number, done, until=stage)
        now, hands = await supervisor.case(number), await supervisor.get(f"/cases/{number}/hands")
        answered.append(((await supervisor.facts(number))[-1]["at"], now, hands.json()["items"]))
    assert len({now["status"] for _, now, _ in answered}) == 3
    for at, then, hands_then in answered:
        told = (await supervisor.get(f"/cases/{number}", at=at)).json()
        same = set(then) - {"as_of", "next_actions", "holdings", "clocks"}
        assert {name: told[name] for name in same} == {name: then[name] for name in same}
        assert told["next_actions"] == []
        assert [clock["due_at"] for clock in told["clocks"]] == [clock["due_at"] for clock in then["clocks"]]
        chain = (await supervisor.get(f"/cases/{number}/hands", at=at)).json()["items"]
        who = ("holder", "cause", "since", "until")
        assert [[hand[name] for name in who] for hand in chain] == [
            [hand[name] for name in who] for hand in hands_then
        ]
        page = (await desk.get(f"/cases/{number}", at=at)).text
        assert "当时的情况" in page
        assert f'status">{then["status_label"]}<' in page
        assert "/commands/" not in page
        assert 'data-watch="case' not in page


async def went_on(office: Office, number: str, done: int, *, until: str) -> int:
    """Lead a case on from the stages that are done; returns how many are done then."""
    upto = STAGES.index(until) + 1
    for user, kind, form in LIFE[done:upto]:
        answer = await office(user).command(number, kind, form())
        assert answer.status_code == 200, answer.text
    return upto


async def test_time_machine_shows_no_future_and_nothing_before_the_beginning(
    office: Office, desk: Pages
) -> None:
    number = await office("operator1").new_case()
    for at, status, code in (
        ("2099-01-01T00:00:00+08:00", 422, "instant_in_future"),
        ("2020-01-01T00:00:00+08:00", 404, "case_not_found"),
    ):
        for path in ("", "/hands"):
            problem(await office("supervisor1").get(f"/cases/{number}{path}", at=at), status, code)
        assert (await desk.get(f"/cases/{number}", at=at)).status_code == status


async def test_what_is_typed_is_the_time_of_shanghai(desk: Pages) -> None:
    answer = await desk.get("/cases/261122000000010001/then", at="2026-11-20T09:30:00")
    assert answer.headers["location"] == "/cases/261122000000010001?at=" + quote(
        "2026-11-20T09:30:00+08:00", safe=""
    )


async def test_case_page_draws_hands_clocks_pauses_and_tells_the_same_in_a_table(
    office: Office, desk: Pages
) -> None:
    number = await reworked(office)
    page = (await desk.get(f"/cases/{number}")).text
    drawing = page[page.index('<svg class="life-drawing"') : page.index("</svg></div>")]
    assert re.findall(r"life-band is-(\w+)", drawing)[-1] == "rectification"
    assert "revisit" in re.findall(r"life-band is-(\w+)", drawing)
    assert 'fill="url(#pause)"' in drawing
    assert "life-now" in drawing
    assert "style=" not in page
    lines = re.findall(r'<text class="life-name"[^>]*>([^<]+)<', drawing)[1:]
    table = re.findall(r'<th scope="row">([^<]+)</th>', page)
    assert lines == table
    assert {"派单", "签收", "办理", "审核", "回访", "重办"} <= set(table)
    for x, width in re.findall(
        r'<rect class="life-\w+[^"]*" x="([\d.]+)" y="[\d.]+" width="([\d.]+)"', drawing
    ):
        assert float(x) + float(width) <= 962


async def test_case_page_has_the_join_bar_and_every_call(office: Office, desk: Pages) -> None:
    number = await office("operator1").new_case()
    order = {"lead": "U120", "assists": [{"unit": "U130", "days": 2}]}
    assert (await office("dispatcher1").command(number, "dispatch_case", order)).status_code == 200
    page = (await desk.get(f"/cases/{number}")).text
    assert "待签收" in page
    assert "待回复" in page
    assert (await office("handler-U120").command(number, "sign_for")).status_code == 200
    given = {"text": "已提供施工许可材料"}
    assert (await office("handler-U130").command(number, "assist_reply", given)).status_code == 200
    page = (await desk.get(f"/cases/{number}")).text
    assert page.count('class="is-done"') == 2
    told = {"outcome": "no_answer", "at": (await office("supervisor1").facts(number))[-1]["at"]}
    assert (await office("handler-U120").command(number, "log_contact", told)).status_code == 200
    page = (await desk.get(f"/cases/{number}")).text
    assert "回拨和联系记录" in page
    assert "无人接听" in page


async def test_cases_of_a_mass_event_say_so_and_lead_to_each_other(office: Office, desk: Pages) -> None:
    area = f"a{new_key()[:8]}"
    numbers = [
        await office("operator1").new_case(caller_phone=f"1370000{n:04d}", category="noise", area=area)
        for n in range(5)
    ]
    master, member, *_rest = numbers
    bursts = (await office("supervisor1").get("/bursts")).json()["items"]
    [burst] = [one["burst_id"] for one in bursts if one["area"] == area]
    assert "并入的工单" not in (await desk.get(f"/cases/{master}")).text
    await advance(office, master, until="sign_for")
    form = {"members": [member], "reason": "同一工地", "burst_id": burst}
    assert (await office("supervisor1").post(f"/cases/{master}/mass-event", form)).is_success

    async def both_say_so() -> None:
        for number, other in ((master, member), (member, master)):
            page = (await desk.get(f"/cases/{number}")).text
            assert "群体性诉求" in page.partition('id="case"')[2]
            assert "2 人" in page
            assert f'href="/cases/{other}"' in page
            assert f'href="/mass/{burst}"' in page

    await assert_eventually(both_say_so)
    async with browsing(office, HEAD) as unit:
        page = (await unit.get(f"/cases/{master}")).text
    assert "2 人" in page
    assert f'href="/mass/{burst}"' not in page
