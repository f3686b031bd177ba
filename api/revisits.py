"""The revisit desk as it is sent out (回访队列): attempts and when the next may be made, windows, answers, rounds."""

from datetime import datetime
from typing import Final, Self

from pydantic import Field, TypeAdapter

from api.reading import titles_of
from api.schemas import Instant, View
from api.services import Services
from api.sight import scope_of, visible_case
from hotline.actions import next_actions
from hotline.case import Actor, CaseState, RevisitAttempt, RevisitResult
from hotline.identifiers import CaseNo
from hotline.model import Instant as Moment
from hotline.policy import PolicySnapshot
from hotline.rules.revisit import may_ask
from hotline.vocabulary import ClockKind
from store.cursor import cursor_of, place_of
from store.revisits import RevisitQueue, counts, place_of_state, waiting

_PLACE: Final = TypeAdapter(tuple[Moment, str])


class AttemptView(View):
    """One attempt to reach the citizen (回访尝试)."""

    at: Instant
    by: str
    outcome: str
    outcome_label: str

    @classmethod
    def of(cls, attempt: RevisitAttempt) -> Self:
        """The view of an attempt."""
        outcome = attempt.outcome
        return cls(at=attempt.at, by=attempt.by, outcome=outcome, outcome_label=outcome.label)


class AnswerView(View):
    """What a citizen said of the reply, when and to whom."""

    at: Instant
    by: str
    contacted: bool
    solved: bool
    truthful: bool
    satisfaction: int
    second: bool
    favourable: bool

    @classmethod
    def of(cls, answer: RevisitResult) -> Self:
        """The view of an answer."""
        return cls(**answer.model_dump(), favourable=answer.is_favourable)


class RevisitView(View):
    """One case at the revisit desk."""

    case_no: str
    title: str | None
    secret: bool
    status: str
    status_label: str
    type_label: str
    lead_unit: str | None
    round: int
    reworks_left: int = Field(description="还可以退回重办几轮；用完后转会商")
    due_at: Instant | None = Field(description="回访时限，或者短信评价截止")
    overdue: bool
    attempts: list[AttemptView]
    attempts_left: int
    next_attempt_at: Instant | None = Field(description="最早何时可以再次回访；空表示现在就可以")
    answers: list[AnswerView] = Field(description="以往各轮的回访结果")
    may_ask: bool = Field(description="本人未经办、未审核此件，可以回访")
    next_actions: list[str]

    @classmethod
    def of(
        cls, state: CaseState, actor: Actor, policy: PolicySnapshot, *, title: str | None, now: datetime
    ) -> Self:
        """The view of a case by its policy; an instant that has passed is none."""
        clocks = [clock for clock in state.clocks if clock.kind in _OF_THE_DESK]
        due_at = min((clock.due_at for clock in clocks), default=None)
        tried = len(state.attempts)
        spacing = policy.revisit_spacing
        free_at = policy.add(state.attempts[-1].at, spacing).at if state.attempts else None
        left = max(policy.caps.revisit_attempts - tried, 0)
        return cls(
            case_no=state.case_no,
            title=title,
            secret=state.secret,
            status=state.status,
            status_label=state.status.label,
            type_label=state.classification.type.label,
            lead_unit=state.assignment.lead if state.assignment else None,
            round=state.round,
            reworks_left=max(policy.caps.reworks + 1 - state.round, 0),
            due_at=due_at,
            overdue=due_at is not None and due_at <= now,
            attempts=[AttemptView.of(attempt) for attempt in state.attempts],
            attempts_left=left,
            next_attempt_at=free_at if free_at and free_at > now and left else None,
            answers=[AnswerView.of(answer) for answer in state.revisits],
            may_ask=may_ask(state, actor),
            next_actions=list(next_actions(state, actor)),
        )


_OF_THE_DESK: Final = frozenset({ClockKind.REVISIT, ClockKind.RATING_WINDOW})


class RevisitPage(View):
    """One part of the desk, the next due first; `counts` says how much waits in each part."""

    counts: dict[RevisitQueue, int]
    items: list[RevisitView]
    next_cursor: str | None = None


async def revisit_page(
    services: Services, actor: Actor, queue: RevisitQueue, *, cursor: str | None, limit: int
) -> RevisitPage:
    """A page of the desk for somebody."""
    after = place_of(cursor, _PLACE) if cursor else None
    async with services.database.read(snapshot=True) as session:
        scope = scope_of(actor)
        states = await waiting(session, scope, queue, after=after, limit=limit)
        waits = await counts(session, scope)
        titles = await titles_of(services, session, actor, {state.case_no: state.secret for state in states})
    items = [await _view(services, actor, state, titles.get(state.case_no)) for state in states]
    following = cursor_of(place_of_state(states[-1])) if len(states) == limit else None
    return RevisitPage(counts=waits, items=items, next_cursor=following)


async def revisit_of(services: Services, actor: Actor, case_no: CaseNo) -> RevisitView:
    """One case as the revisit desk sees it. Raises as `visible_case`."""
    async with services.database.read() as session:
        state = await visible_case(session, actor, case_no)
        titles = await titles_of(services, session, actor, {case_no: state.secret})
    return await _view(services, actor, state, titles.get(case_no))


async def _view(services: Services, actor: Actor, state: CaseState, title: str | None) -> RevisitView:
    policy = await services.policies.of(state.policy_revision)
    return RevisitView.of(state, actor, policy, title=title, now=services.now())
