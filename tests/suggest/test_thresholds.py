"""Where the line is drawn: for codes that apply, for suggestions that stand unchecked, for silence."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lbc_themes.suggest.abstention import abstention_threshold
from lbc_themes.suggest.calibration import GRID, MACRO, f1_thresholds, first_line, first_probabilities
from lbc_themes.suggest.selective import risk_thresholds

SEEDS = st.integers(0, 10**6)


def drawn(seed: int, texts: int = 60, codes: int = 4) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities that are honest, and what came of them."""
    chance = np.random.default_rng(seed)
    probabilities = chance.random((texts, codes)) ** 2
    return probabilities, chance.random((texts, codes)) < probabilities


def f1(said: np.ndarray, given: np.ndarray) -> float:
    return 2 * (said & given).sum() / max(said.sum() + given.sum(), 1)


def worth(probabilities: np.ndarray, targets: np.ndarray, lines: np.ndarray) -> float:
    said = probabilities > lines
    each = [f1(said[:, code], targets[:, code]) for code in range(targets.shape[1]) if targets[:, code].any()]
    return f1(said, targets) + MACRO * float(np.mean(each))


@settings(deadline=None, max_examples=25)
@given(SEEDS)
def test_lines_of_their_own_are_worth_more_than_one_line_for_all(seed: int) -> None:
    probabilities, targets = drawn(seed, texts=400)
    probabilities[:, 0] /= 3
    lines = f1_thresholds(probabilities, targets)
    common = max(worth(probabilities, targets, np.full(4, line)) for line in GRID)
    assert worth(probabilities, targets, lines) > common - 0.02
    assert lines[0] < lines[1:].mean()


def test_a_rare_code_is_not_judged_by_its_few_texts_alone() -> None:
    probabilities, targets = drawn(1, texts=500, codes=3)
    targets[:, 2] = False
    targets[np.argsort(-probabilities[:, 2])[:2], 2] = True
    own = GRID[np.argmax([f1(probabilities[:, 2] > line, targets[:, 2]) for line in GRID])]
    assert f1_thresholds(probabilities, targets)[2] < own - 0.1


def test_a_code_never_used_gets_the_line_that_is_best_for_all() -> None:
    probabilities, targets = drawn(2, texts=500, codes=3)
    targets[:, 2] = False
    line = f1_thresholds(probabilities, targets)[2]
    assert f1(probabilities > line, targets) > max(f1(probabilities > other, targets) for other in GRID) - 0.01


def test_with_few_texts_the_lines_are_drawn_to_the_one_that_is_best_for_all() -> None:
    probabilities, targets = drawn(3, texts=400)
    probabilities[:, 0] /= 3
    apart = [np.ptp(f1_thresholds(probabilities[:count], targets[:count])) for count in (10, 400)]
    assert apart[0] < 0.05 < apart[1]


def test_a_line_for_all_is_drawn_through_the_middle_of_a_gap() -> None:
    """Twenty texts of one code, none of the other: every line from 5 to 90 % says the same of them."""
    probabilities = np.tile([0.9, 0.05], (20, 1))
    targets = np.tile([True, False], (20, 1))
    assert f1_thresholds(probabilities, targets)[1] == pytest.approx(0.4, abs=0.1)


@settings(deadline=None, max_examples=25)
@given(SEEDS)
def test_lines_lie_within_the_grid_whatever_was_coded(seed: int) -> None:
    probabilities, targets = drawn(seed, texts=12)
    for some in (targets, np.zeros_like(targets), np.ones_like(targets)):
        lines = f1_thresholds(probabilities, some)
        assert ((lines >= GRID[0]) & (lines <= GRID[-1])).all()


@settings(deadline=None, max_examples=25)
@given(SEEDS, st.sampled_from([0.02, 0.05, 0.1, 0.2]))
def test_what_passes_a_risk_line_errs_no_more_than_was_asked_on_the_texts_it_was_set_by(seed: int, rate: float) -> None:
    probabilities, targets = drawn(seed, texts=300)
    best = probabilities.argmax(axis=1)
    rows = np.arange(len(best))
    accepted = probabilities[rows, best] >= risk_thresholds(probabilities, targets, rate)[best]
    if accepted.any():
        assert (~targets[rows, best])[accepted].mean() <= rate


