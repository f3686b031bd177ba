"""筛查 over HTTP: an officer sees what the rules found among the units they supervise, and decides on it."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from api_doors import Browser, Doors, doors_of
from api_hands import Person, problem
from api_premises import migrated
from fixtures.cases import new_number
from fixtures.stack import PostgresForTests
from sqlalchemy import select
from unit import lives

from api.screener import ScreeningKeeper
from console.app import add_console
from hotline.calendar import SHANGHAI
from hotline.case import Actor
from hotline.commands import IssueCard, LogContact, RecordRevisit, ReviewReply, SignFor, SubmitReply
from hotline.identifiers import CaseNo, UnitCode, UserId
from hotline.vocabulary import AlarmCode, ContactOutcome, Role
from store.projection import project
from store.screening import screen_cases
from store.tables.accountability import dossier_intake
from store.trail import TrailFilters, entries

OWN, FOREIGN = UnitCode("U120"), UnitCode("U130")
REASON = {"reason": "经核对录音，承办单位已联系诉求人"}


def untrue(unit: UnitCode) -> lives.Life:
    """A case of a unit whose citizen says that the reply is not true."""
    handler = Actor(user_id=UserId(f"handler-{unit}"), role=Role.HANDLER, unit=unit)
    life = lives.registered(case_no=new_number()).then(lives.dispatch(unit), lives.DISPATCHER)
    life.then(SignFor(), handler)
    life.then(LogContact(outcome=ContactOutcome.REACHED, at=life.now, note=lives.TEXT), handler)
    photo = (lives.evidence(life.now),)
    signer = UserId(f"head-{unit}")
    life.then(SubmitReply(text=lives.TEXT, evidence=photo, citation=lives.TEXT, signer=signer), handler)
    life.then(ReviewReply(accepted=True), lives.REVIEWER)
    asked = RecordRevisit(contacted=True, solved=True, truthful=False, satisfaction=3)
    return life.then(asked, lives.REVISITOR)


@pytest_asyncio.fixture(scope="module")
async def doors(postgres: PostgresForTests, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Doors]:
    """An office in demonstration, whose officers have their groups."""
    fresh = await postgres.create_database(prepared_by=migrated)
    async with doors_of(fresh, tmp_path_factory.mktemp("doors"), demo_mode=True) as doors:
        # The rules are laid against what there is now, so that the office's own keeper finds nothing to do later.
        await ScreeningKeeper(doors.services.database).keep(doors.clock.now())
        yield doors


@pytest_asyncio.fixture
async def found(doors: Doors) -> dict[UnitCode, CaseNo]:
    """A case of the unit that discipline1's group supervises, and one of another."""
    numbers = {}
    doors.clock.pass_by(minutes=1)
    for unit in (OWN, FOREIGN):
        life = untrue(unit)
        number = numbers[unit] = life.state.case_no
        async with doors.services.database.write() as session:
            await project(session, number, life.facts)
            # In the same transaction, so that the office's own keeper, which has another clock, is not first.
            at = doors.clock.now()
            assert await screen_cases(session, [number], lives.POLICY, at=at)
    return numbers


def officer(doors: Doors, user: str = "discipline2") -> Person:
    return doors.bearer(doors.tokens[user])


async def listed(person: Person, **asked: Any) -> dict[str, dict[str, Any]]:
    answer = await person.get("/screening/hits", **asked)
    assert answer.status_code == 200, answer.text
    return {item["case_no"]: item for item in answer.json()["items"]}


async def test_stationed_group_sees_the_units_it_supervises(
    doors: Doors, found: dict[UnitCode, CaseNo]
) -> None:
    own, foreign = await listed(officer(doors, "discipline1")), await listed(officer(doors))
    assert found[OWN] in own
    assert found[FOREIGN] not in own
    assert set(found.values()) <= set(foreign)
    hidden = f"{found[FOREIGN]}-SC01"
    problem(await officer(doors, "discipline1").get(f"/screening/hits/{hidden}"), 404, "hit_not_found")
    problem(
        await officer(doors, "discipline1").post(f"/screening/hits/{hidden}/dismiss", REASON),
        404,
        "hit_not_found",
    )


