"""Where to draw the line: for codes that apply, and for suggestions that may stand unchecked."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

GRID = np.round(np.arange(0.05, 0.90, 0.01), 2)
ENOUGH = 20
"""The number of passages of a code at which its own best line counts as much as the common one."""

NEVER = np.inf


def f1_thresholds(probabilities: Floats, targets: Bools) -> Floats:
    """Return one threshold a code: its own best by F1, drawn to the best common one where the code is rare.

    Both arrays have shape ``(n, codes)``; the probabilities must be left-out ones.
    """
    common = GRID[np.argmax(_f1(probabilities.reshape(-1, 1), targets.reshape(-1, 1))[:, 0])]
    own = GRID[np.argmax(_f1(probabilities, targets), axis=0)]
    counts = targets.sum(axis=0)
    share = counts / (counts + ENOUGH)
    thresholds: Floats = share * own + (1 - share) * common
    return thresholds


def _f1(probabilities: Floats, targets: Bools) -> Floats:
    """F1 at each threshold of the grid, shape ``(grid, codes)``."""
    rows = []
    for line in GRID:
        said = probabilities > line
        right = (said & targets).sum(axis=0)
        rows.append(2 * right / np.maximum(said.sum(axis=0) + targets.sum(axis=0), 1))
    return np.array(rows)


def risk_thresholds(probabilities: Floats, targets: Bools, max_error: float) -> Floats:
    """Return one threshold a code above which a first suggestion is wrong at most ``max_error`` of the time.

    For each line t, the first suggestions at or above t are counted with their errors; the estimate for a code is
    ``(its errors + 20 * common error rate + 1) / (its count + 20 + 1)``, so that a rare code leans on the others and a
    single case never passes. The least t at which the common estimate ``(errors + 1) / (count + 1)`` and the code's own
    are within ``max_error`` is taken; where there is none, the threshold is infinite and the code is never
    accepted. It is the plug-in rule of selective classification with the correction of conformal risk control
    (Angelopoulos et al. 2022, arXiv:2208.02814); the realised error is in the benchmark.
    """
    best = probabilities.argmax(axis=1)
    rows = np.arange(len(best))
    confident, right = probabilities[rows, best], targets[rows, best]
    order = np.argsort(-confident, kind="stable")
    common = _running_error(~right[order])
    line = _least(confident[order], common, max_error)
    thresholds = np.full(probabilities.shape[1], NEVER)
    for code in range(probabilities.shape[1]):
        mine = order[best[order] == code]
        if not len(mine) or line == NEVER:
            continue
        lent = common[np.searchsorted(-confident[order], -confident[mine], side="right") - 1]
        errors, counts = np.cumsum(~right[mine]), np.arange(1, len(mine) + 1)
        own = (errors + ENOUGH * lent + 1) / (counts + ENOUGH + 1)
        thresholds[code] = max(line, _least(confident[mine], own, max_error))
    return thresholds


def _running_error(wrong: Bools) -> Floats:
    errors: Floats = (np.cumsum(wrong) + 1) / (np.arange(1, len(wrong) + 1) + 1)
    return errors


def _least(confident: Floats, error: Floats, max_error: float) -> float:
    """Return the confidence of the last place at which the error is within bounds; infinite where there is none."""
    within = np.flatnonzero(error <= max_error)
    return float(confident[within[-1]]) if len(within) else float(NEVER)
