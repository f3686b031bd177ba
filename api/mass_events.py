"""Mass events (群体性诉求): bursts on a supervisor's list, and one rectification for many callers, each revisited.

Building joins the chosen cases to a master, by the command that joins one (并单), row by row. Whatever was joined
already stays so, so that building again, or with more cases, only adds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.bulk import BulkResult, BulkResults, file_all
from api.deps import command_id_of
from api.desk import Filing
from api.errors import ApiError
from api.forms import Text, form_of
from api.schemas import CaseLine, Instant, View
from api.services import Services
from api.sight import scope_of, visible_case
from hotline.case import Actor
from hotline.commands import JoinCase
from hotline.identifiers import CaseNo
from hotline.problems.vocabulary import BurstGround
from store.bursts import (
    Burst,
    MassEvent,
    cases_of_burst,
    mass_event,
    note_mass_event,
    settle_burst,
)
from store.cases import state_of

Number = Annotated[str, StringConstraints(pattern=r"^[0-9]{18}$")]


class MassEventForm(BaseModel):
    """Which cases are one matter with the master, and why; `burst_id` settles the burst that showed it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    members: Annotated[list[Number], Field(min_length=1, max_length=100)]
    reason: Text
    burst_id: Annotated[int, Field(ge=1)] | None = None


class BurstForm(BaseModel):
    """How a burst was dealt with."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ground: BurstGround


class BurstView(View):
    """One burst (聚集预警): different callers on one matter in one place."""

    burst_id: int
    category: str
    area: str | None
    callers: int
    first_at: Instant
    last_at: Instant
    raised_at: Instant
    settled_at: Instant | None
    settled_by: str | None
    ground: str | None
    ground_label: str | None

    @classmethod
    def of(cls, burst: Burst) -> Self:
        """The view of a burst."""
        return cls(**burst.model_dump(), ground_label=burst.ground.label if burst.ground else None)


class BurstPage(View):
    """Bursts, the newest first."""

    items: list[BurstView]
    next_cursor: str | None = None


class BurstCases(View):
    """The cases of a burst that the caller may see."""

    items: list[CaseLine]


class MassEventView(View):
    """How a mass event stands: nothing of its callers but how many they are."""

    case_no: str
    burst_id: int | None = Field(description="由哪次聚集预警而建")
    callers: int
    revisited: int
    satisfied: int
    members: list[str]

    @classmethod
    def of(cls, event: MassEvent) -> Self:
        """The view of a mass event."""
        return cls(**event.model_dump())


@dataclass(frozen=True, slots=True)
class Building:
    """Who builds what, under which key."""

    master: CaseNo
    form: MassEventForm
    actor: Actor
    key: str | None


async def build(services: Services, building: Building) -> BulkResults:
    """Join the chosen cases to the master, with a result per row. Raises as `visible_case` for the master."""
    form, actor = building.form, building.actor
    members = tuple(dict.fromkeys(CaseNo(number) for number in form.members))
    async with services.database.read() as session:
        master = await visible_case(session, actor, building.master)
        states = [await state_of(session, scope_of(actor), number) for number in members]
    waiting = {state.case_no for state in states if state and state.joined_to == master.case_no}
    joined = waiting.union(master.members).intersection(members)
    fresh = [number for number in members if number not in joined]
    done = {result.case_no: result for result in await _joined(services, building, fresh)}
    done |= {number: BulkResult(case_no=number, ok=True) for number in joined}
    if any(result.ok for result in done.values()):
        now = services.now()
        async with services.database.write() as writing:
            await note_mass_event(writing, building.master, form.burst_id, by=actor, at=now)
            if form.burst_id is not None:
                await settle_burst(writing, form.burst_id, BurstGround.MASS_EVENT, by=actor, at=now)
    return BulkResults(results=[done[number] for number in members])


async def _joined(services: Services, building: Building, members: Sequence[CaseNo]) -> list[BulkResult]:
    form = form_of(JoinCase).model_validate({"into": building.master, "reason": building.form.reason})
    filings = [
        Filing(
            case_no=number,
            command=JoinCase,
            form=form,
            actor=building.actor,
            command_id=command_id_of(building.actor.user_id, number, building.key),
        )
        for number in members
    ]
    return await file_all(services, filings)


async def mass_event_of(services: Services, actor: Actor, master: CaseNo) -> MassEventView | None:
    """How the mass event of a master stands, None if it is none. Raises as `visible_case`."""
    async with services.database.read(snapshot=True) as session:
        state = await visible_case(session, actor, master)
        event = await mass_event(session, scope_of(actor), state)
    return MassEventView.of(event) if event else None


def mass_event_not_found() -> ApiError:
    """The case is not the master of a mass event."""
    return ApiError(404, "mass_event_not_found", "该工单不是群体性诉求的主单")


async def burst_cases(services: Services, actor: Actor, burst_id: int) -> BurstCases:
    """The cases behind a burst, without their texts. Raises 404 if the caller may see none of them."""
    async with services.database.read() as session:
        rows = await cases_of_burst(session, scope_of(actor), burst_id)
    if not rows:
        raise burst_not_found()
    now = services.now()
    return BurstCases(items=[CaseLine.of(row, None, now) for row in rows])


def burst_not_found() -> ApiError:
    """No such burst, or none of whose cases the caller may know."""
    return ApiError(404, "burst_not_found", "没有找到该聚集预警")
