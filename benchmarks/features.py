"""What each view of a text adds: one is left out, or added, at a time.

One fit on the whole set with answers left out in closed form (by respondent or transcript where there are any), so
the blend of views and zero-shot scores has seen the texts it is scored on: six numbers for thousands of answers. The
figures are for comparing rows, not for comparing with ``learning``. "Cues" are the similarity of the cues found
(negation with its word, kin, emotion, who is quoted), with a weight of 0.1 beside the rest. "Words" are the TF-IDF of
jieba's words, with a weight of 0.25: the library had them as a third view until this table. "Question" puts the
question before the passage when pieces are counted; in interviews-game the question is the code, and only the
demonstration interviews have others. The demonstration is invented and was written for the codebook; posts are not
spoken.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.coded_sets import Coded, answers, clients, demonstration, posts, reviews
from benchmarks.frame.scores import Floats, hits, kappa, order
from benchmarks.learning_scores import macro_f1, micro_f1
from lbc_themes.codebook import load_codebook
from lbc_themes.segmenting import cues, cut
from lbc_themes.suggest import CodeSuggester
from lbc_themes.suggest.calibration import f1_thresholds, sigmoid
from lbc_themes.suggest.features import Corpus, TextSpace, corpus_of
from lbc_themes.suggest.learner import RIDGE, VIEWS, fit_kernel_ridge, fit_stack, log_use, pair_features, used_without
from lbc_themes.text.simplify import simplified

NAME = "features"
QUESTION = "Which views of a text pay?"
DATA = ("interviews-game", "socialcd-3k", "hlcta-appreviews", "psysuicide")
NOTE = """
Both views pay on two sets or more: n-grams on all five, though the rare labels of the client items are found better
without them; vectors on all five too, on the answers by a hair. Words of jieba as a third view win 0.018 kappa on the
answers and 0.013 micro-F1 on the demonstration, and nothing on the other three sets. They were taken out: cutting words
was most of the time of a first call. The weights of the two views (0.35 and 0.65) were chosen while looking at these
sets.

Zero-shot scores pay where there is a codebook with examples (the demonstration); where codes are bare names they change
micro-F1 and kappa little once everything is coded, and help rare codes (macro-F1 on the reviews). Cues change no figure
by more than 0.007. The question and the neighbouring passages could be tried on the demonstration only, and change it
little. None of the three is used.
"""

CUES = 0.1
WORDS = 0.25


def main(data: Path) -> dict[str, list[dict[str, Any]]]:
    """Return a row for each way of looking at a text and columns for each set."""
    spoken, questions = demonstration()
    sets = {
        "game": answers(data),
        "social": posts(data),
        "hlcta": reviews(data),
        "psysuicide": clients(data),
        "demo": spoken,
    }
    rows: dict[str, dict[str, Any]] = {}
    for name, coded in sets.items():
        for way, figures in _ways(coded, questions if coded is spoken else None).items():
            rows.setdefault(way, {"": way}).update({f"{name} {figure}": value for figure, value in figures.items()})
    return {"left-out answers": list(rows.values())}


def _ways(coded: Coded, questions: Sequence[str] | None) -> dict[str, dict[str, float]]:
    corpus = corpus_of(coded.texts, coded.vectors)
    book = CodeSuggester(load_codebook("left-behind-children")) if questions else coded.suggester()
    prior = book.rank(coded.texts, coded.vectors)
    whole = _kernel(corpus, VIEWS)
    ways = {"all": _scores(coded, whole, prior)}
    for view in VIEWS:
        ways[f"without {view}"] = _scores(coded, _kernel(corpus, VIEWS | {view: 0.0}), prior)
        ways[f"{view} alone"] = _scores(coded, _kernel(corpus, dict.fromkeys(VIEWS, 0.0) | {view: 1.0}), prior)
    ways["without zero-shot scores"] = _scores(coded, whole, np.zeros_like(prior))
    ways["zero-shot scores alone"] = _figures(coded, prior, prior > np.inf)
    ways["with words"] = _scores(coded, (1 - WORDS) * whole + WORDS * _word_kernel(coded.texts), prior)
    ways["with cues"] = _scores(coded, (1 - CUES) * whole + CUES * _cue_kernel(coded.texts), prior)
    if questions:
        asked = [f"{question}\n{text}" for question, text in zip(questions, coded.texts, strict=True)]
        ways["with the question"] = _scores(coded, _kernel(corpus_of(asked, coded.vectors), VIEWS), prior)
        ways["with the neighbouring passages"] = _scores(coded, _beside(coded, whole), prior)
    return ways


def _kernel(corpus: Corpus, views: dict[str, float]) -> Floats:
    total = sum(views.values())
    return TextSpace(**{view: weight / total for view, weight in views.items()}).fit(corpus).own_kernel()


def _word_kernel(texts: Sequence[str]) -> Floats:
    return _likeness(texts, lambda text: [word for word in cut(simplified(text)) if word[0].isalnum()])


def _cue_kernel(texts: Sequence[str]) -> Floats:
    return _likeness(texts, _cue_words)


def _likeness(texts: Sequence[str], pieces: Callable[[str], list[str]]) -> Floats:
    from sklearn.feature_extraction.text import TfidfVectorizer

    rows = TfidfVectorizer(analyzer=pieces, sublinear_tf=True).fit_transform(texts)
    return np.asarray((rows @ rows.T).toarray(), np.float64)


def _cue_words(text: str) -> list[str]:
    found = cues(text)
    return [f"{cue.kind} {cue.group}" for cue in found] + [f"{cue.kind} {cue.text}" for cue in found]


def _beside(coded: Coded, kernel: Floats) -> Floats:
    mixed = np.eye(len(kernel))
    for row in range(len(kernel) - 1):
        if coded.units[row] == coded.units[row + 1]:
            mixed[row, row + 1] = mixed[row + 1, row] = 0.2
    moved: Floats = mixed @ kernel @ mixed.T
    spread = np.sqrt(np.diag(moved))
    return np.asarray(moved / np.outer(spread, spread), np.float64)


def _scores(coded: Coded, kernel: Floats, prior: Floats) -> dict[str, float]:
    targets = coded.gold.astype(np.float64)
    groups = coded.units if len(set(coded.units)) < len(coded.units) else None
    ridge = fit_kernel_ridge(kernel, targets, RIDGE, groups)
    features = pair_features(ridge.left_out, prior, log_use(*used_without(targets, groups)))
    stack = fit_stack(features, targets)
    assert stack is not None
    probabilities = sigmoid(stack.logits(features))
    return _figures(coded, probabilities, probabilities > f1_thresholds(probabilities, coded.gold))


def _figures(coded: Coded, scores: Floats, chosen: Any) -> dict[str, float]:  # noqa: ANN401 (an array of truth values)
    some = coded.gold.any(axis=1)
    third = float(hits(order(scores), coded.gold, 3)[some].mean())
    if (coded.gold.sum(axis=1) == 1).all():
        return {"kappa": kappa(order(scores)[:, 0], coded.gold.argmax(axis=1)), "top-3": third}
    if not chosen.any():
        return {"top-3": third}
    return {"micro-F1": micro_f1(chosen, coded.gold), "macro-F1": macro_f1(chosen, coded.gold), "top-3": third}
