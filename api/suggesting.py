"""Suggestions for dispatching (派单建议): for one matter before it is registered, and for every row of a queue."""

from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from typing import Final, Self

from pydantic import Field

from api.schemas import View
from api.services import Services
from api.sight import scope_of
from hotline.case import Actor
from hotline.identifiers import UnitCode
from hotline.suggestion import Suggestion, suggest
from store.stays import Matter, stays_of

SINCE: Final = timedelta(days=365)
"""Set by us: units are reorganised, and what went to them before tells little."""


class SuggestionView(View):
    """A unit, with the share of earlier cases that stayed with it and how many cases that is."""

    unit: str
    share: float = Field(description="占比，0 至 1", examples=[0.82])
    stayed: int = Field(description="由该单位办理的件数")
    cases: int = Field(description="依据的件数")
    basis: str = Field(examples=["matter_and_area"])
    basis_label: str = Field(examples=["同类事项同一区域"])

    @classmethod
    def of(cls, one: Suggestion) -> Self:
        """The view of a suggestion."""
        return cls(
            unit=one.unit,
            share=round(one.share, 4),
            stayed=one.stayed,
            cases=one.cases,
            basis=one.basis,
            basis_label=one.basis.label,
        )


class SuggestionList(View):
    """Suggestions, the likeliest first; none where earlier cases are too few."""

    items: list[SuggestionView]


async def suggested(
    services: Services, actor: Actor, matter: Matter, *, shut_out: Collection[UnitCode] = ()
) -> SuggestionList:
    """Suggest units for a matter, from the cases of the last year that the asker may know of."""
    found = await suggested_for_all(services, actor, [matter])
    items = suggest(*found[matter], shut_out)
    return SuggestionList(items=[SuggestionView.of(one) for one in items])


async def suggested_for_all(
    services: Services, actor: Actor, matters: Iterable[Matter]
) -> Mapping[Matter, tuple[Mapping[UnitCode, int], Mapping[UnitCode, int]]]:
    """The counts behind the suggestions for several matters, by one query."""
    since = services.now() - SINCE
    async with services.database.read() as session:
        return await stays_of(session, scope_of(actor), matters, since=since)
