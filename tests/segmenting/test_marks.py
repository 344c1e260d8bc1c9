"""Marks: sentence ends, clause ends and sizes."""

from itertools import pairwise

import pytest

from lbc_themes.segmenting.boundaries import WEAKNESS, mark_weakness, sentence_ends, size_of


def sentences(text: str) -> list[str]:
    ends = [0, *sentence_ends(text), len(text)]
    return [text[a:b] for a, b in pairwise(ends) if a < b]


@pytest.mark.parametrize(
    "parts",
    [
        ["我六年级。", "我弟三年级。"],
        ["你知道不？", "他哭了！", "我没哭"],
        ["真的？！", "真的。"],
        ["嗯……", "我不知道"],
        ["等等...", "我想想"],
        ["身高1.5米，跑3.25公里。", "完了。"],
        ["他说：“别怕。”", "我就不怕了。"],
        ["老师问「谁写的？」", "没人说话。"],
        ["“别哭。”，她这么讲。"],
        ["第一；", "第二；", "第三。"],
        ["上面一行\n", "下面一行"],
        ["段落\n\n", "段落"],
        ["（笑。）", "好。"],
        ["网址是www.example.com那个"],
        ["我叫Tom. ", "我十岁"],
        ["我也不知道.", "反正就那样."],
    ],
)
def test_sentences_end_where_a_reader_ends_them(parts: list[str]) -> None:
    assert sentences("".join(parts)) == parts


def test_a_full_stop_is_stronger_than_a_comma_and_a_comma_than_an_enumeration() -> None:
    weakness = mark_weakness("我、你，他。")
    assert weakness[6] < weakness[4] < weakness[2]


def test_a_stop_inside_quotes_is_weaker_than_one_outside() -> None:
    weakness = mark_weakness("“去吧。别哭。”好。")
    assert weakness[4] > weakness[8] == weakness[10] == WEAKNESS["sentence"]


@pytest.mark.parametrize(
    ("text", "weakness"),
    [
        ("好。\n他", {3: 0.1}),
        ("好。 他", {3: 0.1}),
        ("好，\n他", {3: 0.5}),
        ("好\n他", {2: 0.5}),
        ("好 他", {2: 2.0}),
        ("好、他；她……它", {2: 4.0, 4: 0.5, 7: 0.6}),
        ("（好，他）她", {3: 3.0}),
        ("好）他，", {4: 2.0}),
    ],
)
def test_each_mark_has_its_weakness_and_a_blank_after_a_mark_the_stronger_of_the_two(
    text: str, weakness: dict[int, float]
) -> None:
    assert mark_weakness(text) == weakness


def test_commas_in_numbers_are_no_marks() -> None:
    assert mark_weakness("1,200块10:30") == {}


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("", 0),
        ("我想家", 3),
        ("我想家。", 3),
        ("嗯，eng er 我", 1),
        ("看YouTube", 2),
        ("3.5", 2),
        ("<city>的", 2),
        ("後來", 2),
    ],
)
def test_sizes_count_characters_and_words_but_no_fillers(text: str, size: int) -> None:
    assert size_of(text) == size
