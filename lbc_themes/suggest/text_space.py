"""One space for texts: dense vectors, character n-grams and words, joined in a kernel."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lbc_themes.records import Language
from lbc_themes.suggest.analyzers import grams, words
from lbc_themes.suggest.text_language import language_of
from lbc_themes.suggest.weights import weighed

Floats = NDArray[np.float64]

MEAN_REMOVED = 0.75
"""The share of a language's mean vector that is taken away: E5's vectors lie in a narrow cone, and all of the mean
is too much where one topic rules a corpus (measured on two data sets, docs/benchmarks.md)."""


def without_mean(vectors: Floats, mean: Floats) -> Floats:
    """Return ``vectors`` less a share of ``mean``, of unit length; zero rows stay zero."""
    blank = ~vectors.any(axis=1)
    moved = vectors - MEAN_REMOVED * mean
    moved[blank] = 0
    unit: Floats = moved / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-12)
    return unit


class TextSpace:
    """Learns the weights of pieces and each language's mean vector; gives similarities to the texts it was fitted on.

    The similarity of two texts is ``dense * cosine of vectors + gram * cosine of n-gram TF-IDF + word * cosine of word
    TF-IDF``, with sublinear term frequency; the weights add up to one, so that a text is 1 to itself.
    """

    def __init__(self, *, dense: float = 0.4, gram: float = 0.4, word: float = 0.2) -> None:
        """Remember the weights of the three views."""
        self.dense, self.gram, self.word = dense, gram, word

    def fit(self, texts: Sequence[str], vectors: Floats) -> "TextSpace":
        """Learn from ``texts`` and their vectors of shape ``(n, dimensions)``."""
        self.means_: dict[Language, Floats] = {}
        languages = np.array([language_of(text) for text in texts])
        for language in sorted(set(languages)):
            self.means_[language] = vectors[languages == language].mean(axis=0)
        self.grams_, by_gram = weighed(grams, texts)
        self.words_, by_word = weighed(words, texts)
        self.views_ = (self._moved(languages.tolist(), vectors), by_gram, by_word)
        return self

    def extended(self, texts: Sequence[str], vectors: Floats) -> "TextSpace":
        """Return a space that holds ``texts`` too, with the weights and means learned before."""
        import scipy.sparse

        longer = TextSpace(dense=self.dense, gram=self.gram, word=self.word)
        longer.means_, longer.grams_, longer.words_ = self.means_, self.grams_, self.words_
        new = self._views(texts, vectors)
        longer.views_ = (
            np.vstack([self.views_[0], new[0]]),
            *(scipy.sparse.vstack([old, added]).tocsr() for old, added in zip(self.views_[1:], new[1:], strict=True)),
        )
        return longer

    def _views(self, texts: Sequence[str], vectors: Floats) -> Any:  # noqa: ANN401 (scipy's sparse matrices have no types)
        moved = self._moved([language_of(text) for text in texts], vectors)
        return moved, self.grams_.transform(texts), self.words_.transform(texts)

    def _moved(self, languages: list[Language], vectors: Floats) -> Floats:
        moved = np.zeros_like(vectors, dtype=np.float64)
        for language in set(languages):
            rows = [i for i, found in enumerate(languages) if found == language]
            here = vectors[rows].astype(np.float64)
            moved[rows] = without_mean(here, self.means_.get(language, here.mean(axis=0)))
        return moved

    def _similar(self, views: tuple[Floats, object, object]) -> Floats:
        kernel: Floats = self.dense * (views[0] @ self.views_[0].T)
        for weight, here, there in zip((self.gram, self.word), views[1:], self.views_[1:], strict=True):
            kernel += weight * (here @ there.T).toarray()
        return kernel

    def own_kernel(self) -> Floats:
        """Return the similarities of the fitted texts among themselves, shape ``(n, n)``."""
        return self._similar(self.views_)

    def kernel(self, texts: Sequence[str], vectors: Floats) -> Floats:
        """Return the similarities of ``texts`` to the fitted ones, shape ``(len(texts), n)``."""
        return self._similar(self._views(texts, vectors))
