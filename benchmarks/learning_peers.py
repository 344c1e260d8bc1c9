"""What the suggester is compared with: logistic regressions, SetFit, and what needs no coded text."""

import os
import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np

from benchmarks.coded_sets import Bools, Coded, Rows
from benchmarks.encoder import float32, load_reference, reference_folder
from benchmarks.frame.scores import Floats
from benchmarks.zero_shot import Task, centred, keywords
from lbc_themes.core.errors import InputError
from lbc_themes.encoding import load_encoder
from lbc_themes.suggest.calibration import GRID, f1_thresholds
from lbc_themes.suggest.features import TEXT_VIEWS, TextSpace, corpus_of
from lbc_themes.suggest.learner import RIDGE
from lbc_themes.suggest.suggester import Tune
from lbc_themes.suggest.zero_shot import fit_kernel_ridge
from lbc_themes.text.words import simplified

LIBRARY = "lbc_themes"
TUNED = 'lbc_themes, tune="encoder"'
SETFIT = "SetFit"
SENTENCES = "sentence-transformers + logistic regression"
HYBRID = "vectors and TF-IDF + logistic regression"
STRENGTH = 10.0
NEAREST = 10
SETFIT_STEPS = 20
SETFIT_TOKENS = 64


@dataclass(frozen=True, kw_only=True)
class Answers:
    """What was said of texts left out: ``scores`` to rank by, ``chosen`` codes, and the seconds that fitting took."""

    scores: Floats
    chosen: Bools
    seconds: float


Way = Callable[[Coded, Rows, Rows], Answers]


def library(tune: Tune = "") -> Way:
    """Return the suggester; with no rows to learn from it ranks by the names of the codes."""

    def way(coded: Coded, train: Rows, test: Rows) -> Answers:
        begin = time.perf_counter()
        suggester = coded.fitted(train, tune) if len(train) else coded.suggester()
        seconds = time.perf_counter() - begin
        passages = coded.passages(test)
        probabilities = suggester.predict_proba(passages, coded.vectors[test])
        return Answers(scores=probabilities, chosen=suggester.predict(passages, coded.vectors[test]), seconds=seconds)

    return way


def kernel_ridge(coded: Coded, train: Rows, test: Rows) -> Answers:
    """Learn by one ridge regression on the similarities of vectors and character n-grams; thresholds by expected F1."""
    return _by_similarity(coded, train, test, lambda kernel, gold, units: fit_kernel_ridge(kernel, gold, RIDGE, units))


@dataclass(frozen=True, kw_only=True)
class _Nearest:
    gold: Floats
    left_out: Floats

    def scores(self, kernel: Floats) -> Floats:
        return _among_nearest(kernel, self.gold)


def nearest(coded: Coded, train: Rows, test: Rows) -> Answers:
    """Score a code by the similarity of those of the ten nearest coded texts that carry it; thresholds likewise."""

    def fit(kernel: Floats, gold: Floats, units: list[str]) -> _Nearest:
        same = np.array(units)[:, None] == np.array(units)
        return _Nearest(gold=gold, left_out=_among_nearest(np.where(same, -1.0, kernel), gold))

    return _by_similarity(coded, train, test, fit)


def _among_nearest(kernel: Floats, gold: Floats) -> Floats:
    kept = min(NEAREST, kernel.shape[1])
    ten = np.argsort(-kernel, axis=1)[:, :kept]
    near = np.maximum(np.take_along_axis(kernel, ten, axis=1), 0)
    scores: Floats = (near[:, :, None] * gold[ten]).sum(axis=1) / np.maximum(near.sum(axis=1), 1e-9)[:, None]
    return scores


def _by_similarity(coded: Coded, train: Rows, test: Rows, fit: Callable[[Floats, Floats, list[str]], Any]) -> Answers:
    begin = time.perf_counter()
    here, there = (corpus_of([coded.texts[i] for i in rows], coded.vectors[rows]) for rows in (train, test))
    space = TextSpace(dense=TEXT_VIEWS["meaning"], gram=TEXT_VIEWS["characters"]).fit(here)
    gold = coded.gold[train].astype(np.float64)
    model = fit(space.own_kernel(), gold, [coded.units[i] for i in train])
    lines = f1_thresholds(np.clip(model.left_out, 0, 1), coded.gold[train])
    seconds = time.perf_counter() - begin
    scores = model.scores(space.kernel(space.rows(there)))
    return Answers(scores=scores, chosen=scores > lines, seconds=seconds)


