"""Before a dispatch (派单之前): which units earlier cases of the same matter stayed with."""

from typing import Annotated

from fastapi import Query

from api.deps import ActorDep, ServicesDep
from api.errors import responses
from api.filters import WORDS
from api.parts import Operations
from api.suggesting import SuggestionList, Wanted, suggested
from hotline.identifiers import UnitCode
from store.stays import Matter

router = Operations(tags=["dispatch"], responses=responses(401, 403))

_Unit = Annotated[str, Query(pattern=r"^[\w.-]{1,64}$")]


@router.get("/dispatch/suggestion", summary="派单建议")
async def suggestion(
    actor: ActorDep,
    services: ServicesDep,
    category: Annotated[str, Query(pattern=WORDS, description="事项分类")],
    area: Annotated[str | None, Query(pattern=WORDS, description="所属区域")] = None,
    accused: Annotated[list[_Unit] | None, Query(max_length=20, description="被反映单位，不予建议")] = None,
) -> SuggestionList:
    """Shares of the last year's cases of the same matter, in the same area if there were enough; people decide."""
    shut_out = [UnitCode(unit) for unit in accused or ()]
    return await suggested(services, actor, Wanted(Matter(category, area), shut_out))
