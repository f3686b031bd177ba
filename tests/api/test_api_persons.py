"""A citizen gets everything that is held about them, or is erased; by the administrator, for a ground, on record."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from api_hands import HANDLER, Office, problem
from fixtures.files import photo

from hotline.privacy import ERASED
from hotline.vocabulary import TrailEvent
from runtime.settings import Settings, as_environment
from store.trail import TrailFilters, TrailLine, entries

CLI = Path(__file__).parents[2] / "cli.py"
NAME = "司马标记"


@pytest_asyncio.fixture
async def phone(office: Office) -> str:
    """A number that nobody has called from before."""
    return f"137{os.urandom(4).hex().translate(str.maketrans('abcdef', '012345'))}"


async def closed_case(office: Office, phone: str, **fields: Any) -> str:
    number = await office("operator1").new_case(caller_phone=phone, caller_name=NAME, **fields)
    advice = {"reason": "R2", "advice": f"{NAME}您好，请依法诉讼"}
    assert (await office("dispatcher1").command(number, "reject_case", advice)).status_code == 200
    return number


async def ask(office: Office, act: str, user: str = "administrator1", **body: Any) -> Any:
    return await office(user).post(f"/persons/{act}", {"ground": "own_request"} | body)


async def told(office: Office, event: TrailEvent) -> TrailLine:
    async with office.services.database.read() as session:
        (line, *_) = await entries(session, TrailFilters(event=event), limit=1)
    return line


async def test_an_export_holds_cases_texts_caller_and_openings(office: Office, phone: str) -> None:
    number = await closed_case(office, phone, secret=True, title="导出的标题")
    await office("operator1").post(f"/cases/{number}/caller/open", {"reason": "回电"})
    answer = await ask(office, "export", phone=f"+86 {phone}")
    assert answer.status_code == 200
    (case,) = answer.json()["cases"]
    assert (case["case_no"], case["name"], case["phone"]) == (number, NAME, phone)
    texts = {text["purpose"]: text["text"] for text in case["texts"]}
    assert texts["title"] == "导出的标题"
    assert texts["advice"] == f"{NAME}您好，请依法诉讼"
    assert [(opening["by_role"], opening["fields"]) for opening in case["openings"]] == [
        ("operator", ["name", "phone", "address"])
    ]
    line = await told(office, TrailEvent.PERSON_EXPORTED)
    assert line.detail == {"ground": "own_request", "cases": [number]}
    assert line.actor is not None
    assert line.actor.user_id == "administrator1"


async def test_an_erased_person_is_gone_from_every_page(office: Office, phone: str) -> None:
    receipt = (await office("operator1").register(caller_phone=phone, title="将被删除的标题")).json()
    number, code = receipt["case_no"], receipt["retrieval_code"]
    advice = {"reason": "R2", "advice": "请诉讼"}
    await office("dispatcher1").command(number, "reject_case", advice)
    known_as = (await office("operator1").case(number))["caller"]["hash"]
    answer = await ask(office, "erase", phone=phone)
    assert (answer.status_code, answer.json()) == (200, {"cases": [number]})
    view = await office("operator1").case(number)
    assert (view["caller"], view["title"], view["content"]) == (None, ERASED, ERASED)
    page = (await office("auditor1").get(f"/cases/{number}/facts")).json()
    assert set(page["texts"].values()) == {ERASED}
    listed = (await office("auditor1").get("/cases", limit=200)).json()["items"]
    assert {row["title"] for row in listed if row["case_no"] == number} == {ERASED}
    for found in ({"caller_hash": known_as}, {"text": "将被删除的标题"}):
        assert (await office("auditor1").get("/cases", **found)).json()["items"] == []
    opened = await office("operator1").post(f"/cases/{number}/caller/open", {"reason": "回电"})
    problem(opened, 410, "caller_erased")
    followed = await office.http.get(f"/api/v1/public/cases/{number}", headers={"X-Retrieval-Code": code})
    assert followed.status_code == 404
    for act in ("export", "erase"):
        problem(await ask(office, act, phone=phone), 404, "person_unknown")
    line = await told(office, TrailEvent.PERSON_ERASED)
    assert line.detail == {"ground": "own_request", "cases": [number]}
    assert phone not in line.model_dump_json()


async def test_evidence_files_are_exported_and_erased_with_their_citizen(office: Office, phone: str) -> None:
    number = await office("operator1").new_case(caller_phone=phone, caller_name=NAME)
    added = await office("operator1").upload(number, photo(), f"{NAME}.jpg", kind="contact")
    assert added.status_code == 201, added.text
    path = f"/cases/{number}/evidence/{added.json()['evidence_id']}"
    assert (await office("operator1").get(path)).status_code == 200
    (case,) = (await ask(office, "export", phone=phone)).json()["cases"]
    assert [(file["name"], file["media_type"]) for file in case["files"]] == [(f"{NAME}.jpg", "image/jpeg")]
    advice = {"reason": "R2", "advice": "请诉讼"}
    assert (await office("dispatcher1").command(number, "reject_case", advice)).status_code == 200
    assert (await ask(office, "erase", phone=phone)).status_code == 200
    assert (await office("operator1").get(path)).status_code == 410
    assert NAME not in (await office("operator1").get(f"/cases/{number}/evidence")).text


async def test_nobody_is_erased_while_a_case_is_open(office: Office, phone: str) -> None:
    await office("operator1").new_case(caller_phone=phone)
    refused = problem(await ask(office, "erase", phone=phone), 422, "person_has_open_case")
    assert refused["rule"] == "个人信息保护法 art. 47"
    assert (await ask(office, "export", phone=phone)).status_code == 200


async def test_a_caller_without_a_number_is_named_by_their_case(office: Office) -> None:
    number = await office("operator1").new_case(caller_phone=None, anonymous=True)
    exported = (await ask(office, "export", case_no=number)).json()
    assert [case["case_no"] for case in exported["cases"]] == [number]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"phone": "13800000000", "case_no": "0" * 18},
        {"case_no": "12"},
        {"phone": "13800000000", "ground": "because"},
        {"phone": ""},
    ],
)
async def test_an_application_that_names_nobody_is_refused(office: Office, body: dict[str, Any]) -> None:
    answer = await ask(office, "export", **body)
    problem(answer, 422, "invalid_input")
    assert "13800000000" not in answer.text


@pytest.mark.parametrize("user", ["operator1", "supervisor1", "auditor1", "leader1", "discipline1", HANDLER])
async def test_only_the_administrator_exports_and_erases(office: Office, phone: str, user: str) -> None:
    for act in ("export", "erase"):
        problem(await ask(office, act, user=user, phone=phone), 403, "role_not_permitted")


async def test_the_command_line_does_the_same(office: Office, phone: str, api_settings: Settings) -> None:
    number = await closed_case(office, phone)

    def run(*words: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, str(CLI), *words],
            check=False,
            input=f"{phone}\n",
            capture_output=True,
            text=True,
            env=dict(os.environ) | as_environment(api_settings),
            timeout=120,
        )

    exported = run("person", "export", "--phone", "-")
    assert [case["case_no"] for case in json.loads(exported.stdout)["cases"]] == [number], exported.stderr
    erased = run("person", "erase", "--phone", "-", "--ground", "own_request", "--yes", "--json")
    assert json.loads(erased.stdout) == {"cases": [number]}
    again = run("person", "erase", "--phone", "-", "--ground", "own_request", "--yes", "--json")
    assert json.loads(again.stderr)["code"] == "person_unknown"
    swept = run("retention", "run", "--dry-run", "--json")
    assert json.loads(swept.stdout) == {"dry_run": True, "texts": 0, "callers": 0, "cases": 0, "keys": 0}
