"""Statistics of accountability files (问责统计): what a file counts for, when, with whom (domain.md §7.8).

Counted are 件 files, 人次 a person once per file, organisations once per file, and 处理 decisions. A figure is a sum
of counts, and each count names its file, so that every figure opens into the files behind it.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import pairwise
from types import MappingProxyType
from typing import Annotated, Final, NamedTuple, assert_never

from pydantic import Field

from hotline.accountability.measures import (
    AdministrativeDiscipline,
    FirstForm,
    HandOver,
    LeadingCadreAccountability,
    Measure,
    OrganisationAccountability,
    PartyDiscipline,
    Posting,
    codes_of,
    terms_of,
)
from hotline.accountability.state import (
    Conclusion,
    Decision,
    DossierState,
    Opening,
    OrganisationSubject,
    PersonSubject,
    Plan,
)
from hotline.accountability.vocabulary import (
    AdministrativeSanction,
    Disposal,
    Figure,
    LeadingCadreMeasure,
    Matter,
    Opinion,
    PartySanction,
    PostingMeasure,
    Receiver,
    SupervisionForm,
)
from hotline.identifiers import DossierNo, PersonId, UnitCode
from hotline.model import Record, Term

STEPS: Final = (Matter.PLAN, Matter.CONCLUSION, Matter.OPENING)
"""The approved matters that lead a file from stage to stage."""

_HEAVY_PARTY: Final = frozenset({PartySanction.REMOVAL, PartySanction.PROBATION, PartySanction.EXPULSION})
_HEAVY_ADMINISTRATIVE: Final = frozenset({AdministrativeSanction.DISMISSAL, AdministrativeSanction.EXPULSION})
_CADRE_SECOND: Final = frozenset({LeadingCadreMeasure.POSTING, LeadingCadreMeasure.DISCIPLINE})
_CRIMINAL: Final = frozenset({Receiver.POLICE, Receiver.PROCURATORATE})


class Step(Record):
    """A matter that was approved, and when."""

    at: datetime
    substance: Annotated[Plan | Conclusion | Opening, Field(discriminator="matter")]


class Countable(Record):
    """A file as it stands, and the approved steps that led it there, in their order."""

    state: DossierState
    steps: tuple[Step, ...] = ()


class Count(NamedTuple):
    """One file's part in one figure: from when, of whom, by how many decisions."""

    figure: Figure
    code: str
    label: str
    at: datetime
    dossier_no: DossierNo
    units: tuple[UnitCode, ...]
    persons: frozenset[PersonId] = frozenset()
    organisations: frozenset[UnitCode] = frozenset()
    decisions: int = 0


class Sums(NamedTuple):
    """What counts come to: 件 files, 人次 persons, organisations, decisions."""

    files: int
    persons: int
    organisations: int
    decisions: int


def sums_of(counts: Iterable[Count]) -> Sums:
    """Add counts of one figure: in each file everybody is counted once."""
    kept = tuple(counts)
    return Sums(
        files=len({one.dossier_no for one in kept}),
        persons=len({(one.dossier_no, person) for one in kept for person in one.persons}),
        organisations=len({(one.dossier_no, unit) for one in kept for unit in one.organisations}),
        decisions=sum(one.decisions for one in kept),
    )


def form_of(measure: Measure) -> SupervisionForm | None:
    """Which of the four forms a measure on a person belongs to, if any.

    The first is 谈话提醒 to 诫勉 and 通报; the second light sanctions and 组织调整; the third heavy sanctions and
    重大职务调整; the fourth 移送 for a suspected crime. 降级 counts as light: what is heavy goes with the loss of the post.
    """
    match measure:
        case FirstForm():
            return SupervisionForm.FIRST
        case LeadingCadreAccountability(forms=forms):
            return SupervisionForm.SECOND if forms & _CADRE_SECOND else SupervisionForm.FIRST
        case PartyDiscipline(sanction=party):
            return _by_weight(is_heavy=party in _HEAVY_PARTY)
        case AdministrativeDiscipline(sanction=administrative):
            return _by_weight(is_heavy=administrative in _HEAVY_ADMINISTRATIVE)
        case Posting(form=posting):
            return _by_weight(is_heavy=posting is PostingMeasure.DEMOTION)
        case HandOver(receiver=receiver):
            return SupervisionForm.FOURTH if receiver in _CRIMINAL else None
        case OrganisationAccountability():
            return None
    assert_never(measure)


