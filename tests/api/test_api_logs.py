"""One line per request with who, which case and which command, and nothing of what was said."""

import json
from pathlib import Path
from typing import Any

import httpx
from api_hands import HANDLER, Office, advance, new_key


def logged(log_file: Path) -> str:
    return log_file.read_text(encoding="utf-8")


def lines(log_file: Path, answer: httpx.Response) -> list[dict[str, Any]]:
    """What was logged while one request was served."""
    request_id = answer.headers["x-request-id"]
    told = [json.loads(line) for line in logged(log_file).splitlines()]
    return [line for line in told if line.get("request_id") == request_id]


async def test_a_command_is_one_line_with_case_command_and_actor(office: Office, log_file: Path) -> None:
    number = await office("operator1").new_case()
    await advance(office, number, until="dispatch_case")
    answer = await office(HANDLER).command(number, "sign_for", key=new_key())
    (line,) = lines(log_file, answer)
    del line["at"], line["took_ms"], line["request_id"]
    assert line == {
        "event": "request",
        "level": "info",
        "logger": "api.request",
        "role": "api",
        "method": "POST",
        "route": line["route"],
        "status": 200,
        "case_no": number,
        "command_id": answer.json()["command_id"],
        "actor_id": HANDLER,
        "actor_role": "handler",
    }
    assert line["route"].endswith("/cases/{case_no}/commands/sign_for")


async def test_a_registration_is_one_line_with_the_new_number(office: Office, log_file: Path) -> None:
    answer = await office("operator1").register()
    (line,) = lines(log_file, answer)
    assert (line["status"], line["case_no"]) == (201, answer.json()["case_no"])


async def test_a_citizens_command_is_traced_like_any_other(office: Office, log_file: Path) -> None:
    receipt = (await office.nobody.post("/public/cases", {"title": "路灯不亮", "content": "不亮"})).json()
    headers = {"X-Retrieval-Code": receipt["retrieval_code"]}
    path = f"/api/v1/public/cases/{receipt['case_no']}/facts"
    answer = await office.http.post(path, json={"text": "仍然不亮"}, headers=headers)
    (line,) = lines(log_file, answer)
    assert (line["case_no"], line["command_id"]) == (receipt["case_no"], answer.json()["command_id"])
    assert "actor_id" not in line


async def test_a_refusal_is_one_line_too(office: Office, log_file: Path) -> None:
    number = await office("operator1").new_case()
    answer = await office("auditor1").command(number, "sign_for")
    (line,) = lines(log_file, answer)
    assert (line["status"], line["case_no"], line["actor_role"]) == (403, number, "auditor")


async def test_nothing_of_one_request_is_left_for_the_next(office: Office, log_file: Path) -> None:
    number = await office("operator1").new_case()
    await office("operator1").command(number, "add_facts", {"text": "今晚仍有噪音"})
    (line,) = lines(log_file, await office("auditor1").get("/me"))
    assert "case_no" not in line
    assert "command_id" not in line
    (line,) = lines(log_file, await office.http.get("/health/live"))
    assert "actor_id" not in line


async def test_a_bulk_names_no_single_command_for_all_its_rows(office: Office, log_file: Path) -> None:
    number = await office("operator1").new_case()
    rows = {"items": [{"case_no": number, "form": {"text": "今晚仍有噪音"}}]}
    answer = await office("operator1").post("/bulk/add_facts", rows)
    (line,) = lines(log_file, answer)
    assert "command_id" not in line


async def test_an_address_that_is_none_is_logged_without_what_it_says(office: Office, log_file: Path) -> None:
    answer = await office.http.get("/api/v1/王小明/13812345678")
    assert answer.json()["code"] == "http_404"
    (line,) = lines(log_file, answer)
    assert (line["route"], line["status"]) == ("unmatched", 404)
    assert "13812345678" not in logged(log_file)


async def test_a_bug_is_told_once_with_the_id_of_its_request(
    office: Office, log_file: Path, monkeypatch: Any
) -> None:
    async def broken(*_: object) -> None:
        raise ZeroDivisionError("王小明")

    monkeypatch.setattr("api.routers.reference.all_units", broken)
    answer = await office("auditor1").get("/units")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    told, request = lines(log_file, answer)
    assert (told["event"], told["error_type"]) == ("request_failed", "ZeroDivisionError")
    assert "ZeroDivisionError" in told["exception"]
    assert (request["event"], request["status"]) == ("request", 500)
    assert "王小明" not in logged(log_file)
