"""Suggesting codes before anything has been coded by hand."""

import dataclasses

import numpy as np
import pytest
from conftest import FakeEncoder
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from suggest_samples import CLEAR

from lbc_themes.codebook import load_codebook
from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Bilingual, Codebook, Example, Passage, Role
from lbc_themes.suggest import CodeSuggester
from lbc_themes.suggest.abstention import relevant, too_short
from lbc_themes.suggest.explain import evidence
from lbc_themes.suggest.features import code_descriptions, code_examples, language_of, texts_to_encode

ODD = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Z", "So")), max_size=15)


def passages(*texts: str) -> list[Passage]:
    return [
        Passage(
            id=f"t-{n}", transcript_id="t", spans=((100 * n, 100 * n + len(text)),), text=text, speaker="甲",
            role=Role.CHILD,
        )
        for n, text in enumerate(texts)
    ]  # fmt: skip


@pytest.fixture
def suggester(four_codes: Codebook, fake_encoder: FakeEncoder) -> CodeSuggester:
    return CodeSuggester(four_codes, encoder=fake_encoder)


@pytest.fixture(scope="module")
def real() -> CodeSuggester:
    return CodeSuggester(load_codebook("left-behind-children"))


def test_scores_have_a_row_for_each_text_and_a_column_for_each_code(suggester: CodeSuggester) -> None:
    assert suggester.codes_ == ("family", "study", "money", "illness")
    scores = suggester.rank(list(CLEAR))
    assert scores.shape == (8, 4)
    assert np.isfinite(scores).all()
    assert suggester.rank([]).shape == (0, 4)


def test_clear_texts_get_their_code_first_in_either_language(suggester: CodeSuggester) -> None:
    best = suggester.rank(list(CLEAR)).argmax(axis=1)
    assert [suggester.codes_[code] for code in best] == list(CLEAR.values())


def test_a_text_alone_gets_its_code_first(suggester: CodeSuggester) -> None:
    for text, code_id in CLEAR.items():
        assert suggester.codes_[int(suggester.rank([text])[0].argmax())] == code_id


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "code_id"),
    [
        ("夜里我抱着妈妈的旧衣服闻，特别想她。", "stress.yearning"),
        ("弟弟才三岁，都是我给他喂饭换裤子，走到哪背到哪。", "burden.caregiving"),
        ("难受的时候我就写日记，写完心里松快一点。", "coping.expression"),
        ("学校一个老师教三个年级，音乐课从来没人上。", "school.teachers"),
        ("他们都笑我没爹没妈，玩游戏也不带我。", "social"),
        ("I just want my parents to come home and stay with me.", "need.family_care"),
    ],
)
def test_invented_sentences_find_their_code_among_the_first_three_of_all(
    real: CodeSuggester, text: str, code_id: str
) -> None:
    best = np.argsort(-real.rank([text])[0])[:3]
    assert code_id in [real.codes_[code] for code in best]


def test_bare_names_stand_in_for_a_codebook(fake_encoder: FakeEncoder) -> None:
    suggester = CodeSuggester(codes=["想念妈妈", "作业太难", "没有钱"], encoder=fake_encoder)
    texts = ["妈妈什么时候回来，我想妈妈。", "作业太难，不会。", "家里没有钱。"]
    assert suggester.codes_ == ("想念妈妈", "作业太难", "没有钱")
    assert suggester.rank(texts).argmax(axis=1).tolist() == [0, 1, 2]
    assert [s.codes[0].code_id for s in suggester.suggest(passages(*[text * 2 for text in texts]))] == [
        "想念妈妈",
        "作业太难",
        "没有钱",
    ]


