"""The checklist above the form of a reply (办结要件)."""

from typing import Annotated

from fastapi import Depends
from fastapi.responses import HTMLResponse

from api.parts import Part
from api.routers.closing import Checklist, closing
from console.visit import Here

router = Part()


@router.get("/cases/{case_no}/closing", operation_id="cases_closing")
async def checklist(visit: Here, found: Annotated[Checklist, Depends(closing)]) -> HTMLResponse:
    """What the reply will be asked for, and what of it is there."""
    return visit.page("components/closing.html", checks=found.items)
