"""The rows of the read models as callers get them: typed, and without anything personal."""

from datetime import datetime, timedelta

from hotline.identifiers import CaseNo, ClockId, UnitCode
from hotline.model import Record
from hotline.vocabulary import (
    AlarmCode,
    Cause,
    Channel,
    ClockKind,
    Flag,
    Outcome,
    Phase,
    RequestType,
    Status,
    StopReason,
    Urgency,
)


class CaseRow(Record):
    """One case in a list."""

    case_no: CaseNo
    version: int
    status: Status
    phase: Phase
    outcome: Outcome | None
    type: RequestType
    urgency: Urgency
    category: str | None
    area: str | None
    channel: Channel
    secret: bool
    lead_unit: UnitCode | None
    units: tuple[UnitCode, ...]
    owner_unit: UnitCode | None
    owner_cause: Cause | None
    owner_since: datetime | None
    registered_at: datetime
    dispatched_at: datetime | None
    closed_at: datetime | None
    next_due_at: datetime | None
    round: int
    flags: tuple[Flag, ...]
    policy_revision: str
    occurrence: int
    repeat_of: CaseNo | None
    joined_to: CaseNo | None

    def is_overdue(self, now: datetime) -> bool:
        """Whether an obligation of this open case is past its due instant."""
        return self.closed_at is None and self.next_due_at is not None and self.next_due_at < now


class ClockRow(Record):
    """One clock of a case, running or stopped."""

    case_no: CaseNo
    clock_id: ClockId
    kind: ClockKind
    holder: UnitCode
    limit_text: str
    started_at: datetime
    due_at: datetime
    provisional: bool
    because: tuple[str, ...]
    held_at: datetime | None
    fired: tuple[AlarmCode, ...]
    next_alarm_at: datetime | None
    next_alarm: AlarmCode | None
    stopped_at: datetime | None
    stop_reason: StopReason | None
    late: bool | None


class HoldingRow(Record):
    """How long a unit held a case for a cause, up to the moment asked for."""

    holder: UnitCode
    cause: Cause
    held_for: timedelta
