"""What is computed when codes are learned: answers left out by child, the blend, near passages, counts of use."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from learning_texts import BigramEncoder, coded, indicator

from lbc_themes.suggest.calibration import sigmoid
from lbc_themes.suggest.explain import carried_by_nearest
from lbc_themes.suggest.features import TextSpace, corpus_of
from lbc_themes.suggest.learner import (
    Learner,
    Stack,
    concentration_of,
    fit_blend,
    fit_stack,
    log_expected_use,
    log_use,
    pair_features,
    trust_in,
    used_without,
)
from lbc_themes.suggest.zero_shot import TEMPERATURE, Prior, fit_kernel_ridge, zero_shot_logits

TEXTS, SETS, GROUPS = coded()
GOLD = indicator(SETS)


def test_a_score_that_would_count_against_its_code_is_left_out_of_the_blend() -> None:
    chance = np.random.default_rng(0)
    targets = np.eye(4)[chance.integers(4, size=40)]
    features = pair_features([-targets + 0.1 * chance.normal(size=(40, 4))], targets, log_use(targets.sum(axis=0), 40))
    stack = fit_stack(features, targets)
    assert stack is not None
    assert stack.weights[[0, 1]].tolist() == [0, 0]
    assert stack.weights[2] > 0


# Answers left out: two ways to one result


@pytest.mark.parametrize("groups", [None, GROUPS[:60]])
def test_left_out_answers_in_closed_form_are_those_of_fitting_without_the_group(groups: list[str] | None) -> None:
    texts, targets = TEXTS[:60], GOLD[:60].astype(float)
    kernel = TextSpace().fit(corpus_of(texts, BigramEncoder().encode(texts))).own_kernel()
    found = fit_kernel_ridge(kernel, targets, 0.5, groups)
    names = groups or list(range(60))
    for name in set(names):
        out = np.array([other == name for other in names])
        held = kernel[np.ix_(~out, ~out)] + 0.5 * np.eye((~out).sum())
        weights = np.linalg.solve(held, targets[~out] - targets.mean(axis=0))
        expected = kernel[np.ix_(out, ~out)] @ weights + targets.mean(axis=0)
        np.testing.assert_allclose(found.left_out[out], expected, atol=1e-9)


def test_a_learner_that_is_extended_answers_as_ridge_on_all_would() -> None:
    encoder = BigramEncoder()
    corpus = corpus_of(TEXTS[:100], encoder.encode(TEXTS[:100]))
    more = corpus_of(TEXTS[100:104], encoder.encode(TEXTS[100:104]))
    targets = GOLD[:104].astype(float)
    longer = (
        Learner().fit(corpus, targets[:100], Prior(scores=np.zeros((100, 4))), None).extended([more], targets[100:])
    )
    kernels = longer.views_.kernels(longer.views_.rows_)
    for name, kernel in kernels.items():
        np.testing.assert_allclose(longer.kernels_[name], kernel, atol=1e-12)
        by_hand = np.linalg.solve(kernel + 0.5 * np.eye(104), targets - targets.mean(axis=0))
        np.testing.assert_allclose(longer.ridges_[name].weights, by_hand, atol=1e-9)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6))
def test_the_blend_is_calibrated_on_average(seed: int) -> None:
    chance = np.random.default_rng(seed)
    strength = chance.normal(size=(300, 4))
    targets = (chance.random((300, 4)) < sigmoid(2 * strength - 1)).astype(float)
    features = pair_features([strength], np.zeros((300, 4)), log_use(targets.sum(axis=0), 300))
    stack = fit_stack(features, targets)
    assert stack is not None
    assert sigmoid(stack.logits(features)).mean() == pytest.approx(targets.mean(), abs=0.02)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10**6), st.integers(1, 25))
def test_codes_of_the_ten_nearest_are_counted_right(seed: int, many: int) -> None:
    chance = np.random.default_rng(seed)
    similar, targets = chance.random((6, many)), (chance.random((many, 3)) < 0.4).astype(float)
    for row, found in zip(similar, carried_by_nearest(similar, targets), strict=True):
        nearest = sorted(range(many), key=lambda i: -row[i])[:10]
        np.testing.assert_allclose(found, targets[nearest].sum(axis=0))


@pytest.mark.parametrize("groups", [None, ["a", "b", "a", "c"]])
def test_how_often_a_code_was_used_is_counted_without_the_group_of_the_text(groups):
    targets = np.array([[1, 0], [1, 1], [0, 1], [1, 0]], dtype=float)
    of = groups or [0, 1, 2, 3]
    others = [[row for row in range(4) if of[row] != of[text]] for text in range(4)]
    used, coded_texts = used_without(targets, groups)
    assert np.allclose(used, [targets[rows].sum(axis=0) for rows in others])
    assert coded_texts.ravel().tolist() == [len(rows) for rows in others]


def test_codes_used_once_do_not_drown_those_not_used_yet():
    # Ten passages, each with a code of its own: no passage's code is used by another, so use says nothing.
    targets = np.eye(10, 20)
    chance = np.random.default_rng(0)
    prior = 2 * np.eye(10, 20) + chance.normal(size=(10, 20))
    learner = Learner().fit(
        corpus_of([f"第{n}件事" for n in range(10)], chance.normal(size=(10, 4))), targets, Prior(scores=prior), None
    )
    assert learner.stack_ is not None
    assert learner.stack_.weights[-1] <= 0.3 * learner.stack_.weights[-3:-1].sum()


# Few texts do not tell which of the learned scores to trust


def _scored(count: int) -> tuple[np.ndarray, np.ndarray]:
    """One learned score that is better than another, and a codebook that is right now and then."""
    chance = np.random.default_rng(5)
    targets = np.eye(4)[chance.integers(4, size=count)]
    good, poor, prior = (targets + noise * chance.normal(size=(count, 4)) for noise in (0.5, 1.0, 1.5))
    return pair_features([good, poor], prior, log_use(targets.sum(axis=0), count)), targets


def test_with_few_texts_each_learned_score_weighs_nearly_the_same_and_with_many_what_it_is_worth() -> None:
    def ratios(count: int) -> tuple[float, float]:
        features, targets = _scored(count)
        each, blend = fit_stack(features, targets), fit_blend(features, targets, learned=2)
        return float(each.weights[2] / each.weights[0]), float(blend.weights[2] / blend.weights[0])

    assert all(ratio == pytest.approx(0.5, abs=0.25) for ratio in (ratios(20)[0], ratios(1000)[0]))
    assert ratios(20)[1] > 0.85
    assert ratios(1000)[1] == pytest.approx(ratios(1000)[0], abs=0.02)


def test_the_blend_lies_between_learned_weights_and_those_of_the_mean_by_the_number_of_texts() -> None:
    features, targets = _scored(50)  # as many as make both count alike
    each = fit_stack(features, targets)
    scaled = features / each.scale
    mean = (scaled[..., 0] + scaled[..., 2]) / 2
    even = fit_stack(np.stack([mean, *np.moveaxis(scaled[..., [4, 6]], 2, 0)], axis=2), targets)
    with_mean = even.logits(np.stack([mean, *np.moveaxis(scaled[..., [4, 6]], 2, 0)], axis=2))
    blend = fit_blend(features, targets, learned=2)
    np.testing.assert_allclose(blend.logits(features), (each.logits(features) + with_mean) / 2)


def test_texts_that_all_carry_the_same_leave_nothing_to_blend() -> None:
    features, _ = _scored(8)
    assert not fit_blend(features, np.zeros((8, 4)), learned=2).weights.any()


# How far the codebook is believed beside what was learned


def test_a_codebook_is_believed_by_how_often_its_first_code_was_right() -> None:
    targets = np.eye(4, dtype=bool)[np.arange(40) % 4]
    right, wrong = targets.astype(float), np.roll(targets, 1, axis=1).astype(float)
    half = np.where(np.arange(40)[:, None] < 20, right, wrong)
    assert trust_in(right, half, targets) == 1
    assert trust_in(right, right, targets) == 1
    assert trust_in(half, right, targets) == pytest.approx((21.5 / 23.5) / (41.5 / 3.5))
    assert trust_in(wrong, right, targets) < 0.005


def test_texts_without_a_code_and_none_at_all_say_nothing_of_a_codebook() -> None:
    targets = np.eye(4, dtype=bool)[np.arange(40) % 4]
    scores, other = targets.astype(float), np.roll(targets, 1, axis=1).astype(float)
    among = np.concatenate([targets, np.zeros_like(targets)])
    twice = [np.concatenate([each, each]) for each in (other, scores)]
    assert trust_in(*twice, among) == trust_in(other, scores, targets)
    assert trust_in(other, scores, np.zeros_like(targets)) == 1


def test_names_that_say_nothing_of_the_texts_are_given_up_after_a_handful() -> None:
    encoder = BigramEncoder()
    corpus = corpus_of(TEXTS[:20], encoder.encode(TEXTS[:20]))
    targets = GOLD[:20].astype(float)
    wrong = 3 * np.roll(targets, 1, axis=1)
    misled = Learner().fit(corpus, targets, Prior(scores=wrong), None)
    stubborn = Learner().fit(corpus, targets, Prior(scores=wrong), None)
    stubborn.trust_ = 1.0
    said = [each.logits(each.kernels_, Prior(scores=wrong))[targets > 0].mean() for each in (misled, stubborn)]
    assert misled.trust_ < 0.5
    assert said[0] > said[1]


# How often codes are used corrects what the codebook says


def test_codes_used_evenly_have_a_high_concentration_and_one_that_takes_all_a_low_one() -> None:
    even, one = np.full(12, 10.0), np.array([109.0, *[1.0] * 11])
    assert concentration_of(even) > 20
    assert concentration_of(one) < 0.6
    assert concentration_of(np.zeros(12)) == pytest.approx(1)
    assert concentration_of(np.eye(12)[0]) == pytest.approx(1)


def test_use_expected_is_that_counted_drawn_to_all_alike() -> None:
    used = np.array([3.0, 1.0, 0.0, 0.0])
    np.testing.assert_allclose(np.exp(log_expected_use(used, 1.0)), [4 / 8, 2 / 8, 1 / 8, 1 / 8])
    both = log_expected_use(np.stack([used, used[::-1]]), 1.0)
    np.testing.assert_allclose(both[1], both[0][::-1])
    np.testing.assert_allclose(np.exp(log_expected_use(np.zeros(4), 0.1)), [1 / 4] * 4)
    once = log_expected_use(np.array([1.0, 0.0, 0.0, 0.0]), 1.0)  # one use of four codes tells half of what two would
    np.testing.assert_allclose(once, (np.log([2 / 5, 1 / 5, 1 / 5, 1 / 5]) - np.log(4)) / 2)


def test_the_codebook_s_shares_are_corrected_by_bayes_rule() -> None:
    scores = TEMPERATURE * np.log(np.array([[0.5, 0.3, 0.2]]))
    use = np.array([0.1, 0.1, 0.8])
    expected = np.array([0.5, 0.3, 0.2]) * use
    np.testing.assert_allclose(sigmoid(zero_shot_logits(scores, np.log(use)))[0], expected / expected.sum())
    np.testing.assert_array_equal(zero_shot_logits(scores), zero_shot_logits(scores, np.zeros(3)))


def test_of_two_codes_that_fit_alike_the_one_that_is_used_is_suggested_from_the_first_passage_on() -> None:
    encoder = BigramEncoder()
    corpus = corpus_of(TEXTS[:2], encoder.encode(TEXTS[:2]))
    targets = np.array([[1.0, 0.0, 0.0]] * 2)
    learner = Learner().fit(corpus, targets, Prior(scores=np.zeros((2, 3))), None)
    logits = learner.logits(learner.kernels_, Prior(scores=np.zeros((2, 3))))
    assert (logits.argmax(axis=1) == 0).all()


def test_a_code_that_few_passages_have_keeps_more_of_what_the_codebook_says_of_it() -> None:
    encoder = BigramEncoder()
    corpus = corpus_of(TEXTS[:20], encoder.encode(TEXTS[:20]))
    targets = np.zeros((20, 3))
    targets[:18, 0] = targets[18:, 1] = 1
    learner = Learner(blend=20).fit(corpus, targets, Prior(scores=targets), None)
    learner.trust_ = 1.0
    learner.stack_ = Stack(scale=learner.stack_.scale, weights=0 * learner.stack_.weights, bias=0.0)
    logits = learner.logits(learner.kernels_, Prior(scores=targets))
    known = zero_shot_logits(targets, log_expected_use(targets.sum(axis=0), learner.concentration_))
    # All 20 passages count for the first code, 18 for the second, 10 for the third; the codebook counts as 20.
    kept = [20**2 / (20**2 + telling**2) for telling in (20, 18, 10)]
    np.testing.assert_allclose((logits / known).mean(axis=0), kept)


# What is asked counts by itself once questions differ


@pytest.mark.parametrize("questions", [("你想谁？", "你在哪儿上学？"), ("你想谁？",), ()])
def test_what_was_asked_has_a_weight_of_its_own_where_questions_differ(questions: tuple[str, ...]) -> None:
    encoder, chance = BigramEncoder(), np.random.default_rng(0)
    texts = [f"第{n}件事" for n in range(60)]
    asked = [questions[n % len(questions)] for n in range(60)] if questions else []
    held = dict(zip(questions, encoder.encode(list(questions)), strict=True)) if questions else {}
    corpus = corpus_of(texts, encoder.encode(texts), questions=asked, question_vectors=held)
    targets = np.eye(3)[chance.integers(3, size=60)]
    nothing = np.zeros((60, 3))
    learner = Learner().fit(corpus, targets, Prior(scores=nothing, asked=targets), None)
    said = learner.logits(learner.kernels(corpus), Prior(scores=nothing, asked=np.eye(3)[np.full(60, 1)]))
    unsaid = learner.logits(learner.kernels(corpus), Prior(scores=nothing))
    if len(questions) > 1:
        assert (said.argmax(axis=1) == 1).all()
        assert not (unsaid.argmax(axis=1) == 1).all()
    else:
        np.testing.assert_array_equal(said, unsaid)
