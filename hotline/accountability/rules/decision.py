"""处理决定: a measure of one family against one subject, heard, approved, served and carried out.

Sources: 政务处分法 art. 16, 22, 27, 42–45; domain.md §7.1, §7.3, §7.7, §12 rule 24.
"""

from collections.abc import Iterator
from typing import Final

from hotline.accountability.commands import (
    AcknowledgeHandover,
    DecideProbation,
    HearDefence,
    ProposeDecision,
    ReportExecution,
    ReviseDecision,
    ServeDecision,
)
from hotline.accountability.facts import (
    DecisionProposed,
    DecisionRevised,
    DecisionServed,
    DefenceHeard,
    DossierBody,
    ExecutionReported,
    HandoverAcknowledged,
    ProbationDecided,
    Proposed,
)
from hotline.accountability.measures import (
    AFTER_RESTORATION_MONTHS,
    MOST_PROBATION_MONTHS,
    NOT_HEARD,
    RESTS_ON,
    SANCTIONS,
    VILLAGE_SANCTIONS,
    AdministrativeDiscipline,
    Effect,
    Measure,
    is_heavier,
)
from hotline.accountability.policy import day_of, months_after
from hotline.accountability.rules.base import (
    LEADERS,
    PROPOSERS,
    DossierContext,
    DossierRule,
    chain_for,
    numbered,
    require_together,
)
from hotline.accountability.state import (
    Decision,
    DecisionDraft,
    DossierState,
    Hearing,
    OrganisationSubject,
    PersonSubject,
    Proposal,
    Sanctioning,
)
from hotline.accountability.vocabulary import DossierStage, Family, Matter, Organ, ToleranceRuling
from hotline.refusals import GuardFailed, LimitReached

_RULE: Final = "domain.md §12 rule 24"
_DECIDING: Final = frozenset({DossierStage.DECIDING})
_AFTER: Final = frozenset({DossierStage.DECIDING, DossierStage.CLOSED})

_ORGANS: Final = {
    Family.FIRST_FORM: frozenset(Organ),
    Family.ORGANISATION: frozenset({Organ.PARTY}),
    Family.LEADING_CADRE: frozenset({Organ.PARTY}),
    Family.PARTY: frozenset({Organ.PARTY}),
    Family.ADMINISTRATIVE: frozenset({Organ.SUPERVISORY, Organ.APPOINTING}),
    Family.POSTING: frozenset({Organ.PARTY, Organ.APPOINTING}),
    Family.TRANSFER: frozenset({Organ.SUPERVISORY, Organ.PARTY}),
}
"""In whose name a family's decisions are made."""


def _propose(state: DossierState, command: ProposeDecision, ctx: DossierContext) -> Iterator[DossierBody]:
    draft = command.draft
    _require_fitting(state, draft, ctx)
    _require_first_of_its_kind(state, draft)
    number = len(state.decisions) + 1
    yield DecisionProposed(number=number, draft=draft)
    pending = Decision(number=number, draft=draft, proposed_by=ctx.officer.user_id)
    after = state.model_copy(update={"decisions": (*state.decisions, pending)})
    substance = Sanctioning(decision=number)
    proposal = Proposal(
        number=state.proposed + 1,
        substance=substance,
        proposed_by=ctx.officer.user_id,
        chain=chain_for(after, Matter.DECISION, substance, ctx.policy),
    )
    yield Proposed(proposal=proposal)


