"""The projection (投影): appends the facts of a case and brings its read rows up to them, in one transaction.

It is idempotent by (case_no, seq): facts may come twice, late or from two workers, and the rows never go
back. Every read row is a fold of the ledger alone, so `rebuild` makes the very same rows again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

import orjson
from pydantic import ValidationError
from sqlalchemy import Select, Table, Text, and_, bindparam, delete, func, literal_column, select, update
from sqlalchemy.dialects.postgresql import JSONB, Insert, insert

from hotline.case import CaseState, Clock, Holding, Measure
from hotline.evolve import evolve
from hotline.facts import ClockFired, ClockStopped, Fact
from hotline.identifiers import CaseNo
from hotline.notices import notices_of
from hotline.vocabulary import ClockKind, StopReason
from store.bursts import notice_burst
from store.engine import WriteSession
from store.handovers import BROUGHT, HandoverId, remove_handover
from store.ledger import append, facts_of, lock_case
from store.notices import note
from store.problem_lines import follow_case
from store.scores import TO_COUNT
from store.screening import enqueue
from store.tables.casework import cases, clocks, firings, holdings, measures
from store.tables.registration import intake
from store.vault import mark_used, text_ids_in

CHANNEL: Final = "case_changed"
"""Where PostgreSQL tells live readers that a case has changed."""

# The values of one row, as its columns take them.
Values = dict[str, Any]


def _upsert_case() -> Insert:
    known_as = select(intake.c.caller_hash).where(intake.c.case_no == bindparam("of_case"))
    row: Values = {c.name: bindparam(c.name) for c in cases.c if c is not cases.c.caller_hash}
    statement = insert(cases).values(row | {"caller_hash": known_as.scalar_subquery()})
    return statement.on_conflict_do_update(
        index_elements=cases.primary_key,
        set_=statement.excluded,
        where=cases.c.version < statement.excluded.version,
    )


def _upsert(table: Table, source: Select[Any] | None = None) -> Insert:
    statement = insert(table)
    if source is not None:
        statement = statement.from_select([*source.selected_columns.keys()], source)
    return statement.on_conflict_do_update(index_elements=table.primary_key, set_=statement.excluded)


def _rows(table: Table, name: str) -> Select[Any]:
    """As many rows of a table as a parameter has: a list of objects with a key for each column."""
    given = func.jsonb_populate_recordset(literal_column(f"NULL::{table.name}"), bindparam(name, type_=JSONB))
    return select(given.table_valued(*table.c.keys()))


# Built once, since thirty columns take longer to build than to send; and one, since sending takes longer than PostgreSQL does.
_WRITE_ROWS: Final = (
    _upsert_case()
    .add_cte(
        _upsert(clocks, _rows(clocks, "clock_rows")).cte("ticking"),
        _upsert(holdings, _rows(holdings, "holding_rows")).cte("held"),
        TO_COUNT,
        BROUGHT,
    )
    .returning(func.pg_notify(CHANNEL, bindparam("change", type_=Text)))
)
_UPSERT_MEASURE: Final = _upsert(measures)
_STATE: Final = select(cases.c.state).where(cases.c.case_no == bindparam("of_case"))
_ADOPTED: Final = (
    update(intake)
    .where(and_(intake.c.case_no == bindparam("of_case"), intake.c.adopted_at.is_(None)))
    .values(adopted_at=bindparam("at"))
)


@dataclass(slots=True)
class _Fold:
    """A run of facts applied to a state, each clock that stopped on the way, and each measure that was touched."""

    base: CaseState | None = None
    state: CaseState | None = None
    stopped: dict[str, Values] = field(default_factory=dict)
    measures: dict[str, Values] = field(default_factory=dict)
    firings: list[Values] = field(default_factory=list)

    def take(self, facts: Iterable[Fact]) -> "_Fold":
        for fact in facts:
            before, after = self.state, evolve(self.state, fact)
            self._note_stops(before, after, fact)
            self._note_measures(before, after)
            if isinstance(fact.body, ClockFired):
                self.firings.append(_firing_row(fact, fact.body))
            self.state = after
        return self

    def _note_measures(self, before: CaseState | None, after: CaseState) -> None:
        """A state forgets what nobody can act on any more; its row stays as it was last."""
        is_same = before and before.measures is after.measures and before.clocks is after.clocks
        if not is_same:
            self.measures |= {entry.number: _measure_row(entry, after) for entry in after.measures}

    def _note_stops(self, before: CaseState | None, after: CaseState, fact: Fact) -> None:
        running = {clock.clock_id for clock in after.clocks}
        for clock in before.clocks if before else ():
            if clock.clock_id not in running:
                self.stopped[clock.clock_id] = _clock_row(clock, after) | _stop(clock, fact)
        for clock_id in running & self.stopped.keys():
            del self.stopped[clock_id]


@dataclass(frozen=True, slots=True)
class ReadRows:
    """The rows that a ledger comes to; `caller_hash` is left out, because intake knows it and no fact does."""

    case: Values
    clocks: tuple[Values, ...]
    holdings: tuple[Values, ...]
    measures: tuple[Values, ...] = ()
    firings: tuple[Values, ...] = ()


def rows_of(facts: Iterable[Fact]) -> ReadRows:
    """Fold a whole ledger to the rows that people should be reading, for an audit to compare."""
    fold = _Fold().take(facts)
    state = fold.state
    assert state is not None, "a case without facts has no rows"
    running = (_clock_row(clock, state) for clock in state.clocks)
    return ReadRows(
        case=_case_row(state),
        clocks=(*fold.stopped.values(), *running),
        holdings=tuple(_holding_row(line, state) for line in state.holdings),
        measures=tuple(fold.measures.values()),
        firings=tuple(fold.firings),
    )


async def project(
    session: WriteSession,
    case_no: CaseNo,
    facts: Sequence[Fact],
    *,
    seen: CaseState | None = None,
    brings: HandoverId | None = None,
) -> int:
    """Append the facts, update the read rows, and return the version that the rows have then.

    `seen` is the state that the caller has read lately: it is not read again if nothing was written since. `brings` is the
    handover that ends with this. Raises LedgerGap or LedgerConflict (store/ledger.py) and writes nothing in that case.
    """
    fresh = await append(session, case_no, facts)
    # Rows stand where the ledger stands, and nobody else writes this case now.
    is_current = seen is not None and bool(fresh) and fresh[0].seq == seen.version + 1
    stored = seen if is_current else await _stored_state(session, case_no)
    if fresh and fresh[0].seq == (stored.version if stored else 0) + 1:
        state = await _write(session, _Fold(base=stored, state=stored).take(fresh), brings)
    elif fresh or stored is None:
        # The row is gone or lags behind the ledger, after a restore or an upgrade: fold everything again.
        state = await rebuild(session, case_no, brings=brings)
    else:
        if brings:
            await remove_handover(session, brings)
        return stored.version
    await _settle(session, case_no, fresh)
    await enqueue(session, case_no, fresh)
    await note(session, notices_of(state, fresh))
    await follow_case(session, case_no, fresh)
    await notice_burst(session, case_no, fresh)
    return state.version


async def rebuild(session: WriteSession, case_no: CaseNo, *, brings: HandoverId | None = None) -> CaseState:
    """Make the read rows of a case again from its ledger alone; `brings` is as in `project`."""
    await lock_case(session, case_no)
    fold = _Fold()
    after = 0
    while page := await facts_of(session, case_no, after=after):
        fold.take(page)
        after = page[-1].seq
    for table in (cases, clocks, holdings, measures, firings):
        await session.execute(delete(table).where(table.c.case_no == case_no))
    if fold.firings:
        await session.execute(insert(firings), fold.firings)
    return await _write(session, fold, brings)


async def _stored_state(session: WriteSession, case_no: CaseNo) -> CaseState | None:
    stored = await session.scalar(_STATE, {"of_case": case_no})
    try:
        return None if stored is None else CaseState.model_validate(stored)
    except ValidationError:
        # Written by a release whose state had another shape; the ledger still tells everything.
        return None


async def _write(session: WriteSession, fold: _Fold, brings: HandoverId | None) -> CaseState:
    """Write what differs from the rows of the fold's base, have the case counted, and tell live readers."""
    state, base = fold.state, fold.base
    assert state is not None, "a case without facts has no rows"
    changed = [clock for clock in state.clocks if base is None or _differs(clock, base, state)]
    # A line of the holding ledger grows and never goes.
    grown = [line for line in state.holdings if base is None or line not in base.holdings]
    beside = {
        "clock_rows": [*fold.stopped.values(), *(_clock_row(clock, state) for clock in changed)],
        "holding_rows": [
            _holding_row(line, state) | {"held_for": _interval(line.held_for)} for line in grown
        ],
        "of_case": state.case_no,
        "grown_to": state.version,
        "of_handover": brings,
        "change": _announcement(state),
    }
    await session.execute(_WRITE_ROWS, _case_row(state) | beside)
    if fold.measures:
        await session.execute(_UPSERT_MEASURE, list(fold.measures.values()))
    return state


