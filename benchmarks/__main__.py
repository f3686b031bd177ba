"""`make bench`: measure everything, keep it in benchmarks/results/latest.json, draw it and write docs/benchmarks.md.

`python -m benchmarks lives --quick` measures one thing in small and keeps nothing: it shows that it works. A figure
that was taken beside other people's work on the same cores says little; ratios within one run say more.
"""

import argparse
import json
import os
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from benchmarks import books, domain, growth, lives, reads, storm
from benchmarks.charts import draw
from benchmarks.page import DOCUMENT
from benchmarks.results import HEADLINE, Block, circumstances, kept, save
from benchmarks.telling import progress

_Benchmark = Callable[[argparse.Namespace], Block]

_ALL: dict[str, _Benchmark] = {
    "lives": lambda asked: lives.measure(
        replace(
            lives.QUICK if asked.quick else lives.FULL, **({"rounds": asked.rounds} if asked.rounds else {})
        )
    ),
    "growth": lambda asked: growth.measure(_sizes(asked, growth.SIZES, growth.QUICK)),
    "storm": lambda asked: storm.measure(_storms(asked)),
    "reads": lambda asked: reads.measure(
        _sizes(asked, reads.SIZES, reads.QUICK),
        asked.rounds or (5 if asked.quick else 100),
        reads.GROWN_QUICK if asked.quick else reads.GROWN,
    ),
    "books": lambda asked: books.measure(_sizes(asked, (books.ROWS,), (books.QUICK,))[0], asked.file),
    "domain": lambda _: {"domain": domain.measure()},
}


def _sizes(asked: argparse.Namespace, full: Sequence[int], quick: Sequence[int]) -> Sequence[int]:
    return asked.sizes or (quick if asked.quick else full)


def _storms(asked: argparse.Namespace) -> Sequence[tuple[int, timedelta]]:
    if not (asked.sizes or asked.quick or asked.spread):
        return storm.STORMS
    spread_over = timedelta(minutes=asked.spread) if asked.spread else storm.SHIPPED
    return [(cases, spread_over) for cases in _sizes(asked, storm.ALIKE, storm.QUICK)]


def measured(names: Sequence[str], asked: argparse.Namespace) -> Block:
    """Run benchmarks one after the other; each block says how it came about."""
    blocks: Block = {}
    for name in names:
        load_before = os.getloadavg()[0]
        progress(f"{name}: load average {load_before:.1f}")
        found = _ALL[name](asked)
        for block in found.keys() - {HEADLINE}:
            found[block] = {"measured": circumstances(load_before), **found[block]}
        blocks |= found
        if not asked.quick:
            save(found)
    return blocks


def main() -> None:
    """Print what was measured as JSON; what was measured in full is kept too."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"{', '.join(_ALL)}; without one, all of them"
    )
    parser.add_argument(
        "--quick", action="store_true", help="small sizes, to see that it works; keeps nothing"
    )
    parser.add_argument(
        "--sizes", type=int, nargs="+", help="cases, clocks or rows, instead of the usual sizes"
    )
    parser.add_argument(
        "--rounds",
        type=int,
        help="how often each question is asked (reads), and each system has its turn (lives)",
    )
    parser.add_argument("--spread", type=float, help="minutes over which a closing time is spread (storm)")
    parser.add_argument("--file", type=Path, help="what is imported (books), instead of a generated file")
    asked = parser.parse_args()
    # Asked to stop, everything that was started is stopped and what was written is removed, as after Ctrl-C.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    if unknown := set(asked.names) - set(_ALL):
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}")
    blocks = measured(asked.names or [*_ALL], asked)
    print(json.dumps(blocks, ensure_ascii=False, indent=2))
    if not asked.quick:
        draw(kept())
        DOCUMENT.write()


if __name__ == "__main__":
    main()
