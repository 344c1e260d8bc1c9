"""Cues: tables of what is found and what only looks like it."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lbc_themes.segmenting import cues


def found(text: str, kind: str) -> list[str]:
    return [cue.text for cue in cues(text) if cue.kind == kind]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("我不想去", ["不想"]),
        ("家里没人管我", ["没人管"]),
        ("我没有哭", ["没有哭"]),
        ("沒有錢", ["沒有錢"]),
        ("他不敢吭声", ["不敢"]),
        ("不过我还行", []),
        ("差不多三天", []),
        ("你想不想她", []),
        ("有没有人", []),
        ("别人都有", []),
        ("没关系", []),
    ],
)
def test_negations_have_their_word_with_them(text: str, expected: list[str]) -> None:
    assert found(text, "negation") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("可能他忘了吧", ["可能", "忘了"]),
        ("我也不知道咋说", ["也不知道咋说"]),
        ("好像是去年", ["好像是"]),
        ("我十岁", []),
    ],
)
def test_hedges(text: str, expected: list[str]) -> None:
    assert found(text, "hedge") == expected


@pytest.mark.parametrize(
    ("text", "group"),
    [
        ("我就哭了", "sadness"),
        ("特别想家", "longing"),
        ("一个人很孤单", "loneliness"),
        ("夜里害怕", "fear"),
        ("我担心奶奶", "worry"),
        ("他一听就生气", "anger"),
        ("觉得丢人", "shame"),
        ("那天可高兴", "joy"),
        ("我不高兴", "not joy"),
    ],
)
def test_emotions_are_grouped(text: str, group: str) -> None:
    assert group in [cue.group for cue in cues(text) if cue.kind == "emotion"]


@pytest.mark.parametrize(("text", "group"), [("不安得很", "worry"), ("没意思", "numbness"), ("不放心奶奶", "worry")])
def test_an_emotion_word_that_begins_with_a_negation_is_not_negated(text: str, group: str) -> None:
    assert [cue.group for cue in cues(text) if cue.kind == "emotion"] == [group]


@pytest.mark.parametrize("text", ["天气好", "他爱开玩笑", "力气大", "哪怕下雨", "空气新鲜"])
def test_words_that_hold_an_emotion_word_are_none(text: str) -> None:
    assert found(text, "emotion") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("俺奶和我弟弟在家", ["俺奶", "我弟弟"]),
        ("爸爸妈妈走了", ["爸爸", "妈妈"]),
        ("姥娘最疼我", ["姥娘"]),
        ("嬢嬢给我买的", ["嬢嬢"]),
        ("我喝牛奶", []),
        ("一位小姐", []),
    ],
)
def test_kin(text: str, expected: list[str]) -> None:
    assert found(text, "kin") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("奶奶说你别出去", ["奶奶说"]),
        ("我妈就跟我讲：“别哭。”我就不哭", ["我妈就跟我讲：“别哭。”"]),
        ("老師說「坐好」", ["老師說「坐好」"]),
        ("班主任也问过", ["班主任也问"]),
        ("我说不清", []),
        ("他话少", []),
    ],
)
def test_quoted_speech_names_who_speaks(text: str, expected: list[str]) -> None:
    assert found(text, "quote") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("你咋不去？", ["咋", "？"]),
        ("他会不会回来", ["会不会"]),
        ("啥都没有", []),
        ("买糖什么的", []),
    ],
)
def test_question_forms(text: str, expected: list[str]) -> None:
    assert found(text, "question") == expected


@given(st.text(alphabet="我俺奶妈爸媽说說不没想哭怕可能吗？“”，。 eng啥都", max_size=50))
def test_cues_are_ordered_slices_and_one_kind_never_overlaps(text: str) -> None:
    every = cues(text)
    assert all(text[cue.start : cue.end] == cue.text and cue.text for cue in every)
    assert [cue.start for cue in every] == sorted(cue.start for cue in every)
    for kind in {cue.kind for cue in every}:
        mine = [cue for cue in every if cue.kind == kind]
        assert all(a.end <= b.start for a, b in pairwise(mine))


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("他老开玩笑，我一个人躲着哭。", "emotion", ["哭"]),  # a word that only looks like one
        ("喝了奶粉就找爷爷", "kin", ["爷爷"]),
        ("老师说要鼓起勇气，我还是害怕", "emotion", ["害怕"]),  # 气 within a word
    ],
)
def test_what_only_looks_like_a_cue_does_not_end_the_search(text: str, kind: str, expected: list[str]) -> None:
    assert found(text, kind)[-1:] == expected


def test_a_negation_has_no_group() -> None:
    assert [cue.group for cue in cues("我没有哭") if cue.kind == "negation"] == [""]
