"""Files as people send them: encodings, delimiters, Excel's ideas of numbers and dates, and what cannot be read."""

import csv
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest

from commands.importing.cleaning import (
    as_text,
    clean_code,
    clean_instant,
    clean_line,
    clean_term,
    clean_text,
)
from commands.importing.columns import MappingError, map_columns, parse_pairs, require_columns
from commands.importing.reading import UnreadableFileError, read_table
from hotline.calendar import SHANGHAI
from hotline.vocabulary import Channel, RequestType

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "messages"
LINES = "工单编号,主题,内容\nA1,路灯不亮,整条街都黑\n"


def written(folder: Path, name: str, content: bytes) -> Path:
    file = folder / name
    file.write_bytes(content)
    return file


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_chinese_csv_is_read_in_the_encodings_of_excel(tmp_path: Path, encoding: str) -> None:
    table = read_table(written(tmp_path, "a.csv", LINES.encode(encoding)))
    assert table.headers == ("工单编号", "主题", "内容")
    assert [(row.number, dict(row.values)) for row in table.rows] == [
        (2, {"工单编号": "A1", "主题": "路灯不亮", "内容": "整条街都黑"})
    ]


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_the_delimiter_is_seen_in_the_headers(tmp_path: Path, delimiter: str) -> None:
    table = read_table(written(tmp_path, "a.csv", LINES.replace(",", delimiter).encode()))
    assert table.rows[0].values["内容"] == "整条街都黑"


def test_a_quoted_cell_may_have_lines_and_commas(tmp_path: Path) -> None:
    table = read_table(written(tmp_path, "a.csv", 'title,content\na,"b,\u2028c\nd"\ne,f\n'.encode()))
    assert [row.values["content"] for row in table.rows] == ["b,\u2028c\nd", "f"]
    assert [row.number for row in table.rows] == [2, 3]


def test_a_line_separator_does_not_end_a_row(tmp_path: Path) -> None:
    table = read_table(written(tmp_path, "a.csv", "title,content\na,b\u2028c\x0bd\n".encode()))
    assert [row.values["content"] for row in table.rows] == ["b\u2028c\x0bd"]


def test_empty_rows_are_left_out_and_numbers_kept(tmp_path: Path) -> None:
    table = read_table(written(tmp_path, "a.csv", b"\n,,\ntitle,content\n,\na,b\n"))
    assert [row.number for row in table.rows] == [5]


def test_a_cell_without_header_is_a_fault_of_its_row(tmp_path: Path) -> None:
    table = read_table(written(tmp_path, "a.csv", b"title,content\na,b,c\nd,e,\n"))
    assert [row.fault for row in table.rows] == ["more cells than headers", None]


def test_a_huge_cell_does_not_spoil_the_file(tmp_path: Path) -> None:
    table = read_table(written(tmp_path, "a.csv", b"title,content\na," + b"b" * 200_000 + b"\nc,d\n"))
    assert len(table.rows) == 2


def test_a_small_file_leaves_room_for_the_next_reader(tmp_path: Path) -> None:
    """The limit of a cell is the process's: what one file needs must not narrow what another may have."""
    before = csv.field_size_limit()
    read_table(written(tmp_path, "a.csv", LINES.encode()))
    assert csv.field_size_limit() >= before


def test_jsonl_lines_fail_one_by_one(tmp_path: Path) -> None:
    lines = '{"title": "a", "content": "b"}\n\nno json\n[1]\n{"title": {"x": 1}, "reply": null}\n'
    table = read_table(written(tmp_path, "a.jsonl", lines.encode()))
    assert table.headers == ("title", "content", "reply")
    assert [(row.number, row.fault) for row in table.rows] == [
        (1, None),
        (3, "not valid JSON"),
        (4, "not a JSON object"),
        (5, None),
    ]
    assert table.rows[3].values["title"] == '{"x":1}'


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pdf", b"x"),
        ("a.xlsx", b"not a workbook"),
        ("a.csv", b""),
        ("a.csv", b"title,title\na,b\n"),
        ("a.jsonl", b"nothing\n"),
        ("a.csv", b"\xff\xff\xff\xff"),
    ],
)
def test_what_is_no_table_is_refused_as_a_whole(tmp_path: Path, name: str, content: bytes) -> None:
    with pytest.raises(UnreadableFileError):
        read_table(written(tmp_path, name, content))


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.exists(), reason="../shared/data is not beside the project")
def test_real_exports_map_by_themselves() -> None:
    table = read_table(SHARED / "messages_with_replies_2816.xlsx")
    assert len(table.rows) == 2_816
    assert set(map_columns(table.headers, {})) == {
        "source_number",
        "caller_name",
        "title",
        "registered_at",
        "content",
        "reply",
        "replied_at",
    }


