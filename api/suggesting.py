"""Suggestions for dispatching (派单建议): for one matter before it is registered, and for every row of a queue."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Final, NamedTuple, Self, TypeVar

from pydantic import Field

from api.schemas import View
from api.services import Services
from api.sight import scope_of
from hotline.case import Actor
from hotline.identifiers import UnitCode
from hotline.suggestion import Suggestion, suggest, suggest_kept
from hotline.visibility import below
from store.engine import ReadSession
from store.matters import default_leads
from store.stays import Matter, stays_of
from store.viewers import parents

_Key = TypeVar("_Key", bound=str)

SINCE: Final = timedelta(days=183)
"""Set by us: units are reorganised, and what went to them before tells little."""


class SuggestionView(View):
    """A unit, with the share of earlier cases that stayed with it and how many cases that is."""

    unit: str
    share: float | None = Field(description="占比，0 至 1；依据为目录的没有", examples=[0.82])
    stayed: int = Field(description="由该单位办理的件数")
    cases: int = Field(description="依据的件数")
    basis: str = Field(examples=["matter_and_area"])
    basis_label: str = Field(examples=["同类事项同一区域"])

    @classmethod
    def of(cls, one: Suggestion) -> Self:
        """The view of a suggestion."""
        return cls(
            unit=one.unit,
            share=None if one.share is None else round(one.share, 4),
            stayed=one.stayed,
            cases=one.cases,
            basis=one.basis,
            basis_label=one.basis.label,
        )


class SuggestionList(View):
    """Suggestions, the likeliest first; where earlier cases are too few, the unit that the catalogue names, if any."""

    items: list[SuggestionView]


class Wanted(NamedTuple):
    """What a unit is looked for: the matter, if somebody said it, and the units that are complained about."""

    matter: Matter | None
    accused: Collection[UnitCode] = ()


async def suggested(services: Services, actor: Actor, wanted: Wanted) -> SuggestionList:
    """Suggest units for a matter, from the cases of the last half year that the asker may know of."""
    async with services.database.read() as session:
        found = await suggestions_for(session, actor, {"": wanted}, now=services.now())
    return SuggestionList(items=found[""])


async def suggestions_for(
    session: ReadSession, actor: Actor, wanted: Mapping[_Key, Wanted], *, now: datetime
) -> dict[_Key, list[SuggestionView]]:
    """Suggest units for several matters, by one count; a unit below one that is complained about is none."""
    matters = {one.matter for one in wanted.values() if one.matter}
    stays = await stays_of(session, scope_of(actor), matters, since=now - SINCE)
    tree = await parents(session) if any(one.accused for one in wanted.values()) else {}
    leads = await default_leads(session, (matter.category for matter in matters)) if matters else {}
    found: dict[_Key, list[SuggestionView]] = {}
    for key, one in wanted.items():
        shut_out = {unit for top in one.accused for unit in (top, *below(top, tree))}
        units: tuple[Suggestion, ...] = ()
        if one.matter:
            lead = leads.get(one.matter.category)
            units = suggest(*stays[one.matter], shut_out) or (suggest_kept(lead, shut_out) if lead else ())
        found[key] = [SuggestionView.of(unit) for unit in units]
    return found
