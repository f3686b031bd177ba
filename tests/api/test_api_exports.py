"""导出: what a list shows, as a file — the same filters and scope, nobody's name, no formula, and never unrecorded."""

import csv
import io
import zipfile
from typing import Any

import httpx
import pytest
import pytest_asyncio
from api_hands import HANDLER, OTHER_UNIT, UNIT, Office, Person, problem
from python_calamine import CalamineWorkbook

from api import exporting
from hotline.vocabulary import TrailEvent
from store.trail import TrailFilters, TrailLine, entries
from store.vault import caller_hash

PHONE = "13722223333"
NAMED = "王小明称工地噪音扰民，电话13722223333"
FORMULA = '=HYPERLINK("http://elsewhere.test","点我")'


@pytest_asyncio.fixture(scope="module")
async def numbers(office: Office) -> list[str]:
    """One caller's cases: one that names them, one whose title is a formula, one with each of two units."""
    operator, dispatcher = office("operator1"), office("dispatcher1")
    titles = (NAMED, FORMULA, "路灯不亮", "占道经营")
    made = [await operator.new_case(caller_phone=PHONE, title=title) for title in titles]
    for number, unit in zip(made[2:], (UNIT, OTHER_UNIT), strict=True):
        done = await dispatcher.command(number, "dispatch_case", {"lead": unit})
        assert done.status_code == 200, done.text
    return made


async def exported(person: Person, **asked: Any) -> httpx.Response:
    answer = await person.get("/cases/export", **asked)
    assert answer.status_code == 200, answer.text
    return answer


def table(answer: httpx.Response) -> list[dict[str, Any]]:
    """The rows of a file by the heads of its columns."""
    if answer.headers["content-type"].startswith("text/csv"):
        return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    book = CalamineWorkbook.from_object(io.BytesIO(answer.content))
    head, *rows = book.get_sheet_by_index(0).to_python()
    return [dict(zip(map(str, head), row, strict=True)) for row in rows]


def of_caller(office: Office) -> dict[str, str]:
    return {"caller_hash": caller_hash(office.keyring, PHONE)}


async def recorded(office: Office) -> TrailLine:
    async with office.services.database.read() as session:
        (last, *_) = await entries(session, TrailFilters(event=TrailEvent.CASES_EXPORTED), limit=1)
    return last


@pytest.mark.parametrize("form", ["xlsx", "csv"])
async def test_file_has_the_rows_and_columns_that_were_asked_for(
    office: Office, numbers: list[str], form: str
) -> None:
    answer = await exported(
        office("auditor1"), format=form, columns=["lead_unit", "status"], order="oldest", **of_caller(office)
    )
    rows = table(answer)
    assert [row["工单编号"] for row in rows] == numbers
    assert list(rows[0]) == ["工单编号", "标题", "状态", "主办单位"]
    assert [row["状态"] for row in rows] == ["待受理", "待受理", "待签收", "待签收"]
    assert (answer.headers["x-rows"], answer.headers["x-truncated"]) == ("4", "false")
    assert answer.headers["content-disposition"].endswith(f'.{form}"')


async def test_filters_narrow_a_file_as_they_narrow_the_list(office: Office, numbers: list[str]) -> None:
    asked: dict[str, Any] = {"status": "awaiting_signature", "lead": OTHER_UNIT, **of_caller(office)}
    rows = table(await exported(office("auditor1"), **asked))
    listed = (await office("auditor1").get("/cases", **asked)).json()["items"]
    assert [row["工单编号"] for row in rows] == [line["case_no"] for line in listed] == [numbers[3]]


async def test_unit_exports_what_it_may_see_and_nothing_else(office: Office, numbers: list[str]) -> None:
    rows = table(await exported(office(HANDLER), unit=UNIT, order="newest"))
    seen = {row["工单编号"] for row in rows}
    assert numbers[2] in seen
    assert not seen & {numbers[0], numbers[1], numbers[3]}


@pytest.mark.parametrize("form", ["xlsx", "csv"])
async def test_nobody_is_named_in_a_file_even_to_who_may_read_the_title(
    office: Office, numbers: list[str], form: str
) -> None:
    listed = (await office("dispatcher1").get("/cases", **of_caller(office))).json()["items"]
    assert NAMED in {line["title"] for line in listed}
    answer = await exported(office("dispatcher1"), format=form, **of_caller(office))
    (title,) = [row["标题"] for row in table(answer) if row["工单编号"] == numbers[0]]
    assert "噪音扰民" in title
    assert "王小明" not in title
    assert PHONE not in title


async def test_title_that_looks_like_a_formula_is_a_text(office: Office, numbers: list[str]) -> None:
    (plain,) = [
        row["标题"]
        for row in table(await exported(office("auditor1"), format="csv", **of_caller(office)))
        if row["工单编号"] == numbers[1]
    ]
    assert plain.startswith("'=")
    book = (await exported(office("auditor1"), format="xlsx", **of_caller(office))).content
    assert FORMULA in {row["标题"] for row in table(httpx.Response(200, content=book, headers=_SHEET))}
    assert b"<f>" not in unzipped(book)


_SHEET = {"content-type": exporting.XLSX}


def unzipped(book: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(book)) as packed:
        return b"".join(packed.read(name) for name in packed.namelist() if "worksheets" in name)


async def test_export_is_recorded_without_what_was_searched_for(office: Office, numbers: list[str]) -> None:
    await exported(office("supervisor1"), text="路灯不亮", columns=["status"], **of_caller(office))
    entry = await recorded(office)
    assert entry.actor is not None
    assert entry.actor.user_id == "supervisor1"
    assert entry.detail["rows"] == 1
    assert entry.detail["columns"] == ["case_no", "title", "status"]
    assert entry.detail["filters"] == {"searched": True}
    assert "路灯" not in entry.model_dump_json()


@pytest.fixture
def at_most_two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "EXPORT_LIMIT", 2)


@pytest.mark.parametrize("form", ["xlsx", "csv"])
async def test_file_that_ends_at_the_limit_says_so(
    office: Office, numbers: list[str], at_most_two: None, form: str
) -> None:
    answer = await exported(office("auditor1"), format=form, order="oldest", **of_caller(office))
    *rows, last = table(answer)
    assert [row["工单编号"] for row in rows] == numbers[:2]
    assert "请缩小筛选范围" in last["工单编号"]
    assert (answer.headers["x-rows"], answer.headers["x-truncated"]) == ("2", "true")


async def test_file_of_nothing_has_its_heads(office: Office) -> None:
    answer = await exported(office("auditor1"), format="csv", caller_hash="0" * 64)
    assert answer.content.decode("utf-8-sig").splitlines() == [
        "工单编号,标题,状态,诉求类型,现由单位,登记时间,最近时限"
    ]


async def test_column_that_is_not_there_is_named(office: Office) -> None:
    problem(await office("auditor1").get("/cases/export", columns="caller_name"), 422, "invalid_input")