def _interval(span_for: timedelta) -> str:
    """A span as PostgreSQL reads it from JSON, in numbers that any release of it takes."""
    return f"{span_for // timedelta(seconds=1)} seconds {span_for.microseconds} microseconds"


def _differs(clock: Clock, base: CaseState, state: CaseState) -> bool:
    """Whether a clock's row changes: also when a rung of another clock makes its next one wait."""
    return clock != base.clock(clock.clock_id) or base.next_alarm_of(clock) != state.next_alarm_of(clock)


def _case_row(state: CaseState) -> Values:
    what, dispatch, held = state.classification, state.assignment, state.possession
    return {
        "case_no": state.case_no,
        "version": state.version,
        "status": state.status.value,
        "phase": state.phase.value,
        "outcome": state.outcome and state.outcome.value,
        "type": what.type.value,
        "urgency": what.urgency.value,
        "category": what.category,
        "area": what.area,
        "channel": state.channel.value,
        "secret": state.secret,
        "lead_unit": dispatch and dispatch.lead,
        "units": list(state.units),
        "accused_units": list(what.accused_units),
        "recused": list(state.recused),
        "owner_unit": held and held.holder,
        "owner_cause": held and held.cause.value,
        "owner_since": held and held.since,
        "registered_at": state.registered_at,
        "dispatched_at": dispatch and dispatch.dispatched_at,
        "closed_at": state.closed_at,
        "next_due_at": state.next_due_at,
        "round": state.round,
        "flags": sorted(state.flags),
        "policy_revision": state.policy_revision,
        "occurrence": state.occurrence,
        "repeat_of": state.repeat_of,
        "joined_to": state.joined_to,
        "state": state_values(state),
    }


