"""What the suggester is compared with: logistic regressions on the usual features, and what needs no coded text."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.coded_sets import Bools, Coded, Rows
from benchmarks.frame.scores import Floats
from benchmarks.zero_shot import Task, centred, keywords
from lbc_themes.encoding import load_encoder
from lbc_themes.suggest.thresholds import GRID

LIBRARY = "lbc_themes"
HYBRID = "vectors and TF-IDF + logistic regression"
STRENGTH = 10.0


@dataclass(frozen=True, kw_only=True)
class Answers:
    """What was said of texts left out: ``scores`` to rank by, ``chosen`` codes, and the seconds that fitting took."""

    scores: Floats
    chosen: Bools
    seconds: float


Way = Callable[[Coded, Rows, Rows], Answers]


def library(coded: Coded, train: Rows, test: Rows) -> Answers:
    """Fit the suggester; with no rows to learn from it ranks by the names of the codes."""
    begin = time.perf_counter()
    suggester = coded.fitted(train) if len(train) else coded.suggester()
    seconds = time.perf_counter() - begin
    texts, vectors = [coded.texts[i] for i in test], coded.vectors[test]
    probabilities = suggester.predict_proba(texts, vectors)
    lines = suggester.learner_.thresholds_ if len(train) and suggester.learner_ else 0.5
    return Answers(scores=probabilities, chosen=probabilities > lines, seconds=seconds)


def regression(features: str) -> Way:
    """Return logistic regression, one against the rest, on "vectors", "TF-IDF" or both.

    TF-IDF counts jieba's words and 1- to 3-grams of characters. One threshold for all codes is chosen by three-fold
    cross-validation on the rows to learn from.
    """

    def way(coded: Coded, train: Rows, test: Rows) -> Answers:
        begin = time.perf_counter()
        here, there = _features(coded, train, test, features)
        gold = coded.gold[train]
        model = _fit(here, gold)
        line = _threshold(here, gold)
        seconds = time.perf_counter() - begin
        scores = _predict(model, there, gold.shape[1])
        return Answers(scores=scores, chosen=scores > line, seconds=seconds)

    return way


def _features(coded: Coded, train: Rows, test: Rows, features: str) -> tuple[Any, Any]:
    import scipy.sparse
    from sklearn.feature_extraction.text import TfidfVectorizer

    from lbc_themes.segmenting import cut

    made: list[tuple[Any, Any]] = []
    if "vectors" in features:
        made.append((scipy.sparse.csr_array(coded.vectors[train]), scipy.sparse.csr_array(coded.vectors[test])))
    if "TF-IDF" in features:
        texts, others = [coded.texts[i] for i in train], [coded.texts[i] for i in test]
        for way in ({"analyzer": cut}, {"analyzer": "char", "ngram_range": (1, 3)}):
            counts = TfidfVectorizer(sublinear_tf=True, **way)
            made.append((counts.fit_transform(texts), counts.transform(others)))
    return tuple(scipy.sparse.hstack([pair[i] for pair in made]).tocsr() for i in (0, 1))


def _fit(features: Any, gold: Bools) -> list[Any]:  # noqa: ANN401 (sparse)
    from sklearn.linear_model import LogisticRegression

    return [
        LogisticRegression(C=STRENGTH, solver="liblinear").fit(features, column)
        if 0 < column.sum() < len(column)
        else None
        for column in gold.T
    ]


def _predict(models: list[Any], features: Any, codes: int) -> Floats:  # noqa: ANN401 (sparse)
    scores = np.zeros((features.shape[0], codes))
    for code, model in enumerate(models):
        if model is not None:
            scores[:, code] = model.predict_proba(features)[:, 1]
    return scores


def _threshold(features: Any, gold: Bools) -> float:  # noqa: ANN401 (sparse)
    from sklearn.model_selection import KFold

    if len(gold) < 30:
        return 0.5
    scores = np.zeros(gold.shape)
    for train, test in KFold(3, shuffle=True, random_state=0).split(gold):
        scores[test] = _predict(_fit(features[train], gold[train]), features[test], gold.shape[1])
    f1 = [2 * (gold & (scores > line)).sum() / max(gold.sum() + (scores > line).sum(), 1) for line in GRID]
    return float(GRID[int(np.argmax(f1))])


def cosine(coded: Coded, train: Rows, test: Rows) -> Answers:  # noqa: ARG001 (nothing is learned)
    """Rank by the cosine to the names of the codes, less each code's mean; the best code is chosen."""
    names = load_encoder().encode(coded.codes, "query").astype(np.float64)
    return _best(centred(coded.vectors[test] @ names.T))


def words_of_names(coded: Coded, train: Rows, test: Rows) -> Answers:  # noqa: ARG001 (nothing is learned)
    """Rank by the number of words of a code's name that stand in the text; the best code is chosen."""
    texts = [coded.texts[i] for i in test]
    return _best(keywords(Task(texts=texts, codes=coded.codes, gold=coded.gold[test], units=texts)))


def _best(scores: Floats) -> Answers:
    chosen = np.arange(scores.shape[1]) == scores.argmax(axis=1)[:, None]
    return Answers(scores=scores, chosen=chosen, seconds=0.0)


WAYS: dict[str, Way] = {
    LIBRARY: library,
    HYBRID: regression("vectors and TF-IDF"),
    "vectors + logistic regression": regression("vectors"),
    "TF-IDF + logistic regression": regression("TF-IDF"),
    "zero-shot cosine": cosine,
    "keyword list": words_of_names,
}
