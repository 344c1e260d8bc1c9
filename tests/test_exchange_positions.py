"""Positions: every way of counting leads to the same words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lbc_themes.exchange.refi_qda.positions import (
    READINGS,
    Marked,
    Reading,
    Ruler,
    best,
    how_well,
    moved,
    placed,
    scores,
    undecided,
    unix,
)

texts = st.text(st.sampled_from("甲乙。a😀𠮷\n"), min_size=1, max_size=40).map(lambda text: text.replace("\n", "\r\n"))


def counted(text, reading):
    """Count a text the slow way."""
    if reading.line_ends == "one":
        text = text.replace("\r\n", "\n")
    if reading.line_ends == "two":
        text = text.replace("\r\n", "\n").replace("\n", "\r\n")
    return len(text.encode("utf-16-le")) // 2 if reading.utf16 else len(text)


@given(texts, st.sampled_from(READINGS), st.data())
def test_a_ruler_finds_what_was_counted(text, reading, data):
    edges = [i for i in range(len(text) + 1) if text[i - 1 : i + 1] != "\r\n"]
    start = data.draw(st.sampled_from(edges[:-1]))
    end = data.draw(st.sampled_from([edge for edge in edges if edge > start]))
    last = counted(text[:end], reading) - reading.inclusive
    where = Ruler(text, reading).slice(counted(text[:start], reading), last)
    assert where is not None
    assert text[slice(*where)] == text[start:end]


@given(texts, st.integers(-3, 99), st.integers(-3, 99), st.sampled_from(READINGS))
def test_a_slice_is_within_the_text_or_none(text, start, end, reading):
    where = Ruler(text, reading).slice(start, end)
    assert where is None or 0 <= where[0] < where[1] <= len(text)


@given(texts, st.data())
def test_unix_line_ends_move_positions_with_their_words(text, data):
    start, end = sorted(data.draw(st.tuples(st.integers(0, len(text)), st.integers(0, len(text)))))
    plain, gone = unix(text)
    said = text[start:end].replace("\r\n", "\n").replace("\r", "")
    assert plain[moved(start, gone) : moved(end, gone)].replace("\n", "") == said.replace("\n", "")


@pytest.mark.parametrize(
    ("text", "words", "score"),
    [("那个秋千", "那个秋千", 2), ("那个 秋千\n", "那个秋千", 2), ("那个秋千还在", "那个秋千…", 1),
     ("那个秋千还在", "那个秋千...", 1), ("那个秋千", "1:2 那个秋千", 2), ("10:30 起床", "10:30 起床", 2),
     ("那个\x01秋千\x00", "那个\ufffd秋千\ufffd", 2),
     ("那个秋千还在", "那个秋千", 0), ("那个", "那…", 0), ("那个", "", 0)],
)  # fmt: skip
def test_how_well_words_fit(text, words, score):
    assert how_well(text, words) == score


def test_the_usual_reading_decides_where_the_names_do_not():
    inclusive = Reading(inclusive=True)
    assert best(dict.fromkeys(READINGS, (0, 0)), inclusive) == inclusive
    marks = [Marked(key="a", start=0, end=1, words="甲乙")]
    assert best(scores("甲乙丙", marks), Reading()) == inclusive
    assert placed("甲乙丙", Marked(key="a", start=0, end=1, words="甲乙"), Reading()) == ((0, 2), True)
    assert placed("甲乙丙", Marked(key="a", start=0, end=1, words="丁"), Reading()) == ((0, 1), False)


def test_a_selection_outside_the_text_rules_a_way_of_counting_out():
    text = "😀那个秋千"
    marks = [Marked(key="a", start=2, end=6, words=""), Marked(key="b", start=3, end=3, words="")]
    assert best(scores(text, marks), Reading()) == Reading(utf16=True)
    assert not undecided(text, marks)
    assert undecided(text, [Marked(key="a", start=2, end=4, words="")])
    assert not undecided("那个秋千", [Marked(key="a", start=2, end=4, words="")])


@pytest.mark.parametrize("name", ["2,4", "Quotation 6:1", "6:1"])
def test_a_name_that_is_a_number_is_no_doubt(name):
    assert placed("那个秋千", Marked(key="a", start=2, end=4, words=name), Reading()) == ((2, 4), True)
