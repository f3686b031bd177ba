"""Forms in dialogs (表单): asked for, read, filed, or handed back as they were filled in.

One way for everything that is done on a page. What a form is about and what files it is told by the page; what a
refusal, an outage or an overtaken version means for the form is the same everywhere and told here.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Generic
from uuid import uuid4

from fastapi.responses import HTMLResponse
from pydantic import BaseModel

from api.errors import EXPECTED, Problem, problem_of
from console.forms import Catalogue, Field, Form, How, answers, fields_of, fill, with_errors
from console.speaking import marked as _
from console.visit import Visit
from hotline.refusals import StaleVersion

_UNANSWERED: Final = 503

FILED: Final[Mapping[str, str]] = {
    "HX-Retarget": "#told",
    "HX-Reswap": "innerHTML",
    "HX-Trigger": "filed",
}
"""What was asked for is done: the page says so and asks anew for what moved."""

Mover = Callable[[int], Awaitable[str | None]]


class Confirmation(BaseModel):
    """A form without fields, which asks only whether something is meant."""


@dataclass(frozen=True, slots=True)
class Sheet(Generic[Form]):
    """A form: where it is sent, what it does to what, and the model that it asks for.

    `moved_since` says in words what happened after a version that somebody saw, if anything did. What is typed is
    kept by the browser until it is filed, unless the form shows a record as it is now (`is_drafted`). A form that
    has its place on a page comes back to that place: `places` has its template by the target, and `besides` what
    that template shows.
    """

    path: str
    term: str
    model: type[Form]
    subject: str = ""
    catalogue: Catalogue = field(default_factory=Catalogue)
    given: Mapping[str, object] | None = None
    how: How | None = None
    order: Callable[[Field], int] | None = None
    note: str = _("确认后立即生效。")
    is_dangerous: bool = False
    is_drafted: bool = True
    kind: str = ""
    version: int | None = None
    moved_since: Mover | None = None
    places: Mapping[str, str] = field(default_factory=dict)
    besides: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sent(Generic[Form]):
    """A form that was filled in, the key that makes it one command, and the version that was seen."""

    form: Form
    key: str
    seen: int | None


def ask(visit: Visit, sheet: Sheet[Form]) -> HTMLResponse:
    """The form, empty but for what is known already."""
    return _page(visit, sheet, _fields(sheet), key=uuid4().hex)


def in_place(sheet: Sheet[Form]) -> dict[str, Any]:
    """The same form for a template that has it in its place on a page."""
    return _context(sheet, _fields(sheet), uuid4().hex)


async def take(
    visit: Visit, sheet: Sheet[Form], file: Callable[[Sent[Form]], Awaitable[HTMLResponse]]
) -> HTMLResponse:
    """What filing the form leads to, or the form again with what is wrong with it.

    Nobody knows what became of a command that was not answered (503): it keeps its key. One that was refused
    left nothing behind, and what is typed next is another command.
    """
    sent = await visit.request.form()
    filled = fill(sheet.model, sheet.catalogue, sent, sheet.how)
    key, version = str(sent.get("key", "")) or uuid4().hex, str(sent.get("version", ""))
    if filled.form is None:
        return _page(visit, sheet, filled.fields, key=key, status=422)
    seen = int(version) if version.isdigit() else None
    try:
        return await file(Sent(filled.form, key, seen))
    except EXPECTED as error:
        problem, headers = problem_of(error)
        moved = None
        if isinstance(error, StaleVersion) and seen is not None and sheet.moved_since:
            moved = await sheet.moved_since(seen)
        return _page(
            visit,
            sheet,
            with_errors(filled.fields, {problem.field: problem.title} if problem.field else {}),
            key=key if problem.status == _UNANSWERED else uuid4().hex,
            status=problem.status,
            headers=headers,
            problem=problem,
            moved=moved,
        )


# What a line says has values of any kind, here and below.
def done(visit: Visit, term: str, standing: str = "", said: str = "", **values: Any) -> HTMLResponse:
    """The page closes the form, says what happened and where the matter stands, and asks anew for what moved."""
    return visit.page(
        "components/done.html", headers=FILED, term=term, standing=standing, said=said, values=values
    )


def gone_to(path: str) -> HTMLResponse:
    """What was typed is kept for good, and the browser goes on to its page."""
    return HTMLResponse(headers={"HX-Redirect": path, "HX-Trigger": "kept"})


def handed_out(visit: Visit, title: str, secret: str | None, note: str, **values: Any) -> HTMLResponse:
    """A secret that is shown this once, in the dialog; the page behind it renews what it shows."""
    headers = {"HX-Trigger": "kept, renewed"}
    return visit.page(
        "components/handed_out.html", headers=headers, title=title, secret=secret, note=note, values=values
    )


def _fields(sheet: Sheet[Form]) -> tuple[Field, ...]:
    return fields_of(sheet.model, sheet.catalogue, sheet.given, sheet.how)


def _page(
    visit: Visit,
    sheet: Sheet[Form],
    fields: tuple[Field, ...],
    *,
    key: str,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    problem: Problem | None = None,
    moved: str | None = None,
) -> HTMLResponse:
    place = visit.request.headers.get("hx-target", "")
    context = _context(sheet, fields, key) | {"problem": problem, "moved": moved}
    return visit.page(sheet.places.get(place, "components/sheet.html"), status, headers, **context)


# What a template takes is of any type, here and above.
def _context(sheet: Sheet[Form], fields: tuple[Field, ...], key: str) -> dict[str, Any]:
    ordered = sorted(fields, key=sheet.order) if sheet.order else fields
    own = {"sheet": sheet, "fields": ordered, "key": key, "answers": answers}
    return {**sheet.besides, **own, "problem": None, "moved": None}
