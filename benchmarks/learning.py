"""The suggester learns from coded texts and is tested on texts left out; the peers learn from the same ones.

Interview answers are coded with the question that they answer (17 codes): six folds, the answers of a respondent stay
together. The curve gives each way 0 to 200 answers drawn from the folds to learn from, the mean of three draws. Posts
carry one or more of 12 cognitive distortions (five folds), reviews one or more of 34 themes with a long tail (three
folds), client items one of 10 labels of suicide, self-harm and aggression, or unrelated (three folds).

Kappa is Cohen's, of the first code and the label; top-3 the share of texts with a right code among the first three.
F1 is of the codes chosen; macro-F1 is over the codes that occur. "Never said" counts the codes that occur and are
chosen for no text. Intervals are bootstrap percentiles over respondents where there are any, over texts elsewhere,
with the fitted answers as they are. Seconds are those of one fit, mean and range over folds; the peers' include their
search for a threshold.

The constants of the suggester (weights of the views, ridge, the blend) were set while looking at the answers and the
posts; reviews and client items had no part in that. The zero-shot peers know the names of the codes alone, as the
suggester does here. SetFit is not among the peers: its packages are not part of the project's environment.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.coded_sets import Bools, Coded, Rows, answers, clients, posts, reviews
from benchmarks.frame.scores import Estimate, Floats, Ints, estimate, hits, kappa, order
from benchmarks.learning_peers import LIBRARY, WAYS, Answers, Way
from benchmarks.learning_scores import f1_by_code, macro_f1, micro_f1, rounded

NAME = "learning"
QUESTION = "How well are codes suggested after some texts have been coded by hand?"
DATA = ("interviews-game", "socialcd-3k", "hlcta-appreviews", "psysuicide")
SEED = 0
NOTE = ""

GAME_FOLDS = 6
SIZES = (0, 20, 50, 100, 200)
DRAWS = 3
UNLEARNED = ("zero-shot cosine", "keyword list")


def main(data: Path) -> dict[str, list[dict[str, Any]]]:
    """Return the tables; ``data`` holds the folders of the sets."""
    game = answers(data)
    many = {"socialcd-3k": (posts(data), 5), "hlcta-appreviews": (reviews(data), 3), "psysuicide": (clients(data), 3)}
    tables = {f"interviews-game, all data ({len(game.texts)} answers, {len(game.codes)} codes)": _single(game)}
    tables["interviews-game, kappa by the number of coded answers"] = _curve(game)
    found = {name: _all_ways(coded, folds) for name, (coded, folds) in many.items()}
    for name, (coded, _) in many.items():
        tables[f"{name} ({len(coded.texts):,} texts, {len(coded.codes)} codes)"] = _several(coded, found[name])
    tables["socialcd-3k, F1 by code"] = _by_code(posts(data), found["socialcd-3k"])
    return tables


def left_out(coded: Coded, folds: int, way: Way) -> tuple[Answers, list[float]]:
    """Return the answers of ``way`` to every text, learned without the text's fold, and the seconds of each fit."""
    scores, chosen, seconds = np.zeros(coded.gold.shape), np.zeros(coded.gold.shape, bool), []
    for train, test in coded.folds(folds):
        said = way(coded, train, test)
        scores[test], chosen[test] = said.scores, said.chosen
        seconds.append(said.seconds)
    return Answers(scores=scores, chosen=chosen, seconds=sum(seconds)), seconds


def _single(game: Coded) -> list[dict[str, Any]]:
    rows = []
    for name, way in WAYS.items():
        said, seconds = left_out(game, GAME_FOLDS, way)
        ranked = order(said.scores, SEED)
        third, label = hits(ranked, game.gold, 3), game.gold.argmax(axis=1)
        rows.append(
            {
                "": name,
                "kappa": _mean_kappa(game.units, [ranked[:, 0]], label),
                "top-3": _mean(game.units, third),
                "seconds to fit": rounded(seconds) if name not in UNLEARNED else None,
            }
        )
    return rows


def _curve(game: Coded) -> list[dict[str, Any]]:
    label = game.gold.argmax(axis=1)
    rows = []
    for name, way in WAYS.items():
        row: dict[str, Any] = {"": name}
        for size in SIZES:
            if (size == 0 and name not in (LIBRARY, *UNLEARNED)) or (size and name in UNLEARNED):
                continue
            firsts = [_first(game, way, size, draw) for draw in range(DRAWS if size else 1)]
            row[f"{size} coded"] = _mean_kappa(game.units, firsts, label)
        rows.append(row)
    return rows


def _first(game: Coded, way: Way, size: int, draw: int) -> Ints:
    scores = np.zeros(game.gold.shape)
    for fold, (train, test) in enumerate(game.folds(GAME_FOLDS)):
        scores[test] = way(game, drawn(train, size, seed=100 * draw + fold), test).scores
    return order(scores, SEED)[:, 0]


def drawn(rows: Rows, size: int, seed: int) -> Rows:
    """Return ``size`` of ``rows`` drawn without replacement."""
    picked: Rows = np.random.default_rng(seed).permutation(rows)[:size]
    return picked


def _mean_kappa(units: Sequence[str], firsts: list[Ints], label: Ints) -> Estimate:
    return estimate(units, lambda at: float(np.mean([kappa(first[at], label[at]) for first in firsts])), draws=500)


def _mean(units: Sequence[str], values: Floats) -> Estimate:
    return estimate(units, lambda at: float(values[at].mean()))


def _of_pairs(coded: Coded, chosen: Bools, figure: Callable[[Bools, Bools], float]) -> Estimate:
    return estimate(coded.units, lambda at: figure(chosen[at], coded.gold[at]), draws=500)


def _all_ways(coded: Coded, folds: int) -> dict[str, tuple[Answers, list[float]]]:
    return {name: left_out(coded, folds, way) for name, way in WAYS.items()}


def _several(coded: Coded, found: dict[str, tuple[Answers, list[float]]]) -> list[dict[str, Any]]:
    rows = []
    for name, (said, seconds) in found.items():
        third = hits(order(said.scores, SEED), coded.gold, 3)
        chosen = said.chosen
        rows.append(
            {
                "": name,
                "micro-F1": _of_pairs(coded, chosen, micro_f1),
                "macro-F1": _of_pairs(coded, chosen, macro_f1),
                "top-3": float(third.mean()),
                "never said": int((coded.gold.any(axis=0) & ~chosen.any(axis=0)).sum()),
                "seconds to fit": rounded(seconds) if name not in UNLEARNED else None,
            }
        )
    return rows


def _by_code(coded: Coded, found: dict[str, tuple[Answers, list[float]]]) -> list[dict[str, Any]]:
    shown: dict[str, Floats] = {name: f1_by_code(said.chosen, coded.gold) for name, (said, _) in found.items()}
    counts = coded.gold.sum(axis=0)
    return [
        {"": code, "texts": int(counts[i]), **{name: float(values[i]) for name, values in shown.items()}}
        for i, code in enumerate(coded.codes)
    ]
