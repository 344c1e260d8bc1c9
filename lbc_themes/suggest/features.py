"""Texts with their context as features: languages, vectors, counted pieces, and similarities view by view."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lbc_themes.core.records import Language
from lbc_themes.encoding import MEAN_REMOVED
from lbc_themes.suggest.tfidf import Counts, Floats, Ints, Sparse, TfIdf, counted_grams, counted_words, overlap

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
    """Texts with their context. ``vectors`` has shape ``(n, dimensions)``; everything has one row or item a text.

    ``questions`` holds the distinct questions that the texts answer and ``asked`` the row of each text's question
    among them, -1 where it has none; both are None where no text has a question. ``speakers`` names who says each
    text ("" where that is not known). ``mean_removed`` is how much of their mean the vectors' encoder wants taken off.
    """

    texts: Sequence[str]
    vectors: Floats
    languages: Sequence[Language]
    grams: Counts
    questions: "Corpus | None" = None
    asked: Ints | None = None
    speakers: Sequence[str] = ()
    mean_removed: float = MEAN_REMOVED

    @cached_property
    def words(self) -> Counts:
        """The counted words of each text; cutting takes time, so it is done when first asked for."""
        return counted_words(self.texts)

    def part(self, rows: Rows) -> "Corpus":
        """Return the texts at ``rows``, in that order."""
        return Corpus(
            texts=[self.texts[i] for i in rows],
            vectors=self.vectors[rows],
            languages=[self.languages[i] for i in rows],
            grams=self.grams.part(rows),
            questions=self.questions,
            asked=None if self.asked is None else self.asked[rows],
            speakers=[self.speakers[i] for i in rows] if self.speakers else (),
            mean_removed=self.mean_removed,
        )

    def by_language(self) -> dict[Language, list[int]]:
        """Return the rows of each language that occurs."""
        rows: dict[Language, list[int]] = {}
        for row, language in enumerate(self.languages):
            rows.setdefault(language, []).append(row)
        return rows


def corpus_of(
    texts: Sequence[str],
    vectors: Floats,
    *,
    questions: Sequence[str] = (),
    question_vectors: Mapping[str, NDArray[Any]] | None = None,
    speakers: Sequence[str] = (),
    mean_removed: float = MEAN_REMOVED,
) -> Corpus:
    """Return ``texts`` with what is counted in them.

    ``questions`` has one question a text, "" for none, and ``question_vectors`` the vector of each that occurs;
    ``speakers`` one name a text. ``mean_removed`` is that of the encoder that made the vectors.
    """
    distinct = [question for question in dict.fromkeys(questions) if question]
    at = {question: row for row, question in enumerate(distinct)}
    held = question_vectors or {}
    vectors_asked = np.array([held[question] for question in distinct])
    return Corpus(
        texts=texts,
        vectors=np.asarray(vectors, np.float64),
        languages=[language_of(text) for text in texts],
        grams=counted_grams(texts),
        questions=corpus_of(distinct, vectors_asked, mean_removed=mean_removed) if distinct else None,
        asked=np.array([at.get(question, -1) for question in questions], np.intp) if distinct else None,
        speakers=list(speakers),
        mean_removed=mean_removed,
    )


# --- One space for texts: dense vectors and character n-grams, joined in a kernel.

OUTPUTS_AT_ONCE = 64

TextRows = tuple[Floats, Sparse]
Projection = tuple[Floats, Floats]
Means = dict[Language, Floats]


def without_mean(vectors: Floats, mean: Floats, share: float) -> Floats:
    """Return ``vectors`` less a ``share`` of ``mean``, of unit length; zero rows stay zero."""
    blank = ~vectors.any(axis=1)
    moved = vectors - share * mean
    moved[blank] = 0
    unit: Floats = moved / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-12)
    return unit


def means_of(corpus: Corpus) -> Means:
    """Return the mean vector of the texts of each language."""
    return {language: corpus.vectors[rows].mean(axis=0) for language, rows in corpus.by_language().items()}


def centred_vectors(corpus: Corpus, means: Means) -> Floats:
    """Return the vectors less a share of their language's mean, of unit length; shape ``(n, dimensions)``."""
    moved = np.zeros_like(corpus.vectors)
    for language, rows in corpus.by_language().items():
        mean = means.get(language, next(iter(means.values())))
        moved[rows] = without_mean(corpus.vectors[rows], mean, corpus.mean_removed)
    return moved


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
        self.means_ = means_of(corpus)
        self.grams_ = TfIdf().fit(corpus.grams)
        self.rows_ = self.rows(corpus)
        return self

    def rows(self, corpus: Corpus) -> TextRows:
        """Return the texts of ``corpus`` as this space sees them, for ``kernel`` and ``scores``."""
        return centred_vectors(corpus, self.means_), self.grams_.transform(corpus.grams)

    def own_kernel(self) -> Floats:
        """Return the similarities of the fitted texts among themselves, shape ``(n, n)``."""
        return self.kernel(self.rows_)

    def kernel(self, rows: TextRows, fitted: Rows | None = None) -> Floats:
        """Return similarities to the fitted texts, or to those at the rows ``fitted``: shape ``(len(rows), n)``."""
        dense, grams = self.rows_ if fitted is None else (self.rows_[0][fitted], self.rows_[1][fitted])
        kernel: Floats = self.dense * (rows[0] @ dense.T)
        kernel += self.gram * overlap(rows[1], grams)
        return kernel

    def scores(self, rows: TextRows, weights: Floats) -> Floats:
        """Return ``kernel(rows) @ weights`` for ``weights`` of shape ``(n, outputs)``, without making the kernel."""
        found = np.zeros((rows[0].shape[0], weights.shape[1]))
        for start in range(0, weights.shape[1], OUTPUTS_AT_ONCE):
            some = slice(start, start + OUTPUTS_AT_ONCE)
            found[:, some] = projected_scores(rows, self.project(weights[:, some]))
        return found

    def project(self, weights: Floats) -> Projection:
        """Return weights of the fitted texts as weights of each view's columns, to be kept where asked for often."""
        return self.dense * (self.rows_[0].T @ weights), self.gram * (self.rows_[1].T @ weights)


