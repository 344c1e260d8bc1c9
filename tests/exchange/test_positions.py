"""Positions: every way of counting leads to the same words."""

import csv
import random
import re
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lbc_themes.core.errors import InputError
from lbc_themes.exchange.refi_qda.positions import (
    READINGS,
    Marked,
    Measured,
    Reading,
    Ruler,
    decide,
    how_well,
    moved,
    placed,
    reading_named,
    unix,
)
from lbc_themes.reading import read_transcripts

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
    last = counted(text[:end], reading) + reading.bom - reading.inclusive
    where = Ruler(text, reading).slice(counted(text[:start], reading) + reading.bom, last)
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


def marks_of(text, reading, spans, named):
    """The selections of ``spans`` as a program that counts by ``reading`` writes them."""
    return [
        Marked(
            key=str(number), start=counted(text[:a], reading) + reading.bom,
            end=counted(text[:b], reading) + reading.bom - reading.inclusive, words=text[a:b] if named else "",
        )
        for number, (a, b) in enumerate(spans)
    ]  # fmt: skip


def found(text, marks, reading):
    ruler = Ruler(text, reading)
    return [ruler.slice(mark.start, mark.end) for mark in marks]


@st.composite
def selected(draw):
    """Any text that XML can hold, with selections whose ends lie between characters, a line end being one."""
    alphabet = st.one_of(
        st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"),
        st.sampled_from("家里。，😀𠮷👨\u200d👩\n a"),
    )
    text = draw(st.text(alphabet, min_size=1, max_size=60)).replace("\r", "")
    text = draw(st.sampled_from([text, text.replace("\n", "\r\n")]))
    edges = [i for i in range(len(text) + 1) if text[i - 1 : i + 1] != "\r\n"]
    pairs = st.tuples(st.sampled_from(edges), st.sampled_from(edges)).map(sorted).filter(lambda pair: pair[0] < pair[1])
    return text, [tuple(pair) for pair in draw(st.lists(pairs, min_size=1, max_size=6))]


@pytest.mark.slow
@given(selected(), st.sampled_from(READINGS), st.booleans())
def test_positions_that_a_person_names_the_counting_of_come_back_exact(case, reading, named):
    text, spans = case
    assert found(text, marks_of(text, reading, spans, named), reading_named(str(reading))) == spans


@pytest.mark.slow
@given(selected(), st.sampled_from([r for r in READINGS if not (r.inclusive or r.bom)]))
def test_selections_named_by_their_words_come_back_exact_or_the_doubt_is_said(case, reading):
    text, spans = case
    marks = marks_of(text, reading, spans, named=True)
    (counting,) = decide([Measured(text=text, marked=marks)])
    places = [placed(Measured(text=text, marked=marks), mark, counting.reading)[0] for mark in marks]
    # Blanks do not count where words are compared, so that an end may take in a blank more or less.
    said = ["".join(text[a:b].split()) for a, b in spans]
    assert counting.rivals or ["".join(text[a:b].split()) for a, b in places] == said or not all(said)


TALK = (
    "访谈者：你好😀，最近咋样？\n受访者：还行👨\u200d👩，就是想俺妈，想家。𠮷田老师对我很好😢。\n"
    "访谈者：嗯。\n受访者：一发卷子我手心就出汗，怕考不好。"
)


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize("reading", [r for r in READINGS if not (r.inclusive or r.bom)], ids=str)
def test_selections_without_names_are_placed_by_where_words_and_sentences_end(reading, ends):
    text = TALK.replace("\n", ends)
    spans = [(text.index(w), text.index(w) + len(w)) for w in ("想俺妈", "想家。", "怕考不好", "𠮷田老师对我很好")]
    marks = marks_of(text, reading, spans, named=False)
    (counting,) = decide([Measured(text=text, marked=marks)])
    assert found(text, marks, counting.reading) == spans


def test_nvivo_counts_utf_16_and_others_code_points_where_nothing_else_tells():
    text = "😀" + "好" * 40
    marks = [Marked(key="a", start=12, end=20, words="")]
    (nvivo,) = decide([Measured(text=text, marked=marks)], "NVivo for Windows 12.6")
    (other,) = decide([Measured(text=text, marked=marks)], "Tool")
    assert (str(nvivo.reading), nvivo.rivals) == ("utf-16", ())
    assert {str(other.reading), *map(str, other.rivals)} >= {"code-points", "utf-16"}


def test_evidence_outweighs_what_is_known_of_the_program():
    text = TALK * 3
    spans = [(m.start(), m.end()) for w in ("想俺妈", "想家。", "怕考不好", "对我很好") for m in re.finditer(w, text)]
    marks = marks_of(text, Reading(), spans, named=False)
    (counting,) = decide([Measured(text=text, marked=marks)], "NVivo for Windows 12.6")
    assert found(text, marks, counting.reading) == spans


def test_texts_of_one_project_decide_for_those_that_cannot():
    sure = Measured(text=TALK, marked=marks_of(TALK, Reading(utf16=True), [(32, 35), (36, 39)], named=True))
    unsure = Measured(text="😀" + "好" * 40, marked=[Marked(key="a", start=12, end=20, words="")])
    assert [str(each.reading) for each in decide([sure, unsure])] == ["utf-16", "utf-16"]
    assert not decide([sure, unsure])[1].rivals


