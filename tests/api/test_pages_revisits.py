"""The revisit desk by plain requests: the queue, the attempts, the three questions, and who may ask."""

import re
from collections.abc import AsyncIterator

import pytest_asyncio
from api_hands import UNSOLVED, Office, advance, problem
from page_hands import PART, Pages, browsing

from console.app import add_console

ANSWER = {"contacted": "true", "solved": "true", "truthful": "true", "satisfaction": "5", "channel": "phone"}
DESK = "desk-record_revisit"


@pytest_asyncio.fixture(scope="module")
async def revisitor(office: Office) -> AsyncIterator[Pages]:
    add_console(office.app)
    async with browsing(office, "revisitor1") as pages:
        yield pages


async def to_revisit(office: Office, **fields: str) -> str:
    number = await office("operator1").new_case(**fields)
    await advance(office, number, until="review_reply")
    return number


async def listed(office: Office, number: str, queue: str) -> dict[str, object] | None:
    page = (await office("revisitor1").get("/revisits", queue=queue, limit=200)).json()
    return next((line for line in page["items"] if line["case_no"] == number), None)


async def test_a_case_waits_in_the_queue_until_it_was_asked(office: Office, revisitor: Pages) -> None:
    number = await to_revisit(office)
    line = await listed(office, number, "to_ask")
    assert line is not None
    assert (line["attempts"], line["attempts_left"], line["next_attempt_at"]) == ([], 3, None)
    assert line["due_at"] is not None
    page = (await revisitor.get("/revisits")).text
    assert number in page
    assert "现在可打" in page

    done = await revisitor.file(number, "record_revisit", DESK, **ANSWER)
    assert (done.status_code, done.headers["hx-retarget"]) == (200, "#told")
    assert await listed(office, number, "to_ask") is None
    assert "目前不需要回访" in (await revisitor.get(f"/revisits/{number}")).text


async def test_a_call_that_is_not_answered_is_one_click_and_the_next_one_has_to_wait(
    office: Office, revisitor: Pages
) -> None:
    number = await to_revisit(office)
    page = (await revisitor.get(f"/revisits/{number}")).text
    assert set(re.findall(r'name="outcome" value="(\w+)"', page)) == {
        "no_answer",
        "busy",
        "wrong_number",
        "declined",
        "no_contact",
    }
    done = await revisitor.file(number, "log_revisit_attempt", "attempt-problem", outcome="busy")
    assert done.headers["hx-retarget"] == "#told"
    line = await listed(office, number, "to_ask")
    assert line is not None
    assert (line["attempts_left"], line["next_attempt_at"] is not None) == (2, True)
    again = (await revisitor.get(f"/revisits/{number}")).text
    assert "两次回访之间须有间隔" in again
    assert 'name="outcome"' not in again
    refused = await revisitor.file(number, "log_revisit_attempt", "attempt-problem", outcome="busy")
    assert (refused.status_code, "两次回访尝试间隔过短" in refused.text) == (409, True)


async def test_a_case_that_cannot_be_reached_waits_for_its_message(office: Office) -> None:
    number = await to_revisit(office)
    given_up = await office("revisitor1").command(number, "log_revisit_attempt", {"outcome": "no_contact"})
    assert given_up.status_code == 200
    line = await listed(office, number, "window")
    assert line is not None
    assert line["due_at"] is not None


async def test_an_incomplete_answer_stays_in_its_place_as_it_was_filled_in(
    office: Office, revisitor: Pages
) -> None:
    number = await to_revisit(office)
    partly = {name: value for name, value in ANSWER.items() if name != "solved"}
    page = await revisitor.file(number, "record_revisit", DESK, **partly, opinion="还在等回复")
    assert page.status_code == 422
    assert re.findall(r'id="f-([a-z]+)-error"', page.text) == ["solved"]
    assert "还在等回复" in page.text
    assert f'hx-target="#{DESK}"' in page.text
    assert "照此询问" in page.text


async def test_unfavourable_answer_opens_a_round_and_another_person_may_ask_again(
    office: Office, revisitor: Pages
) -> None:
    number = await to_revisit(office)
    unsolved = ANSWER | {"solved": "false", "satisfaction": "1", "opinion": "路面还没有修"}
    assert (await revisitor.file(number, "record_revisit", DESK, **unsolved)).status_code == 200
    assert (await office("dispatcher1").case(number))["status"] == "rework"
    assert await listed(office, number, "again") is not None
    own = (await revisitor.get(f"/revisits/{number}")).text
    assert "second_revisit" not in own
    assert "路面还没有修" in own
    async with browsing(office, "revisitor2") as other:
        page = (await other.get(f"/revisits/{number}")).text
        assert 'id="desk-second_revisit"' in page
        done = await other.file(number, "second_revisit", "desk-second_revisit", **ANSWER)
        assert done.headers["hx-retarget"] == "#told"
    assert (await office("dispatcher1").case(number))["status"] == "completed"
    assert await listed(office, number, "again") is None


async def test_whoever_kept_contact_for_the_case_is_not_offered_to_ask(office: Office) -> None:
    number = await office("operator1").new_case()
    await advance(office, number, until="sign_for")
    told = {"outcome": "reached", "at": "2026-01-05T10:00:00+08:00"}
    too_early = await office("revisitor1").command(number, "log_contact", told)
    problem(too_early, 422, "contact_before_dispatch")
    facts = await office("revisitor1").facts(number)
    dispatched = next(fact for fact in facts if fact["tag"] == "assignment:signed")["at"]
    logged = await office("revisitor1").command(number, "log_contact", told | {"at": dispatched})
    assert logged.status_code == 200, logged.text
    for user, kind, form in (
        ("handler-U120", "log_contact", {"outcome": "reached", "at": dispatched}),
        ("handler-U120", "submit_reply", {"text": "已处理", "citation": "规定", "signer": "head-U120"}),
    ):
        evidence = {"evidence_id": "photo-1", "kind": "handling", "made_at": dispatched}
        body = form | ({"evidence": [evidence]} if kind == "submit_reply" else {})
        answer = await office(user).command(number, kind, body)
        assert answer.status_code == 200, answer.text
    assert (
        await office("dispatcher2").command(number, "review_reply", {"accepted": True})
    ).status_code == 200
    line = await listed(office, number, "to_ask")
    assert line is not None
    assert line["may_ask"] is False
    assert "record_revisit" not in (await office("revisitor1").case(number))["next_actions"]
    assert "record_revisit" in (await office("revisitor2").case(number))["next_actions"]
    problem(await office("revisitor1").command(number, "record_revisit", UNSOLVED), 403, "own_case")
    async with browsing(office, "revisitor1") as own:
        page = (await own.get(f"/revisits/{number}")).text
    assert "须由另一位回访员回访" in page


async def test_secret_caller_is_opened_with_a_reason_that_the_trail_keeps(
    office: Office, revisitor: Pages
) -> None:
    number = await office("operator1").new_case(secret=True)
    page = (await revisitor.get(f"/cases/{number}")).text
    assert "138-1234-5678" not in page
    assert f'hx-get="/cases/{number}/caller"' in page
    unsaid = await revisitor.post(f"/cases/{number}/caller", PART, reason=" ")
    assert (unsaid.status_code, "请写明开启理由" in unsaid.text) == (422, True)
    opened = await revisitor.post(f"/cases/{number}/caller", PART, reason="回访需要致电")
    assert "138-1234-5678" in opened.text
    openings = (await office("auditor1").get("/openings", case_no=number)).json()["items"]
    assert [(one["actor"]["user_id"], one["reason"]) for one in openings] == [("revisitor1", "回访需要致电")]
