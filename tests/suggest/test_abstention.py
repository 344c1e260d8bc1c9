"""When nothing is suggested: short texts, small talk by size and examples, and what texts without codes taught."""

import numpy as np
import pytest

from lbc_themes.suggest.abstention import (
    Codable,
    abstention_reasons,
    fit_codable,
    relevant,
    too_short,
    usual_sum,
    zero_shot_codable,
)
from lbc_themes.suggest.calibration import sigmoid
from lbc_themes.suggest.features import CodeExample

CARRIES = CodeExample(text="想妈妈", codes=(0,), language="zh", own=False)
SMALL_TALK = CodeExample(text="先聊到这里", codes=(), language="zh", own=False)
EIGHT, TWENTY_FIVE = "我想妈妈回来过年", "我想妈妈回来过年" * 3 + "我"


def test_fewer_than_eight_characters_that_are_no_fillers_are_too_short() -> None:
    assert not too_short(EIGHT)
    assert too_short(EIGHT[1:] + "，嗯嗯")


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        (TWENTY_FIVE, 0.75),
        (EIGHT, 0.75 + 0.3 * np.log(25 / 8)),
        (TWENTY_FIVE * 4, 0.75 - 0.3 * np.log(4)),
        ("", 0.75 + 0.3 * np.log(25)),
    ],
)
def test_the_shorter_a_text_the_more_like_the_examples_it_must_be(text: str, bound: float) -> None:
    assert relevant(text, bound + 1e-9)
    assert not relevant(text, bound - 1e-6)


def test_of_the_usual_size_a_text_exactly_at_the_bound_is_relevant() -> None:
    assert relevant(TWENTY_FIVE, 0.75)


def test_of_what_is_like_no_example_the_examples_say_what_they_teach_on_average() -> None:
    two = CodeExample(text="想妈妈，作业写不完", codes=(0, 1), language="zh", own=False)
    assert usual_sum([CARRIES, SMALL_TALK]) == 0.5
    assert usual_sum([two, SMALL_TALK, SMALL_TALK, SMALL_TALK]) == pytest.approx(0.4)
    assert usual_sum([CARRIES, two]) == 1, "no more than one code is asked of a text"
    assert usual_sum([]) == 0


def test_beside_as_much_small_talk_as_examples_what_is_like_neither_is_no_small_talk() -> None:
    assert relevant(TWENTY_FIVE, 0.5, usual_sum([CARRIES, SMALL_TALK]))
    assert not relevant(TWENTY_FIVE, 0.3, usual_sum([CARRIES, SMALL_TALK]))
    scores = np.array([[0.3, 0.2], [0.2, 0.1]])
    likely = zero_shot_codable([TWENTY_FIVE] * 2, [CARRIES, SMALL_TALK], scores)
    assert likely[0] > 0.5 > likely[1]
    assert abstention_reasons([TWENTY_FIVE] * 2, [CARRIES, SMALL_TALK], scores) == ["", "nothing-fits"]


def test_a_text_is_no_less_likely_to_carry_a_code_than_the_code_that_coding_makes_likeliest() -> None:
    logits = np.array([[2.0, -3.0], [-4.0, -4.0]])
    likely = zero_shot_codable([TWENTY_FIVE] * 2, [CARRIES, SMALL_TALK], np.concatenate([UNLIKE, UNLIKE]), logits)
    alone = zero_shot_codable([TWENTY_FIVE] * 2, [CARRIES, SMALL_TALK], np.concatenate([UNLIKE, UNLIKE]))
    assert likely == pytest.approx([sigmoid(np.array(2.0)), alone[1]])
    assert alone[0] < 0.5


LIKE, UNLIKE = np.array([[0.9, 0.2]]), np.array([[0.1, 0.1]])


@pytest.mark.parametrize(
    ("text", "examples", "scores", "logits", "reason"),
    [
        ("嗯，想", [CARRIES], LIKE, None, "too-short"),
        ("嗯，想", [CARRIES], LIKE, np.array([[5.0, -1.0]]), "too-short"),
        (TWENTY_FIVE, [CARRIES], UNLIKE, None, ""),  # without examples of small talk nothing tells it
        (TWENTY_FIVE, [CARRIES, SMALL_TALK], LIKE, None, ""),
        (TWENTY_FIVE, [CARRIES, SMALL_TALK], UNLIKE, None, "nothing-fits"),
        (TWENTY_FIVE, [CARRIES, SMALL_TALK], UNLIKE, np.array([[0.0, -9.0]]), ""),  # a code is as likely as not
        (TWENTY_FIVE, [CARRIES, SMALL_TALK], UNLIKE, np.array([[-0.01, -0.01]]), "nothing-fits"),
        (TWENTY_FIVE, [CARRIES, SMALL_TALK], LIKE, np.array([[-0.01, -0.01]]), ""),
    ],
)
def test_why_nothing_is_suggested(
    text: str, examples: list[CodeExample], scores: np.ndarray, logits: np.ndarray | None, reason: str
) -> None:
    assert abstention_reasons([text], examples, scores, logits) == [reason]


