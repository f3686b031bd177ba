"""Lines of repeat problems as they are read and sent out (重复性问题台账), and the desk for commands on them.

All cases of a line are of one caller. So a page of a line names a case only to whom may see that case, and a
secret one only to whom may see secret callers; of texts, others read what does not tell who the caller is.
"""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Self

from pydantic import BaseModel, Field, TypeAdapter

from api.desk import checked_evidence, keep_texts, require_codes
from api.errors import unit_unknown
from api.forms import parts_of, texts_of, units_in
from api.schemas import Instant, View
from api.services import Services
from api.sight import scope_of
from hotline.case import Actor, EvidenceRef
from hotline.identifiers import CaseNo, CommandId, LineNo
from hotline.model import Message
from hotline.problems.commands import (
    AnyProblemCommand,
    AssignProblemLead,
    ProblemCommand,
    ProblemEnvelope,
)
from hotline.problems.decide import next_actions, unseen
from hotline.problems.facts import ProblemFact
from hotline.problems.state import ProblemState
from hotline.roles import UNIT_ROLES
from hotline.secrecy import reads_redacted
from store.accounts import unknown_units
from store.engine import ReadSession
from store.evidence import EvidenceFile, find_evidence
from store.problems import (
    ProblemQuestion,
    ProblemRow,
    cases_of_problem,
    clearance_rates,
    facts_of,
    first_case_of,
    problem,
)
from store.rows import CaseRow
from store.scope import lines_visible_to
from store.vault import read_texts, redacted_texts, refs_in
from store.viewers import lineages
from workflows.contracts import ProblemReceipt

_ANY_COMMAND: Final[TypeAdapter[ProblemCommand]] = TypeAdapter(AnyProblemCommand)


# ── what is sent out ────────────────────────────────────────────────────────────────────────────


class ProblemLine(View):
    """One line in a list."""

    line_no: str = Field(examples=["CF2026000001"])
    stage: str
    stage_label: str
    category: str
    area: str | None
    lead_unit: str | None
    round: int = Field(description="第几轮整改；大于 1 表示曾经反弹")
    overdue: bool
    opened_at: Instant
    cleared_at: Instant | None
    next_due_at: Instant | None
    version: int

    @classmethod
    def of(cls, row: ProblemRow) -> Self:
        """The view of a row."""
        return cls(**row.model_dump(), stage_label=row.stage.label)


class ProblemPage(View):
    """Lines, the newest first."""

    items: list[ProblemLine]
    next_cursor: str | None = None


class MilestoneView(View):
    """One date of a plan."""

    number: int
    due_on: date
    reached_at: Instant | None


class ProblemClockView(View):
    """One running limit of a line."""

    clock_id: str
    kind: str
    kind_label: str
    due_at: Instant
    missed: bool


class ProblemView(View):
    """One line, whole. `cases` counts what its reader may see."""

    line_no: str
    version: int
    stage: str
    stage_label: str
    category: str
    area: str | None
    opened_at: Instant
    round: int
    round_started_at: Instant
    lead_unit: str | None
    cases: int
    unsettled: int = Field(description="尚未回访满意的件数")
    plan: str | None
    milestones: list[MilestoneView]
    clear_on: date | None
    cleared_at: Instant | None
    look_back_until: Instant | None
    missed: int
    clocks: list[ProblemClockView]
    next_actions: list[str]


class LinkedCaseView(View):
    """One case behind a line: nothing of its caller."""

    case_no: str
    standing: str
    standing_label: str
    excused: bool
    status: str
    status_label: str
    lead_unit: str | None
    secret: bool
    registered_at: Instant
    closed_at: Instant | None

    @classmethod
    def of(cls, row: CaseRow, state: ProblemState) -> Self:
        """The view of a case and of how its line knows it."""
        known = state.case(row.case_no)
        assert known is not None, "only the cases of this line were asked for"
        return cls(
            case_no=row.case_no,
            standing=known.standing,
            standing_label=known.standing.label,
            excused=known.excused_by is not None,
            status=row.status,
            status_label=row.status.label,
            lead_unit=row.lead_unit,
            secret=row.secret,
            registered_at=row.registered_at,
            closed_at=row.closed_at,
        )


