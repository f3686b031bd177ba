"""The catalogue of matters (事项目录): what cases are about, who mostly leads them, and what administrators keep of it."""

from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import Depends, Query
from fastapi.responses import HTMLResponse

from api.address import AddressDep
from api.errors import ApiError
from api.filters import WORDS
from api.parts import Part
from api.routers.reference import KeptForm, MatterForm, Matters, every_matter, offered_matters, put_matter
from console import sheets
from console.forms import Catalogue, Field, How
from console.speaking import marked as _
from console.visit import Here, Visit
from hotline.identifiers import HOTLINE

router = Part()

_ADD: Final = "列入目录"
_CHANGE: Final = "变更事项"

_HOW: Final[How] = {"note": {"label": _("说明")}, "lead": {"label": _("默认主办单位")}}

Known = Annotated[Matters, Depends(every_matter)]
Category = Annotated[str, Query(pattern=WORDS)]


@router.get("/admin/catalogue", operation_id="reference_every_matter")
async def listed(visit: Here, matters: Known) -> HTMLResponse:
    """The matters; each leads to its cases."""
    return visit.page(
        "catalogue_parts.html" if visit.is_part else "catalogue.html",
        matters=matters.items,
        units=await visit.unit_names(),
        query=lambda category: urlencode({"category": category}),
    )


@router.get("/admin/catalogue/add", operation_id="reference_put_matter")
async def ask_to_add(visit: Here, category: str = "") -> HTMLResponse:
    """An empty form, or that of a matter which cases brought."""
    return sheets.ask(visit, await _adding(visit, category))


@router.post("/admin/catalogue/add", operation_id="reference_put_matter")
async def add(visit: Here, address: AddressDep) -> HTMLResponse:
    """Keep the matter from now on."""

    async def added(sent: sheets.Sent[MatterForm]) -> HTMLResponse:
        await put_matter(sent.form, visit.principal, visit.services, address)
        return sheets.done(visit, _ADD)

    return await sheets.take(visit, await _adding(visit), added)


async def _adding(visit: Visit, category: str = "") -> sheets.Sheet[MatterForm]:
    return sheets.Sheet(
        "/admin/catalogue/add",
        _ADD,
        MatterForm,
        catalogue=await _units(visit),
        given={"category": category},
        how=_HOW,
        order=_name_first,
        is_drafted=False,
    )


def _name_first(field: Field) -> int:
    return 0 if field.name == "category" else 1


@router.get("/admin/catalogue/change", operation_id="reference_put_matter")
async def ask_to_change(visit: Here, known: Known, category: Category) -> HTMLResponse:
    """The form as the matter is kept now."""
    return sheets.ask(visit, await _changing(visit, known, category))


@router.post("/admin/catalogue/change", operation_id="reference_put_matter")
async def change(visit: Here, known: Known, category: Category, address: AddressDep) -> HTMLResponse:
    """Keep something else about the matter, or retire it."""

    async def changed(sent: sheets.Sent[KeptForm]) -> HTMLResponse:
        body = MatterForm(category=category, **sent.form.model_dump())
        await put_matter(body, visit.principal, visit.services, address)
        return sheets.done(visit, _CHANGE)

    return await sheets.take(visit, await _changing(visit, known, category), changed)


async def _changing(visit: Visit, known: Matters, category: str) -> sheets.Sheet[KeptForm]:
    kept = next((one.kept for one in known.items if one.category == category), None)
    if kept is None:
        raise ApiError(404, "matter_not_found", "目录中没有这一事项")
    return sheets.Sheet(
        f"/admin/catalogue/change?{urlencode({'category': category})}",
        _CHANGE,
        KeptForm,
        category,
        catalogue=await _units(visit),
        given=kept.model_dump(),
        how=_HOW,
        is_drafted=False,
    )


async def _units(visit: Visit) -> Catalogue:
    names = await visit.unit_names()
    return Catalogue(units=[(code, f"{name} {code}") for code, name in names.items() if code != HOTLINE])


async def matters_offered(visit: Visit) -> How:
    """How a form asks for the matter of a case: whatever is typed, with what there is to choose from."""
    offered = await offered_matters(visit.actor, visit.services)
    return {"category": {"options": [(one.category, one.note) for one in offered.items]}}
