"""A secret caller is seen by nobody in passing, opened for a reason, and each opening is listed."""

from typing import Any

import pytest
import pytest_asyncio
from api_gate import exposed
from api_hands import HANDLER, HEAD, UNIT, Office, advance, new_key, now, opened, problem, reply

from hotline.vocabulary import TrailEvent
from runtime.settings import Settings
from store.engine import Database
from store.failures import DatabaseUnavailable
from store.trail import TrailFilters, entries

NAME, PHONE, ADDRESS = "尉迟保密", "13911112222", "东湖区暗巷9号1单元101室"
TITLE = "反映人尉迟保密投诉工地"
CONTENT = "我是尉迟保密，电话 139 1111 2222，家住暗巷9号1单元101室，工地夜间施工。"


@pytest_asyncio.fixture(scope="module")
async def secret(office: Office) -> str:
    """A secret case in hand whose texts give its caller away."""
    number = await office("operator1").new_case(
        secret=True, caller_name=NAME, caller_phone=PHONE, address=ADDRESS, title=TITLE, content=CONTENT
    )
    await advance(office, number, until="sign_for")
    await office("operator1").command(number, "add_facts", {"text": f"{NAME}补充：昨晚又施工"})
    return number


async def open_it(office: Office, user: str, number: str, reason: str = "回访需要联系") -> Any:
    return await office(user).post(f"/cases/{number}/caller/open", {"reason": reason})


async def openings(office: Office, **filters: Any) -> list[dict[str, Any]]:
    answer = await office("auditor1").get("/openings", **filters)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


@pytest.mark.parametrize("user", ["operator1", "dispatcher1", "revisitor1", "supervisor1"])
async def test_the_hotline_sees_a_mask_and_opens_with_a_reason(
    office: Office, secret: str, user: str
) -> None:
    caller = (await office(user).case(secret))["caller"]
    assert (caller["name"], caller["phone"], caller["masked"]) == ("尉迟**", "139****2222", True)
    assert caller["address"] == "东湖区****"
    answer = await open_it(office, user, secret, reason=f"{user} 需要回电")
    assert answer.status_code == 200
    opened_as = answer.json()
    assert [opened_as[part] for part in ("name", "phone", "address")] == [NAME, PHONE, ADDRESS]
    (listed, *_) = await openings(office, case_no=secret, actor_id=user)
    assert listed["entry"] == opened_as["entry"]
    assert listed["actor"] == {"user_id": user, "role": user.rstrip("1"), "unit": None}
    assert (listed["fields"], listed["reason"]) == (["name", "phone", "address"], f"{user} 需要回电")


@pytest.mark.parametrize("user", [HANDLER, HEAD, "leader1", "discipline1", "administrator1", "auditor1"])
async def test_others_see_nothing_and_open_nothing(office: Office, secret: str, user: str) -> None:
    person = office(user)
    view = await person.case(secret)
    assert view["caller"] is None
    page = (await person.get(f"/cases/{secret}/facts")).text
    lists = (await person.get("/cases", limit=200)).text
    for shown in (str(view), page, lists):
        for trace in (NAME, PHONE, "1111 2222", "暗巷9号", "1单元101室"):
            assert trace not in shown
    assert "工地夜间施工" in view["content"]
    problem(await open_it(office, user, secret), 403, "role_not_permitted")
    assert await openings(office, actor_id=user) == []


async def test_a_search_does_not_tell_what_the_texts_hide(office: Office, secret: str) -> None:
    async def finds(user: str, words: str) -> bool:
        answer = await office(user).get("/cases", text=words, limit=200)
        return secret in {row["case_no"] for row in answer.json()["items"]}

    assert await finds("operator1", NAME)
    assert await finds("operator1", PHONE)
    for user in (HANDLER, "leader1"):
        assert await finds(user, "夜间施工")
        assert not await finds(user, NAME)
        assert not await finds(user, PHONE)


async def test_an_open_case_of_the_same_caller_does_not_lead_to_the_secret_one(
    office: Office, secret: str
) -> None:
    plain = await office("operator1").new_case(caller_name=NAME, caller_phone=PHONE)
    await advance(office, plain, until="sign_for")
    known_as = (await office(HANDLER).case(plain))["caller"]["hash"]

    async def listed(user: str) -> set[str]:
        answer = await office(user).get("/cases", caller_hash=known_as, limit=200)
        return {row["case_no"] for row in answer.json()["items"]}

    assert await listed(HANDLER) == {plain}
    assert {plain, secret} <= await listed("operator1")