class LinkedCases(View):
    """The cases of a line that its reader may see, the oldest first."""

    items: list[LinkedCaseView]


class ProblemStep(View):
    """One fact of a line, with its texts; cases that the reader may not see are not named."""

    seq: int
    at: Instant
    tag: str
    term: str
    by: str
    unit: str | None
    case_no: str | None
    texts: dict[str, str]
    evidence: list[EvidenceRef]


class ProblemHistory(View):
    """What was decided about a line, in order."""

    items: list[ProblemStep]


class ClearanceRateView(View):
    """清零率 of one unit's lines; `unit` is absent for lines without a lead."""

    unit: str | None
    opened: int
    cleared: int
    relapsed: int
    overdue: int
    rate: float = Field(description="已销号条数 ÷ 建账条数")


class ClearanceBoard(View):
    """清零率 by unit, for the lines opened in a period."""

    as_of: Instant
    since: Instant
    until: Instant
    items: list[ClearanceRateView]


class ProblemReceiptView(View):
    """The receipt of a command on a line: where it stands now."""

    line_no: str
    command_id: str
    version: int
    stage: str
    stage_label: str
    next_due_at: Instant | None

    @classmethod
    def of(cls, receipt: ProblemReceipt) -> Self:
        """The view of a receipt."""
        told = receipt.model_dump(exclude={"command_digest"})
        return cls(**told, stage_label=receipt.stage.label)


# ── reading ─────────────────────────────────────────────────────────────────────────────────────


async def one_line(services: Services, actor: Actor, number: LineNo) -> ProblemView:
    """One line, whole. Raises 404 when there is none that the caller may know of."""
    async with services.database.read(snapshot=True) as session:
        state = await _visible(session, actor, number)
        shown = await _shown(session, actor, state)
        plan = await _said(services, session, actor, state, state.plan) if state.plan else {}
    seen = {row.case_no for row in shown}
    counted = seen if actor.role in UNIT_ROLES else {case.case_no for case in state.cases}
    return ProblemView(
        **state.model_dump(include=set(ProblemView.model_fields) & set(ProblemState.model_fields) - _OWN),
        stage_label=state.stage.label,
        lead_unit=state.lead,
        cases=len(counted),
        unsettled=len(counted.intersection(state.unsettled)),
        plan=plan.get("text"),
        milestones=[MilestoneView(**entry.model_dump()) for entry in state.plan.milestones]
        if state.plan
        else [],
        clear_on=state.plan.clear_on if state.plan else None,
        clocks=[
            ProblemClockView(**clock.model_dump(exclude={"started_at"}), kind_label=clock.kind.label)
            for clock in state.clocks
        ],
        next_actions=list(next_actions(state, actor)),
    )


_OWN: Final = {"cases", "plan", "clocks"}
"""What a view tells otherwise than the state does."""


async def linked_cases(services: Services, actor: Actor, number: LineNo) -> LinkedCases:
    """The cases behind a line. Raises as `one_line`."""
    async with services.database.read(snapshot=True) as session:
        state = await _visible(session, actor, number)
        rows = await _shown(session, actor, state)
    return LinkedCases(items=[LinkedCaseView.of(row, state) for row in rows])


async def history_of(services: Services, actor: Actor, number: LineNo) -> ProblemHistory:
    """What was decided about a line. Raises as `one_line`."""
    async with services.database.read(snapshot=True) as session:
        state = await _visible(session, actor, number)
        seen = {row.case_no for row in await _shown(session, actor, state)}
        facts = await facts_of(session, number)
        steps = [_step(fact, seen, await _said(services, session, actor, state, fact.body)) for fact in facts]
    return ProblemHistory(items=steps)


async def clearance_board(
    services: Services, actor: Actor, *, since: datetime, until: datetime
) -> ClearanceBoard:
    """清零率 of the lines that somebody may see."""
    question = ProblemQuestion(since=since, until=until)
    async with services.database.read() as session:
        rates = await clearance_rates(session, lines_visible_to(actor), question)
    items = [ClearanceRateView(**rate.model_dump()) for rate in rates]
    return ClearanceBoard(as_of=services.now(), since=since, until=until, items=items)


