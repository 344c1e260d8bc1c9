"""From sums to measures. Every function takes sums whose first axis is draws and returns one figure a draw.

A figure that the data leave undefined (chance agreement of one: nothing varies) is NaN.
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

# --- Names for the array types of this package.

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


# --- Sums over units, kept apart by participant, from which every chance-corrected measure follows.
#
# Each sum is additive, so that a bootstrap draw over participants is a weighted sum of what is kept here, and codes can
# be pooled by adding their sums.

MISSING = -1


@dataclass(frozen=True, kw_only=True, eq=False)
class Sums:
    """Sums for one labelling of units with ``V`` values by ``K`` coders; the first axis is participants.

    ``units`` and ``agree`` (participants,): units, and the share of agreeing pairs of coders over them. ``shares`` and
    ``counts`` (participants, V): the share of coders, and the number of coders, that give each value. ``disagree``:
    observed disagreement, pairs of coders divided by coders less one. The four ``pair`` sums run over pairs of coders
    in order; ``first`` and ``second`` are (participants, pairs, V).
    """

    units: Floats
    agree: Floats
    shares: Floats
    counts: Floats
    disagree: Floats
    pair_units: Floats
    pair_agree: Floats
    first: Floats
    second: Floats

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(**{name: value + getattr(other, name) for name, value in vars(self).items()})

    def drawn(self, weights: Floats) -> "Sums":
        """Return the sums of each draw; ``weights`` is (draws, participants), times that each participant is drawn."""
        return Sums(**{name: np.tensordot(weights, value, axes=1) for name, value in vars(self).items()})


def sums_of(labels: Ints, *, values: int, size: Floats, participant: Ints, participants: int) -> Sums:
    """Return the sums of ``labels``, (units, coders) of values 0 to ``values`` - 1 or ``MISSING``.

    Every unit needs two coders or more.
    """

    def added(rows: Floats) -> Floats:
        total = np.zeros((participants, *rows.shape[1:]))
        np.add.at(total, participant, rows)
        return total

    counts = np.stack([(labels == v).sum(1) for v in range(values)], axis=1).astype(np.float64)
    coders = counts.sum(1)
    same = (counts * (counts - 1)).sum(1)
    pairs = [
        _pair(labels[:, a], labels[:, b], values, size, participant, participants)
        for a, b in combinations(range(labels.shape[1]), 2)
    ]
    return Sums(
        units=added(size), agree=added(size * same / (coders * (coders - 1))),
        shares=added((size / coders)[:, None] * counts), counts=added(size[:, None] * counts),
        disagree=added(size * (coders**2 - (counts**2).sum(1)) / (coders - 1)),
        pair_units=np.stack([p[0] for p in pairs], 1), pair_agree=np.stack([p[1] for p in pairs], 1),
        first=np.stack([p[2] for p in pairs], 1), second=np.stack([p[3] for p in pairs], 1),
    )  # fmt: skip


def _pair(
    one: Ints, two: Ints, values: int, size: Floats, participant: Ints, participants: int
) -> tuple[Floats, Floats, Floats, Floats]:
    both = (one != MISSING) & (two != MISSING)
    one, two, size, participant = one[both], two[both], size[both], participant[both]
    first, second = np.zeros((participants, values)), np.zeros((participants, values))
    np.add.at(first, (participant, one), size)
    np.add.at(second, (participant, two), size)
    agree = np.zeros(participants)
    np.add.at(agree, participant, size * (one == two))
    return first.sum(1), agree, first, second


def percent(sums: Sums) -> Floats:
    """Return the share of agreeing pairs of coders, averaged over units."""
    return over(sums.agree, sums.units)


def fleiss_kappa(sums: Sums) -> Floats:
    """Return Fleiss' kappa (Fleiss 1971, Psychological Bulletin 76; for missing ratings Gwet 2014, section 2.4)."""
    return _corrected(percent(sums), (_shares(sums) ** 2).sum(-1))


def gwet_ac1(sums: Sums) -> Floats:
    """Return AC1 (Gwet 2008, British Journal of Mathematical and Statistical Psychology 61)."""
    shares = _shares(sums)
    values = shares.shape[-1]
    return _corrected(
        percent(sums), (shares * (1 - shares)).sum(-1) / (values - 1) if values > 1 else np.ones(len(shares))
    )


def brennan_prediger(sums: Sums) -> Floats:
    """Return kappa with equal chance for each value.

    Brennan & Prediger (1981), Educational and Psychological Measurement 41, 687.
    """
    values = sums.counts.shape[-1]
    return _corrected(percent(sums), np.full(len(sums.units), 1 / values))


def alpha(sums: Sums) -> Floats:
    """Return nominal alpha (Krippendorff 2019, Content Analysis, 4th ed., section 12.3)."""
    total = sums.counts.sum(-1)
    return 1 - over(sums.disagree, over(total**2 - (sums.counts**2).sum(-1), total - 1))


def cohen_kappas(sums: Sums) -> Floats:
    """Return Cohen's kappa (1960, Educational and Psychological Measurement 20) of each pair, (draws, pairs)."""
    expected = over((sums.first * sums.second).sum(-1), sums.pair_units**2)
    return _corrected(over(sums.pair_agree, sums.pair_units), expected)


def mean_cohen_kappa(sums: Sums) -> Floats:
    """Return the mean of Cohen's kappa over the pairs of coders for whom it is defined."""
    kappas = cohen_kappas(sums)
    defined = ~np.isnan(kappas)
    return over(np.where(defined, kappas, 0.0).sum(-1), defined.sum(-1).astype(np.float64))


def distance_alpha(disagree: Floats, counts: Floats, distances: Floats) -> Floats:
    """Return alpha with a distance between values.

    ``disagree`` (draws,) is the observed disagreement, ``counts`` (draws, V) how often each value is given and
    ``distances`` (V, V) symmetric with a zero diagonal.
    """
    total = counts.sum(-1)
    expected = ((counts @ distances) * counts).sum(-1)
    return 1 - over(disagree, over(expected, total - 1))


def _shares(sums: Sums) -> Floats:
    return over(sums.shares, sums.units[..., None])


def _corrected(observed: Floats, expected: Floats) -> Floats:
    return over(observed - expected, 1 - expected)


def over(above: Floats, below: Floats) -> Floats:
    """Return ``above / below``, NaN where ``below`` is 0."""
    found: Floats = np.divide(
        above, below, out=np.full(np.broadcast(above, below).shape, np.nan), where=np.abs(below) > 1e-12
    )
    return found


# --- Sets of codes as values, and the distances between them.


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