async def test_hit_shows_its_rule_and_the_facts_behind_it(
    doors: Doors, found: dict[UnitCode, CaseNo]
) -> None:
    hit = (await officer(doors).get(f"/screening/hits/{found[OWN]}-SC01")).json()
    assert (hit["rule"], hit["label"], hit["state"]) == ("false_closing", "虚假办结", "pending")
    assert hit["because"] == ["回访反映办理结果与实际不符"]
    assert [fact["tag"] for fact in hit["shown_by"]] == ["revisit:recorded"]
    assert [fact["seq"] for fact in hit["shown_by"]] == hit["evidence"]
    assert hit["rulings"] == []


async def test_dismissed_hit_gets_a_second_opinion(doors: Doors, found: dict[UnitCode, CaseNo]) -> None:
    number = f"{found[OWN]}-SC01"
    first, second = officer(doors, "discipline1"), officer(doors)
    dismissed = (await first.post(f"/screening/hits/{number}/dismiss", REASON)).json()
    assert (dismissed["state"], dismissed["ruled_by"]) == ("dismissed", "discipline1")
    problem(await first.post(f"/screening/hits/{number}/reopen", REASON), 403, "own_ruling")
    problem(await second.post(f"/screening/hits/{number}/dismiss", REASON), 409, "hit_ruled")
    again = {"reason": "录音与承办单位所述不一致"}
    reopened = (await second.post(f"/screening/hits/{number}/reopen", again)).json()
    assert reopened["state"] == "pending"
    assert [(line["ruling"], line["reason"]) for line in reopened["rulings"]] == [
        ("dismissed", REASON["reason"]),
        ("reopened", again["reason"]),
    ]
    assert (await listed(second, state="pending", case_no=found[OWN]))[found[OWN]]["hit_no"] == number
    async with doors.services.database.read() as session:
        told = await entries(session, TrailFilters(case_no=found[OWN]))
    assert [(line.event.value, line.actor and line.actor.user_id) for line in told] == [
        ("screening:ruled", "discipline2"),
        ("screening:ruled", "discipline1"),
    ]


async def test_decision_needs_a_reason(doors: Doors, found: dict[UnitCode, CaseNo]) -> None:
    answer = await officer(doors).post(f"/screening/hits/{found[OWN]}-SC01/dismiss", {"reason": " "})
    problem(answer, 422, "invalid_input")


async def test_auditor_reads_and_decides_nothing(doors: Doors, found: dict[UnitCode, CaseNo]) -> None:
    auditor = officer(doors, "auditor1")
    assert set(found.values()) <= set(await listed(auditor))
    answer = await auditor.post(f"/screening/hits/{found[OWN]}-SC01/dismiss", REASON)
    problem(answer, 403, "role_not_permitted")


async def test_units_and_the_hotline_learn_nothing_of_screening(
    doors: Doors, found: dict[UnitCode, CaseNo]
) -> None:
    for user in ("head-U120", "handler-U120", "supervisor1", "dispatcher1", "leader1", "administrator1"):
        person = officer(doors, user)
        for path in ("/screening/hits", f"/screening/hits/{found[OWN]}-SC01", "/screening/statistics"):
            problem(await person.get(path), 403, "role_not_permitted")


async def test_statistics_count_per_rule_and_tell_how_old_the_oldest_is(
    doors: Doors, found: dict[UnitCode, CaseNo]
) -> None:
    since = doors.clock.now().isoformat()
    doors.clock.pass_by(hours=3)
    asked = {"since": since, "until": doors.clock.now().isoformat()}
    before = (await officer(doors).get("/screening/statistics", **asked)).json()
    assert [(line["rule"], line["hits"], line["clue_share"]) for line in before["items"]] == [
        ("false_closing", 2, 0.0)
    ]
    assert before["oldest_pending_seconds"] == 3 * 3600
    assert before["unread_cases"] == 0
    for number in found.values():
        await officer(doors).post(f"/screening/hits/{number}-SC01/dismiss", REASON)
    after = (await officer(doors).get("/screening/statistics", **asked)).json()
    [line] = after["items"]
    assert (line["pending"], line["dismissed"], after["oldest_pending_at"]) == (0, 2, None)


async def test_list_pages_to_its_end(doors: Doors, found: dict[UnitCode, CaseNo]) -> None:
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await officer(doors).get("/screening/hits", limit=1, **cursor)).json()
        seen += [item["hit_no"] for item in page["items"]]
        if not page["next_cursor"]:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert len(seen) == len(set(seen))
    assert {f"{number}-SC01" for number in found.values()} <= set(seen)


# ── a hit becomes a clue 转问题线索 ──────────────────────────────────────────────────────────────────