async def _visible(session: ReadSession, actor: Actor, number: LineNo) -> ProblemState:
    state = await problem(session, lines_visible_to(actor), number)
    if state is None:
        raise unseen()
    return state


async def _shown(session: ReadSession, actor: Actor, state: ProblemState) -> tuple[CaseRow, ...]:
    with_secret = not reads_redacted(actor.role)
    return await cases_of_problem(session, scope_of(actor), state, with_secret=with_secret)


async def _said(
    services: Services, session: ReadSession, actor: Actor, state: ProblemState, part: BaseModel
) -> dict[str, str]:
    """The texts of a part of a line by field, as somebody may read them."""
    named = {name: next(refs_in(value), None) for name, value in part}
    refs = {name: ref for name, ref in named.items() if ref is not None}
    opened = await read_texts(session, services.keyring, refs.values())
    texts = {name: opened[ref.text_id] for name, ref in refs.items()}
    if texts and reads_redacted(actor.role):
        for case in state.cases:
            texts = (await redacted_texts(session, services.keyring, {case.case_no: texts}))[case.case_no]
    return texts


def _step(fact: ProblemFact, seen: Container[CaseNo | None], texts: Mapping[str, str]) -> ProblemStep:
    body = fact.body
    case_no = getattr(body, "case_no", None) or getattr(getattr(body, "case", None), "case_no", None)
    return ProblemStep(
        seq=fact.seq,
        at=fact.at,
        tag=body.tag,
        term=(type(body).__doc__ or "").partition("\n")[0].rstrip("."),
        by=fact.actor.user_id,
        unit=fact.actor.unit,
        case_no=case_no if case_no in seen else None,
        texts=dict(texts),
        evidence=list(getattr(body, "evidence", ())),
    )


# ── the desk ────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class LineFiling:
    """A form filled in for a line, by whom and under which id."""

    line_no: LineNo
    command: type[Message]
    form: BaseModel
    actor: Actor
    command_id: CommandId
    expected_version: int | None = None


async def file_on_line(services: Services, filing: LineFiling) -> ProblemReceipt:
    """Have a line decide on a form; returns its receipt or raises what went wrong."""
    async with services.database.read() as session:
        state = await _visible(session, filing.actor, filing.line_no)
        require_codes(filing.form)
        supplied = await _supplied(session, filing, state)
        anchor = await first_case_of(session, filing.line_no)
    assert anchor is not None, "a line is made of cases"
    async with services.database.write() as session:
        said = texts_of(filing.form)
        texts = await keep_texts(session, services, anchor, filing.command_id, said)
    parts = parts_of(filing.command, filing.form, texts, supplied)
    envelope = ProblemEnvelope(
        command_id=filing.command_id,
        actor=filing.actor,
        command=_ANY_COMMAND.validate_python(parts),
        expected_version=filing.expected_version,
    )
    return await services.gateway.send_to_line(filing.line_no, envelope)


# Any: fields of a command by name.
async def _supplied(session: ReadSession, filing: LineFiling, state: ProblemState) -> dict[str, Any]:
    """What the server knows and the form is not asked to vouch for."""
    if filing.command is AssignProblemLead:
        named = [unit for _, unit in units_in(filing.form)]
        if await unknown_units(session, named):
            raise unit_unknown("lead")
        return {"lineages": await lineages(session, named)}
    if (named_files := getattr(filing.form, "evidence", None)) is not None:
        return {"evidence": await _evidence(session, state, named_files)}
    return {}


async def _evidence(
    session: ReadSession, state: ProblemState, named: Iterable[EvidenceRef]
) -> tuple[EvidenceRef, ...]:
    """Evidence is uploaded to one of the line's cases; what its row says goes before what the form says."""
    refs = tuple(named)
    files: dict[str, EvidenceFile] = {}
    for case in state.cases:
        files |= await find_evidence(session, case.case_no, [ref.evidence_id for ref in refs])
    return tuple(checked_evidence(ref, files.get(ref.evidence_id)) for ref in refs)
