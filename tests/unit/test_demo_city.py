"""What the demo city is made of: every status, people who work by day, and the same city from the same plan."""

from datetime import UTC, datetime, timedelta

from commands.city.plan import Plan, Row, city_plan
from hotline.accountability.decide import RULES as FILE_RULES
from hotline.decide import RULES
from hotline.vocabulary import Status

PRESENT = datetime(2026, 11, 22, 8, tzinfo=UTC)


def test_plan_has_cases_in_every_status() -> None:
    assert {row.stands for row in city_plan().row} - {None} == set(Status)


def test_rows_stop_at_statuses_and_commands_that_there_are() -> None:
    known = {status.value for status in Status} | {rule.kind for rule in RULES.values()} | {""}
    assert {row.until for row in city_plan().row} <= known


def test_steps_of_files_are_commands_that_there_are() -> None:
    asked = {step[1] for file in city_plan().file for step in file.steps if step != ("levels",)}
    assert asked <= {rule.kind for rule in FILE_RULES.values()}
    assert len(asked) > 10


def test_small_city_has_a_case_of_each_row_and_the_same_plan_gives_the_same_cases() -> None:
    plan = city_plan().scaled(1)
    assert plan.size == len(plan.row)
    assert list(plan.fates(PRESENT)) == list(plan.fates(PRESENT))
    assert plan.key != city_plan().key


def test_cases_of_the_past_come_after_those_that_desks_wait_for_and_none_lies_in_the_future() -> None:
    fates = list(city_plan().fates(PRESENT))
    ages = [fate.row.is_history for fate in fates]
    assert ages == sorted(ages)
    assert all(fate.registered_at < PRESENT for fate in fates)
    assert min(fate.registered_at for fate in fates) < PRESENT - timedelta(days=40)
    assert len({fate.key for fate in fates}) == len(fates) == city_plan().size


def test_caller_who_calls_again_is_the_same_and_others_are_not() -> None:
    again = Row(name="again", count=3, days=(1, 2), same_caller=True)
    others = Row(name="others", count=3, days=(1, 2))
    for row, callers in ((again, 1), (others, 3)):
        fates = Plan(row=(row,)).fates(PRESENT)
        assert len({fate.form["caller_phone"] for fate in fates}) == callers
