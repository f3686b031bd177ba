"""Saved views (常用视图) of the list of cases: filters and columns under a name, for one's own account."""

from typing import Annotated, Any, Final, Literal, Self
from urllib.parse import urlencode
from uuid import uuid4

from pydantic import BaseModel, ConfigDict, Field

from api.columns import CaseColumn
from api.deps import ActorDep, ServicesDep
from api.errors import ApiError, responses
from api.examples import as_body
from api.filters import WORDS
from api.parts import Operations
from api.schemas import Instant, View
from hotline.vocabulary import Phase, RequestType, Status, Urgency
from store import views
from store.views import SavedView

router = Operations(tags=["views"], responses=responses(401, 403))

VIEW: Final[dict[str, Any]] = {
    "name": "本周超期投诉",
    "filters": {"status": ["in_hand"], "type": "complaint", "overdue": True, "order": "due"},
    "columns": ["case_no", "title", "status", "next_due_at"],
}
"""An example of a view."""

_Code = Annotated[str, Field(pattern=r"^[\w.-]{1,64}$")]
_Words = Annotated[str, Field(pattern=WORDS)]


class ViewFilters(BaseModel):
    """What a view narrows the list by, named as in its query string; a search is not kept."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    status: list[Status] = Field(default=[], max_length=len(Status))
    phase: Phase | None = None
    type: RequestType | None = None
    urgency: Urgency | None = None
    category: _Words | None = None
    area: _Words | None = None
    unit: _Code | None = None
    lead: _Code | None = None
    level: _Code | None = None
    is_open: bool | None = Field(default=None, alias="open")
    overdue: bool | None = None
    order: Literal["newest", "oldest", "due"] = "newest"

    @property
    def as_asked(self) -> dict[str, Any]:
        """The filters that narrow, as JSON has them."""
        return self.model_dump(mode="json", by_alias=True, exclude_defaults=True)


_NAMES: Final = tuple(info.alias or name for name, info in ViewFilters.model_fields.items())
"""The filters in the order in which an address names them."""


class ViewForm(BaseModel):
    """A view as it is to be kept; one of the same name is replaced."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=20, pattern=r"^[^\x00-\x1f\x7f]*$", description="名称")
    filters: ViewFilters = Field(description="筛选条件")
    columns: list[CaseColumn] = Field(default=[], max_length=len(CaseColumn), description="列；空为常用各列")


class ViewLine(View):
    """One view; `query` is what follows `?` in the address of its list."""

    view_id: str
    name: str
    filters: dict[str, Any]
    columns: list[str]
    saved_at: Instant
    query: str = Field(examples=["status=in_hand&type=complaint&overdue=true&order=due"])

    @classmethod
    def of(cls, kept: SavedView) -> Self:
        """The view of a row; a code that is no more narrows nothing."""
        asked = {name: _said(kept.filters[name]) for name in _NAMES if name in kept.filters}
        columns = [column for column in kept.columns if column in set(CaseColumn)]
        query = urlencode(asked | ({"columns": columns} if columns else {}), doseq=True)
        told = kept.model_dump(include={"view_id", "name", "filters", "saved_at"})
        return cls(**told, columns=columns, query=query)


class ViewList(View):
    """Views by their names."""

    items: list[ViewLine]


@router.get("/views", summary="本人的常用视图")
async def mine(actor: ActorDep, services: ServicesDep) -> ViewList:
    """Every view of one's account."""
    async with services.database.read() as session:
        kept = await views.views_of(session, actor.user_id)
    return ViewList(items=[ViewLine.of(view) for view in kept])


@router.put("/views", summary="保存常用视图", responses=responses(409), openapi_extra=as_body(VIEW))
async def save(body: ViewForm, actor: ActorDep, services: ServicesDep) -> ViewLine:
    """Keep filters and columns under a name, which replaces what one kept under it before."""
    view = SavedView(
        view_id=uuid4().hex,
        user_id=actor.user_id,
        name=body.name.strip(),
        filters=body.filters.as_asked,
        columns=tuple(column.value for column in body.columns),
        saved_at=services.now(),
    )
    async with services.database.write() as session:
        return ViewLine.of(await views.save_view(session, view))


@router.delete("/views/{view_id}", status_code=204, summary="删除常用视图", responses=responses(404))
async def remove(view_id: str, actor: ActorDep, services: ServicesDep) -> None:
    """Delete one of one's own views."""
    async with services.database.write() as session:
        if not await views.delete_view(session, actor.user_id, view_id):
            raise ApiError(404, "view_not_found", "没有这个视图")


# A filter as JSON has it: a code, several, or a truth value.
def _said(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else value