def test_a_selection_outside_the_text_rules_a_way_of_counting_out():
    text = "😀那个秋千"
    marks = [Marked(key="a", start=2, end=6, words=""), Marked(key="b", start=3, end=3, words="")]
    assert str(decide([Measured(text=text, marked=marks)])[0].reading) == "utf-16"


def test_a_selection_whose_words_stand_elsewhere_is_put_there_and_one_whose_words_stand_nowhere_is_doubtful():
    each = Measured(text="甲乙丙", marked=[])
    assert placed(each, Marked(key="a", start=0, end=1, words="甲乙"), Reading()) == ((0, 2), True)
    assert placed(each, Marked(key="a", start=0, end=1, words="丁"), Reading()) == ((0, 1), False)


def test_an_unknown_way_of_counting_is_refused_with_the_known_ones():
    with pytest.raises(InputError, match=r"'utf-8'; allowed are code-points, code-points-lf, .*utf-16"):
        reading_named("utf-8")


@pytest.mark.parametrize("name", ["2,4", "Quotation 6:1", "6:1"])
def test_a_name_that_is_a_number_is_no_doubt(name):
    assert placed(Measured(text="那个秋千", marked=[]), Marked(key="a", start=2, end=4, words=name), Reading()) == (
        (2, 4),
        True,
    )


DEMO = Path(__file__).parents[2] / "corpora" / "zhuzhai-demo"


@cache
def demo():
    """The invented interviews with their codings, whose ends all leave out the full stop, emoji put in."""
    texts = {each.id: each.text for each in read_transcripts(DEMO / "interviews")}
    spans = {}
    with (DEMO / "codings.csv").open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            spans.setdefault(row["transcript"], []).append((int(row["start"]), int(row["end"])))
    return [(texts[name], spans[name]) for name in sorted(spans)[:8]]


def as_nvivo_has_it(text, spans, ends):
    """A text with an emoji at the head of every third line, and where the spans are then."""
    lines, at, moves = [], 0, []
    for number, line in enumerate(text.split("\n")):
        head = "😀" if number % 3 == 0 else ""
        moves.append((at, len(head)))
        lines.append(head + line)
        at += len(line) + 1
    longer = ends.join(lines)

    def moved_to(position):
        before = [more for start, more in moves if start <= position]
        return position + sum(before) + (len(before) - 1) * (len(ends) - 1)

    return longer, [(moved_to(a), moved_to(b)) for a, b in spans]


def of_a_person(_, spans):
    return spans


def of_whole_lines(text, spans):
    return [(text.rfind("\n", 0, a) + 1, text.find("\n", b) + 1 or len(text)) for a, b in spans]


def of_an_unsteady_hand(text, spans):
    hand = random.Random(1)
    off = [(max(0, a + hand.randint(-2, 2)), min(len(text), b + hand.randint(-2, 2))) for a, b in spans]
    return [(a, b) for a, b in off if a < b]


def of_chance(text, spans):
    hand = random.Random(2)
    return [tuple(sorted(hand.sample(range(len(text)), 2))) for _ in spans]


@pytest.mark.slow
@pytest.mark.parametrize("ends", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("habit", [of_a_person, of_whole_lines, of_an_unsteady_hand, of_chance])
def test_hundreds_of_unnamed_selections_of_nvivo_stay_in_place_whatever_the_habit(habit, ends):
    nvivo, texts, places = Reading(utf16=True), [], []
    for text, spans in demo():
        longer, moved_spans = as_nvivo_has_it(text, habit(text, spans), ends)
        texts.append(Measured(text=longer, marked=marks_of(longer, nvivo, moved_spans, named=False)))
        places.append(moved_spans)
    found_ways = decide(texts, "NVivo for Windows 12.6")
    assert [found(each.text, each.marked, way.reading) for each, way in zip(texts, found_ways, strict=True)] == places
    assert [way.rivals for way in found_ways] == [()] * len(texts)


@pytest.mark.slow
def test_evidence_of_a_persons_selections_overrules_what_is_known_of_the_program():
    texts, places = [], []
    for text, spans in demo():
        longer, moved_spans = as_nvivo_has_it(text, spans, "\n")
        texts.append(Measured(text=longer, marked=marks_of(longer, Reading(), moved_spans, named=False)))
        places.append(moved_spans)
    found_ways = decide(texts, "NVivo for Windows 12.6")
    assert [found(each.text, each.marked, way.reading) for each, way in zip(texts, found_ways, strict=True)] == places


@pytest.mark.parametrize("habit", [of_an_unsteady_hand, of_chance])
def test_where_nothing_tells_and_the_program_is_not_known_it_is_asked(habit):
    (text, spans), *_ = demo()
    longer, moved_spans = as_nvivo_has_it(text, habit(text, spans), "\n")
    (way,) = decide([Measured(text=longer, marked=marks_of(longer, Reading(utf16=True), moved_spans, named=False))])
    assert Reading(utf16=True) in {way.reading, *way.rivals}
    assert way.rivals
