"""`hotline due`: when a limit would end, and why (期限推算).

It asks the policy and the calendar that the package ships, so that it answers without a server.
"""

from datetime import datetime
from typing import Annotated

import typer

from commands.failures import refuse
from commands.options import AsJson, DataDir
from hotline.calendar import SHANGHAI
from hotline.policy import default_policy
from hotline.promise import Promise, Question, promise
from hotline.refusals import GuardFailed, Refusal
from hotline.vocabulary import RequestType, Urgency

FromOption = Annotated[
    str,
    typer.Option(
        "--from", metavar="ISO", help="Instant at which the limit starts; without an offset, Shanghai time."
    ),
]
DaysOption = Annotated[
    int | None, typer.Option("--working-days", min=0, max=1_000, help="So many working days (工作日).")
]
WorkingHoursOption = Annotated[
    float | None, typer.Option("--working-hours", min=0, max=10_000, help="So many hours of opening time.")
]
HoursOption = Annotated[
    float | None, typer.Option("--hours", min=0, max=100_000, help="So many hours on the wall clock.")
]
TypeOption = Annotated[
    RequestType | None, typer.Option("--type", help="The handling limit of the policy for such a request.")
]
UrgencyOption = Annotated[
    Urgency | None, typer.Option("--urgency", help="Urgency, with --type.", show_default="normal")
]
HardOption = Annotated[bool, typer.Option("--hard", help="A hard case (疑难), with --type.")]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("due")(due)


def due(
    start: FromOption,
    working_days: DaysOption = None,
    working_hours: WorkingHoursOption = None,
    hours: HoursOption = None,
    type_: TypeOption = None,
    urgency: UrgencyOption = None,
    hard: HardOption = False,
    _data_dir: DataDir = None,  # Every command takes it; this one needs no stack.
    as_json: AsJson = False,
) -> None:
    """Tell when a limit ends, whether that may still move, and why (期限推算)."""
    try:
        _require_one(working_days, working_hours, hours, type_)
        if type_ is None and (hard or urgency is not None):
            raise GuardFailed(
                "type_needed", "未指定", field="type", rule="--urgency 与 --hard 只能同 --type 一起使用"
            )
        question = Question(
            working_days=working_days,
            working_hours=working_hours,
            hours=hours,
            type=type_,
            urgency=urgency or Urgency.NORMAL,
            hard=hard,
        )
        answer = _answer(instant(start), question)
    except Refusal as refusal:
        refuse(refusal, as_json=as_json)
    typer.echo(answer.model_dump_json() if as_json else _in_words(answer))


def _require_one(*limits: object) -> None:
    if sum(limit is not None for limit in limits) != 1:
        raise GuardFailed(
            "one_limit_needed",
            "须恰好指定一种期限",
            field="working_days",
            rule="--working-days、--working-hours、--hours、--type 四选一",
        )


def instant(text: str) -> datetime:
    """Read an instant in ISO 8601; one without an offset is Shanghai time."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise GuardFailed(
            "bad_instant",
            f"{text!r} 不是有效时间",
            field="from",
            rule="ISO 8601，例如 2026-02-13T10:00+08:00",
        ) from None
    return at if at.tzinfo else at.replace(tzinfo=SHANGHAI)


def _answer(start_at: datetime, question: Question) -> Promise:
    try:
        return promise(default_policy(), start_at, question)
    except (ValueError, OverflowError):
        # The calendar's own error speaks of its walk, not of what was asked.
        raise GuardFailed(
            "out_of_range", "超出日历可推算的范围", field="from", rule="起止时间须在公元 1 年至 9999 年之间"
        ) from None


def _in_words(answer: Promise) -> str:
    note = "（暂定：所涉年份的放假安排尚未公布）" if answer.provisional else ""
    return "\n".join([f"{answer.due_at.isoformat()}{note}", *(f"  · {reason}" for reason in answer.because)])
