"""Supervision as it is sent out (督办措施): what climbed and why, and what can be answered or appealed until when."""

from datetime import date
from typing import Self

from pydantic import Field

from api.schemas import Instant, View
from api.services import Services
from api.sight import visible_case
from hotline.case import Actor, JointAction, JointSupervision
from hotline.climb import Climbed, climb_of
from hotline.identifiers import CaseNo
from store.ledger import facts_until
from store.scope import visible_to
from store.supervision import MeasureQuestion, MeasureRow, PointsLine, list_measures

_OF_ONE_CASE = 500


class MeasureView(View):
    """One measure of supervision on a unit."""

    number: str = Field(examples=["261120103000010001-DB01"])
    case_no: str
    kind: str
    kind_label: str
    rung: str | None = Field(description="所属层级；退单记分没有层级")
    rung_label: str | None
    unit: str
    person: str | None
    issued_at: Instant
    issued_by: str
    unit_points: int
    person_points: int
    answer_until: Instant | None = Field(description="督办单尚待答复、挂牌尚未摘牌时的期限")
    answered_at: Instant | None
    settled: bool
    appeal_until: Instant = Field(description="可以申诉到何时，每件一次")
    appealed_at: Instant | None
    appeal_upheld: bool | None = Field(description="true 表示申诉成立，记分已撤销")
    awaits_approval: bool

    @classmethod
    def of(cls, row: MeasureRow) -> Self:
        """The view of a row."""
        return cls(**row.model_dump(), kind_label=row.kind.label, rung_label=row.rung and row.rung.label)


class MeasurePage(View):
    """Measures, the newest first."""

    items: list[MeasureView]
    next_cursor: str | None = None


class ClimbedView(View):
    """One rung that fired or was skipped, with the reasons in words."""

    seq: int
    clock_id: str
    kind: str
    kind_label: str
    unit: str
    rung: str
    rung_label: str
    stood_at: Instant | None = Field(description="这一级应当触发的时刻")
    fired_at: Instant | None
    skipped_by: str | None
    measure: str | None = Field(description="由此形成的督办编号")
    because: list[str]

    @classmethod
    def of(cls, line: Climbed) -> Self:
        """The view of a line."""
        told = line.model_dump() | {"because": list(line.because)}
        return cls(**told, kind_label=line.kind.label, rung_label=line.rung.label)


class JointActionView(View):
    """One part of a joint supervision."""

    action: int
    party: str
    party_label: str
    unit: str | None
    person: str = Field(description="责任人")
    due_on: date
    done_at: Instant | None

    @classmethod
    def of(cls, entry: JointAction) -> Self:
        """The view of a part."""
        return cls(**entry.model_dump(exclude={"added_at"}), party_label=entry.party.label)


class JointView(View):
    """The joint supervision that has not been closed: who does what by when."""

    number: str = Field(examples=["261120103000010001-SZ01"])
    started_at: Instant
    started_by: str
    actions: list[JointActionView]

    @classmethod
    def of(cls, joint: JointSupervision) -> Self:
        """The view of a joint supervision."""
        told = joint.model_dump(exclude={"actions", "added"})
        return cls(**told, actions=[JointActionView.of(entry) for entry in joint.actions])


class SupervisionOfCase(View):
    """What climbed on a case and why, what was laid upon its units, and who took it in charge."""

    as_of: Instant
    in_charge: str | None = Field(description="包案领导")
    joint: JointView | None = Field(description="进行中的室组地联动")
    climbed: list[ClimbedView]
    measures: list[MeasureView]


class PointsView(View):
    """What the cards of one unit or person come to."""

    code: str
    cards: int
    reversed: int = Field(description="申诉成立而撤销的")
    points: int

    @classmethod
    def of(cls, line: PointsLine) -> Self:
        """The view of a line."""
        return cls(**line.model_dump())


class PointsBoard(View):
    """Points per unit or person, the most first."""

    since: Instant
    until: Instant
    items: list[PointsView]


async def supervision_of(services: Services, actor: Actor, case_no: CaseNo) -> SupervisionOfCase:
    """Tell all of it for one case. Raises 404 when there is none that the caller may know of."""
    now, scope = services.now(), visible_to(actor)
    async with services.database.read(snapshot=True) as session:
        state = await visible_case(session, actor, case_no)
        facts = await facts_until(session, case_no, now)
        asked = MeasureQuestion(case_no=case_no)
        rows = await list_measures(session, scope, asked, limit=_OF_ONE_CASE)
    return SupervisionOfCase(
        as_of=now,
        in_charge=state.in_charge,
        joint=JointView.of(state.joint) if state.joint else None,
        climbed=[ClimbedView.of(line) for line in climb_of(facts)],
        measures=[MeasureView.of(row) for row in rows],
    )
