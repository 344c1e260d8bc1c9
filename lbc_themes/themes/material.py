"""What is clustered: texts with their participants, in an order that does not depend on the input's."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Passage
from lbc_themes.encoding import load_encoder
from lbc_themes.segmenting import content_words
from lbc_themes.text.fillers import is_backchannel, without_stage_notes

Texts = Sequence[str] | Sequence[Passage]
Rows = NDArray[np.float32]
Labels = NDArray[np.int64]

_FEWEST_CHARACTERS = 2


@dataclass(frozen=True, kw_only=True)
class Material:
    """Texts, who said them, and their vectors, row by row.

    ``groups`` are participants, "" where unknown. ``vectors`` is (n, d) float32. ``passages`` is empty where plain
    texts were given. ``order`` lists the rows that can be clustered, sorted by text, participant and vector, so that
    shuffled input is clustered the same.
    """

    texts: tuple[str, ...]
    groups: tuple[str, ...]
    vectors: Rows
    passages: tuple[Passage, ...] = ()

    @cached_property
    def words(self) -> tuple[tuple[str, ...], ...]:
        """The content words of each text; a transcriber's notes such as （笑） hold none."""
        return tuple(tuple(content_words(without_stage_notes(text))) for text in self.texts)

    @cached_property
    def order(self) -> NDArray[np.int64]:
        """The positions of texts that say something, in canonical order."""
        says = [i for i, text in enumerate(self.texts) if _says_something(text, self.words[i])]
        says.sort(key=lambda i: (self.texts[i], self.groups[i], self.vectors[i].tobytes()))
        return np.array(says, np.int64)

    @property
    def different(self) -> int:
        """How many different texts say something."""
        return len({self.texts[i] for i in self.order})

    @cached_property
    def roles(self) -> tuple[str, ...]:
        """The role of each text's speaker, "" where plain texts were given."""
        return tuple(str(passage.role) for passage in self.passages) or ("",) * len(self.texts)

    def __len__(self) -> int:
        return len(self.texts)


def material_of(
    passages_or_texts: Texts, vectors: ArrayLike | None, groups: Sequence[object] | None, encoder: str
) -> Material:
    """Return the material of passages or texts.

    Vectors are made with ``encoder`` where none are given; the groups of passages are their transcripts, and a group
    that is None or not a number is an unknown participant.
    """
    texts, passages = _texts(passages_or_texts)
    rows = load_encoder(encoder).encode(texts) if vectors is None else _rows(vectors, len(texts))
    return Material(texts=texts, groups=_groups(groups, passages, len(texts)), vectors=rows, passages=passages)


def is_whole(value: object) -> bool:
    """Say whether ``value`` is a whole number; True and False are none."""
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def _texts(given: Texts) -> tuple[tuple[str, ...], tuple[Passage, ...]]:
    if isinstance(given, str | Mapping) or hasattr(given, "columns") or not isinstance(given, Iterable):
        kind = "one string" if isinstance(given, str) else type(given).__name__
        raise InputError(f"passages_or_texts is {kind}; give a list of texts or of passages")
    items = list(given)
    passages = tuple(item for item in items if isinstance(item, Passage))
    if passages and len(passages) == len(items):
        return tuple(passage.text for passage in passages), passages
    for number, item in enumerate(items):
        if not isinstance(item, str):
            raise InputError(
                f"item {number} is {type(item).__name__}; give a list of texts, or a list of passages from segment()"
            )
    return tuple(str(item) for item in items), ()


def _rows(vectors: ArrayLike, n: int) -> Rows:
    try:
        rows = np.ascontiguousarray(vectors, np.float32)
    except (TypeError, ValueError):
        raise InputError(f"vectors are no numbers in rows; {n} texts need the shape ({n}, dimensions)") from None
    if rows.ndim != 2 or len(rows) != n:
        raise InputError(f"vectors have the shape {rows.shape}; {n} texts need ({n}, dimensions), one row a text")
    bad = np.flatnonzero(~np.isfinite(rows).all(axis=1))
    if len(bad):
        raise InputError(f"vectors, row {bad[0]}: not a finite number; encode that text again")
    return rows


def _groups(groups: Iterable[object] | None, passages: tuple[Passage, ...], n: int) -> tuple[str, ...]:
    if groups is None:
        return tuple(passage.transcript_id for passage in passages) or ("",) * n
    given = [groups] if isinstance(groups, str) else list(groups)
    if len(given) != n:
        raise InputError(f"groups has {len(given)} entries for {n} texts; give one participant a text")
    return tuple("" if group is None or group != group else str(group) for group in given)


def _says_something(text: str, words: Sequence[str]) -> bool:
    if sum(map(len, words)) < _FEWEST_CHARACTERS:
        words = content_words(text)
    return sum(map(len, words)) >= _FEWEST_CHARACTERS and not is_backchannel(text)
