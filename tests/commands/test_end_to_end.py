"""Import and simulation on a real stack: rows become cases, once, and people bring them to their end."""

import json
from pathlib import Path

import httpx
import pytest
from fixtures.city import City, running_city
from fixtures.spans import Receiver, receiver

ROWS = """工单编号,主题,内容,诉求人,留言时间,答复意见
E1,路灯不亮,望江路整条街都黑,赵小满,2025-11-03 10:00,已更换灯头
E2,停水没有通知,听涛里早上停水,钱立夏,2025-11-04 11:00,管道已修复
E3,,内容没有标题,孙谷雨,2025-11-05 12:00,
"""


@pytest.mark.parametrize("is_traced", [False, pytest.param(True, marks=pytest.mark.chaos)])
def test_imported_rows_live_to_their_end(tmp_path: Path, *, is_traced: bool) -> None:
    file = tmp_path / "messages.csv"
    file.write_text(ROWS, encoding="gb18030")
    with receiver() as traces:
        told = {"HOTLINE_OTLP_ENDPOINT": traces.endpoint} if is_traced else {}
        _import_and_live(tmp_path, file, told)
    if is_traced:
        _holds_nothing_personal(b"".join(traces.raw).decode("utf-8", errors="replace"))
        _replies_are_traced_through_both_processes(traces)


def _import_and_live(tmp_path: Path, file: Path, settings: dict[str, str]) -> None:
    with running_city(tmp_path / "city", **settings) as city:
        first = city.answer("import", str(file))
        assert (first["registered"], first["bad"]) == (2, 1)
        city.answer("import", str(file))
        done = city.answer("simulate", "--until-closed", "--brisk", "--speed", "50000", "--seed", "7")
        audit = city.answer("audit", "--grace", "30", "--textfile", str(tmp_path / "audit.prom"))
        metrics = httpx.get(f"http://127.0.0.1:{_metrics_port(city)}/metrics", trust_env=False).text
    assert done["unfinished"] == 0
    assert done["registered"] == 0
    assert audit["findings"] == []
    assert "temporal_" in metrics
    assert "hotline_rungs_fired_total{" in metrics
    assert "hotline_rung_lateness_seconds_bucket{" in metrics
    assert "hotline_audit_findings 0.0" in (tmp_path / "audit.prom").read_text()
    _holds_nothing_personal(metrics)
    logs = sorted((tmp_path / "city" / "logs").glob("*.log"))
    assert {log.stem for log in logs} >= {"api", "worker", "temporal", "postgres"}
    for log in logs:
        _holds_nothing_personal(log.read_text(encoding="utf-8", errors="replace"))


def _replies_are_traced_through_both_processes(traces: Receiver) -> None:
    """The worker decides and the API writes; a reply before which a rung fired is written with it, perhaps in no trace."""
    replies = traces.named("POST /api/v1/cases/{case_no}/commands/submit_reply")
    trees = [traces.tree_of(span) for span in replies if span.attributes["http.response.status_code"] == 200]
    updates = [span for tree in trees for span in tree if span.name == "StartWorkflowUpdate:command"]
    assert len(updates) == len(trees) > 0
    assert {update.service for update in updates} == {"hotline-api"}
    below = [span for update in updates for span in traces.tree_of(update)[1:]]
    assert {span.service for span in below} == {"hotline-worker"}
    assert "HandleUpdate:command" in {span.name for span in below}
    inserts = "INSERT INTO facts ("
    said = [span for tree in trees for span in tree if "db.query.text" in span.attributes]
    written = [span for span in said if inserts in span.attributes["db.query.text"]]
    assert "hotline-api" in {span.service for span in written}
    assert len(written) <= len(trees)


def _metrics_port(city: City) -> int:
    return int(json.loads((city.data_dir / "ports.json").read_text())["worker_metrics_port"]["chosen"])


def _holds_nothing_personal(text: str) -> None:
    """Neither in the clear nor as JSON or Python would escape it."""
    for said in ("赵小满", "钱立夏", "孙谷雨", "望江路", "听涛里", "路灯不亮", "已更换灯头"):
        for written in (said, json.dumps(said)[1:-1], repr(said.encode())[2:-1]):
            assert written not in text
