"""Which unit a case may belong to (派单建议): where earlier cases of the same matter stayed.

A share of what was, with its basis, and nothing else: no text is read, nothing is learnt, and people dispatch. Where
cases are too few, the unit that the catalogue (事项目录) names for the matter is told, if it names one.
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
    CATALOGUE = "catalogue", "目录"


class Suggestion(Record):
    """A unit, and how many of so many earlier cases stayed with it; the catalogue's stands on no case."""

    unit: UnitCode
    stayed: int
    cases: int
    basis: Basis

    @property
    def share(self) -> float | None:
        """How large a part of the earlier cases stayed with the unit, between 0 and 1, if it stands on any."""
        return self.stayed / self.cases if self.cases else None


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


def suggest_kept(lead: UnitCode, shut_out: Collection[UnitCode] = ()) -> tuple[Suggestion, ...]:
    """Suggest the unit that the catalogue names for a matter, unless the case complains about it."""
    kept = Suggestion(unit=lead, stayed=0, cases=0, basis=Basis.CATALOGUE)
    return () if lead in shut_out else (kept,)
