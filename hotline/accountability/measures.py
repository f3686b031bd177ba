"""Measures (处理) as one type per family, so that no decision can mix them (domain.md §7.1, §12 rule 24).

A measure knows against whom it may go, what it may rest on, how heavy it is within its family and how many
months it has effect. The months are the law's; where no national text fixes them, the policy does.
"""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Annotated, Final, Literal, Self

from pydantic import Field, PlainSerializer, model_validator

from hotline.accountability.policy import months_after
from hotline.accountability.vocabulary import (
    AdministrativeSanction,
    Family,
    FirstFormMeasure,
    Instrument,
    LeadingCadreMeasure,
    OrganisationMeasure,
    PartySanction,
    PostingMeasure,
    Receiver,
)
from hotline.model import Message, Record, Term

MOST_MONTHS: Final = 48
"""政务处分法 art. 15: merged periods never exceed 48 months."""

AFTER_RESTORATION_MONTHS: Final = 24
"""党纪处分条例: two years after the rights of a member on probation are restored."""

MOST_PROBATION_MONTHS: Final = 24


class FirstForm(Message):
    """第一种形态: a reminder, criticism, self-examination or admonition; not a sanction."""

    family: Literal[Family.FIRST_FORM] = Family.FIRST_FORM
    form: FirstFormMeasure


class OrganisationAccountability(Message):
    """党组织问责."""

    family: Literal[Family.ORGANISATION] = Family.ORGANISATION
    form: OrganisationMeasure


class LeadingCadreAccountability(Message):
    """党的领导干部问责: the only family whose forms may be combined."""

    family: Literal[Family.LEADING_CADRE] = Family.LEADING_CADRE
    # A set has no order of its own: in JSON, which is hashed, it always comes out the same.
    forms: Annotated[frozenset[LeadingCadreMeasure], PlainSerializer(sorted, when_used="json")] = Field(
        min_length=1
    )


class PartyDiscipline(Message):
    """党纪处分; 留党察看 is for one year or two."""

    family: Literal[Family.PARTY] = Family.PARTY
    sanction: PartySanction
    probation_months: Literal[12, 24] | None = None

    @model_validator(mode="after")
    def _probation_has_a_length(self) -> Self:
        if (self.sanction is PartySanction.PROBATION) != (self.probation_months is not None):
            raise ValueError("probation_months belongs to 留党察看, and to it alone")
        return self


class AdministrativeDiscipline(Message):
    """政务处分; for several acts of one kind the period may be longer, up to the sum and to 48 months."""

    family: Literal[Family.ADMINISTRATIVE] = Family.ADMINISTRATIVE
    sanction: AdministrativeSanction
    acts: int = Field(default=1, ge=1, le=20)
    months: int | None = Field(default=None, ge=1, le=MOST_MONTHS)

    @model_validator(mode="after")
    def _within_the_law(self) -> Self:
        single = ADMINISTRATIVE_MONTHS.get(self.sanction)
        if single is None:
            if self.months is not None:
                raise ValueError("months: 开除 has no period")
        elif self.months is not None and not single <= self.months <= min(single * self.acts, MOST_MONTHS):
            raise ValueError("months: between the period of one act and the sum, and at most 48")
        return self


class Posting(Message):
    """组织处理."""

    family: Literal[Family.POSTING] = Family.POSTING
    form: PostingMeasure


class HandOver(Message):
    """移送 to the police, the procuratorate or another organ."""

    family: Literal[Family.TRANSFER] = Family.TRANSFER
    receiver: Receiver


Measure = (
    FirstForm
    | OrganisationAccountability
    | LeadingCadreAccountability
    | PartyDiscipline
    | AdministrativeDiscipline
    | Posting
    | HandOver
)
AnyMeasure = Annotated[Measure, Field(discriminator="family")]

PARTY_MONTHS: Final[Mapping[PartySanction, int]] = MappingProxyType(
    {
        PartySanction.WARNING: 12,
        PartySanction.SERIOUS_WARNING: 18,
        PartySanction.REMOVAL: 24,
        PartySanction.EXPULSION: 60,
    }
)
"""影响期 of 党纪处分, from approval (domain.md §7.1); 留党察看 has its own length."""

ADMINISTRATIVE_MONTHS: Final[Mapping[AdministrativeSanction, int]] = MappingProxyType(
    {
        AdministrativeSanction.WARNING: 6,
        AdministrativeSanction.DEMERIT: 12,
        AdministrativeSanction.MAJOR_DEMERIT: 18,
        AdministrativeSanction.DEMOTION: 24,
        AdministrativeSanction.DISMISSAL: 24,
    }
)
"""政务处分法 art. 8; 开除 has no period, it is for good."""

VILLAGE_SANCTIONS: Final = frozenset(
    {
        AdministrativeSanction.WARNING,
        AdministrativeSanction.DEMERIT,
        AdministrativeSanction.MAJOR_DEMERIT,
    }
)
"""政务处分法 art. 22: what village and community staff may be given."""

SANCTIONS: Final = frozenset({Family.PARTY, Family.ADMINISTRATIVE})
"""处分 in the strict sense; nobody is given two of one family for the same matter (政务处分法 art. 16)."""

NOT_HEARD: Final = frozenset({Family.FIRST_FORM, Family.TRANSFER})
"""Families for which no hearing of defence is prescribed: neither decides on a breach."""

