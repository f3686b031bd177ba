"""Figures of accountability (问责统计): what files count for, and the files behind every number."""

from itertools import groupby
from typing import Annotated

from fastapi import Depends
from fastapi.responses import HTMLResponse

from api.dossier_statistics import DossierStatistics, FigureLine, SplitBy
from api.dossier_views import DossierPageView
from api.parts import Part
from api.routers.dossiers import counted_files, statistics
from console.visit import Here
from hotline.accountability.vocabulary import Figure

router = Part()


@router.get("/accountability/statistics", operation_id="dossiers_statistics")
async def figures(visit: Here, counted: Annotated[DossierStatistics, Depends(statistics)]) -> HTMLResponse:
    """The figures of a span, one table for each; every number leads to its files."""
    asked = visit.request.query_params
    span = {name: asked[name] for name in ("since", "until") if name in asked}
    return visit.page(
        "figures.html",
        counted=counted,
        tables=[
            (label, list(lines)) for label, lines in groupby(counted.items, key=lambda one: one.figure_label)
        ],
        asked=asked,
        splits=list(SplitBy),
        files_of=lambda line: _files_of(line, span),
    )


def _files_of(line: FigureLine, span: dict[str, str]) -> dict[str, str]:
    """What a line asks its files with."""
    parts = {"figure": line.figure, "code": line.code, "month": line.month, "group": line.group}
    return span | {name: value for name, value in parts.items() if value is not None}


@router.get("/accountability/statistics/files", operation_id="dossiers_counted_files")
async def files(visit: Here, page: Annotated[DossierPageView, Depends(counted_files)]) -> HTMLResponse:
    """The files that a figure counts."""
    asked = visit.request.query_params
    return visit.page(
        "figure_files.html",
        page=page,
        asked=asked,
        figure=next((figure.label for figure in Figure if figure == asked.get("figure")), ""),
        more=visit.request.url.include_query_params(cursor=page.next_cursor).query,
        units=await visit.unit_names(),
        people={user.user_id: user.display_name for user in await visit.accounts()},
    )
