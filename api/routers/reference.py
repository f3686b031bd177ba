"""What a client needs to know before it can ask: who it is, which units there are, the words of the field."""

from typing import Annotated, Any, Final

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.address import AddressDep
from api.deps import ActorDep, PrincipalDep, ServicesDep
from api.errors import responses
from api.examples import as_body
from api.parts import Operations
from api.schemas import Instant, View
from hotline import vocabulary
from hotline.identifiers import UnitCode
from hotline.model import Term
from store import matters
from store.accounts import Unit, all_units
from store.administration import By
from store.intake_request import Code
from store.matters import MatterEntry, OfferedMatter
from store.scope import visible_to

router = Operations(tags=["reference"], responses=responses(401))

_MATTER: Final[dict[str, Any]] = {
    "category": "交通/公交",
    "note": "公交线路、班次、站点和服务",
    "lead": "U120",
}


class Units(BaseModel):
    """Every active unit."""

    items: list[Unit]


class KeptForm(BaseModel):
    """What is kept about a matter: all but its name, which the ledgers of cases have."""

    model_config = ConfigDict(extra="forbid")

    note: Annotated[
        str,
        StringConstraints(strip_whitespace=True, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$"),
    ] = Field(default="", description="哪些诉求归入此项")
    lead: UnitCode | None = Field(
        default=None, pattern=r"^[\w.-]{1,64}$", description="没有先例时作为派单建议"
    )
    active: bool = Field(default=True, description="停用的登记时不再列出")


class MatterForm(KeptForm):
    """A matter, and what is kept about it."""

    category: Code = Field(description="已有的即变更，名称不得更改")


class MatterView(View):
    """One matter that cases are about, or that is kept in the catalogue."""

    category: str
    cases: int = Field(description="全部工单数")
    open_cases: int = Field(description="在办工单数")
    first_at: Instant | None
    last_at: Instant | None
    lead: str | None = Field(description="多数工单的主办单位")
    kept: MatterEntry | None = Field(description="目录中维护的内容；没有则未列入目录")


class OfferedMatters(View):
    """Matters by their names."""

    items: list[OfferedMatter]


class Matters(View):
    """Matters, those with the most cases first, then those that no case is about."""

    items: list[MatterView]


class Me(BaseModel):
    """The account that asks, and what it was asked with."""

    user_id: str
    display_name: str
    role: str
    role_label: str
    unit: str | None
    demo: bool = Field(description="演示账号，仅在演示模式下可用")
    scopes: list[str] = Field(description="所用令牌的权限；浏览器会话为全部")


@router.get("/me", summary="当前账号")
async def me(principal: PrincipalDep) -> Me:
    """Who the token or the session belongs to."""
    user = principal.user
    return Me(
        user_id=user.user_id,
        display_name=user.display_name,
        role=user.role,
        role_label=user.role.label,
        unit=user.unit,
        demo=user.demo,
        scopes=sorted(principal.scopes),
    )


@router.get("/units", summary="承办单位")
async def units(_: ActorDep, services: ServicesDep) -> Units:
    """Every unit that a case can be dispatched to."""
    async with services.database.read() as session:
        return Units(items=list(await all_units(session)))


@router.get("/matters", summary="事项目录", responses=responses(403))
async def every_matter(
    actor: ActorDep,
    services: ServicesDep,
    limit: Annotated[int, Query(ge=1, le=1000, description="条数")] = 300,
) -> Matters:
    """What the cases that one may know of are about, from the first case on, and what administrators keep."""
    async with services.database.read(snapshot=True) as session:
        found = await matters.matters(session, visible_to(actor), limit=limit)
    return Matters(items=[MatterView(**dict(line)) for line in found])


@router.get("/matters/offered", summary="可选事项")
async def offered_matters(actor: ActorDep, services: ServicesDep) -> OfferedMatters:
    """What a case can be about: matters in use, and those of cases that one may know of."""
    async with services.database.read() as session:
        return OfferedMatters(items=[*await matters.offered_matters(session, visible_to(actor))])


@router.put(
    "/matters", summary="新增、变更、停用目录事项", responses=responses(403), openapi_extra=as_body(_MATTER)
)
async def put_matter(
    body: MatterForm, principal: PrincipalDep, services: ServicesDep, address: AddressDep
) -> MatterEntry:
    """Keep a matter in the catalogue, or something else about it; what cases say of their matter stays as it is."""
    entry = MatterEntry(**body.model_dump())
    async with services.database.write() as session:
        await matters.put_matter(session, entry, By(principal.actor, services.now(), address))
    return entry


@router.get("/vocabulary", summary="代码与术语")
async def terms(_: ActorDep) -> dict[str, dict[str, str]]:
    """Every code with its Chinese term, by vocabulary."""
    return {
        name: {term.value: term.label for term in words}
        for name, words in vars(vocabulary).items()
        if isinstance(words, type) and issubclass(words, Term) and words is not Term
    }
