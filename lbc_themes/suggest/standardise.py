"""Bring the scores of several views to one scale."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

CODE_MEAN_REMOVED = 0.5
"""The share of a code's mean score over the corpus that is taken away. All of it would hide a code often said."""

FEW = 20
"""The number of texts at which half of that share is taken: the mean of a few texts is mostly those texts."""


def standardised(scores: Floats, *, centred: bool = True) -> Floats:
    """Return ``scores`` of shape ``(n, codes)`` centred by code (in part) and by text, with standard deviation 1."""
    share = CODE_MEAN_REMOVED * len(scores) / (len(scores) + FEW) if centred else 0.0
    moved = scores - share * scores.mean(axis=0)
    moved = moved - moved.mean(axis=1, keepdims=True)
    spread = moved.std()
    result: Floats = moved / spread if spread > 0 else moved
    return result