def state_values(state: CaseState) -> Values:
    """A state as its column takes it. A set has no order of its own, and a rebuilt row must equal the first one."""
    return state.model_dump(mode="json") | {"flags": sorted(state.flags)}


def _clock_row(clock: Clock, state: CaseState) -> Values:
    alarm, schedule = state.next_alarm_of(clock), clock.schedule
    return {
        "case_no": state.case_no,
        "clock_id": clock.clock_id,
        "kind": clock.kind.value,
        "holder": clock.holder,
        "limit_text": str(schedule.limit),
        "started_at": clock.started_at,
        "due_at": clock.due_at,
        "provisional": schedule.provisional,
        "because": list(schedule.because),
        "held_at": clock.held_at,
        "fired": [code.value for code in clock.fired],
        "next_alarm_at": alarm and alarm.at,
        "next_alarm": alarm and alarm.code.value,
        "stopped_at": None,
        "stop_reason": None,
        "late": None,
    }


def _stop(clock: Clock, fact: Fact) -> Values:
    """Tell how a clock ended that a fact has taken away."""
    late, reason = fact.at > clock.due_at, StopReason.CANCELLED
    if isinstance(fact.body, ClockStopped):
        late, reason = fact.body.late, fact.body.reason
    return {
        "stopped_at": fact.at,
        "stop_reason": reason.value,
        "late": late,
        "next_alarm_at": None,
        "next_alarm": None,
    }


def _measure_row(measure: Measure, state: CaseState) -> Values:
    tail = measure.number.partition("-")[2]
    waiting = (
        clock.due_at
        for clock in state.clocks
        if clock.kind in {ClockKind.ORDER, ClockKind.LISTING}
        and clock.clock_id.split(":")[1].split(".")[0] == tail
    )
    return {
        "number": measure.number,
        "case_no": state.case_no,
        "kind": measure.kind.value,
        "rung": measure.rung and measure.rung.value,
        "unit": measure.unit,
        "person": measure.person,
        "issued_at": measure.issued_at,
        "issued_by": measure.issued_by,
        "unit_points": measure.unit_points,
        "person_points": measure.person_points,
        "appeal_until": measure.appeal_until,
        "answer_until": next(waiting, None),
        "answered_at": measure.answered_at,
        "settled": measure.settled,
        "appealed_at": measure.appealed_at,
        "appeal_upheld": measure.appeal_upheld,
        "awaits_approval": measure.proposed_by is not None,
    }


def _firing_row(fact: Fact, fired: ClockFired) -> Values:
    """What a trigger writes as the fact is appended (revision 0026)."""
    return {
        "case_no": fact.case_no,
        "seq": fact.seq,
        "clock_id": fired.clock_id,
        "kind": fired.clock.value,
        "holder": fired.holder,
        "alarm": fired.alarm.value,
        "alarm_at": fired.due_at,
        "fired_at": fact.at,
    }


def _holding_row(line: Holding, state: CaseState) -> Values:
    return {
        "case_no": state.case_no,
        "holder": line.holder,
        "cause": line.cause.value,
        "held_for": line.held_for,
    }


async def _settle(session: WriteSession, case_no: CaseNo, fresh: Sequence[Fact]) -> None:
    """Take the case out of the outbox, and keep the texts that facts refer to."""
    if fresh and fresh[0].seq == 1:
        await session.execute(_ADOPTED, {"of_case": case_no, "at": fresh[0].at})
    if fresh:
        await mark_used(session, text_ids_in(fresh), at=fresh[-1].at)


def _announcement(state: CaseState) -> str:
    """What live readers hear when the transaction commits: codes only, and whom the case concerns."""
    change = {
        "case_no": state.case_no,
        "version": state.version,
        "status": state.status.value,
        "secret": state.secret,
        **state.concern.model_dump(),
    }
    return orjson.dumps(change).decode()
