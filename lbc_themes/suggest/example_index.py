"""The nearest example or coded passage of a code, found without walking through all of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from lbc_themes.records import Language
from lbc_themes.suggest.code_texts import Shown
from lbc_themes.suggest.stacking import Floats


@dataclass(frozen=True, kw_only=True)
class Nearest:
    """The nearest text of a code, and how many of the text's ten nearest carry the code."""

    row: int
    among_ten: int


def rows_of_examples(examples: Sequence[Shown], codes: int, language: Language) -> list[list[int]]:
    """Return for each code the rows of the codebook's own examples in ``language``."""
    rows: list[list[int]] = [[] for _ in range(codes)]
    for row, example in enumerate(examples):
        if example.own and example.language == language:
            rows[example.codes[0]].append(row)
    return rows


def rows_of_targets(targets: Floats) -> list[list[int]]:
    """Return for each code the rows of the coded texts that carry it."""
    return [np.flatnonzero(column).tolist() for column in targets.T]


def nearest(similar: Floats, rows: Sequence[int], ten: Iterable[int]) -> Nearest | None:
    """Return the nearest of ``rows`` by ``similar``, or None where there are none."""
    if not len(rows):
        return None
    best = rows[int(np.argmax(similar[rows]))]
    return Nearest(row=best, among_ten=len(set(rows) & set(ten)))
