"""`make bench`: print every measurement, as a table or, with --json, for machines."""

import json
import os
import platform
import sys

from rich.console import Console
from rich.table import Table

from benchmarks import domain, engine, storm


def main() -> None:
    """Measure the domain, then stacks of their own."""
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}"
    figures = {
        "domain, per second": domain.measure(),
        "engine": engine.measure(),
        "a closing time": storm.measure(),
    }
    if "--json" in sys.argv:
        print(json.dumps({"machine": machine, **figures}, ensure_ascii=False))
        return
    console = Console()
    for title, rows in figures.items():
        table = Table(title=f"{title} ({machine})", show_header=False)
        for what, value in rows.items():
            table.add_row(what, f"{value:,.1f}")
        console.print(table)


if __name__ == "__main__":
    main()