def _require_fitting(state: DossierState, draft: DecisionDraft, ctx: DossierContext) -> None:
    """The draft says everything that a decision must say, and its parts belong together."""
    if draft.subject not in state.subjects:
        raise GuardFailed("unknown_subject", "本案卷没有这一被反映人", field="subject")
    if draft.tolerance.ruling is ToleranceRuling.EXEMPTED:
        raise GuardFailed(
            "exempted",
            "认定免予问责的，不得提出处理建议，应当予以了结",
            field="tolerance",
            rule="domain.md §7.7",
        )
    family = draft.measure.family
    if not state.investigated and family is not Family.FIRST_FORM:
        raise GuardFailed(
            "not_investigated", "未经立案审查调查，只能给予第一种形态处理", field="measure", rule=_RULE
        )
    if any(basis.instrument not in RESTS_ON[family] for basis in draft.bases):
        raise GuardFailed(
            "basis_of_another_family", f"处理依据不属于{family.label}", field="bases", rule=_RULE
        )
    if draft.organ not in _ORGANS[family]:
        raise GuardFailed(
            "organ_of_another_family", f"{draft.organ.label}不能作出{family.label}", field="organ"
        )
    if draft.running_until and (family is not Family.ADMINISTRATIVE or draft.running_until < day_of(ctx.now)):
        raise GuardFailed("nothing_running", "没有尚未期满的政务处分", field="running_until")
    _require_apt(draft.measure, draft.subject)


def _require_apt(measure: Measure, subject: PersonSubject | OrganisationSubject) -> None:
    """A family is for those whom its rules are for (domain.md §7.1)."""
    if isinstance(subject, OrganisationSubject):
        if measure.family not in {Family.ORGANISATION, Family.TRANSFER}:
            raise GuardFailed("not_for_organisations", f"{measure.family.label}不适用于单位", field="measure")
        return
    match measure.family:
        case Family.ORGANISATION:
            raise GuardFailed("not_for_people", "党组织问责不适用于个人", field="measure")
        case Family.PARTY | Family.LEADING_CADRE if not subject.party_member:
            raise GuardFailed("not_a_member", "非中共党员，不适用党纪处分和党内问责", field="measure")
        case Family.ADMINISTRATIVE | Family.POSTING if not subject.public_official:
            raise GuardFailed("not_an_official", "非公职人员，不适用政务处分和组织处理", field="measure")
        case Family.ADMINISTRATIVE | Family.POSTING if subject.retired:
            raise GuardFailed(
                "retired", "已退休的，不再给予政务处分和组织处理", field="measure", rule="政务处分法 art. 27"
            )
    if not isinstance(measure, AdministrativeDiscipline):
        return
    if subject.village_staff and measure.sanction not in VILLAGE_SANCTIONS:
        raise GuardFailed(
            "not_for_village_staff", "基层群众性自治组织人员只能给予警告、记过、记大过", field="measure",
            rule="政务处分法 art. 22",
        )  # fmt: skip


def _require_first_of_its_kind(state: DossierState, draft: DecisionDraft) -> None:
    for earlier in state.decisions:
        if earlier.draft.subject != draft.subject or earlier.revoked_at:
            continue
        is_same = earlier.draft.measure.family is draft.measure.family
        if not earlier.withdrawn and is_same and draft.measure.family in SANCTIONS:
            raise GuardFailed(
                "sanctioned_before",
                "同一违法行为不得重复给予处分",
                field="measure",
                rule="政务处分法 art. 16",
            )
        if earlier.withdrawn and earlier.hearing and is_heavier(draft.measure, earlier.hearing.measure):
            raise _aggravation()


def _aggravation() -> GuardFailed:
    return GuardFailed(
        "aggravated_after_defence", "不得因陈述申辩而加重处理", field="measure", rule="政务处分法 art. 43"
    )


def _pending(state: DossierState, number: int) -> Decision:
    decision = numbered(state.decisions, number, "decision")
    if decision.withdrawn or decision.decided_at:
        raise GuardFailed("decision_not_pending", "该处理建议已有决定或者已被退回", field="decision")
    return decision


def _made(state: DossierState, number: int) -> Decision:
    decision = numbered(state.decisions, number, "decision")
    if not decision.stands:
        raise GuardFailed("decision_not_made", "该处理决定尚未作出或者已被撤销", field="decision")
    return decision


def _hear(state: DossierState, command: HearDefence, ctx: DossierContext) -> Iterator[DossierBody]:
    decision = _pending(state, command.decision)
    if decision.draft.measure.family in NOT_HEARD:
        raise GuardFailed("no_hearing_needed", f"{decision.draft.measure.family.label}不适用陈述申辩程序")
    if decision.hearing:
        raise GuardFailed("heard_before", "已听取陈述申辩", field="decision")
    require_together(command.officers, state, ctx)
    hearing = Hearing(
        measure=decision.draft.measure,
        heard_at=ctx.now,
        by=command.officers,
        statement=command.statement,
    )
    yield DefenceHeard(number=decision.number, told=command.told, hearing=hearing)