@settings(deadline=None, max_examples=25)
@given(SEEDS)
def test_a_smaller_error_draws_a_higher_line(seed: int) -> None:
    probabilities, targets = drawn(seed, texts=300)
    lines = [risk_thresholds(probabilities, targets, rate) for rate in (0.02, 0.05, 0.1, 0.3)]
    assert all((stricter >= laxer).all() for stricter, laxer in pairwise(lines))


def test_a_few_right_answers_are_not_enough_to_let_a_code_pass() -> None:
    probabilities, targets = np.full((10, 2), 0.1), np.zeros((10, 2), bool)
    probabilities[:, 0], targets[:, 0] = 0.9, True
    assert np.isinf(risk_thresholds(probabilities, targets, 0.05)).all()
    many = np.tile(probabilities, (10, 1)), np.tile(targets, (10, 1))
    assert risk_thresholds(*many, 0.05)[0] == pytest.approx(0.9)
    assert np.isinf(risk_thresholds(*many, 0.05)[1])


def test_a_code_that_errs_more_than_the_others_has_a_higher_line() -> None:
    chance = np.random.default_rng(0)
    probabilities = np.zeros((800, 2))
    code = np.arange(800) % 2
    sure = chance.random(800)
    probabilities[np.arange(800), code] = 0.5 + sure / 2
    targets = np.zeros((800, 2), bool)
    targets[code == 0, 0] = True
    targets[code == 1, 1] = sure[code == 1] > 0.8
    first, second = risk_thresholds(probabilities, targets, 0.1)
    assert first < second
    assert second > 0.85


@settings(deadline=None, max_examples=50)
@given(SEEDS)
def test_no_more_than_a_twentieth_of_the_texts_that_carry_a_code_fall_below_the_threshold(seed: int) -> None:
    chance = np.random.default_rng(seed)
    left_out, targets = chance.random((200, 3)), chance.random((200, 3)) < 0.3
    carry = targets.any(axis=1)
    line = abstention_threshold(left_out.max(axis=1), carry)
    assert line > 0
    assert (left_out.max(axis=1)[carry] < line).mean() <= 0.05


def test_abstention_needs_five_texts_without_and_nineteen_with_a_code() -> None:
    likely = np.linspace(0.1, 0.9, 24)
    empty = np.arange(24) < 5
    assert abstention_threshold(likely, ~empty) == likely[5]
    assert abstention_threshold(likely[1:], ~empty[1:]) == 0
    assert abstention_threshold(likely[:-1], ~empty[:-1]) == 0


# How likely the first code is right


def test_the_first_of_many_is_brought_down_to_how_often_it_is_right() -> None:
    chance = np.random.default_rng(0)
    true = chance.normal(-2, 1, size=(3000, 12))
    targets = chance.random(true.shape) < 1 / (1 + np.exp(-true))
    said = true + chance.normal(0, 1, size=true.shape)
    found = first_probabilities(said[1500:], first_line(said[:1500], targets[:1500]))
    right = targets[1500:][np.arange(1500), said[1500:].argmax(axis=1)].mean()
    raw = (1 / (1 + np.exp(-said[1500:].max(axis=1)))).mean()
    assert abs(found.mean() - right) < 0.04
    assert raw > right + 0.1


def test_few_answers_or_answers_all_alike_change_nothing() -> None:
    logits = np.random.default_rng(0).normal(size=(40, 3))
    assert first_line(logits[:19], logits[:19] > 0) == (1, 0)
    assert first_line(logits, np.ones((40, 3), bool)) == (1, 0)
    assert first_line(logits, np.zeros((40, 3), bool)) == (1, 0)


@pytest.mark.parametrize(("coded", "believed"), [(50, 0.2), (200, 0.5), (800, 0.8)])
def test_the_fewer_are_coded_the_less_of_what_was_measured_is_believed(coded: int, believed: float) -> None:
    from sklearn.linear_model import LogisticRegression

    chance = np.random.default_rng(7)
    logits = chance.normal(size=(coded, 4))
    targets = chance.random(logits.shape) < 1 / (1 + np.exp(2 - logits))
    rows, best = np.arange(coded), logits.argmax(axis=1)
    whole = LogisticRegression(C=100.0).fit(logits[rows, best][:, None], targets[rows, best])
    slope, intercept = first_line(logits, targets)
    assert slope == pytest.approx(1 + believed * (whole.coef_[0, 0] - 1))
    assert intercept == pytest.approx(believed * whole.intercept_[0])
