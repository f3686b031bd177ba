"""What a client needs to know before it can ask: who it is, which units there are, the words of the field."""

from fastapi import APIRouter
from pydantic import BaseModel

from api.deps import ActorDep, ServicesDep
from api.errors import responses
from hotline import vocabulary
from hotline.case import Actor
from hotline.model import Term
from store.accounts import Unit, all_units

router = APIRouter(tags=["reference"], responses=responses(401))


class Units(BaseModel):
    """Every active unit."""

    items: list[Unit]


@router.get("/me", summary="当前账号")
async def me(actor: ActorDep) -> Actor:
    """Who the token belongs to."""
    return actor


@router.get("/units", summary="承办单位")
async def units(_: ActorDep, services: ServicesDep) -> Units:
    """Every unit that a case can be dispatched to."""
    async with services.database.read() as session:
        return Units(items=list(await all_units(session)))


@router.get("/vocabulary", summary="代码与术语")
async def terms(_: ActorDep) -> dict[str, dict[str, str]]:
    """Every code with its Chinese term, by vocabulary."""
    return {
        name: {term.value: term.label for term in words}
        for name, words in vars(vocabulary).items()
        if isinstance(words, type) and issubclass(words, Term) and words is not Term
    }
