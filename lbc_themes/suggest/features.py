"""One space for texts: dense vectors, character n-grams and words, joined in a kernel."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lbc_themes.core.records import Language
from lbc_themes.suggest.tfidf import Counts, Floats, Sparse, TfIdf, counted_grams, overlap

# --- Which of the two languages a text is in.

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_LATIN_WORD = re.compile(r"[A-Za-z]+")


def language_of(text: str) -> Language:
    """Return "en" where ``text`` has more Latin words than Chinese characters, else "zh".

    >>> language_of("我也不知道 OK"), language_of("I don't know, 奶奶 said")
    ('zh', 'en')
    """
    return "en" if len(_LATIN_WORD.findall(text)) > len(_HAN.findall(text)) else "zh"


# --- Texts made ready for comparison: their vectors, languages and counted pieces, made once for every use.

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


MEAN_REMOVED = 0.75
"""The share of a language's mean vector that is taken away: E5's vectors lie in a narrow cone, and all of the mean
is too much where one topic rules a corpus (measured on two data sets, docs/benchmarks.md)."""

OUTPUTS_AT_ONCE = 64

Views = tuple[Floats, Sparse]
Spread = tuple[Floats, Floats]


def without_mean(vectors: Floats, mean: Floats) -> Floats:
    """Return ``vectors`` less a share of ``mean``, of unit length; zero rows stay zero."""
    blank = ~vectors.any(axis=1)
    moved = vectors - MEAN_REMOVED * mean
    moved[blank] = 0
    unit: Floats = moved / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-12)
    return unit


class TextSpace:
    """Learns the weights of pieces and each language's mean vector; gives similarities to the texts it was fitted on.

    The similarity of two texts is ``dense * cosine of vectors + gram * cosine of n-gram TF-IDF``, with sublinear term
    frequency; the weights add up to one, so that a text is 1 to itself.
    """

    def __init__(self, *, dense: float = 0.4, gram: float = 0.6) -> None:
        """Remember the weights of the two views."""
        self.dense, self.gram = dense, gram

    def fit(self, corpus: Corpus) -> "TextSpace":
        """Learn from the texts of ``corpus``."""
        rows = corpus.by_language()
        self.means_: dict[Language, Floats] = {
            language: corpus.vectors[rows[language]].mean(axis=0) for language in rows
        }
        self.grams_ = TfIdf().fit(corpus.grams)
        self.views_ = self.views(corpus)
        return self

    def extended(self, corpus: Corpus) -> "TextSpace":
        """Return a space that holds the texts of ``corpus`` too, with the weights and means learned before."""
        import scipy.sparse

        longer = TextSpace(dense=self.dense, gram=self.gram)
        longer.means_, longer.grams_ = self.means_, self.grams_
        new = self.views(corpus)
        longer.views_ = (
            np.vstack([self.views_[0], new[0]]),
            scipy.sparse.vstack([self.views_[1], new[1]]).tocsr(),
        )
        return longer

    def views(self, corpus: Corpus) -> Views:
        """Return the texts of ``corpus`` as this space sees them, for ``kernel`` and ``told``."""
        moved = np.zeros_like(corpus.vectors)
        for language, rows in corpus.by_language().items():
            here = corpus.vectors[rows]
            moved[rows] = without_mean(here, self.means_.get(language, next(iter(self.means_.values()))))
        return moved, self.grams_.transform(corpus.grams)

    def own_kernel(self) -> Floats:
        """Return the similarities of the fitted texts among themselves, shape ``(n, n)``."""
        return self.kernel(self.views_)

    def kernel(self, views: Views, fitted: Rows | None = None) -> Floats:
        """Return similarities to the fitted texts, or to those at the rows ``fitted``: shape ``(len(views), n)``."""
        dense, grams = self.views_ if fitted is None else (self.views_[0][fitted], self.views_[1][fitted])
        kernel: Floats = self.dense * (views[0] @ dense.T)
        kernel += self.gram * overlap(views[1], grams)
        return kernel

    def told(self, views: Views, answers: Floats) -> Floats:
        """Return ``kernel(views) @ answers`` for ``answers`` of shape ``(n, outputs)``, without making the kernel."""
        told = np.zeros((views[0].shape[0], answers.shape[1]))
        for start in range(0, answers.shape[1], OUTPUTS_AT_ONCE):
            some = slice(start, start + OUTPUTS_AT_ONCE)
            told[:, some] = told_by(views, self.spread(answers[:, some]))
        return told

    def spread(self, answers: Floats) -> Spread:
        """Return ``answers`` spread over the columns of each view, to be kept where they are asked for often."""
        return self.dense * (self.views_[0].T @ answers), self.gram * (self.views_[1].T @ answers)


def told_by(views: Views, spread: Spread) -> Floats:
    """Return what ``told`` returns, from answers that were spread before."""
    told: Floats = sum(view @ part for view, part in zip(views, spread, strict=True))
    return told
