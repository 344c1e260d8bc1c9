"""What callers give the suggester, checked and brought to one form before anything is learned from it."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Passage
from lbc_themes.suggest.counts import Floats

PLAIN = "texts must be a list of strings, one for each passage; a single string is not taken"


def texts_of(texts: Sequence[str]) -> list[str]:
    """Return the texts as a list; a column of a table or an array of one dimension is taken too.

    Refuses a single string, a whole table, and, by its place, an item that is not a string.
    """
    if isinstance(texts, str | bytes | Mapping) or hasattr(texts, "columns") or not hasattr(texts, "__iter__"):
        raise InputError(PLAIN)
    found = list(texts)
    for place, text in enumerate(found):
        if not isinstance(text, str):
            raise InputError(f"{PLAIN}; texts[{place}] is {_short(text)}")
    return [str(text) for text in found]


def texts_of_passages(passages: Sequence[Passage]) -> list[str]:
    """Return the text of each passage; refuses what is no passage."""
    for place, passage in enumerate(passages):
        if not isinstance(passage, Passage):
            raise InputError(
                f"passages[{place}] is {_short(passage)}, not a Passage; make passages with segment(...),"
                " or give bare texts to rank or predict_proba"
            )
    return [passage.text for passage in passages]


def groups_of(groups: Sequence[object] | None, n_texts: int) -> list[str] | None:
    """Return the group of each text as a string, which a saved suggester has too; None where none are given.

    Refuses another number of groups, and one that is missing (None or not a number).
    """
    if groups is None:
        return None
    if isinstance(groups, str) or not hasattr(groups, "__iter__") or hasattr(groups, "columns"):
        raise InputError(f"groups must be a list with one participant for each text, not {_short(groups)}")
    found = list(groups)
    if len(found) != n_texts:
        raise InputError(f"{n_texts} texts but {len(found)} groups; give one participant for each text")
    for place, group in enumerate(found):
        if group is None or group != group:
            raise InputError(
                f"groups[{place}] is {_short(group)}; name the participant of each text, or leave groups out"
            )
    return [str(group) for group in found]


def vectors_of(vectors: Any, n_texts: int, dimensions: int) -> Floats:  # noqa: ANN401 (whatever numpy takes)
    """Return vectors of shape ``(n_texts, dimensions)``; refuses any other shape and what is not a finite number."""
    found = np.asarray(vectors)
    if len(found) != n_texts:
        raise InputError(f"{n_texts} texts but {len(found)} vectors; give one vector for each text")
    if found.shape != (n_texts, dimensions) or not np.isfinite(found).all():
        raise InputError(
            f"vectors must be finite numbers of shape ({n_texts}, {dimensions}), as this encoder makes them;"
            f" got shape {found.shape}"
        )
    return found.astype(np.float64)


def _short(value: object) -> str:
    shown = " ".join(repr(value).split())
    return shown if len(shown) <= 40 else f"{shown[:40]}…"
