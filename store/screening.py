"""Screening in the database (筛查): which cases wait to be read, what was found, and what officers decided on it.

The projection puts a case into the queue in the transaction that writes its facts, so none is forgotten; one
reader at a time takes cases out, and a hit has one row per case, rule and round, so none is found twice. Hits
and rulings only ever grow. Every list takes a scope: a hit is known to whoever may know of its case.
"""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final

import orjson
from pydantic import TypeAdapter
from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    delete,
    func,
    literal,
    or_,
    select,
    true,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.selectable import LateralFromClause

from hotline.case import Actor, TextRef
from hotline.facts import Fact, MeasureIssued
from hotline.identifiers import CaseNo, DossierNo, HitNo, UnitCode, UserId, hit_no
from hotline.model import Record
from hotline.oversight import ScreeningRules
from hotline.policy import PolicySnapshot
from hotline.refusals import WrongStatus
from hotline.roles import require_another
from hotline.screening import may_be_hit_by, screen
from hotline.vocabulary import HitRuling, HitState, ScreeningTest, Status, TrailEvent
from store.engine import ReadSession, WriteSession
from store.given import Values, given_rows, insert_given
from store.ledger import ledgers_of
from store.proposals import propose
from store.scope import CaseScope
from store.tables.casework import cases
from store.tables.screening import screening_hits, screening_queue, screening_rulings, screening_sweeps
from store.trail import TrailEntry, record

# Any number will do, so long as nothing else in the database locks the same.
_LOCK: Final = 1234500017

TO_SCREEN: Final = insert_given(screening_queue, "screening_rows").on_conflict_do_nothing().cte("to_screen")
"""Puts the rows of `screening_rows` into the queue; said along with another statement."""

_READ: Final = given_rows(screening_queue, "read_rows")
_SCREENED: Final = delete(screening_queue).where(
    and_(screening_queue.c.case_no == _READ.c.case_no, screening_queue.c.seq <= _READ.c.seq)
)

BATCH: Final = 50
"""Cases that are read in one transaction."""


# ── finding 筛查 ────────────────────────────────────────────────────────────────────────────────


def screening_rows(fresh: Sequence[Fact]) -> list[Values]:
    """Have a case read again if one of its new facts may be a hit, or may lead to something with other measures."""
    if may_be_hit_by(fresh) or any(isinstance(fact.body, MeasureIssued) for fact in fresh):
        return [{"case_no": fresh[-1].case_no, "seq": fresh[-1].seq, "since": fresh[-1].at}]
    return []


async def sweep(session: WriteSession, rules: ScreeningRules, revision: str, *, at: datetime) -> int:
    """Have every case that is not archived read under rules that are new, and count them; once per set of rules."""
    digest = hashlib.sha256(orjson.dumps(rules.model_dump(mode="json"), option=orjson.OPT_SORT_KEYS))
    known = insert(screening_sweeps).values(rules=digest.hexdigest(), revision=revision, at=at)
    first = await session.execute(known.on_conflict_do_nothing().returning(screening_sweeps.c.rules))
    if first.first() is None:
        return 0
    living = select(cases.c.case_no, cases.c.version, literal(at)).where(
        cases.c.status != Status.ARCHIVED.value
    )
    queued = insert(screening_queue).from_select(["case_no", "seq", "since"], living).on_conflict_do_nothing()
    return (await session.execute(queued)).rowcount


async def next_waiting(session: ReadSession, *, limit: int = BATCH) -> tuple[CaseNo, ...]:
    """Return some of the cases that have waited longest to be read."""
    longest = select(screening_queue.c.case_no).order_by(screening_queue.c.since).limit(limit).subquery()
    numbers = await session.scalars(select(longest.c.case_no).distinct().order_by(longest.c.case_no))
    return tuple(CaseNo(number) for number in numbers)


async def screen_cases(
    session: WriteSession, case_nos: Sequence[CaseNo], policy: PolicySnapshot, *, at: datetime
) -> tuple[HitNo, ...] | None:
    """Read cases and return their new hits; None if somebody else is reading now. What has been read leaves the queue.

    What their measures lead to together with those of other cases is proposed at the same time.
    """
    if not await session.scalar(select(func.pg_try_advisory_xact_lock(_LOCK))):
        return None
    found: list[HitNo] = []
    ledgers = await ledgers_of(session, case_nos)
    for case_no, facts in ledgers.items():
        found += await _keep(session, case_no, facts, policy.screens, policy.revision, at)
        await propose(session, facts, policy, at=at)
    read = [{"case_no": case_no, "seq": len(facts)} for case_no, facts in ledgers.items()]
    await session.execute(_SCREENED, {"read_rows": read})
    return tuple(found)


async def postpone(session: WriteSession, case_no: CaseNo, *, at: datetime) -> None:
    """Let the others go first: a case that cannot be read must not keep them waiting."""
    await session.execute(
        update(screening_queue).where(screening_queue.c.case_no == case_no).values(since=at)
    )


