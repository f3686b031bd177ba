"""Chance that can be asked again (随机): every question of a case has its own seeded answer.

Because an answer depends on seed, case and question alone, and on no order, a simulation that was killed
goes on with the same people in the same mood.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Dice:
    """The chance of one case, or of whatever else `about` names."""

    seed: str
    about: str
    loads: Mapping[str, bool | str | float] = field(default_factory=dict)
    """Answers that are settled beforehand (定向), for who wants a case to go a certain way."""

    def happens(self, what: str, share: float) -> bool:
        """Whether something happens that happens in such a share of cases."""
        if what in self.loads:
            return bool(self.loads[what])
        return self._of(what).random() < share

    def among(self, what: str, options: Sequence[_T]) -> _T:
        """One of some options."""
        return self._of(what).choice(options)

    def some(self, what: str, options: Sequence[_T], count: int) -> list[_T]:
        """So many different ones of some options, or all of them."""
        return self._of(what).sample(options, min(count, len(options)))

    def weighted(self, what: str, shares: Mapping[_T, float]) -> _T:
        """One of some options by their shares, or the one that was settled."""
        settled = next((option for option in shares if option == self.loads.get(what, self)), None)
        if settled is not None:
            return settled
        return self._of(what).choices(list(shares), weights=list(shares.values()))[0]

    def between(self, what: str, low: float, high: float) -> float:
        """A number in a range, or the one that was settled."""
        if what in self.loads:
            return float(self.loads[what])
        return self._of(what).uniform(low, high)

    def _of(self, what: str) -> random.Random:
        # Nothing here is a secret; what counts is that the same question has the same answer.
        return random.Random(f"{self.seed}/{self.about}/{what}")  # noqa: S311
