"""Proposals as they are sent out (联动提请): what led to one, as far as the reader may know of the cases, and what was decided.

A stationed group sees the proposals on the units it supervises, the others all of them.
"""

from typing import Annotated, Any, Final, Self
from uuid import uuid4

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from api.errors import ApiError
from api.forms import Text
from api.schemas import Instant, View
from api.services import Services
from hotline.case import Actor
from hotline.identifiers import MEASURE_NO, CaseNo, MeasureNo, TextId, UnitCode
from hotline.model import Instant as Moment
from hotline.vocabulary import ProposalState
from store.cases import visible_among
from store.cursor import cursor_of, place_of
from store.engine import ReadSession
from store.proposals import (
    Proposal,
    case_of,
    list_proposals,
    lock_proposal,
    proposal_of,
    rule_on_proposal,
)
from store.scope import visible_to
from store.vault import read_texts, store_text
from store.viewers import viewer

TAKEN_UP: Final[dict[str, Any]] = {
    "measure": "261120103000010001-YT01",
    "reason": "已约谈单位负责人，限期整改",
}
DECLINED: Final[dict[str, Any]] = {"reason": "两张红牌系同一系统故障所致，已督促修复"}
_PLACE: Final = TypeAdapter(tuple[Moment, str])
_PURPOSE: Final = "proposal_reason"


class Decline(BaseModel):
    """Why nothing more is called for."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    reason: Text = Field(repr=False, description="理由")


class TakeUp(Decline):
    """Which measure answers a proposal, and why this one."""

    measure: Annotated[str, Field(pattern=f"^{MEASURE_NO}$", description="据此作出的督办编号")]


class ProposalView(View):
    """One proposal."""

    proposal_no: str
    rule: str
    label: str = Field(examples=["一月两张红牌"])
    unit: str
    month: str = Field(examples=["2026-11"])
    proposes: str
    proposes_label: str = Field(examples=["约谈"])
    needed: int = Field(description="规则要求的件数")
    counted: int = Field(description="据以提请的件数")
    reversed: int = Field(description="其中此后申诉成立的件数")
    still_holds: bool = Field(description="除去申诉成立的，是否仍达到规则要求")
    measures: list[str] = Field(description="据以提请的督办编号，限可见工单")
    revision: str
    proposed_at: Instant
    state: str
    state_label: str
    ruled_at: Instant | None
    ruled_by: str | None
    measure: str | None = Field(description="据此作出的督办编号")
    reason: str | None

    @classmethod
    def of(cls, row: Proposal, seen: frozenset[CaseNo], reason: str | None) -> Self:
        """The view of a row; measures of cases that the reader may not know of are counted and not named."""
        named = [number for number in row.measures if _case(number) in seen]
        told = row.model_dump(exclude={"reason", "measures", "reversed"})
        return cls(
            **told,
            proposes_label=row.proposes.label,
            counted=len(row.measures),
            reversed=len(row.reversed),
            still_holds=row.still_holds,
            measures=list(named),
            state=row.state,
            state_label=row.state.label,
            reason=reason,
        )


class ProposalPage(View):
    """Proposals, the newest first."""

    items: list[ProposalView]
    next_cursor: str | None = None


async def proposal_page(
    services: Services, actor: Actor, state: ProposalState | None, *, cursor: str | None, limit: int
) -> ProposalPage:
    """A page of the proposals on the units that somebody answers for."""
    before = place_of(cursor, _PLACE) if cursor else None
    async with services.database.read(snapshot=True) as session:
        units = await _reach(session, actor)
        rows = await list_proposals(session, units, state=state, before=before, limit=limit)
        items = [await _view(services, session, actor, row) for row in rows]
    last = rows[-1] if len(rows) == limit else None
    following = cursor_of((last.proposed_at, last.proposal_no)) if last else None
    return ProposalPage(items=items, next_cursor=following)


async def decide_on_proposal(
    services: Services,
    actor: Actor,
    number: str,
    reason: str,
    measure: MeasureNo | None,
    *,
    address: str | None,
) -> ProposalView:
    """Take a proposal up with the measure that answers it, or decline it. Raises 404."""
    at = services.now()
    async with services.database.write() as session:
        await lock_proposal(session, number)
        proposal = await proposal_of(session, number, await _reach(session, actor))
        if proposal is None:
            raise ApiError(404, "proposal_not_found", "没有找到该提请")
        kept = await store_text(
            session,
            services.keyring,
            text_id=TextId(uuid4().hex),
            case_no=case_of(proposal),
            purpose=_PURPOSE,
            text=reason,
            at=at,
            used=True,
        )
        await rule_on_proposal(session, proposal, kept, measure=measure, by=actor, at=at, address=address)
    async with services.database.read() as session:
        ruled = await proposal_of(session, number)
        assert ruled is not None
        return await _view(services, session, actor, ruled)


async def _reach(session: ReadSession, actor: Actor) -> tuple[UnitCode, ...] | None:
    """The units that a stationed group answers for; None for all."""
    return (await viewer(session, actor)).supervised


async def _view(services: Services, session: ReadSession, actor: Actor, row: Proposal) -> ProposalView:
    named = {_case(number) for number in (*row.measures, *((row.measure,) if row.measure else ()))}
    seen = frozenset(await visible_among(session, visible_to(actor), named))
    reason = None
    if row.reason:
        reason = (await read_texts(session, services.keyring, [row.reason]))[row.reason.text_id]
    return ProposalView.of(row, seen, reason)


def _case(number: MeasureNo) -> CaseNo:
    return CaseNo(number.partition("-")[0])