CLUE = {"reason": "承办单位虚报办理结果，回访与现场均不符"}


async def registered(doors: Doors, hit: str) -> list[str]:
    """Every file that came of a hit, whether the engine has it or not."""
    query = select(dossier_intake.c.dossier_no).where(dossier_intake.c.cause == f"screening/{hit}")
    async with doors.services.database.read() as session:
        return list(await session.scalars(query))


async def test_hit_becomes_a_registered_file_once(doors: Doors, found: dict[UnitCode, CaseNo]) -> None:
    number = f"{found[OWN]}-SC01"
    path = f"/screening/hits/{number}"
    made = (await officer(doors, "discipline1").post(f"{path}/clue", CLUE)).json()
    [dossier_no] = await registered(doors, number)
    assert (made["state"], made["rulings"][0]["dossier_no"]) == ("clue", dossier_no)
    problem(await officer(doors).post(f"{path}/clue", CLUE), 409, "hit_ruled")
    problem(await officer(doors).post(f"{path}/reopen", REASON), 409, "hit_ruled")
    told = (await officer(doors, "auditor1").get(path)).json()
    assert (told["state"], told["rulings"][0]["dossier_no"]) == ("clue", None), (
        "no file is named to an auditor"
    )
    assert dossier_no not in str((await officer(doors).get("/screening/hits", state="clue")).json())


async def test_file_is_registered_once_though_the_decision_was_lost(
    doors: Doors, found: dict[UnitCode, CaseNo], monkeypatch: pytest.MonkeyPatch
) -> None:
    number = f"{found[FOREIGN]}-SC01"

    async def dies(*_: object, **__: object) -> None:
        raise OSError

    with monkeypatch.context() as patched:
        patched.setattr("api.screening.rule_on_hit", dies)
        assert (await officer(doors).post(f"/screening/hits/{number}/clue", CLUE)).status_code == 500
    before = await registered(doors, number)
    assert len(before) == 1
    again = (await officer(doors).post(f"/screening/hits/{number}/clue", CLUE)).json()
    assert [ruling["dossier_no"] for ruling in again["rulings"]] == before


async def test_decision_that_is_asked_for_again_after_a_lost_answer_is_the_same(
    doors: Doors, found: dict[UnitCode, CaseNo]
) -> None:
    path = f"/screening/hits/{found[OWN]}-SC01"
    first = await officer(doors).post(f"{path}/clue", CLUE)
    assert first.status_code == 200
    for again in (CLUE, CLUE | {"units": [OWN]}):
        repeated = await officer(doors).post(f"{path}/clue", again)
        assert (repeated.status_code, repeated.json()) == (200, first.json())
    for other in (CLUE | {"units": [FOREIGN]}, CLUE | {"reason": "另有发现"}):
        problem(await officer(doors).post(f"{path}/clue", other), 409, "hit_ruled")
    problem(await officer(doors, "discipline1").post(f"{path}/clue", CLUE), 409, "hit_ruled")
    assert len(await registered(doors, f"{found[OWN]}-SC01")) == 1


async def test_officer_makes_no_clue_about_a_unit_out_of_reach(
    doors: Doors, found: dict[UnitCode, CaseNo]
) -> None:
    path = f"/screening/hits/{found[OWN]}-SC01"
    refused = await officer(doors, "discipline1").post(f"{path}/clue", CLUE | {"units": [FOREIGN]})
    problem(refused, 422, "subject_out_of_scope")
    problem(await officer(doors).post(f"{path}/clue", CLUE | {"units": ["U999"]}), 422, "unit_unknown")
    assert (await officer(doors).get(path)).json()["state"] == "pending"
    assert await registered(doors, f"{found[OWN]}-SC01") == []


# ── what several measures lead to 联动提请 ─────────────────────────────────────────────────────────


@pytest_asyncio.fixture(scope="module")
async def proposed(doors: Doors) -> str:
    """Two red cards of the unit that discipline1's group supervises."""
    card = IssueCard(unit=OWN, card=AlarmCode.RED_CARD, reason=lives.TEXT)
    at = datetime.now(UTC)
    for _ in range(2):
        life = lives.registered(case_no=new_number(), registered_at=at)
        life.then(lives.dispatch(OWN), lives.DISPATCHER, after=timedelta(0))
        life.then(card, lives.SUPERVISOR, after=timedelta(0))
        async with doors.services.database.write() as session:
            await project(session, life.state.case_no, life.facts)
            assert await screen_cases(session, [life.state.case_no], lives.POLICY, at=at) == ()
    return f"LD{at.astimezone(SHANGHAI):%Y%m}-{OWN}-red_cards"


