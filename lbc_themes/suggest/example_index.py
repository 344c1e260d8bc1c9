"""Which examples and coded passages are nearest, found for all passages at once."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lbc_themes.records import Language
from lbc_themes.suggest.code_texts import Shown
from lbc_themes.suggest.stacking import Floats

NEIGHBOURS = 10


def own_examples(examples: Sequence[Shown]) -> list[int]:
    """Return the positions of the examples that stand in the codebook's entries, and may be quoted."""
    return [row for row, example in enumerate(examples) if example.own]


def columns_by_code(examples: Sequence[Shown], codes: int, language: Language) -> list[NDArray[np.intp]]:
    """Return for each code the positions, among its own ``examples``, of those in ``language``."""
    columns: list[list[int]] = [[] for _ in range(codes)]
    for column, example in enumerate(examples):
        if example.language == language:
            columns[example.codes[0]].append(column)
    return [np.array(found, np.intp) for found in columns]


def nearest(similar: Floats, columns: NDArray[np.intp]) -> int | None:
    """Return the one of ``columns`` where ``similar``, of one text, is greatest; None where there are none."""
    return int(columns[np.argmax(similar[columns])]) if len(columns) else None


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
