"""Clues as they come in (线索登记): one transaction gives a dossier its number, and the engine takes it on later.

As with cases, the row here is the outbox: what no workflow has adopted yet, a keeper brings to one. Numbers
count from one in each year without gaps, because a missing number would have to be explained (domain.md §7.3).
The same key brings the same dossier, and so does the same cause.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, and_, exists, false, literal, not_, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from hotline.accountability.state import ClueRegistration
from hotline.calendar import SHANGHAI
from hotline.identifiers import HOTLINE, CaseNo, DossierNo, UnitCode, dossier_no
from hotline.model import Record
from hotline.refusals import KeyReused
from hotline.vocabulary import AlarmCode
from store.engine import ReadSession, WriteSession
from store.persons import Cipher
from store.tables.accountability import dossier_intake, dossier_numbers
from store.tables.casework import firings

_LADDER: Final = "ladder/"


@dataclass(frozen=True, slots=True)
class ClueRequest:
    """Who registers a clue, when, under which key; `digest` tells two requests under one key apart.

    `cause` is what it came of, if it may come of it only once.
    """

    principal: str
    key: str
    digest: str
    at: datetime
    cause: str | None = None


class ClueReceipt(Record):
    """The number, and the registration that a workflow starts from."""

    registration: ClueRegistration
    replayed: bool = False

    @property
    def dossier_no(self) -> DossierNo:
        """The number of the dossier."""
        return self.registration.dossier_no


async def register_clue(
    session: WriteSession,
    cipher: Cipher,
    request: ClueRequest,
    draw_up: Callable[[DossierNo], Awaitable[ClueRegistration]],
) -> ClueReceipt:
    """Register a clue, or return the one that its key or its cause has brought before.

    `draw_up` makes the registration for a number, texts included. KeyReused: the key was used for another request.
    """
    # The row of the year is locked until the end: whoever comes with the same key or cause waits here.
    number = await _next_number(session, request.at)
    if earlier := await _earlier(session, cipher, request):
        await _give_back(session, request.at)
        return earlier
    registration = await draw_up(number)
    await session.execute(
        insert(dossier_intake).values(
            dossier_no=number,
            principal=request.principal,
            key_hash=_key_hash(cipher, request.key),
            request_digest=request.digest,
            cause=request.cause,
            registration=registration.model_dump(mode="json"),
            received_at=request.at,
        )
    )
    return ClueReceipt(registration=registration)


class LadderProposal(Record):
    """A case whose ladder has come to its last rung, and who held it then."""

    case_no: CaseNo
    unit: UnitCode

    @property
    def cause(self) -> str:
        """What a clue of this ladder comes of: one case gives rise to one, however many of its clocks end there."""
        return _LADDER + self.case_no


async def proposed_by_ladders(session: ReadSession, *, since: datetime) -> tuple[LadderProposal, ...]:
    """The cases whose last rung has fired since an instant and which have no clue of it yet.

    What the hotline itself was late with is for its own supervisors.
    """
    has_clue = exists().where(dossier_intake.c.cause == literal(_LADDER) + firings.c.case_no)
    found = await session.execute(
        select(firings.c.case_no, firings.c.holder.label("unit"))
        .where(
            firings.c.fired_at >= since,
            firings.c.alarm == AlarmCode.ACCOUNTABILITY.value,
            firings.c.holder != HOTLINE,
            not_(has_clue),
        )
        .order_by(firings.c.case_no, firings.c.seq)
    )
    first: dict[str, LadderProposal] = {}
    for row in found:
        first.setdefault(row.case_no, LadderProposal(case_no=CaseNo(row.case_no), unit=UnitCode(row.unit)))
    return tuple(first.values())


async def registered_clue(session: ReadSession, number: DossierNo) -> ClueRegistration | None:
    """What a dossier was registered with."""
    stored = await session.scalar(
        select(dossier_intake.c.registration).where(dossier_intake.c.dossier_no == number)
    )
    return None if stored is None else ClueRegistration.model_validate(stored)


async def unadopted_clues(
    session: ReadSession, *, older_than: datetime, limit: int = 100
) -> tuple[ClueRegistration, ...]:
    """Clues that were registered before an instant and have no workflow yet, the oldest first."""
    found = await session.scalars(
        select(dossier_intake.c.registration)
        .where(and_(dossier_intake.c.adopted_at.is_(None), dossier_intake.c.received_at < older_than))
        .order_by(dossier_intake.c.received_at, dossier_intake.c.dossier_no)
        .limit(limit)
    )
    return tuple(ClueRegistration.model_validate(stored) for stored in found)


async def mark_adopted(session: WriteSession, number: DossierNo, *, at: datetime) -> None:
    """Note that a workflow has the dossier; the first instant stays."""
    await session.execute(
        update(dossier_intake)
        .where(and_(dossier_intake.c.dossier_no == number, dossier_intake.c.adopted_at.is_(None)))
        .values(adopted_at=at)
    )


async def _next_number(session: WriteSession, at: datetime) -> DossierNo:
    year = at.astimezone(SHANGHAI).year
    statement = insert(dossier_numbers).values(year=year, last=1)
    taken = await session.scalar(
        statement.on_conflict_do_update(
            index_elements=["year"], set_={"last": dossier_numbers.c.last + 1}
        ).returning(dossier_numbers.c.last)
    )
    return dossier_no(at, taken)


async def _give_back(session: WriteSession, at: datetime) -> None:
    year = at.astimezone(SHANGHAI).year
    await session.execute(
        update(dossier_numbers).where(dossier_numbers.c.year == year).values(last=dossier_numbers.c.last - 1)
    )


async def _earlier(session: ReadSession, cipher: Cipher, request: ClueRequest) -> ClueReceipt | None:
    of_key = and_(
        dossier_intake.c.principal == request.principal,
        dossier_intake.c.key_hash == _key_hash(cipher, request.key),
    )
    of_cause = false() if request.cause is None else dossier_intake.c.cause == request.cause
    found = await session.execute(select(dossier_intake, of_key.label("of_key")).where(or_(of_key, of_cause)))
    rows = found.all()
    row = next((row for row in rows if row.of_key), next(iter(rows), None))
    return _receipt(row, request) if row else None


# A row of dossier_intake.
def _receipt(row: Row[Any], request: ClueRequest) -> ClueReceipt:
    if row.of_key and row.request_digest != request.digest:
        raise KeyReused("key_reused", "同一幂等键已用于另一登记内容", field="Idempotency-Key")
    return ClueReceipt(registration=ClueRegistration.model_validate(row.registration), replayed=True)


def _key_hash(cipher: Cipher, key: str) -> str:
    return cipher.match("idempotency-key", key)
