import io
import json
import logging
import uuid
from collections.abc import Iterator
from errno import ENOSPC
from pathlib import Path
from typing import Any

import pytest
import structlog
from fixtures.stack import TemporalForTests
from talkative import Talkative
from temporalio import workflow
from temporalio.client import Client
from temporalio.worker import Worker

from runtime.logging import REDACTED, configure_logging, is_personal
from runtime.settings import Settings


@pytest.fixture(autouse=True)
def restored_logging() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()
    root.handlers, root.level = handlers, level
    logging.captureWarnings(capture=False)
    workflow.logger.workflow_info_on_message = True


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Any:
    configure_logging(Settings(), "worker")
    return lambda: [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_structlog_event_is_one_json_line_with_role_and_context(lines: Any) -> None:
    structlog.contextvars.bind_contextvars(request_id="r-1")
    structlog.get_logger("api").info("case.registered", case_number="20260213-000001", note="两\n行")
    (event,) = lines()
    assert event.pop("at").endswith("Z")
    assert event == {
        "event": "case.registered",
        "level": "info",
        "logger": "api",
        "role": "worker",
        "request_id": "r-1",
        "case_number": "20260213-000001",
        "note": "两\n行",
    }


def test_stdlib_record_takes_the_same_way(lines: Any) -> None:
    logging.getLogger("library").warning("slow %s", "query", extra={"rows": 3})
    (event,) = lines()
    assert (event["event"], event["rows"], event["level"], event["role"]) == (
        "slow query",
        3,
        "warning",
        "worker",
    )


def test_configuring_twice_does_not_double_lines(lines: Any) -> None:
    configure_logging(Settings(), "worker")
    structlog.get_logger().info("once")
    assert len(lines()) == 1


@pytest.mark.parametrize(
    "key", ["name", "caller_name", "phone", "caller_phone_hash", "Address", "content", "reply_text"]
)
def test_personal_field_is_redacted_at_any_depth(lines: Any, key: str) -> None:
    structlog.get_logger().info("e", **{key: "张三"}, rows=[{key: "李四", "seq": 1}])
    (event,) = lines()
    assert event[key] == REDACTED
    assert event["rows"] == [{key: REDACTED, "seq": 1}]


@pytest.mark.parametrize(
    "key", ["case_number", "workflow_id", "update_name", "event", "logger", "temporal_address"]
)
def test_field_about_things_is_kept(key: str) -> None:
    assert not is_personal(key)


def test_object_is_named_and_not_written(lines: Any) -> None:
    structlog.get_logger().info("e", case=Settings())
    assert lines()[0]["case"] == "<Settings>"


def test_exception_tells_type_and_place_without_the_message(lines: Any) -> None:
    def fail() -> None:
        raise KeyError("13800138000")

    try:
        fail()
    except KeyError:
        structlog.get_logger().exception("failed")
        logging.getLogger("library").exception("failed too")
    ours, theirs = lines()
    for event in (ours, theirs):
        assert event["exception"].startswith("KeyError\n")
        assert event["exception"].endswith("in fail")
        assert "13800138000" not in json.dumps(event)


def test_chained_exception_names_its_cause(lines: Any) -> None:
    def refuse() -> None:
        raise ConnectionRefusedError("port 5433")

    try:
        try:
            refuse()
        except ConnectionRefusedError as error:
            raise ValueError("13800138000") from error
    except ValueError:
        structlog.get_logger().exception("failed")
    (event,) = lines()
    assert event["exception"].startswith("ConnectionRefusedError: port 5433\n")
    assert "then\nValueError\n" in event["exception"]


def test_console_format_is_for_eyes(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(Settings(log_format="console"), "api")
    structlog.get_logger().info("case.registered", phone="13800138000")
    shown = capsys.readouterr().err
    assert "case.registered" in shown
    assert "13800138000" not in shown


def test_level_below_the_chosen_one_is_silent(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(Settings(log_level="ERROR"), "api")
    structlog.get_logger().info("quiet")
    logging.getLogger("library").warning("quiet")
    assert capsys.readouterr().err == ""


async def test_update_in_a_workflow_is_logged_once_with_its_ids_although_replayed(
    lines: Any, temporal_server: TemporalForTests
) -> None:
    client = await Client.connect(temporal_server.address)
    queue = uuid.uuid4().hex
    # Without a cache every workflow task replays the history from its start.
    async with Worker(client, task_queue=queue, workflows=[Talkative], max_cached_workflows=0):
        handle = await client.start_workflow(Talkative.run, id=f"case:{queue}", task_queue=queue)
        await handle.execute_update(Talkative.speak, id="command-1")
        await handle.result()
    (event,) = [line for line in lines() if line["event"] == "case.spoke"]
    assert event["workflow_id"] == handle.id
    assert event["run_id"] == handle.first_execution_run_id
    assert event["update_id"] == "command-1"
    assert event["case_number"] == "20260213-000001"
    assert event["caller_name"] == REDACTED
    assert "temporal_workflow" not in event


def test_line_that_cannot_be_rendered_does_not_spill_its_arguments(lines: Any) -> None:
    logging.getLogger("library").warning("13800138000", extra={"rows": 2**70})
    (event,) = lines()
    assert event["event"] == "logging.failed"
    assert event["logger"] == "library"
    assert "13800138000" not in json.dumps(event)


class _Full(io.StringIO):
    """A stream to a disk without room."""

    def write(self, _: str) -> int:
        raise OSError(ENOSPC, "no room")


def test_line_for_which_there_is_no_room_is_lost_and_disturbs_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """A case is decided and a request answered although the disk is full that the log lies on."""
    monkeypatch.setattr("sys.stderr", _Full())
    configure_logging(Settings(), "api")
    structlog.get_logger().info("lost")
    configure_logging(Settings(), "up", Path("/dev/full"))
    structlog.get_logger().info("lost as well")