def _revise(state: DossierState, command: ReviseDecision, ctx: DossierContext) -> Iterator[DossierBody]:
    decision = _pending(state, command.decision)
    draft = decision.draft.model_copy(update={"measure": command.measure})
    if command.measure.family is not decision.draft.measure.family:
        raise GuardFailed("family_changed", "变更处理种类的，应当退回后重新提出", field="measure", rule=_RULE)
    _require_fitting(state, draft, ctx)
    if decision.hearing and is_heavier(command.measure, decision.hearing.measure):
        raise _aggravation()
    yield DecisionRevised(
        number=decision.number,
        proposal=state.proposed + 1,
        before=decision.draft.measure,
        after=command.measure,
        reason=command.reason,
    )


def _serve(state: DossierState, command: ServeDecision, _: DossierContext) -> Iterator[DossierBody]:
    decision = _made(state, command.decision)
    if decision.served_at or decision.draft.measure.family is Family.TRANSFER:
        raise GuardFailed("served_before", "该决定已送达或者无须送达", field="decision")
    yield DecisionServed(number=decision.number, record=command.record)


def _execute(state: DossierState, command: ReportExecution, _: DossierContext) -> Iterator[DossierBody]:
    decision = _made(state, command.decision)
    if decision.served_at is None:
        raise GuardFailed("not_served", "该决定尚未送达", field="decision")
    if decision.executed_at:
        raise GuardFailed("executed_before", "该决定已报告执行", field="decision")
    yield ExecutionReported(number=decision.number, report=command.report)


def _acknowledge(
    state: DossierState, command: AcknowledgeHandover, _: DossierContext
) -> Iterator[DossierBody]:
    decision = _made(state, command.decision)
    if decision.draft.measure.family is not Family.TRANSFER or decision.acknowledged_at:
        raise GuardFailed("no_handover", "没有待回执的移送", field="decision")
    yield HandoverAcknowledged(number=decision.number, receipt=command.receipt)


def _probation(state: DossierState, command: DecideProbation, ctx: DossierContext) -> Iterator[DossierBody]:
    decision = _made(state, command.decision)
    effect, today = decision.effect, day_of(ctx.now)
    if effect is None or not effect.probation or effect.until_on is None:
        raise GuardFailed("no_probation", "该决定没有留党察看期", field="decision")
    if today <= effect.until_on:
        raise GuardFailed("probation_running", f"留党察看期至 {effect.until_on}，尚未期满", field="decision")
    if command.restored:
        until = months_after(today, AFTER_RESTORATION_MONTHS)
        after = Effect(from_on=effect.from_on, until_on=until)
    else:
        most = months_after(effect.from_on, MOST_PROBATION_MONTHS)
        if decision.probation_extended or effect.until_on >= most:
            raise LimitReached("probation_extended_before", "留党察看最长二年，不能再延长")
        after = effect.model_copy(update={"until_on": most})
    yield ProbationDecided(
        number=decision.number, restored=command.restored, effect=after, reason=command.reason
    )


RULES: Final = (
    DossierRule(ProposeDecision, by=PROPOSERS, when=_DECIDING, decide=_propose),
    DossierRule(HearDefence, by=PROPOSERS, when=_DECIDING, decide=_hear),
    DossierRule(ReviseDecision, by=PROPOSERS, when=_DECIDING, decide=_revise),
    DossierRule(ServeDecision, by=PROPOSERS, when=_DECIDING, decide=_serve),
    DossierRule(ReportExecution, by=PROPOSERS, when=_DECIDING, decide=_execute),
    DossierRule(AcknowledgeHandover, by=PROPOSERS, when=_DECIDING, decide=_acknowledge),
    DossierRule(DecideProbation, by=LEADERS, when=_AFTER, decide=_probation),
)