def test_each_text_has_its_own_reason() -> None:
    texts, scores = ["嗯，想", TWENTY_FIVE, TWENTY_FIVE], np.concatenate([LIKE, UNLIKE, LIKE])
    assert abstention_reasons(texts, [CARRIES, SMALL_TALK], scores) == ["too-short", "nothing-fits", ""]


LEARNED = Codable(
    centre=np.array([1.0, 0.0, 0.0, 0.0]), scale=np.array([2.0, 1.0, 1.0, 1.0]), weights=np.array([1.0, 0.0, 0.0, 0.0]),
    bias=0.5, threshold=float(sigmoid(np.array([1.0]))[0]),
)  # fmt: skip


def test_what_was_learned_weighs_the_features_after_centre_and_scale() -> None:
    logits = np.array([[3.0, -2.0], [2.0, -2.0]])
    assert LEARNED.probabilities([EIGHT, EIGHT], logits) == pytest.approx(sigmoid(np.array([1.5, 1.0])))


@pytest.mark.parametrize(
    ("place", "value"),
    [(0, 2.0), (1, np.log(sum(1 / (1 + np.exp(-x)) for x in (2.0, -2.0, -3.0)) + 1e-6)), (2, np.log(9)), (3, 3.0)],
)
def test_the_features_are_the_best_code_how_many_are_expected_the_size_and_the_lead(place: int, value: float) -> None:
    weights = np.eye(4)[place]
    one = Codable(centre=np.zeros(4), scale=np.ones(4), weights=weights, bias=0.0, threshold=0.5)
    assert one.probabilities([EIGHT], np.array([[2.0, -2.0, -3.0]])) == pytest.approx(sigmoid(np.array([value])))


def test_a_text_that_was_learned_to_carry_nothing_is_left_alone_and_one_at_the_threshold_is_not() -> None:
    logits = np.array([[2.0, -2.0], [1.99, -2.0]])
    found = abstention_reasons([TWENTY_FIVE] * 2, [CARRIES], np.concatenate([LIKE, LIKE]), logits, LEARNED)
    assert found == ["", "nothing-fits"]
    assert abstention_reasons([TWENTY_FIVE], [CARRIES], LIKE, None, LEARNED) == [""]


@pytest.mark.parametrize(("empty", "carrying", "learned"), [(5, 19, True), (4, 19, False), (5, 18, False)])
def test_it_is_learned_from_five_texts_without_and_nineteen_with_a_code(
    empty: int, carrying: int, learned: bool
) -> None:
    chance = np.random.default_rng(0)
    targets = np.zeros((empty + carrying, 2), bool)
    targets[empty:, 0] = True
    logits = chance.normal(size=targets.shape)
    logits[empty:, 0] += 3
    found = fit_codable([TWENTY_FIVE] * len(targets), logits, targets)
    assert (found is not None) == learned
    if found is not None:
        likely = found.probabilities([TWENTY_FIVE] * len(targets), logits)
        assert found.threshold == np.sort(likely[empty:])[0], "the least of nineteen: a twentieth of them and no more"
        assert likely[empty:].mean() > likely[:empty].mean() + 0.2
        assert found.scale[2] == 1e-9, "all texts are of one size"


def test_before_anything_is_coded_size_and_examples_order_the_texts() -> None:
    texts = [EIGHT, TWENTY_FIVE]
    alone = zero_shot_codable(texts, [CARRIES], np.concatenate([UNLIKE, LIKE]))
    assert alone == pytest.approx(sigmoid(2 * np.log([1.0, 25 / 8])))
    beside = zero_shot_codable(texts, [CARRIES, SMALL_TALK], np.concatenate([UNLIKE, LIKE]))
    assert beside == pytest.approx(sigmoid(4 * np.array([0.2 + 0.3 * np.log(8 / 25) - 0.375, 1.1 - 0.375])))
    assert zero_shot_codable(["。"], [CARRIES], UNLIKE) == pytest.approx(sigmoid(2 * np.log([1 / 8])))
