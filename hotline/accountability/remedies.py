"""Remedies (救济) against a measure, with the law's limits (domain.md §7.6, §12 rule 24).

Nothing here suspends the execution of a decision, and no remedy ends heavier than the decision was.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from hotline.accountability.policy import Span
from hotline.accountability.vocabulary import Family, Organ, Remedy

_APPOINTED: Final = (Remedy.CIVIL_REVIEW, Remedy.CIVIL_APPEAL)


@dataclass(frozen=True, slots=True)
class Step:
    """One remedy: by when it is filed and decided; `after` is the one it follows, `direct` if it need not."""

    decided_within: Span
    filed_within: Span | None
    after: Remedy | None = None
    filed_directly_within: Span | None = None
    extendable_to: Span | None = None


STEPS: Final[Mapping[Remedy, Step]] = MappingProxyType(
    {
        # 监察法 art. 56
        Remedy.REVIEW: Step(decided_within=Span.of("1 m"), filed_within=Span.of("1 m")),
        Remedy.RECHECK: Step(decided_within=Span.of("2 m"), filed_within=Span.of("1 m"), after=Remedy.REVIEW),
        # 公务员法 art. 95–96
        Remedy.CIVIL_REVIEW: Step(decided_within=Span.of("30 d"), filed_within=Span.of("30 d")),
        Remedy.CIVIL_APPEAL: Step(
            decided_within=Span.of("60 d"),
            filed_within=Span.of("15 d"),
            after=Remedy.CIVIL_REVIEW,
            filed_directly_within=Span.of("30 d"),
            extendable_to=Span.of("90 d"),
        ),
        # 党纪: 复议复查 within three months, and no limit for asking
        Remedy.PARTY_APPEAL: Step(decided_within=Span.of("3 m"), filed_within=None),
        # 党内问责, not confirmed by a full text
        Remedy.ACCOUNTABILITY_APPEAL: Step(decided_within=Span.of("1 m"), filed_within=Span.of("1 m")),
    }
)


def remedies_of(family: Family, organ: Organ) -> tuple[Remedy, ...]:
    """The remedies that are open against a measure, in their order. The first form and 移送 have none."""
    match family:
        case Family.PARTY:
            return (Remedy.PARTY_APPEAL,)
        case Family.LEADING_CADRE | Family.ORGANISATION:
            return (Remedy.ACCOUNTABILITY_APPEAL,)
        case Family.ADMINISTRATIVE if organ is Organ.SUPERVISORY:
            return (Remedy.REVIEW, Remedy.RECHECK)
        case Family.ADMINISTRATIVE | Family.POSTING:
            return _APPOINTED
        case _:
            return ()
