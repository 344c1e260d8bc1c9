"""Kernel ridge regression beside the same thing done the long way."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from lbc_themes.suggest.zero_shot import fit_kernel_ridge

Floats = NDArray[np.float64]


def material(seed: int, rows: int, outputs: int = 3) -> tuple[Floats, Floats]:
    """Features of five numbers and targets."""
    random = np.random.default_rng(seed)
    return random.normal(size=(rows, 5)), random.normal(size=(rows, outputs))


def refitted(kernel: Floats, targets: Floats, ridge: float, rows: list[int]) -> Floats:
    """The scores of ``rows`` by a model that never saw them; the mean is that of all targets."""
    others = [row for row in range(len(targets)) if row not in rows]
    mean = targets.mean(axis=0)
    held = kernel[np.ix_(others, others)] + ridge * np.eye(len(others))
    return kernel[np.ix_(rows, others)] @ np.linalg.solve(held, targets[others] - mean) + mean


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.lists(st.integers(0, 4), min_size=2, max_size=14), st.floats(0.1, 10))
def test_scores_left_out_are_those_of_a_model_refitted_without_the_group(
    seed: int, groups: list[int], ridge: float
) -> None:
    features, targets = material(seed, len(groups))
    kernel = features @ features.T
    model = fit_kernel_ridge(kernel, targets, ridge, groups)
    for group in set(groups):
        rows = [row for row, found in enumerate(groups) if found == group]
        np.testing.assert_allclose(model.left_out[rows], refitted(kernel, targets, ridge, rows), atol=1e-7)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 12))
def test_without_groups_each_text_is_left_out_alone(seed: int, rows: int) -> None:
    features, targets = material(seed, rows)
    kernel = features @ features.T
    alone = fit_kernel_ridge(kernel, targets, 0.5)
    np.testing.assert_allclose(
        alone.left_out, fit_kernel_ridge(kernel, targets, 0.5, list("abcdefghijkl"[:rows])).left_out
    )
    np.testing.assert_allclose(alone.left_out[:1], refitted(kernel, targets, 0.5, [0]), atol=1e-7)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 20), st.floats(0.05, 20))
def test_scores_of_new_texts_are_those_of_ridge_regression_on_the_features(seed: int, rows: int, ridge: float) -> None:
    features, targets = material(seed, rows)
    new = np.random.default_rng(seed + 1).normal(size=(4, 5))
    model = fit_kernel_ridge(features @ features.T, targets, ridge)
    mean = targets.mean(axis=0)
    weights = np.linalg.solve(features.T @ features + ridge * np.eye(5), features.T @ (targets - mean))
    np.testing.assert_allclose(model.scores(new @ features.T), new @ weights + mean, atol=1e-8)


def test_saving_the_inverse_changes_no_score() -> None:
    features, targets = material(3, 9)
    kernel = features @ features.T
    slow, quick = fit_kernel_ridge(kernel, targets, 0.6), fit_kernel_ridge(kernel, targets, 0.6, leave_out=False)
    np.testing.assert_allclose(quick.scores(kernel), slow.scores(kernel), atol=1e-9)
    assert quick.left_out.shape == (0, 3)


@pytest.mark.parametrize("leave_out", [True, False])
def test_what_is_given_is_left_as_it_was(leave_out: bool) -> None:
    features, targets = material(4, 6)
    kernel = features @ features.T
    before = kernel.copy(), targets.copy()
    fit_kernel_ridge(kernel, targets, 1.0, leave_out=leave_out)
    assert (kernel == before[0]).all()
    assert (targets == before[1]).all()


def test_a_heavy_ridge_says_the_mean_of_everything() -> None:
    features, targets = material(5, 8)
    model = fit_kernel_ridge(features @ features.T, targets, 1e9)
    np.testing.assert_allclose(model.scores(features @ features.T), np.tile(targets.mean(axis=0), (8, 1)), atol=1e-6)


def test_left_out_and_alone_in_the_group_of_all_there_is_only_the_mean_to_say() -> None:
    features, targets = material(6, 5)
    model = fit_kernel_ridge(features @ features.T, targets, 0.3, ["one"] * 5)
    np.testing.assert_allclose(model.left_out, np.tile(targets.mean(axis=0), (5, 1)), atol=1e-8)
