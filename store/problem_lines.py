"""How a case finds its line (台账匹配): the same caller, matter and place within the policy's window.

A line opens with the third request (domain.md §12 rule 4). Lines and links are written in the transaction that
projects the case, so that no kill comes between; the rows are the outbox from which `api/problem_keeper.py` tells
each line how its cases stand, like the intake record from which cases are adopted.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Integer, Row, and_, case, cast, exists, func, or_, select, update
from sqlalchemy import delete as delete_from
from sqlalchemy.dialects.postgresql import insert

from hotline.facts import Fact, named_by
from hotline.identifiers import CaseNo, LineNo, line_no
from hotline.policy import Caps
from hotline.problems.commands import NoteCase
from hotline.problems.state import ProblemRegistration
from hotline.problems.vocabulary import Standing
from hotline.vocabulary import Outcome, RequestType
from store.engine import ReadSession, WriteSession
from store.tables.casework import cases
from store.tables.problems import problem_lines, problem_links, problem_sequence
from store.tables.reference import policies
from store.tables.registration import intake

_LOCK: Final = "problem-line/"
_DEFAULTS: Final = Caps()


@dataclass(frozen=True, slots=True)
class Untold:
    """What a line does not know yet of one of its cases, and what to keep when it was told."""

    registration: ProblemRegistration
    note: NoteCase
    told: str


async def follow_case(session: WriteSession, number: CaseNo, fresh: Iterable[Fact]) -> None:
    """Find the line of a case when its matter was named: at registration, and when it is reclassified."""
    if named := named_by(fresh):
        await find_line(session, number, at=named.at)


async def find_line(session: WriteSession, number: CaseNo, *, at: datetime) -> LineNo | None:
    """Link a case to the living line of its matter, or open one if this is the request that makes it due.

    Cases of one caller wait for each other until they are committed; otherwise two at once would both be the
    second, or each open a line.
    """
    of_caller = await session.scalar(select(intake.c.caller_hash).where(intake.c.case_no == number))
    if of_caller is None:
        return None
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(_LOCK + of_caller, 0))))
    matter = await _matter_of(session, number)
    if matter is None:
        return None
    line = await _living_line(session, matter)
    if line is not None:
        await _link(session, line, [number], at)
        return line
    alike = await _alike(session, matter)
    if len(alike) < matter.opens_at:
        return None
    line = await _open(session, matter, at)
    await _link(session, line, alike, at)
    return line


async def find_another(session: WriteSession, line: LineNo, number: CaseNo, *, at: datetime) -> None:
    """Take a case back from a line that was over before it heard of the case, and look again."""
    await session.execute(
        delete_from(problem_links).where(
            problem_links.c.line_no == line,
            problem_links.c.case_no == number,
            problem_links.c.told.is_(None),
        )
    )
    await session.execute(
        update(problem_lines)
        .where(problem_lines.c.line_no == line, problem_lines.c.ended_at.is_(None))
        .values(ended_at=at)
    )
    await find_line(session, number, at=at)


async def untold(session: ReadSession, *, limit: int = 100) -> tuple[Untold, ...]:
    """Return what lines have yet to hear of their cases: that they are there, or stand otherwise than was told."""
    found = await session.execute(
        select(
            problem_lines,
            cases.c.case_no,
            cases.c.version,
            cases.c.registered_at,
            cases.c.accused_units,
            cases.c.recused,
            _STANDING.label("standing"),
            _NEWS.label("news"),
        )
        .join_from(problem_links, problem_lines, problem_lines.c.line_no == problem_links.c.line_no)
        .join(cases, cases.c.case_no == problem_links.c.case_no)
        .where(
            problem_lines.c.ended_at.is_(None),
            problem_links.c.detached_at.is_(None),
            or_(problem_links.c.told.is_(None), problem_links.c.told != _NEWS),
        )
        .order_by(problem_links.c.linked_at, problem_links.c.line_no, problem_links.c.case_no)
        .limit(limit)
    )
    return tuple(_untold(row) for row in found)


async def mark_told(session: WriteSession, line: LineNo, number: CaseNo, told: str) -> None:
    """Note that a line knows how a case stands."""
    is_it = and_(problem_links.c.line_no == line, problem_links.c.case_no == number)
    await session.execute(update(problem_links).where(is_it).values(told=told))


@dataclass(frozen=True, slots=True)
class _Matter:
    """What makes cases one problem, and from how many on within which window."""

    caller_hash: str
    category: str
    area: str | None
    raised_at: datetime
    window_for: timedelta
    opens_at: int
    policy_revision: str


async def _matter_of(session: WriteSession, number: CaseNo) -> _Matter | None:
    """The matter of a case; none while nobody has classified it, for praise, and for what is history already."""
    caps = policies.c.body["caps"]
    found = await session.execute(
        select(
            intake.c.caller_hash,
            intake.c.raised_at,
            cases.c.category,
            cases.c.area,
            cases.c.registered_at,
            cases.c.policy_revision,
            cast(caps["repeat_flag_at"].astext, Integer).label("opens_at"),
            cast(caps["repeat_window_days"].astext, Integer).label("window_days"),
        )
        .join_from(cases, intake, intake.c.case_no == cases.c.case_no)
        .join(policies, policies.c.revision == cases.c.policy_revision, isouter=True)
        .where(
            cases.c.case_no == number,
            cases.c.category.is_not(None),
            cases.c.type != RequestType.PRAISE.value,
            intake.c.caller_hash.is_not(None),
        )
    )
    row = found.one_or_none()
    if row is None:
        return None
    window_for = timedelta(days=row.window_days or _DEFAULTS.repeat_window_days)
    # Years of old complaints that are imported tell nothing of a problem that is there now.
    if row.raised_at < row.registered_at - window_for:
        return None
    return _Matter(
        caller_hash=row.caller_hash,
        category=row.category,
        area=row.area,
        raised_at=row.raised_at,
        window_for=window_for,
        opens_at=row.opens_at or _DEFAULTS.repeat_flag_at,
        policy_revision=row.policy_revision,
    )


async def _living_line(session: WriteSession, matter: _Matter) -> LineNo | None:
    found = await session.scalar(
        select(problem_lines.c.line_no).where(
            problem_lines.c.ended_at.is_(None),
            problem_lines.c.caller_hash == matter.caller_hash,
            problem_lines.c.category == matter.category,
            problem_lines.c.area.is_not_distinct_from(matter.area),
        )
    )
    return None if found is None else LineNo(found)


async def _alike(session: WriteSession, matter: _Matter) -> list[CaseNo]:
    """The cases of a matter within its window that no line has answered yet, the oldest first."""
    linked = exists().where(problem_links.c.case_no == cases.c.case_no, problem_links.c.detached_at.is_(None))
    span = matter.raised_at - matter.window_for, matter.raised_at + matter.window_for
    found = await session.scalars(
        select(cases.c.case_no)
        .join_from(intake, cases, cases.c.case_no == intake.c.case_no)
        .where(
            intake.c.caller_hash == matter.caller_hash,
            intake.c.raised_at.between(*span),
            cases.c.category == matter.category,
            cases.c.area.is_not_distinct_from(matter.area),
            cases.c.type != RequestType.PRAISE.value,
            ~linked,
        )
        .order_by(intake.c.raised_at, cases.c.case_no)
    )
    return [CaseNo(number) for number in found]


async def _open(session: WriteSession, matter: _Matter, at: datetime) -> LineNo:
    sequence = await session.scalar(select(problem_sequence.next_value()))
    number = line_no(at, sequence)
    await session.execute(
        insert(problem_lines).values(
            line_no=number,
            caller_hash=matter.caller_hash,
            category=matter.category,
            area=matter.area,
            policy_revision=matter.policy_revision,
            opened_at=at,
        )
    )
    return number


async def _link(session: WriteSession, line: LineNo, numbers: Sequence[CaseNo], at: datetime) -> None:
    rows = [{"line_no": line, "case_no": number, "linked_at": at} for number in numbers]
    await session.execute(insert(problem_links).values(rows).on_conflict_do_nothing())


def _news() -> ColumnElement[str]:
    """What of a case a line asks about, as one text to compare with what it was told."""
    accused = func.array_to_string(cases.c.accused_units, ",")
    return func.concat_ws("/", _STANDING, accused, func.array_to_string(cases.c.recused, ","))


_STANDING: Final = case(
    (cases.c.closed_at.is_(None), Standing.OPEN.value),
    (cases.c.outcome == Outcome.SATISFIED.value, Standing.SATISFIED.value),
    else_=Standing.UNCONFIRMED.value,
)
_NEWS: Final = _news()


# A row of the query in `untold`.
def _untold(row: Row[Any]) -> Untold:
    registration = ProblemRegistration(
        line_no=row.line_no,
        opened_at=row.opened_at,
        category=row.category,
        area=row.area,
        policy_revision=row.policy_revision,
    )
    note = NoteCase.model_validate(
        {
            "case_no": row.case_no,
            "registered_at": row.registered_at,
            "standing": row.standing,
            "version": row.version,
            "accused_units": row.accused_units,
            "recused": row.recused,
        }
    )
    return Untold(registration, note, row.news)
