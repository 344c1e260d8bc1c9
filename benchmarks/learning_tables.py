"""What several ways say of texts left out, as tables."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from benchmarks.coded_sets import Bools, Coded, Rows
from benchmarks.frame.scores import Estimate, Floats, Ints, estimate, hits, kappa, order
from benchmarks.learning_peers import Answers, Way
from benchmarks.learning_scores import f1_by_code, macro_f1, micro_f1, rounded

SEED = 0
UNLEARNED = ("zero-shot cosine", "keyword list")
Folds = list[tuple[Rows, Rows]]
Found = dict[str, tuple[Answers, list[float]]]


def left_out(coded: Coded, folds: Folds, way: Way) -> tuple[Answers, list[float]]:
    """Return the answers of ``way`` to every text of ``folds``, learned without its fold, and the seconds of each fit.

    Texts of no fold have zeros.
    """
    scores, chosen, seconds = np.zeros(coded.gold.shape), np.zeros(coded.gold.shape, bool), []
    for train, test in folds:
        said = way(coded, train, test)
        scores[test], chosen[test] = said.scores, said.chosen
        seconds.append(said.seconds)
    return Answers(scores=scores, chosen=chosen, seconds=sum(seconds)), seconds


def single(game: Coded, folds: Folds, ways: dict[str, Way]) -> list[dict[str, Any]]:
    """Return a row for each way: kappa and top-3 of the texts of ``folds``, which have one code each."""
    rows, at = [], np.concatenate([test for _, test in folds])
    units, label = [game.units[i] for i in at], game.gold[at].argmax(axis=1)
    for name, way in ways.items():
        said, seconds = left_out(game, folds, way)
        ranked = order(said.scores[at], SEED)
        rows.append(
            {
                "": name,
                "kappa": mean_kappa(units, [ranked[:, 0]], label),
                "top-3": _mean(units, hits(ranked, game.gold[at], 3)),
                "seconds to fit": rounded(seconds) if name not in UNLEARNED else None,
            }
        )
    return rows


def mean_kappa(units: Sequence[str], firsts: list[Ints], label: Ints) -> Estimate:
    """Return the mean kappa of several labellings ``firsts`` and ``label``."""
    return estimate(units, lambda at: float(np.mean([kappa(first[at], label[at]) for first in firsts])), draws=500)


def _mean(units: Sequence[str], values: Floats) -> Estimate:
    return estimate(units, lambda at: float(values[at].mean()))


def all_ways(coded: Coded, folds: Folds, ways: dict[str, Way]) -> Found:
    """Return what each way says of the texts of ``folds``."""
    return {name: left_out(coded, folds, way) for name, way in ways.items()}


def several(coded: Coded, found: Found, at: Rows | None = None) -> list[dict[str, Any]]:
    """Return a row for each way, on the texts at the rows ``at`` (default: all), which may have several codes."""
    at = np.arange(len(coded.texts)) if at is None else at
    gold, units = coded.gold[at], [coded.units[i] for i in at]
    rows = []
    for name, (said, seconds) in found.items():
        chosen = said.chosen[at]

        def of(figure: Callable[[Bools, Bools], float], chosen: Bools = chosen) -> Estimate:
            return estimate(units, lambda some: figure(chosen[some], gold[some]), draws=500)

        rows.append(
            {
                "": name,
                "micro-F1": of(micro_f1),
                "macro-F1": of(macro_f1),
                "top-3": float(hits(order(said.scores[at], SEED), gold, 3).mean()),
                "never said": int((gold.any(axis=0) & ~chosen.any(axis=0)).sum()),
                "seconds to fit": rounded(seconds) if name not in UNLEARNED else None,
            }
        )
    return rows


def by_code(coded: Coded, found: Found, at: Rows | None = None) -> list[dict[str, Any]]:
    """Return a row for each code with the F1 of each way, on the texts at the rows ``at`` (default: all)."""
    at = np.arange(len(coded.texts)) if at is None else at
    gold = coded.gold[at]
    shown: dict[str, Floats] = {name: f1_by_code(said.chosen[at], gold) for name, (said, _) in found.items()}
    return [
        {"": code, "texts": int(gold[:, i].sum()), **{name: float(values[i]) for name, values in shown.items()}}
        for i, code in enumerate(coded.codes)
    ]
