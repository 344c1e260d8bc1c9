"""Coded texts as the suggester takes them: code sets or a 0/1 array, checked and brought to one form."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lbc_themes.errors import InputError
from lbc_themes.suggest.stacking import Floats

CodeSets = Sequence[Iterable[str]] | NDArray[Any]


def targets_of(code_sets: CodeSets, codes: Sequence[str], n_texts: int) -> Floats:
    """Return 0/1 targets of shape ``(n_texts, codes)``.

    ``code_sets`` is one collection of code ids a text (empty: coded, and nothing applies), or an array of 0 and 1 of
    that shape already. Refuses ids that are not codes and any other length.
    """
    if isinstance(code_sets, np.ndarray) and code_sets.ndim == 2:
        return _from_array(code_sets, codes, n_texts)
    sets = list(code_sets)
    if len(sets) != n_texts:
        raise InputError(f"{n_texts} texts but {len(sets)} code sets; give one collection of code ids for each text")
    position = {code: i for i, code in enumerate(codes)}
    targets = np.zeros((n_texts, len(codes)))
    for row, chosen in enumerate(sets):
        if isinstance(chosen, str):
            raise InputError(
                f"code_sets[{row}] is the string {chosen!r}; give a collection of code ids, e.g. [{chosen!r}]"
            )
        for code in chosen:
            if code not in position:
                raise InputError(
                    f"code_sets[{row}] names {code!r}, which is not a code; codes: {', '.join(codes[:8])}, ..."
                )
            targets[row, position[code]] = 1
    return targets


def _from_array(
    array: "np.ndarray[tuple[int, ...], np.dtype[np.generic]]", codes: Sequence[str], n_texts: int
) -> Floats:
    if array.shape != (n_texts, len(codes)) or not np.isin(array, (0, 1)).all():
        raise InputError(
            f"an array of codes must hold 0 and 1 in the shape ({n_texts}, {len(codes)}); got shape {array.shape}"
        )
    return array.astype(np.float64)
