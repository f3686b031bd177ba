"""How accountability files look from outside (案卷接口模型): lines, the whole file, its ledger, a person's record."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, Self

from pydantic import Field

from api.schemas import Instant, View
from hotline.accountability.actions import awaiting, next_actions
from hotline.accountability.facts import DossierFact
from hotline.accountability.measures import said_of, term_of
from hotline.accountability.state import (
    DossierClock,
    DossierState,
    Officer,
    PersonSubject,
    Proposal,
)
from hotline.identifiers import PersonId
from store.clues import ClueReceipt
from store.dossiers import SanctionRow
from store.file_reports import ReadReport
from store.sanctioned import AccusedRow, PeriodRow
from workflows.contracts import DossierReceipt


class DossierReceiptView(View):
    """The receipt of a command (回执): where the file stands now."""

    dossier_no: str = Field(examples=["WZ2026000001"])
    command_id: str
    version: int = Field(examples=[6])
    stage: str = Field(examples=["awaiting_plan"])
    stage_label: str = Field(examples=["待处置"])
    next_due_at: Instant | None

    @classmethod
    def of(cls, receipt: DossierReceipt) -> Self:
        """The view of a receipt."""
        return cls(
            dossier_no=receipt.dossier_no,
            command_id=receipt.command_id,
            version=receipt.version,
            stage=receipt.stage,
            stage_label=receipt.stage.label,
            next_due_at=receipt.next_due_at,
        )


class ClueView(View):
    """The receipt of a registration (线索登记回执)."""

    dossier_no: str = Field(examples=["WZ2026000001"])
    replayed: bool = Field(description="同一幂等键或者同一来由此前已登记，本次返回原编号")

    @classmethod
    def of(cls, receipt: ClueReceipt) -> Self:
        """The view of a registration."""
        return cls(dossier_no=receipt.dossier_no, replayed=receipt.replayed)


class ApprovalView(View):
    """What waits for approval, and whose turn it is (待审批事项)."""

    number: int
    matter: str
    matter_label: str
    proposed_by: str
    level: str
    level_label: str
    yours: bool = Field(description="是否轮到你审批")

    @classmethod
    def of(cls, proposal: Proposal, *, yours: bool) -> Self:
        """The view of a proposal."""
        matter = proposal.substance.matter
        return cls(
            number=proposal.number,
            matter=matter,
            matter_label=matter.label,
            proposed_by=proposal.proposed_by,
            level=proposal.next_level,
            level_label=proposal.next_level.label,
            yours=yours,
        )


class DossierLine(View):
    """One file in a list."""

    dossier_no: str
    version: int
    stage: str
    stage_label: str
    source: str
    source_label: str
    units: list[str]
    cases: list[str]
    registered_at: Instant
    registered_by: str
    closed_at: Instant | None
    next_due_at: Instant | None
    overdue: bool
    next_limit: str | None = Field(description="最近到期的时限", examples=["提出处置方案"])
    persons: int = Field(description="被反映人数")
    measures: list[str] = Field(description="已作出且有效的处理", examples=[["政务处分·记过"]])
    approvals: list[ApprovalView]

    @classmethod
    def of(cls, state: DossierState, officer: Officer, now: datetime) -> Self:
        """The line of a file, for one who may know of it."""
        own = awaiting(state, officer)
        first = min(state.clocks, key=lambda clock: clock.due_at, default=None)
        return cls(
            **{name: getattr(state, name) for name in _SAME},
            stage_label=state.stage.label,
            source_label=state.source.label,
            units=list(state.units),
            cases=list(state.cases),
            overdue=any(clock.due_at <= now for clock in state.clocks if clock.is_limit),
            next_limit=first and first.kind.label,
            persons=len(persons_of(state)),
            measures=[said_of(one.draft.measure) for one in state.decisions if one.stands],
            approvals=[ApprovalView.of(one, yours=one in own) for one in state.proposals],
        )


_SAME = (
    "dossier_no",
    "version",
    "stage",
    "source",
    "registered_at",
    "registered_by",
    "closed_at",
    "next_due_at",
)


class DossierPageView(View):
    """One page of a list; `next_cursor` is absent on the last."""

    items: list[DossierLine]
    next_cursor: str | None = None


class DossierClockView(View):
    """A running limit or period with its explanation."""

    clock_id: str
    kind: str
    label: str
    started_at: Instant
    due_at: Instant
    because: list[str]
    fired: list[str]
    is_limit: bool = Field(description="是否须由人按期完成；否则为自行届满的期间")
    overdue: bool

    @classmethod
    def of(cls, clock: DossierClock, now: datetime) -> Self:
        """The view of a clock."""
        return cls(
            clock_id=clock.clock_id,
            kind=clock.kind,
            label=clock.kind.label,
            started_at=clock.started_at,
            due_at=clock.due_at,
            because=list(clock.because),
            fired=[alarm.value for alarm in clock.fired],
            is_limit=clock.is_limit,
            overdue=clock.is_limit and clock.due_at <= now,
        )


class DossierView(DossierLine):
    """One file, whole: what has happened, explained clocks, and what the reader may do next.

    References to texts stand in `file` as they do in the ledger; `texts` has the words by their id, `names` the
    names of people by theirs.
    """

    clocks: list[DossierClockView]
    next_actions: list[str] = Field(examples=[["plan_disposal", "name_subject"]])
    file: dict[str, Any]
    texts: dict[str, str]
    names: dict[str, str]

    @classmethod
    def whole(
        cls,
        state: DossierState,
        officer: Officer,
        *,
        texts: Mapping[str, str],
        names: Mapping[PersonId, str],
        now: datetime,
    ) -> Self:
        """Everything of a file, for one who may know of it."""
        line = DossierLine.of(state, officer, now)
        return cls(
            **{name: getattr(line, name) for name in DossierLine.model_fields},
            clocks=[DossierClockView.of(clock, now) for clock in state.clocks],
            next_actions=list(next_actions(state, officer)),
            file=state.model_dump(mode="json", include=_SHOWN),
            texts=dict(texts),
            names=dict(names),
        )


_SHOWN = {
    "subjects",
    "summary",
    "recused",
    "team",
    "proposals",
    "inquiries",
    "investigated",
    "decisions",
    "recommendations",
    "rectifications",
    "notices",
    "cleared",
    "policy_revision",
}


def persons_of(state: DossierState) -> tuple[PersonId, ...]:
    """The people whom a file is about."""
    return tuple(one.person for one in state.subjects if isinstance(one, PersonSubject))


class DossierFactView(View):
    """One entry of a file's ledger (事实)."""

    seq: int
    at: Instant
    tag: str
    officer: str
    level: str
    command_id: str
    body: dict[str, Any]

    @classmethod
    def of(cls, fact: DossierFact) -> Self:
        """The view of a fact."""
        return cls(
            seq=fact.seq,
            at=fact.at,
            tag=fact.body.tag,
            officer=fact.officer.user_id,
            level=fact.officer.level,
            command_id=fact.command_id,
            body=fact.body.model_dump(mode="json", exclude={"tag"}),
        )


