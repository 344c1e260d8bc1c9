"""Which codes claim a theme: from what people coded, or from what a suggester scores."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Claims = tuple[str, ...]
Matrix = NDArray[np.float64]

THIRD = 1 / 3
STANDS_OUT = 3.0
NEARLY = 0.6


def claims_of_codings(shares: Matrix, ids: Sequence[str]) -> list[Claims]:
    """Return the codes that claim each theme, leader first, from shares of its passages (themes, codes).

    A theme is claimed by none where its uncoded passages are a third of it or more and at least as many as any code
    holds. Else the code that holds most leads, and codes that hold at least half as much as it does stand beside it.
    """
    return [_holders(row, ids) for row in shares]


def _holders(row: Matrix, ids: Sequence[str]) -> Claims:
    ranked = np.argsort(-row, kind="stable")
    uncoded = 1 - row.sum()
    if not len(row) or row[ranked[0]] <= 0 or (uncoded >= THIRD - 1e-9 and uncoded >= row[ranked[0]] - 1e-9):
        return ()
    return tuple(ids[int(i)] for i in ranked if row[i] >= row[ranked[0]] / 2 - 1e-9)


def claims_of_scores(evidence: Matrix, ids: Sequence[str]) -> list[Claims]:
    """Return the codes that claim each theme, leader first, from its mean standardised scores (themes, codes).

    How far the leader stands out is its score, plus its lead over the second code, plus its lead over the theme where
    it scores next best. A theme whose leader stands out by less than 3 is claimed by none: the codebook's codes all
    fit it a little. The line was set on one study (17 interview questions as codes, four hidden at a time) where seven
    of ten themes of hidden codes fall below it. A second code is beside the leader where it has at least six tenths of
    the leader's score and no other theme scores higher on it.
    """
    return [_claims(evidence, at, ids) for at in range(len(evidence))]


def _claims(evidence: Matrix, at: int, ids: Sequence[str]) -> Claims:
    row = evidence[at]
    if not len(row):
        return ()
    ranked = np.argsort(-row, kind="stable")
    first = int(ranked[0])
    second = float(row[ranked[1]]) if len(row) > 1 else 0.0
    elsewhere = np.delete(evidence[:, first], at)
    lead = row[first] - (float(elsewhere.max()) if len(elsewhere) else 0.0)
    if row[first] + (row[first] - second) + lead < STANDS_OUT:
        return ()
    beside = [int(i) for i in ranked[1:] if row[i] >= NEARLY * row[first] and int(evidence[:, i].argmax()) == at]
    return tuple(ids[i] for i in (first, *beside))
