"""Which examples and coded passages are nearest, found for all passages at once."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from lbc_themes.core.records import Language
from lbc_themes.suggest.code_texts import Shown
from lbc_themes.suggest.stacking import Floats

NEIGHBOURS = 10

Ints = NDArray[np.intp]
Bools = NDArray[np.bool_]
Similar = Callable[[Ints, Ints], Floats]
"""Takes positions of texts and of examples, returns their similarities, shape ``(texts, examples)``."""


def own_examples(examples: Sequence[Shown]) -> Ints:
    """Return the positions of the examples that stand in the codebook's entries, and may be quoted."""
    return np.array([row for row, example in enumerate(examples) if example.own], np.intp)


def columns_by_code(examples: Sequence[Shown], codes: int, language: Language) -> list[Ints]:
    """Return for each code the positions of its ``own_examples`` in ``language``."""
    columns: list[list[int]] = [[] for _ in range(codes)]
    for row in own_examples(examples).tolist():
        if examples[row].language == language:
            columns[examples[row].codes[0]].append(row)
    return [np.array(found, np.intp) for found in columns]


def nearest_by_code(best: Ints, asked: Bools, columns: Sequence[Ints], similar: Similar) -> Ints:
    """Return for each text and each of its codes in ``best`` the one of the code's ``columns`` that is nearest.

    ``best`` and ``asked``, which says where an answer is wanted, have shape ``(n, top)``, and so has what is returned:
    -1 where nothing was asked or the code has no columns.
    """
    found = np.full(best.shape, -1, np.intp)
    for code in np.unique(best[asked]).tolist():
        rows, places = np.nonzero((best == code) & asked)
        if len(columns[code]):
            found[rows, places] = columns[code][similar(rows, columns[code]).argmax(axis=1)]
    return found


def carried_by_nearest(similar: Floats, targets: Floats) -> Floats:
    """Return how many of the ten coded passages nearest to each text carry each code, shape ``(n, codes)``.

    ``similar`` has shape ``(n, coded)``, ``targets`` ``(coded, codes)``.
    """
    import scipy.sparse

    count = similar.shape[1]
    kept = min(NEIGHBOURS, count)
    ten = np.argpartition(-similar, kept - 1, axis=1)[:, :kept]
    chosen = scipy.sparse.csr_array(
        (np.ones(ten.size), ten.ravel(), np.arange(0, ten.size + 1, kept)), shape=similar.shape
    )
    carried: Floats = chosen @ targets
    return carried
