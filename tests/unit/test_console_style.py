"""The console's style sheet is whole: a block that nobody closed swallows all that follows, and no browser says so."""

from console.assets import FOLDER


def test_style_sheet_closes_every_block_before_the_next_heading() -> None:
    depth = 0
    for number, line in enumerate((FOLDER / "console.css").read_text().splitlines(), start=1):
        assert not (depth and line.startswith("/*")), f"console.css:{number} stands in an open block"
        depth += line.count("{") - line.count("}")
    assert depth == 0
