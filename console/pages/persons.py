"""People whom files are about (被反映人): entering one, their record across jobs, and the periods that run and end."""

from typing import Annotated, Final

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse
from pydantic import ValidationError

from api.dossier_views import AccusedPage, PeriodPage, RecordView
from api.officers import OfficerDep
from api.parts import Part
from api.routers.dossiers import NewPerson, enter, periods, persons, record
from console.forms import Field, Widget
from console.periods import axis_of
from console.visit import Here

router = Part()

_MOST_NAME: Final = 200


@router.get("/persons", operation_id="dossiers_persons")
async def everybody(visit: Here, page: Annotated[AccusedPage, Depends(persons)]) -> HTMLResponse:
    """Everybody whom files are about that the caller may know of; each leads to their record."""
    return visit.page(
        "persons.html",
        page=page,
        asked=visit.request.query_params,
        more=visit.request.url.include_query_params(cursor=page.next_cursor).query,
        units=await visit.unit_names(),
    )


@router.get("/persons/{person}", operation_id="dossiers_record")
async def shown(visit: Here, found: Annotated[RecordView, Depends(record)]) -> HTMLResponse:
    """What was decided against somebody across jobs, and whether anything bars promotion on a day."""
    spans = [(one.effect_from, one.effect_until) for one in found.items if one.effect_from]
    return visit.page(
        "person.html",
        record=found,
        axis=axis_of(spans, found.on) if spans else None,
        units=await visit.unit_names(),
    )


@router.get("/periods", operation_id="dossiers_periods")
async def running(visit: Here, page: Annotated[PeriodPage, Depends(periods)]) -> HTMLResponse:
    """Periods of effect on one time axis, what ends next first."""
    spans = [(one.effect_from, None if one.open_ended else one.effect_until) for one in page.items]
    return visit.page(
        "periods.html",
        page=page,
        axis=axis_of(spans, page.on),
        asked=visit.request.query_params,
        more=visit.request.url.include_query_params(cursor=page.next_cursor).query,
        units=await visit.unit_names(),
    )


@router.post("/persons/entered", operation_id="dossiers_enter")
async def entered(visit: Here, officer: OfficerDep, request: Request) -> HTMLResponse:
    """Enter somebody for a form; the form has their number from then on, and one person has one in every file."""
    sent = await request.form()
    name = str(sent.get("field", ""))[:_MOST_NAME]
    called = str(sent.get(f"{name}.name", "")).strip()
    identity = str(sent.get(f"{name}.identity", "")).strip() or None
    fault, person = "", ""
    try:
        person = (await enter(NewPerson(name=called, identity=identity), officer, visit.services)).person
    except ValidationError as error:
        fault = "身份证件号码格式不正确" if called and error.error_count() else "请填写姓名"
    field = Field(name=name, label="", widget=Widget.ACCUSED, required=True)
    return visit.page("components/accused.html", one=field, person=person, person_name=called, fault=fault)