def test_the_same_call_gives_the_same_bits(suggester: CodeSuggester, four_codes: Codebook) -> None:
    again = CodeSuggester(four_codes, encoder=FakeEncoder())
    first = suggester.rank(list(CLEAR))
    assert first.tobytes() == suggester.rank(list(CLEAR)).tobytes() == again.rank(list(CLEAR)).tobytes()


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.permutations(range(12)))
def test_the_order_of_texts_does_not_change_their_scores(suggester: CodeSuggester, order: list[int]) -> None:
    texts = [*CLEAR, "奶奶的药钱贵。", "课本钱。", "想爸爸，也想奶奶。", "今天下雨了。"]
    scores = suggester.rank(texts)
    np.testing.assert_allclose(suggester.rank([texts[i] for i in order]), scores[order], atol=1e-9)


def test_texts_of_one_language_are_not_moved_by_those_of_the_other(suggester: CodeSuggester) -> None:
    chinese = [text for text in CLEAR if language_of(text) == "zh"]
    np.testing.assert_allclose(suggester.rank(list(CLEAR))[:4], suggester.rank(chinese), atol=1e-9)


def test_vectors_at_hand_save_encoding(suggester: CodeSuggester, fake_encoder: FakeEncoder) -> None:
    texts = list(CLEAR)
    scores = suggester.rank(texts, FakeEncoder().encode(texts))
    assert not set(texts) & set(fake_encoder.encoded)
    np.testing.assert_allclose(scores, suggester.rank(texts), atol=1e-9)


@pytest.mark.slow
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(ODD, max_size=14))
def test_any_texts_at_all_get_finite_scores(suggester: CodeSuggester, texts: list[str]) -> None:
    scores = suggester.rank(texts)
    assert scores.shape == (len(texts), 4)
    assert np.isfinite(scores).all()


@pytest.mark.parametrize("text", ["13800 2024", "さびしい", "🙂🙂", " "])
@pytest.mark.parametrize("many", [1, 12])
def test_texts_without_a_word_of_either_language_are_taken(
    fake_encoder: FakeEncoder, four_codes: Codebook, text: str, many: int
) -> None:
    for suggester in (
        CodeSuggester(four_codes, encoder=fake_encoder),
        CodeSuggester(codes=["1", "2"], encoder=fake_encoder),
    ):
        assert np.isfinite(suggester.rank([text] * many)).all()


@pytest.mark.parametrize("texts", ["我想妈妈", [1], ["好", None]])
def test_what_is_no_list_of_texts_is_refused(suggester: CodeSuggester, texts: object) -> None:
    with pytest.raises(
        InputError, match=r"^texts must be a list of strings or passages, one for each passage; a single string"
    ):
        suggester.rank(texts)  # type: ignore[arg-type]


def test_vectors_of_other_texts_are_refused(suggester: CodeSuggester) -> None:
    with pytest.raises(InputError, match=r"^2 texts but 1 vectors; give one vector for each text$"):
        suggester.rank(["好", "想"], np.ones((1, 5)))


def test_exactly_one_of_codebook_and_names_is_taken(four_codes: Codebook) -> None:
    line = r"^CodeSuggester takes a codebook or codes=\[\.\.\.\], exactly one of the two$"
    with pytest.raises(InputError, match=line):
        _ = CodeSuggester().codes_
    with pytest.raises(InputError, match=line):
        CodeSuggester(four_codes, codes=["钱", "病"]).rank(["好"])


@pytest.mark.parametrize(("codes", "count"), [(["钱"], 1), ([], 0), (["钱", "钱"], 2)])
def test_fewer_than_two_codes_or_one_twice_are_refused(codes: list[str], count: int) -> None:
    with pytest.raises(InputError, match=f"needs two or more codes, none of them twice; got {count}, twice: "):
        CodeSuggester(codes=codes).rank(["好"])


# Suggestions


def test_a_suggestion_has_the_best_codes_first_with_falling_scores(suggester: CodeSuggester) -> None:
    texts = [text * 2 for text in CLEAR]
    scores = suggester.rank(texts)
    for suggestion, row in zip(suggester.suggest(passages(*texts), top=4), scores, strict=True):
        assert [suggester.codes_.index(code.code_id) for code in suggestion.codes] == np.argsort(-row).tolist()
        assert [code.score for code in suggestion.codes] == pytest.approx(sorted(row, reverse=True))
        assert all(0 <= code.probability <= 1 for code in suggestion.codes)
        assert suggestion.reason == ""


