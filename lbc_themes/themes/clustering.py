"""Clusterers by versioned name: rows and a number in, labels out."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from lbc_themes.core.errors import InputError, MissingExtraError
from lbc_themes.core.messages import message
from lbc_themes.themes.features import Features, Labels

# --- Ward's tree, cut into a number of clusters and settled.

_ROUNDS = 100
_BLOCK = 512
MOST_EXACT = 5000
"""Rows up to which Ward's tree is made of all of them (150 MB); of more, of so many at random."""


def ward_linkage(rows: Features) -> NDArray[np.float64]:
    """Return Ward's merges in SciPy's form, shape (n - 1, 4). Ward (1963), JASA 58(301).

    Takes 12 bytes for each pair of rows.
    """
    from scipy.cluster.hierarchy import linkage

    merges: NDArray[np.float64] = linkage(_distances(rows), method="ward")
    return merges


def _distances(rows: Features) -> NDArray[np.float64]:
    """Return the Euclidean distances of all pairs, condensed, as ``pdist`` of SciPy does, by products of matrices."""
    centred = np.asarray(rows, np.float64) - np.mean(rows, axis=0, dtype=np.float64)
    squares = (centred**2).sum(axis=1)
    least = 1e-12 * max(float(squares.max(initial=0.0)), 1e-300)  # below it two rows are the same but for rounding
    n, at = len(centred), 0
    found = np.empty(n * (n - 1) // 2)
    for start in range(0, n, _BLOCK):
        block = centred[start : start + _BLOCK]
        squared = squares[start : start + _BLOCK, None] + squares[None, start:] - 2 * block @ centred[start:].T
        for row in range(len(block)):
            own = squared[row, row + 1 :]
            found[at : at + len(own)] = np.where(own > least, own, 0.0)
            at += len(own)
    return np.sqrt(found, out=found)


def cut(merges: NDArray[np.float64], numbers: Sequence[int]) -> Labels:
    """Return labels from 0, shape (n, len(numbers)): the tree cut into each number of clusters.

    Clusters are numbered by the first row that is in them. The merges must come in the order of their height.
    """
    n = len(merges) + 1
    children = merges[:, :2].astype(np.int64)
    labels = np.empty((n, len(numbers)), np.int64)
    for column, number in enumerate(numbers):
        root = np.arange(2 * n - 1)
        for step in range(n - number - 1, -1, -1):
            root[children[step]] = root[n + step]
        _, first, cluster = np.unique(root[:n], return_index=True, return_inverse=True)
        labels[:, column] = np.argsort(np.argsort(first))[cluster]
    return labels


def settled(rows: Features, labels: Labels) -> Labels:
    """Return ``labels`` after k-means from their own centres: each row goes where its nearest centre is.

    No chance is in it. A cluster never empties: its last row stays.
    """
    number = int(labels.max()) + 1
    for _ in range(_ROUNDS):
        near = _nearest_centre(rows, centres(rows, labels, number))
        counts = np.bincount(near, minlength=number)
        if (counts == 0).any() or (near == labels).all():
            break
        labels = near
    return labels


def centres(rows: Features, labels: Labels, number: int) -> Features:
    """Return the mean row of each cluster, shape (number, dimensions)."""
    return np.stack([rows[labels == k].mean(axis=0) for k in range(number)])


def _nearest_centre(rows: Features, middle: Features) -> Labels:
    distance = (middle**2).sum(axis=1) - 2 * rows @ middle.T
    return np.asarray(distance.argmin(axis=1), np.int64)


DEFAULT_CLUSTERER = "ward.v1"


Clusterer = Callable[[Features, int | None, int], Labels]
"""Takes rows, a number of themes (None where it finds its own) and a seed; gives one label a row, -1 for none."""


def ward(rows: Features, n_themes: int | None, random_state: int) -> Labels:
    """Cut Ward's tree at ``n_themes`` and settle the cut by k-means from its own centres.

    Of more than ``MOST_EXACT`` rows the tree is made of a sample, and k-means, which is of all rows, begins from its
    centres; only then is there chance in it.
    """
    assert n_themes is not None
    if n_themes == 1 or len(rows) == 1:
        return np.zeros(len(rows), np.int64)
    if len(rows) <= MOST_EXACT:
        return settled(rows, cut(ward_linkage(rows), [n_themes])[:, 0])
    sample = rows[np.sort(np.random.default_rng(random_state).choice(len(rows), MOST_EXACT, replace=False))]
    middle = centres(sample, cut(ward_linkage(sample), [n_themes])[:, 0], n_themes)
    near = _nearest_centre(rows, middle)
    _, labels = np.unique(near, return_inverse=True)
    return settled(rows, labels.astype(np.int64))


def kmeans(rows: Features, n_themes: int | None, random_state: int) -> Labels:
    """Run k-means++ ten times and keep the tightest."""
    from sklearn.cluster import KMeans

    return np.asarray(KMeans(n_themes, n_init=10, random_state=random_state).fit_predict(rows), np.int64)


def hdbscan(rows: Features, n_themes: int | None, random_state: int) -> Labels:  # noqa: ARG001 (finds its number)
    """Find dense regions (Campello et al. 2013) on the rows' first 15 principal components; the rest is -1."""
    from hdbscan import HDBSCAN
    from sklearn.decomposition import PCA

    few = PCA(min(15, *rows.shape), random_state=random_state).fit_transform(rows)
    size = min(5, len(rows))
    if size < 2:
        return np.zeros(len(rows), np.int64)
    model = HDBSCAN(min_cluster_size=size, min_samples=1, core_dist_n_jobs=1, allow_single_cluster=False)
    return np.asarray(model.fit_predict(few), np.int64)


def bertopic(rows: Features, n_themes: int | None, random_state: int) -> Labels:  # noqa: ARG001 (finds its number)
    """Run BERTopic's own two steps, UMAP and HDBSCAN, with settings for small data: 10 neighbours, 5 in a cluster."""
    from hdbscan import HDBSCAN

    try:
        from umap import UMAP
    except ImportError as fault:
        raise MissingExtraError(
            package="umap-learn", extra="bertopic", purpose=message("core.purpose.bertopic")
        ) from fault
    near = min(10, len(rows) - 1)
    if near < 4:
        return np.zeros(len(rows), np.int64)
    mapped = UMAP(
        n_neighbors=near, n_components=min(5, len(rows) - 2), min_dist=0.0, metric="cosine", random_state=random_state,
        n_jobs=1, init="random" if len(rows) < 20 else "spectral",
    ).fit_transform(rows)  # fmt: skip
    model = HDBSCAN(min_cluster_size=min(5, len(rows)), min_samples=1, core_dist_n_jobs=1)
    return np.asarray(model.fit_predict(mapped), np.int64)


_CLUSTERERS: dict[str, Clusterer] = {
    DEFAULT_CLUSTERER: ward, "kmeans.v1": kmeans, "hdbscan.v1": hdbscan, "bertopic.v1": bertopic,
}  # fmt: skip
_OWN_NUMBER = frozenset({"hdbscan.v1", "bertopic.v1"})


def clusterer_names() -> tuple[str, ...]:
    """Return the names of the clusterers."""
    return tuple(_CLUSTERERS)


def load_clusterer(name: str) -> Clusterer:
    """Return the clusterer ``name``; refuses any other with the list of names."""
    if name not in _CLUSTERERS:
        raise InputError(message("themes.unknown_clusterer", name=name, known=[*_CLUSTERERS]))
    return _CLUSTERERS[name]


def finds_own_number(name: str) -> bool:
    """Say whether the clusterer takes no number of themes."""
    return name in _OWN_NUMBER
