import json

import numpy as np
import pytest
from themes_study import passages_of, study, vectors_of

from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Bilingual, Code, Codebook
from lbc_themes.themes import ThemeModel, saturation
from lbc_themes.themes.plots import (
    FONT,
    code_attribute_matrix,
    code_cooccurrence,
    colours,
    heatmap,
    laid_out,
    number_curve,
    passage_map,
    saturation_curve,
    theme_code_heatmap,
    theme_tree,
    wrapped,
)

TEXTS, GROUPS, SUBJECTS = study()
VECTORS = vectors_of(TEXTS)
MODEL = ThemeModel(n_themes=6).fit(passages_of(TEXTS, GROUPS), vectors=VECTORS)
MANY = ThemeModel(n_themes=50).fit(TEXTS, vectors=VECTORS, groups=GROUPS)


def book(*ids):
    return Codebook(
        id="b", version="1", name=Bilingual(zh="书", en="book"),
        codes=tuple(
            Code(id=i, name=Bilingual(zh=f"码{i}", en=f"code {i}"), brief=Bilingual(zh=i, en=i),
                 definition=Bilingual(zh=i, en=i))
            for i in ids
        ),
    )  # fmt: skip


FIFTY = book(*(f"k{number}" for number in range(50)))
SETS = [[f"k{at % 50}", f"k{(at * 7 + 1) % 50}"] for at in range(len(TEXTS))]
BY_PERSON = {
    who: {code for own, g in zip(SETS, GROUPS, strict=True) if g == who for code in own} for who in set(GROUPS)
}
ATTRIBUTES = {who: {"gender": "女" if who < "P04" else "男"} for who in set(GROUPS)}
PICTURES = {
    "passages": lambda language: passage_map(MODEL, language),
    "tree": lambda language: theme_tree(MODEL, language),
    "theme code": lambda language: theme_code_heatmap(MODEL.map_to(FIFTY, codes=SETS), language),
    "attributes": lambda language: code_attribute_matrix(BY_PERSON, ATTRIBUTES, "gender", FIFTY, language),
    "together": lambda language: code_cooccurrence(SETS, FIFTY, language),
    "saturation": lambda language: saturation_curve(saturation(BY_PERSON, shuffles=20), language),
    "number": lambda language: number_curve(ThemeModel().fit(TEXTS, vectors=VECTORS).curve_, language),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", PICTURES)
def test_titles_are_in_the_language_asked_for(name):
    zh, en = PICTURES[name]("zh").layout.title.text, PICTURES[name]("en").layout.title.text
    assert any("\u4e00" <= letter <= "\u9fff" for letter in zh)
    assert en.isascii()


@pytest.mark.slow
@pytest.mark.parametrize("name", PICTURES)
def test_fonts_hold_chinese_and_the_page_needs_no_network(name):
    figure = PICTURES[name]("zh")
    assert figure.layout.font.family == FONT
    page = figure.to_html(include_plotlyjs=True)
    assert "<script src=" not in page


@pytest.mark.slow
@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_drawn_twice_is_the_same(name):
    assert PICTURES[name]("zh").to_json() == PICTURES[name]("zh").to_json()


def test_every_passage_is_on_the_map_once():
    figure = passage_map(MODEL)
    assert sum(len(trace.x) for trace in figure.data) == len(TEXTS)
    assert len(figure.layout.annotations) == 6


@pytest.mark.slow
def test_the_map_can_leave_the_words_out():
    shown, hidden = passage_map(MODEL).to_json(), passage_map(MODEL, show_text=False).to_json()
    assert TEXTS[0] in json.loads(json.dumps(shown)).encode().decode("unicode_escape", "ignore") or TEXTS[0] in shown
    assert not any(text in hidden for text in TEXTS)


def test_text_in_hovers_is_escaped_and_wrapped():
    assert wrapped("<b>奶奶</b>") == "&lt;b&gt;奶奶&lt;/b&gt;"
    assert wrapped("想" * 61).split("<br>") == ["想" * 30, "想" * 30, "想"]
    assert wrapped("想" * 1000).endswith("…")


@pytest.mark.parametrize("number", [1, 2, 4])
def test_few_passages_can_be_drawn(number):
    model = ThemeModel(n_themes=1).fit(TEXTS[:number], vectors=VECTORS[:number])
    assert len(passage_map(model).data) == 1
    assert theme_tree(model).layout.title.text


def test_a_model_without_themes_is_refused():
    empty = ThemeModel().fit(["嗯"], vectors=VECTORS[:1])
    with pytest.raises(InputError, match="there is no passage to draw"):
        passage_map(empty)
    with pytest.raises(InputError, match="there is no theme to draw"):
        theme_tree(empty)


@pytest.mark.slow
def test_fifty_themes_have_a_line_each_and_every_label():
    tree = theme_tree(MANY)
    assert len(tree.layout.yaxis.ticktext) == 50
    assert tree.layout.height >= 50 * 18
    heat = theme_code_heatmap(MANY.map_to(FIFTY, codes=SETS))
    assert len(heat.layout.yaxis.ticktext) == len(heat.layout.xaxis.ticktext) == 50
    assert heat.layout.height >= 50 * 18
    assert heat.layout.width >= 50 * 18
    assert passage_map(MANY).layout.height >= 50 * 18


def test_fifty_colours_differ():
    assert len(set(colours(50))) == 50


def test_the_tree_has_no_crossing_lines():
    figure = theme_tree(MANY)
    spans = [(min(t.y), max(t.y), max(t.x)) for t in figure.data if t.mode == "lines"]
    for low, high, height in spans:
        for other_low, other_high, other_height in spans:
            assert not (low < other_low < high < other_high and height == other_height)
    leaves = sorted(y for t in figure.data if t.mode == "lines" for x, y in zip(t.x, t.y, strict=True) if x == 0)
    assert leaves == [float(line) for line in range(50)]


def test_cooccurrence_counts_passages_with_both():
    figure = code_cooccurrence([["a", "b"], ["a", "b", "c"], ["c"], []], book("a", "b", "c", "d"))
    assert np.array(figure.data[0].z).tolist() == [[0, 2, 1], [2, 0, 1], [1, 1, 0]]


def test_attribute_cells_are_shares_of_participants():
    who = {"P1": {"a"}, "P2": {"a", "b"}, "P3": {"b"}}
    attributes = {"P1": {"role": "child"}, "P2": {"role": "child"}, "P3": {"role": "teacher"}}
    figure = code_attribute_matrix(who, attributes, "role", book("a", "b", "c"))
    assert np.array(figure.data[0].z).tolist() == [[1.0, 0.0], [0.5, 1.0]]
    assert figure.layout.xaxis.ticktext == ("儿童（2）", "教师（1）")


def test_several_attributes_stand_side_by_side_with_a_gap():
    who = {"P1": {"a"}, "P2": {"a"}, "P3": {"a"}}
    attributes = {"P1": {"role": "child", "siblings": "0"}, "P2": {"role": "teacher"}, "P3": {"siblings": "1"}}
    figure = code_attribute_matrix(who, attributes, ["role", "siblings"], book("a"), "en")
    assert figure.layout.xaxis.ticktext == ("child（1）", "teacher（1）", "", "siblings 0（1）", "siblings 1（1）")
    assert list(figure.data[0].z[0]) == [1.0, 1.0, None, 1.0, 1.0]


def test_names_that_look_like_markup_are_shown_as_they_are():
    codes = Codebook(
        id="b", version="1", name=Bilingual(zh="书", en="book"),
        codes=(Code(id="a", name=Bilingual(zh="<b>粗</b>", en="<i>x"), brief=Bilingual(zh="a", en="a"),
                    definition=Bilingual(zh="a", en="a")),),
    )  # fmt: skip
    figure = code_attribute_matrix({"P1": {"a"}}, {"P1": {"role": "child"}}, "role", codes)
    assert figure.layout.yaxis.ticktext == ("&lt;b&gt;粗&lt;/b&gt;",)
    assert figure.data[0].customdata[0][0][0] == "&lt;b&gt;粗&lt;/b&gt;"


def test_an_attribute_that_nobody_has_is_refused():
    with pytest.raises(InputError, match="no participant has the attribute 'age'; known: gender"):
        code_attribute_matrix(BY_PERSON, ATTRIBUTES, "age", FIFTY)


def test_the_saturation_picture_says_the_point_and_the_setting():
    found = saturation({f"C{i}": "abcde"[: 3 + i % 3] for i in range(9)}, shuffles=50)
    subtitle = saturation_curve(found).layout.title.subtitle.text
    assert f"{found.point}+2" in subtitle
    assert "4 / 2 / 5%" in subtitle


def test_names_of_many_columns_stand_above_a_tall_picture_below_its_title():
    figure = heatmap([[0.5] * 40] * 50, ["行"] * 50, ["列"] * 40, hover="", percent=True)
    laid_out(figure, Bilingual(zh="题", en="title"), "zh")
    assert figure.layout.xaxis.side == "top"
    assert figure.layout.margin.t > 150
    assert figure.layout.title.y == 1
