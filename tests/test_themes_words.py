import pytest

from lbc_themes.segmenting import content_words
from lbc_themes.themes.naming import names_of, phrases_in
from lbc_themes.themes.wording import telling_words


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


def test_a_name_passes_over_words_that_say_little_while_there_are_others():
    assert names_of({0: ("打", "今个", "四亩", "不来", "外婆", "看见", "打球")}) == {0: "外婆、打球"}
    assert names_of({0: ("打", "今个", "一只")}) == {0: "今个、一只"}
    assert names_of({0: ("打", "摔")}) == {0: "打、摔"}


@pytest.mark.parametrize("word", ["不想", "没人管", "不敢", "睡不着", "不说话"])
def test_a_negated_verb_may_name_a_theme(word):
    assert names_of({0: ("奶奶", word)}) == {0: f"奶奶、{word}"}


def test_words_that_are_said_together_stand_together_in_a_name():
    texts = ["语文老师又换了", "新来的语文老师", "老师不管"]
    phrases = phrases_in(texts, [["语文", "老师", "换"], ["新来", "语文", "老师"], ["老师", "不管"]])
    assert phrases == {"语文": ["语文老师"], "老师": ["语文老师"]}
    assert names_of({0: ("老师", "语文", "不管")}, {0: phrases}) == {0: "语文老师、不管"}


def test_a_phrase_of_one_text_is_no_phrase():
    assert phrases_in(["数学作业", "作业本"], [["数学", "作业"], ["作业"]]) == {}


def test_a_text_that_weighs_more_tells_more():
    words = [["骑车"], ["熬药"], ["上学"]]
    assert telling_words(words, [0, 0, 1], weights=[1, 2, 1])[0] == ("熬药", "骑车")
    assert telling_words(words, [0, 0, 1], weights=[2, 1, 1])[0] == ("骑车", "熬药")


def test_a_theme_without_words_still_has_a_name():
    assert names_of({0: (), 1: ()}) == {0: "未命名", 1: "未命名（2）"}
