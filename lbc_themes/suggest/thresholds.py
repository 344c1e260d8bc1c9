"""Where to draw the line: for codes that apply, and for suggestions that may stand unchecked."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

GRID = np.round(np.arange(0.03, 0.90, 0.01), 2)
ENOUGH = 20
"""The number of passages of a code at which its own error counts as much as the common one."""

HELD_TO_BE_TRUE = 60
"""The number of passages of a code at which F1 believes what the coder said as much as the probabilities."""

MACRO = 0.5
"""What a point of macro-F1 is worth in points of micro-F1. With none, codes of a long tail are never said."""

ROUNDS = 4
NEVER = np.inf


def f1_thresholds(probabilities: Floats, targets: Bools) -> Floats:
    """Return one threshold a code, such that ``micro-F1 + MACRO * macro-F1`` is greatest.

    Both arrays have shape ``(n, codes)``; the probabilities must be left-out ones. For a rare code the few targets say
    little of where the line should be: they are mixed with the calibrated probabilities, which are the targets to be
    expected. Given the micro-F1 reached, a code adds ``2 * hits - micro-F1 * said`` to it whatever the other codes do
    (Dinkelbach's way to the maximum of a ratio), so each line is found alone. A code that was never used gets the line
    that is best for all.
    """
    counts = targets.sum(axis=0)
    believed = counts / (counts + HELD_TO_BE_TRUE)
    likely = believed * targets + (1 - believed) * probabilities
    hits = np.stack([((probabilities > line) * likely).sum(axis=0) for line in GRID])
    said = np.stack([(probabilities > line).sum(axis=0) for line in GRID])
    wanted, used = likely.sum(axis=0), counts > 0
    each = 2 * hits / np.maximum(said + wanted, 1e-9)
    together = 2 * hits.sum(axis=1) / np.maximum(said.sum(axis=1) + wanted.sum(), 1e-9)
    lines = np.full(len(counts), int(together.argmax()))
    for _ in range(ROUNDS):
        micro = _micro(hits, said, wanted, lines)
        gain = (2 * hits - micro * said) / max(2 * wanted.sum(), 1e-9) + MACRO * each / max(used.sum(), 1)
        lines[used] = gain.argmax(axis=0)[used]
    thresholds: Floats = GRID[lines]
    return thresholds


def _micro(hits: Floats, said: Floats, wanted: Floats, lines: NDArray[np.int_]) -> float:
    codes = np.arange(len(lines))
    return float(2 * hits[lines, codes].sum() / max(said[lines, codes].sum() + wanted.sum(), 1e-9))


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
