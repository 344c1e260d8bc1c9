"""Percentile bootstrap over participants."""

from collections.abc import Callable

import numpy as np

from lbc_themes.agreement.coefficients import Floats
from lbc_themes.agreement.table import Estimate

FEWEST = 5
BATCH = 100


def draw_weights(participants: int, draws: int, seed: int) -> Floats:
    """Return how often each participant is in each draw, (draws, participants); none with fewer than five of them."""
    if participants < FEWEST:
        return np.zeros((0, participants))
    chance = np.full(participants, 1 / participants)
    return np.random.default_rng(seed).multinomial(participants, chance, size=draws).astype(np.float64)


def estimates(measure: Callable[[Floats], dict[str, Floats]], weights: Floats) -> dict[str, Estimate]:
    """Return each figure with its interval; ``measure`` maps weights (draws, participants) to figures."""
    point = measure(np.ones((1, weights.shape[1])))
    batches = [measure(weights[i : i + BATCH]) for i in range(0, len(weights), BATCH)]
    return {
        name: estimate(float(value[0]), np.concatenate([b[name] for b in batches] or [np.array([])]))
        for name, value in point.items()
    }


def estimate(value: float, draws: Floats) -> Estimate:
    """Return a figure with the 2.5th and 97.5th percentile of the draws in which it is defined.

    There is no interval where it is defined in fewer than half of the draws, or in none.
    """
    if np.isnan(value):
        return Estimate(value=None)
    defined = draws[~np.isnan(draws)]
    if not len(defined) or 2 * len(defined) < len(draws):
        return Estimate(value=value)
    low, high = np.percentile(defined, [2.5, 97.5])
    return Estimate(value=value, low=float(low), high=float(high))
