"""Which words of a passage speak for a code, and what lies ready for the library's own codebook."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lbc_themes.codebook import load_codebook
from lbc_themes.core.assets import codebook_names
from lbc_themes.core.records import Bilingual, Codebook
from lbc_themes.encoding import encoder_names, load_encoder, mean_removed_by
from lbc_themes.segmenting import content_words
from lbc_themes.suggest.explain import (
    PARTS,
    WORDS_KEY,
    CodeWords,
    WordEvidence,
    WordFinder,
    code_words,
    from_arrays,
    texts_by_code,
    to_arrays,
    words_by_code,
    words_key,
)
from lbc_themes.suggest.features import PREPARED, TextSpace, corpus_of, digest, prepared, write_prepared
from lbc_themes.suggest.zero_shot import EXAMPLES_RIDGE, ZeroShot

BOOK = load_codebook("left-behind-children")


@pytest.mark.parametrize(
    ("known", "text", "words"),
    [
        ({"学生", "生活", "活动"}, "学生活动", ["学生", "活动"]),
        ({"想妈妈", "妈妈"}, "我想妈妈了", ["我", "想妈妈", "了"]),
        ({"没钱", "um", "mum"}, "没钱 mum", ["没钱", " ", "mum"]),
        ({"um"}, "mum", ["mum"]),
        ({"没钱"}, "", []),
        (set(), "没钱", ["没", "钱"]),
    ],
)
def test_known_words_are_found_by_the_longest_match_from_the_end(known: set[str], text: str, words: list[str]) -> None:
    assert WordFinder(known).words(text) == words


@given(st.sets(st.text("想妈爸的ab", min_size=1, max_size=4)), st.text("想妈爸的ab1 ，", max_size=30))
def test_words_joined_are_the_text_and_each_is_known_or_cannot_be_parted(known: set[str], text: str) -> None:
    found = WordFinder(known).words(text)
    assert "".join(found) == text
    assert all(len(word) == 1 or word in known or word.isascii() for word in found)


def telling(*used: dict[str, int], indicators: tuple[tuple[str, ...], ...] = ((), ())) -> WordEvidence:
    return WordEvidence(CodeWords(vocabulary=frozenset().union(*used), used=used), indicators)


def test_the_most_telling_words_of_the_code_come_first() -> None:
    words = telling({"作业": 9, "奶奶": 5, "听课": 1}, {"奶奶": 4, "没钱": 3})
    assert words.words("奶奶看我写作业，听课，没钱", [0, 1]) == [("作业", "听课", "奶奶"), ("没钱",)]
    assert words.words("今天下雨", [1, 0]) == [(), ()]


def test_words_are_shown_as_they_stand_in_the_passage() -> None:
    words = telling({"妈妈": 3, "mum": 2}, {"没钱": 1})
    assert words.words("媽媽，MUM，妈妈", [0]) == [("MUM", "媽媽")]
    assert words.words("<妈妈>说", [0]) == [()]


def test_a_negated_word_does_not_speak_for_what_it_denies() -> None:
    words = telling({"朋友": 3, "没有": 1}, {"没有朋友": 3})
    assert words.words("我没有朋友", [0, 1]) == [(), ("没有朋友",)]
    assert words.words("我有朋友", [0, 1]) == [("朋友",), ()]


def test_indicators_come_first_and_swallow_their_parts() -> None:
    words = telling({"妈妈": 3, "想念": 2}, {}, indicators=(("想妈妈",), ()))
    assert words.words("想念，想妈妈", [0]) == [("想妈妈", "想念")]


def test_no_more_than_five_words_are_named() -> None:
    words = telling(dict.fromkeys(("作业", "听课", "考试", "数学", "英语", "背书", "老师"), 1), {})
    assert len(words.words("作业听课考试数学英语背书老师", [0])[0]) == 5


def test_words_found_are_nearly_those_that_cutting_finds() -> None:
    finder, right, both = WordFinder(code_words(BOOK, None).vocabulary), 0, 0
    for text in [u.text for u in BOOK.utterances if u.language == "zh"][::40]:
        cut = {word for word in content_words(text) if len(word) > 1}
        found = {word for word in finder.words(text) if len(word) > 1}
        right += len(cut & found)
        both += len(cut)
    assert right > 0.85 * both


# What lies ready


def test_words_come_back_from_arrays_as_they_were(four_codes: Codebook) -> None:
    texts = texts_by_code(four_codes, None)
    words = dict(zip(map(words_key, texts), words_by_code(texts), strict=True))
    arrays = to_arrays(words)
    parts = [arrays[name] for name in PARTS]
    assert from_arrays(parts, words) == words
    one = words_key(texts[1])
    assert from_arrays(parts, {one}) == {one: words[one]}


@pytest.mark.slow
@pytest.mark.parametrize("name", codebook_names())
def test_the_words_that_lie_ready_are_those_of_the_codebook(name: str) -> None:
    texts = texts_by_code(load_codebook(name), None)
    found = prepared(WORDS_KEY, PARTS)
    assert found is not None, "run models/build_codebook_vectors.py"
    made = dict(zip(map(words_key, texts), words_by_code(texts), strict=True))
    assert from_arrays(found, made) == made, "run models/build_codebook_vectors.py"


@pytest.mark.slow
def test_only_the_words_of_changed_codes_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    first, *rest = BOOK.codes
    renamed = replace(first, name=Bilingual(zh="改了名的编码", en="a renamed code"))
    changed = replace(BOOK, codes=(renamed, *reversed(rest)))
    counted = words_by_code(texts_by_code(changed, None))
    asked: list[str] = []
    monkeypatch.setattr(
        "lbc_themes.suggest.explain.words_by_code", lambda texts: asked.extend(texts) or words_by_code(texts)
    )
    words = code_words(changed, None)
    assert len(asked) == 1
    assert "改了名的编码" in asked[0]
    assert words.used == tuple(one.used[0] for one in counted)
    assert words.vocabulary == frozenset().union(*(one.vocabulary for one in counted))


@pytest.mark.slow
@pytest.mark.parametrize("encoder_name", encoder_names())
@pytest.mark.parametrize("name", codebook_names())
def test_the_weights_that_lie_ready_are_those_that_would_be_learned(name: str, encoder_name: str) -> None:
    encoder = load_encoder(encoder_name)
    zero_shot = ZeroShot(load_codebook(name), None, encoder)
    assert prepared(zero_shot.ridge_key(), ["weights"]) is not None, "run models/build_codebook_vectors.py"
    weights, targets = zero_shot.ridge_weights(), zero_shot.targets()
    texts = [example.text for example in zero_shot.examples]
    space = TextSpace().fit(corpus_of(texts, encoder.encode(texts), mean_removed=mean_removed_by(encoder)))
    answered = (
        space.scores(space.rows_, weights) + EXAMPLES_RIDGE * weights
    )  # (K + ridge I) weights = targets less their mean
    np.testing.assert_allclose(answered, targets - targets.mean(axis=0), atol=1e-6)


def test_the_file_of_what_lies_ready_holds_nothing_else() -> None:
    keys = {WORDS_KEY}
    for name in codebook_names():
        book = load_codebook(name)
        keys |= {ZeroShot(book, None, load_encoder(encoder)).ridge_key() for encoder in encoder_names()}
    with np.load(PREPARED, allow_pickle=False) as file:
        assert {name.partition(".")[0] for name in file.files} == keys


def test_another_codebook_another_encoder_and_other_examples_have_keys_of_their_own(four_codes: Codebook) -> None:
    keys = {
        ZeroShot(four_codes, None, load_encoder()).ridge_key(),
        ZeroShot(BOOK, None, load_encoder()).ridge_key(),
        ZeroShot(BOOK.subset(["stress"]), None, load_encoder()).ridge_key(),
    }
    assert len(keys) == 3
    assert prepared(ZeroShot(four_codes, None, load_encoder()).ridge_key(), ["weights"]) is None


@settings(max_examples=20)
@given(st.lists(st.text(max_size=4), max_size=4), st.lists(st.text(max_size=4), max_size=4))
def test_a_digest_tells_what_it_was_made_from(first: list[str], second: list[str]) -> None:
    assert (digest("words", first) == digest("words", second)) is (first == second)


def test_what_is_written_is_found_by_its_key_and_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lbc_themes.suggest.features.PREPARED", tmp_path / PREPARED.name)
    assert prepared("a", ["weights"]) is None
    write_prepared(tmp_path / PREPARED.name, {"a": {"weights": np.arange(3)}})
    found = prepared("a", ["weights"])
    assert found is not None
    assert found[0].tolist() == [0, 1, 2]
    assert prepared("b", ["weights"]) is None
    assert prepared("a", ["weights", "words"]) is None


def test_a_word_of_time_or_degree_is_no_evidence_unless_the_codebook_names_it() -> None:
    used = ({"一会儿": 9, "想妈妈": 3}, {"作业": 3})
    assert telling(*used).words("玩一会儿就想妈妈", [0]) == [("想妈妈",)]
    assert telling(*used).words("玩一会儿", [0]) == [()]
    assert telling(*used, indicators=(("一会儿",), ())).words("玩一会儿", [0]) == [("一会儿",)]
