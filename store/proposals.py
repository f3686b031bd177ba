"""What several measures on one unit lead to (联动提请): proposed once, decided by a person, and never taken back in silence.

Whoever reads a case that got a measure counts those of its unit in that month. A proposal names the measures that
led to it; one that an upheld appeal reverses later stays named, and is told as reversed. Both tables only grow.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Select, and_, any_, cast, exists, func, select, true, tuple_
from sqlalchemy.dialects.postgresql import array, insert

from hotline.case import Actor, TextRef
from hotline.facts import Fact, MeasureIssued
from hotline.identifiers import CaseNo, MeasureNo, UnitCode, UserId
from hotline.model import Record
from hotline.oversight import Trigger, month_of, span_of
from hotline.policy import PolicySnapshot
from hotline.refusals import GuardFailed, WrongStatus
from hotline.vocabulary import AlarmCode, ProposalState, TrailEvent
from store.engine import ReadSession, WriteSession
from store.tables.casework import measures
from store.tables.kinds import Codes
from store.tables.screening import proposal_rulings, supervision_proposals
from store.trail import TrailEntry, record

_LOOKED_BACK_FOR: Final = timedelta(days=92)
"""A rule that is new does not propose what years ago might have led to."""


# ── proposing ───────────────────────────────────────────────────────────────────────────────────


async def propose(
    session: WriteSession, facts: Iterable[Fact], policy: PolicySnapshot, *, at: datetime
) -> tuple[str, ...]:
    """Propose what the measures of a case lead to together with others of their units; once per rule, unit and month."""
    issued = {
        (fact.body.unit, month_of(fact.at))
        for fact in facts
        if isinstance(fact.body, MeasureIssued) and fact.at >= at - _LOOKED_BACK_FOR
    }
    made = [
        await _propose_one(session, rule, UnitCode(unit), month, policy.revision, at)
        for rule in policy.leads_to.rules
        for unit, month in sorted(issued)
    ]
    return tuple(number for number in made if number)


async def _propose_one(
    session: WriteSession, rule: Trigger, unit: UnitCode, month: str, revision: str, at: datetime
) -> str | None:
    counted = await _counted(session, rule, unit, month)
    if len(counted) < rule.at_least:
        return None
    row = {
        "proposal_no": f"LD{month.replace('-', '')}-{unit}-{rule.code}",
        "rule": rule.code,
        "label": rule.label,
        "unit": unit,
        "month": month,
        "proposes": rule.proposes.value,
        "needed": rule.at_least,
        "measures": list(counted),
        "revision": revision,
        "proposed_at": at,
    }
    statement = insert(supervision_proposals).values(row).on_conflict_do_nothing()
    new = await session.execute(statement.returning(supervision_proposals.c.proposal_no))
    return str(row["proposal_no"]) if new.first() else None


async def _counted(session: ReadSession, rule: Trigger, unit: UnitCode, month: str) -> Sequence[str]:
    """The measures that count for a unit in a month, without those that led to a proposal of the rule before."""
    since, until = span_of(rule, month)
    used = exists().where(
        supervision_proposals.c.rule == rule.code,
        supervision_proposals.c.unit == unit,
        measures.c.number == any_(supervision_proposals.c.measures),
    )
    wanted = [
        measures.c.unit == unit,
        measures.c.kind == rule.measure.value,
        measures.c.issued_at >= since,
        measures.c.issued_at < until,
        measures.c.appeal_upheld.is_not(True),
        ~used,
    ]
    if rule.rung:
        wanted.append(measures.c.rung == rule.rung.value)
    query = select(measures.c.number).where(and_(*wanted))
    return await session.scalars(query.order_by(measures.c.issued_at, measures.c.number))


# ── the list ────────────────────────────────────────────────────────────────────────────────────


class Proposal(Record):
    """One proposal: what led to it, how much of that still stands, and what was decided."""

    proposal_no: str
    rule: str
    label: str
    unit: UnitCode
    month: str
    proposes: AlarmCode
    needed: int
    measures: tuple[MeasureNo, ...]
    reversed: tuple[MeasureNo, ...]
    revision: str
    proposed_at: datetime
    ruled_at: datetime | None
    ruled_by: UserId | None
    measure: MeasureNo | None
    reason: TextRef | None

    @property
    def state(self) -> ProposalState:
        """Whether somebody has to decide."""
        if self.ruled_at is None:
            return ProposalState.PENDING
        return ProposalState.TAKEN_UP if self.measure else ProposalState.DECLINED

    @property
    def still_holds(self) -> bool:
        """Whether what led to it is still enough after the appeals that were upheld since."""
        return len(self.measures) - len(self.reversed) >= self.needed


_PROPOSALS: Final = TypeAdapter(list[Proposal])


async def list_proposals(
    session: ReadSession,
    units: Iterable[UnitCode] | None = None,
    *,
    state: ProposalState | None = None,
    before: tuple[datetime, str] | None = None,
    limit: int = 50,
) -> tuple[Proposal, ...]:
    """List proposals, the newest first, of some units or of all; a page goes on before (instant, number)."""
    place = supervision_proposals.c.proposed_at, supervision_proposals.c.proposal_no
    query = _query(units).order_by(*(column.desc() for column in place)).limit(limit)
    if state:
        query = query.where(_in_state(state))
    if before:
        query = query.where(tuple_(*place) < before)
    return tuple(_PROPOSALS.validate_python((await session.execute(query)).mappings().all()))


async def proposal_of(
    session: ReadSession, number: str, units: Iterable[UnitCode] | None = None
) -> Proposal | None:
    """Return one proposal, of some units or of any."""
    query = _query(units).where(supervision_proposals.c.proposal_no == number)
    found = _PROPOSALS.validate_python((await session.execute(query)).mappings().all())
    return found[0] if found else None


# Select is generic in the types of its columns, which a Table does not tell.
def _query(units: Iterable[UnitCode] | None) -> Select[Any]:
    reversed_ones = (
        select(func.coalesce(func.array_agg(measures.c.number, type_=Codes), cast(array([]), Codes)))
        .where(
            measures.c.number == any_(supervision_proposals.c.measures), measures.c.appeal_upheld.is_(True)
        )
        .scalar_subquery()
    )
    ruled = (proposal_rulings.c[name] for name in ("ruled_at", "ruled_by", "measure", "reason"))
    of_units = true() if units is None else supervision_proposals.c.unit.in_(list(units))
    return (
        select(*supervision_proposals.c, reversed_ones.label("reversed"), *ruled)
        .join(
            proposal_rulings,
            proposal_rulings.c.proposal_no == supervision_proposals.c.proposal_no,
            isouter=True,
        )
        .where(of_units)
    )


def _in_state(state: ProposalState) -> ColumnElement[bool]:
    match state:
        case ProposalState.PENDING:
            return proposal_rulings.c.ruled_at.is_(None)
        case ProposalState.TAKEN_UP:
            return proposal_rulings.c.measure.is_not(None)
        case _:
            return and_(proposal_rulings.c.ruled_at.is_not(None), proposal_rulings.c.measure.is_(None))


# ── deciding ────────────────────────────────────────────────────────────────────────────────────


async def lock_proposal(session: WriteSession, number: str) -> None:
    """Let nobody else decide on a proposal before the transaction ends."""
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(number, 0))))


async def rule_on_proposal(
    session: WriteSession,
    proposal: Proposal,
    reason: TextRef,
    *,
    measure: MeasureNo | None,
    by: Actor,
    at: datetime,
    address: str | None,
) -> None:
    """Keep what was decided on a proposal that `lock_proposal` holds: the measure that it led to, or none.

    WrongStatus: it was decided before. GuardFailed: the measure is not what was proposed for this unit.
    """
    if proposal.state is not ProposalState.PENDING:
        raise WrongStatus("proposal_ruled", f"该提请“{proposal.state.label}”，不能再次处理")
    if measure is not None and not await _is_proposed(session, proposal, measure):
        raise GuardFailed("measure_not_proposed", "所填督办编号不是对该单位作出的相应措施", field="measure")
    row = {"proposal_no": proposal.proposal_no, "ruled_at": at, "ruled_by": by.user_id, "measure": measure}
    await session.execute(insert(proposal_rulings).values(row | {"reason": reason.model_dump()}))
    entry = TrailEntry(
        at=at,
        event=TrailEvent.PROPOSAL_RULED,
        actor=by,
        subject=proposal.proposal_no,
        address=address,
        detail={"measure": measure, "proposes": proposal.proposes.value},
    )
    await record(session, entry)


async def _is_proposed(session: ReadSession, proposal: Proposal, measure: MeasureNo) -> bool:
    query = select(measures.c.number).where(
        measures.c.number == measure,
        measures.c.unit == proposal.unit,
        measures.c.rung == proposal.proposes.value,
        # What was issued before anything was proposed answers nothing.
        measures.c.issued_at >= proposal.proposed_at,
    )
    return await session.scalar(query) is not None


def case_of(proposal: Proposal) -> CaseNo:
    """The case whose measure was the last that led to a proposal: with its texts lies the reason that is given."""
    return CaseNo(proposal.measures[-1].partition("-")[0])