async def _keep(
    session: WriteSession,
    case_no: CaseNo,
    facts: Sequence[Fact],
    rules: ScreeningRules,
    revision: str,
    at: datetime,
) -> tuple[HitNo, ...]:
    shown = screen(facts, rules, revision)
    if not shown:
        return ()
    known = await session.execute(
        select(screening_hits.c.rule, screening_hits.c.round).where(screening_hits.c.case_no == case_no)
    )
    before = {(row.rule, row.round) for row in known}
    hits = [hit for hit in shown if (hit.rule, hit.round) not in before]
    rows = [
        hit.model_dump(exclude={"at", "test"})
        | {
            "hit_no": hit_no(case_no, count),
            "case_no": case_no,
            "test": hit.test.value,
            "shown_at": hit.at,
            "found_at": at,
        }
        for count, hit in enumerate(hits, start=len(before) + 1)
    ]
    if rows:
        await session.execute(insert(screening_hits), rows)
    return tuple(row["hit_no"] for row in rows)


# ── the queue of the officers ───────────────────────────────────────────────────────────────────


class HitRow(Record):
    """One hit with the case it is about and the last decision on it."""

    hit_no: HitNo
    case_no: CaseNo
    rule: str
    label: str
    test: ScreeningTest
    round: str
    revision: str
    shown_at: datetime
    found_at: datetime
    evidence: tuple[int, ...]
    because: tuple[str, ...]
    status: Status
    category: str | None
    area: str | None
    lead_unit: UnitCode | None
    ruling: HitRuling | None
    ruled_at: datetime | None
    ruled_by: UserId | None
    dossier_no: DossierNo | None

    @property
    def state(self) -> HitState:
        """Whether somebody has to decide."""
        return _STATE_AFTER[self.ruling]


_STATE_AFTER: Final = {
    None: HitState.PENDING,
    HitRuling.REOPENED: HitState.PENDING,
    HitRuling.CLUE: HitState.CLUE,
    HitRuling.DISMISSED: HitState.DISMISSED,
}
_RULED_IN: Final = {
    HitRuling.CLUE: HitState.PENDING,
    HitRuling.DISMISSED: HitState.PENDING,
    HitRuling.REOPENED: HitState.DISMISSED,
}
"""In which state of a hit each decision is made."""


class HitQuestion(Record):
    """Which hits are asked about; what is left out asks about all. `unit` leads the case or is complained about."""

    state: HitState | None = None
    rule: str | None = None
    test: ScreeningTest | None = None
    unit: UnitCode | None = None
    case_no: CaseNo | None = None


class Ruling(Record):
    """One decision on a hit, as it stands for ever."""

    number: int
    ruling: HitRuling
    ruled_at: datetime
    ruled_by: UserId
    reason: TextRef
    dossier_no: DossierNo | None


class RuleSum(Record):
    """What one rule has come to within a span."""

    rule: str
    label: str
    hits: int
    pending: int
    clues: int
    dismissed: int
    oldest_pending_at: datetime | None


_HITS: Final = TypeAdapter(list[HitRow])
_RULINGS: Final = TypeAdapter(list[Ruling])
_SUMS: Final = TypeAdapter(list[RuleSum])


async def list_hits(
    session: ReadSession,
    scope: CaseScope,
    question: HitQuestion,
    *,
    before: tuple[datetime, str] | None = None,
    limit: int = 100,
) -> tuple[HitRow, ...]:
    """List hits, the newest first; a page goes on before (instant, number) of the last line."""
    last = _last_ruling()
    query = _visible(scope, last).where(*_asked(question, last))
    query = query.order_by(screening_hits.c.found_at.desc(), screening_hits.c.hit_no.desc()).limit(limit)
    if before:
        query = query.where(tuple_(screening_hits.c.found_at, screening_hits.c.hit_no) < before)
    return tuple(_HITS.validate_python((await session.execute(query)).mappings().all()))


async def hit_of(session: ReadSession, scope: CaseScope, number: HitNo) -> HitRow | None:
    """Return one hit, if its case may be known."""
    query = _visible(scope, _last_ruling()).where(screening_hits.c.hit_no == number)
    found = _HITS.validate_python((await session.execute(query)).mappings().all())
    return found[0] if found else None


async def rulings_of(session: ReadSession, number: HitNo) -> tuple[Ruling, ...]:
    """Return every decision on a hit, the oldest first."""
    query = select(screening_rulings).where(screening_rulings.c.hit_no == number)
    found = await session.execute(query.order_by(screening_rulings.c.number))
    return tuple(_RULINGS.validate_python(found.mappings().all()))