def regression(features: str, *, question: bool = False) -> Way:
    """Return logistic regression, one against the rest, on "vectors", "TF-IDF", both, or "sentence-transformers".

    With ``question`` the question is put before the text, in the words and in what is encoded.
    TF-IDF counts jieba's words and 1- to 3-grams of characters. One threshold for all codes is chosen by three-fold
    cross-validation on the rows to learn from.
    """

    def way(coded: Coded, train: Rows, test: Rows) -> Answers:
        seen = _with_questions(coded) if question else coded
        begin = time.perf_counter()
        here, there = _features(seen, train, test, features)
        gold = coded.gold[train]
        model = _fit(here, gold)
        line = _threshold(here, gold, [coded.units[i] for i in train])
        seconds = time.perf_counter() - begin
        scores = _predict(model, there, gold.shape[1])
        return Answers(scores=scores, chosen=scores > line, seconds=seconds)

    return way


_PASTED: dict[tuple[str, ...], Coded] = {}


def _with_questions(coded: Coded) -> Coded:
    texts = tuple(f"{asked} {text}" for asked, text in zip(coded.questions, coded.texts, strict=True))
    if texts not in _PASTED:
        vectors = load_encoder().encode([simplified(text) for text in texts]).astype(np.float64)
        _PASTED[texts] = replace(coded, texts=list(texts), vectors=vectors)
    return _PASTED[texts]


def _features(coded: Coded, train: Rows, test: Rows, features: str) -> tuple[Any, Any]:
    import scipy.sparse
    from sklearn.feature_extraction.text import TfidfVectorizer

    from lbc_themes.segmenting import cut

    made: list[tuple[Any, Any]] = []
    if "vectors" in features or "sentence-transformers" in features:
        rows = coded.vectors if "vectors" in features else float_vectors(tuple(coded.texts))
        made.append((scipy.sparse.csr_array(rows[train]), scipy.sparse.csr_array(rows[test])))
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


def _threshold(features: Any, gold: Bools, units: list[str]) -> float:  # noqa: ANN401 (sparse)
    from sklearn.model_selection import GroupKFold

    if len(gold) < 30 or len(set(units)) < 3:
        return 0.5
    scores = np.zeros(gold.shape)
    for train, test in GroupKFold(3, shuffle=True, random_state=0).split(gold, groups=units):
        scores[test] = _predict(_fit(features[train], gold[train]), features[test], gold.shape[1])
    f1 = [2 * (gold & (scores > line)).sum() / max(gold.sum() + (scores > line).sum(), 1) for line in GRID]
    return float(GRID[int(np.argmax(f1))])


@cache
def float_vectors(texts: tuple[str, ...]) -> Floats:
    """Return the vectors of the same weights in float32, made by sentence-transformers."""
    return float32(load_reference(), [simplified(text) for text in texts], batch=32).astype(np.float64)


def setfit(coded: Coded, train: Rows, test: Rows) -> Answers:
    """Fit SetFit (Tunstall et al. 2022, arXiv:2209.11055) to one code a text, from the float32 weights.

    All layers are trained on ``SETFIT_STEPS`` batches of 16 pairs of texts of ``SETFIT_TOKENS`` tokens at most, then a
    logistic regression on top.
    """
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    try:
        from datasets import Dataset
        from setfit import SetFitModel, Trainer, TrainingArguments
    except ImportError as error:
        raise InputError("SetFit is among the peers of this benchmark: pip install setfit datasets") from error
    texts = [f"passage: {simplified(text)}" for text in coded.texts]
    label = coded.gold.argmax(axis=1)
    begin = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = SetFitModel.from_pretrained(str(reference_folder()), local_files_only=True)
        wanted = TrainingArguments(
            output_dir=folder, batch_size=16, max_steps=SETFIT_STEPS, max_length=SETFIT_TOKENS,
            report_to="none", save_strategy="no", logging_strategy="no", show_progress_bar=False, seed=0,
        )  # fmt: skip
        given = Dataset.from_dict({"text": [texts[i] for i in train], "label": label[train].tolist()})
        Trainer(model=model, args=wanted, train_dataset=given).train()
        seconds = time.perf_counter() - begin
        said = np.asarray(model.predict_proba([texts[i] for i in test], as_numpy=True), np.float64)
    scores = np.zeros((len(test), coded.gold.shape[1]))
    scores[:, np.unique(label[train])] = said
    return Answers(scores=scores, chosen=_best(scores).chosen, seconds=seconds)


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
    LIBRARY: library(),
    HYBRID: regression("vectors and TF-IDF"),
    SENTENCES: regression("sentence-transformers"),
    "TF-IDF + logistic regression": regression("TF-IDF"),
    "zero-shot cosine": cosine,
    "keyword list": words_of_names,
}
WAYS_OF_TAILS = {name: way for name, way in WAYS.items() if name not in (SENTENCES, HYBRID)}
WAYS_TUNED: dict[str, Way] = {
    LIBRARY: library(), TUNED: library("encoder"), HYBRID: regression("vectors and TF-IDF"),
}  # fmt: skip
WAYS_OF_PAIRS: dict[str, Way] = {
    LIBRARY: library(), SETFIT: setfit, SENTENCES: regression("sentence-transformers"),
}  # fmt: skip
