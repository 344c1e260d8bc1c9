"""Which codes claim a theme: from what people coded, or from what a suggester scores."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Claims = tuple[str, ...]
Matrix = NDArray[np.float64]

THIRD = 1 / 3
STANDS_OUT = 0.8
CLEAR = 1.4
NEARLY = 0.6
FIFTH = 0.2
MOST = 3


def claims_of_codings(shares: Matrix, ids: Sequence[str], usual: float = 0.0) -> list[Claims]:
    """Return the codes that claim each theme, leader first, at most three, from shares of its passages (themes, codes).

    A theme is claimed by none where its uncoded passages are a third of it or more, at least as many as any code holds,
    and no fewer than is ``usual``, the uncoded share of all passages: small talk is in every theme. Else the code that
    holds most leads, and codes that hold at least half as much, and a fifth of what is coded, stand beside it. Where
    no code holds a fifth, the three that hold most are named (``none_leads``).
    """
    return [_holders(row, ids, max(THIRD, usual) - 1e-9) for row in shares]


def _holders(row: Matrix, ids: Sequence[str], enough: float) -> Claims:
    ranked = np.argsort(-row, kind="stable")
    uncoded = 1 - row.sum()
    if not len(row) or row[ranked[0]] <= 0 or (uncoded >= enough and uncoded >= row[ranked[0]] - 1e-9):
        return ()
    beside = 0.0 if none_leads(row) else FIFTH * row.sum()
    return tuple(ids[int(i)] for i in ranked[:MOST] if row[i] >= max(beside, row[ranked[0]] / 2) - 1e-9)


def none_leads(shares: Matrix) -> bool:
    """Say whether no code holds a fifth of what is coded of a theme; ``shares`` are those of its passages (codes,)."""
    coded = float(shares.sum())
    return coded > 0 and float(shares.max()) < FIFTH * coded - 1e-9


def claims_of_scores(evidence: Matrix, ids: Sequence[str]) -> list[Claims]:
    """Return the codes that claim each theme, at most three, from mean standardised scores (themes, codes).

    How far a theme's leader stands out is its score plus its lead over the second code. A theme where it stands out by
    less than 0.8 of the median theme, and by less than 1.4 standard deviations, is claimed by none. That is a weak
    sign, see the benchmark hidden_codes; codings tell far better. A second code is beside the leader where it has at
    least six tenths of the leader's score and no other theme scores higher on it.
    """
    if not evidence.size:
        return [()] * len(evidence)
    out = np.array([_standing_out(row) for row in evidence])
    line = max(0.0, min(CLEAR, STANDS_OUT * float(np.median(out))))
    return [_claims(evidence, at, ids) if out[at] > line else () for at in range(len(evidence))]


def _standing_out(row: Matrix) -> float:
    ranked = np.sort(row)[::-1]
    return float(2 * ranked[0] - (ranked[1] if len(ranked) > 1 else 0.0))


def _claims(evidence: Matrix, at: int, ids: Sequence[str]) -> Claims:
    row = evidence[at]
    ranked = np.argsort(-row, kind="stable")
    first = int(ranked[0])
    beside = [int(i) for i in ranked[1:] if row[i] >= NEARLY * row[first] and int(evidence[:, i].argmax()) == at]
    return tuple(ids[i] for i in (first, *beside)[:MOST])
