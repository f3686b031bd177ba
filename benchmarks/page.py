"""docs/benchmarks.md below its mark: the figures of benchmarks/results/latest.json as tables, beside their charts."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from benchmarks.charts import charts_of, name_of_step, name_of_storm
from benchmarks.results import HEADLINE, Block, kept
from tools.document import Document, table

_GOAL: Final = 0.85
"""The ratio to the floor that was asked for."""

_NOTHING: Final = "Nothing has been measured yet: `make bench` does."


def text(blocks: Block | None = None) -> str:
    """The page for what was measured last, or for other blocks."""
    told = kept() if blocks is None else blocks
    return "\n\n".join(_parts(told)) if told else _NOTHING


def _parts(blocks: Block) -> Iterator[str]:
    drawn = charts_of(blocks)
    machine = blocks["machine"]
    yield (
        f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gib']} GiB, {machine['system']}, Python"
        f" {machine['python']}; "
        + ", ".join(f"{package} {version}" for package, version in blocks["versions"].items())
        + "."
    )
    for name, section in _SECTIONS.items():
        if name in blocks:
            yield section(blocks)
            yield from (f"![{chart}](charts/{chart}.svg)" for chart in _CHARTS[name] if chart in drawn)


def _how(block: Block) -> str:
    measured = block["measured"]
    changed = " with changes" if measured["changed_since"] else ""
    return (
        f"{measured['at'][:16].replace('T', ' ')} UTC, commit {measured['commit']}{changed}, load average before:"
        f" {measured['load_before']}\n\n```sh\n{measured['command']}\n```"
    )


def _lives(blocks: Block) -> str:
    block, head = blocks["lives"], blocks.get(HEADLINE)
    rows = [
        (callers, name, _n(one["lives_per_second"]), *_p(one["command_ms"]))
        for callers, told in block["callers"].items()
        for name, one in told.items()
        if isinstance(one, Mapping)
    ]
    opened = [
        (
            _n(one["per_second"]),
            name,
            _n(one["achieved_per_second"]),
            *_p(one["command_ms"]),
            "" if one["keeps_up"] else "cannot keep up",
        )
        for step in block["open_loop"]
        for name, one in step.items()
    ]
    costs = [
        (name, *(f"{part} {_n(ms)}" for part, ms in cost.items()))
        for name, cost in block["core_ms_per_life"].items()
    ]
    return "\n\n".join(
        (
            "## Case lives",
            _how(block),
            f"A life is a registration and {block['updates_per_life'] - 1} commands. With ten callers: **{_n(head['ours_per_s'])}**"
            f" lives a second, the engine's floor {_n(head['floor_per_s'])}, ratio **{_n(head['ratio'])}** (goal {_GOAL})."
            if head
            else "",
            table(("callers", "system", "lives/s", "command p50 ms", "p99 ms"), rows),
            "Open loop: lives arrive on schedule, and latencies count from the instant at which a request was due.",
            table(("lives/s", "system", "achieved", "command p50 ms", "p99 ms", ""), opened),
            "What a life costs of a core, in ms: "
            + "; ".join(f"{name}: {', '.join(parts)}" for name, *parts in costs)
            + ". "
            + _arithmetic(block),
        )
    )


def _arithmetic(block: Block) -> str:
    """What a life costs beyond the floor, and how busy each keeps the cores, which the ratio of lives depends on as well."""
    ours, floor = (sum(block["core_ms_per_life"][name].values()) for name in ("ours", "floor"))
    updates, ten = block["updates_per_life"], block["callers"]["10"]
    ours_busy, floor_busy = (
        cost * ten[name]["lives_per_second"] / 1000 for name, cost in (("ours", ours), ("floor", floor))
    )
    return (
        f"By these sums ten callers keep {_n(ours_busy)} cores busy, and {_n(floor_busy)} with the floor, whose update goes through more hands one after"
        f" another; with every core busy the ratio would be {_n(floor / ours)}. HTTP, the token, who may see the case, sealing, the rules, the"
        f" ledger and its read rows take {_n(ours - floor)} ms beyond the floor, {_n((ours - floor) / updates)} for each of {updates} requests."
        " Where API, engine and PostgreSQL have hosts of their own, each is busy with its own part alone."
    )


def _growth(blocks: Block) -> str:
    block = blocks["growth"]
    rows = [
        (
            f"{step['cases']:,}",
            _n(step["starts_per_second"]),
            *_p(step["command_ms"]),
            _n(step["memory_mib"].get("worker")),
            _n(step["memory_mib"].get("temporal")),
            _n(step["postgres_bytes_per_case"] / 1_000),
            _n(step["temporal_bytes_per_case"] / 1_000),
        )
        for step in block["steps"]
    ]
    head = ("open cases", "started/s", "command p50 ms", "p99 ms", "worker MiB", "Temporal MiB")
    return "\n\n".join(
        (
            "## Growth",
            _how(block),
            table((*head, "PostgreSQL kB/case", "Temporal kB/case"), rows),
        )
    )


_WAITED: Final = {
    "command_before_ms": "an operator's command before",
    "command_meanwhile_ms": "an operator's command meanwhile",
    "own_command_meanwhile_ms": "a command on a case that is due itself",
    "registration_meanwhile_ms": "a registration meanwhile",
}
"""What people waited for, by what it is called in the results."""


def _storm(blocks: Block) -> str:
    block = blocks["storm"]
    rows = []
    for step in block["sizes"]:
        ours, bare = step["ours"], step["bare"]
        rows += [
            (name_of_storm(step), "from the true instant, s late", *_pm(ours["late_s"])),
            ("", "beyond the intended spread, s late", *_pm(ours["late_beyond_spread_s"])),
            ("", "as many bare timers, s late", *_pm(bare["late_s"])),
            ("", "emergencies meanwhile, s late", *_pm(ours["emergency_late_s"])),
            *(("", f"{what}, ms", *_pm(ours[key])) for key, what in _WAITED.items() if key in ours),
            (
                "",
                f"drained after {ours['drained_after_s']} s, bare {bare['drained_after_s']} s",
                "",
                "",
                "",
                "",
            ),
        ]
    return "\n\n".join(
        (
            "## A closing time",
            _how(block),
            table(("clocks / spread over", "", "p50", "p99", "longest", "of"), rows),
        )
    )


def _reads(blocks: Block) -> str:
    block = blocks["reads"]
    steps = block["sizes"]
    rows = [
        (name, *(cell for step in steps for cell in _answered(step, name))) for name in steps[-1]["answers"]
    ]
    made = [
        f"{name_of_step(step)}: made in {step['prepared_in_s']} s, {step['database_bytes'] / 2**30:.1f} GiB"
        for step in steps
    ]
    head = [f"{what}, {place}" for place, step in enumerate(steps, 1) for what in _asked_of(step)]
    return "\n\n".join(
        (
            "## Reads",
            _how(block),
            "\n".join(f"{place}. {line}" for place, line in enumerate(made, 1)),
            f"Each question {steps[-1]['rounds']} times; ms, and growth beside the first.",
            table(("question", *head), rows),
        )
    )


def _asked_of(step: Block) -> tuple[str, ...]:
    return "rows", "HTTP p50", "p99", "SQL p50", *(("growth HTTP", "SQL") if "growth" in step else ())


def _answered(step: Block, question: str) -> tuple[str, ...]:
    answer, grown = step["answers"].get(question, {}), step.get("growth", {}).get(question, {})
    http = _p(answer["http_ms"]) if "http_ms" in answer else (f"failed: {answer.get('failed')}", "")
    told = _n(answer.get("rows")), *http, _n(answer.get("sql_ms", {}).get("p50"))
    return *told, *((_n(grown.get("http")), _n(grown.get("sql"))) if "growth" in step else ())


def _import(blocks: Block) -> str:
    block = blocks["import"]
    return "\n\n".join(
        (
            "## Import",
            _how(block),
            (
                f"{block['file']}: {block['rows']:,} rows in {block['seconds']} s: **{_n(block['rows_per_second'])}** a second,"
                f" {block['bad']} bad."
            ),
        )
    )


def _audit(blocks: Block) -> str:
    block = blocks["audit"]
    return "\n\n".join(
        (
            "## Audit",
            _how(block),
            (
                f"{block['cases']:,} cases in {block['seconds']} s: **{_n(block['cases_per_second'])}** a second,"
                f" {block['findings']} findings."
            ),
        )
    )


def _domain(blocks: Block) -> str:
    block = blocks["domain"]
    rows = [(what, f"{rate:,.0f}") for what, rate in block.items() if what != "measured"]
    return "\n\n".join(("## The pure domain", _how(block), table(("", "per second, on one core"), rows)))


_SECTIONS: Final = {
    "lives": _lives,
    "growth": _growth,
    "storm": _storm,
    "reads": _reads,
    "import": _import,
    "audit": _audit,
    "domain": _domain,
}
_CHARTS: Final = {
    "lives": ("lives", "latency"),
    "growth": ("growth",),
    "storm": ("storm",),
    "reads": ("reads",),
    "import": (),
    "audit": (),
    "domain": (),
}


def _n(value: Any) -> str:  # Any: whatever number JSON has
    """A number with three digits that mean something; what is not there is left empty."""
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _p(spread: Mapping[str, Any]) -> tuple[str, str]:  # Any: as above
    return _n(spread.get("p50")), _n(spread.get("p99"))


def _pm(spread: Mapping[str, Any]) -> tuple[str, str, str, str]:  # Any: as above
    return (*_p(spread), _n(spread.get("max")), _n(spread.get("count")))


DOCUMENT: Final = Document("benchmarks.md", text)
