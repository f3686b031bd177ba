"""`hotline import`: good rows are registered once, bad ones are listed, and a second run doubles nothing."""

import csv
import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from fake_api import FakeApi, serving
from typer.testing import CliRunner, Result

from commands import import_file
from hotline.vocabulary import Channel, RequestType

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "messages"
REAL = SHARED / "messages_with_replies_2816.xlsx"
HEADERS = "工单编号,留言主题,留言详情,渠道,类型,诉求人,电话,地址,留言时间,答复意见,答复时间"
GOOD = "A{0},路灯不亮,整条街都黑,电话,投诉,赵小满,555-0101,望江路1号,2026-01-02 10:00,已修复,2026-01-05"

app = typer.Typer()
app.callback()(lambda: None)
import_file.register(app)


@pytest.fixture
def api() -> FakeApi:
    return FakeApi()


@pytest.fixture
def url(api: FakeApi) -> Iterator[str]:
    with serving(api) as address:
        yield address


def csv_of(folder: Path, *rows: str, headers: str = HEADERS) -> Path:
    file = folder / "messages.csv"
    file.write_text("\n".join([headers, *rows]) + "\n", encoding="utf-8")
    return file


def run(file: Path, *options: str, url: str | None = None) -> Result:
    where = ["--api-url", url, "--token", "operator-0"] if url else []
    arguments = ["import", str(file), "--data-dir", str(file.parent / "data"), "--json", *where, *options]
    return CliRunner().invoke(app, arguments)


