"""Nothing that a citizen said or is stands in the clear anywhere: not in PostgreSQL, Temporal, logs or problems."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest_asyncio
from api_hands import HANDLER, SATISFIED, UNIT, Office, advance, new_key, reply
from fixtures.files import photo
from fixtures.histories import failures_in, payloads_in, sources
from fixtures.stack import Database as FreshDatabase
from prometheus_client import generate_latest
from sqlalchemy.engine import make_url
from temporalio.client import Client

from hotline.identifiers import CaseNo, workflow_id
from runtime.codec import SEALED
from runtime.settings import Settings

NAME, PHONE, ADDRESS = "欧阳标记", "13987650001", "标记路九十九号"
TITLE, CONTENT, IMPORTED = "标题带有标记甲", "内容带有标记乙，请处理", "来源答复带有标记丙"
ADDED, ADVICE, NOTE, TEXT, OPINION, REFUSED, REASON = (
    "补充带有标记丁",
    "派单意见带有标记戊",
    "联系记录带有标记己",
    "办理结果带有标记庚",
    "审核意见带有标记辛",
    "被拒绝的指令带有标记壬",
    "开启理由带有标记癸",
)
MARKERS = (
    NAME,
    PHONE,
    ADDRESS,
    TITLE,
    CONTENT,
    IMPORTED,
    ADDED,
    ADVICE,
    NOTE,
    TEXT,
    OPINION,
    REFUSED,
    REASON,
)
KEY = f"key-of-{PHONE}"


@pytest_asyncio.fixture(scope="module")
async def planted(office: Office) -> dict[str, Any]:
    """A life in which everybody writes something that must not get out."""
    answer = await office("operator1").register(
        caller_name=NAME,
        caller_phone=PHONE,
        address=ADDRESS,
        title=TITLE,
        content=CONTENT,
        reply=IMPORTED,
        key=KEY,
    )
    receipt: dict[str, Any] = answer.json()
    number = receipt["case_no"]
    await advance(office, number, until="sign_for")
    contact = {"outcome": "reached", "at": receipt["next_due_at"], "note": REFUSED}
    steps = (
        ("operator1", "add_facts", {"text": ADDED}, 200),
        (HANDLER, "log_contact", contact, 422),
        (HANDLER, "report_progress", {"text": NOTE}, 200),
        (HANDLER, "sign_for", {"lead": ADDRESS}, 422),
        ("operator1", "answer_directly", {"answer": ADVICE, "knowledge_id": f"{NAME} {PHONE}"}, 422),
        ("dispatcher1", "dispatch_case", {"lead": ADDRESS, "advice": ADVICE}, 422),
        ("auditor1", "add_facts", {"text": REFUSED}, 403),
    )
    for user, kind, form, status in steps:
        refused = await office(user).command(number, kind, form, key=f"{kind}-{KEY}")
        assert refused.status_code == status, refused.text
        assert not found_in(refused.content)
    for path in (f"/cases?text={TITLE}", f"/cases?cursor={PHONE}", f"/cases/{PHONE}", f"/{NAME}"):
        await office("operator1").get(path)
    await _open_export_and_sign_in(office, number)
    await office.nobody.post("/public/cases", {"title": TITLE, "content": CONTENT, "phone": NAME})
    taken = await office.nobody.post(
        "/public/cases",
        {"title": TITLE, "content": CONTENT, "name": NAME, "phone": PHONE, "address": ADDRESS},
    )
    assert taken.status_code == 201
    await office.http.get(
        f"/api/v1/public/cases/{number}", headers={"X-Retrieval-Code": receipt["retrieval_code"]}
    )
    return receipt


async def _open_export_and_sign_in(office: Office, number: str) -> None:
    """What is done with the system itself leaves entries, log lines and rows of its own."""
    opened = await office("operator1").post(f"/cases/{number}/caller/open", {"reason": REASON})
    assert opened.json()["phone"] == PHONE
    person = {"phone": PHONE, "ground": "own_request"}
    assert NAME in (await office("administrator1").post("/persons/export", person)).text
    for act, status in (("erase", 422), ("export", 422)):
        wrong = person if act == "erase" else person | {"case_no": number}
        refused = await office("administrator1").post(f"/persons/{act}", wrong)
        assert refused.status_code == status
        assert not found_in(refused.content)
    # People type their password where the name belongs, and the other way round.
    for user, password in ((NAME, PHONE), (PHONE, ADDRESS), ("operator1", CONTENT)):
        refused = await office.nobody.post("/session", {"user_id": user, "password": password})
        assert refused.status_code in {401, 403, 422}
        assert not found_in(refused.content)
    added = await office("operator1").upload(number, photo(), f"{NAME}.jpg", kind="contact")
    assert added.status_code == 201


@pytest_asyncio.fixture
async def plain_temporal(api_settings: Settings) -> Client:
    """A client without our converter: what it reads is what the server keeps."""
    assert api_settings.temporal_address is not None
    return await Client.connect(api_settings.temporal_address, namespace=api_settings.temporal_namespace)


@pytest_asyncio.fixture
async def superuser(api_database: FreshDatabase) -> AsyncIterator[asyncpg.Connection]:
    url = make_url(api_database.owner_url).set(drivername="postgresql")
    connection = await asyncpg.connect(url.render_as_string(hide_password=False))
    yield connection
    await connection.close()


def found_in(kept: bytes) -> list[str]:
    return [marker for marker in MARKERS if marker.encode() in kept]


def everything_in(file: Path) -> bytes:
    return file.read_bytes()


def as_bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


async def test_who_may_read_it_reads_it_whole(office: Office, planted: dict[str, Any]) -> None:
    """Else the other tests would prove that nothing was planted."""
    view = await office("operator1").case(planted["case_no"])
    assert [view["caller"][part] for part in ("name", "phone", "address")] == [NAME, PHONE, ADDRESS]
    assert (view["title"], view["content"], view["source_reply"]) == (TITLE, CONTENT, IMPORTED)
    page = (await office("operator1").get(f"/cases/{planted['case_no']}/facts")).json()
    assert {ADDED, NOTE} <= set(page["texts"].values())


async def test_postgresql_keeps_nothing_in_the_clear(
    office: Office, planted: dict[str, Any], superuser: asyncpg.Connection
) -> None:
    tables = await superuser.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    kept: dict[str, bytes] = {}
    for (table,) in tables:
        rows = await superuser.fetch(f'SELECT * FROM "{table}"')
        kept[table] = b"\n".join(as_bytes(value) for row in rows for value in row)
    assert {"facts", "cases", "clocks", "holdings", "intake", "vault_texts", "vault_callers"} <= set(kept)
    assert {"trail", "evidence", "search_entries", "sessions", "tokens", "anchors"} <= set(kept)
    assert b"public/" in kept["intake"]
    assert b"127.0.0.1" not in kept["intake"]
    assert {table: markers for table, text in kept.items() if (markers := found_in(text))} == {}
    assert planted["case_no"].encode() in kept["vault_callers"]
    assert planted["retrieval_code"].encode() not in b"".join(kept.values())
    assert not [token for token in office.tokens.values() if token.encode() in b"".join(kept.values())]


async def test_the_vault_keeps_ciphertext_that_the_keyring_alone_opens(
    planted: dict[str, Any], superuser: asyncpg.Connection
) -> None:
    number = planted["case_no"]
    texts = await superuser.fetch("SELECT sealed, chars FROM vault_texts WHERE case_no = $1", number)
    assert len(texts) >= 6
    for row in texts:
        assert len(row["sealed"]) > row["chars"]
    sealed = [bytes(row["sealed"]) for row in texts]
    assert len(set(sealed)) == len(sealed)
    caller = await superuser.fetchrow("SELECT * FROM vault_callers WHERE case_no = $1", number)
    assert caller is not None
    for column, value in (("sealed_name", NAME), ("sealed_phone", PHONE), ("sealed_address", ADDRESS)):
        assert len(caller[column]) > len(value.encode())


async def test_temporal_keeps_nothing_in_the_clear(planted: dict[str, Any], plain_temporal: Client) -> None:
    handle = plain_temporal.get_workflow_handle(workflow_id(CaseNo(planted["case_no"])))
    history = b"".join([event.SerializeToString() async for event in handle.fetch_history_events()])
    described = (await handle.describe()).raw_description.SerializeToString()
    assert history.count(SEALED) > 10
    assert found_in(history + described) == []
    # Not even the codes: what a payload holds is sealed whole.
    for inner in (UNIT, "dispatcher1", "dispatch_case", "awaiting_signature", planted["retrieval_code"]):
        assert inner.encode() not in history + described


async def test_every_source_of_a_history_is_sealed(
    office: Office, planted: dict[str, Any], plain_temporal: Client
) -> None:
    """By the places where the server keeps payloads, so that a new place shows as one that is not sealed."""
    # As after a caller who died: what the case then writes by itself is in its history, too.
    await office.services.gateway.catch_up(CaseNo(planted["case_no"]))
    handle = plain_temporal.get_workflow_handle(workflow_id(CaseNo(planted["case_no"])))
    events = [event async for event in handle.fetch_history_events()]
    payloads = [found for event in events for found in payloads_in(event)]
    assert sources(name for name, _ in payloads) >= {
        "workflow_execution_started_event_attributes.input",
        "workflow_execution_update_accepted_event_attributes.accepted_request",
        "workflow_execution_update_completed_event_attributes.outcome",
        "activity_task_scheduled_event_attributes.input",
    }
    # The server writes these itself, as it must be able to search them.
    own = {name for name, payload in payloads if payload.metadata["encoding"] != SEALED}
    assert not {name for name in own if "search_attributes" not in name}
    assert not [failure for event in events for failure in failures_in(event) if failure.stack_trace]
    ids = b"".join(
        getattr(event, event.WhichOneof("attributes")).SerializeToString()
        for event in events
        if event.WhichOneof("attributes")
    )
    assert found_in(ids) == []


async def test_no_metric_is_labelled_with_anything_personal(planted: dict[str, Any]) -> None:
    told = generate_latest()
    assert b"hotline_" in told
    assert found_in(told) == []
    assert planted["case_no"].encode() not in told


async def test_no_log_line_tells_anything_personal(
    office: Office, planted: dict[str, Any], log_file: Path
) -> None:
    logged = everything_in(log_file)
    assert planted["case_no"].encode() in logged
    assert found_in(logged) == []
    assert KEY.encode() not in logged
    assert planted["retrieval_code"].encode() not in logged
    assert not [token for token in office.tokens.values() if token.encode() in logged]


async def test_what_a_unit_writes_is_sealed_too(
    office: Office, planted: dict[str, Any], superuser: asyncpg.Connection
) -> None:
    number = await office("operator1").new_case()
    await advance(office, number, until="log_contact")
    await office(HANDLER).command(number, "submit_reply", reply(text=TEXT), key=new_key())
    await office("dispatcher2").command(number, "review_reply", {"accepted": True, "opinion": OPINION})
    await office("revisitor1").command(number, "record_revisit", SATISFIED | {"opinion": OPINION})
    bodies = await superuser.fetch("SELECT body FROM facts WHERE case_no = $1", number)
    assert found_in("\n".join(body for (body,) in bodies).encode()) == []
    sealed = await superuser.fetch("SELECT sealed FROM vault_texts WHERE case_no = $1", number)
    assert found_in(b"".join(text for (text,) in sealed)) == []
