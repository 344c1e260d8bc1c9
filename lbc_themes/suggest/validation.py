"""What callers give the suggester, checked and brought to one form before anything is learned from it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import message
from lbc_themes.core.records import Passage
from lbc_themes.suggest.tfidf import Floats


@dataclass(frozen=True, kw_only=True)
class TextsInContext:
    """Texts that were checked, each with the question it answers and the role of its speaker, "" where not known."""

    texts: list[str]
    questions: list[str]
    speakers: list[str]

    def part(self, rows: slice) -> "TextsInContext":
        """Return the texts at ``rows``."""
        return TextsInContext(texts=self.texts[rows], questions=self.questions[rows], speakers=self.speakers[rows])

    def and_then(self, further: "TextsInContext") -> "TextsInContext":
        """Return these texts and ``further`` ones after them."""
        return TextsInContext(
            texts=self.texts + further.texts,
            questions=self.questions + further.questions,
            speakers=self.speakers + further.speakers,
        )


Texts = Sequence[str] | Sequence[Passage] | TextsInContext
"""What is coded: bare strings, or passages, which bring the question they answer and who speaks."""


def in_context(texts: Texts) -> TextsInContext:
    """Return ``texts`` with their context; bare strings have none.

    A column or a table of one column and an array of one dimension, or of two with one column, are taken too. Raises
    InputError for a single string, a table of several columns, and, by its place, an item that is neither a string nor
    a passage.
    """
    if isinstance(texts, TextsInContext):
        return texts
    if isinstance(texts, str | bytes | Mapping) or not hasattr(texts, "__iter__"):
        raise InputError(message("suggest.texts_type"))
    items = _single_column(texts)
    for place, item in enumerate(items):
        if not isinstance(item, str | Passage):
            raise InputError(
                message("suggest.text_type", plain=message("suggest.texts_type"), place=place, given=_short(item))
            )
    return TextsInContext(
        texts=[item.text if isinstance(item, Passage) else str(item) for item in items],
        questions=[item.question if isinstance(item, Passage) else "" for item in items],
        speakers=[item.role.value if isinstance(item, Passage) else "" for item in items],
    )


def _single_column(texts: Any) -> list[Any]:  # noqa: ANN401 (a list, an array, a column or a table)
    if hasattr(texts, "columns"):
        if len(texts.columns) != 1:
            names = ", ".join(str(name) for name in list(texts.columns)[:5])
            raise InputError(message("suggest.several_columns", plain=message("suggest.texts_type"), names=names))
        return list(texts[texts.columns[0]])
    if isinstance(texts, np.ndarray) and texts.ndim == 2 and texts.shape[1] == 1:
        return list(texts[:, 0])
    return list(texts)


def only_passages(passages: Sequence[Passage]) -> Sequence[Passage]:
    """Return ``passages``. Raises InputError for what is no passage."""
    for place, passage in enumerate(passages):
        if not isinstance(passage, Passage):
            raise InputError(message("suggest.passage_type", place=place, given=_short(passage)))
    return passages


def groups_of(groups: Sequence[object] | None, n_texts: int) -> list[str] | None:
    """Return the group of each text as a string, which a saved suggester has too; None where none are given.

    Refuses another number of groups, and one that is missing (None or not a number).
    """
    if groups is None:
        return None
    if isinstance(groups, str) or not hasattr(groups, "__iter__") or hasattr(groups, "columns"):
        raise InputError(message("suggest.groups_type", given=_short(groups)))
    found = list(groups)
    if len(found) != n_texts:
        raise InputError(message("suggest.groups_count", texts=n_texts, groups=len(found)))
    for place, group in enumerate(found):
        if group is None or group != group:
            raise InputError(message("suggest.group_type", place=place, given=_short(group)))
    return [str(group) for group in found]


def vectors_of(vectors: Any, n_texts: int, dimensions: int) -> Floats:  # noqa: ANN401 (whatever numpy takes)
    """Return vectors of shape ``(n_texts, dimensions)``; refuses any other shape and what is not a finite number."""
    found = np.asarray(vectors)
    if len(found) != n_texts:
        raise InputError(message("suggest.vectors_count", texts=n_texts, vectors=len(found)))
    if found.shape != (n_texts, dimensions) or not np.isfinite(found).all():
        raise InputError(message("suggest.vectors_shape", texts=n_texts, dimensions=dimensions, shape=str(found.shape)))
    return found.astype(np.float64)


def _short(value: object) -> str:
    shown = " ".join(repr(value).split())
    return shown if len(shown) <= 40 else f"{shown[:40]}…"


# --- Coded texts as the suggester takes them: code sets or a 0/1 array, checked and brought to one form.

CodeSets = Sequence[Iterable[str]] | NDArray[Any]


@dataclass(frozen=True, kw_only=True)
class CodedTexts:
    """Coded texts that were checked; ``targets`` have shape ``(n, codes)``, ``vectors`` ``(n, dimensions)``."""

    texts: TextsInContext
    targets: Floats
    groups: list[str] | None
    vectors: Floats

    def part(self, rows: slice) -> "CodedTexts":
        """Return the texts at ``rows``."""
        groups = None if self.groups is None else self.groups[rows]
        return CodedTexts(
            texts=self.texts.part(rows), targets=self.targets[rows], groups=groups, vectors=self.vectors[rows]
        )


def targets_of(code_sets: CodeSets, codes: Sequence[str], n_texts: int) -> Floats:
    """Return 0/1 targets of shape ``(n_texts, codes)``.

    ``code_sets`` is one collection of code ids a text (empty: coded, and nothing applies), or an array of 0 and 1 of
    that shape already, which may be sparse or a table whose columns are named as the codes, in any order. Refuses ids
    that are not codes and any other length.
    """
    if hasattr(code_sets, "columns"):
        return _from_array(_ordered(code_sets, codes), codes, n_texts)
    array = code_sets.toarray() if hasattr(code_sets, "toarray") else code_sets
    if isinstance(array, np.ndarray) and array.ndim == 2:
        return _from_array(array, codes, n_texts)
    if isinstance(array, str | Mapping) or not hasattr(array, "__iter__"):
        raise InputError(message("suggest.code_sets_type", given=array))
    sets = list(array)
    if len(sets) != n_texts:
        raise InputError(message("suggest.code_sets_count", texts=n_texts, sets=len(sets)))
    position = {code: i for i, code in enumerate(codes)}
    targets = np.zeros((n_texts, len(codes)))
    for row, chosen in enumerate(sets):
        targets[row, _places(row, chosen, position)] = 1
    return targets


def _places(row: int, chosen: Any, position: dict[str, int]) -> list[int]:  # noqa: ANN401 (from outside)
    if isinstance(chosen, str):
        raise InputError(message("suggest.code_set_is_string", row=row, given=str(chosen)))
    if not hasattr(chosen, "__iter__"):
        raise InputError(message("suggest.code_set_type", row=row, given=chosen))
    codes = list(chosen)
    for code in codes:
        if not isinstance(code, str) or code not in position:
            known = ", ".join(list(position)[:8])
            array = "" if isinstance(code, str) else "; zeros and ones are given as an array: np.array(code_sets)"
            raise InputError(message("suggest.unknown_code_in_set", row=row, code=code, known=known, array=array))
    return [position[code] for code in codes]


def _ordered(table: Any, codes: Sequence[str]) -> NDArray[Any]:  # noqa: ANN401 (a pandas or polars table)
    if sorted(map(str, table.columns)) != sorted(codes):
        unknown = [str(name) for name in table.columns if name not in codes]
        raise InputError(
            message("suggest.table_of_codes", codes=len(codes), unknown=unknown[:8] or message("core.none"))
        )
    return np.asarray(table[list(codes)])


def _from_array(array: NDArray[Any], codes: Sequence[str], n_texts: int) -> Floats:
    if array.shape != (n_texts, len(codes)) or not np.isin(array, (0, 1)).all():
        raise InputError(message("suggest.array_of_codes", texts=n_texts, codes=len(codes), shape=str(array.shape)))
    return array.astype(np.float64)
