"""How likely the first code of a text is right. Being the first of many makes a code look likelier than it is."""

import numpy as np

from lbc_themes.suggest.stacking import Floats, sigmoid
from lbc_themes.suggest.thresholds import Bools

ENOUGH = 200
"""The number of coded texts at which half of what was measured on them is believed."""

FEWEST = 20


def first_line(left_out: Floats, targets: Bools) -> tuple[float, float]:
    """Return the slope and intercept that make the best log-odds of a text those of its first code being right.

    Fitted by logistic regression on left-out log-odds of shape ``(n, codes)`` (Platt 1999, "Probabilistic Outputs for
    Support Vector Machines"), and drawn to 1 and 0, which change nothing, the fewer the coded texts are.
    """
    from sklearn.linear_model import LogisticRegression

    best = left_out.argmax(axis=1)
    rows = np.arange(len(best))
    right = targets[rows, best]
    if len(best) < FEWEST or right.all() or not right.any():
        return 1.0, 0.0
    model = LogisticRegression(C=100.0).fit(left_out[rows, best][:, None], right)
    believed = len(best) / (len(best) + ENOUGH)
    return 1 + believed * (float(model.coef_[0, 0]) - 1), believed * float(model.intercept_[0])


def first_probabilities(logits: Floats, line: tuple[float, float]) -> Floats:
    """Return how likely the best code of each text is right, from log-odds of shape ``(n, codes)``."""
    return sigmoid(line[0] * logits.max(axis=1) + line[1])