def told(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.output
    summary: dict[str, Any] = json.loads(result.stdout)
    return summary


def report_of(summary: dict[str, Any]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in Path(summary["report"]).read_text("utf-8").splitlines()]


def test_a_row_becomes_a_case_with_everything_in_it(tmp_path: Path, api: FakeApi, url: str) -> None:
    summary = told(run(csv_of(tmp_path, GOOD.format(1)), url=url))
    assert (summary["rows"], summary["registered"], summary["bad"]) == (1, 1, 0)
    (what,) = api.registered
    assert (what.source_number, what.title, what.content) == ("A1", "路灯不亮", "整条街都黑")
    assert (what.channel, what.type) == (Channel.PHONE, RequestType.COMPLAINT)
    assert (what.caller_name, what.caller_phone, what.address) == ("赵小满", "555-0101", "望江路1号")
    assert what.raised_at is not None
    assert what.raised_at.isoformat() == "2026-01-02T10:00:00+08:00"
    assert what.reply == "已修复"
    assert what.replied_at is not None
    assert report_of(summary) == [
        {"row": 2, "outcome": "registered", "source_number": "A1", "case_no": next(iter(api.papers))}
    ]


def test_what_a_row_leaves_out_is_stood_in_for(tmp_path: Path, api: FakeApi, url: str) -> None:
    file = csv_of(tmp_path, "网友甲,标题,内容", headers="用户,主题,内容")
    told(run(file, url=url))
    told(run(csv_of(tmp_path, "标题二,内容", headers="主题,内容"), "--default", "type=举报 ", url=url))
    first, second = api.registered
    assert (first.type, first.channel, first.has_contact) == (RequestType.HELP, Channel.WEB, True)
    assert (second.type, second.channel, second.has_contact) == (RequestType.REPORT, Channel.WEB, False)


def test_a_second_run_says_already_imported_and_registers_nothing(
    tmp_path: Path, api: FakeApi, url: str
) -> None:
    rows = [GOOD.format(number) for number in range(5)]
    told(run(csv_of(tmp_path, *rows[:3]), url=url))
    summary = told(run(csv_of(tmp_path, *rows), url=url))
    assert (summary["registered"], summary["duplicate"], summary["already_imported"]) == (2, 3, 3)
    assert len(api.papers) == 5
    again = [line for line in report_of(summary) if line["outcome"] == "duplicate"]
    assert {line["reason"] for line in again} == {"already imported"}
    assert all(line["case_no"] in api.papers for line in again)


def test_rows_without_a_number_are_known_by_what_they_say(tmp_path: Path, api: FakeApi, url: str) -> None:
    file = csv_of(tmp_path, "标题,内容", "标题,别的内容", "标题,内容", headers="主题,内容")
    first, second = told(run(file, url=url)), told(run(file, url=url))
    assert (first["registered"], first["duplicate"]) == (2, 1)
    assert (second["registered"], second["duplicate"], second["already_imported"]) == (0, 3, 2)
    assert len(api.papers) == 2


def test_a_number_that_is_taken_is_refused_whatever_the_row_says(
    tmp_path: Path, api: FakeApi, url: str
) -> None:
    told(run(csv_of(tmp_path, GOOD.format(1)), url=url))
    changed = GOOD.format(1).replace("整条街都黑", "半条街都黑")
    summary = told(run(csv_of(tmp_path, changed, changed), url=url))
    assert (summary["registered"], summary["duplicate"]) == (0, 2)
    in_file, in_system = sorted(report_of(summary), key=lambda line: -line["row"])
    assert in_file["reason"] == "row 2 has the same source number"
    assert in_system["reason"].startswith("already imported")
    assert len(api.papers) == 1


def test_bad_rows_are_listed_with_field_and_rule_and_the_good_ones_imported(
    tmp_path: Path, api: FakeApi, url: str
) -> None:
    bad = {
        "title": GOOD.format(2).replace("路灯不亮", ""),
        "content": GOOD.format(3).replace("整条街都黑", "黑" * 20_001),
        "channel": GOOD.format(4).replace(",电话,", ",飞鸽,"),
        "type": GOOD.format(5).replace(",投诉,", ",吐槽,"),
        "caller_phone": GOOD.format(6).replace("555-0101", "打不通"),
        "registered_at": GOOD.format(7).replace("2026-01-02", "2026-13-02"),
        "source_number": GOOD.format(8).replace("A8", "A?8"),
    }
    future = GOOD.format(9).replace("2026-01-02", "2126-01-02")
    summary = told(run(csv_of(tmp_path, *bad.values(), future, GOOD.format(1)), url=url))
    assert (summary["registered"], summary["bad"]) == (1, 8)
    lines = [line for line in report_of(summary) if line["outcome"] == "bad"]
    assert [line["field"] for line in lines] == [*bad, "registered_at"]
    assert [line["row"] for line in lines] == list(range(2, 10))
    assert all(line["reason"].startswith(line["field"]) for line in lines)
    assert "longer than 20000 characters" in lines[1]["reason"]
    with Path(summary["bad_rows"]).open(encoding="utf-8-sig", newline="") as stream:
        listed = list(csv.DictReader(stream))
    assert [row["行号"] for row in listed] == [str(number) for number in range(2, 10)]
    assert listed[3]["类型"] == "吐槽"
    assert all(row["退回原因"] for row in listed)


def test_reasons_and_reports_repeat_nothing_personal(tmp_path: Path, url: str) -> None:
    row = GOOD.format(1).replace("555-0101", "打不通的电话").replace("2026-01-02 10:00", "昨天")
    summary = told(run(csv_of(tmp_path, row), url=url))
    report = Path(summary["report"]).read_text("utf-8")
    assert not [word for word in ("打不通", "赵小满", "望江路", "整条街") if word in report]
    for file in (summary["report"], summary["bad_rows"]):
        assert stat.S_IMODE(Path(file).stat().st_mode) == 0o600


def test_bad_rows_that_were_mended_can_be_imported(tmp_path: Path, api: FakeApi, url: str) -> None:
    summary = told(run(csv_of(tmp_path, GOOD.format(1).replace(",投诉,", ",吐槽,")), url=url))
    mended = tmp_path / "mended.csv"
    mended.write_text(Path(summary["bad_rows"]).read_text("utf-8-sig").replace("吐槽,", "投诉,", 1), "utf-8")
    assert told(run(mended, url=url))["registered"] == 1
    assert told(run(mended, url=url))["bad_rows"] is None
    assert api.registered[0].source_number == "A1"


def test_a_dry_run_needs_no_server_and_registers_nothing(tmp_path: Path) -> None:
    summary = told(
        run(
            csv_of(tmp_path, GOOD.format(1), GOOD.format(1), GOOD.format(2).replace("路灯不亮", "")),
            "--dry-run",
        )
    )
    assert (summary["valid"], summary["duplicate"], summary["bad"], summary["registered"]) == (1, 1, 1, 0)
    assert summary["columns"]["留言主题"] == "title"


def test_lost_answers_and_outages_double_nothing(tmp_path: Path) -> None:
    api = FakeApi(trouble=("away", "lost") * 6)
    with serving(api) as address:
        summary = told(run(csv_of(tmp_path, *map(GOOD.format, range(6))), url=address))
    assert summary["registered"] + summary["already_imported"] == 6
    assert len(api.papers) == 6
    assert summary["retries"]["engine_unavailable"] == 6


def test_an_api_that_never_answers_ends_the_import_loudly(tmp_path: Path) -> None:
    file = csv_of(tmp_path, GOOD.format(1))
    arguments = [
        "import",
        str(file),
        "--data-dir",
        str(tmp_path),
        "--api-url",
        "http://127.0.0.1:9",
        "--json",
    ]
    result = CliRunner().invoke(app, [*arguments, "--token", "x", "--patience", "0"])
    assert result.exit_code == 1
    assert json.loads(result.stdout)["registered"] == 0
    assert "ConnectError" in json.loads(result.stderr)["message"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--map", "没有=title"), "没有"),
        (("--map", "留言主题=subject"), "subject"),
        (("--default", "kind=x"), "kind"),
        (("--default", "type=x"), "complaint"),
    ],
)
def test_an_option_that_cannot_be_meant_is_bad_input(
    tmp_path: Path, options: tuple[str, str], words: str
) -> None:
    result = run(csv_of(tmp_path, GOOD.format(1)), "--dry-run", *options)
    assert result.exit_code == 2
    assert words in json.loads(result.stderr)["message"]


def test_a_file_without_a_title_column_is_bad_input(tmp_path: Path) -> None:
    result = run(csv_of(tmp_path, "x,y", headers="甲,内容"), "--dry-run")
    assert result.exit_code == 2
    assert "--map HEADER=title" in json.loads(result.stderr)["message"]


@pytest.mark.shared
@pytest.mark.skipif(not REAL.exists(), reason="../shared/data is not beside the project")
def test_the_real_messages_are_good_rows_without_options(tmp_path: Path) -> None:
    report = tmp_path / "report.jsonl"
    arguments = ["import", str(REAL), "--dry-run", "--json", "--report", str(report)]
    summary = told(CliRunner().invoke(app, arguments))
    assert (summary["rows"], summary["valid"], summary["bad"], summary["duplicate"]) == (2_816, 2_816, 0, 0)
    assert len(report.read_text("utf-8").splitlines()) == 2_816
