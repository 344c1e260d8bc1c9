"""The plan of cuts: dynamic programming against trying everything."""

from itertools import combinations, pairwise
from math import log

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lbc_themes.segmenting.boundaries import SizePlan, best_cuts, size_costs

PLAN = SizePlan(shortest=5, longest=20)


def cost(sizes, weakness, cuts) -> float:
    of_size = size_costs(PLAN)
    ends = [0, *cuts, len(sizes) - 1]
    odd = sum(of_size[min(sizes[b] - sizes[a], len(of_size) - 1)] for a, b in pairwise(ends))
    return odd + sum(weakness[at] for at in cuts)


def looked_at(sizes, cuts) -> bool:
    """A passage above one and a half times the longest size is made only where there is no candidate in it."""
    ends = [0, *cuts, len(sizes) - 1]
    return all(b == a + 1 or sizes[b] - sizes[a] < len(size_costs(PLAN)) for a, b in pairwise(ends))


@example([(9, 3), (12, 4), (9, 4), (12, 4), (9, 0)])
@given(st.lists(st.tuples(st.integers(1, 12), st.floats(-0.5, 4)), min_size=1, max_size=9))
def test_no_other_choice_of_cuts_costs_less(steps) -> None:
    sizes, weakness = [0], [0.0]
    for size, weak in steps:
        sizes.append(sizes[-1] + size)
        weakness.append(weak)
    inner = range(1, len(sizes) - 1)
    every = [list(cuts) for count in range(len(inner) + 1) for cuts in combinations(inner, count)]
    least = min(cost(sizes, weakness, cuts) for cuts in every if looked_at(sizes, cuts))
    assert cost(sizes, weakness, best_cuts(sizes, weakness, PLAN)) <= least + 1e-9


def test_a_stretch_without_candidates_stays_whole() -> None:
    assert best_cuts([0, 500], [0.0, 0.0], PLAN) == []


def test_a_passage_of_one_and_a_half_times_the_longest_may_stay_whole_and_a_larger_one_not() -> None:
    dear = [0.0, 50.0, 0.0]
    assert best_cuts([0, 15, 30], dear, PLAN) == []
    assert best_cuts([0, 15, 31], dear, PLAN) == [1]


def test_the_best_size_is_the_geometric_mean() -> None:
    costs = size_costs(PLAN)
    assert costs.index(min(costs)) == 10


def test_beyond_the_longest_costs_rise_steeply() -> None:
    costs = size_costs(PLAN)
    assert costs[21] - costs[20] > 3
    assert costs[30] > costs[25] > costs[21]


def test_the_cost_of_a_size_is_the_square_of_its_log_ratio_and_a_penalty_outside_the_bounds() -> None:
    """Reckoned by hand: 10 is the best size of 5 to 20."""
    assert PLAN.cost(10) == pytest.approx(0)
    assert PLAN.cost(5) == pytest.approx(log(2) ** 2)
    assert PLAN.cost(20) == pytest.approx(log(2) ** 2)
    assert PLAN.cost(4) == pytest.approx(log(2.5) ** 2 + 3 * (1 - 4 / 5))
    assert PLAN.cost(1) == pytest.approx(log(10) ** 2 + 3 * (1 - 1 / 5))
    assert PLAN.cost(0) == pytest.approx(log(10) ** 2 + 3)
    assert PLAN.cost(30) == pytest.approx(log(3) ** 2 + 3 + 20 * 0.5)
