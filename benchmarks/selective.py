"""How many first suggestions may stand unchecked at an error of 5 %, with the threshold set beforehand.

The thresholds come from left-out answers within the texts learned from (``suggest(max_error=0.05)``), and are then put
to texts of other folds: the share accepted and the error that came of it. "In hindsight" is the share that one
threshold chosen on the test answers would have reached. "Right among three" is how often a coder who reads three
suggestions finds a right code there instead of searching the list. ECE is the expected calibration error over ten bins,
of every pair of a text and a code, and of the first suggestions alone. Folds and data as in ``learning``; the constants
of the suggester were set while looking at the answers and the posts, not at reviews and client items.
"""

from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.coded_sets import Coded, answers, clients, posts, reviews
from benchmarks.frame.scores import estimate, hits, order
from benchmarks.learning_scores import accepted_error, calibration_error, first, share_in_hindsight
from lbc_themes.suggest.stacking import sigmoid

NAME = "selective"
QUESTION = "What share of passages can be coded without a look at an error of 5 %, and are the probabilities honest?"
DATA = ("interviews-game", "socialcd-3k", "hlcta-appreviews", "psysuicide")
NOTE = ""

MAX_ERROR = 0.05


def main(data: Path) -> dict[str, list[dict[str, Any]]]:
    """Return one table with a row for each set."""
    sets = {
        "interviews-game": (answers(data), 6),
        "socialcd-3k": (posts(data), 5),
        "hlcta-appreviews": (reviews(data), 3),
        "psysuicide": (clients(data), 3),
    }
    return {f"accepted at an error of {MAX_ERROR:.0%}": [{"": name} | _row(*some) for name, some in sets.items()]}


def _row(coded: Coded, folds: int) -> dict[str, Any]:
    probabilities, sure = np.zeros(coded.gold.shape), np.zeros(len(coded.texts), bool)
    for train, test in coded.folds(folds):
        suggester = coded.fitted(train)
        logits = suggester.rank([coded.texts[i] for i in test], coded.vectors[test])
        assert suggester.learner_ is not None
        probabilities[test], sure[test] = sigmoid(logits), suggester.learner_.sure(logits, MAX_ERROR)
    likely, right = first(probabilities, coded.gold)
    third = hits(order(probabilities), coded.gold, 3)
    return {
        "accepted": estimate(coded.units, lambda at: float(sure[at].mean())),
        "realised error": estimate(coded.units, lambda at: accepted_error(sure, right, at)) if sure.any() else None,
        "in hindsight": share_in_hindsight(probabilities, coded.gold, MAX_ERROR),
        "right among three": float(third.mean()),
        "ECE, all pairs": calibration_error(probabilities, coded.gold),
        "ECE, first suggestions": calibration_error(likely, right),
    }
