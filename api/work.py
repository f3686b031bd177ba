"""One's own work (待办): how much waits in each group, and the cases of a group with the clock that presses."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, time, timedelta
from typing import Final, Self

from pydantic import Field

from api.errors import ApiError
from api.reading import titles_of
from api.schemas import CaseLine, Instant, View
from api.services import Services
from api.sight import scope_of
from api.suggesting import SuggestionView, Wanted, suggestions_for
from hotline.calendar import SHANGHAI, WorkingCalendar
from hotline.case import Actor
from hotline.work import WORK_OF, WorkGroup
from store.rows import ClockRow
from store.stays import Matter
from store.work import WorkQuestion, WorkRow, count_work, holder_of, list_work, running_clocks

LIMIT: Final = 1000


class WorkCount(View):
    """One group and how many cases wait in it."""

    group: str = Field(examples=["to_sign"])
    label: str = Field(examples=["待签收"])
    count: int


class WorkBoard(View):
    """The groups of one's role, in the order of a day."""

    as_of: Instant
    items: list[WorkCount]


class WorkClock(View):
    """The clock that presses on whoever acts next; a clock that is held has no end yet."""

    kind: str
    label: str = Field(examples=["办理"])
    due_at: Instant
    held: bool = Field(description="暂停计时")
    provisional: bool
    working_seconds: float = Field(description="剩余工作时间，超期为负")
    working_day_seconds: float = Field(description="一个工作日有多长")

    @classmethod
    def of(cls, clock: ClockRow, calendar: WorkingCalendar, now: datetime) -> Self:
        """The view of a clock; what is left is counted in the calendar of the case's policy."""
        since = clock.held_at or now
        return cls(
            kind=clock.kind,
            label=clock.kind.label,
            due_at=clock.due_at,
            held=clock.held_at is not None,
            provisional=clock.provisional,
            working_seconds=calendar.working_time_between(since, clock.due_at).total_seconds(),
            working_day_seconds=_length_of_day(calendar, now).total_seconds(),
        )


class WorkLine(View):
    """One case that waits."""

    case: CaseLine
    clock: WorkClock | None
    held_since: Instant | None = Field(description="现由单位持有自")
    returns: int = Field(description="退单次数")
    joint_reviews: int = Field(description="会商次数")
    extension_days: int | None = Field(description="待审批的延期工作日")
    determination: str | None = Field(description="待审批的终止或者认定")
    next_on: date | None = Field(description="挂账下次推进日期")
    suggestions: list[SuggestionView] = Field(description="待派遣工单的派单建议")


class WorkPage(View):
    """The cases of one group, the first due first; `more` says that there are others."""

    as_of: Instant
    group: str
    items: list[WorkLine]
    more: bool


def groups_of(actor: Actor) -> tuple[WorkGroup, ...]:
    """The groups of somebody's work."""
    return WORK_OF[actor.role]


async def work_board(services: Services, actor: Actor) -> WorkBoard:
    """Count what waits for somebody."""
    now, groups = services.now(), groups_of(actor)
    question = await _question(services, actor, now)
    async with services.database.read() as session:
        counts = await count_work(session, scope_of(actor), question, groups)
    items = [WorkCount(group=one, label=one.label, count=counts[one]) for one in groups]
    return WorkBoard(as_of=now, items=items)


async def work_page(services: Services, actor: Actor, group: WorkGroup, *, limit: int) -> WorkPage:
    """List what waits in one group. Raises 404 for a group that is not of the role's work."""
    if group not in groups_of(actor):
        raise ApiError(404, "work_group_unknown", "没有这一类待办")
    now, scope = services.now(), scope_of(actor)
    question = await _question(services, actor, now)
    async with services.database.read() as session:
        found = await list_work(session, scope, question, group, limit=limit)
        numbers = [row.case.case_no for row in found.rows]
        clocks = await running_clocks(session, scope, numbers)
        titles = await titles_of(
            services, session, actor, {row.case.case_no: row.case.secret for row in found.rows}
        )
        wanted = {row.case.case_no: _matter(row) for row in found.rows if group is WorkGroup.TO_DISPATCH}
        likely = await suggestions_for(session, actor, wanted, now=now)
    calendars = await _calendars(services, found.rows)
    items = [
        WorkLine(
            **row.model_dump(exclude={"case", "accused_units"}),
            case=CaseLine.of(row.case, titles.get(row.case.case_no), now),
            clock=_pressing(
                clocks.get(row.case.case_no, ()), actor, calendars[row.case.policy_revision], now
            ),
            held_since=row.case.owner_since,
            suggestions=likely.get(row.case.case_no, []),
        )
        for row in found.rows
    ]
    return WorkPage(as_of=now, group=group, items=items, more=found.more)


def _matter(row: WorkRow) -> Wanted:
    matter = Matter(row.case.category, row.case.area) if row.case.category else None
    return Wanted(matter, row.accused_units)


def _pressing(
    clocks: Sequence[ClockRow], actor: Actor, calendar: WorkingCalendar, now: datetime
) -> WorkClock | None:
    """The first clock of whoever acts: one that runs before one that is held."""
    pressing = next((clock for clock in clocks if clock.holder == holder_of(actor)), None)
    return None if pressing is None else WorkClock.of(pressing, calendar, now)


async def _question(services: Services, actor: Actor, now: datetime) -> WorkQuestion:
    policy = await services.policies.in_force(at=now)
    return WorkQuestion(actor, _end_of_day(now), policy.caps.extension_days_unit)


def _end_of_day(now: datetime) -> datetime:
    """Midnight after now on Shanghai's clock."""
    tomorrow = now.astimezone(SHANGHAI).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), SHANGHAI)


def _length_of_day(calendar: WorkingCalendar, now: datetime) -> timedelta:
    """How long a working day of this season is open."""
    today = now.astimezone(SHANGHAI).date()
    spans = calendar.hours.segments_on(today)
    lengths = (datetime.combine(today, closes) - datetime.combine(today, opens) for opens, closes in spans)
    return sum(lengths, start=timedelta())


async def _calendars(services: Services, rows: Collection[WorkRow]) -> dict[str, WorkingCalendar]:
    revisions = sorted({row.case.policy_revision for row in rows})
    return {revision: (await services.policies.of(revision)).calendar for revision in revisions}
