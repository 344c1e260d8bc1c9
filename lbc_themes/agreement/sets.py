"""Sets of codes as values, and the distances between them."""

import numpy as np

from lbc_themes.agreement.arrays import Bools, Floats, Ints
from lbc_themes.agreement.sums import MISSING


def set_labels(marks: Bools, read: Bools) -> tuple[Ints, Bools]:
    """Return each coder's set of codes on each unit as a number, and the sets.

    Args:
        marks: (units, coders, codes).
        read: (units, coders); where false the label is ``MISSING``.

    Returns:
        Labels (units, coders), and the sets that occur as rows (sets, codes).
    """
    packed = np.packbits(marks, axis=2)
    _, at, labels = np.unique(packed[read], axis=0, return_index=True, return_inverse=True)
    found = np.full(read.shape, MISSING, dtype=np.int64)
    found[read] = labels.ravel()
    return found, marks[read][at]


def jaccard_distances(sets: Bools) -> Floats:
    """Return one less the shared part of the union, (sets, sets); two empty sets are equal and at distance 0."""
    shared, union = _shared(sets)
    return 1 - np.divide(shared, union, out=np.ones_like(shared), where=union > 0)


def masi_distances(sets: Bools) -> Floats:
    """Return MASI distances (Passonneau 2006, LREC), (sets, sets): one less Jaccard times monotonicity.

    Monotonicity is 1 for equal sets, 2/3 where one holds the other, 1/3 where they overlap and 0 where they share
    nothing. Two empty sets are equal and at distance 0; an empty set is at distance 1 from every other.
    """
    shared, union = _shared(sets)
    sizes = sets.sum(1)
    smaller = np.minimum(sizes[:, None], sizes[None, :])
    within = np.where(shared == smaller, 2 / 3, 1 / 3)
    monotone = np.where(shared == union, 1.0, np.where(shared > 0, within, 0.0))
    return 1 - (1 - jaccard_distances(sets)) * monotone


def _shared(sets: Bools) -> tuple[Floats, Floats]:
    rows = sets.astype(np.float64)
    shared: Floats = rows @ rows.T
    sizes = rows.sum(1)
    return shared, sizes[:, None] + sizes[None, :] - shared


def distance_sums(labels: Ints, distances: Floats, *, size: Floats, participant: Ints, participants: int) -> Floats:
    """Return each participant's observed disagreement: distances over ordered pairs of coders, by coders less one."""
    coders = (labels != MISSING).sum(1)
    total = np.zeros(len(labels))
    for a in range(labels.shape[1]):
        for b in range(a):
            both = (labels[:, a] != MISSING) & (labels[:, b] != MISSING)
            total += np.where(both, 2 * distances[labels[:, a], labels[:, b]], 0.0)
    added = np.zeros(participants)
    np.add.at(added, participant, size * total / (coders - 1))
    return added
