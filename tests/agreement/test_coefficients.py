"""Chance-corrected measures against other implementations and by property."""

import json
import warnings
from itertools import combinations
from pathlib import Path

import krippendorff
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nltk.metrics import jaccard_distance, masi_distance
from nltk.metrics.agreement import AnnotationTask
from sklearn.metrics import cohen_kappa_score

from lbc_themes.agreement import coefficients
from lbc_themes.agreement.coefficients import MISSING, sums_of

ORACLE = json.loads((Path(__file__).parents[1] / "data" / "agreement_irrcac.json").read_text(encoding="utf-8"))
MEASURES = {
    "percent": coefficients.percent,
    "fleiss_kappa": coefficients.fleiss_kappa,
    "ac1": coefficients.gwet_ac1,
    "brennan_prediger": coefficients.brennan_prediger,
    "alpha": coefficients.alpha,
    "mean_cohen_kappa": coefficients.mean_cohen_kappa,
}
VALUES = 3


def sums(labels, values=None, size=None):
    labels = np.array(labels, dtype=np.int64)
    size = np.ones(len(labels)) if size is None else np.array(size, dtype=np.float64)
    nobody = np.zeros(len(labels), dtype=np.int64)
    return sums_of(labels, values=values or labels.max() + 1, size=size, participant=nobody, participants=1)


def figures(labels, values=None, size=None):
    found = sums(labels, values, size)
    return {name: float(measure(found)[0]) for name, measure in MEASURES.items()}


@st.composite
def labellings(draw, coders=None, missing=False):
    width = draw(st.integers(2, 4)) if coders is None else coders
    value = st.integers(MISSING if missing else 0, VALUES - 1)
    row = st.lists(value, min_size=width, max_size=width).filter(lambda r: sum(v != MISSING for v in r) >= 2)
    return np.array(draw(st.lists(row, min_size=2, max_size=25)))


@pytest.mark.parametrize("case", ORACLE["cases"])
def test_irrcac_gives_the_same_figures(case):
    labels = [[MISSING if value is None else value for value in row] for row in case["ratings"]]
    found = figures(labels)
    assert {name: found[name] for name in case["figures"]} == pytest.approx(case["figures"], abs=1e-9)


@pytest.mark.slow
@given(labellings(coders=2))
def test_sklearn_gives_the_same_cohen_kappa(labels):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        other = cohen_kappa_score(labels[:, 0], labels[:, 1])
    assert coefficients.cohen_kappas(sums(labels, VALUES))[0, 0] == pytest.approx(other, nan_ok=True)


@pytest.mark.slow
@given(labellings(missing=True))
def test_the_krippendorff_package_gives_the_same_alpha(labels):
    present = labels[labels != MISSING]
    if len(np.unique(present)) < 2:
        assert np.isnan(coefficients.alpha(sums(labels, VALUES))[0])
        return
    data = np.where(labels == MISSING, np.nan, labels.astype(float)).T
    other = krippendorff.alpha(reliability_data=data, level_of_measurement="nominal")
    assert coefficients.alpha(sums(labels, VALUES))[0] == pytest.approx(other, abs=1e-9)


@pytest.mark.slow
@given(labellings())
def test_mean_cohen_kappa_is_the_mean_over_pairs(labels):
    pairs = list(combinations(range(labels.shape[1]), 2))
    each = [float(coefficients.cohen_kappas(sums(labels[:, pair], VALUES))[0, 0]) for pair in pairs]
    defined = [kappa for kappa in each if not np.isnan(kappa)]
    expected = np.mean(defined) if defined else np.nan
    assert figures(labels, VALUES)["mean_cohen_kappa"] == pytest.approx(expected, nan_ok=True)


@pytest.mark.slow
@given(labellings(missing=True), st.randoms())
def test_the_order_of_coders_and_of_units_does_not_matter(labels, chance):
    columns, rows = list(range(labels.shape[1])), list(range(len(labels)))
    chance.shuffle(columns)
    chance.shuffle(rows)
    assert figures(labels[rows][:, columns], VALUES) == pytest.approx(figures(labels, VALUES), nan_ok=True)


@pytest.mark.slow
@given(labellings(missing=True), st.permutations(range(VALUES)))
def test_the_names_of_values_do_not_matter(labels, names):
    renamed = np.where(labels == MISSING, MISSING, np.array([*names, MISSING])[labels])
    assert figures(renamed, VALUES) == pytest.approx(figures(labels, VALUES), nan_ok=True)


@pytest.mark.slow
@given(labellings(missing=True))
def test_no_chance_corrected_figure_exceeds_percent_agreement(labels):
    found = figures(labels, VALUES)
    for name in ("fleiss_kappa", "ac1", "brennan_prediger"):
        assert np.isnan(found[name]) or -1 <= found[name] <= found["percent"] + 1e-9
    assert np.isnan(found["alpha"]) or found["alpha"] <= 1 + 1e-9


