"""The clue desk (线索台): accountability files in a list, what waits for one's approval, and a new clue.

All of it is as secret as the API keeps it: a file that an officer may not know of is not there.
"""

from typing import Annotated

from fastapi import Depends
from fastapi.responses import HTMLResponse
from pydantic import BaseModel

from api.dossier_desk import Clue, raise_clue
from api.dossier_forms import clue_form
from api.dossier_views import DossierPageView
from api.officers import OfficerDep
from api.parts import Part
from api.routers.dossiers import every
from console import sheets
from console.forms import Catalogue
from console.visit import Here, Visit
from hotline.accountability.vocabulary import ClueSource, DossierStage

router = Part()


@router.get("/dossiers", operation_id="dossiers_every")
async def desk(visit: Here, page: Annotated[DossierPageView, Depends(every)]) -> HTMLResponse:
    """The files that the caller may know of, narrowed by the same filters as the API's list."""
    return visit.page(
        "dossiers_rows.html" if visit.is_part else "dossiers.html",
        page=page,
        asked=visit.request.query_params,
        more=visit.request.url.include_query_params(cursor=page.next_cursor).query,
        units=await visit.unit_names(),
        stages=[(one.value, one.label) for one in DossierStage],
        sources=[(one.value, one.label) for one in ClueSource],
        people={user.user_id: user.display_name for user in await visit.accounts()},
    )


@router.get("/dossiers/new", operation_id="dossiers_register")
async def ask(visit: Here) -> HTMLResponse:
    """The form of a clue; what is known of it already comes in the address."""
    return sheets.ask(visit, await _sheet(visit))


@router.post("/dossiers/new", operation_id="dossiers_register")
async def take(visit: Here, officer: OfficerDep) -> HTMLResponse:
    """Register the clue, and go on to its file; the same key is the same file."""

    async def registered(sent: sheets.Sent[BaseModel]) -> HTMLResponse:
        clue = Clue(form=sent.form, officer=officer, key=sent.key, actor=visit.actor)
        receipt = await raise_clue(visit.services, clue)
        return sheets.gone_to(f"/dossiers/{receipt.dossier_no}")

    return await sheets.take(visit, await _sheet(visit), registered)


async def _sheet(visit: Visit) -> sheets.Sheet[BaseModel]:
    users = await visit.accounts()
    known: dict[str, object] = dict(visit.request.query_params)
    return sheets.Sheet(
        path="/dossiers/new",
        term="登记问题线索",
        model=clue_form(),
        catalogue=Catalogue(
            units=[(code, f"{name} {code}") for code, name in (await visit.unit_names()).items()],
            people=[(user.user_id, f"{user.display_name}（{user.role.label}）") for user in users],
        ),
        given=known | {"cases": visit.request.query_params.getlist("cases")},
    )
