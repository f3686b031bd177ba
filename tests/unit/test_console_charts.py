"""Charts: what is drawn and what is read are the same figures, every mark knows its page, and words are said in a language."""

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from console.charts import (
    Band,
    Bars,
    Cell,
    Chart,
    Colour,
    Funnel,
    Heat,
    Lines,
    Moment,
    Series,
    Share,
    Shares,
    TimeAxis,
)
from console.rendering import environment

NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)
SERIES = Series("登记", (3, None, 5), Colour.TEAL, ("/a", "", "/c"))
SHARES = (Share("城管局", 91.5, 85, 95.25, "43/47", "/rows"), Share("住建局", 50, 9.45, 90.55, "1/2"))
CHARTS: tuple[Chart, ...] = (
    Bars("按单位", ("甲", "乙", "丙"), (SERIES,), lying=True),
    Bars("按日", ("甲", "乙", "丙"), (SERIES, Series("办结", (1, 2, 3))), stacked=True, unit="件"),
    Lines("走势", ("1日", "2日", "3日"), (SERIES,), Band((1, None, 4), (5, None, 6)), unit="%"),
    Shares("三率", SHARES),
    Funnel("层级", ("预警", "催办", "黄牌"), SERIES),
    TimeAxis(
        "将触发",
        ("城管局",),
        (Moment(0, NOON, 4, "催办", "/timers"),),
        {"催办": Colour.ORANGE},
        since=NOON,
        until=NOON,
        now=NOON,
    ),
)


def english(text: str) -> str:
    return f"<{text}>"


def every(part: object, of: Callable[[object], bool]) -> list[object]:
    found = [part] if of(part) else []
    inside = part.values() if isinstance(part, dict) else part if isinstance(part, list | tuple) else ()
    return found + [one for child in inside for one in every(child, of)]


def links_drawn(chart: Chart) -> list[str]:
    marks = every(chart.options(str), lambda part: isinstance(part, dict) and "link" in part)
    return sorted(str(mark["link"]) for mark in marks if isinstance(mark, dict))


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: type(chart).__name__)
def test_every_mark_leads_where_its_cell_leads(chart: Chart) -> None:
    read = sorted(cell.link for row in chart.table(str).rows for cell in row if cell.link)
    assert links_drawn(chart) == read != []


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: type(chart).__name__)
def test_options_are_json_and_name_colours_only_as_the_style_sheet_does(chart: Chart) -> None:
    options = json.loads(json.dumps(chart.options(str)))
    painted = every(options, lambda part: isinstance(part, dict) and "color" in part)
    assert painted
    assert all(str(part["color"]).startswith("var(--tblr-") for part in painted if isinstance(part, dict))


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: type(chart).__name__)
def test_every_row_of_the_table_is_as_long_as_its_head(chart: Chart) -> None:
    table = chart.table(str)
    assert {len(row) for row in table.rows} == {len(table.head)}


def test_words_of_ours_are_said_and_names_are_not() -> None:
    steps, units = CHARTS[4].options(english), CHARTS[0].options(english)
    assert steps["yAxis"]["data"] == ["<预警>", "<催办>", "<黄牌>"]
    assert units["yAxis"]["data"] == ["甲", "乙", "丙"]
    assert units["series"][0]["name"] == "<登记>"


def test_band_lies_between_its_ends() -> None:
    low, wide, _ = CHARTS[2].options(str)["series"]
    assert (low["data"], wide["data"]) == ([1, None, 4], [4, None, 2])
    assert CHARTS[2].table(str).rows[0][-1].text == "1%～5%"


def test_time_axis_shows_the_hotlines_clock_wherever_the_browser_is() -> None:
    [series] = CHARTS[5].options(str)["series"]
    assert series["data"][0]["value"][0] == "2026-11-20 12:00"


def test_heat_grows_with_the_amount_and_nothing_is_cold() -> None:
    cells = ((Cell("0"), Cell("1"), Cell("50"), Cell("100")),)
    heat = Heat("热力", ("甲",), ("一", "二", "三", "四"), ((0, 1, 50, 100),), cells)
    assert [heat.level(0, column) for column in range(4)] == [0, 1, 5, 7]


def test_page_carries_the_options_where_no_text_ends_the_attribute() -> None:
    page = environment().from_string('{% from "components/chart.html" import chart %}{{ chart(drawn) }}')
    drawn = Bars("按单位", ("甲'>\"&<b>",), (Series("登记", (1,)),))
    html = page.render(drawn=drawn)
    carried = html.partition("data-chart='")[2].partition("'")[0]
    assert json.loads(carried)["xAxis"]["data"] == ["甲'>\"&<b>"]
    assert "<b>" not in html
