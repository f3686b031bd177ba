"""The projection (投影): appends the facts of a case and brings its read rows up to them, in one statement.

It is idempotent by (case_no, seq): facts may come twice, late or from two workers, and the rows never go
back. Every read row is a fold of the ledger alone, so `rebuild` makes the very same rows again. Whoever knows
how the ledger stood a moment ago says that one statement and no more (`write_on`); everybody else has the ledger
opened first (`project`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final, NamedTuple

import orjson
from pydantic import ValidationError
from sqlalchemy import CTE, Select, Table, Text, bindparam, delete, func, insert, select, true, update
from sqlalchemy.dialects.postgresql import Insert
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import IntegrityError

from hotline.case import CaseState, Clock, Holding, Measure
from hotline.evolve import evolve
from hotline.facts import ClockFired, ClockStopped, Fact, named_by
from hotline.identifiers import CaseNo
from hotline.notices import notices_of
from hotline.proof.chain import GENESIS
from hotline.vocabulary import ClockKind, StopReason
from store.bursts import notice_burst
from store.engine import WriteSession
from store.given import Values, given_rows, insert_given
from store.handovers import BROUGHT, HandoverId, remove_handover
from store.ledger import (
    APPENDED,
    LOCKED,
    Entry,
    entry_rows,
    facts_of,
    following,
    lock_case,
    unwritten,
)
from store.notices import NOTED, notice_rows
from store.problem_lines import follow_case
from store.scores import TO_COUNT
from store.screening import TO_SCREEN, screening_rows
from store.tables.casework import cases, clocks, firings, holdings, measures
from store.tables.kinds import Instant
from store.tables.registration import intake
from store.vault import USED, text_ids_in

CHANNEL: Final = "case_changed"
"""Where PostgreSQL tells live readers that a case has changed."""


def _upsert_case() -> Insert:
    rows = given_rows(cases, "cases_rows")
    told = [of.name for of in cases.c if of is not cases.c.caller_hash]
    known_as = select(intake.c.caller_hash).where(intake.c.case_no == rows.c.case_no).scalar_subquery()
    # Select is generic in the types of its columns, which a Table does not tell.
    row: Select[Any] = select(*(rows.c[name] for name in told), known_as)
    locked_first = row.select_from(LOCKED).join(rows, true())
    statement = upsert(cases).from_select([*told, cases.c.caller_hash.name], locked_first)
    return statement.on_conflict_do_update(
        index_elements=cases.primary_key,
        set_=statement.excluded,
        where=cases.c.version < statement.excluded.version,
    )


def _upserted(table: Table, name: str) -> CTE:
    statement = insert_given(table, name)
    return statement.on_conflict_do_update(index_elements=table.primary_key, set_=statement.excluded).cte(
        f"{table.name}_written"
    )


_ADOPTED_AT: Final = bindparam("adopted_at", type_=Instant)
_ADOPTED: Final = (
    update(intake)
    .where(
        _ADOPTED_AT.is_not(None),
        intake.c.case_no == bindparam("of_case", type_=Text),
        intake.c.adopted_at.is_(None),
    )
    .values(adopted_at=_ADOPTED_AT)
    .cte("adopted")
)
"""Notes that a workflow has the case, as its first fact is written."""

# Built once, since thirty columns take longer to build than to send; and one, since sending takes longer than PostgreSQL does.
_WRITE: Final = (
    _upsert_case()
    .add_cte(
        APPENDED,
        *(_upserted(table, f"{table.name}_rows") for table in (clocks, holdings, measures)),
        TO_COUNT,
        TO_SCREEN,
        NOTED,
        USED,
        BROUGHT,
        _ADOPTED,
    )
    .returning(func.pg_notify(CHANNEL, bindparam("change", type_=Text)))
)
_STATE: Final = select(cases.c.state).where(cases.c.case_no == bindparam("of_case"))


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


class Standing(NamedTuple):
    """How the ledger of a case stood when somebody looked: the state that it came to, and the hash of its last entry."""

    state: CaseState | None
    head: bytes

    @property
    def version(self) -> int:
        """How many facts it had."""
        return self.state.version if self.state else 0


NOT_BEGUN: Final = Standing(None, GENESIS)
"""The ledger of a case that was registered a moment ago."""


async def write_on(
    session: WriteSession, stood: Standing, facts: Sequence[Fact], *, brings: HandoverId | None = None
) -> bool:
    """Write what follows upon a ledger as it stood lately, in one statement; `brings` is the handover that ends with it.

    False, and nothing is written, if somebody has written meanwhile, or if these facts ask for more than rows of their case.
    """
    if facts[0].seq != stood.version + 1 or named_by(facts):
        return False
    entries = following(facts[0].case_no, stood.head, facts)
    try:
        await _write(session, _Fold(base=stood.state, state=stood.state).take(facts), entries, brings)
    except IntegrityError:
        # One of the numbers is taken.
        return False
    return True


async def project(
    session: WriteSession, case_no: CaseNo, facts: Sequence[Fact], *, brings: HandoverId | None = None
) -> int:
    """Append the facts, update the read rows, and return the version that the rows have then.

    `brings` is the handover that ends with this. Raises LedgerGap or LedgerConflict (store/ledger.py) and writes nothing
    in that case.
    """
    entries = await unwritten(session, case_no, facts)
    fresh = [entry.fact for entry in entries]
    # Before its first fact a case has no rows.
    stored = None if fresh and fresh[0].seq == 1 else await _stored_state(session, case_no)
    if fresh and fresh[0].seq == (stored.version if stored else 0) + 1:
        state = await _write(session, _Fold(base=stored, state=stored).take(fresh), entries, brings)
    elif fresh or stored is None:
        # The row is gone or lags behind the ledger, after a restore or an upgrade: fold everything again.
        state = await rebuild(session, case_no, entries=entries, brings=brings)
    else:
        if brings:
            await remove_handover(session, brings)
        return stored.version
    await follow_case(session, case_no, fresh)
    await notice_burst(session, case_no, fresh)
    return state.version


async def rebuild(
    session: WriteSession, case_no: CaseNo, *, entries: Sequence[Entry] = (), brings: HandoverId | None = None
) -> CaseState:
    """Make the read rows of a case again from its ledger alone, and from `entries` that are to follow it.

    `brings` is as in `project`.
    """
    await lock_case(session, case_no)
    fold = _Fold()
    after = 0
    while page := await facts_of(session, case_no, after=after):
        fold.take(page)
        after = page[-1].seq
    fold.take(entry.fact for entry in entries)
    for table in (cases, clocks, holdings, measures, firings):
        await session.execute(delete(table).where(table.c.case_no == case_no))
    if fold.firings:
        await session.execute(insert(firings), fold.firings)
    return await _write(session, fold, entries, brings)


async def _stored_state(session: WriteSession, case_no: CaseNo) -> CaseState | None:
    stored = await session.scalar(_STATE, {"of_case": case_no})
    try:
        return None if stored is None else CaseState.model_validate(stored)
    except ValidationError:
        # Written by a release whose state had another shape; the ledger still tells everything.
        return None


async def _write(
    session: WriteSession, fold: _Fold, entries: Sequence[Entry], brings: HandoverId | None
) -> CaseState:
    """Append entries, write what differs from the rows of the fold's base, and leave word for everybody whom it concerns."""
    state, base, fresh = fold.state, fold.base, [entry.fact for entry in entries]
    assert state is not None, "a case without facts has no rows"
    changed = [clock for clock in state.clocks if base is None or _differs(clock, base, state)]
    # A line of the holding ledger grows and never goes.
    grown = [line for line in state.holdings if base is None or line not in base.holdings]
    said = {
        "of_case": state.case_no,
        "fact_rows": entry_rows(entries),
        "cases_rows": [_case_row(state)],
        "clocks_rows": [*fold.stopped.values(), *(_clock_row(clock, state) for clock in changed)],
        "holdings_rows": [
            _holding_row(line, state) | {"held_for": _interval(line.held_for)} for line in grown
        ],
        "measures_rows": [*fold.measures.values()],
        "grown_to": state.version,
        "screening_rows": screening_rows(fresh),
        "notice_rows": notice_rows(notices_of(state, fresh)),
        "used_texts": text_ids_in(fresh),
        "used_by": fresh[-1].at if fresh else None,
        "of_handover": brings,
        "adopted_at": fresh[0].at if fresh and fresh[0].seq == 1 else None,
        "change": _announcement(state),
    }
    await session.execute(_WRITE, said)
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
