"""Ward's tree and its cuts, as SciPy makes them, and for more rows than a tree can hold; consensus of resamples."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.cluster.hierarchy import cut_tree, linkage
from sklearn.metrics import adjusted_rand_score

from lbc_themes.themes import clustering
from lbc_themes.themes.clustering import Resamples, consensus, cut, ward_linkage, ward_of
from lbc_themes.themes.features import _drawn, _nearest
from lbc_themes.themes.model_selection import curve_of, halves


def rows_of(seed, n, d, copies=0):
    rows = np.random.default_rng(seed).normal(size=(n, d)).astype(np.float32)
    rows[:copies] = rows[n // 2]
    return rows


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(3, 60), st.integers(1, 8), st.integers(0, 3))
def test_the_tree_is_scipys(seed, n, d, copies):
    rows = rows_of(seed, n, d, min(copies, n))
    heights = ward_linkage(rows)[:, 2]
    assert heights == pytest.approx(linkage(rows.astype(np.float64), method="ward")[:, 2], abs=1e-5)


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(4, 60))
def test_a_cut_is_scipys_numbered_by_first_row(seed, n):
    merges = ward_linkage(rows_of(seed, n, 5))
    numbers = [1, 2, n // 2, n - 1]
    found = cut(merges, numbers)
    theirs = cut_tree(merges, numbers)
    for column, number in enumerate(numbers):
        assert len(np.unique(found[:, column])) == number
        assert adjusted_rand_score(found[:, column], theirs[:, column]) == 1
        _, first = np.unique(found[:, column], return_index=True)
        assert list(first) == sorted(first)


def test_copies_of_a_row_are_at_distance_nought():
    rows = rows_of(1, 40, 6, copies=4) + 1000
    assert (ward_linkage(rows)[:4, 2] == 0).all()


def test_more_rows_than_a_tree_takes_are_clustered_by_a_sample(monkeypatch):
    monkeypatch.setattr(clustering, "MOST_EXACT", 60)
    chance = np.random.default_rng(5)
    truth = chance.integers(0, 4, 500)
    rows = (np.eye(4)[truth] * 8 + chance.normal(size=(500, 4))).astype(np.float32)
    labels = ward_of(rows, 4, 0)
    assert adjusted_rand_score(truth, labels) > 0.95
    assert (labels == ward_of(rows, 4, 0)).all()


def test_as_many_clusters_as_rows_are_the_rows():
    assert list(cut(ward_linkage(rows_of(0, 7, 3)), [7])[:, 0]) == list(range(7))


def blobs(seed=0, each=30, number=4, apart=6.0, between=0):
    """Rows about ``number`` centres, then rows half way between the first two; a participant for every tenth row."""
    chance = np.random.default_rng(seed)
    truth = np.repeat(np.arange(number), each)
    middle = np.eye(number, 6)
    rows = middle[truth] * apart + chance.normal(size=(len(truth), 6))
    doubtful = (middle[0] + middle[1]) * apart / 2 + 0.1 * chance.normal(size=(between, 6))
    groups = [f"P{i % 10}" for i in range(len(truth) + between)]
    return Resamples(rows=np.vstack([rows, doubtful]), groups=groups, random_state=0), truth


def test_consensus_finds_what_is_plainly_apart_and_leaves_nothing_loose():
    resamples, truth = blobs()
    labels = consensus(resamples, 4)
    assert adjusted_rand_score(truth, labels) == 1
    assert (labels >= 0).all()


def test_a_row_that_changes_sides_is_loose(monkeypatch):
    near, far = np.zeros(6, np.int64), np.ones(6, np.int64)
    partitions = [np.concatenate([near, far, [0 if at < 5 else 2]]) for at in range(8)]
    resamples = Resamples(rows=np.zeros((13, 2)), groups=["P"] * 13, random_state=0)
    monkeypatch.setattr(Resamples, "partitions", lambda _self, _number: partitions)
    assert consensus(resamples, 2).tolist() == [0] * 6 + [1] * 6 + [0]
    partitions[:] = [np.concatenate([near, far, [at % 4]]) for at in range(8)]
    assert consensus(resamples, 2).tolist() == [0] * 6 + [1] * 6 + [-1]


@pytest.mark.parametrize("number", [2, 5, 17, 30, 40])
def test_consensus_makes_as_many_themes_as_it_is_told(number):
    rows = np.random.default_rng(number).normal(size=(40, 5))
    labels = consensus(Resamples(rows=rows, groups=["P"] * 40, random_state=0), number)
    assert set(labels.tolist()) - {-1} == set(range(number))


def test_consensus_of_more_rows_than_are_resampled_places_them_all(monkeypatch):
    monkeypatch.setattr(clustering, "MOST_ROWS", 60)
    resamples, truth = blobs(each=100)
    assert len(resamples.sample) == 60
    assert adjusted_rand_score(truth, consensus(resamples, 4)) > 0.95


@pytest.mark.slow
@pytest.mark.parametrize("number", [3, 5, 8])
def test_the_curve_has_its_maximum_where_the_groups_are(number):
    chance = np.random.default_rng(0)
    rows = np.eye(number, 8)[np.arange(80) % number] * 6 + chance.normal(size=(80, 8))
    curve = curve_of(Resamples(rows=rows, groups=[f"P{i % 20}" for i in range(80)], random_state=0), 79)
    (chosen,) = [point for point in curve if point.chosen]
    assert chosen.information == max(point.information for point in curve)
    assert abs(chosen.n_themes - number) <= 1
    assert curve[-1].information < 0.8 * chosen.information


def test_the_two_halves_of_the_participants_share_nobody():
    resamples, _ = blobs()
    these, those = halves(resamples.whose, np.random.default_rng(0))
    assert not set(resamples.whose[these]) & set(resamples.whose[those])
    assert len(these) + len(those) == len(resamples.whose)


def test_resamples_leave_out_a_fifth_of_the_participants():
    resamples, _ = blobs()
    assert all(len({resamples.whose[i] for i in kept}) == 8 for kept in resamples.kept)


def test_neighbours_are_those_of_a_full_search():
    units = rows_of(3, 50, 4)
    units /= np.linalg.norm(units, axis=1, keepdims=True)
    likeness = units @ units.T
    np.fill_diagonal(likeness, -2)
    found = _nearest(units, 10, np.arange(50), 3)
    assert [set(row) for row in found[:40]] == [set(np.argsort(-row)[:3]) for row in likeness[10:]]
    some = np.arange(0, 50, 2)
    near = some[_nearest(units, 10, some, 3)]
    assert (near % 2 == 0).all()
    assert not any(10 + row in own for row, own in enumerate(near))


def test_rows_are_drawn_towards_their_neighbours():
    resamples, truth = blobs(apart=3.0)
    bare = resamples.rows / np.linalg.norm(resamples.rows, axis=1, keepdims=True)
    before, after = (_spread(rows[truth == 0]) for rows in (bare, _drawn(resamples.rows)))
    assert after < 0.75 * before


def _spread(rows):
    return np.linalg.norm(rows - rows.mean(axis=0), axis=1).mean()
