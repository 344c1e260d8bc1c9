"""Learn word vectors whose sum comes near the vector that the first encoder gives the whole text."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

RARE = 1e-3
"""Words are weighted RARE / (RARE + p), p being the share of a word among all (Arora et al. 2017, "SIF")."""

MAP_RIDGE = 1e-4
OWN_RIDGE = 0.3
STEPS = 12


def targets_of(vectors: Floats, typical: Floats, dimensions: int) -> Floats:
    """Return what the sums are to come near: vectors less the mean of ``typical`` ones, on their axes, of unit length.

    The axes are the first principal components of ``typical``.
    """
    mean = typical.mean(axis=0)
    axes = np.linalg.svd(typical - mean, full_matrices=False)[2][:dimensions].T
    moved = (vectors - mean) @ axes
    unit: Floats = (moved / np.linalg.norm(moved, axis=1, keepdims=True)).astype(np.float32)
    return unit


def standardised(rows: Floats) -> Floats:
    """Return ``rows`` less their mean, with a standard deviation of 1 over all numbers."""
    moved = rows - rows.mean(axis=0)
    unit: Floats = (moved / moved.std()).astype(np.float32)
    return unit


def trained(texts: Sequence[Sequence[int]], targets: Floats, start: Floats) -> Floats:
    """Return word vectors, shape ``(words, dimensions)``, by least squares.

    ``texts`` are lists of word numbers. A word's vector is its weight times (its ``start`` features times one matrix
    for all words, plus a part of its own): the matrix carries what was learned over to words that are seldom in the
    texts. First the matrix is fitted, then the own parts to what it leaves, both with a ridge.
    """
    rows = [row for row, words in enumerate(texts) if words]
    words = np.concatenate([np.array(texts[row], np.int64) for row in rows])
    weights = (RARE / (RARE + np.bincount(words, minlength=len(start)) / len(words))).astype(np.float32)
    bags = _bags(words, [len(texts[row]) for row in rows], weights)
    wanted, features = targets[rows], bags @ start
    ridge = np.float32(MAP_RIDGE * len(rows)) * np.eye(start.shape[1], dtype=np.float32)
    matrix = np.linalg.solve(features.T @ features + ridge, features.T @ wanted).astype(np.float32)
    left = wanted - features @ matrix
    print(f"one matrix for all words explains {1 - float((left**2).sum() / (wanted**2).sum()):.3f}")
    own = _ridge(bags, left)
    left -= bags @ own
    print(f"with parts of their own {1 - float((left**2).sum() / (wanted**2).sum()):.3f}")
    made: Floats = (start @ matrix + own) * weights[:, None]
    return made


def _bags(words: NDArray[np.int64], lengths: Sequence[int], weights: Floats) -> Any:  # noqa: ANN401 (scipy has no types)
    """Return weighted counts of words, a row a text, of about the length that its sum of vectors would have."""
    import scipy.sparse

    ends = np.concatenate([[0], np.cumsum(lengths)])
    bags = scipy.sparse.csr_matrix((weights[words], words, ends), shape=(len(lengths), len(weights)))
    bags.sum_duplicates()
    squares = np.asarray(bags.multiply(bags).sum(axis=1)).ravel()
    sums = np.asarray(bags.sum(axis=1)).ravel()
    return (scipy.sparse.diags(1 / (squares**0.25 * sums**0.5)) @ bags).tocsr().astype(np.float32)


def _ridge(bags: Any, wanted: Floats) -> Floats:  # noqa: ANN401 (scipy has no types)
    """Solve ``(bags' bags + ridge) own = bags' wanted`` by conjugate gradients, each column by itself."""
    across = bags.T.tocsr()
    left = across @ wanted
    own, step, size = np.zeros_like(left), left.copy(), (left**2).sum(axis=0)
    for _ in range(STEPS):
        moved = across @ (bags @ step) + np.float32(OWN_RIDGE) * step
        share = size / np.maximum((step * moved).sum(axis=0), 1e-12)
        own += share * step
        left -= share * moved
        new = (left**2).sum(axis=0)
        step = left + (new / np.maximum(size, 1e-20)) * step
        size = new
    found: Floats = own
    return found
