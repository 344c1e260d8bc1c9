"""Unitizing alpha: the published example, hand-made continua and properties."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lbc_themes.agreement import unitizing
from lbc_themes.agreement.unitizing import continua
from lbc_themes.core.records import Coding


def coding(coder, start, end, code, transcript_id="T"):
    return Coding(transcript_id=transcript_id, start=start, end=end, code_id=code, coder=coder)


def lines(codings, spans):
    coders = sorted({c.coder for c in codings})
    codes = {c.code_id for c in codings}
    return continua(codings, spans, coders=coders, codes=codes, read={coder: set(spans) for coder in coders})


def alphas(codings, length=None, spans=None):
    spans = spans or {"T": ((0, length),)}
    found = unitizing.coincidences(lines(codings, spans), dict.fromkeys(spans, 0), 1)
    return tuple(float(f(found)[0]) for f in (unitizing.u_alpha, unitizing.bar_u_alpha, unitizing.cu_alpha))


# Three coders on a continuum of 60 (Krippendorff 2019, Content Analysis, figure 12.11: .510, .413, .724). The values
# and the gaps are those of a transcription of the figure in the R package quallmer. Its cuts between touching
# units of 6 give .510, .414, .726; the cuts here give the three published figures.
FIRST = [
    ("A", 0, 7, "1"),
    ("A", 7, 13, "2"),
    ("A", 30, 32, "5"),
    ("A", 32, 37, "6"),
    ("A", 37, 44, "6"),
    ("A", 44, 60, "7"),
]
SECOND = [("P", 0, 7, "1"), ("P", 7, 13, "3"), ("P", 13, 21, "5"), ("P", 32, 37, "6"), ("P", 37, 44, "6")]
THIRD = [("S", 0, 7, "1"), ("S", 7, 13, "4"), ("S", 13, 21, "5"), ("S", 32, 41, "6"), ("S", 41, 44, "6")]
PUBLISHED = [coding(*each) for each in (*FIRST, *SECOND, *THIRD)]


def test_the_published_example_gives_its_three_figures():
    assert tuple(round(alpha, 3) for alpha in alphas(PUBLISHED, 60)) == (0.51, 0.413, 0.724)


def test_units_of_one_value_that_touch_are_kept_apart():
    joined = [*PUBLISHED[:3], coding("A", 32, 44, "6"), *PUBLISHED[5:]]
    assert alphas(joined, 60)[0] != pytest.approx(alphas(PUBLISHED, 60)[0], abs=1e-6)


def test_two_coders_by_hand():
    codings = [coding("A", 0, 4, "x"), coding("B", 2, 6, "x")]
    observed, margins, alone = 2 + 2, (12, 8), 6 + 6 + 16 + 16
    expected = 20 * (20**2 - margins[0] ** 2 - margins[1] ** 2) / (20**2 - alone)
    u, bar, cu = alphas(codings, 10)
    assert u == bar == pytest.approx(1 - 2 * observed / 2 / (expected / 2))
    assert np.isnan(cu)


def test_the_same_cuts_with_other_values_agree_on_where_and_not_on_what():
    codings = [coding("A", 0, 4, "x"), coding("A", 6, 8, "y"), coding("B", 0, 4, "y"), coding("B", 6, 8, "x")]
    u, bar, cu = alphas(codings, 10)
    assert bar == pytest.approx(1)
    assert cu < 0 < u < bar


def test_a_coding_across_the_interviewer_stays_one_unit():
    apart = {"T": ((0, 5), (9, 14))}
    codings = [coding("A", 2, 12, "x"), coding("B", 3, 11, "x")]
    (line,) = lines(codings, apart)
    assert line.length == 10
    assert [(s.start, s.end) for s in line.cuts[0] if s.codes] == [(2, 8)]
    closed_up = [coding("A", 2, 8, "x"), coding("B", 3, 7, "x")]
    assert alphas(codings, spans=apart) == pytest.approx(alphas(closed_up, 10), nan_ok=True)


def test_overlapping_codes_become_stretches_with_their_own_set():
    (line,) = lines([coding("A", 0, 6, "x"), coding("A", 4, 8, "y"), coding("B", 0, 1, "x")], {"T": ((0, 10),)})
    assert [(s.start, s.end, set(s.codes)) for s in line.cuts[0]] == [
        (0, 4, {"x"}),
        (4, 6, {"x", "y"}),
        (6, 8, {"y"}),
        (8, 10, set()),
    ]


def test_overlapping_codings_with_one_code_are_one_unit():
    (line,) = lines([coding("A", 0, 6, "x"), coding("A", 4, 8, "x"), coding("B", 0, 1, "x")], {"T": ((0, 10),)})
    assert [(s.start, s.end) for s in line.cuts[0] if s.codes] == [(0, 8)]


def test_empty_text_of_everyone_leaves_the_figures_undefined():
    found = continua([], {"T": ((0, 10),)}, coders=["A", "B"], codes=["x"], read={"A": {"T"}, "B": {"T"}})
    sums = unitizing.coincidences(found, {"T": 0}, 1)
    assert np.isnan(unitizing.u_alpha(sums)[0])


@st.composite
def cuts(draw, coder):
    edges = sorted(draw(st.sets(st.integers(0, 30), min_size=2, max_size=8)))
    edges = edges[: len(edges) // 2 * 2]
    return [coding(coder, a, b, draw(st.sampled_from("xyz"))) for a, b in zip(edges[::2], edges[1::2], strict=True)]


@given(cuts("A"))
def test_identical_cuts_agree_perfectly(one):
    two = [coding("B", c.start, c.end, c.code_id) for c in one]
    assert alphas([*one, *two], 31)[:2] == pytest.approx((1, 1))


@pytest.mark.slow
@given(cuts("A"), cuts("B"), cuts("C"))
def test_observed_coincidences_agree_with_a_count_character_by_character(a, b, c):
    (line,) = lines([*a, *b, *c], {"T": ((0, 31),)})
    sums = unitizing.coincidences([line], {"T": 0}, 1)
    values = [[next(s.codes for s in cut if s.start <= at < s.end) for at in range(31)] for cut in line.cuts]
    pairs = [(i, j) for i in range(3) for j in range(3) if i != j]
    assert sums.agree[0] == pytest.approx(sum(values[i][at] == values[j][at] for i, j in pairs for at in range(31)) / 2)
    both = [(values[i][at], values[j][at]) for i, j in pairs for at in range(31) if values[i][at] and values[j][at]]
    assert sums.valued_margins.sum() == pytest.approx(len(both) / 2)
    assert sums.margins.sum() == 3 * 31


@pytest.mark.slow
@given(cuts("A"), cuts("B"), cuts("C"))
def test_the_names_of_coders_and_codes_do_not_matter(a, b, c):
    names, codes = {"A": "C", "B": "A", "C": "B"}, {"x": "z", "y": "x", "z": "y"}
    every = [*a, *b, *c]
    renamed = [coding(names[k.coder], k.start, k.end, codes[k.code_id]) for k in every]
    assert alphas(renamed, 31) == pytest.approx(alphas(every, 31), nan_ok=True)
