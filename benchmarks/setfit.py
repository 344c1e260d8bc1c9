"""SetFit beside the suggester, on few answers: it trains all layers of the encoder on pairs of coded texts.

Two folds of six of the answers of interviews-game, by respondent; figures as in ``learning``, on the same answers.
SetFit trains on 20 batches of 16 pairs of texts, cut at 64 tokens, which is far from its default; what it would do in
hours is not measured here. It and sentence-transformers begin from the float32 weights that ``encoder`` names.
"""

from pathlib import Path
from typing import Any

from benchmarks.coded_sets import answers
from benchmarks.learning_peers import WAYS_OF_PAIRS, float_vectors
from benchmarks.learning_tables import single

NAME = "setfit"
QUESTION = "What does SetFit make of the same answers, and in what time?"
DATA = ("interviews-game",)
SEED = 0
PACKAGES = ("torch", "sentence-transformers", "setfit")
NOTE = """
SetFit in under two minutes a fold is a little above a regression on the frozen vectors in kappa, and below the
suggester, which takes a quarter of a second and has the words beside the vectors. 102 answers of six people: the
intervals are wide. With the many more batches that it takes by default it may well do better.
"""

FOLDS, USED = 6, 2


def main(data: Path) -> dict[str, list[dict[str, Any]]]:
    """Return one table; ``data`` holds the folders of the sets."""
    game = answers(data)
    float_vectors(tuple(game.texts))
    return {f"interviews-game, {USED} folds of {FOLDS}": single(game, game.folds(FOLDS)[:USED], WAYS_OF_PAIRS)}
