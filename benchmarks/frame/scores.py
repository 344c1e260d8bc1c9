"""Scores of rankings, with bootstrap intervals over the units that were drawn (respondents, or texts)."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Estimate = dict[str, float]

DRAWS = 2000


def order(scores: Floats, seed: int = 0) -> Ints:
    """Return, for each text, the codes from best to worst, shape ``(n, codes)``; ties are broken by lot."""
    lots = np.random.default_rng(seed).random(scores.shape)
    return np.lexsort((lots, -scores), axis=1).astype(np.int64)


def hits(ranked: Ints, gold: NDArray[np.bool_], top: int) -> Floats:
    """Return 1 for each text with one of its codes (``gold``, shape ``(n, codes)``) among the first ``top``, else 0."""
    found: NDArray[np.bool_] = np.take_along_axis(gold, ranked[:, :top], axis=1)
    return np.asarray(found.any(axis=1), np.float64)


def kappa(first: Ints, second: Ints) -> float:
    """Return Cohen's kappa of two labellings; not a number where both use one label only."""
    labels = int(max(first.max(), second.max())) + 1
    table = np.zeros((labels, labels))
    np.add.at(table, (first, second), 1)
    table /= table.sum()
    chance = float(table.sum(axis=1) @ table.sum(axis=0))
    return (float(np.trace(table)) - chance) / (1 - chance) if chance < 1 else float("nan")


def estimate(units: Sequence[object], figure: Callable[[Ints], float], seed: int = 0, draws: int = DRAWS) -> Estimate:
    """Return ``figure`` of all rows with its 95 % percentile interval.

    ``units`` names the unit of each row. In each of ``draws`` draws as many units as there are, drawn with replacement,
    bring all their rows. The intervals tell of other units like these, not of another corpus.
    """
    members: dict[object, list[int]] = {}
    for row, unit in enumerate(units):
        members.setdefault(unit, []).append(row)
    rows_of = [np.array(rows, np.int64) for rows in members.values()]
    chance = np.random.default_rng(seed)
    picks = chance.integers(len(rows_of), size=(draws, len(rows_of)))
    drawn = [figure(np.concatenate([rows_of[i] for i in pick])) for pick in picks]
    low, high = np.nanpercentile(drawn, [2.5, 97.5])
    return {"value": figure(np.arange(len(units))), "low": float(low), "high": float(high)}
