"""Ridge regression on a kernel, with the answer it would have given to each text had its group been left out."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class KernelRidge:
    """A fitted model: scores of new texts are ``kernel @ weights + mean``.

    ``left_out`` holds, for each fitted text, the scores of the model fitted without the text's group, in closed form:
    for a group G, ``Y_G - inverse(C_GG) @ weights_G`` with ``C = inverse(K + ridge * I)`` (Rifkin & Lippert 2007,
    "Notes on Regularized Least Squares", MIT-CSAIL-TR-2007-025, section 3, for one left out; blocks likewise).
    """

    weights: Floats
    mean: Floats
    left_out: Floats

    def scores(self, kernel: Floats) -> Floats:
        """Return scores of shape ``(n, outputs)`` for a kernel of shape ``(n, fitted)``."""
        scores: Floats = kernel @ self.weights + self.mean
        return scores


def fit_kernel_ridge(
    kernel: Floats, targets: Floats, ridge: float, groups: Sequence[object] | None = None, *, leave_out: bool = True
) -> KernelRidge:
    """Fit ``targets`` of shape ``(n, outputs)`` on a kernel of shape ``(n, n)``.

    ``groups`` names the group of each text (default: each text is its own). The targets' mean is taken off first and is
    not re-estimated without the group. ``leave_out=False`` saves the inverse where the left-out scores are not wanted.
    """
    import scipy.linalg

    mean = targets.mean(axis=0)
    held = kernel.copy()
    held[np.diag_indices(len(held))] += ridge
    if not leave_out:
        weights = scipy.linalg.solve(held, targets - mean, assume_a="pos", overwrite_a=True)
        return KernelRidge(weights=weights, mean=mean, left_out=np.zeros((0, targets.shape[1])))
    inverse = scipy.linalg.inv(held, overwrite_a=True)
    weights = inverse @ (targets - mean)
    left_out = np.empty_like(targets)
    for rows in _rows_of(groups if groups is not None else range(len(targets))):
        left_out[rows] = targets[rows] - np.linalg.solve(inverse[np.ix_(rows, rows)], weights[rows])
    return KernelRidge(weights=weights, mean=mean, left_out=left_out)


def _rows_of(groups: Sequence[object]) -> list[list[int]]:
    rows: dict[object, list[int]] = {}
    for row, group in enumerate(groups):
        rows.setdefault(group, []).append(row)
    return list(rows.values())