RESTS_ON: Final[Mapping[Family, frozenset[Instrument]]] = MappingProxyType(
    {
        Family.FIRST_FORM: frozenset(
            {Instrument.SUPERVISION_LAW, Instrument.SANCTIONS_LAW, Instrument.DISCIPLINE_WORK}
        ),
        Family.ORGANISATION: frozenset({Instrument.PARTY_ACCOUNTABILITY}),
        Family.LEADING_CADRE: frozenset({Instrument.PARTY_ACCOUNTABILITY}),
        Family.PARTY: frozenset({Instrument.PARTY_DISCIPLINE}),
        Family.ADMINISTRATIVE: frozenset(
            {Instrument.SANCTIONS_LAW, Instrument.SUPERVISION_LAW, Instrument.CIVIL_SERVANT_LAW}
        ),
        Family.POSTING: frozenset({Instrument.CADRE_POSTING, Instrument.CIVIL_SERVANT_LAW}),
        Family.TRANSFER: frozenset({Instrument.SUPERVISION_LAW, Instrument.DISCIPLINE_WORK}),
    }
)
"""What a decision of a family may rest on: a 政务处分 never rests on a Party rule, nor the other way round."""


class Effect(Record):
    """影响期: the first and last day of a measure's effect.

    `until_on` is None where nothing ends it. On `probation` (留党察看) the days after it are counted from the
    restoration of rights, so the influence does not end with the period.
    """

    from_on: date
    until_on: date | None
    probation: bool = False

    def covers(self, day: date) -> bool:
        """Whether somebody may not be put forward for promotion on that day (domain.md §7.1)."""
        is_open = self.until_on is None or self.probation
        return self.from_on <= day and (is_open or day <= (self.until_on or day))


def effect_of(
    measure: Measure, decided_on: date, months_of: Mapping[str, int], running_until: date | None = None
) -> Effect | None:
    """The period of effect of a measure that is decided on a day, or None if it has none.

    A 政务处分 that meets one still running begins to count where that one ends, and both together last at
    most 48 months from the decision (政务处分法 art. 15).
    """
    match measure:
        case PartyDiscipline(sanction=PartySanction.PROBATION, probation_months=probation):
            assert probation is not None
            until = months_after(decided_on, probation)
            return Effect(from_on=decided_on, until_on=until, probation=True)
        case PartyDiscipline():
            return _lasting(decided_on, PARTY_MONTHS[measure.sanction])
        case AdministrativeDiscipline(sanction=AdministrativeSanction.EXPULSION):
            return Effect(from_on=decided_on, until_on=None)
        case AdministrativeDiscipline():
            months = measure.months or ADMINISTRATIVE_MONTHS[measure.sanction]
            start = max(decided_on, running_until or decided_on)
            until = min(months_after(start, months), months_after(decided_on, MOST_MONTHS))
            return Effect(from_on=decided_on, until_on=until)
        case _:
            months = max((months_of.get(code, 0) for code in codes_of(measure)), default=0)
            return _lasting(decided_on, months) if months else None


def _lasting(from_on: date, months: int) -> Effect:
    return Effect(from_on=from_on, until_on=months_after(from_on, months))


def codes_of(measure: Measure) -> tuple[str, ...]:
    """The measure as codes `family/form`, one per form, for policy and statistics."""
    return tuple(f"{measure.family}/{form}" for form in terms_of(measure))


def terms_of(measure: Measure) -> tuple[Term, ...]:
    """The forms of a measure within its family; only a leading cadre's may be several."""
    match measure:
        case LeadingCadreAccountability(forms=forms):
            return tuple(form for form in LeadingCadreMeasure if form in forms)
        case PartyDiscipline() | AdministrativeDiscipline():
            return (measure.sanction,)
        case HandOver(receiver=receiver):
            return (receiver,)
        case _:
            return (measure.form,)


_FORMS: Final[Mapping[Family, type[Term]]] = MappingProxyType(
    {
        Family.FIRST_FORM: FirstFormMeasure,
        Family.ORGANISATION: OrganisationMeasure,
        Family.LEADING_CADRE: LeadingCadreMeasure,
        Family.PARTY: PartySanction,
        Family.ADMINISTRATIVE: AdministrativeSanction,
        Family.POSTING: PostingMeasure,
        Family.TRANSFER: Receiver,
    }
)


_TERMS: Final[Mapping[str, Term]] = MappingProxyType(
    {f"{family}/{form}": form for family, forms in _FORMS.items() for form in forms}
)


def term_of(code: str) -> Term:
    """The form that a code `family/form` means. Raises KeyError for a code that was never given."""
    return _TERMS[code]


def said_of(measure: Measure) -> str:
    """A measure in words, with its family: 政务处分·记过."""
    return f"{measure.family.label}·{'、'.join(term.label for term in terms_of(measure))}"


def is_heavier(measure: Measure, than: Measure) -> bool:
    """Whether a measure weighs more than another. A change of family counts as heavier, unless it goes down
    to the first form, because families are not compared (政务处分法 art. 43, domain.md §7.3).
    """
    if measure.family is not than.family:
        return measure.family is not Family.FIRST_FORM
    return _weight(measure) > _weight(than)


def _weight(measure: Measure) -> tuple[int, int]:
    places = [list(type(form)).index(form) for form in terms_of(measure)]
    match measure:
        case PartyDiscipline(probation_months=months):
            return max(places), months or 0
        case AdministrativeDiscipline():
            return max(places), measure.months or ADMINISTRATIVE_MONTHS.get(measure.sanction, 0)
        case HandOver():
            return 0, 0
        case _:
            return max(places), len(places)
