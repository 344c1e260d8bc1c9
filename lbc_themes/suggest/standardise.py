"""Bring the scores of several views to one scale."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

CODE_MEAN_REMOVED = 0.5
"""The share of a code's mean score over the corpus that is taken away. All of it would hide a code often said."""

FEW = 20
"""The number of texts at which half of that share is taken: the mean of a few texts is mostly those texts."""


@dataclass(frozen=True, kw_only=True)
class Standard:
    """What brings scores to one scale: the part of each code's mean that is taken off, and the spread they had."""

    moved_by: Floats
    spread: float

    def applied(self, scores: Floats) -> Floats:
        """Return ``scores`` of shape ``(n, codes)`` centred by code and by text, with a spread of about 1."""
        moved = scores - self.moved_by
        moved = moved - moved.mean(axis=1, keepdims=True)
        result: Floats = moved / self.spread if self.spread > 0 else moved
        return result


def standard_of(scores: Floats, *, centred: bool = True) -> Standard:
    """Return the standard of ``scores`` themselves: applied to them it gives a standard deviation of 1."""
    share = CODE_MEAN_REMOVED * len(scores) / (len(scores) + FEW) if centred else 0.0
    moved_by = share * scores.mean(axis=0)
    moved = Standard(moved_by=moved_by, spread=1.0).applied(scores)
    return Standard(moved_by=moved_by, spread=float(moved.std()))


def standardised(scores: Floats, *, centred: bool = True) -> Floats:
    """Return ``scores`` of shape ``(n, codes)`` by their own standard."""
    return standard_of(scores, centred=centred).applied(scores)
