"""Import and audit (导入、核账): rows a second into the books by the commands that an operator uses, and cases a second out of them."""

import csv
import json
import random
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from benchmarks.figures import ratio
from benchmarks.results import Block
from benchmarks.stacks import CLI, stack
from benchmarks.telling import progress

ROWS: Final = 2_000
QUICK: Final = 60
_SEED: Final = 6
_PLACES: Final = ("人民路", "建设街", "解放巷", "和平小区", "滨江花园")
_MATTERS: Final = ("夜间施工噪音", "小区停水", "路灯不亮", "垃圾未清运", "电梯停运", "公交线路调整")


def _written(file: Path, rows: int) -> Path:
    """A file in the import's own words; each row has a number of its own, so that none is taken for another."""
    chance, now = random.Random(_SEED), datetime.now(UTC)
    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(("留言编号", "诉求类型", "标题", "内容", "电话", "留言时间"))
        for number in range(rows):
            place, matter = chance.choice(_PLACES), chance.choice(_MATTERS)
            at = now - timedelta(minutes=chance.randrange(60))
            text = f"{place}{number % 90 + 1}号{matter}，请有关部门尽快处理。"
            writer.writerow(
                (f"B{number:07}", "投诉", f"{place}{matter}", text, f"1390{number:07}", at.isoformat())
            )
    return file


def _told(folder: Path, *arguments: str) -> dict[str, Any]:  # Any: what a command tells of itself
    command = [sys.executable, str(CLI), *arguments, "--data-dir", str(folder), "--json"]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False, text=True)
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def measure(rows: int, file: Path | None = None) -> Block:
    """Import a file, written for it unless one is named, into a stack of its own, and prove the books then."""
    with stack() as folder:
        imported = _told(folder, "import", str(file or _written(folder / "bench.csv", rows)))
        progress(f"imported {imported['rows']} rows in {imported['seconds']} s")
        audited = _told(folder, "audit")
        progress(f"audited {audited['cases']} cases in {audited['took_seconds']} s")
    return {
        "import": {
            "file": "generated" if file is None else file.suffix.strip("."),
            "rows": imported["rows"],
            "registered": imported["registered"],
            "bad": imported["bad"],
            "seconds": imported["seconds"],
            "rows_per_second": ratio(imported["rows"], imported["seconds"]),
        },
        "audit": {
            "cases": audited["cases"],
            "findings": len(audited["findings"]),
            "seconds": round(audited["took_seconds"], 2),
            "cases_per_second": ratio(audited["cases"], audited["took_seconds"]),
        },
    }
