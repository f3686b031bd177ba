"""One command on many cases (批量办理): ticked rows, what may be done with them, its form, and a result per row.

Each row is filed as a form of its own, through the API's bulk: a row that is refused says why and stops no other.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Final
from uuid import uuid4

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel
from starlette.datastructures import FormData

from api.bulk import file_all
from api.deps import command_id_of
from api.desk import Filing
from api.errors import ApiError
from api.forms import commands_for_people, form_of, kind_of
from api.offering import Offer, OfferedCase, offer
from api.parts import Part
from api.routers.commands import BULK_LIMIT, offered
from api.suggesting import SuggestionView
from console.forms import Catalogue, Field, Option, Widget, answers, fields_of, fill
from console.pages.case import TERMS
from console.visit import Here, Visit
from hotline.identifiers import CaseNo, is_case_no
from hotline.model import Message
from hotline.roles import UNIT_ROLES
from store.accounts import all_users

router = Part()

_OF_ONE_CASE: Final = frozenset({Widget.EVIDENCE, Widget.MEASURE, Widget.CLOCK})
"""What such a field names belongs to one case."""

_OFTEN: Final = frozenset(
    {"sign_for", "dispatch_case", "review_reply", "log_contact", "urge", "archive_case"}
)
"""What is done to many cases at once on most days comes first."""

_PER_ROW: Final = {"dispatch_case": "lead"}
"""What each row is asked for itself: cases go to different units."""


@dataclass(frozen=True, slots=True)
class Row:
    """One case of a bulk, with what it alone is asked for."""

    case: OfferedCase
    value: str = ""
    likeliest: SuggestionView | None = None
    error: str = ""


def _is_for_many(command: type[Message]) -> bool:
    fields = fields_of(form_of(command), Catalogue())
    return not any(one.required and one.widget in _OF_ONE_CASE for one in fields)


_COMMANDS: Final = {kind_of(command): command for command in commands_for_people() if _is_for_many(command)}


@router.get("/bulk", operation_id="bulk_offered")
async def choose(visit: Here, found: Annotated[Offer, Depends(offered)]) -> HTMLResponse:
    """The rows that were ticked, and the commands that some or all of them may take."""
    commands = [one for one in found.commands if one.kind in _COMMANDS]
    commands.sort(key=lambda one: (-one.count, one.kind not in _OFTEN))
    return visit.page("bulk.html", cases=found.cases, commands=commands)


def _ask(kind: str, command: type[Message]) -> Callable[..., Awaitable[HTMLResponse]]:
    async def ask(visit: Here, found: Annotated[Offer, Depends(offered)]) -> HTMLResponse:
        catalogue = await _catalogue(visit)
        rows = _rows(kind, found.cases)
        return _form(visit, kind, fields_of(form_of(command), catalogue), rows, catalogue, uuid4().hex)

    return ask


def _take(kind: str, command: type[Message]) -> Callable[..., Awaitable[HTMLResponse]]:
    async def take(visit: Here, request: Request) -> HTMLResponse:
        sent = await request.form()
        numbers = [CaseNo(number) for number in map(str, sent.getlist("case_no")) if is_case_no(number)]
        if not 1 <= len(numbers) <= BULK_LIMIT:
            raise ApiError(422, "invalid_input", "请选择 1 至 100 件工单")
        key, catalogue = str(sent.get("key", "")) or uuid4().hex, await _catalogue(visit)
        found = await offer(visit.services, visit.actor, numbers)
        filled = [_filled(kind, command, catalogue, sent, case) for case in found.cases]
        forms = [(row.case, form) for row, form, _ in filled if form is not None]
        if len(forms) < len(filled) or not filled:
            fields = next((fields for _, form, fields in filled if form is None), ())
            rows = [row for row, _, _ in filled]
            return _form(visit, kind, fields, rows, catalogue, key, status=422)
        results = await file_all(
            visit.services,
            [
                Filing(
                    case_no=CaseNo(case.case_no),
                    command=command,
                    form=form,
                    actor=visit.actor,
                    command_id=command_id_of(visit.actor.user_id, case.case_no, key),
                )
                for case, form in forms
            ],
        )
        titles = {case.case_no: case.title for case, _ in forms}
        return visit.page("bulk_results.html", term=TERMS[kind], results=results, titles=titles)

    return take


def _filled(
    kind: str, command: type[Message], catalogue: Catalogue, sent: FormData, case: OfferedCase
) -> tuple[Row, BaseModel | None, tuple[Field, ...]]:
    """The form of one row: what all have in common, and what this one alone was asked for."""
    own, typed = _PER_ROW.get(kind), ""
    pairs = [(name, value) for name, value in sent.multi_items() if not name.startswith(f"{own}.")]
    if own:
        typed = str(sent.get(f"{own}.{case.case_no}", ""))
        pairs.append((own, typed))
    filled = fill(form_of(command), catalogue, FormData(pairs))
    error = next((one.error for one in filled.fields if one.name == own), "")
    return Row(case, typed, error=error), filled.form, filled.fields


def _form(
    visit: Visit,
    kind: str,
    fields: Sequence[Field],
    rows: Sequence[Row],
    catalogue: Catalogue,
    key: str,
    *,
    status: int = 200,
) -> HTMLResponse:
    own = _PER_ROW.get(kind)
    return visit.page(
        "bulk_form.html",
        status=status,
        kind=kind,
        term=TERMS[kind],
        fields=[one for one in fields if one.name != own],
        own=next((one for one in fields if one.name == own), None),
        rows=rows,
        units=catalogue.units,
        answers=answers,
        key=key,
    )


def _rows(kind: str, cases: Sequence[OfferedCase]) -> list[Row]:
    """The rows that may take the command; to which unit each may belong, if that is asked."""
    return [_row(kind, case) for case in cases if kind in case.next_actions]


def _row(kind: str, case: OfferedCase) -> Row:
    likeliest = next(iter(case.suggestions), None) if kind in _PER_ROW else None
    return Row(case, likeliest.unit, likeliest) if likeliest else Row(case)


async def _catalogue(visit: Visit) -> Catalogue:
    """What the fields of any case's form may choose from."""
    async with visit.services.database.read() as session:
        users = await all_users(session)
    own = visit.actor.unit if visit.actor.role in UNIT_ROLES else None
    units: list[Option] = [(code, f"{name} {code}") for code, name in (await visit.unit_names()).items()]
    people: list[Option] = [
        (user.user_id, f"{user.display_name}（{user.role.label}）")
        for user in users
        if own is None or user.unit == own
    ]
    return Catalogue(units=units, people=people, now=visit.now)


for _kind, _command in _COMMANDS.items():
    _path = f"/bulk/{_kind}"
    router.add_api_route(_path, _ask(_kind, _command), methods=["GET"], operation_id=f"bulk_{_kind}")
    router.add_api_route(_path, _take(_kind, _command), methods=["POST"], operation_id=f"bulk_{_kind}")