@given(st.lists(st.integers(0, VALUES - 1), min_size=2, max_size=20), st.integers(2, 4))
def test_perfect_agreement_is_one_and_without_variation_kappa_is_undefined(values, coders):
    found = figures([[value] * coders for value in values], VALUES)
    varied = len(set(values)) > 1
    assert found["percent"] == found["ac1"] == found["brennan_prediger"] == pytest.approx(1)
    for name in ("fleiss_kappa", "alpha", "mean_cohen_kappa"):
        assert found[name] == pytest.approx(1) if varied else np.isnan(found[name])


@pytest.mark.slow
@given(labellings(missing=True), st.data())
def test_a_unit_of_size_n_counts_as_n_units(labels, data):
    size = data.draw(st.lists(st.integers(1, 4), min_size=len(labels), max_size=len(labels)))
    repeated = np.repeat(labels, size, axis=0)
    assert figures(labels, VALUES, size) == pytest.approx(figures(repeated, VALUES), nan_ok=True)


def test_the_textbook_table_of_cohen_gives_its_kappa():
    labels = [[0, 0]] * 20 + [[0, 1]] * 5 + [[1, 0]] * 10 + [[1, 1]] * 15
    assert coefficients.cohen_kappas(sums(labels))[0, 0] == pytest.approx(0.4)


def test_an_almost_always_present_code_gives_high_ac1_and_low_kappa():
    labels = [[1, 1]] * 93 + [[1, 0]] * 3 + [[0, 1]] * 3 + [[0, 0]]
    found = figures(labels)
    assert (round(found["percent"], 2), round(found["ac1"], 2), round(found["mean_cohen_kappa"], 2)) == (
        0.94,
        0.94,
        0.22,
    )


def test_drawing_a_participant_twice_counts_it_twice():
    labels, people = np.array([[0, 0], [0, 1], [1, 1], [1, 1]]), np.array([0, 0, 1, 1])
    by_person = sums_of(labels, values=2, size=np.ones(4), participant=people, participants=2)
    twice = coefficients.alpha(by_person.drawn(np.array([[2.0, 1.0]])))[0]
    assert twice == pytest.approx(coefficients.alpha(sums(labels[[0, 1, 0, 1, 2, 3]]))[0])


SETS = [(), ("父母",), ("父母", "学习"), ("学习",), ("学习", "同伴"), ("父母", "学习", "同伴")]
NAMES = ("父母", "学习", "同伴")


def rows_of(found):
    return np.array([[name in one for name in NAMES] for one in found])


@pytest.mark.parametrize(
    ("one", "two", "jaccard", "masi"),
    [
        ((), (), 0, 0),
        ((), ("父母",), 1, 1),
        (("父母",), ("父母",), 0, 0),
        (("父母",), ("父母", "学习"), 1 / 2, 1 - 1 / 2 * 2 / 3),
        (("父母", "学习"), ("学习", "同伴"), 2 / 3, 1 - 1 / 3 * 1 / 3),
        (("父母",), ("学习",), 1, 1),
    ],
)
def test_distances_between_sets_of_codes(one, two, jaccard, masi):
    found = rows_of([one, two])
    assert coefficients.jaccard_distances(found)[0, 1] == pytest.approx(jaccard)
    assert coefficients.masi_distances(found)[0, 1] == coefficients.masi_distances(found)[1, 0] == pytest.approx(masi)


@pytest.mark.parametrize(
    ("ours", "theirs", "near"),
    [(coefficients.jaccard_distances, jaccard_distance, 1e-12), (coefficients.masi_distances, masi_distance, 0.004)],
)
def test_nltk_gives_the_same_distances_except_for_two_empty_sets(ours, theirs, near):
    for (i, one), (j, two) in combinations(enumerate(SETS), 2):
        assert ours(rows_of(SETS))[i, j] == pytest.approx(theirs(frozenset(one), frozenset(two)), abs=near)


@pytest.mark.slow
@pytest.mark.parametrize("ours", [coefficients.jaccard_distances, coefficients.masi_distances])
@given(choice=st.lists(st.lists(st.integers(0, len(SETS) - 1), min_size=3, max_size=3), min_size=2, max_size=15))
def test_nltk_gives_the_same_alpha_with_a_distance(ours, choice):
    marks = np.stack([rows_of([SETS[i] for i in row]) for row in choice])
    labels, found = coefficients.set_labels(marks, np.ones(marks.shape[:2], dtype=bool))
    everyone = {"size": np.ones(len(labels)), "participant": np.zeros(len(labels), dtype=np.int64), "participants": 1}
    distances = ours(found)
    disagree = coefficients.distance_sums(labels, distances, **everyone)
    alpha = coefficients.distance_alpha(disagree, sums_of(labels, values=len(found), **everyone).counts, distances)[0]
    if len(found) == 1:
        assert np.isnan(alpha)
        return
    data = [(f"c{k}", u, int(labels[u, k])) for u in range(len(labels)) for k in range(3)]
    assert alpha == pytest.approx(AnnotationTask(data=data, distance=lambda a, b: distances[a, b]).alpha(), abs=1e-9)
