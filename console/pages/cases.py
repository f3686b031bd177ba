"""Lists of cases (工单列表): the list of the API with its filters, as a page and as each role's own work."""

from collections.abc import Iterable
from typing import Annotated, Final

from fastapi import Depends, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import ValidationError

from api.columns import ALWAYS, CaseColumn, cells, chosen
from api.exporting import EXPORT_LIMIT
from api.parts import Part
from api.routers.cases import PAGE_LIMIT, list_cases
from api.routers.views import ViewForm, ViewLine, ViewList, mine, remove, save
from api.schemas import CasePageView
from console.asked import Asked
from console.views import Preset, presets_of
from console.visit import Here
from hotline.refusals import GuardFailed
from hotline.vocabulary import Phase, RequestType, Status, Urgency

router = Part()

Listed = Annotated[CasePageView, Depends(list_cases)]
_COLUMNS_COOKIE: Final = "hotline-columns"
_YEAR: Final = 365 * 86_400
_FIRST: Final = 50
_MORE: Final = 200
_SEVERAL: Final = frozenset({"status"})
"""Filters that may have several values."""


@router.get("/cases", operation_id="cases_list_cases")
async def listed(
    visit: Here,
    page: Listed,
    views: Annotated[ViewList, Depends(mine)],
    columns: Annotated[list[CaseColumn] | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_LIMIT)] = _FIRST,
) -> HTMLResponse:
    """Every case that the caller may know of, narrowed by the same filters as the API's list."""
    asked, units = Asked(visit.request.query_params), await visit.unit_names()
    shown = chosen(columns or _kept_columns(visit.request))
    presets = list(presets_of(visit.actor.role))
    answer = visit.page(
        "cases_rows.html" if visit.is_part else "cases.html",
        asked=asked,
        rows=[(line, dict(zip(shown, cells(line, shown, units), strict=True))) for line in page.items],
        shown=shown[len(ALWAYS) :],
        every_column=[column for column in CaseColumn if column not in ALWAYS],
        limit=limit,
        more_limit=min(limit + _MORE, PAGE_LIMIT) if limit < PAGE_LIMIT else None,
        next_cursor=page.next_cursor,
        presets=presets,
        views=views.items,
        view=_view_at(asked, presets, views.items),
        export_limit=EXPORT_LIMIT,
        units=units,
        choices={"phase": Phase, "type": RequestType, "urgency": Urgency},
        statuses=list(Status),
    )
    if columns and not asked.get("view"):
        kept = ".".join(column.value for column in chosen(columns))
        answer.set_cookie(_COLUMNS_COOKIE, kept, max_age=_YEAR, path="/cases", samesite="lax", httponly=True)
    return answer


@router.post("/views", operation_id="views_save")
async def keep_view(visit: Here, request: Request) -> Response:
    """Keep what the list shows under a name, and show it as that view."""
    sent = await request.form()
    names = [name for name in sent if name not in {"name", "columns", "csrf_token"}]
    filters = {
        name: sent.getlist(name) if name in _SEVERAL else sent.get(name) for name in dict.fromkeys(names)
    }
    try:
        body = ViewForm.model_validate(
            {
                "name": str(sent.get("name", "")).strip(),
                "filters": filters,
                "columns": sent.getlist("columns"),
            }
        )
    except ValidationError as error:
        raise GuardFailed("view_unnamed", "请填写名称，不超过 20 个字", field="name") from error
    kept = await save(body, visit.actor, visit.services)
    return Response(status_code=204, headers={"HX-Redirect": f"/cases?{kept.query}&view={kept.view_id}"})


@router.post("/views/{view_id}/delete", operation_id="views_remove")
async def drop_view(view_id: str, visit: Here) -> RedirectResponse:
    """Delete one of one's views, and show the whole list."""
    await remove(view_id, visit.actor, visit.services)
    return RedirectResponse("/cases", status_code=303)


def _kept_columns(request: Request) -> list[CaseColumn]:
    """The columns that this browser chose last; what an older release called otherwise is left out."""
    known = {column.value: column for column in CaseColumn}
    kept = request.cookies.get(_COLUMNS_COOKIE, "").split(".")
    return [known[name] for name in kept if name in known]


def _view_at(asked: Asked, presets: Iterable[Preset], views: Iterable[ViewLine]) -> Preset | ViewLine | None:
    """The view that an address shows: one's own if it says so, else what is offered with the same filters."""
    for view in views:
        if view.view_id == asked.get("view"):
            return view
    return next((preset for preset in presets if asked.asks_for(preset.filters)), None)
