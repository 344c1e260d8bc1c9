"""Let the texts of a corpus correct one another's scores where nothing has been coded yet."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from lbc_themes.suggest.standardise import Floats, standardised

Rows = NDArray[np.intp]

ROUNDS = 3
RIDGE = 0.6
MANY = 60
"""The number of texts at which what they say of one another counts half of its full weight."""


def self_trained(
    scores: Floats, among: Floats, tell: Callable[[Floats], Floats], teachers: Rows, weight: float
) -> Floats:
    """Return ``scores`` of shape ``(n, codes)`` with what their neighbours' scores say added.

    In each round the scores of the ``teachers`` (positions among the texts) become soft labels, a ridge regression
    learns them (``among`` holds the similarities of the teachers, shape ``(teachers, teachers)``; ``tell`` multiplies
    the similarities of all texts to the teachers by the answers learned), and what it says, standardised, is added with
    ``weight``, less where the texts are few. It is expectation-maximisation with soft labels (Nigam et al. 2000, "Text
    Classification from Labeled and Unlabeled Documents using EM"), with the first scores as the starting point and as a
    part that always stays.
    """
    import scipy.linalg

    share = weight * len(scores) / (len(scores) + MANY)
    held = among.copy()
    held[np.diag_indices(len(held))] += RIDGE
    factor = scipy.linalg.cho_factor(held, overwrite_a=True)
    current = scores
    for _ in range(ROUNDS):
        soft = _softmax(current[teachers])
        mean = soft.mean(axis=0)
        told = tell(scipy.linalg.cho_solve(factor, soft - mean)) + mean
        current = scores + share * standardised(told, centred=False)
    return current


def _softmax(scores: Floats) -> Floats:
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares: Floats = raised / raised.sum(axis=1, keepdims=True)
    return shares
