"""What if (假设推演): a past period under a draft or another revision, beside what it was, and the cases that would differ.

What is asked for stands in the address. Reckoning takes a while, so the page comes first and asks for the sums by
itself; a long period comes in stretches.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated, Final

from fastapi import Depends, Query
from fastapi.responses import HTMLResponse

from api.parts import Part
from api.routers.drafts import list_drafts
from api.routers.policy import Revisions, revisions
from api.routers.what_if import WhatIfForm, what_if, what_if_cases
from api.what_if import SideView, UnitWhatIf
from console.charts import Bars, Chart, Colour, Series
from console.links import to
from console.visit import Here
from hotline.calendar import SHANGHAI
from hotline.identifiers import UnitCode
from hotline.vocabulary import AlarmCode, Indicator

router = Part()

_DRAFT: Final = "draft:"
_REVISION: Final = "revision:"
_POLICY: Final = r"^(draft:[0-9a-f]{32}|revision:[A-Za-z0-9][A-Za-z0-9._/-]{0,63})$"
_DRAWN: Final = 12
"""More bars than that are not read; the table has every unit."""


@dataclass(frozen=True, slots=True)
class Question:
    """A past period and another policy, as the address has them; without a policy nothing is reckoned yet."""

    policy: str
    since: date
    until: date
    unit: str | None
    cursor: str | None

    @property
    def form(self) -> WhatIfForm:
        """The same as the API is asked; the last day belongs to the period."""
        return WhatIfForm(
            draft_id=self.policy.removeprefix(_DRAFT) if self.policy.startswith(_DRAFT) else None,
            revision=self.policy.removeprefix(_REVISION) if self.policy.startswith(_REVISION) else None,
            since=_start(self.since),
            until=_start(self.until + timedelta(days=1)),
            unit=self.unit,
            cursor=self.cursor,
        )

    def at(self, page: str = "", unit: str | None = None, cursor: str | None = None) -> str:
        """The address of the same question on a page, from a place on, or for one unit."""
        return to(
            f"/admin/policy/what-if{page}",
            policy=self.policy or None,
            since=self.since,
            until=self.until,
            unit=unit,
            cursor=cursor,
        )


def _start(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI)


def _question(
    visit: Here,
    policy: Annotated[str, Query(pattern=_POLICY)] = "",
    since: date | None = None,
    until: date | None = None,
    unit: Annotated[str | None, Query(pattern=r"^[\w.-]{1,64}$")] = None,
    cursor: Annotated[str | None, Query(max_length=400)] = None,
) -> Question:
    """What is asked; the month before this one where no period is named."""
    last = visit.now.astimezone(SHANGHAI).date().replace(day=1) - timedelta(days=1)
    return Question(policy, since or last.replace(day=1), until or last, unit, cursor)


Asked = Annotated[Question, Depends(_question)]


@router.get("/admin/policy/what-if", operation_id="policy_what_if")
async def shown(
    visit: Here, asked: Asked, published: Annotated[Revisions, Depends(revisions)]
) -> HTMLResponse:
    """Which period under which policy; what comes of it is asked for by the page."""
    drafts = await list_drafts(visit.actor, visit.services)
    return visit.page(
        "what_if.html",
        asked=asked,
        drafts=[(_DRAFT + one.draft_id, one.revision) for one in drafts.items if not one.published_at],
        revisions=[(_REVISION + name, name) for name in published.items],
    )


@router.get("/admin/policy/what-if/sums", operation_id="policy_what_if")
async def added_up(visit: Here, asked: Asked) -> HTMLResponse:
    """A stretch of the period under both policies: what would have been late, fired and scored, unit by unit."""
    found = await what_if(asked.form, visit.actor, visit.services)
    units = await visit.unit_names()
    return visit.page(
        "what_if_sums.html",
        asked=asked,
        found=found,
        rows=sorted(found.units, key=_difference, reverse=True),
        late=_both(found.units, lambda side: side.late),
        points=_both(found.units, lambda side: side.points),
        rungs=[*_rungs(found.units)],
        rates={one.value: one.label for one in Indicator},
        chart=_late_by_unit(asked, found.units, units),
        units=units,
    )


@router.get("/admin/policy/what-if/cases", operation_id="policy_what_if_cases")
async def behind(visit: Here, asked: Asked) -> HTMLResponse:
    """The cases that would have gone otherwise: each clock and each row, as it was and as it would have been."""
    return visit.page(
        "what_if_cases.html",
        asked=asked,
        page=await what_if_cases(asked.form, visit.actor, visit.services),
        alarms={code.value: code.label for code in AlarmCode},
        units=await visit.unit_names(),
    )


def _both(lines: Iterable[UnitWhatIf], figure: Callable[[SideView], int]) -> tuple[int, int]:
    """A figure of all units together, as it was and as it would have been."""
    told = [(figure(line.before), figure(line.after)) for line in lines]
    return sum(was for was, _would_be in told), sum(would_be for _was, would_be in told)


def _rungs(lines: Iterable[UnitWhatIf]) -> Iterator[tuple[str, int, int]]:
    """Yield each rung that fired or would have, and how often under either policy, in the order of the ladder."""
    was, would_be = Counter[str](), Counter[str]()
    for line in lines:
        was.update(line.before.rungs)
        would_be.update(line.after.rungs)
    return (
        (code.label, was[code.value], would_be[code.value])
        for code in AlarmCode
        if was[code.value] or would_be[code.value]
    )


def _difference(line: UnitWhatIf) -> tuple[int, int, float]:
    """How much a unit's lot would have changed: by clocks, by points, by score."""
    return (
        abs(line.after.late - line.before.late),
        abs(line.after.points - line.before.points),
        abs(float(line.after.score - line.before.score)),
    )


def _late_by_unit(asked: Question, lines: Iterable[UnitWhatIf], units: Mapping[UnitCode, str]) -> Chart:
    """Late clocks under both policies, of the units for which their number would have changed most."""
    changed = [line for line in lines if line.before.late != line.after.late]
    drawn = sorted(changed, key=_difference, reverse=True)[:_DRAWN]
    links = [asked.at("/cases", unit=line.unit) for line in drawn]
    return Bars(
        "各单位超期的时限",
        labels=[units.get(UnitCode(line.unit), line.unit) for line in drawn],
        series=(
            Series("原来", [line.before.late for line in drawn], Colour.QUIET, links),
            Series("假设", [line.after.late for line in drawn], Colour.ORANGE, links),
        ),
        lying=True,
    )