def _by_weight(*, is_heavy: bool) -> SupervisionForm:
    return SupervisionForm.THIRD if is_heavy else SupervisionForm.SECOND


def counts_of(countable: Countable) -> tuple[Count, ...]:
    """Everything that a file counts for; a decision that was revoked counts for nothing."""
    return (
        _source(countable.state),
        *_disposals(countable),
        *_forms(countable),
        *_measures(countable.state),
    )


def _source(state: DossierState) -> Count:
    return _of_all(state, Figure.SOURCE, state.source, state.registered_at)


def _disposals(countable: Countable) -> Iterator[Count]:
    for step in countable.steps:
        if isinstance(step.substance, Plan):
            yield _of_all(countable.state, Figure.DISPOSAL, step.substance.disposal, step.at)


def _of_all(state: DossierState, figure: Figure, term: Term, at: datetime) -> Count:
    """A count of everybody whom a file is about."""
    return Count(
        figure,
        term.value,
        term.label,
        at,
        state.dossier_no,
        state.units,
        frozenset(one.person for one in state.subjects if isinstance(one, PersonSubject)),
        frozenset(one.unit for one in state.subjects if isinstance(one, OrganisationSubject)),
    )


def _forms(countable: Countable) -> Iterator[Count]:
    """四种形态: in each file a person counts once, in the heaviest form, from when they first came to it."""
    heaviest: dict[PersonId, tuple[SupervisionForm, datetime, int]] = {}
    for person, form, at, decisions in (*_settled_by_talk(countable), *_decided(countable.state)):
        known = heaviest.get(person)
        if known is None or _WEIGHT[form] > _WEIGHT[known[0]]:
            heaviest[person] = (form, at, decisions)
        elif form is known[0]:
            heaviest[person] = (form, min(at, known[1]), known[2] + decisions)
    state = countable.state
    for person, (form, at, decisions) in heaviest.items():
        yield Count(
            Figure.FORM,
            form.value,
            form.label,
            at,
            state.dossier_no,
            state.units,
            frozenset({person}),
            decisions=decisions,
        )


_WEIGHT: Final[Mapping[SupervisionForm, int]] = MappingProxyType(
    {form: place for place, form in enumerate(SupervisionForm)}
)

_Formed = tuple[PersonId, SupervisionForm, datetime, int]


def _settled_by_talk(countable: Countable) -> Iterator[_Formed]:
    """谈话函询了结 is of the first form: for whoever was talked to or has answered (domain.md §7.8)."""
    state = countable.state
    asked = {state.subjects[one.subject - 1] for one in state.inquiries if one.answered_at}
    for before, after in pairwise(countable.steps):
        if _is_talk(before) and _settles(after):
            for subject in asked:
                if isinstance(subject, PersonSubject):
                    yield subject.person, SupervisionForm.FIRST, after.at, 0


def _is_talk(step: Step) -> bool:
    return isinstance(step.substance, Plan) and step.substance.disposal is Disposal.TALK


def _settles(step: Step) -> bool:
    return isinstance(step.substance, Conclusion) and step.substance.opinion is Opinion.SETTLE


def _decided(state: DossierState) -> Iterator[_Formed]:
    for decision in state.decisions:
        subject, form = decision.draft.subject, form_of(decision.draft.measure)
        if form and decision.stands and decision.decided_at and isinstance(subject, PersonSubject):
            yield subject.person, form, decision.decided_at, 1


def _measures(state: DossierState) -> Iterator[Count]:
    for decision in state.decisions:
        if not decision.stands:
            continue
        measure, ruling = decision.draft.measure, decision.draft.tolerance.ruling
        yield _of_decision(state, decision, Figure.FAMILY, measure.family.value, measure.family.label)
        yield _of_decision(state, decision, Figure.TOLERANCE, ruling.value, ruling.label)
        for code, term in zip(codes_of(measure), terms_of(measure), strict=True):
            yield _of_decision(state, decision, Figure.MEASURE, code, f"{measure.family.label}·{term.label}")


def _of_decision(state: DossierState, decision: Decision, figure: Figure, code: str, label: str) -> Count:
    assert decision.decided_at is not None
    count = Count(figure, code, label, decision.decided_at, state.dossier_no, state.units, decisions=1)
    match decision.draft.subject:
        case PersonSubject(person=person):
            return count._replace(persons=frozenset({person}))
        case OrganisationSubject(unit=unit):
            return count._replace(organisations=frozenset({unit}))
