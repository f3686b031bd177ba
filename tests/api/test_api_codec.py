"""Temporal's own tools read payloads through the codec endpoint: as somebody, on record, from one origin."""

import asyncio
import base64
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from api_doors import Doors
from api_hands import HANDLER, Office, opened, problem, served
from google.protobuf.json_format import MessageToDict
from temporalio.api.common.v1 import Payload
from temporalio.client import Client

from api.codec import WirePayload
from hotline.identifiers import CaseNo, workflow_id
from hotline.vocabulary import Role, TrailEvent
from runtime.settings import Settings
from store.trail import TrailFilters, TrailLine, entries

UI = "http://127.0.0.1:8233"
PLAIN = {"metadata": {"encoding": base64.b64encode(b"json/plain").decode()}, "data": "IuWkmeS6jiI="}


async def ask(
    office: Office, act: str, payloads: list[dict[str, Any]], user: str = "auditor1", **headers: str
) -> httpx.Response:
    token = {"Authorization": f"Bearer {office.tokens[user]}"}
    body = {"payloads": payloads}
    return await office.http.post(f"/codec/{act}", json=body, headers=token | headers)


def logged(log_file: Path) -> str:
    return log_file.read_text(encoding="utf-8")


async def told(office: Office) -> list[TrailLine]:
    async with office.services.database.read() as session:
        return list(await entries(session, TrailFilters(event=TrailEvent.PAYLOADS_DECODED), limit=200))


@pytest_asyncio.fixture
async def sealed(office: Office, api_settings: Settings) -> dict[str, Any]:
    """The input of a real workflow, as the engine keeps it."""
    number = await office("operator1").new_case()
    assert api_settings.temporal_address
    client = await Client.connect(api_settings.temporal_address, namespace=api_settings.temporal_namespace)
    handle = client.get_workflow_handle(workflow_id(CaseNo(number)))
    events = [event async for event in handle.fetch_history_events()]
    payload = events[0].workflow_execution_started_event_attributes.input.payloads[0]
    return {"number": number, "payload": MessageToDict(payload)}


async def test_a_sealed_payload_is_read_and_the_reading_recorded(
    office: Office, sealed: dict[str, Any], log_file: Path
) -> None:
    before = len(await told(office))
    answer = await ask(office, "decode", [sealed["payload"], PLAIN], **{"X-Namespace": "default"})
    assert answer.status_code == 200
    read, plain = answer.json()["payloads"]
    assert sealed["number"] in base64.b64decode(read["data"], validate=True).decode()
    assert plain == PLAIN
    line, *_ = await told(office)
    assert len(await told(office)) == before + 1
    assert line.detail == {"namespace": "default", "count": 2}
    assert line.actor is not None
    assert line.actor.user_id == "auditor1"
    assert read["data"] not in logged(log_file)


async def test_what_is_encoded_can_be_decoded(office: Office) -> None:
    encoded = (await ask(office, "encode", [PLAIN], "administrator1")).json()["payloads"]
    assert encoded[0]["data"] != PLAIN["data"]
    assert (await ask(office, "decode", encoded)).json()["payloads"] == [PLAIN]


@pytest.mark.parametrize("user", ["operator1", "supervisor1", "leader1", "discipline1", HANDLER])
async def test_others_than_administrator_and_auditor_decode_nothing(office: Office, user: str) -> None:
    for act in ("decode", "encode"):
        problem(await ask(office, act, [PLAIN], user), 403, "role_not_permitted")
    problem(await ask(office, "encode", [PLAIN], "auditor1"), 403, "role_not_permitted")


async def test_nobody_decodes_without_saying_who_they_are(office: Office) -> None:
    for act in ("decode", "encode"):
        answer = await office.http.post(f"/codec/{act}", json={"payloads": [PLAIN]})
        problem(answer, 401, "unauthenticated")


async def test_an_altered_payload_is_refused_without_an_entry(office: Office, sealed: dict[str, Any]) -> None:
    before = len(await told(office))
    data = bytearray(base64.b64decode(sealed["payload"]["data"]))
    data[-1] ^= 1
    altered = sealed["payload"] | {"data": base64.b64encode(data).decode()}
    problem(await ask(office, "decode", [altered]), 422, "payload_unreadable")
    assert len(await told(office)) == before


@pytest.mark.parametrize(
    "payloads", [[{"data": "*"}], [{"metadata": {"encoding": "é"}}], [{"more": 1}], [{}] * 2_001]
)
async def test_what_is_no_payload_is_refused(office: Office, payloads: list[dict[str, Any]]) -> None:
    problem(await ask(office, "decode", payloads), 422, "invalid_input")


