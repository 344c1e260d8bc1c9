"""Texts as they are compared: their language, their weighed grams, a part of them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from suggest_samples import CLEAR, encoded

from lbc_themes.suggest.features import TextSpace, TfIdf, counted_grams, language_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("我也不知道 OK", "zh"),
        ("I don't know, 奶奶 said", "en"),
        ("", "zh"),
        ("12345", "zh"),
        ("好 ok", "zh"),
        ("OK", "en"),
        ("WeChat 微信", "zh"),
    ],
)
def test_the_language_of_a_text_is_the_one_with_more_words(text: str, language: str) -> None:
    assert language_of(text) == language


@given(st.lists(st.sampled_from(["好", "fine", "", "不 no no"]), min_size=1))
def test_every_row_has_one_language(texts: list[str]) -> None:
    rows = encoded(texts).by_language()
    assert sorted(row for some in rows.values() for row in some) == list(range(len(texts)))
    assert all(language_of(texts[row]) == language for language, some in rows.items() for row in some)


def pieces(text: str) -> list[str]:
    """The pieces of a text of 想, 妈, small letters and other characters, found the long way."""
    runs = "".join(c if c in "想妈" else " " for c in text).split()
    found = [run[a:b] for run in runs for a in range(len(run)) for b in range(a + 1, min(a + 3, len(run)) + 1)]
    for word in "".join(c if c in "abc" else " " for c in text).split():
        found += [word, *(f"<{word}>"[i : i + 4] for i in range(len(word) - 1))]
    return found


@pytest.mark.slow
@settings(deadline=None)
@given(st.lists(st.text("想妈abc ，1", max_size=12), min_size=1, max_size=6), st.text("想妈abc ，", max_size=8))
def test_weights_of_grams_are_those_of_scikit_learn(texts: list[str], other: str) -> None:
    from sklearn.feature_extraction.text import TfidfVectorizer

    if any(pieces(text) for text in texts):
        theirs = TfidfVectorizer(analyzer=pieces, sublinear_tf=True).fit(texts)
        ours = TfIdf().fit(counted_grams(texts))
        for some in (texts, [*texts, other], [other]):
            expected = (theirs.transform(some) @ theirs.transform(texts).T).toarray()
            rows = ours.transform(counted_grams(some)) @ ours.transform(counted_grams(texts)).T
            np.testing.assert_allclose(rows.toarray(), expected, atol=1e-12)


def test_a_part_of_a_corpus_is_the_corpus_of_the_part() -> None:
    texts, rows = list(CLEAR), [6, 1, 1, 4]
    part, alone = encoded(texts).part(rows), encoded([texts[i] for i in rows])
    assert (part.texts, part.languages) == (alone.texts, alone.languages)
    space = TextSpace().fit(encoded(texts))
    np.testing.assert_allclose(space.kernel(space.rows(part)), space.kernel(space.rows(alone)), atol=1e-12)


def test_traditional_characters_count_as_their_simplified_forms() -> None:
    assert (counted_grams(["想媽媽，沒錢"]).keys == counted_grams(["想妈妈，没钱"]).keys).all()
