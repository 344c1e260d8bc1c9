"""Likeness of texts and the scores made from it: views, kernels, what rows share, one scale for all codes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from suggest_samples import CLEAR, encoded

from lbc_themes.suggest.features import (
    ContextViews,
    TextSpace,
    centred_vectors,
    corpus_of,
    means_of,
    overlap,
    without_mean,
)
from lbc_themes.suggest.zero_shot import standardised


@settings(deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 30), st.integers(2, 6), st.booleans())
def test_standardised_scores_have_rows_around_zero_and_one_spread(
    seed: int, rows: int, codes: int, centred: bool
) -> None:
    scores = np.random.default_rng(seed).normal(3, 5, size=(rows, codes))
    found = standardised(scores, centred=centred)
    np.testing.assert_allclose(found.mean(axis=1), 0, atol=1e-9)
    assert found.std() == pytest.approx(1)
    np.testing.assert_allclose(standardised(7 * scores + 2, centred=centred), found, atol=1e-9)


def test_scores_that_are_all_alike_become_zeros() -> None:
    assert not standardised(np.full((3, 4), 2.5)).any()


def test_a_code_that_every_text_scores_high_on_is_held_back_in_part_the_more_texts_there_are() -> None:
    def lead(count: int) -> float:
        scores = np.random.default_rng(0).normal(size=(count, 3)) * 0.01
        scores[:, 0] += 1
        scores[0, 1] += 1.2
        found = standardised(scores)
        return float((found[0, 1] - found[0, 0]) / (found[:, 0] - found[:, 2]).mean())

    assert lead(2) < lead(20) < lead(200)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10**6), st.integers(1, 8))
def test_vectors_without_their_mean_are_unit_rows_and_blank_ones_stay_zero(seed: int, rows: int) -> None:
    vectors = np.random.default_rng(seed).normal(size=(rows, 4))
    vectors[0] = 0
    moved = without_mean(vectors, vectors.mean(axis=0), 0.6)
    assert not moved[0].any()
    np.testing.assert_allclose(np.linalg.norm(moved[1:], axis=1), 1)
    by_hand = vectors[-1] - 0.6 * vectors.mean(axis=0)
    if rows > 1:
        np.testing.assert_allclose(moved[-1], by_hand / np.linalg.norm(by_hand))


@pytest.mark.parametrize("share", [0.0, 0.75, 1.0])
def test_how_much_of_the_mean_is_taken_off_is_a_trait_of_the_encoder(share: float) -> None:
    texts = list(CLEAR)[:4]  # of one language, which has one mean
    vectors = np.random.default_rng(0).normal(1, 1, (len(texts), 6))
    questions = dict(zip(texts, vectors, strict=True))
    corpus = corpus_of(texts, vectors, questions=texts, question_vectors=questions, mean_removed=share)
    expected = without_mean(vectors, vectors.mean(axis=0), share)
    for found in (corpus, corpus.part(range(len(texts))), corpus.questions):
        assert found is not None
        np.testing.assert_allclose(centred_vectors(found, means_of(found)), expected)


def test_a_text_is_one_to_itself_and_likeness_goes_both_ways() -> None:
    corpus = encoded(list(CLEAR))
    space = TextSpace().fit(corpus)
    kernel = space.own_kernel()
    np.testing.assert_allclose(np.diag(kernel), 1)
    np.testing.assert_allclose(kernel, kernel.T, atol=1e-12)
    np.testing.assert_allclose(space.kernel(space.rows(corpus)), kernel, atol=1e-12)
    np.testing.assert_allclose(space.kernel(space.rows(corpus), [5, 2]), kernel[:, [5, 2]], atol=1e-12)


def test_the_views_of_a_space_add_up_by_their_weights() -> None:
    corpus = encoded(list(CLEAR))
    parts = [TextSpace(dense=dense, gram=gram).fit(corpus).own_kernel() for dense, gram in ((1, 0), (0, 1))]
    together = TextSpace(dense=0.7, gram=0.3).fit(corpus).own_kernel()
    np.testing.assert_allclose(together, 0.7 * parts[0] + 0.3 * parts[1], atol=1e-12)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10**6), st.integers(1, 30), st.floats(0, 1))
def test_what_rows_have_in_common_is_their_product_however_often_pieces_occur(
    seed: int, rows: int, filled: float
) -> None:
    import scipy.sparse

    chance = np.random.default_rng(seed)
    full = [np.where(chance.random((n, 12)) < filled * chance.random(12), chance.random((n, 12)), 0) for n in (rows, 5)]
    here, there = (scipy.sparse.csr_array(array) for array in full)
    np.testing.assert_allclose(overlap(here, there), full[0] @ full[1].T, atol=1e-12)


@pytest.mark.parametrize("outputs", [1, 64, 65, 130])
def test_what_a_kernel_tells_is_the_same_without_making_the_kernel(outputs: int) -> None:
    corpus, more = encoded(list(CLEAR)), encoded(["课本要钱。", "I am ill.", "  "])
    space = TextSpace().fit(corpus)
    answers = np.random.default_rng(0).normal(size=(len(CLEAR), outputs))
    expected = space.kernel(space.rows(more)) @ answers
    np.testing.assert_allclose(space.scores(space.rows(more), answers), expected, atol=1e-12)


def test_views_that_are_extended_keep_their_weights_and_hold_the_new_texts_too() -> None:
    corpus, more = encoded(list(CLEAR)), encoded(["课本要钱。", "I am ill."])
    views = ContextViews().fit(corpus)
    rows, longer = views.rows(corpus), views.extended(more)
    own, beside = views.kernels(rows), views.kernels(views.rows(more))
    for name, kernel in longer.kernels(rows).items():
        np.testing.assert_allclose(kernel[:, :8], own[name], atol=1e-12)
        np.testing.assert_allclose(kernel[:, 8:], beside[name].T, atol=1e-12)