async def sum_hits(
    session: ReadSession, scope: CaseScope, *, since: datetime, until: datetime
) -> tuple[RuleSum, ...]:
    """Add up, for each rule, the hits found from `since` until before `until`."""
    last = _last_ruling()
    pending = or_(last.c.ruling.is_(None), last.c.ruling == HitRuling.REOPENED.value)
    found_at = screening_hits.c.found_at
    query = (
        select(
            screening_hits.c.rule,
            func.max(screening_hits.c.label).label("label"),
            func.count().label("hits"),
            func.count().filter(pending).label("pending"),
            func.count().filter(last.c.ruling == HitRuling.CLUE.value).label("clues"),
            func.count().filter(last.c.ruling == HitRuling.DISMISSED.value).label("dismissed"),
            func.min(found_at).filter(pending).label("oldest_pending_at"),
        )
        .select_from(screening_hits)
        .join(cases, cases.c.case_no == screening_hits.c.case_no)
        .join(last, true(), isouter=True)
        .where(scope.condition, found_at >= since, found_at < until)
        .group_by(screening_hits.c.rule)
        .order_by(screening_hits.c.rule)
    )
    return tuple(_SUMS.validate_python((await session.execute(query)).mappings().all()))


async def waiting_since(session: ReadSession) -> tuple[int, datetime | None]:
    """How many cases still have to be read, and since when the first of them has waited."""
    query = select(
        func.count(screening_queue.c.case_no.distinct()).label("cases"),
        func.min(screening_queue.c.since).label("since"),
    )
    row = (await session.execute(query)).mappings().one()
    return row["cases"], row["since"]


# Select is generic in the types of its columns, which a Table does not tell.
def _visible(scope: CaseScope, last: LateralFromClause) -> Select[Any]:
    of_case = (cases.c.status, cases.c.category, cases.c.area, cases.c.lead_unit)
    decided = (last.c.ruling, last.c.ruled_at, last.c.ruled_by, last.c.dossier_no)
    joined = select(*screening_hits.c, *of_case, *decided).join_from(
        screening_hits, cases, cases.c.case_no == screening_hits.c.case_no
    )
    return joined.join(last, true(), isouter=True).where(scope.condition)


def _last_ruling() -> LateralFromClause:
    return (
        select(screening_rulings)
        .where(screening_rulings.c.hit_no == screening_hits.c.hit_no)
        .order_by(screening_rulings.c.number.desc())
        .limit(1)
        .lateral("last_ruling")
    )


def _asked(question: HitQuestion, last: LateralFromClause) -> Iterator[ColumnElement[bool]]:
    match question.state:
        case HitState.PENDING:
            yield or_(last.c.ruling.is_(None), last.c.ruling == HitRuling.REOPENED.value)
        case HitState.CLUE | HitState.DISMISSED as state:
            yield last.c.ruling == state.value
    if question.rule:
        yield screening_hits.c.rule == question.rule
    if question.test:
        yield screening_hits.c.test == question.test.value
    if question.unit:
        yield or_(
            cases.c.lead_unit == question.unit,
            cases.c.accused_units.contains([question.unit]),
        )
    if question.case_no:
        yield screening_hits.c.case_no == question.case_no


# ── deciding ────────────────────────────────────────────────────────────────────────────────────


class Verdict(Record):
    """What an officer decides on a hit, when and why; a clue names its accountability file."""

    ruling: HitRuling
    at: datetime
    reason: TextRef
    dossier_no: DossierNo | None = None


async def lock_hit(session: WriteSession, number: HitNo) -> None:
    """Let nobody else decide on a hit before the transaction ends."""
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(number, 0))))


def require_ruling(hit: HitRow, ruling: HitRuling, by: Actor) -> None:
    """Refuse a decision that is not due: WrongStatus, or NotPermitted to whoever dismissed what they would reopen."""
    if hit.state is not _RULED_IN[ruling]:
        raise WrongStatus("hit_ruled", f"该筛查结果为“{hit.state.label}”，不能{ruling.label}")
    if ruling is HitRuling.REOPENED:
        require_another(by, (hit.ruled_by,), code="own_ruling", rule="domain.md §8.1 B-38：复核须由另一人")


async def rule_on_hit(
    session: WriteSession, hit: HitRow, verdict: Verdict, *, by: Actor, address: str | None
) -> None:
    """Keep a decision on a hit that `lock_hit` holds, and record it; what was decided before stays beside it."""
    require_ruling(hit, verdict.ruling, by)
    count = select(func.count()).where(screening_rulings.c.hit_no == hit.hit_no)
    number = int(await session.scalar(count) or 0) + 1
    kept = verdict.model_dump(mode="json", include={"ruling", "reason", "dossier_no"})
    await session.execute(
        insert(screening_rulings).values(
            kept | {"hit_no": hit.hit_no, "number": number, "ruled_at": verdict.at, "ruled_by": by.user_id}
        )
    )
    await record(
        session,
        TrailEntry(
            at=verdict.at,
            event=TrailEvent.HIT_RULED,
            actor=by,
            case_no=hit.case_no,
            subject=hit.hit_no,
            address=address,
            detail={"ruling": verdict.ruling.value, "rule": hit.rule, "number": number},
        ),
    )
