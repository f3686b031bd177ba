"""规则草案: what people write becomes a whole policy, or every fault is named by field and rule."""

from importlib.resources import files
from typing import Any

import pytest

from hotline.calendar import DayKind, HolidayYear
from hotline.drafting import DraftFaulty, draft_from_notice, draft_from_snapshot, draft_from_toml
from hotline.policy import Limit
from hotline.vocabulary import ClockKind
from unit.lives import POLICY, at, day_of

TOML = files("hotline").joinpath("data/policy-default.toml").read_text(encoding="utf-8")
REVISED = TOML.replace('revision = "default/3"', 'revision = "city/2"', 1)


def notice(*days: tuple[str, bool], **fields: Any) -> dict[str, Any]:
    listed = [{"name": "元旦", "date": day, "isOffDay": is_off} for day, is_off in days]
    return {"year": 2027, "papers": [], "days": listed} | fields


def faults(error: pytest.ExceptionInfo[DraftFaulty]) -> set[str]:
    return {fault.field for fault in error.value.faults}


def test_toml_is_a_whole_policy_with_the_calendar_in_force() -> None:
    draft = draft_from_toml(REVISED.replace('rework = "3 wd"', 'rework = "2 wd"', 1), POLICY)
    assert (draft.revision, draft.calendar) == ("city/2", POLICY.calendar)
    assert draft.limits[ClockKind.REWORK] == Limit.working_days(2)


def test_snapshot_comes_back_as_it_was_told() -> None:
    told = POLICY.model_dump(mode="json") | {"revision": "city/2"}
    assert draft_from_snapshot(told) == POLICY.model_copy(update={"revision": "city/2"})


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('revision = "default/3"', 'revision = "no good"', "revision"),
        ('revision = "default/3"', 'revision = "x"\nlimts = 3', "limts"),
        ('return_window = "1 wd"', "", "return_window"),
        ('rework = "3 wd"', 'rework = "soon"', "limits.rework"),
        ('rework = "3 wd"', 'rwork = "3 wd"', "limits.rwork.[key]"),
        ('limit = "15 wd"', 'limit = "15 wd"\nhurd = true', "handling.2.hurd"),
        ('code = "imminent"', 'code = "warning"', "ladders.standard"),
        ('revision = "default/3"', 'revision = "x"\nspeed = 60', "transition"),
        ('revision = "default/3"', 'revision = "x"\ntransition = "from_revision"', "transition"),
        ('revision = "default/3"', "revision = ", "toml"),
        ('revision = "default/3"', 'revision = "x"\ncalendar = 1', "calendar"),
        ('spread_over = "2 min"', 'spread_over = "1 h"', "spread_over"),
    ],
)
def test_fault_in_a_policy_is_named_by_its_field(old: str, new: str, fault: str) -> None:
    assert old in TOML
    with pytest.raises(DraftFaulty) as error:
        draft_from_toml(TOML.replace(old, new, 1), POLICY)
    assert fault in faults(error)
    assert all(found.rule for found in error.value.faults)


def test_every_fault_is_named_at_once() -> None:
    bad = TOML.replace('rework = "3 wd"', 'rework = "soon"', 1).replace('review = "1 wd"', 'review = "x"', 1)
    with pytest.raises(DraftFaulty) as error:
        draft_from_toml(bad, POLICY)
    assert faults(error) == {"limits.rework", "limits.review"}


def test_cap_below_nothing_is_a_fault() -> None:
    told = POLICY.model_dump(mode="json")
    with pytest.raises(DraftFaulty) as error:
        draft_from_snapshot(told | {"caps": told["caps"] | {"reworks": -1}})
    assert faults(error) == {"caps.reworks"}


def test_notice_becomes_a_calendar_of_its_own_revision() -> None:
    draft = draft_from_notice(notice(("2027-01-04", True)), POLICY, "city/2027")
    assert (draft.revision, draft.calendar.revision) == ("city/2027", "city/2027")
    assert draft.calendar.kind_of(day_of(at("2027-01-04 09:00"))) is DayKind.HOLIDAY
    assert draft.limits == POLICY.limits


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        (notice(), "notice.days"),
        ({"year": 2027}, "notice.papers"),
        (notice(("2027-1-4", True)), "notice.days.0.date"),
        (notice(("2028-01-04", True)), "notice"),
        (notice(("2027-01-04", True), ("2027-01-04", False)), "notice"),
    ],
)
def test_fault_in_a_notice_is_named_by_its_field(bad: dict[str, Any], field: str) -> None:
    with pytest.raises(DraftFaulty) as error:
        draft_from_notice(bad, POLICY, "city/2027")
    assert field in faults(error)


def test_notice_replaces_that_of_its_year_alone() -> None:
    before = {year.year for year in POLICY.calendar.years}
    draft = draft_from_notice(notice(("2027-01-04", True)), POLICY, "city/2027")
    assert {year.year for year in draft.calendar.years} == before | {2027}
    assert all(isinstance(year, HolidayYear) for year in draft.calendar.years)
