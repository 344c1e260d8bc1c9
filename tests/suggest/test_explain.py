"""Which coded passages are nearest, and how likely the codes of a text are that is explained."""

import numpy as np
import pytest
from conftest import FakeEncoder

from lbc_themes.core.records import Codebook
from lbc_themes.suggest.calibration import sigmoid
from lbc_themes.suggest.explain import (
    Explainer,
    Pools,
    carried_by_nearest,
    columns_by_code,
    nearest_by_code,
    own_examples,
)
from lbc_themes.suggest.features import CodeExample, corpus_of


def example(code: int, language: str = "zh", *, own: bool = True) -> CodeExample:
    return CodeExample(text="例句", codes=(code,), language=language, own=own)


def test_only_examples_of_the_codebook_s_entries_in_the_language_may_be_quoted() -> None:
    examples = [example(0), example(1, own=False), example(1), example(0, "en"), example(0)]
    assert own_examples(examples).tolist() == [0, 2, 3, 4]
    assert [found.tolist() for found in columns_by_code(examples, 3, "zh")] == [[0, 4], [2], []]


def test_the_nearest_of_a_code_s_examples_is_found_where_it_is_asked_for() -> None:
    near = np.array([[0.1, 0.9, 0.3], [0.8, 0.2, 0.7]])
    columns = [np.array([0, 1]), np.array([2]), np.array([], int)]
    best = np.array([[0, 1], [0, 2]])
    asked = np.array([[True, True], [True, True]])
    found = nearest_by_code(best, asked, columns, lambda rows, some: near[np.ix_(rows, some)])
    assert found.tolist() == [[1, 2], [0, -1]]
    assert (
        nearest_by_code(best, ~asked, columns, lambda rows, some: near[np.ix_(rows, some)]).tolist() == [[-1, -1]] * 2
    )


def test_the_ten_nearest_coded_passages_are_counted() -> None:
    similar = np.array([np.arange(12.0), -np.arange(12.0)])
    targets = np.zeros((12, 2))
    targets[:3, 0] = targets[2:, 1] = 1
    assert carried_by_nearest(similar, targets).tolist() == [[1, 10], [3, 8]]
    assert carried_by_nearest(similar[:, :4], targets[:4]).tolist() == [[3, 2], [3, 2]]


@pytest.fixture
def pools() -> Pools:
    return Pools(examples=(), similar=lambda rows, some: np.zeros((len(rows), len(some))), first=(0.5, -1.0))


def test_the_first_code_s_probability_is_that_of_its_being_right_and_no_other_is_above_it(
    four_codes: Codebook, pools: Pools
) -> None:
    text = "我发烧病了三天"
    corpus = corpus_of([text], FakeEncoder().encode([text]))
    logits = np.array([[2.0, 2.0, -3.0, 3.0]])
    (ranked,) = Explainer(four_codes, None).ranked(corpus, logits, 3, pools)
    assert [code.code_id for code in ranked] == ["illness", "family", "study"], "of codes alike the first"
    assert [code.score for code in ranked] == [3.0, 2.0, 2.0]
    first = float(sigmoid(np.array([0.5 * 3 - 1]))[0])
    assert [code.probability for code in ranked] == pytest.approx([first] * 3)
    (ranked,) = Explainer(four_codes, None).ranked(corpus, np.array([[2.0, -2.0, -3.0, 3.0]]), 4, pools)
    assert ranked[2].probability == pytest.approx(sigmoid(np.array([-2.0]))[0])


def test_a_coded_passage_near_by_is_quoted_before_an_example_and_words_of_the_question_are_named_once(
    four_codes: Codebook,
) -> None:
    texts = ["我发烧了没人管", "作业不会写"]
    questions = ["你发烧的时候想妈妈吗？", ""]
    vectors = FakeEncoder().encode(texts)
    asked = dict(zip(questions, FakeEncoder().encode(questions), strict=True))
    corpus = corpus_of(texts, vectors, questions=questions, question_vectors=asked)
    near = np.array([[0.2, 0.9, 0.8], [0.9, 0.1, 0.1]])
    pools = Pools(
        examples=[example(1)], similar=lambda rows, some: np.ones((len(rows), len(some))), coded=["甲", "乙", "丙"],
        targets=np.array([[1.0, 0, 0, 0], [0, 0, 0, 1.0], [0, 0, 0, 1.0]]), alike=near,
    )  # fmt: skip
    ill, work = Explainer(four_codes, None).ranked(
        corpus, np.array([[1.0, -5.0, -5.0, 2.0], [-5.0, 2.0, -5.0, -5.0]]), 2, pools
    )
    assert [(code.code_id, code.evidence.example, code.evidence.example_source) for code in ill] == [
        ("illness", "乙", "coded"),
        ("family", "甲", "coded"),
    ]
    assert "like 2 passages" in ill[0].evidence.why_en
    assert "发烧" in ill[0].evidence.words
    assert "问题" not in ill[0].evidence.why_zh
    assert "问题提到“想妈妈”" in ill[1].evidence.why_zh
    assert (work[0].evidence.example, work[0].evidence.example_source) == ("例句", "codebook")
    assert "问题" not in work[0].evidence.why_zh
