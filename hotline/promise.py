"""When a limit would end, asked before anything is decided (期限推算, 承诺办结时间)."""

from datetime import datetime, timedelta

from pydantic import AwareDatetime

from hotline.calendar import SHANGHAI
from hotline.model import Message
from hotline.policy import Basis, Limit, PolicySnapshot
from hotline.refusals import GuardFailed
from hotline.vocabulary import RequestType, Urgency


class Question(Message):
    """Exactly one way to name a limit: so many working days, working hours or hours, or by policy."""

    working_days: int | None = None
    working_hours: float | None = None
    hours: float | None = None
    type: RequestType | None = None
    urgency: Urgency = Urgency.NORMAL
    hard: bool = False

    def limit(self, policy: PolicySnapshot) -> Limit:
        """The limit that is meant. Raises GuardFailed unless exactly one is given."""
        given = [
            limit
            for limit in (
                None if self.working_days is None else Limit.working_days(self.working_days),
                None
                if self.working_hours is None
                else Limit(basis=Basis.WORKING_TIME, span_for=timedelta(hours=self.working_hours)),
                None if self.hours is None else Limit.wall(timedelta(hours=self.hours)),
                None if self.type is None else policy.handling_limit(self.type, self.urgency, hard=self.hard),
            )
            if limit is not None
        ]
        if len(given) != 1:
            raise GuardFailed(
                "one_limit_needed",
                "请在 working_days、working_hours、hours、type 中恰好指定一项",
                field="working_days",
            )
        return given[0]


class Promise(Message):
    """The due instant of a limit in Shanghai time, whether it may still move, and why it is what it is."""

    due_at: AwareDatetime
    provisional: bool
    because: tuple[str, ...]


def promise(policy: PolicySnapshot, start_at: datetime, question: Question) -> Promise:
    """When the limit that is meant ends if it starts at this instant."""
    limit = question.limit(policy)
    reckoning = policy.add(start_at, limit)
    return Promise(
        due_at=reckoning.at.astimezone(SHANGHAI),
        provisional=reckoning.provisional,
        because=(f"期限 {limit.words}，依据 {policy.revision}", *reckoning.because),
    )
