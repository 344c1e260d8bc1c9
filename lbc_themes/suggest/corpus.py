"""Texts made ready for comparison: their vectors, languages and counted pieces, made once for every use."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lbc_themes.core.records import Language
from lbc_themes.suggest.counts import Counts, Floats, counted_grams
from lbc_themes.suggest.text_language import language_of

Rows = Sequence[int] | NDArray[np.intp]


@dataclass(frozen=True, kw_only=True)
class Corpus:
    """``vectors`` has shape ``(n, dimensions)``; everything else has one row or item a text too."""

    texts: Sequence[str]
    vectors: Floats
    languages: Sequence[Language]
    grams: Counts

    def part(self, rows: Rows) -> "Corpus":
        """Return the texts at ``rows``, in that order."""
        return Corpus(
            texts=[self.texts[i] for i in rows],
            vectors=self.vectors[rows],
            languages=[self.languages[i] for i in rows],
            grams=self.grams.part(rows),
        )

    def by_language(self) -> dict[Language, list[int]]:
        """Return the rows of each language that occurs."""
        rows: dict[Language, list[int]] = {}
        for row, language in enumerate(self.languages):
            rows.setdefault(language, []).append(row)
        return rows


def corpus_of(texts: Sequence[str], vectors: Floats) -> Corpus:
    """Return ``texts`` with what is counted in them."""
    return Corpus(
        texts=texts,
        vectors=np.asarray(vectors, np.float64),
        languages=[language_of(text) for text in texts],
        grams=counted_grams(texts),
    )
