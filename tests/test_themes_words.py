import pytest

from lbc_themes.segmenting import content_words
from lbc_themes.themes.wording import names_of, telling_words


def test_words_that_all_themes_share_come_after_those_of_one():
    words = [["作业", "数学"], ["作业", "数学"], ["作业", "电话"], ["作业", "电话"]]
    found = telling_words(words, [0, 0, 1, 1])
    assert found == {0: ("数学", "作业"), 1: ("电话", "作业")}


def test_one_talkative_passage_does_not_name_the_theme():
    words = [["骑车"] * 9, ["熬药", "奶奶"], ["熬药", "奶奶"], ["上学"]]
    assert telling_words(words, [0, 0, 0, 1])[0][0] in {"熬药", "奶奶"}


def test_passages_without_theme_give_no_words():
    assert telling_words([["想家"], ["骑车"]], [-1, -1]) == {}
    assert telling_words([["想家"], ["骑车"]], [-1, 4]) == {4: ("骑车",)}


@pytest.mark.parametrize(
    ("text", "word"),
    [("我不想上学", "不想"), ("家里没人管我", "没人管"), ("晚上不敢一个人睡", "不敢")],
)
def test_a_negation_stays_with_its_verb_in_keywords(text, word):
    said = [content_words(text)] * 2
    assert any(word in keyword for keyword in telling_words(said, [0, 0])[0])


@pytest.mark.parametrize("text", ["然后就是那个奶奶", "嗯奶奶", "三十二个奶奶", "eng erm奶奶"])
def test_fillers_and_numerals_are_never_keywords(text):
    assert telling_words([content_words(text)] * 2, [0, 0]) == {0: ("奶奶",)}


def test_names_do_not_say_a_word_twice():
    assert names_of({3: ("电话", "打电话", "妈妈", "晚上")}) == {3: "电话、妈妈、晚上"}


def test_a_theme_without_words_still_has_a_name():
    assert names_of({0: (), 1: ()}) == {0: "未命名", 1: "未命名（2）"}
