"""What each view of a passage adds: one is left out, or stands alone.

One fit on the whole set with answers left out (by respondent, participant or transcript where there are any), so the
blend of views and zero-shot scores has seen the texts it is scored on: some fifteen numbers for thousands of answers.
The figures are for comparing rows, not for comparing with ``learning``. "Together" is the logistic regression on the
sum of the views. The question before the passage is known in photo-interviews, in the dialogues of cped-valid
(television; the question is what the other said before, the codes are dialogue acts) and in the demonstration, which is
invented and was written for the codebook; in interviews-game the question is the code.
"""

from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.coded_sets import (
    Coded,
    answers,
    clients,
    demonstration,
    dialogue_acts,
    lessons,
    photo_interviews,
    posts,
    reviews,
)
from benchmarks.frame.scores import Floats, hits, kappa, order
from benchmarks.learning_scores import macro_f1, micro_f1
from lbc_themes.codebook import load_codebook
from lbc_themes.suggest import CodeSuggester
from lbc_themes.suggest.calibration import f1_thresholds, sigmoid
from lbc_themes.suggest.features import ContextViews, Kernels
from lbc_themes.suggest.learner import (
    LOGISTIC_RIDGE,
    RIDGE,
    fit_kernel_logistic,
    fit_stack,
    log_use,
    pair_features,
    used_without,
)
from lbc_themes.suggest.zero_shot import fit_kernel_ridge

NAME = "features"
QUESTION = "Which views of a text pay?"
DATA = (
    "interviews-game",
    "photo-interviews",
    "cped-valid",
    "teacher-talk",
    "socialcd-3k",
    "hlcta-appreviews",
    "psysuicide",
)
NOTE = """
The question pays on the interviews (.36 to .44 micro-F1 when both of its views are there) and a little on the
demonstration (.49 to .51); for dialogue acts of television dialogue, where the turn before is seldom a question, it
does nothing, and costs nothing that can be told from noise. Either of its views does most of it alone.

Meaning and characters pay on most sets. Words pay a little on lessons and dialogue (.01) and on the demonstration, and
take as little from the reviews; the words are cut only once something is coded. The regression on all views together
pays on the demonstration, on dialogue and on the rare labels of the client items; alone it is nearly as good as all.

Zero-shot scores pay where there is a codebook with examples (the demonstration); where codes are bare names they change
little once everything is coded. What the blend cannot use gets no weight, so that no view does harm beyond .01.
"""

TEXT = ("meaning", "characters", "words")
TOGETHER = "together"


def main(data: Path) -> dict[str, list[dict[str, Any]]]:
    """Return a row for each way of looking at a text and columns for each set."""
    sets = {
        "game": answers(data),
        "photo": photo_interviews(data),
        "dialogue": dialogue_acts(data),
        "lessons": lessons(data),
        "social": posts(data),
        "hlcta": reviews(data),
        "psysuicide": clients(data),
        "demo": demonstration()[0],
    }
    rows: dict[str, dict[str, Any]] = {}
    for name, coded in sets.items():
        for way, figures in _ways(coded, demonstrated=name == "demo").items():
            rows.setdefault(way, {"": way}).update({f"{name} {figure}": value for figure, value in figures.items()})
    return {"left-out answers": list(rows.values())}


def _ways(coded: Coded, *, demonstrated: bool) -> dict[str, dict[str, float]]:
    every = np.arange(len(coded.texts))
    book = CodeSuggester(load_codebook("left-behind-children")) if demonstrated else coded.suggester()
    corpus = book.corpus(coded.passages(every), coded.vectors)
    prior = book.rank(coded.passages(every), coded.vectors)
    views = ContextViews().fit(corpus)
    kernels = views.kernels(views.rows_)
    scored = _left_out(coded, kernels)
    ways = {"all": _scores(coded, scored, prior)}
    for view in (*kernels, TOGETHER):
        without = {name: score for name, score in scored.items() if name != view}
        if view in kernels:
            without |= _together(coded, {name: kernel for name, kernel in kernels.items() if name != view})
        ways[f"without {view}"] = _scores(coded, without, prior)
        ways[f"{view} alone"] = _scores(coded, {view: scored[view]}, prior)
    if len(kernels) > len(TEXT):
        text = {name: scored[name] for name in TEXT}
        text |= _together(coded, {name: kernels[name] for name in TEXT})
        ways["without the question"] = _scores(coded, text, prior)
    ways["without zero-shot scores"] = _scores(coded, scored, np.zeros_like(prior))
    ways["zero-shot scores alone"] = _figures(coded, prior, prior > np.inf)
    return ways


def _groups(coded: Coded) -> list[str] | None:
    return coded.units if len(set(coded.units)) < len(coded.units) else None


def _left_out(coded: Coded, kernels: Kernels) -> dict[str, Floats]:
    targets = coded.gold.astype(np.float64)
    ridges = {
        name: fit_kernel_ridge(kernel, targets, RIDGE, _groups(coded)).left_out for name, kernel in kernels.items()
    }
    return ridges | _together(coded, kernels)


def _together(coded: Coded, kernels: Kernels) -> dict[str, Floats]:
    targets, total = coded.gold.astype(np.float64), np.sum(list(kernels.values()), axis=0)
    return {TOGETHER: fit_kernel_logistic(total, targets, LOGISTIC_RIDGE, _groups(coded)).left_out}


def _scores(coded: Coded, scored: dict[str, Floats], prior: Floats) -> dict[str, float]:
    targets = coded.gold.astype(np.float64)
    features = pair_features(list(scored.values()), prior, log_use(*used_without(targets, _groups(coded))))
    probabilities = sigmoid(fit_stack(features, targets).logits(features))
    return _figures(coded, probabilities, probabilities > f1_thresholds(probabilities, coded.gold))


def _figures(coded: Coded, scores: Floats, chosen: Any) -> dict[str, float]:  # noqa: ANN401 (an array of truth values)
    some = coded.gold.any(axis=1)
    third = float(hits(order(scores), coded.gold, 3)[some].mean())
    if (coded.gold.sum(axis=1) == 1).all():
        return {"kappa": kappa(order(scores)[:, 0], coded.gold.argmax(axis=1)), "top-3": third}
    if not chosen.any():
        return {"top-3": third}
    return {"micro-F1": micro_f1(chosen, coded.gold), "macro-F1": macro_f1(chosen, coded.gold), "top-3": third}