class DossierFactPage(View):
    """Facts in order, and the texts that they refer to, by id."""

    items: list[DossierFactView]
    texts: dict[str, str]


class SanctionView(View):
    """One line of a person's record (个人问责记录)."""

    dossier_no: str
    number: int
    unit: str = Field(description="当时所在单位")
    family: str
    family_label: str
    measures: list[str]
    measure_labels: list[str] = Field(description="处理措施", examples=[["记过"]])
    decided_at: Instant
    effect_from: date | None
    effect_until: date | None
    in_effect: bool = Field(description="所查之日是否在影响期内，影响期内不得提拔任职")

    @classmethod
    def of(cls, row: SanctionRow, *, in_effect: bool) -> Self:
        """The view of a line."""
        return cls(
            dossier_no=row.dossier_no,
            number=row.number,
            unit=row.unit,
            family=row.family,
            family_label=row.family.label,
            measures=list(row.measures),
            measure_labels=[term_of(code).label for code in row.measures],
            decided_at=row.decided_at,
            effect_from=row.effect_from,
            effect_until=row.effect_until,
            in_effect=in_effect,
        )


class RecordView(View):
    """A person's record across jobs, as far as the reader may know of it."""

    person: str
    name: str | None = Field(description="姓名；不得知悉其案卷的不显示")
    on: date
    in_effect: bool
    items: list[SanctionView]

    @classmethod
    def of(
        cls,
        person: PersonId,
        on: date,
        rows: Iterable[SanctionRow],
        running: Iterable[SanctionRow],
        name: str | None,
    ) -> Self:
        """The record on a day; `running` are those of its lines that are in effect then."""
        barring = {(row.dossier_no, row.number) for row in running}
        items = [SanctionView.of(row, in_effect=(row.dossier_no, row.number) in barring) for row in rows]
        return cls(person=person, name=name, on=on, in_effect=bool(barring), items=items)


