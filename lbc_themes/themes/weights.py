"""How much of each passage belongs to each code."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Codebook

Weights = NDArray[np.float64]


def weights_of_codes(codes: Sequence[Sequence[str]], codebook: Codebook, n: int) -> Weights:
    """Return (n, codes): a passage counts once, shared evenly between the codes that people put on it."""
    if len(codes) != n:
        raise InputError(f"codes has {len(codes)} entries for {n} passages; give one sequence of code ids a passage")
    at = {code_id: column for column, code_id in enumerate(codebook.ids)}
    weights = np.zeros((n, len(codebook)))
    for row, own in enumerate(codes):
        ids = sorted({own} if isinstance(own, str) else set(own))
        for code_id in ids:
            weights[row, at[codebook[code_id].id]] = 1 / len(ids)
    return weights


def checked_scores(scores: object, ids: Sequence[str], n: int, codebook: Codebook) -> Weights:
    """Return a suggester's scores with the codebook's columns, each standardised over the texts."""
    found = np.asarray(scores, np.float64)
    if found.shape != (n, len(ids)):
        raise InputError(f"rank gave the shape {found.shape}; {n} texts and {len(ids)} codes were expected")
    lacking = [code_id for code_id in codebook.ids if code_id not in set(ids)]
    if lacking:
        raise InputError(
            f"the suggester does not score {', '.join(lacking[:5])} of codebook {codebook.id}; make it from it"
        )
    columns = found[:, [list(ids).index(code_id) for code_id in codebook.ids]]
    spread = columns.std(axis=0)
    standard: Weights = (columns - columns.mean(axis=0)) / np.where(spread > 1e-12, spread, 1.0)
    return standard


def weights_of_scores(standard: Weights, clustered: NDArray[np.int64], n: int) -> Weights:
    """Return (n, codes): a clustered passage belongs to the code with its highest standardised score."""
    weights = np.zeros((n, standard.shape[1]))
    if len(clustered) and standard.shape[1]:
        weights[clustered, standard.argmax(axis=1)] = 1.0
    return weights
