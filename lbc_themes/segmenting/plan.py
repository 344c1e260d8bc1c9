"""Choosing cuts by dynamic programming: weak boundaries cost, and so do passages of an odd size."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import log, sqrt


@dataclass(frozen=True, kw_only=True, slots=True)
class SizePlan:
    """What sizes of passages are wanted, in characters: about ``shortest`` to ``longest``.

    The best size is their geometric mean. A size costs the square of its log ratio to the best, more below
    ``shortest``, and far more above ``longest``.
    """

    shortest: int
    longest: int

    @property
    def whole(self) -> int:
        """The largest size of a stretch that is never cut: two passages cut from it would be too short."""
        return 2 * self.shortest - 1

    def cost(self, size: int) -> float:
        """Return the cost of a passage of ``size``."""
        odd = log(max(size, 1) / sqrt(self.shortest * self.longest)) ** 2
        short = 3 * max(0.0, 1 - size / self.shortest)
        long = 3 + 20 * (size / self.longest - 1) if size > self.longest else 0.0
        return odd + short + long


@cache
def size_costs(plan: SizePlan) -> tuple[float, ...]:
    """Return the cost of each size from 0 to the largest that is looked at; larger ones cost at least as much."""
    return tuple(plan.cost(size) for size in range(3 * plan.longest // 2 + 1))


def best_cuts(sizes: Sequence[int], weakness: Sequence[float], plan: SizePlan) -> list[int]:
    """Return the indices of the candidates at which to cut.

    ``sizes[i]`` is what has been said before candidate ``i`` and ``weakness[i]`` the cost of cutting there; the first
    and last candidates are the ends of the stretch. The sum of the weakness of the cuts and of the costs of the sizes
    between them is the least that any choice has.
    """
    costs = size_costs(plan)
    largest = len(costs) - 1
    best, back, first = [0.0], [0], 0
    for j in range(1, len(sizes)):
        while first < j - 1 and sizes[j] - sizes[first] > largest:
            first += 1
        total, before = min((best[i] + costs[min(sizes[j] - sizes[i], largest)], i) for i in range(first, j))
        best.append(total + weakness[j])
        back.append(before)
    cuts, at = [], back[-1]
    while at > 0:
        cuts.append(at)
        at = back[at]
    return cuts[::-1]
