"""Sheets for what is of no case (表单): a form in a dialog, filed through an operation of the API, and what came of it.

A form that is refused comes back as it was filled in, with the reason beside its field; one that was done closes
the dialog, says so, and the page asks anew for what it shows.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from fastapi.responses import HTMLResponse

from api.errors import ApiError, problem_of
from api.gateway import GatewayError
from console.forms import Field, answers, with_errors
from console.speaking import marked as _
from console.visit import Visit
from hotline.refusals import Refusal
from store.failures import DatabaseUnavailable

REFUSED: Final = (Refusal, ApiError, GatewayError, DatabaseUnavailable)
"""What an operation may answer instead of doing it; the sheet says it in the same words as the API."""

_DONE: Final = {"HX-Retarget": "#told", "HX-Reswap": "innerHTML", "HX-Trigger": "filed"}
_SHOWN: Final = {"HX-Trigger": "renewed"}


@dataclass(frozen=True, slots=True)
class Sheet:
    """A form: what it is for, where it goes, and its fields. Without fields it asks to be confirmed."""

    title: str
    action: str
    fields: tuple[Field, ...] = ()
    about: str = ""
    note: str = _("确认后立即生效。")
    button: str = _("确定")
    danger: bool = False


def shown(
    visit: Visit,
    sheet: Sheet,
    *,
    status: int = 200,
    problem: Any = None,
    headers: Mapping[str, str] | None = None,
) -> HTMLResponse:
    """The sheet, in the dialog of whichever page asked for it."""
    return visit.page(
        "components/form_sheet.html",
        status=status,
        headers=headers,
        sheet=sheet,
        answers=answers,
        problem=problem,
    )


def refused(visit: Visit, sheet: Sheet, error: Exception) -> HTMLResponse:
    """The sheet as it was filled in, with the reason."""
    problem, headers = problem_of(error)
    fields = with_errors(sheet.fields, {problem.field: problem.title} if problem.field else {})
    return shown(
        visit, replace(sheet, fields=fields), status=problem.status, problem=problem, headers=headers
    )


# What a line says has values of any kind.
def done(visit: Visit, said: str, **values: Any) -> HTMLResponse:
    """The dialog closes, a line says what was done, and the page renews what it shows."""
    return visit.page("components/said.html", headers=_DONE, said=said, values=values)


# As above.
def handed_out(visit: Visit, title: str, secret: str | None, note: str, **values: Any) -> HTMLResponse:
    """A secret that is shown this once, in the dialog; the page behind it renews what it shows."""
    return visit.page(
        "components/handed_out.html", headers=_SHOWN, title=title, secret=secret, note=note, values=values
    )
