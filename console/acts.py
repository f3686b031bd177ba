"""What is done on a page that is not a case's (办理): a model's form in a dialog, filed through the API's own functions.

A form that is refused comes back as it was filled in, with the problem beside its field; once it is filed the
dialog closes, the page says so, and asks anew for what it shows.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any, Final
from uuid import uuid4

from fastapi.responses import HTMLResponse
from pydantic import BaseModel
from starlette.datastructures import FormData

from api.errors import ApiError, problem_of
from api.gateway import GatewayError
from console.forms import Catalogue, Field, answers, fields_of, fill, with_errors
from console.visit import Visit
from hotline.refusals import Refusal
from store.failures import DatabaseUnavailable

_UNANSWERED: Final = 503
_FILED: Final = {"HX-Retarget": "#told", "HX-Reswap": "innerHTML", "HX-Trigger": "filed"}


@dataclass(frozen=True, slots=True)
class Act:
    """One form: the address that takes it, what it is called, what it is about, and its model.

    `key` is that of the form: sending it twice is doing it once, wherever the operation has keys.
    """

    action: str
    term: str
    about: str
    model: type[BaseModel]
    catalogue: Catalogue = field(default_factory=Catalogue)
    key: str = ""

    @property
    def fields(self) -> tuple[Field, ...]:
        """What is asked for."""
        return fields_of(self.model, self.catalogue)


def ask(visit: Visit, act: Act) -> HTMLResponse:
    """The empty form."""
    return _sheet(visit, replace(act, key=uuid4().hex), act.fields)


# The form is an instance of the act's model, which types do not say.
async def take(
    visit: Visit, act: Act, sent: FormData, file: Callable[[Any, str], Awaitable[object]]
) -> HTMLResponse:
    """File what came back under its key, or show it again with what is wrong.

    Nobody knows what became of a form that was not answered (503): it keeps its key, as on a case's page.
    """
    act = replace(act, key=str(sent.get("key", "")) or uuid4().hex)
    filled = fill(act.model, act.catalogue, sent)
    if filled.form is None:
        return _sheet(visit, act, filled.fields, status=422)
    try:
        await file(filled.form, act.key)
    except (Refusal, ApiError, GatewayError, DatabaseUnavailable) as error:
        problem, headers = problem_of(error)
        fields = with_errors(filled.fields, {problem.field: problem.title} if problem.field else {})
        again = act if problem.status == _UNANSWERED else replace(act, key=uuid4().hex)
        return _sheet(visit, again, fields, status=problem.status, headers=headers, problem=problem)
    return visit.page("components/acted.html", headers=_FILED, term=act.term)


# Any: what a page is told goes to its template as it is.
def _sheet(visit: Visit, act: Act, fields: tuple[Field, ...], **told: Any) -> HTMLResponse:
    shown = {"problem": None} | told
    return visit.page("components/act.html", act=act, fields=fields, answers=answers, **shown)
