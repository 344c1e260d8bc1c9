import pytest

from lbc_themes.segmenting import content_words
from lbc_themes.text.words import without_stage_notes
from lbc_themes.themes.summaries import is_a_person, names_of, phrases_in, telling_words


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


@pytest.mark.parametrize("word", ["小海", "小李", "老韩", "老杨头", "李老师", "王校长", "阿芳", "赵志强"])
def test_what_one_person_is_called_is_no_title_while_there_are_others(word):
    assert names_of({0: (word, "打球", "奶奶")}) == {0: "打球、奶奶"}
    assert names_of({0: (word,)}) == {0: word}


@pytest.mark.parametrize("word", ["奶奶", "小姨", "老师", "老家", "小学", "班主任", "孩子", "老乡", "张嘴", "何况"])
def test_kin_roles_and_plain_words_are_no_persons(word):
    assert not is_a_person(word)


def test_titles_share_no_word():
    phrases = {"数学": ["数学作业"], "数学题": ["数学题"], "难题": ["难题"]}
    assert names_of({0: ("数学", "数学题", "难题", "老师")}, {0: phrases}) == {0: "数学作业、难题、老师"}


def test_a_verb_stands_with_what_it_is_done_to():
    texts = ["回家写作业", "写作业到学校", "作业太多"]
    words = [["回家", "写", "作业"], ["写", "作业", "学校"], ["作业", "太多"]]
    assert phrases_in(texts, words)["作业"] == ["写作业"]
    assert names_of({0: ("作业", "学校")}, {0: phrases_in(texts, words)}) == {0: "写作业、学校"}


def test_words_with_another_verb_between_or_an_empty_verb_are_no_phrase():
    assert phrases_in(["晚上给妈妈打"] * 2, [["晚上", "妈妈", "打"]] * 2) == {"妈妈": ["妈妈打"]}
    assert phrases_in(["给奶奶", "给奶奶"], [["给", "奶奶"]] * 2) == {}


def test_a_phrase_that_a_word_is_rarely_in_does_not_stand_for_it():
    texts = ["奶奶腿疼"] * 2 + ["奶奶好"] * 8
    assert "奶奶" not in phrases_in(texts, [["奶奶", "腿疼"]] * 2 + [["奶奶", "好"]] * 8)


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("（笑）我不去", "   我不去"),
        ("我（点头）对", "我    对"),
        ("[有人敲门]来了", "      来了"),
        ("我（那个）妈妈", "我（那个）妈妈"),
        ("（笑", "（笑"),
    ],
)
def test_notes_in_brackets_are_blanked_and_other_brackets_stay(text, bare):
    assert without_stage_notes(text) == bare
