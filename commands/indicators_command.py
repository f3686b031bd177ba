"""`hotline indicators`: rates of a month, the ranking, and freezing a month in two steps (考核指标).

They ask the API, so that what a unit sees and what is frozen are the same figures.
"""

from typing import Annotated, Any

import typer

from commands.asking import Caller, ask, tell
from commands.connecting import ApiUrl
from commands.options import AsJson, DataDir
from hotline.vocabulary import Role

_indicators = typer.Typer(no_args_is_help=True, help="Rates, ranking and frozen months (考核指标).")

Token = Annotated[
    str | None, typer.Option("--token", help="Token of the caller; by default a demo supervisor's.")
]
MonthArgument = Annotated[str, typer.Argument(metavar="YYYY-MM", help="Month (月份).")]


def register(app: typer.Typer) -> None:
    """Add the group."""
    app.add_typer(_indicators, name="indicators")


@_indicators.command()
def month(
    of: MonthArgument,
    by: Annotated[str, typer.Option("--by", help="city, level, unit or type.")] = "city",
    token: Token = None,
    data_dir: DataDir = None,
    api_url: ApiUrl = None,
    as_json: AsJson = False,
) -> None:
    """Tell the rates of a month, raw and adjusted (月度指标)."""
    caller = Caller(Role.SUPERVISOR, token, data_dir, api_url)
    told = ask(caller, "GET", f"/indicators/months/{of}?by={by}", as_json=as_json)
    if as_json:
        tell(told, as_json=True)
        return
    state = "frozen" if told["frozen"] else f"live, {told['still_to_count']} changes still to count"
    typer.echo(f"{told['month']} as of {told['as_of']} ({state})")
    for group in told["groups"]:
        typer.echo(group["group"])
        for figure in group["figures"]:
            typer.echo(f"  {figure['label']}: {_shown(figure)}")


# Answers of the API are shown as they come: their form is the API's to say.
def _shown(figure: dict[str, Any]) -> str:
    raw, adjusted = figure["raw"], figure["adjusted"]
    if raw is None:
        return f"{figure['points']}（原始 {figure['raw_points']}）"
    return f"{_rate(adjusted)}，原始 {_rate(raw)}，剔除 {figure['left_out']}"


# As above.
def _rate(rate: dict[str, Any]) -> str:
    counts = f"{rate['numerator']}/{rate['denominator']}"
    return f"{rate['percent']}%（{counts}）" if rate["percent"] is not None else f"—（{counts}）"


@_indicators.command()
def ranking(
    of: MonthArgument,
    token: Token = None,
    data_dir: DataDir = None,
    api_url: ApiUrl = None,
    as_json: AsJson = False,
) -> None:
    """Rank the units of a month, with every deduction (单位排名)."""
    caller = Caller(Role.SUPERVISOR, token, data_dir, api_url)
    tell(ask(caller, "GET", f"/indicators/months/{of}/ranking", as_json=as_json), as_json=as_json)


@_indicators.command()
def preview(
    of: MonthArgument,
    token: Token = None,
    data_dir: DataDir = None,
    api_url: ApiUrl = None,
    as_json: AsJson = False,
) -> None:
    """Show what freezing a month would freeze; the first of two steps (冻结预览)."""
    caller = Caller(Role.SUPERVISOR, token, data_dir, api_url)
    tell(ask(caller, "POST", f"/indicators/months/{of}/preview", {}, as_json=as_json), as_json=as_json)


@_indicators.command()
def freeze(
    of: MonthArgument,
    digest: Annotated[str, typer.Option("--digest", help="The digest that the preview told (预览摘要).")],
    token: Token = None,
    data_dir: DataDir = None,
    api_url: ApiUrl = None,
    as_json: AsJson = False,
) -> None:
    """Freeze the figures that were previewed, for good; the second of two steps (冻结)."""
    caller = Caller(Role.SUPERVISOR, token, data_dir, api_url)
    path, form = f"/indicators/months/{of}/freeze", {"figures_digest": digest}
    tell(ask(caller, "POST", path, form, as_json=as_json), as_json=as_json)


@_indicators.command()
def recount(
    token: Token = None, data_dir: DataDir = None, api_url: ApiUrl = None, as_json: AsJson = False
) -> None:
    """Have every case counted again, for the indicators and for the boards, after an audit found rows that differ (重新计数)."""
    caller = Caller(Role.ADMINISTRATOR, token, data_dir, api_url)
    tell(ask(caller, "POST", "/indicators/recount", {}, as_json=as_json), as_json=as_json)


@_indicators.command()
def verify(
    of: MonthArgument,
    token: Token = None,
    data_dir: DataDir = None,
    api_url: ApiUrl = None,
    as_json: AsJson = False,
) -> None:
    """Reckon a frozen month again from the ledger; ends with 1 if anything differs (重算核验)."""
    caller = Caller(Role.SUPERVISOR, token, data_dir, api_url)
    path, deviations = f"/indicators/months/{of}/verify", []
    told = ask(caller, "GET", path, as_json=as_json)
    deviations.extend(told["deviations"])
    while cursor := told["next_cursor"]:
        told = ask(caller, "GET", f"{path}?cursor={cursor}", as_json=as_json)
        deviations.extend(told["deviations"])
    tell(told | {"deviations": deviations}, as_json=as_json)
    if not told["matches"]:
        raise typer.Exit(1)