async def test_another_namespace_is_not_ours(office: Office) -> None:
    refused = await ask(office, "decode", [PLAIN], **{"X-Namespace": "other"})
    assert problem(refused, 422, "namespace_unknown")["field"] == "X-Namespace"


async def test_what_cannot_be_recorded_is_not_shown(
    office: Office, sealed: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: object) -> int:
        raise ZeroDivisionError

    monkeypatch.setattr("api.codec.record", fails)
    problem(await ask(office, "decode", [sealed["payload"]]), 500, "internal_error")


# ── Temporal's own tools ────────────────────────────────────────────────────────────────────────


@pytest_asyncio.fixture(scope="module")
async def beside_ui(api_settings: Settings, tokens: dict[str, str]) -> AsyncIterator[Office]:
    async with opened(api_settings.model_copy(update={"temporal_ui_origin": UI}), tokens) as office:
        yield office


def preflight(origin: str) -> dict[str, str]:
    return {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type,x-namespace",
    }


async def test_the_web_interface_may_ask_from_its_origin_and_no_other_page(beside_ui: Office) -> None:
    allowed = await beside_ui.http.options("/codec/decode", headers=preflight(UI))
    assert allowed.status_code == 200
    assert allowed.headers["access-control-allow-origin"] == UI
    assert allowed.headers["access-control-allow-credentials"] == "true"
    answer = await ask(beside_ui, "decode", [PLAIN], Origin=UI)
    assert answer.headers["access-control-allow-origin"] == UI
    refused = await beside_ui.http.post("/codec/decode", json={"payloads": []}, headers={"Origin": UI})
    assert refused.headers["access-control-allow-origin"] == UI  # Else the page could not read why.
    for origin in ("http://evil.test", "http://127.0.0.1:8234", "null"):
        denied = await beside_ui.http.options("/codec/decode", headers=preflight(origin))
        assert "access-control-allow-origin" not in denied.headers
    elsewhere = await beside_ui.http.options("/api/v1/me", headers=preflight(UI))
    assert "access-control-allow-origin" not in elsewhere.headers


async def test_without_a_configured_origin_no_page_may_ask(office: Office) -> None:
    denied = await office.http.options("/codec/decode", headers=preflight(UI))
    assert "access-control-allow-origin" not in denied.headers


async def test_a_browser_session_decodes_from_the_interface_and_no_other_page_makes_it(doors: Doors) -> None:
    """The interface cannot send our CSRF token; its origin alone is believed, and for this alone."""
    browser = await doors.signed_in(Role.ADMINISTRATOR)

    async def decode(origin: str, path: str = "/codec/decode") -> httpx.Response:
        return await browser.http.post(path, json={"payloads": [PLAIN]}, headers={"Origin": origin})

    problem(await decode(UI), 403, "csrf_refused")
    with doors.settings(temporal_ui_origin=UI):
        answer = await decode(UI)
        assert (answer.status_code, answer.json()["payloads"]) == (200, [PLAIN])
        problem(await decode("http://evil.test"), 403, "csrf_refused")
        problem(await decode(UI, "/api/v1/persons/erase"), 403, "csrf_refused")


async def test_temporals_command_line_reads_a_history_through_it(
    api_settings: Settings, tokens: dict[str, str], sealed: dict[str, Any]
) -> None:
    temporal = Path(sys.executable).with_name("temporal")
    async with served(api_settings, tokens) as office:
        words = [
            str(temporal),
            *("workflow", "show", "--workflow-id", workflow_id(CaseNo(sealed["number"]))),
            *("--address", str(api_settings.temporal_address), "--output", "json"),
            *("--codec-endpoint", str(office.http.base_url.join("/codec"))),
        ]

        def show(*more: str) -> "subprocess.CompletedProcess[str]":
            return subprocess.run([*words, *more], capture_output=True, text=True, timeout=60, check=False)

        read = await asyncio.to_thread(show, "--codec-auth", f"Bearer {tokens['auditor1']}")
        assert read.returncode == 0, read.stderr
        refused = await asyncio.to_thread(show)
    history = json.loads(read.stdout)
    (started,) = history["events"][0]["workflowExecutionStartedEventAttributes"]["input"]["payloads"]
    assert sealed["number"] in base64.b64decode(started["data"]).decode()
    assert sealed["payload"]["data"] not in read.stdout
    assert "registered_by" not in refused.stdout


def test_a_payload_survives_the_way_out_and_back() -> None:
    payload = Payload(metadata={"encoding": b"\xff\xfe"}, data=bytes(range(256)))
    wire = WirePayload.of(payload).model_dump_json()
    assert WirePayload.model_validate_json(wire).payload() == payload
    assert "_" not in json.loads(wire)["data"]
    assert "+" in json.loads(wire)["data"]