async def test_a_secret_repeat_names_no_earlier_case_to_the_unit(office: Office) -> None:
    what = {"caller_phone": "13911113333", "category": "noise", "area": "donghu"}
    first = await office("operator1").new_case(**what)
    again = await office("operator1").new_case(**what, secret=True)
    later = await office("operator1").new_case(**what)
    for number in (first, again, later):
        form = {"lead": UNIT, "new_facts": "另一处工地"}
        assert (await office("dispatcher1").command(number, "dispatch_case", form)).status_code == 200
    for number, earlier in ((again, first), (later, again)):
        assert (await office("operator1").case(number))["repeat_of"] == earlier
        assert (await office(HANDLER).case(number))["repeat_of"] is None
        assert earlier not in (await office(HANDLER).get(f"/cases/{number}/facts")).text


async def test_what_cannot_be_recorded_is_not_opened(
    office: Office, secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = len(await openings(office, case_no=secret))

    async def fails(*_: object) -> int:
        raise DatabaseUnavailable("away")

    monkeypatch.setattr("api.opening.record", fails)
    answer = await open_it(office, "operator1", secret)
    problem(answer, 503, "database_unavailable")
    assert NAME not in answer.text
    assert len(await openings(office, case_no=secret)) == before


async def test_a_reason_is_required_and_is_sealed(
    office: Office, secret: str, api_settings: Settings
) -> None:
    for body in ({}, {"reason": "  "}, {"reason": "x", "more": 1}):
        answer = await office("operator1").post(f"/cases/{secret}/caller/open", body)
        problem(answer, 422, "invalid_input")
    await open_it(office, "operator1", secret, reason=f"联系{NAME}")
    assert api_settings.database_url
    database = Database.connect(api_settings.database_url)
    async with database.read() as session:
        (line, *_) = await entries(session, TrailFilters(event=TrailEvent.CALLER_OPENED), limit=1)
    await database.close()
    assert NAME not in line.model_dump_json()
    assert (await openings(office, case_no=secret))[0]["reason"] == f"联系{NAME}"


async def test_openings_are_for_the_auditor_and_come_in_pages(office: Office, secret: str) -> None:
    for _ in range(3):
        await open_it(office, "operator1", secret)
    for user in ("operator1", "supervisor1", "administrator1", HANDLER):
        problem(await office(user).get("/openings"), 403, "role_not_permitted")
    first = (await office("auditor1").get("/openings", case_no=secret, limit=2)).json()
    rest = await openings(office, case_no=secret, before=first["next_before"], limit=200)
    numbers = [item["entry"] for item in first["items"] + rest]
    assert numbers == sorted(numbers, reverse=True)
    assert len(set(numbers)) == len(numbers) >= 3


async def test_opening_needs_no_engine_and_no_adopted_case(
    api_settings: Settings, tokens: dict[str, str], secret: str
) -> None:
    async with exposed(api_settings) as gates:
        await gates.engine.shut()
        async with opened(gates.settings, tokens) as cut_off:
            answer = await cut_off("operator1").register(
                secret=True, caller_name=NAME, key=new_key(), channel="visit"
            )
            receipt = answer.json()
            assert not receipt["adopted"]
            for number in (receipt["case_no"], secret):
                assert (await open_it(cut_off, "revisitor1", number)).json()["name"] == NAME


async def test_a_case_that_is_none_cannot_be_opened(office: Office) -> None:
    problem(await open_it(office, "operator1", "0" * 18), 404, "case_not_found")


async def test_contact_of_a_secret_case_by_the_hotline_is_evidence_for_the_reply(office: Office) -> None:
    number = await office("operator1").new_case(secret=True)
    await advance(office, number, until="sign_for")
    assert "log_contact" not in (await office(HANDLER).case(number))["next_actions"]
    problem(await office(HANDLER).command(number, "submit_reply", reply()), 422, "contact_evidence_missing")
    contact = {"outcome": "reached", "at": now()}
    problem(
        await office(HANDLER).command(number, "log_contact", contact), 403, "secret_contact_through_hotline"
    )
    assert (await office("operator1").command(number, "log_contact", contact)).status_code == 200
    assert (await office(HANDLER).command(number, "submit_reply", reply())).status_code == 200
