"""Probabilities that mean what they say, and the thresholds above which a code is taken to apply."""

import numpy as np
from numpy.typing import NDArray

from lbc_themes.suggest.features import Bools, Floats


def sigmoid(logits: Floats) -> Floats:
    """Return probabilities of log-odds."""
    from scipy.special import expit

    shares: Floats = expit(logits)
    return shares


# --- How likely the first code of a text is right: being the first of many makes a code look likelier than it is.

HALF_BELIEVED = 200
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
    believed = len(best) / (len(best) + HALF_BELIEVED)
    return 1 + believed * (float(model.coef_[0, 0]) - 1), believed * float(model.intercept_[0])


def first_probabilities(logits: Floats, line: tuple[float, float]) -> Floats:
    """Return how likely the best code of each text is right, from log-odds of shape ``(n, codes)``."""
    return sigmoid(line[0] * logits.max(axis=1) + line[1])


# --- Thresholds for codes that apply.

GRID = np.round(np.arange(0.03, 0.90, 0.01), 2)
HELD_TO_BE_TRUE = 60
"""The number of passages of a code at which F1 believes what the coder said as much as the probabilities."""

MACRO = 0.25
"""What a point of macro-F1 is worth in points of micro-F1. With none, codes of a long tail are never said; with more,
the common codes pay for them (set on left-out answers of six sets, docs/benchmarks.md)."""

FEW_FOR_LINES = 50
"""The number of coded passages at which a code's own line counts as much as the line that is best for all."""

LINE_ROUNDS = 4


def f1_thresholds(probabilities: Floats, targets: Bools, macro_weight: float = MACRO) -> Floats:
    """Return one threshold a code, such that ``micro-F1 + macro_weight * macro-F1`` is greatest.

    Both arrays have shape ``(n, codes)``; the probabilities must be left-out ones. For a rare code the few targets say
    little of where the line should be: they are mixed with the calibrated probabilities, which are the targets to be
    expected. Given the micro-F1 reached, a code adds ``2 * hits - micro-F1 * said`` to it whatever the other codes do
    (Dinkelbach's way to the maximum of a ratio), so each line is found alone. A code that was never used gets the line
    that is best for all, and with few passages the lines of the others are drawn to it.
    """
    counts = targets.sum(axis=0)
    likely = _expected(probabilities, targets, counts)
    hits = np.stack([((probabilities > line) * likely).sum(axis=0) for line in GRID])
    said = np.stack([(probabilities > line).sum(axis=0) for line in GRID])
    wanted, used = likely.sum(axis=0), counts > 0
    each = 2 * hits / np.maximum(said + wanted, 1e-9)
    common = _common_line(probabilities, targets, said.sum(axis=1))
    lines = np.full(len(counts), common)
    for _ in range(LINE_ROUNDS):
        micro = _micro(hits, said, wanted, lines)
        gain = (2 * hits - micro * said) / max(2 * wanted.sum(), 1e-9) + macro_weight * each / max(used.sum(), 1)
        lines[used] = gain.argmax(axis=0)[used]
    own = len(targets) ** 2 / (len(targets) ** 2 + FEW_FOR_LINES**2)
    thresholds: Floats = own * GRID[lines] + (1 - own) * GRID[common]
    return thresholds


def _expected(probabilities: Floats, targets: Bools, seen: NDArray[np.int_] | int) -> Floats:
    believed = seen / (seen + HELD_TO_BE_TRUE)
    expected: Floats = believed * targets + (1 - believed) * probabilities
    return expected


def _common_line(probabilities: Floats, targets: Bools, said: NDArray[np.int_]) -> int:
    """Return the place in the grid of the one line at which the expected micro-F1 is greatest.

    Few passages leave a wide gap in which every line says the same of them: the middle of it, in log-odds, is taken,
    which new passages are least likely to cross.
    """
    likely = _expected(probabilities, targets, len(targets))
    hits = np.array([((probabilities > line) * likely).sum() for line in GRID])
    f1 = 2 * hits / np.maximum(said + likely.sum(), 1e-9)
    first = last = int(f1.argmax())
    while last + 1 < len(GRID) and said[last + 1] == said[first]:
        last += 1
    log_odds = np.log(GRID / (1 - GRID))
    return int(np.abs(log_odds - (log_odds[first] + log_odds[last]) / 2).argmin())


def _micro(hits: Floats, said: Floats, wanted: Floats, lines: NDArray[np.int_]) -> float:
    codes = np.arange(len(lines))
    return float(2 * hits[lines, codes].sum() / max(said[lines, codes].sum() + wanted.sum(), 1e-9))
