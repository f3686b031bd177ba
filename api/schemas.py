"""Responses (接口模型): how cases, clocks and facts look from outside; domain and tables stay inside."""

from collections.abc import Container, Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from hotline.calendar import SHANGHAI
from hotline.case import Actor, Assignment, CaseState, Holding
from hotline.facts import Fact, references_in
from hotline.holding import holdings_at, owner_of
from hotline.identifiers import CaseNo
from hotline.privacy import mask_address, mask_name, mask_phone
from store.cases import CaseRow, ClockRow
from store.vault import CONTENT, IMPORTED_REPLY, TITLE, Caller
from workflows.contracts import Receipt


def _in_shanghai(at: datetime) -> datetime:
    return at.astimezone(SHANGHAI)


Instant = Annotated[datetime, AfterValidator(_in_shanghai)]
"""People read their own clock: every instant goes out in Shanghai time (domain.md §12 rule 25)."""


class View(BaseModel):
    """What is sent out."""

    model_config = ConfigDict(frozen=True)


class ReceiptView(View):
    """The receipt of a command (回执): where the case stands now."""

    case_no: str = Field(examples=["261120103000010001"])
    command_id: str
    version: int = Field(examples=[6])
    status: str = Field(examples=["awaiting_signature"])
    status_label: str = Field(examples=["待签收"])
    phase: str = Field(examples=["assignment"])
    next_due_at: Instant | None = Field(examples=["2026-11-23T18:00:00+08:00"])

    @classmethod
    def of(cls, receipt: Receipt) -> Self:
        """The view of a receipt."""
        return cls(
            case_no=receipt.case_no,
            command_id=receipt.command_id,
            version=receipt.version,
            status=receipt.status,
            status_label=receipt.status.label,
            phase=receipt.phase,
            next_due_at=receipt.next_due_at,
        )


class CaseLine(View):
    """One case in a list."""

    case_no: str
    title: str | None
    status: str
    status_label: str
    phase: str
    type: str
    type_label: str
    urgency: str
    category: str | None
    area: str | None
    channel: str
    lead_unit: str | None
    owner_unit: str | None
    registered_at: Instant
    next_due_at: Instant | None
    overdue: bool
    closed_at: Instant | None
    outcome: str | None
    flags: list[str]
    round: int
    version: int
    secret: bool

    @classmethod
    def of(cls, row: CaseRow, title: str | None, now: datetime) -> Self:
        """The view of a row, with its title from the vault."""
        return cls(
            **row.model_dump(include=set(cls.model_fields) & set(CaseRow.model_fields) - {"flags"}),
            title=title,
            status_label=row.status.label,
            type_label=row.type.label,
            overdue=row.is_overdue(now),
            flags=[flag.value for flag in row.flags],
        )


class CasePageView(View):
    """One page of a list; `next_cursor` is absent on the last."""

    items: list[CaseLine]
    next_cursor: str | None = None


class ClockView(View):
    """A clock with its explanation (时限说明)."""

    clock_id: str
    kind: str
    label: str
    holder: str
    limit: str
    started_at: Instant
    due_at: Instant
    provisional: bool
    because: list[str] = Field(examples=[["办理时限（投诉·一般）：5 个工作日，依据 default/3"]])
    held_at: Instant | None
    fired: list[str]
    overdue: bool
    stopped_at: Instant | None
    stop_reason: str | None
    late: bool | None

    @classmethod
    def of(cls, row: ClockRow, now: datetime) -> Self:
        """The view of a clock, running or stopped."""
        running = row.stopped_at is None and row.held_at is None
        return cls(
            **row.model_dump(
                include=set(cls.model_fields) & set(ClockRow.model_fields) - {"because", "fired"}
            ),
            label=row.kind.label,
            limit=row.limit_text,
            because=list(row.because),
            fired=[code.value for code in row.fired],
            overdue=running and row.due_at <= now,
        )


class HoldingView(View):
    """One line of the holding ledger (时长台账)."""

    holder: str
    cause: str
    cause_label: str
    seconds: float

    @classmethod
    def of(cls, line: Holding) -> Self:
        """The view of a line."""
        return cls(
            holder=line.holder,
            cause=line.cause,
            cause_label=line.cause.label,
            seconds=line.held_for.total_seconds(),
        )


class CallerView(View):
    """Who called, as far as the reader may know."""

    name: str | None
    phone: str | None
    address: str | None
    masked: bool = Field(description="保密件只显示脱敏信息，须说明理由方可开启")
    hash: str | None = Field(description="电话的密钥摘要，可作列表的 `caller_hash` 条件查同一诉求人")

    @classmethod
    def of(cls, caller: Caller, known_as: str | None, *, masked: bool) -> Self:
        """The view of a caller, whole or masked, with the hash under which their other cases are found."""
        name, phone, address = caller.name, caller.phone, caller.address
        if masked:
            name, phone = name and mask_name(name), phone and mask_phone(phone)
            address = address and mask_address(address)
        return cls(name=name, phone=phone, address=address, masked=masked, hash=known_as)


class OpenedCallerView(View):
    """Who called, opened with a reason; `entry` is the number of the trail entry that says so."""

    case_no: str
    entry: int
    opened_at: Instant
    name: str | None
    phone: str | None
    address: str | None
    hash: str | None


class OpeningView(View):
    """One opening of sealed data (开启记录): who, when, of which case, what, and why."""

    entry: int
    at: Instant
    case_no: str
    actor: Actor
    fields: list[str]
    reason: str
    address: str | None = Field(description="操作人员的网络地址")


class OpeningPage(View):
    """Openings, newest first; `next_before` leads to the next page."""

    items: list[OpeningView]
    next_before: int | None = None


