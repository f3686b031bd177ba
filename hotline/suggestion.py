"""Which unit a case may belong to (派单建议): where earlier cases of the same matter stayed.

A share of what was, with its basis, and nothing else: no text is read, nothing is learnt, and people dispatch. Of
too few cases nothing is said.
"""

from collections.abc import Collection, Mapping
from typing import Final

from hotline.identifiers import UnitCode
from hotline.model import Record, Term

LEAST_BASIS: Final = 3
"""Set by us: a share of one or two cases is an anecdote."""

LEAST_SHARE: Final = 0.1
AT_MOST: Final = 3


class Basis(Term):
    """Which earlier cases a suggestion stands on."""

    MATTER_AND_AREA = "matter_and_area", "同类事项同一区域"
    MATTER = "matter", "同类事项"


class Suggestion(Record):
    """A unit, and how many of so many earlier cases stayed with it. `share` lies between 0 and 1."""

    unit: UnitCode
    stayed: int
    cases: int
    basis: Basis

    @property
    def share(self) -> float:
        """How large a part of the earlier cases stayed with the unit."""
        return self.stayed / self.cases


def suggest(
    here: Mapping[UnitCode, int], anywhere: Mapping[UnitCode, int], shut_out: Collection[UnitCode] = ()
) -> tuple[Suggestion, ...]:
    """Suggest units, the likeliest first, from how many earlier cases stayed with which unit.

    `here` counts those of the same matter and area, `anywhere` those of the same matter. A unit that the case
    complains about is never suggested (domain.md §12 rule 6), though its cases count in the basis.
    """
    for basis, counts in ((Basis.MATTER_AND_AREA, here), (Basis.MATTER, anywhere)):
        total = sum(counts.values())
        if total < LEAST_BASIS:
            continue
        likeliest = sorted(counts.items(), key=lambda counted: (-counted[1], counted[0]))
        found = (
            Suggestion(unit=unit, stayed=stayed, cases=total, basis=basis)
            for unit, stayed in likeliest
            if unit not in shut_out and stayed / total >= LEAST_SHARE
        )
        return tuple(found)[:AT_MOST]
    return ()
