"""Which passages to code next."""

import numpy as np

from lbc_themes.suggest.stacking import Floats, sigmoid

CANDIDATES = 5
"""How many uncertain passages are looked at for each that is chosen."""


def uncertainty(logits: Floats) -> Floats:
    """Return how unsure the best code of each text is, from 0 to 1: one less the lead of the best over the second."""
    ordered = np.sort(sigmoid(logits), axis=1)
    unsure: Floats = 1 - (ordered[:, -1] - ordered[:, -2])
    return unsure


def most_telling(logits: Floats, vectors: Floats, n: int) -> list[int]:
    """Return up to ``n`` rows whose coding would teach most, the most telling first.

    The ``5 n`` most uncertain texts (margin sampling, Scheffer et al. 2001) are thinned to ``n`` that lie far apart:
    the first is the most uncertain, each further one the text with the greatest product of uncertainty and distance to
    those chosen (as in core-set selection, Sener & Savarese 2018, weighted by uncertainty).
    """
    unsure = uncertainty(logits)
    pool = np.argsort(-unsure, kind="stable")[: CANDIDATES * n]
    unit = vectors[pool] / np.maximum(np.linalg.norm(vectors[pool], axis=1, keepdims=True), 1e-12)
    unit = unit - unit.mean(axis=0)
    chosen: list[int] = []
    apart = np.ones(len(pool))
    for _ in range(min(n, len(pool))):
        worth = unsure[pool] * apart
        worth[chosen] = -np.inf
        best = int(np.argmax(worth))
        chosen.append(best)
        apart = np.minimum(apart, np.linalg.norm(unit - unit[best], axis=1))
    return [int(pool[row]) for row in chosen]