def projected_scores(rows: TextRows, projection: Projection) -> Floats:
    """Return what ``TextSpace.scores`` returns, from weights that were projected before."""
    found: Floats = sum(view @ part for view, part in zip(rows, projection, strict=True))
    return found


# --- The views that are learned from apart: what a text means, its characters, its words; its question; its speaker.

TEXT_VIEWS = {"meaning": 0.35, "characters": 0.65}
"""How the similarity of two texts to a reader is made of views; what is learned has weights of its own."""

ViewRows = dict[str, Any]
Kernels = dict[str, Floats]


class ContextViews:
    """Learns how each view sees coded passages; gives similarities to them, view by view.

    The views of the text are "meaning" (cosine of vectors), "characters" (TF-IDF of n-grams) and "words" (TF-IDF of
    words). Where the coded passages answer two or more different questions, "question meaning" and "question
    characters" see these; where two or more speakers are named, "speaker" is 1 for passages of the same. A text is 1
    to itself in each view, or 0 where it has no such context.
    """

    def fit(self, corpus: Corpus) -> "ContextViews":
        """Learn from the passages of ``corpus``."""
        self.means_, self.characters_ = means_of(corpus), TfIdf().fit(corpus.grams)
        self.words_ = TfIdf().fit(corpus.words)
        self.speakers_ = sorted({speaker for speaker in corpus.speakers if speaker})
        self.questions_ = None
        if corpus.questions is not None and corpus.asked is not None and len(set(corpus.asked.tolist()) - {-1}) > 1:
            used = corpus.questions.part(sorted(set(corpus.asked.tolist()) - {-1}))
            self.questions_ = (means_of(used), TfIdf().fit(used.grams))
        self.rows_ = self.rows(corpus)
        return self

    def rows(self, corpus: Corpus) -> ViewRows:
        """Return the texts of ``corpus`` as each view sees them, for ``kernels``."""
        rows: ViewRows = {
            "meaning": centred_vectors(corpus, self.means_),
            "characters": self.characters_.transform(corpus.grams),
            "words": self.words_.transform(corpus.words),
        }
        if self.questions_ is not None:
            rows |= self._question_rows(corpus, *self.questions_)
        if len(self.speakers_) > 1:
            said_by = np.array(corpus.speakers or [""] * len(corpus.texts), object)
            rows["speaker"] = (said_by[:, None] == np.array(self.speakers_, object)).astype(np.float64)
        return rows

    def _question_rows(self, corpus: Corpus, means: Means, characters: TfIdf) -> ViewRows:
        import scipy.sparse

        count, asked = len(corpus.texts), corpus.asked
        if corpus.questions is None or asked is None:
            none = scipy.sparse.csr_array((count, len(characters.keys_)))
            return {"question meaning": np.zeros_like(corpus.vectors), "question characters": none}
        there = np.flatnonzero(asked >= 0)
        chosen = scipy.sparse.csr_array(
            (np.ones(len(there)), (there, asked[there])), shape=(count, len(corpus.questions.texts))
        )
        return {
            "question meaning": chosen @ centred_vectors(corpus.questions, means),
            "question characters": (chosen @ characters.transform(corpus.questions.grams)).tocsr(),
        }

    def extended(self, corpus: Corpus) -> "ContextViews":
        """Return views that hold the passages of ``corpus`` too, with the weights and means learned before."""
        import scipy.sparse

        longer, new = ContextViews(), self.rows(corpus)
        vars(longer).update(vars(self))
        longer.rows_ = {
            name: scipy.sparse.vstack([old, new[name]]).tocsr()
            if scipy.sparse.issparse(old)
            else np.vstack([old, new[name]])
            for name, old in self.rows_.items()
        }
        return longer

    def kernels(self, rows: ViewRows) -> Kernels:
        """Return the similarities of ``rows`` to the passages held, by view: each of shape ``(len(rows), held)``."""
        import scipy.sparse

        return {
            name: overlap(rows[name], held) if scipy.sparse.issparse(held) else rows[name] @ held.T
            for name, held in self.rows_.items()
        }


def text_similarity(kernels: Kernels) -> Floats:
    """Return how alike texts are to a reader, from the kernels of their views: 1 for the same words."""
    alike: Floats = sum((weight * kernels[name] for name, weight in TEXT_VIEWS.items()), np.zeros(1))
    return alike


def nearness(texts: Corpus, others: Corpus) -> Floats:
    """Return how alike each of ``texts`` and each of ``others`` are by all views, shape ``(texts, others)``.

    The mean of the views of the text; where a text answers a question and some of the ``others`` do, what was asked
    counts a quarter.
    """
    views = ContextViews().fit(others)
    kernels = views.kernels(views.rows(texts))
    text = (kernels["meaning"] + kernels["characters"] + kernels["words"]) / 3
    if "question meaning" not in kernels or texts.asked is None:
        return text
    question = (kernels["question meaning"] + kernels["question characters"]) / 2
    alike: Floats = np.where((texts.asked >= 0)[:, None], 0.75 * text + 0.25 * question, text)
    return alike
