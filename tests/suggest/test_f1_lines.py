"""The lines above which a code is said, drawn for micro- and macro-F1 together."""

import numpy as np

from lbc_themes.suggest.calibration import f1_thresholds, sigmoid
from lbc_themes.suggest.features import Bools, Floats


def calibrated(seed: int) -> tuple[Floats, Bools]:
    """4,000 answers in four codes, one of them frequent and two rare; probabilities that are true."""
    chance = np.random.default_rng(seed)
    odds = chance.normal(0, 2.0, (4000, 4)) + np.array([1.2, -4.2, -5.6, -6.4])
    return sigmoid(odds), chance.random((4000, 4)) < sigmoid(odds)


def f1(said: Bools, given: Bools) -> Floats:
    found: Floats = 2 * (said & given).sum(axis=0) / np.maximum(said.sum(axis=0) + given.sum(axis=0), 1)
    return found


def micro(said: Bools, given: Bools) -> float:
    return float(2 * (said & given).sum() / (said.sum() + given.sum()))


def test_no_code_of_the_tail_is_lost_and_micro_f1_hardly_pays() -> None:
    known, given = calibrated(0)
    new, truth = calibrated(1)
    lines = f1_thresholds(known, given)
    one = max(np.arange(0.05, 0.9, 0.01), key=lambda line: micro(known > line, given))
    said, common = new > lines, new > one
    assert said.any(axis=0).all()
    assert f1(said, truth).mean() > f1(common, truth).mean() + 0.05
    assert micro(said, truth) > micro(common, truth) - 0.02


def test_the_line_of_a_frequent_code_is_where_its_own_f1_is_near_its_best() -> None:
    known, given = calibrated(0)
    line = f1_thresholds(known, given)[0]
    best = max(f1(known[:, :1] > other, given[:, :1])[0] for other in np.arange(0.05, 0.95, 0.01))
    assert f1(known[:, :1] > line, given[:, :1])[0] > best - 0.01


def test_a_code_never_used_has_the_line_that_is_best_for_all() -> None:
    known, given = calibrated(0)
    given[:, 3] = False
    lines = f1_thresholds(known, given)
    together = [micro(known > line, given) for line in np.arange(0.03, 0.9, 0.01)]
    assert abs(lines[3] - np.arange(0.03, 0.9, 0.01)[int(np.argmax(together))]) < 0.05


def test_one_slip_among_few_does_not_open_a_line() -> None:
    """One text of a rare code at a chance of 4 %: by what was said alone, the best line would be just below."""
    known, given = np.full((400, 2), 0.05), np.zeros((400, 2), bool)
    known[:200, 0], given[:200, 0] = 0.9, True
    known[:, 1] = np.linspace(0.001, 0.045, 400)
    known[399, 1], given[380, 1] = 0.6, True
    assert f1_thresholds(known, given)[1] >= 0.05
