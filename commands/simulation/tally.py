"""What a simulation did (统计): ends, commands, refusals, repeats and time."""

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from commands.simulation.life import Life
from hotline.identifiers import CaseNo
from hotline.vocabulary import Outcome, Status

_OUTCOME_OF: Final[Mapping[str, Outcome]] = MappingProxyType(
    {
        "answer_directly": Outcome.ANSWERED_DIRECTLY,
        "reject_case": Outcome.NOT_ACCEPTED,
        "transfer_emergency": Outcome.EMERGENCY,
        "record_revisit": Outcome.SATISFIED,
        "second_revisit": Outcome.SATISFIED,
        "rating": Outcome.SATISFIED,
        "close_case": Outcome.SUPERVISED,
        "decide_termination": Outcome.TERMINATED,
        "decide_unreasonable": Outcome.UNREASONABLE,
    }
)


def outcome_after(kind: str) -> Outcome | None:
    """The outcome of a case that a command closed; receipts tell the status alone."""
    return _OUTCOME_OF.get(kind)


@dataclass
class Tally:
    """Counts of one run."""

    started_at: float = field(default_factory=time.monotonic)
    total: int = 0
    registered: int = 0
    is_complete: bool = False
    statuses: Counter[Status] = field(default_factory=Counter)
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    commands: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    stuck: list[CaseNo] = field(default_factory=list)
    retries: Counter[str] = field(default_factory=Counter)
    requests: Counter[str] = field(default_factory=Counter)

    @property
    def ended(self) -> int:
        """How many cases are at their end."""
        return self.statuses.total()

    @property
    def unfinished(self) -> int:
        """How many cases are not."""
        return self.total - self.ended

    @property
    def seconds(self) -> float:
        """Wall time so far."""
        return time.monotonic() - self.started_at

    @property
    def note(self) -> str:
        """The counts that move, in a line."""
        refused, repeated = self.refusals.total(), self.retries.total()
        return f"{self.commands.total()} commands, {refused} refused, {repeated} repeated"

    def end(self, life: Life) -> None:
        """Count a case that needs nobody any more."""
        self.statuses[life.status] += 1
        if life.outcome:
            self.outcomes[life.outcome] += 1

    def summary(self) -> dict[str, Any]:
        """Everything, for people and machines."""
        return {
            "cases": self.total,
            "registered": self.registered,
            "ended": self.ended,
            "unfinished": self.unfinished,
            "statuses": _sorted(self.statuses),
            "outcomes": _sorted(self.outcomes),
            "commands": _sorted(self.commands),
            "refusals": _sorted(self.refusals),
            "retries": _sorted(self.retries),
            "stuck": self.stuck,
            "requests": self.requests.total(),
            "seconds": round(self.seconds, 1),
            "cases_per_second": round(self.ended / self.seconds, 2),
        }


def _sorted(counts: Mapping[Any, int]) -> dict[str, int]:
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], str(pair[0])))
    return {str(name): count for name, count in ordered}
