"""Figures of codes said and codes given: F1, calibration, and what may be accepted unchecked."""

from typing import Any

import numpy as np

from benchmarks.coded_sets import Bools, Rows
from benchmarks.frame.scores import Floats

BINS = 10


def micro_f1(said: Bools, gold: Bools) -> float:
    """Return F1 over all pairs of a text and a code."""
    return float(2 * (said & gold).sum() / max(said.sum() + gold.sum(), 1))


def f1_by_code(said: Bools, gold: Bools) -> Floats:
    """Return F1 of each code, 0 where it is neither said nor given."""
    either = said.sum(axis=0) + gold.sum(axis=0)
    found: Floats = 2 * (said & gold).sum(axis=0) / np.maximum(either, 1)
    return found


def macro_f1(said: Bools, gold: Bools) -> float:
    """Return the mean of F1 over the codes that are given at least once."""
    given = gold.any(axis=0)
    return float(f1_by_code(said, gold)[given].mean())


def calibration_error(probabilities: Floats, right: Bools) -> float:
    """Return the expected calibration error over ten bins of equal width (Guo et al. 2017, section 2)."""
    likely, hit = probabilities.ravel(), right.ravel()
    bins = np.minimum((likely * BINS).astype(int), BINS - 1)
    gaps = [abs(likely[bins == b].mean() - hit[bins == b].mean()) * (bins == b).mean() for b in np.unique(bins)]
    return float(sum(gaps))


def first(scores: Floats, gold: Bools) -> tuple[Floats, Bools]:
    """Return the score of each text's best code, and whether that code is right."""
    rows, best = np.arange(len(scores)), scores.argmax(axis=1)
    return scores[rows, best], gold[rows, best]


def share_in_hindsight(scores: Floats, gold: Bools, max_error: float) -> float:
    """Return the largest share of texts that one threshold, chosen on the answers, could accept at ``max_error``."""
    likely, right = first(scores, gold)
    wrong = np.cumsum(~right[np.argsort(-likely, kind="stable")])
    within = np.flatnonzero(wrong / np.arange(1, len(wrong) + 1) <= max_error)
    return float((within[-1] + 1) / len(wrong)) if len(within) else 0.0


def accepted_error(sure: Bools, right: Bools, at: Rows) -> float:
    """Return the share of wrong ones among the accepted texts at the rows ``at``; not a number where there are none."""
    accepted = sure[at]
    return float((~right[at][accepted]).mean()) if accepted.any() else float("nan")


def rounded(seconds: list[float]) -> dict[str, Any]:
    """Return the mean with the least and the greatest in place of an interval."""
    return {"value": float(np.mean(seconds)), "low": min(seconds), "high": max(seconds)}