class PeriodView(SanctionView):
    """A period of effect, and whom it is in effect on (影响期)."""

    person: str
    name: str | None
    open_ended: bool = Field(description="没有截止日期，或者留党察看期满须另作决定")

    @classmethod
    def at(cls, row: PeriodRow, on: date, names: Mapping[PersonId, str]) -> Self:
        """The view of a period on a day."""
        kept = row.sanction
        has_begun = kept.effect_from is not None and kept.effect_from <= on
        runs_on = row.is_open_ended or (kept.effect_until is not None and on <= kept.effect_until)
        said = SanctionView.of(kept, in_effect=has_begun and runs_on)
        return cls(
            **said.model_dump(), person=row.person, name=names.get(row.person), open_ended=row.is_open_ended
        )


class PeriodPage(View):
    """Periods, what ends next first; `next_cursor` is absent on the last page."""

    on: date
    items: list[PeriodView]
    next_cursor: str | None = None


class AccusedView(View):
    """Somebody whom files are about (被反映人), as far as the reader may know of the files."""

    person: str
    name: str | None
    units: list[str] = Field(description="各案卷中当时所在单位")
    files: int
    decisions: int = Field(description="有效的处理决定数")
    in_effect: bool = Field(description="所查之日是否在影响期内")
    named_at: Instant

    @classmethod
    def of(cls, row: AccusedRow, names: Mapping[PersonId, str]) -> Self:
        """The view of a row."""
        return cls(
            person=row.person,
            name=names.get(row.person),
            units=list(row.units),
            files=row.files,
            decisions=row.decisions,
            in_effect=row.barred_until is not None,
            named_at=row.named_at,
        )


class AccusedPage(View):
    """People, the last named first; `next_cursor` is absent on the last page."""

    on: date
    items: list[AccusedView]
    next_cursor: str | None = None


class FileEventView(View):
    """One thing that a case was told of a file (案卷进展)."""

    event: str = Field(examples=["opened"])
    label: str = Field(examples=["登记线索"])
    at: Instant


class FileOfCase(View):
    """A file that came of a case, and how far it told the case it is (问责案卷)."""

    reference: str = Field(description="案卷在工单中的代号，由抽签产生，与案卷编号无关")
    dossier_no: str | None = Field(description="案卷编号；审计员只见代号", examples=["WZ2026000001"])
    events: list[FileEventView]


class FilesOfCase(View):
    """The files that came of a case, as far as the reader may know of them; the earliest first."""

    items: list[FileOfCase]

    @classmethod
    def of(cls, told: Iterable[ReadReport]) -> Self:
        """The view of reports in the order of what happened."""
        files: dict[str, FileOfCase] = {}
        for one in told:
            report = one.report
            file = files.setdefault(
                report.reference,
                FileOfCase(reference=report.reference, dossier_no=one.dossier_no, events=[]),
            )
            file.events.append(FileEventView(event=report.event, label=report.event.label, at=report.at))
        return cls(items=list(files.values()))


class PersonView(View):
    """Under which id a person is in every file (被反映人编号)."""

    person: str = Field(examples=["p-5e0c1f2a9b3d4c6e"])


class CircularView(View):
    """A published notice of a decision (通报曝光), in the desensitised words that were approved."""

    circular_id: str
    text: str
    published_at: Instant


class CircularPage(View):
    """Notices, the newest first; `next_cursor` is absent on the last page."""

    items: list[CircularView]
    next_cursor: str | None = None
