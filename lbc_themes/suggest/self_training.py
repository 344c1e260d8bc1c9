"""Let the texts of a corpus correct one another's scores where nothing has been coded yet."""

import numpy as np

from lbc_themes.suggest.kernel_ridge import fit_kernel_ridge
from lbc_themes.suggest.standardise import Floats, standardised

ROUNDS = 3
RIDGE = 0.6
MANY = 60
"""The number of texts at which what they say of one another counts half of its full weight."""


def self_trained(scores: Floats, kernel: Floats, weight: float) -> Floats:
    """Return ``scores`` of shape ``(n, codes)`` with what their neighbours' scores say added.

    In each round the scores become soft labels, a ridge regression learns them from the texts (``kernel`` of shape
    ``(n, n)``), and its answer, standardised, is added with ``weight``, less where the texts are few. It is
    expectation-maximisation with soft labels (Nigam et al. 2000, "Text Classification from Labeled and Unlabeled
    Documents using EM"), with the first scores as the starting point and as a part that always stays.
    """
    share = weight * len(scores) / (len(scores) + MANY)
    current = scores
    for _ in range(ROUNDS):
        model = fit_kernel_ridge(kernel, _softmax(current), RIDGE, leave_out=False)
        current = scores + share * standardised(model.scores(kernel), centred=False)
    return current


def _softmax(scores: Floats) -> Floats:
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares: Floats = raised / raised.sum(axis=1, keepdims=True)
    return shares
