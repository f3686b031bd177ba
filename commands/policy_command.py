"""`hotline policy` and `hotline calendar`: draft, compare, try dry and publish policy revisions (规则修订).

They ask the API, so that two people stay two people: each command is given by whoever owns the token.
"""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from commands.asking import Caller, ask, tell
from commands.connecting import ApiUrl
from commands.failures import fail
from commands.options import AsJson, DataDir
from commands.stretches import added
from hotline.vocabulary import Role

_policy = typer.Typer(no_args_is_help=True, help="Revisions of the policy (规则修订).")
_calendar = typer.Typer(no_args_is_help=True, help="The yearly holiday notice (放假安排).")

Token = Annotated[
    str | None, typer.Option("--token", help="Token of an administrator; by default a demo account's.")
]
FileArgument = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="File to read.")]
DraftArgument = Annotated[str, typer.Argument(help="Id of the draft (草案编号).")]


def register(app: typer.Typer) -> None:
    """Add both groups; the table of commands asks for one of them by name."""
    app.add_typer(_policy, name="policy")
    app.add_typer(_calendar, name="calendar")


@_policy.command("list")
def list_(
    token: Token = None, data_dir: DataDir = None, api_url: ApiUrl = None, as_json: AsJson = False
) -> None:
    """List published revisions and the latest drafts (版本与草案)."""
    published = _ask("GET", "/policies", token, data_dir, api_url, as_json=as_json)
    drafts = _ask("GET", "/policies/drafts", token, data_dir, api_url, as_json=as_json)
    tell({"published": published["items"], "drafts": drafts["items"]}, as_json=as_json)


@_policy.command()
def draft(
    file: FileArgument,
    token: Token = None,
    data_dir: DataDir = None,
    api_url: ApiUrl = None,
    as_json: AsJson = False,
) -> None:
    """Draft a whole policy from a TOML file (起草)."""
    form = {"toml": file.read_text(encoding="utf-8")}
    _tell_draft(_ask("POST", "/policies/drafts", token, data_dir, api_url, form, as_json=as_json), as_json)


@_policy.command()
def diff(
    draft_id: DraftArgument,
    token: Token = None,
    data_dir: DataDir = None,
    api_url: ApiUrl = None,
    as_json: AsJson = False,
) -> None:
    """Tell in what a draft differs from the policy in force (差异)."""
    _tell_draft(
        _ask("GET", f"/policies/drafts/{draft_id}", token, data_dir, api_url, as_json=as_json), as_json
    )


@_policy.command("dry-run")
def dry_run(
    draft_id: DraftArgument,
    token: Token = None,
    data_dir: DataDir = None,
    api_url: ApiUrl = None,
    as_json: AsJson = False,
) -> None:
    """Count which clocks a draft would move, by unit (试算)."""
    path = f"/policies/drafts/{draft_id}/dry-run"
    tell(_ask("GET", path, token, data_dir, api_url, as_json=as_json), as_json=as_json)


@_policy.command("what-if")
def what_if(
    since: Annotated[
        str, typer.Option("--since", metavar="ISO", help="Registered from this instant on; with an offset.")
    ],
    until: Annotated[str, typer.Option("--until", metavar="ISO", help="Registered before this instant.")],
    draft_id: Annotated[str | None, typer.Option("--draft", help="Id of a draft (草案编号).")] = None,
    revision: Annotated[str | None, typer.Option("--revision", help="Published revision (规则版本).")] = None,
    token: Token = None,
    data_dir: DataDir = None,
    api_url: ApiUrl = None,
    as_json: AsJson = False,
) -> None:
    """Run a past period again under another policy, by unit (假设推演); goes on until the whole period is told."""
    form: dict[str, Any] = {"since": since, "until": until, "draft_id": draft_id, "revision": revision}
    told = _ask("POST", "/policies/what-if", token, data_dir, api_url, form, as_json=as_json)
    while cursor := told["next_cursor"]:
        asked = form | {"cursor": cursor}
        more = _ask("POST", "/policies/what-if", token, data_dir, api_url, asked, as_json=as_json)
        told = added(told, more)
    tell(told, as_json=as_json)


@_policy.command()
def publish(
    draft_id: DraftArgument,
    token: Token = None,
    data_dir: DataDir = None,
    api_url: ApiUrl = None,
    as_json: AsJson = False,
) -> None:
    """Publish a draft of another administrator; the rollout follows by itself (发布)."""
    path = f"/policies/drafts/{draft_id}/publish"
    told = _ask("POST", path, token, data_dir, api_url, {}, second=True, as_json=as_json)
    tell(told, as_json=as_json)


@_policy.command()
def rollout(
    revision: Annotated[str, typer.Argument(help="Published revision (规则版本).")],
    token: Token = None,
    data_dir: DataDir = None,
    api_url: ApiUrl = None,
    as_json: AsJson = False,
) -> None:
    """Tell how far a published revision has reached the living cases (换版进度)."""
    tell(
        _ask("GET", f"/policies/{revision}/rollout", token, data_dir, api_url, as_json=as_json),
        as_json=as_json,
    )


@_calendar.command("import")
def import_(
    file: FileArgument,
    revision: Annotated[str, typer.Option("--revision", help="Name of the new revision (新版本号).")],
    calendar_revision: Annotated[
        str | None,
        typer.Option("--calendar-revision", help="Name of the calendar.", show_default="the revision's"),
    ] = None,
    token: Token = None,
    data_dir: DataDir = None,
    api_url: ApiUrl = None,
    as_json: AsJson = False,
) -> None:
    """Draft a year's holiday notice from its `{year}.json` file (导入放假安排)."""
    try:
        notice = json.loads(file.read_bytes())
    except ValueError:
        fail(f"{file} is not JSON", as_json=as_json, code="bad_notice")
    form = {"notice": notice, "revision": revision, "calendar_revision": calendar_revision}
    _tell_draft(_ask("POST", "/policies/drafts", token, data_dir, api_url, form, as_json=as_json), as_json)


# Answers of the API are shown as they come: their form is the API's to say.
def _ask(
    method: str,
    path: str,
    token: str | None,
    data_dir: Path | None,
    api_url: str | None,
    form: dict[str, Any] | None = None,
    *,
    second: bool = False,
    as_json: bool,
) -> dict[str, Any]:
    caller = Caller(Role.ADMINISTRATOR, token, data_dir, api_url, nth=int(second))
    return ask(caller, method, path, form, as_json=as_json)


# As above.
def _tell_draft(told: dict[str, Any], as_json: bool) -> None:
    if as_json:
        tell(told, as_json=True)
        return
    typer.echo(f"draft {told['draft_id']}: {told['revision']} against {told['in_force']}")
    for line in told["differences"]:
        typer.echo(f"  {line['field']}: {line['before'] or '—'} → {line['after'] or '—'}")
