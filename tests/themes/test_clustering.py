"""Ward's tree and its cuts: the same partitions as SciPy makes, quickly, and for more rows than a tree can hold."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.cluster.hierarchy import cut_tree, linkage
from sklearn.metrics import adjusted_rand_score

from lbc_themes.themes import clustering
from lbc_themes.themes.clustering import cut, ward, ward_linkage


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
    labels = ward(rows, 4, 0)
    assert adjusted_rand_score(truth, labels) > 0.95
    assert (labels == ward(rows, 4, 0)).all()


def test_as_many_clusters_as_rows_are_the_rows():
    assert list(cut(ward_linkage(rows_of(0, 7, 3)), [7])[:, 0]) == list(range(7))
