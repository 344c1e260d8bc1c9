"""Full text of passages: what a search of every text for every word finds, the index finds too."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lbc_themes.core.records import Passage, Role
from lbc_themes.review.fulltext import TextIndex
from lbc_themes.text.words import simplified


def passages(*texts):
    return [
        Passage(
            id=f"a:{n}", transcript_id="a", spans=((0, len(text)),), text=text, speaker="", role=Role.CHILD,
            question=asked,
        )
        for n, (text, asked) in enumerate(texts)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "any_of", "found"),
    [
        (["想"], False, [0, 2]), (["想妈"], False, [0]), (["想媽"], False, [0]), (["想", "草"], False, [2]),
        (["妈", "草"], True, [0, 2]), (["wifi"], False, [1]), (["if"], False, [1]), (["几岁"], False, [1]),
        (["想", "几岁"], False, []), (["𠮷"], False, [3]), (["😀"], False, [3]), (['"'], False, [3]),
        (["妈。想"], False, []), (["妈,想"], False, []), ([], False, []), ([" "], False, []),
    ],
)  # fmt: skip
def test_words_and_phrases_are_found_in_what_was_said_or_asked(words, any_of, found):
    index = TextIndex(
        passages(("我想妈。", ""), ("家里有 WiFi", "你几岁了"), ("想拔草", "想啥"), ('𠮷😀说"好"', "")), simplified
    )
    assert index.find(words, any_of=any_of) == found


@given(
    st.lists(st.text("想妈媽草 a😀\"'*-", max_size=12), max_size=6), st.text("想妈媽草a😀\"'*-", min_size=1, max_size=3)
)
def test_the_index_finds_exactly_the_texts_that_hold_the_word(texts, word):
    index = TextIndex(passages(*((text, "") for text in texts)), simplified)
    plain = ["".join(simplified(text).casefold().split()) for text in texts]
    wanted = [n for n, text in enumerate(plain) if simplified(word).casefold() in text]
    assert index.find([simplified(word).casefold()]) == wanted
