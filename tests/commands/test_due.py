"""`hotline due`: the vectors of domain.md §3.2, its options, and what it says of bad ones."""

import json
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from commands import due

app = typer.Typer()
app.callback()(lambda: None)
due.register(app)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["due", *arguments])


def answer(*arguments: str) -> dict[str, Any]:
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    told: dict[str, Any] = json.loads(result.stdout)
    return told


@pytest.mark.parametrize(
    ("start", "days", "due_on"),
    [
        ("2025-01-24", 5, "2025-02-07"),
        ("2025-09-26", 5, "2025-10-10"),
        ("2025-09-30", 1, "2025-10-09"),
        ("2026-02-13", 3, "2026-02-25"),
        ("2026-04-30", 5, "2026-05-11"),
        ("2026-09-18", 5, "2026-09-24"),
        ("2026-09-30", 2, "2026-10-09"),
    ],
)
def test_working_days_end_at_close_of_business(start: str, days: int, due_on: str) -> None:
    told = answer("--from", f"{start}T10:00+08:00", "--working-days", str(days))
    assert told["due_at"] == f"{due_on}T18:00:00+08:00"
    assert told["provisional"] is False


def test_past_the_last_notice_the_answer_is_provisional() -> None:
    told = answer("--from", "2026-12-31T10:00+08:00", "--working-days", "1")
    assert told["due_at"] == "2027-01-04T18:00:00+08:00"
    assert told["provisional"] is True


def test_the_answer_has_nothing_but_instant_mark_and_reasons() -> None:
    told = answer("--from", "2026-02-13T10:00+08:00", "--working-days", "3")
    assert list(told) == ["due_at", "provisional", "because"]
    assert all(isinstance(reason, str) for reason in told["because"])


def test_an_instant_without_offset_is_of_shanghai() -> None:
    assert answer("--from", "2026-02-13T10:00", "--hours", "2")["due_at"] == "2026-02-13T12:00:00+08:00"


def test_an_instant_of_elsewhere_is_told_in_shanghai_time() -> None:
    assert answer("--from", "2026-02-13T02:00:00Z", "--hours", "2")["due_at"] == "2026-02-13T12:00:00+08:00"


def test_working_hours_skip_the_night() -> None:
    told = answer("--from", "2026-03-02T17:00+08:00", "--working-hours", "2")
    assert told["due_at"] == "2026-03-03T09:30:00+08:00"


@pytest.mark.parametrize(
    ("options", "due_at"),
    [
        (("--type", "complaint"), "2026-03-09T18:00:00+08:00"),
        (("--type", "consult"), "2026-03-03T18:00:00+08:00"),
        (("--type", "complaint", "--urgency", "urgent"), "2026-03-03T10:00:00+08:00"),
        (("--type", "complaint", "--urgency", "critical"), "2026-03-02T12:00:00+08:00"),
        (("--type", "complaint", "--urgency", "normal", "--hard"), "2026-03-23T18:00:00+08:00"),
    ],
)
def test_the_policy_knows_the_limit_of_a_type(options: tuple[str, ...], due_at: str) -> None:
    assert answer("--from", "2026-03-02T10:00+08:00", *options)["due_at"] == due_at


def test_people_read_the_reasons_too() -> None:
    result = run("--from", "2026-02-13T10:00", "--working-days", "3")
    assert result.exit_code == 0
    assert result.stdout.startswith("2026-02-25T18:00:00+08:00")
    assert "调休上班" in result.stdout


@pytest.mark.parametrize(
    ("options", "field", "code"),
    [
        ((), "--working-days", "one_limit_needed"),
        (("--hours", "2", "--working-days", "1"), "--working-days", "one_limit_needed"),
        (("--type", "help", "--hours", "2"), "--working-days", "one_limit_needed"),
        (("--hours", "2", "--hard"), "--type", "type_needed"),
        (("--hours", "2", "--urgency", "urgent"), "--type", "type_needed"),
    ],
)
def test_one_kind_of_limit_is_asked_for(options: tuple[str, ...], field: str, code: str) -> None:
    result = run("--from", "2026-02-13T10:00", *options, "--json")
    told = json.loads(result.stderr)
    assert result.exit_code == 2
    assert (told["field"], told["code"]) == (field, code)
    assert told["rule"]


@pytest.mark.parametrize("start", ["tomorrow", "2026-02-30", "", "10:00"])
def test_an_instant_that_is_none_is_refused(start: str) -> None:
    result = run("--from", start, "--hours", "2", "--json")
    told = json.loads(result.stderr)
    assert result.exit_code == 2
    assert (told["field"], told["code"]) == ("--from", "bad_instant")


def test_a_limit_that_leaves_all_calendars_is_refused() -> None:
    result = run("--from", "9999-12-31T10:00", "--working-hours", "200", "--json")
    assert result.exit_code == 2
    assert json.loads(result.stderr)["code"] == "out_of_range"


@pytest.mark.parametrize(
    "options", [("--working-days", "-1"), ("--working-days", "1.5"), ("--hours", "nan"), ("--hours", "two")]
)
def test_a_limit_that_is_none_names_its_option(options: tuple[str, str]) -> None:
    result = run("--from", "2026-02-13T10:00", *options)
    assert result.exit_code == 2
    assert options[0] in result.stderr