async def test_proposal_is_seen_by_who_answers_for_the_unit_and_declined_with_a_reason(
    doors: Doors, proposed: str
) -> None:
    for user in ("supervisor1", "leader1", "discipline1", "discipline2", "auditor1"):
        [item] = (await officer(doors, user).get("/supervision/proposals", state="pending")).json()["items"]
        assert (item["proposal_no"], item["proposes_label"], item["counted"], item["still_holds"]) == (
            proposed,
            "约谈",
            2,
            True,
        )
        assert len(item["measures"]) == 2
    path = f"/supervision/proposals/{proposed}"
    problem(await officer(doors, "discipline1").post(f"{path}/decline", REASON), 403, "role_not_permitted")
    problem(await officer(doors, "head-U120").get("/supervision/proposals"), 403, "role_not_permitted")
    nowhere = await officer(doors, "supervisor1").post("/supervision/proposals/LD1/decline", REASON)
    problem(nowhere, 404, "proposal_not_found")
    wrong = {"measure": f"{new_number()}-YT01", "reason": "已约谈"}
    refused = await officer(doors, "supervisor1").post(f"{path}/take-up", wrong)
    problem(refused, 422, "measure_not_proposed")
    declined = (await officer(doors, "supervisor1").post(f"{path}/decline", REASON)).json()
    assert (declined["state"], declined["ruled_by"], declined["reason"]) == (
        "declined",
        "supervisor1",
        REASON["reason"],
    )
    again = await officer(doors, "leader1").post(f"{path}/decline", REASON)
    problem(again, 409, "proposal_ruled")


# ── pages ───────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def pages(doors: Doors) -> Doors:
    """The office with its console."""
    add_console(doors.office.app)
    return doors


async def seated(pages: Doors, user: str) -> Browser:
    browser = pages.browser(user)
    own = {"Origin": browser.origin, "Sec-Fetch-Site": "same-origin"}
    entered = await browser.http.post("/login/demo", data={"user_id": user}, headers=own)
    assert entered.status_code == 303
    page = await browser.http.get("/notices")
    token = re.search(r'"X-CSRF-Token": "([0-9a-f]+)"', page.text)
    assert token is not None
    browser.http.headers.update(own | {"X-CSRF-Token": token[1]})
    return browser


async def test_hit_is_ruled_on_from_its_page_and_reopened_by_another(
    pages: Doors, found: dict[UnitCode, CaseNo]
) -> None:
    first, second = await seated(pages, "discipline2"), await seated(pages, "discipline3")
    path = f"/screening/{found[OWN]}-SC01"
    queue = (await first.http.get("/screening?state=pending")).text
    assert f'href="{path}"' in queue
    shown = (await first.http.get(path)).text
    assert "回访反映办理结果与实际不符" in shown
    assert f'hx-get="{path}/dismiss"' in shown
    empty = await first.http.post(f"{path}/dismiss", data={"reason": " "})
    assert (empty.status_code, "此项必填" in empty.text) == (422, True)
    filed = await first.http.post(f"{path}/dismiss", data=REASON)
    assert "排除：已办理" in filed.text
    again = await second.http.post(f"{path}/dismiss", data=REASON)
    assert (again.status_code, REASON["reason"] in again.text) == (409, True)
    assert "/reopen" not in (await first.http.get(path)).text
    assert f'hx-get="{path}/reopen"' in (await second.http.get(path)).text
    reopened = await second.http.post(f"{path}/reopen", data={"reason": "录音与所述不一致"})
    assert "待处理" in reopened.text
    assert REASON["reason"] in (await second.http.get(path)).text


async def test_auditor_reads_hits_and_is_offered_no_decision(
    pages: Doors, found: dict[UnitCode, CaseNo]
) -> None:
    auditor = await seated(pages, "auditor1")
    path = f"/screening/{found[OWN]}-SC01"
    assert f'href="{path}"' in (await auditor.http.get("/screening")).text
    shown = await auditor.http.get(path)
    assert (shown.status_code, f"{path}/dismiss" in shown.text) == (200, False)
    assert (await auditor.http.post(f"{path}/dismiss", data=REASON)).status_code == 403
