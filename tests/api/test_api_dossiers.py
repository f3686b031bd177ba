"""Accountability over HTTP: clues come in, officers of every level act in turn, and nobody else hears of it."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import httpx
import pytest
from api_hands import UNIT, Office, new_key, problem

from api.dossier_examples import CLUE, PERSON, dossier_example_of
from api.dossier_forms import clue_form, dossier_commands, dossier_form_of
from api.ladder_keeper import propose_clue
from hotline.accountability import commands as c
from hotline.accountability.decide import RULES
from hotline.identifiers import CaseNo, UnitCode
from hotline.model import Message
from store.clues import LadderProposal, unadopted_clues

OFFICER, SECOND, TRIER = "discipline2", "discipline3", "discipline4"
STATIONED = "discipline1"
LEVELS = {"section": "section1", "deputy": "deputy1", "principal": "principal1"}
TEAM = [OFFICER, SECOND]
DOSSIERS = "/accountability/dossiers"


def clue(**fields: Any) -> dict[str, Any]:
    subjects = [{"kind": "organisation", "unit": UNIT}]
    said = {"source": "media", "subjects": subjects, "summary": "媒体反映该单位对群众诉求敷衍塞责"}
    return said | fields


async def raised(office: Office, user: str = OFFICER, **fields: Any) -> str:
    answer = await office(user).post(DOSSIERS, clue(**fields))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["dossier_no"])


async def act(
    office: Office, number: str, user: str, kind: str, form: Mapping[str, Any], **headers: Any
) -> httpx.Response:
    return await office(user).post(f"{DOSSIERS}/{number}/commands/{kind}", dict(form), **headers)


async def done(office: Office, number: str, user: str, kind: str, form: Mapping[str, Any]) -> dict[str, Any]:
    answer = await act(office, number, user, kind, form)
    assert answer.status_code == 200, (kind, answer.text)
    receipt: dict[str, Any] = answer.json()
    return receipt


async def seen(office: Office, number: str, user: str = OFFICER) -> dict[str, Any]:
    answer = await office(user).get(f"{DOSSIERS}/{number}")
    assert answer.status_code == 200, answer.text
    view: dict[str, Any] = answer.json()
    return view


async def approve(office: Office, number: str) -> dict[str, Any]:
    """Let every level whose turn it is approve what was proposed last."""
    while waiting := (await seen(office, number))["approvals"]:
        proposal = waiting[-1]
        form = {"proposal": proposal["number"], "approved": True, "opinion": "同意"}
        receipt = await done(office, number, LEVELS[proposal["level"]], "rule_on_proposal", form)
    return receipt


COMMANDS = list(dossier_commands())


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: RULES[command].kind)
def test_the_example_of_a_command_is_a_valid_form(command: type[Message]) -> None:
    dossier_form_of(command).model_validate(dossier_example_of(command))


def test_forms_ask_for_words_and_never_for_what_the_server_knows() -> None:
    draft = dossier_form_of(c.ProposeDecision).model_json_schema()["$defs"]["DecisionDraftForm"]["properties"]
    assert draft["facts"]["type"] == "string"
    assert not {"running_until", "subject"} & set(draft)
    asked = set(clue_form().model_json_schema()["properties"])
    assert asked == {"source", "cases", "subjects", "summary"}
    clue_form().model_validate(dict(CLUE))


async def test_a_clue_of_a_case_becomes_a_file_with_its_number_text_and_limit(office: Office) -> None:
    case_no = await office("operator1").new_case(accused_units=[UNIT])
    number = await raised(office, source="false_closing", cases=[case_no])
    assert number.startswith("WZ2")
    view = await seen(office, number)
    assert (view["stage"], view["cases"], view["units"]) == ("awaiting_plan", [case_no], [UNIT])
    assert view["texts"][view["file"]["summary"]["text_id"]] == clue()["summary"]
    assert [clock["kind"] for clock in view["clocks"]] == ["plan"]
    assert "plan_disposal" in view["next_actions"]
    listed = (await office(OFFICER).get(DOSSIERS, case_no=case_no)).json()["items"]
    assert [line["dossier_no"] for line in listed] == [number]


async def test_numbers_count_from_one_without_gaps_and_a_key_brings_the_same(office: Office) -> None:
    key = new_key()
    first, *others = await asyncio.gather(
        *(office(OFFICER).post(DOSSIERS, clue(), key=key) for _ in range(4))
    )
    assert {answer.json()["dossier_no"] for answer in (first, *others)} == {first.json()["dossier_no"]}
    assert sum(not answer.json()["replayed"] for answer in (first, *others)) == 1
    following = await raised(office)
    assert int(following[-6:]) == int(first.json()["dossier_no"][-6:]) + 1
    problem(await office(OFFICER).post(DOSSIERS, clue(source="rating"), key=key), 422, "key_reused")


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({"cases": ["0" * 18]}, "case_unknown", "cases"),
        ({"subjects": [{"kind": "organisation", "unit": "U999"}]}, "unit_unknown", "subjects"),
        (
            {
                "subjects": [
                    {"kind": "person", "person": "p-none", "position": {"unit": UNIT, "title": "队长"}}
                ]
            },
            "accused_unknown",
            "subjects",
        ),
        ({"subjects": []}, "invalid_input", "subjects"),
        ({"summary": "   "}, "invalid_input", "summary"),
    ],
)
async def test_clue_that_names_what_does_not_exist_is_refused(
    office: Office, fields: dict[str, Any], code: str, field: str
) -> None:
    answer = await office(OFFICER).post(DOSSIERS, clue(**fields))
    problem(answer, 422, code)
    assert answer.json()["field"].startswith(field)


# ── who may know ────────────────────────────────────────────────────────────────────────────────


async def test_whoever_may_not_know_is_told_what_they_are_told_of_no_file(office: Office) -> None:
    person = (await office(OFFICER).post("/accountability/persons", dict(PERSON))).json()["person"]
    elsewhere = await raised(office, subjects=[{"kind": "organisation", "unit": "U130"}])
    about_second = await raised(
        office,
        subjects=[
            {
                "kind": "person",
                "person": person,
                "account": SECOND,
                "position": {"unit": UNIT, "title": "干部"},
            }
        ],
    )
    for user, number in ((STATIONED, elsewhere), (SECOND, about_second)):
        for path in ("", "/facts"):
            hidden = await office(user).get(f"{DOSSIERS}/{number}{path}")
            nowhere = await office(user).get(f"{DOSSIERS}/WZ2020999999{path}")
            problem(hidden, 404, "dossier_not_found")
            assert hidden.json() == nowhere.json()
        refused = await act(office, number, user, "plan_disposal", {"disposal": "talk", "reason": "拟谈话"})
        problem(refused, 404, "dossier_not_found")
        listed = (await office(user).get(DOSSIERS, limit=200)).json()["items"]
        assert number not in [line["dossier_no"] for line in listed]
    assert (await seen(office, about_second))["names"] == {person: PERSON["name"]}
    problem(await office("administrator1").get(f"{DOSSIERS}/{elsewhere}"), 403, "role_not_permitted")


async def test_stationed_officer_registers_only_what_their_group_supervises(office: Office) -> None:
    own = await raised(office, STATIONED)
    assert (await seen(office, own, STATIONED))["registered_by"] == STATIONED
    foreign = clue(subjects=[{"kind": "organisation", "unit": "U130"}])
    problem(await office(STATIONED).post(DOSSIERS, foreign), 422, "subject_out_of_scope")


async def test_reading_a_file_leaves_a_trace_that_does_not_name_it(office: Office) -> None:
    number = await raised(office)
    await seen(office, number)
    lines = (await office("auditor1").get("/trail", actor=OFFICER, limit=5)).json()["items"]
    assert {"dossier:read", "dossier:registered"} <= {line["event"] for line in lines}
    assert number not in str(lines)


async def test_file_is_found_by_the_reference_that_cases_and_the_trail_use(office: Office) -> None:
    number = await raised(office, subjects=[{"kind": "organisation", "unit": "U130"}])
    await seen(office, number)
    lines = (await office("auditor1").get("/trail", actor=OFFICER, event="dossier:read", limit=1)).json()
    reference = lines["items"][0]["subject"]
    assert (await seen(office, reference))["dossier_no"] == number
    problem(await office(STATIONED).get(f"{DOSSIERS}/{reference}"), 404, "dossier_not_found")


async def test_list_of_what_waits_for_ones_approval_has_nothing_else(office: Office) -> None:
    async def waits_for(user: str) -> bool:
        answer = await office(user).get(DOSSIERS, yours=True, open=True, limit=200)
        lines = answer.json()["items"]
        assert all(any(one["yours"] for one in line["approvals"]) for line in lines)
        return number in [line["dossier_no"] for line in lines]

    number = await raised(office)
    await done(office, number, "section1", "plan_disposal", {"disposal": "talk", "reason": "拟谈话"})
    assert not await waits_for("section1"), "who proposed it does not approve it"
    number = await raised(office)
    await done(office, number, OFFICER, "plan_disposal", {"disposal": "talk", "reason": "拟谈话"})
    assert [await waits_for(user) for user in ("section1", "deputy1", OFFICER)] == [True, False, False]
    ruling = {"proposal": 1, "approved": True, "opinion": "同意"}
    await done(office, number, "section1", "rule_on_proposal", ruling)
    assert [await waits_for(user) for user in ("section1", "deputy1")] == [False, True]


async def test_lists_go_on_where_the_page_ended(office: Office) -> None:
    numbers = [await raised(office) for _ in range(3)]
    page = (await office(OFFICER).get(DOSSIERS, limit=2)).json()
    assert [line["dossier_no"] for line in page["items"]] == numbers[:0:-1]
    following = (await office(OFFICER).get(DOSSIERS, limit=2, cursor=page["next_cursor"])).json()
    assert following["items"][0]["dossier_no"] == numbers[0]
    problem(await office(OFFICER).get(DOSSIERS, cursor="bad"), 422, "bad_cursor")


# ── commands ────────────────────────────────────────────────────────────────────────────────────


async def test_proposal_is_approved_in_turn_by_others_of_the_right_level(office: Office) -> None:
    number = await raised(office)
    plan = {"disposal": "verification", "reason": "线索具体"}
    key = new_key()
    first = await act(office, number, OFFICER, "plan_disposal", plan, key=key)
    again = await act(office, number, OFFICER, "plan_disposal", plan, key=key)
    assert first.json() == again.json()
    ruling = {"proposal": 1, "approved": True, "opinion": "同意"}
    problem(await act(office, number, SECOND, "rule_on_proposal", ruling), 403, "level_not_permitted")
    problem(await act(office, number, "deputy1", "rule_on_proposal", ruling), 403, "level_not_next")
    mine = (await seen(office, number, "section1"))["approvals"]
    assert [(one["matter"], one["level"], one["yours"]) for one in mine] == [("plan", "section", True)]
    stale = await act(office, number, "section1", "rule_on_proposal", ruling, headers={"If-Match": '"1"'})
    problem(stale, 409, "stale_dossier")
    await done(office, number, "section1", "rule_on_proposal", ruling)
    assert (await done(office, number, "deputy1", "rule_on_proposal", ruling))["stage"] == "verification"
    facts = (await office(OFFICER).get(f"{DOSSIERS}/{number}/facts")).json()
    assert [fact["tag"] for fact in facts["items"]][:3] == [
        "clue:registered",
        "dossier_clock:started",
        "approval:proposed",
    ]
    assert "线索具体" in facts["texts"].values()


async def test_section_head_who_proposes_does_not_approve(office: Office) -> None:
    number = await raised(office)
    await done(office, number, "section1", "plan_disposal", {"disposal": "talk", "reason": "拟谈话了解"})
    ruling = {"proposal": 1, "approved": True, "opinion": "同意"}
    problem(await act(office, number, "section1", "rule_on_proposal", ruling), 403, "own_proposal")


async def test_named_officers_must_be_of_the_discipline_body(office: Office) -> None:
    number = await raised(office)
    await done(office, number, OFFICER, "plan_disposal", {"disposal": "verification", "reason": "可查"})
    await approve(office, number)
    outsider = {"team": [OFFICER, "operator1"]}
    problem(await act(office, number, "deputy1", "appoint_team", outsider), 422, "officer_unknown")
    await done(office, number, "deputy1", "appoint_team", {"team": TEAM})


async def test_registered_clue_that_the_engine_did_not_take_is_brought_to_it(office: Office) -> None:
    number = await raised(office)
    await office.services.clues.keep()
    async with office.services.database.read() as session:
        later = office.services.now() + timedelta(hours=1)
        waiting = await unadopted_clues(session, older_than=later)
    assert number not in [one.dossier_no for one in waiting]


# ── whole lives ─────────────────────────────────────────────────────────────────────────────────


async def approved(office: Office, number: str, user: str, kind: str, form: Mapping[str, Any]) -> None:
    await done(office, number, user, kind, form)
    await approve(office, number)


async def deciding(office: Office) -> tuple[str, str]:
    """A file about a person, from the clue to where a decision is proposed; and the id of the person."""
    person = (await office(OFFICER).post("/accountability/persons", {"name": "钱七"})).json()["person"]
    subject = {"kind": "person", "person": person, "position": {"unit": UNIT, "title": "副大队长"}}
    number = await raised(office, subjects=[subject])
    await approved(office, number, OFFICER, "plan_disposal", {"disposal": "verification", "reason": "可查"})
    await done(office, number, "deputy1", "appoint_team", {"team": TEAM})
    conclusion = {"opinion": "investigate", "report": "属实", "signers": TEAM}
    await approved(office, number, OFFICER, "submit_conclusion", conclusion)
    await approved(office, number, OFFICER, "open_investigation", {"team": TEAM, "reason": "涉嫌失职"})
    await approved(office, number, OFFICER, "submit_conclusion", conclusion | {"opinion": "decide"})
    return number, person


async def test_a_file_is_walked_from_the_clue_to_the_published_notice(office: Office) -> None:
    number, person = await deciding(office)
    form = dossier_example_of(c.ProposeDecision)
    unanswered = {name: value for name, value in form["draft"].items() if name != "tolerance"}
    refused = await act(office, number, TRIER, "propose_decision", form | {"draft": unanswered})
    problem(refused, 422, "invalid_input")
    stranger = await act(office, number, TRIER, "propose_decision", form | {"subject": 2})
    problem(stranger, 422, "unknown_subject")
    await done(office, number, TRIER, "propose_decision", form)
    unheard = await act(
        office, number, "deputy1", "rule_on_proposal", {"proposal": 5, "approved": True, "opinion": "同意"}
    )
    problem(unheard, 422, "not_heard")
    hearing = {"decision": 1, "told": "已告知", "statement": "无异议", "officers": [TRIER, SECOND]}
    await done(office, number, TRIER, "hear_defence", hearing)
    await approve(office, number)
    await done(office, number, TRIER, "serve_decision", {"decision": 1, "record": "已送达"})

    await done(office, number, TRIER, "file_appeal", {"decision": 1, "remedy": "review", "text": "请求复审"})
    upheld = {"decision": 1, "outcome": "upheld", "reason": "处理恰当"}
    problem(await act(office, number, "deputy1", "decide_appeal", upheld), 403, "original_officer")
    await done(office, number, "deputy2", "decide_appeal", upheld)
    await done(office, number, TRIER, "file_appeal", {"decision": 1, "remedy": "recheck", "text": "请求复核"})
    problem(await act(office, number, "deputy2", "decide_appeal", upheld), 403, "remedy_of_another_level")
    await done(office, number, "superior1", "decide_appeal", upheld)

    words = f"某单位干部虚假办结受到记过处分（{new_key()}）"
    notice = {"decision": 1, "scope": "public", "text": words}
    await approved(office, number, TRIER, "propose_publication", notice)
    told = (await office.nobody.get("/public/circulars")).json()["items"]
    assert words not in [item["text"] for item in told]
    await done(office, number, SECOND, "publish_notice", {"notice": 1})
    answer = await office.nobody.get("/public/circulars")
    assert words in [item["text"] for item in answer.json()["items"]]
    assert number not in answer.text

    await done(office, number, TRIER, "report_execution", {"decision": 1, "report": "已宣布"})
    closed = await done(office, number, TRIER, "close_dossier", {"summary": "处理到位"})
    assert closed["stage"] == "closed"
    view = await seen(office, number)
    assert [clock["kind"] for clock in view["clocks"] if clock["kind"] == "effect"] == ["effect"]
    record = (await office(OFFICER).get(f"/accountability/persons/{person}/record")).json()
    assert record["in_effect"]
    assert [line["measures"] for line in record["items"]] == [["administrative/demerit"]]
    assert [line["measure_labels"] for line in record["items"]] == [["记过"]]
    assert record["name"] == "钱七"
    await _period_is_listed(office, number, person)


async def _period_is_listed(office: Office, number: str, person: str) -> None:
    async def listed(user: str, what: str, **asked: Any) -> list[dict[str, Any]]:
        answer = await office(user).get(f"/accountability/{what}", limit=200, **asked)
        assert answer.status_code == 200, answer.text
        return [one for one in answer.json()["items"] if one["person"] == person]

    (period,) = await listed(OFFICER, "periods", running=True)
    assert (period["dossier_no"], period["name"], period["in_effect"]) == (number, "钱七", True)
    assert await listed(OFFICER, "periods", running=False) == []
    (over,) = await listed(OFFICER, "periods", running=False, on="2040-01-01")
    assert not over["in_effect"]
    (named,) = await listed(STATIONED, "persons", unit=UNIT)
    assert (named["files"], named["decisions"], named["in_effect"]) == (1, 1, True)
    (later,) = await listed(OFFICER, "persons", on="2040-01-01")
    assert not later["in_effect"]
    assert await listed(OFFICER, "persons", unit="U130") == []
    recused = {"officer": SECOND, "reason": "亲属"}
    await done(office, number, "deputy1", "recuse_officer", recused)
    for what in ("periods", "persons"):
        assert await listed(SECOND, what) == []
    hidden = (await office(SECOND).get(f"/accountability/persons/{person}/record")).json()
    assert (hidden["name"], hidden["items"]) == (None, [])


async def test_people_and_periods_go_on_where_the_page_ended(office: Office) -> None:
    for _ in range(2):
        await deciding(office)
    page = (await office(OFFICER).get("/accountability/persons", limit=1)).json()
    after = (await office(OFFICER).get("/accountability/persons", limit=1, cursor=page["next_cursor"])).json()
    assert page["items"][0]["person"] != after["items"][0]["person"]
    assert page["items"][0]["named_at"] >= after["items"][0]["named_at"]
    problem(await office(OFFICER).get("/accountability/periods", cursor="bad"), 422, "bad_cursor")


async def test_figures_open_into_the_files_they_count_within_reach(office: Office) -> None:
    own = await raised(office, source="rating")
    elsewhere = await raised(office, source="rating", subjects=[{"kind": "organisation", "unit": "U130"}])
    await approved(office, own, OFFICER, "plan_disposal", {"disposal": "verification", "reason": "可查"})
    path = "/accountability/statistics"
    until = (office.services.now() + timedelta(hours=1)).isoformat()

    async def figures(user: str, **asked: str) -> list[dict[str, Any]]:
        answer = await office(user).get(path, until=until, **asked)
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    async def opened(user: str, line: dict[str, Any]) -> list[str]:
        asked = {name: line[name] for name in ("figure", "code", "month", "group") if line[name]}
        answer = await office(user).get(f"{path}/files", until=until, limit=200, **asked)
        return [file["dossier_no"] for file in answer.json()["items"]]

    for user in (OFFICER, STATIONED):
        for by in ({}, {"by": "month"}, {"by": "group"}):
            lines = await figures(user, **by)
            assert lines
            for line in lines:
                assert line["files"] == len(await opened(user, line)), line
    [rated] = await figures(OFFICER, figure="source", code="rating", group="-")
    [stationed] = await figures(STATIONED, figure="source", code="rating")
    [disposed] = await figures(STATIONED, figure="disposal", code="verification", by="group")
    assert elsewhere in await opened(OFFICER, rated | {"group": "-"})
    assert own in await opened(STATIONED, stationed)
    assert elsewhere not in await opened(STATIONED, stationed)
    assert (own in await opened(STATIONED, disposed), disposed["group"]) == (True, "JZ120")
    problem(await office("leader1").get(path), 403, "role_not_permitted")
    problem(await office("auditor1").get(f"{path}/files"), 403, "role_not_permitted")


async def test_a_recommendation_is_answered_looked_at_again_and_answered_once_more(office: Office) -> None:
    number = await raised(office)
    await approved(office, number, OFFICER, "plan_disposal", {"disposal": "verification", "reason": "可查"})
    text = {"unit": UNIT, "text": "请健全现场核验制度"}
    await approved(office, number, OFFICER, "issue_recommendation", text)
    named = {"recommendation": 1}
    await done(office, number, OFFICER, "extend_recommendation", {**named, "reason": "需征求意见"})
    reply = {**named, "reply": "已印发办法"}
    await done(office, number, OFFICER, "record_recommendation_reply", reply)
    problem(await act(office, number, OFFICER, "record_recommendation_reply", reply), 422, "replied_before")
    hollow = {**named, "holds": False, "finding": "制度未执行"}
    await done(office, number, OFFICER, "record_follow_up", hollow)
    await done(office, number, OFFICER, "record_recommendation_reply", reply)
    await done(office, number, OFFICER, "record_follow_up", {**hollow, "holds": True})
    [kept] = (await seen(office, number))["file"]["recommendations"]
    assert (kept["holds"], kept["look_backs"]) == (True, 2)


async def test_last_rung_of_a_ladder_raises_one_clue_however_often_it_is_seen(office: Office) -> None:
    case_no = await office("operator1").new_case()
    proposal = LadderProposal(case_no=CaseNo(case_no), unit=UnitCode(UNIT))
    await asyncio.gather(*(propose_clue(office.services, proposal) for _ in range(3)))
    [line] = (await office(OFFICER).get(DOSSIERS, case_no=case_no)).json()["items"]
    assert (line["source"], line["registered_by"], line["stage"]) == ("ladder", "system", "awaiting_plan")