class CaseView(View):
    """One case, whole: state, texts, explained clocks, and what the reader may do next.

    As of a past instant, `as_of` is that instant and nothing can be done.
    """

    case_no: str
    as_of: Instant | None
    version: int
    status: str
    status_label: str
    phase: str
    phase_label: str
    outcome: str | None
    channel: str
    type: str
    type_label: str
    urgency: str
    category: str | None
    area: str | None
    secret: bool
    has_contact: bool
    missing: list[str]
    occurrence: int
    repeat_of: str | None
    joined_to: str | None
    members: list[str]
    policy_revision: str
    registered_at: Instant
    closed_at: Instant | None
    owner_unit: str | None
    owner_cause: str | None
    owner_cause_label: str | None
    owner_since: Instant | None
    assignment: Assignment | None
    round: int
    flags: list[str]
    rating: int | None
    satisfaction: int | None = Field(description="诉求人最近一次表示的满意度，回访或者评价")
    title: str | None
    content: str | None
    source_reply: str | None
    caller: CallerView | None
    next_actions: list[str] = Field(examples=[["dispatch_case", "reject_case"]])
    clocks: list[ClockView]
    holdings: list[HoldingView]

    @classmethod
    def of(
        cls,
        state: CaseState,
        *,
        texts: Mapping[str, str],
        caller: CallerView | None,
        clocks: Iterable[ClockRow],
        next_actions: Iterable[str],
        known: Container[CaseNo],
        now: datetime,
        as_of: datetime | None = None,
    ) -> Self:
        """Put together what the reader may see; of other cases only those in `known` are named."""
        what, held = state.classification, state.possession
        return cls(
            as_of=as_of,
            owner_cause=held and held.cause,
            owner_cause_label=held and held.cause.label,
            owner_since=held and held.since,
            **{name: getattr(state, name) for name in _SAME},
            repeat_of=state.repeat_of if state.repeat_of in known else None,
            joined_to=state.joined_to if state.joined_to in known else None,
            status_label=state.status.label,
            phase=state.phase,
            phase_label=state.phase.label,
            type=what.type,
            type_label=what.type.label,
            urgency=what.urgency,
            category=what.category,
            area=what.area,
            missing=[element.value for element in state.missing],
            members=[number for number in state.members if number in known],
            owner_unit=owner_of(state),
            flags=sorted(flag.value for flag in state.flags),
            satisfaction=state.rating or (state.revisits[-1].satisfaction if state.revisits else None),
            title=texts.get(TITLE),
            content=texts.get(CONTENT),
            source_reply=texts.get(IMPORTED_REPLY),
            caller=caller,
            next_actions=list(next_actions),
            clocks=[ClockView.of(row, now) for row in clocks],
            holdings=[HoldingView.of(line) for line in holdings_at(state, state.closed_at or now)],
        )


_SAME = (
    "case_no",
    "version",
    "status",
    "outcome",
    "channel",
    "secret",
    "has_contact",
    "occurrence",
    "policy_revision",
    "registered_at",
    "closed_at",
    "assignment",
    "round",
    "rating",
)


class FactView(View):
    """One entry of the ledger (事实)."""

    seq: int
    at: Instant
    tag: str
    actor: Actor
    command_id: str
    body: dict[str, Any]

    @classmethod
    def of(cls, fact: Fact, known: Container[CaseNo]) -> Self:
        """The view of a fact; another case that the reader may not know of is left out of it."""
        hidden = {number for number in references_in(fact.body) if number not in known}
        body = fact.body.model_dump(mode="json", exclude={"tag"})
        return cls(
            seq=fact.seq,
            at=fact.at,
            tag=fact.body.tag,
            actor=fact.actor,
            command_id=fact.command_id,
            body=_without(body, hidden) if hidden else body,
        )


# A fact's body as JSON, of whatever shape.
def _without(body: Any, hidden: AbstractSet[str]) -> Any:
    if isinstance(body, dict):
        return {
            name: None if name in _NAMES_A_CASE and value in hidden else _without(value, hidden)
            for name, value in body.items()
        }
    return body


_NAMES_A_CASE = frozenset({"repeat_of", "into", "member", "by"})


class FactPage(View):
    """Facts in order, and the texts that they refer to, by id."""

    items: list[FactView]
    texts: dict[str, str]
    next_after: int | None = None


class RegisteredView(View):
    """The receipt of a registration: the number and the code with which the citizen follows the case."""

    case_no: str = Field(examples=["261120103000010001"])
    retrieval_code: str = Field(examples=["K7M2QX"])
    status: str = Field(examples=["received"])
    status_label: str = Field(examples=["待受理"])
    version: int | None = Field(examples=[2])
    next_due_at: Instant | None
    adopted: bool = Field(description="流程引擎是否已接管；否则由后台自动接管，不影响受理")
    replayed: bool = Field(description="同一幂等键此前已登记，本次返回原回执")
    occurrence: int = Field(description="同一诉求人、事项、地点在统计期内第几次反映")
    repeat_of: str | None


class PublicCaseView(View):
    """What the citizen sees of their own case."""

    case_no: str
    status: str
    status_label: str
    phase_label: str
    registered_at: Instant
    closed_at: Instant | None
    promised_at: Instant | None
    promise_provisional: bool = Field(description="节假日安排尚未公布，期限暂定")
    promised_because: list[str] = Field(description="答复期限是怎样算出来的")
    handled_by: str | None
    answer: str | None
    may_add_facts: bool
    may_rate: bool
    steps: list["PublicStep"]


class PublicStep(View):
    """One step of the case, in words for the citizen."""

    at: Instant
    label: str