def test_headers_are_told_in_either_language() -> None:
    chinese = ["工单编号", "诉求人", "联系电话", "地址", "渠道", "诉求类型", "标题", "诉求内容", "登记时间"]
    english = [
        "Source Number",
        "caller-name",
        "Phone",
        "address",
        "CHANNEL",
        "type",
        "Title",
        "content",
        "registered_at",
    ]
    fields = [
        "source_number",
        "caller_name",
        "caller_phone",
        "address",
        "channel",
        "type",
        "title",
        "content",
    ]
    for headers in (chinese, english):
        assert map_columns(headers, {}) == dict(zip([*fields, "registered_at"], headers, strict=True))


def test_brackets_and_blanks_do_not_hide_a_header() -> None:
    assert map_columns(["留言主题（必填）", " 电话 (手机) "], {}) == {
        "title": "留言主题（必填）",
        "caller_phone": " 电话 (手机) ",
    }


def test_a_mapping_by_hand_wins() -> None:
    assert map_columns(["主题", "摘要", "内容"], {"摘要": "title"}) == {"title": "摘要", "content": "内容"}
    assert map_columns(["主题", "标题"], {"标题": "-"}) == {"title": "主题"}


@pytest.mark.parametrize(
    ("headers", "overrides"),
    [
        (["主题", "标题"], {}),
        (["主题"], {"没有": "title"}),
        (["主题"], {"主题": "subject"}),
        (["a", "b"], {"a": "title", "b": "title"}),
    ],
)
def test_a_mapping_that_cannot_be_meant_is_refused(headers: list[str], overrides: dict[str, str]) -> None:
    with pytest.raises(MappingError):
        map_columns(headers, overrides)


def test_title_and_content_must_come_from_somewhere() -> None:
    with pytest.raises(MappingError, match="content"):
        require_columns({"title": "主题"}, {})
    require_columns({"title": "主题"}, {"content": "见附件"})


def test_pairs_may_have_an_equals_sign_in_the_header() -> None:
    assert parse_pairs(["a=b=title"], option="--map") == {"a=b": "title"}
    for bad in ("title", "=title", "a="):
        with pytest.raises(MappingError):
            parse_pairs([bad], option="--map")


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("\n\t\t\t  第一行\u3000\xa0 末 \r\n\r\n\t第二行 \n", "第一行 末\n第二行"),
        ("一<br/>二</p>三&nbsp;四&lt;五&gt;", "一\n二\n三 四<五>"),
        ("零\u200b宽\ufeff与\x00控制\x07符", "零宽与控制符"),
        ("半个\ud83d字", "半个字"),
        ("3 < 5 且 a<b", "3 < 5 且 a<b"),
        (None, ""),
        (2549.0, "2549"),
        (2.5, "2.5"),
    ],
)
def test_texts_lose_what_web_pages_left_in_them(cell: str | float | None, text: str) -> None:
    assert clean_text(cell) == text


def test_lines_and_codes_stay_on_one_line() -> None:
    assert clean_line("一\n二") == "一 二"
    assert clean_code(" Ａ１２\u3000 3 ") == "A123"
    assert clean_code(13800000000.0) == "13800000000"
    assert as_text(True) == "True"


@pytest.mark.parametrize(
    "cell",
    [
        datetime(2026, 2, 13, 10, 5),  # noqa: DTZ001  as Excel gives it
        datetime(2026, 2, 13, 2, 5, tzinfo=UTC),
        "2026/2/13 10:05:00",
        "2026-02-13T10:05+08:00",
        "2026-02-13T02:05:00Z",
        "2026年2月13日 10时5分",
        "2026.2.13 10:05",
        "２０２６-02-13 10:05",
        46066.420138888886,
    ],
)
def test_instants_are_read_as_people_write_them(cell: str | float | datetime) -> None:
    assert clean_instant(cell) == datetime(2026, 2, 13, 10, 5, tzinfo=SHANGHAI)


def test_a_day_alone_begins_at_midnight() -> None:
    midnight = datetime.combine(date(2026, 2, 13), time(), SHANGHAI)
    assert [clean_instant(cell) for cell in ("2026/2/13", date(2026, 2, 13), "2026年2月13日")] == [
        midnight
    ] * 3
    assert clean_instant("") is None


@pytest.mark.parametrize("cell", ["昨天", "2026-13-01", "2026-02-30 10:00", 3.0, True, "10:05"])
def test_what_is_no_instant_is_refused(cell: str | float) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        clean_instant(cell)


def test_terms_are_known_by_code_label_and_what_others_say() -> None:
    assert clean_term(RequestType, "投诉") is RequestType.COMPLAINT
    assert clean_term(RequestType, " Complaint ") is RequestType.COMPLAINT
    assert clean_term(Channel, "公众号") is Channel.WECHAT
    assert clean_term(Channel, "") is None
    with pytest.raises(ValueError, match="complaint 投诉"):
        clean_term(RequestType, "吐槽")
