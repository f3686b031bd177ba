"""Statistics of accountability files as they are sent out (问责统计): sums within the officer's reach, and their files.

The same counts make the figure and the list behind it, so that the two cannot differ (domain.md §7.8).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Self

from pydantic import Field

from api.dossier_views import DossierLine, DossierPageView
from api.schemas import Instant, View
from api.services import Services
from hotline.accountability.state import Officer
from hotline.accountability.statistics import Count, counts_of, sums_of
from hotline.accountability.vocabulary import Figure
from hotline.identifiers import UnitCode
from hotline.oversight import month_of
from store.dossiers import DossierFilters, countable, list_dossiers
from store.engine import ReadSession
from store.viewers import reach_of_groups

NO_GROUP: Final = "-"
"""What stands for the group of a file that no stationed group answers for whole."""


class SplitBy(StrEnum):
    """By what the figures are told apart besides."""

    MONTH = "month"
    GROUP = "group"


@dataclass(frozen=True, slots=True)
class Counting:
    """What is counted: events within a span, perhaps of one figure, one code, one month, one stationed group."""

    since: datetime
    until: datetime
    figure: Figure | None = None
    code: str | None = None
    month: str | None = None
    group: str | None = None

    def takes(self, count: Count, groups: Iterable[str]) -> bool:
        """Whether a count is among them."""
        return (
            self.since <= count.at < self.until
            and self.figure in {None, count.figure}
            and self.code in {None, count.code}
            and self.month in {None, month_of(count.at)}
            and (self.group is None or self.group in groups)
        )


class FigureLine(View):
    """One figure: how many files, persons (once per file), organisations and decisions."""

    figure: str = Field(examples=["form"])
    figure_label: str = Field(examples=["四种形态"])
    code: str = Field(examples=["second"])
    label: str = Field(examples=["第二种形态"])
    month: str | None = Field(description="按月统计时的月份", examples=["2026-11"])
    group: str | None = Field(
        description="按派驻组统计时的派驻纪检监察组；`-` 为不由一个派驻组负责", examples=["JZ120"]
    )
    files: int = Field(description="件数")
    persons: int = Field(description="人次，一案一人计一次")
    organisations: int = Field(description="单位数，一案一单位计一次")
    decisions: int = Field(description="处理决定数")

    @classmethod
    def of(cls, counts: list[Count], month: str | None, group: str | None) -> Self:
        """The line of counts of one figure and code."""
        first = counts[0]
        return cls(
            figure=first.figure,
            figure_label=first.figure.label,
            code=first.code,
            label=first.label,
            month=month,
            group=group,
            **sums_of(counts)._asdict(),
        )


class DossierStatistics(View):
    """The figures of a span; what nobody was counted for has no line."""

    since: Instant
    until: Instant
    items: list[FigureLine]


async def dossier_statistics(
    services: Services, officer: Officer, counting: Counting, by: SplitBy | None
) -> DossierStatistics:
    """The figures of what an officer may know of.

    A file is a group's if the group answers for all of its units, as with who may know of it; a unit of two groups
    puts it in both.
    """
    async with services.database.read(snapshot=True) as session:
        counted = await _counted(session, officer, counting)
    lines: dict[tuple[Figure, str, str | None, str | None], list[Count]] = {}
    for count, groups in counted:
        for month, group in _SPLITS[by](count, groups, counting.group):
            lines.setdefault((count.figure, count.code, month, group), []).append(count)
    return DossierStatistics(
        since=counting.since,
        until=counting.until,
        items=[
            FigureLine.of(lines[key], month=key[2], group=key[3])
            for key in sorted(lines, key=lambda key: (_FIGURES[key[0]], key[2] or "", key[3] or "", key[1]))
        ],
    )


_FIGURES = {figure: place for place, figure in enumerate(Figure)}

# What tells a line from others besides figure and code: its month and its group.
_Place = tuple[str | None, str | None]
_Split = Callable[[Count, tuple[str, ...], str | None], tuple[_Place, ...]]


def _by_group(_: Count, groups: tuple[str, ...], asked: str | None) -> tuple[_Place, ...]:
    return tuple((None, group) for group in groups if asked in {None, group})


_SPLITS: dict[SplitBy | None, _Split] = {
    None: lambda *_: ((None, None),),
    SplitBy.MONTH: lambda count, *_: ((month_of(count.at), None),),
    SplitBy.GROUP: _by_group,
}


async def counted_files(
    services: Services, officer: Officer, counting: Counting, *, cursor: str | None, limit: int
) -> DossierPageView:
    """One page of the files that a figure counts, the newest first."""
    async with services.database.read(snapshot=True) as session:
        counted = await _counted(session, officer, counting)
        numbers = tuple(sorted({count.dossier_no for count, _ in counted}))
        filters = DossierFilters(numbers=numbers)
        page = await list_dossiers(session, officer, filters, cursor=cursor, limit=limit)
    now = services.now()
    lines = [DossierLine.of(state, officer, now) for state in page.items]
    return DossierPageView(items=lines, next_cursor=page.next_cursor)


async def _counted(
    session: ReadSession, officer: Officer, counting: Counting
) -> list[tuple[Count, tuple[str, ...]]]:
    """The counts that are asked for, each with the groups that answer for all units of its file."""
    reach = await reach_of_groups(session)

    def groups_of(units: Iterable[UnitCode]) -> tuple[str, ...]:
        found = tuple(group for group, within in reach.items() if within.issuperset(units))
        return found or (NO_GROUP,)

    return [
        (count, groups)
        for file in await countable(session, officer, since=counting.since, until=counting.until)
        for count in counts_of(file)
        if counting.takes(count, groups := groups_of(count.units))
    ]
