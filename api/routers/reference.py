"""What a client needs to know before it can ask: who it is, which units there are, the words of the field."""

from typing import Annotated

from fastapi import Query
from pydantic import BaseModel, Field

from api.deps import ActorDep, PrincipalDep, ServicesDep
from api.errors import responses
from api.parts import Operations
from api.schemas import Instant, View
from hotline import vocabulary
from hotline.model import Term
from store.accounts import Unit, all_units
from store.matters import matters
from store.scope import visible_to

router = Operations(tags=["reference"], responses=responses(401))


class Units(BaseModel):
    """Every active unit."""

    items: list[Unit]


class MatterView(View):
    """One matter that cases are about."""

    category: str
    cases: int = Field(description="全部工单数")
    open_cases: int = Field(description="在办工单数")
    first_at: Instant
    last_at: Instant
    lead: str | None = Field(description="多数工单的主办单位")


class Matters(View):
    """Matters, those with the most cases first."""

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
    """What the cases that one may know of are about; a matter is in it from its first case on."""
    async with services.database.read() as session:
        found = await matters(session, visible_to(actor), limit=limit)
    return Matters(items=[MatterView(**line.model_dump()) for line in found])


@router.get("/vocabulary", summary="代码与术语")
async def terms(_: ActorDep) -> dict[str, dict[str, str]]:
    """Every code with its Chinese term, by vocabulary."""
    return {
        name: {term.value: term.label for term in words}
        for name, words in vars(vocabulary).items()
        if isinstance(words, type) and issubclass(words, Term) and words is not Term
    }
