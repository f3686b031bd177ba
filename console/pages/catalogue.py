"""The catalogue of matters (事项目录): what cases are about, each matter with its cases and who mostly leads them."""

from typing import Annotated

from fastapi import Depends
from fastapi.responses import HTMLResponse

from api.parts import Part
from api.routers.reference import Matters, every_matter
from console.visit import Here

router = Part()


@router.get("/admin/catalogue", operation_id="reference_every_matter")
async def listed(visit: Here, matters: Annotated[Matters, Depends(every_matter)]) -> HTMLResponse:
    """The matters; each leads to its cases."""
    return visit.page("catalogue.html", matters=matters.items, units=await visit.unit_names())