@pytest.mark.parametrize(("top", "expected"), [(1, 1), (3, 3), (99, 4)])
def test_no_more_codes_are_suggested_than_asked_for_or_there_are(
    suggester: CodeSuggester, top: int, expected: int
) -> None:
    [suggestion] = suggester.suggest(passages("校服要交钱，爷爷说太贵，先不买。"), top=top)
    assert len(suggestion.codes) == expected


def test_top_below_one_is_refused_and_no_passages_are_no_suggestions(suggester: CodeSuggester) -> None:
    with pytest.raises(InputError, match=r"^top must be 1 or more, not 0$"):
        suggester.suggest(passages("校服要交钱"), top=0)
    assert suggester.suggest([]) == []


def test_suggestions_stand_beside_their_passages_even_where_words_repeat(suggester: CodeSuggester) -> None:
    given_passages = passages(*["校服要交钱，爷爷说太贵，家里没钱，先不买。", "对。"] * 2)
    found = suggester.suggest(given_passages)
    assert [suggestion.passage_id for suggestion in found] == [passage.id for passage in given_passages]
    assert found[0].codes == found[2].codes
    assert [suggestion.reason for suggestion in found] == ["", "too-short", "", "too-short"]


def test_small_talk_gets_no_code_and_says_so(suggester: CodeSuggester) -> None:
    [suggestion] = suggester.suggest(passages("好的，那今天就先聊到这里吧，外面挺热的。"))
    assert (suggestion.codes, suggestion.reason) == ((), "nothing-fits")


def test_a_codebook_that_knows_no_small_talk_silences_only_what_is_too_short(
    four_codes: Codebook, fake_encoder: FakeEncoder
) -> None:
    without = dataclasses.replace(four_codes, utterances=())
    found = CodeSuggester(without, encoder=fake_encoder).suggest(
        passages("好的，那今天就先聊到这里吧，外面挺热的。", "嗯，好。")
    )
    assert [suggestion.reason for suggestion in found] == ["", "too-short"]


@pytest.mark.slow
def test_the_librarys_codebook_tells_small_talk_from_a_story(real: CodeSuggester) -> None:
    found = real.suggest(
        passages("你先坐一下，我去给你倒杯水，录音笔放在这儿。", "奶奶腿疼，水都是我挑的，饭也是我做。")
    )
    assert [suggestion.reason for suggestion in found] == ["nothing-fits", ""]


@pytest.mark.parametrize("text", CLEAR)
def test_evidence_words_stand_in_the_passage_and_the_example_in_the_codebook(
    suggester: CodeSuggester, four_codes: Codebook, text: str
) -> None:
    [suggestion] = suggester.suggest(passages(text * 2))
    first = suggestion.codes[0]
    assert first.evidence.words
    assert all(word in text * 2 for word in first.evidence.words)
    assert first.evidence.example_source == "codebook"
    assert first.evidence.example == four_codes[first.code_id].typical[0].text.said(language_of(text))
    assert all(f"“{word}”" in first.evidence.why_zh for word in first.evidence.words)
    assert f"“{first.evidence.example}”" in first.evidence.why_en


def test_the_codebooks_indicators_are_named_first(suggester: CodeSuggester) -> None:
    [suggestion] = suggester.suggest(passages("老师讲的课我一句也听不懂，作业空了一半。"))
    assert suggestion.codes[0].evidence.words[0] == "听不懂"


