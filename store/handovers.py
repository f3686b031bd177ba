"""Handovers (交接): commands whose facts whoever asked is to write into the ledger (docs/adr/0061).

Noted before the engine is asked, and removed by the transaction that writes the facts. One that outlives its time was left
by a process that died or got no answer, and somebody has to see that the ledger gets what the case decided.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NewType

from sqlalchemy import Text, bindparam, delete, insert, select, update

from hotline.identifiers import CaseNo, CommandId
from hotline.model import Record
from store.deliveries import count_since
from store.engine import ReadSession, WriteSession
from store.tables.casework import facts, handovers

HandoverId = NewType("HandoverId", str)

# Built once: every command says these.
_HEAD: Final = select(facts.c.hash).where(
    facts.c.case_no == bindparam("of_case"), facts.c.seq == bindparam("seen")
)
_NOTE: Final = (
    insert(handovers)
    .values({column.name: bindparam(column.name) for column in handovers.c})
    .returning(_HEAD.scalar_subquery())
)
_REMOVE: Final = delete(handovers).where(handovers.c.handover_id == bindparam("of_handover", type_=Text))

BROUGHT: Final = _REMOVE.cte("brought")
"""Removes the handover `of_handover`, if there is one; said along with another statement."""


class Handover(Record):
    """A command that is with the engine: whoever sees `look_at` pass looks what became of it."""

    handover_id: HandoverId
    case_no: CaseNo
    command_id: CommandId
    since: datetime
    look_at: datetime


async def note_handover(session: WriteSession, handover: Handover, *, seen: int) -> bytes | None:
    """Note that facts of a command may soon be on their way here, and return the hash of the fact `seen`, to chain them to."""
    head: bytes | None = await session.scalar(
        _NOTE, handover.model_dump() | {"of_case": handover.case_no, "seen": seen}
    )
    return head


async def remove_handover(session: WriteSession, handover_id: HandoverId) -> None:
    """Note that nothing of it is on its way any more; one that somebody else has seen to is no longer there."""
    await session.execute(_REMOVE, {"of_handover": handover_id})


async def left_behind(session: ReadSession, now: datetime, *, limit: int) -> tuple[Handover, ...]:
    """Return what nobody brought in time, those that have waited longest to be looked at first."""
    found = await session.execute(
        select(handovers).where(handovers.c.look_at <= now).order_by(handovers.c.look_at).limit(limit)
    )
    return tuple(Handover.model_validate(dict(row)) for row in found.mappings())


async def look_again(session: WriteSession, handover_ids: Sequence[HandoverId], *, at: datetime) -> None:
    """Have some looked at later."""
    await session.execute(
        update(handovers).where(handovers.c.handover_id.in_(handover_ids)).values(look_at=at)
    )


async def count_late(session: ReadSession, *, since_before: datetime) -> tuple[int, datetime | None]:
    """How many were noted before an instant and are there still, and when the oldest of them was."""
    return await count_since(session, handovers.c.since, handovers.c.since < since_before)
