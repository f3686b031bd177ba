"""登记受理: what may be done with a case before anyone is named (domain.md §1, §12 rules 1–2, 4)."""

from collections.abc import Iterator
from typing import Final

from hotline.case import CaseState, Classification, Registration
from hotline.commands import (
    AddFacts,
    AnswerDirectly,
    CompleteCase,
    JoinCase,
    ReclassifyCase,
    RejectCase,
    RequestDetails,
    TransferEmergency,
)
from hotline.facts import (
    AnsweredDirectly,
    Body,
    CaseClosed,
    CaseCompleted,
    CaseJoined,
    CaseReclassified,
    CaseRegistered,
    CaseRejected,
    CaseWithdrawn,
    DetailsRequested,
    EmergencyTransferred,
    FactsAdded,
    FlagRaised,
)
from hotline.refusals import GuardFailed
from hotline.rules.base import Context, Rule
from hotline.visibility import barred
from hotline.vocabulary import OPEN, Flag, Outcome, Role, Status

_UNDECIDED: Final = frozenset({Status.RECEIVED, Status.AWAITING_DETAILS, Status.AWAITING_DISPATCH})


def open_case(registration: Registration, ctx: Context) -> Iterator[Body]:
    """登记: the first facts of a case; the third of a repeat carries its flag from the start (rule 4)."""
    yield CaseRegistered(registration=registration)
    if registration.occurrence >= ctx.policy.caps.repeat_flag_at:
        yield FlagRaised(flag=Flag.REPEAT)
    if registration.classification.hard:
        yield FlagRaised(flag=Flag.HARD)


def _request_details(_: CaseState, command: RequestDetails, __: Context) -> Iterator[Body]:
    yield DetailsRequested(missing=command.missing, note=command.note)


def _complete(_: CaseState, command: CompleteCase, __: Context) -> Iterator[Body]:
    yield CaseCompleted(note=command.note, has_contact=command.has_contact)


def _add_facts(_: CaseState, command: AddFacts, __: Context) -> Iterator[Body]:
    yield FactsAdded(text=command.text)


def _reclassify(state: CaseState, command: ReclassifyCase, _: Context) -> Iterator[Body]:
    before, after = state.classification, command.classification
    if after == before:
        raise GuardFailed("classification_unchanged", "分类没有变化", field="classification")
    if state.status not in _UNDECIDED and _sets_limits(after) != _sets_limits(before):
        raise GuardFailed(
            "classification_fixed",
            "派单后不得变更类型、紧急程度和疑难、警情标记",
            field="classification",
            rule="domain.md §12 rule 7",
        )
    yield CaseReclassified(before=before, after=after, reason=command.reason)
    if after.hard and Flag.HARD not in state.flags:
        yield FlagRaised(flag=Flag.HARD)
    yield from _withdrawal(state, after)


def _sets_limits(what: Classification) -> tuple[object, ...]:
    """The part of a classification from which a dispatched case has its limits."""
    return what.type, what.urgency, what.hard, what.emergency


def _withdrawal(state: CaseState, after: Classification) -> Iterator[Body]:
    """A unit that turns out to be complained about loses the case, whatever it has done so far (rule 6)."""
    if (task := state.assignment) is None:
        return
    if units := barred(task.units, task.lineages, after.accused_units):
        yield CaseWithdrawn(units=units, redispatch=task.lead in units)


def _answer(state: CaseState, command: AnswerDirectly, _: Context) -> Iterator[Body]:
    require_no_emergency(state)
    yield AnsweredDirectly(answer=command.answer, knowledge_id=command.knowledge_id)
    yield CaseClosed(status=Status.COMPLETED, outcome=Outcome.ANSWERED_DIRECTLY)


def _reject(state: CaseState, command: RejectCase, _: Context) -> Iterator[Body]:
    require_no_emergency(state)
    yield CaseRejected(reason=command.reason, advice=command.advice)
    yield CaseClosed(status=Status.NOT_ACCEPTED, outcome=Outcome.NOT_ACCEPTED)


def _transfer(_: CaseState, command: TransferEmergency, __: Context) -> Iterator[Body]:
    yield EmergencyTransferred(service=command.service, note=command.note)
    yield CaseClosed(status=Status.TRANSFERRED, outcome=Outcome.EMERGENCY)


def _join(state: CaseState, command: JoinCase, _: Context) -> Iterator[Body]:
    require_no_emergency(state)
    if command.into == state.case_no:
        raise GuardFailed("joined_to_itself", "不能并入自身", field="into")
    if state.members:
        raise GuardFailed("has_members", "已有其他工单并入本工单，不能再并入他单", field="into")
    involved = {command.lead, *(line.unit for line in command.lineages)}
    if barred(involved, command.lineages, state.classification.accused_units):
        raise GuardFailed("accused_unit", "被反映单位不得承办", field="into", rule="domain.md §12 rule 6")
    yield CaseJoined(into=command.into, lead=command.lead, lineages=command.lineages, reason=command.reason)


def no_emergency(state: CaseState) -> bool:
    """A request of class R1 is only ever transferred (rule 1)."""
    return state.classification.emergency is None


def require_no_emergency(state: CaseState) -> None:
    """Refuse whatever would keep a request of class R1 here."""
    if not no_emergency(state):
        raise GuardFailed(
            "emergency_must_be_transferred", "紧急警情须立即移送，不得另行处理", rule="domain.md §12 rule 1"
        )


_FRONT: Final = frozenset({Role.OPERATOR, Role.DISPATCHER})

RULES: Final = (
    Rule(TransferEmergency, by=_FRONT, when=_UNDECIDED, decide=_transfer),
    Rule(RequestDetails, by=_FRONT, when=frozenset({Status.RECEIVED}), decide=_request_details),
    Rule(CompleteCase, by=_FRONT, when=frozenset({Status.AWAITING_DETAILS}), decide=_complete),
    Rule(AddFacts, by=frozenset({Role.CITIZEN, Role.OPERATOR}), when=OPEN, decide=_add_facts),
    Rule(ReclassifyCase, by=_FRONT, when=OPEN, decide=_reclassify),
    Rule(AnswerDirectly, by=_FRONT, when=_UNDECIDED, decide=_answer, offered=no_emergency),
    Rule(RejectCase, by=_FRONT, when=_UNDECIDED, decide=_reject, offered=no_emergency),
    # A supervisor builds a mass event from many at once (product.md §4).
    Rule(JoinCase, by=_FRONT | {Role.SUPERVISOR}, when=_UNDECIDED, decide=_join, offered=no_emergency),
)