@pytest.mark.parametrize(
    ("said", "zh", "en"),
    [
        (((), ""), "整段意思与编码定义相近", "as a whole it is close to the code's definition"),
        ((("没钱", "贵"), ""), "提到“没钱”、“贵”", "it says “没钱”, “贵”"),
        (((), "家里穷。"), "与编码本的例句相近：“家里穷。”", "close to the codebook's example “家里穷。”"),
        (
            (("没钱",), "家里穷。", 3, ("学费", "钱")),
            "提到“没钱”；问题提到“学费”、“钱”；与你这样编过的 3 个段落相近，例如：“家里穷。”",
            "it says “没钱”; the question says “学费”, “钱”; like 3 passages that you coded so, e.g. “家里穷。”",
        ),
    ],
)
def test_evidence_says_what_there_is_in_both_languages(said: tuple, zh: str, en: str) -> None:
    found = evidence(*said)
    assert (found.why_zh, found.why_en) == (zh, en)
    assert (found.words, found.example) == said[:2]
    assert found.example_source == {2: "codebook" if said[1] else "", 4: "coded"}[len(said)]


def test_a_code_is_described_in_each_language_and_a_bare_name_by_itself(four_codes: Codebook) -> None:
    zh, en = code_descriptions(four_codes, None, "zh")[0], code_descriptions(four_codes, None, "en")[0]
    assert (zh.label, en.label[:14]) == ("想念亲人：孩子说想爸爸妈妈。孩子说想爸爸妈妈。", "Missing family")
    assert "想妈妈" in zh.words.split("\n")
    assert "想妈妈" not in en.words
    assert [code.label for code in code_descriptions(None, ["钱", "病"], "en")] == ["钱", "病"]


def test_examples_come_with_the_entries_own_first_and_small_talk_with_no_code(four_codes: Codebook) -> None:
    examples = code_examples(four_codes)
    assert [example.own for example in examples] == [True] * 8 + [False] * 7
    assert [example.language for example in examples[:8]] == ["zh"] * 4 + ["en"] * 4
    assert [example.codes for example in examples[8:]] == [(0,), (1,), (2, 1), (3,), (), (), ()]
    assert code_examples(None) == []


def test_an_example_with_one_wording_for_both_languages_is_shown_once(four_codes: Codebook) -> None:
    same = Example(text=Bilingual(zh="想家。", en="想家。"), speaker=Role.CHILD, code="family")
    codes = (dataclasses.replace(four_codes["family"], typical=(same,)), *four_codes.codes[1:])
    texts = [example.text for example in code_examples(dataclasses.replace(four_codes, codes=codes))]
    assert texts.count("想家。") == 1


def test_every_text_that_ranking_encodes_is_named(
    four_codes: Codebook, suggester: CodeSuggester, fake_encoder: FakeEncoder
) -> None:
    suggester.rank(list(CLEAR))
    named = texts_to_encode(four_codes)
    assert set(fake_encoder.encoded) - set(CLEAR) == {*named["query"], *named["passage"]}


@pytest.mark.parametrize(
    ("text", "expected"),
    [("嗯嗯对对", True), ("就是那个那个啊", True), ("奶奶腿疼，水都是我挑的。", False), ("", True)],
)
def test_what_is_too_short_is_measured_without_fillers(text: str, expected: bool) -> None:
    assert too_short(text) is expected


def test_a_longer_text_needs_less_to_be_relevant() -> None:
    assert not relevant("水是我挑的。", 0.8)
    assert relevant("水是我挑的，" * 20, 0.8)
    assert relevant("水是我挑的，" * 8, 0.8)
    assert not relevant("水是我挑的，" * 20, 0.0)


def test_passages_that_others_are_suggested_among_are_scored_with_them_and_get_none(suggester: CodeSuggester) -> None:
    spoken = passages(*CLEAR)
    assert suggester.suggest(spoken, among=5) == suggester.suggest(spoken)[:3]
    assert suggester.suggest(spoken, among=5) != suggester.suggest(spoken[:3])
    with pytest.raises(InputError, match=r"^among must be 0 to the number of passages, 8, not 9$"):
        suggester.suggest(spoken, among=9)
