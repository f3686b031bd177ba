"""Cases as they were (工单时间机): state, owner and clocks of any past instant, folded from the ledger.

Who may look is judged by the present: a unit that a case has left, or that it turned out to accuse, does not
see what it would have seen then (domain.md §12 rule 6).
"""

from dataclasses import dataclass
from datetime import datetime

from hotline.case import CaseState
from hotline.evolve import replay
from hotline.identifiers import CaseNo
from store.cases import state_of
from store.engine import ReadSession
from store.ledger import facts_until
from store.projection import rows_of
from store.rows import ClockRow
from store.scope import CaseScope


@dataclass(frozen=True, slots=True)
class PastCase:
    """A case at an instant: its state then, and every clock that it had had by then."""

    state: CaseState
    clocks: tuple[ClockRow, ...]


async def case_at(session: ReadSession, scope: CaseScope, case_no: CaseNo, at: datetime) -> PastCase | None:
    """Return a case as of an instant; None if it may not be seen, or was not registered yet."""
    if await state_of(session, scope, case_no) is None:
        return None
    facts = await facts_until(session, case_no, at)
    if not facts:
        return None
    clocks = [ClockRow.model_validate(row) for row in rows_of(facts).clocks]
    return PastCase(
        state=replay(facts), clocks=tuple(sorted(clocks, key=lambda row: (row.started_at, row.clock_id)))
    )
