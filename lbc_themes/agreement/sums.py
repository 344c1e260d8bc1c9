"""Sums over units, kept apart by participant, from which every chance-corrected measure follows.

Each sum is additive, so that a bootstrap draw over participants is a weighted sum of what is kept here, and codes can
be pooled by adding their sums.
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from lbc_themes.agreement.arrays import Floats, Ints

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
