"""Import and simulation on a real stack: rows become cases, once, and people bring them to their end."""

from pathlib import Path

from fixtures.city import running_city

ROWS = """工单编号,主题,内容,诉求人,留言时间,答复意见
E1,路灯不亮,望江路整条街都黑,赵小满,2025-11-03 10:00,已更换灯头
E2,停水没有通知,听涛里早上停水,钱立夏,2025-11-04 11:00,管道已修复
E3,,内容没有标题,孙谷雨,2025-11-05 12:00,
"""


def test_imported_rows_live_to_their_end(tmp_path: Path) -> None:
    file = tmp_path / "messages.csv"
    file.write_text(ROWS, encoding="gb18030")
    with running_city(tmp_path / "city") as city:
        first = city.answer("import", str(file))
        assert (first["registered"], first["bad"]) == (2, 1)
        city.answer("import", str(file))
        done = city.answer("simulate", "--until-closed", "--brisk", "--speed", "50000", "--seed", "7")
        again = city.answer("simulate", "--only-open")
        audit = city.answer("audit", "--grace", "30")
    assert done["unfinished"] == 0
    assert done["registered"] == 0
    assert again["cases"] == 0
    assert audit["findings"] == []
