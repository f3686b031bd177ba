"""`hotline ledger`: export a case's ledger, verify an export offline, anchor by hand, show public keys (台账存证).

`verify` needs neither a database nor the stack: an inspector runs it on any machine.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, NoReturn, TypeVar

import typer

from commands.failures import ExitCode, fail, refuse
from commands.options import AsJson, DataDir, stack_settings
from hotline.calendar import SHANGHAI
from hotline.identifiers import CaseNo, is_case_no
from hotline.proof.anchors import Anchor
from hotline.proof.export import Export
from hotline.proof.verify import Verdict, verify_export
from hotline.refusals import GuardFailed
from hotline.roles import SYSTEM_ACTOR
from runtime.files import write_private
from runtime.settings import Settings
from runtime.signing import PUBLIC_KEY_BYTES, SigningKeys, is_signed_by, signing_keys
from store.anchors import anchor_next, anchor_now
from store.engine import Database
from store.export import export_case

CaseArgument = Annotated[str, typer.Argument(metavar="CASE", help="Number of the case (工单编号).")]
OutOption = Annotated[
    Path | None,
    typer.Option("--output", "-o", dir_okay=False, help="File to write; else the export goes to the output."),
]
FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="Export to verify.", dir_okay=False)]
KeyOption = Annotated[
    list[str] | None,
    typer.Option(
        "--public-key", metavar="HEX", help="Published key that must have signed; may be given several times."
    ),
]
TodayOption = Annotated[
    bool, typer.Option("--today", help="Close today as well, with what there is; the rest falls to tomorrow.")
]
ReplaceOption = Annotated[
    bool, typer.Option("--replace", help="Sign with a new key from now on; the old public key stays known.")
]

_Result = TypeVar("_Result")


def register(app: typer.Typer) -> None:
    """Add the group of commands."""
    group = typer.Typer(no_args_is_help=True, help="Evidence of what was decided (台账存证).")
    for command in (export, verify, anchor, keys):
        group.command()(command)
    app.add_typer(group, name="ledger")


def export(case_no: CaseArgument, out: OutOption = None, data_dir: DataDir = None) -> None:
    """Write the ledger of a case to a file that proves itself (导出台账)."""
    settings = stack_settings(data_dir)
    exported = asyncio.run(_export(settings, _case_no(case_no)))
    if exported is None:
        fail(f"there is no ledger of a case {case_no}", as_json=False, code="case_not_found")
    written = exported.model_dump_json(indent=1)
    if out is None:
        typer.echo(written)
    else:
        write_private(out, written + "\n")
        typer.echo(f"{out}: {exported.header.facts} facts, {len(exported.proofs)} proofs of inclusion")


def verify(
    file: FileArgument,
    public_keys: KeyOption = None,
    _data_dir: DataDir = None,  # Every command takes it; this one needs no stack.
    as_json: AsJson = False,
) -> None:
    """Tell whether an export is true, or which entry is the first that is not (离线验真)."""
    trusted = [_public_key(text) for text in public_keys] if public_keys else None
    verdict = verify_export(_read(file, as_json=as_json), is_signed_by, trusted=trusted)
    if as_json:
        typer.echo(verdict.model_dump_json())
    else:
        typer.echo("\n".join(_in_words(verdict, is_pinned=trusted is not None)))
    if not verdict.is_true:
        raise typer.Exit(ExitCode.NOT_DONE)


def anchor(today: TodayOption = False, data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Anchor every day that is over and has no anchor; the API does so by itself each night (锚定)."""
    made = asyncio.run(_anchor(stack_settings(data_dir), today=today))
    if as_json:
        typer.echo(json.dumps([one.model_dump(mode="json") for one in made]))
        return
    for one in made:
        typer.echo(
            f"anchor {one.number} of {one.day}: {one.cases} cases, {one.facts} facts, {one.hash.hex()}"
        )
    if not made:
        typer.echo("nothing to anchor: every day that is over has its anchor")


def keys(replace: ReplaceOption = False, data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Show the public keys to publish, with which an export is verified (验真公钥)."""
    settings = stack_settings(data_dir)
    ours = SigningKeys.replace(settings.keyring_path) if replace else signing_keys(settings)
    told = {key_id: key.hex() for key_id, key in ours.public_keys.items()}
    if as_json:
        typer.echo(json.dumps({"current": ours.key_id, "keys": told}))
        return
    for key_id, key in told.items():
        typer.echo(f"{key_id}  {key}{'  (signs now)' if key_id == ours.key_id else ''}")


def _case_no(text: str) -> CaseNo:
    if not is_case_no(text):
        refuse(
            GuardFailed("bad_case_no", "不是工单编号", field="case", rule="工单编号为 18 位数字"),
            as_json=False,
        )
    return CaseNo(text)


def _public_key(text: str) -> bytes:
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != PUBLIC_KEY_BYTES:
        refuse(
            GuardFailed("bad_public_key", "不是公钥", field="public_key", rule="64 位十六进制数字"),
            as_json=False,
        )
    return key


def _read(file: Path, *, as_json: bool) -> object:
    try:
        return json.loads(file.read_text(encoding="utf-8"), parse_constant=_no_number)
    except OSError as error:
        fail(f"{file} cannot be read: {error.strerror}", as_json=as_json, code="not_readable")
    except (ValueError, RecursionError):
        # Something else than JSON is an export that somebody has altered.
        return None


def _no_number(name: str) -> NoReturn:
    raise ValueError(name)


async def _export(settings: Settings, case_no: CaseNo) -> Export | None:
    signer = signing_keys(settings)

    async def exporting(database: Database) -> Export | None:
        async with database.write() as session:
            return await export_case(session, signer, case_no, at=datetime.now(UTC), actor=SYSTEM_ACTOR)

    return await _with_database(settings, exporting)


async def _anchor(settings: Settings, *, today: bool) -> list[Anchor]:
    signer = signing_keys(settings)

    async def anchoring(database: Database) -> list[Anchor]:
        made, now = [], datetime.now(UTC)
        while True:
            async with database.write() as session:
                found = await anchor_next(session, signer, now=now)
            if found is None:
                break
            made.append(found)
        if today:
            async with database.write() as session:
                early = await anchor_now(session, signer, now.astimezone(SHANGHAI).date(), now=now)
            made += [early] if early else []
        return made

    return await _with_database(settings, anchoring)


async def _with_database(settings: Settings, work: Callable[[Database], Awaitable[_Result]]) -> _Result:
    assert settings.database_url is not None
    database = Database.connect(settings.database_url)
    try:
        return await work(database)
    finally:
        await database.close()


def _in_words(verdict: Verdict, *, is_pinned: bool) -> list[str]:
    if not verdict.is_true:
        first, *others = verdict.flaws
        of_case = f"case {verdict.case_no}, " if verdict.case_no else ""
        return [f"✗ {of_case}{first}", *(f"  also {flaw}" for flaw in others)]
    lines = [
        f"✓ case {verdict.case_no}: {verdict.entries} entries, none altered, missing or out of order",
        f"  entries 1 to {verdict.anchored} are under {verdict.anchors} signed anchors"
        if verdict.anchored
        else "  no anchor covers it yet: the signature of the export alone vouches for it",
    ]
    if not is_pinned:
        lines.append(
            f"  signed by {', '.join(verdict.key_ids)}: compare with the published keys (--public-key)"
        )
    return lines
