"""Ward's tree, cut into a number of clusters and settled."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lbc_themes.themes.features import Features
from lbc_themes.themes.material import Labels

_ROUNDS = 100


def ward_linkage(rows: Features) -> NDArray[np.float64]:
    """Return Ward's merges in SciPy's form, shape (n - 1, 4). Ward (1963), JASA 58(301)."""
    from scipy.cluster.hierarchy import linkage

    merges: NDArray[np.float64] = linkage(rows, method="ward")
    return merges


def cut(merges: NDArray[np.float64], numbers: Sequence[int]) -> Labels:
    """Return labels from 0, shape (n, len(numbers)): the tree cut into each number of clusters."""
    from scipy.cluster.hierarchy import cut_tree

    labels: Labels = cut_tree(merges, list(numbers)).astype(np.int64)
    return labels


def settled(rows: Features, labels: Labels) -> Labels:
    """Return ``labels`` after k-means from their own centres: each row goes where its nearest centre is.

    No chance is in it. A cluster never empties: its last row stays.
    """
    number = int(labels.max()) + 1
    for _ in range(_ROUNDS):
        near = _nearest_centre(rows, centres(rows, labels, number))
        counts = np.bincount(near, minlength=number)
        if (counts == 0).any() or (near == labels).all():
            break
        labels = near
    return labels


def centres(rows: Features, labels: Labels, number: int) -> Features:
    """Return the mean row of each cluster, shape (number, dimensions)."""
    return np.stack([rows[labels == k].mean(axis=0) for k in range(number)])


def _nearest_centre(rows: Features, middle: Features) -> Labels:
    distance = (middle**2).sum(axis=1) - 2 * rows @ middle.T
    return np.asarray(distance.argmin(axis=1), np.int64)
