"""What somebody may do next with a case (下一步): act, wait for a clock, look again, or nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from hotline.identifiers import UnitCode
from hotline.vocabulary import Role

NOW = timedelta(0)


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody in a role; `nth` tells apart those who must be different people."""

    role: Role
    unit: UnitCode | None = None
    nth: int = 0


@dataclass(frozen=True, slots=True)
class Act:
    """Issue a command, after the time that people take for it."""

    who: Who
    kind: str
    form: Mapping[str, Any] = field(default_factory=dict)
    after_for: timedelta = NOW


@dataclass(frozen=True, slots=True)
class Await:
    """Let the clocks run until an instant, then look what they did."""

    until_at: datetime


@dataclass(frozen=True, slots=True)
class Look:
    """Read the case, and its ledger if that is asked for: what is known of it is not enough."""

    ledger: bool = False


@dataclass(frozen=True, slots=True)
class Done:
    """The case needs nobody any more."""


Step = Act | Await | Look | Done
