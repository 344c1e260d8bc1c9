"""Clusterers by versioned name: rows, their resamples and a number in, labels out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

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
        near = nearest_centre(rows, centres(rows, labels, number))
        counts = np.bincount(near, minlength=number)
        if (counts == 0).any() or (near == labels).all():
            break
        labels = near
    return labels


def centres(rows: Features, labels: Labels, number: int) -> Features:
    """Return the mean row of each cluster, shape (number, dimensions)."""
    from scipy.sparse import csr_matrix

    holders = csr_matrix((np.ones(len(labels)), (labels, np.arange(len(labels)))), shape=(number, len(labels)))
    means: Features = (holders @ rows) / np.bincount(labels, minlength=number)[:, None]
    return means


def nearest_centre(rows: Features, middle: Features) -> Labels:
    """Return the number of the centre that is nearest each row."""
    distance = (middle**2).sum(axis=1) - 2 * rows @ middle.T
    return np.asarray(distance.argmin(axis=1), np.int64)


# --- Resamples of the participants, each with Ward's tree of its rows.

RESAMPLES = 20
KEPT = 0.8
FEWEST_GROUPS = 8
MOST_ROWS = 1500


def resample(groups: NDArray[np.str_], chance: np.random.Generator) -> NDArray[np.bool_]:
    """Return which rows are kept when 80 % of participants are, or of rows where there are fewer than eight."""
    people = np.unique(groups)
    if len(people) >= FEWEST_GROUPS:
        return np.isin(groups, chance.choice(people, round(KEPT * len(people)), replace=False))
    kept = np.zeros(len(groups), bool)
    kept[chance.choice(len(groups), max(2, round(KEPT * len(groups))), replace=False)] = True
    return kept


@dataclass(frozen=True, kw_only=True)
class Resamples:
    """Twenty resamples of 80 % of the participants (of the rows, where there are fewer than eight participants).

    They are drawn from at most 1,500 rows at random (``sample``, positions in ``rows``). Nothing is drawn or clustered
    before it is needed.
    """

    rows: Features
    groups: Sequence[str]
    random_state: int

    @cached_property
    def sample(self) -> Labels:
        """The positions of the rows that are resampled, in order."""
        if len(self.rows) <= MOST_ROWS:
            return np.arange(len(self.rows))
        chance = np.random.default_rng(self.random_state)
        return np.sort(chance.choice(len(self.rows), MOST_ROWS, replace=False))

    @cached_property
    def whose(self) -> NDArray[np.str_]:
        """The participant of each row of the sample."""
        return np.array([self.groups[i] for i in self.sample])

    @cached_property
    def kept(self) -> tuple[Labels, ...]:
        """For each resample the positions, in the sample, of the rows that are kept."""
        chance = np.random.default_rng(self.random_state)
        return tuple(np.flatnonzero(resample(self.whose, chance)) for _ in range(RESAMPLES))

    @cached_property
    def trees(self) -> tuple[NDArray[np.float64], ...]:
        """Ward's merges of each resample."""
        some = self.rows[self.sample]
        return tuple(ward_linkage(some[kept]) for kept in self.kept)

    def part(self, at: Labels) -> "Resamples":
        """Return resamples of the rows at these positions."""
        return Resamples(rows=self.rows[at], groups=[self.groups[i] for i in at], random_state=self.random_state)

    def partitions(self, n_themes: int) -> list[Labels]:
        """Return for each resample labels of all rows: its tree cut, and the rest at the nearest centre of the cut."""
        some, found = self.rows[self.sample], []
        for kept, tree in zip(self.kept, self.trees, strict=True):
            own = cut(tree, [min(n_themes, len(kept))])[:, 0]
            labels = nearest_centre(self.rows, centres(some[kept], own, int(own.max()) + 1))
            labels[self.sample[kept]] = own
            found.append(labels)
        return found


DEFAULT_CLUSTERER = "consensus.v1"


Clusterer = Callable[[Resamples, int | None], Labels]
"""Takes rows with their resamples and a number of themes (None where it finds its own); gives one label a row, -1 for
none. The seed is that of the resamples."""

SMALLEST_THEME = 3
LOOSE = 0.3


def consensus(resamples: Resamples, n_themes: int | None) -> Labels:
    """Cluster by how often two rows are together when participants are resampled. Monti et al. (2003), ML 52, 91-118.

    Each resample is cut into ``n_themes`` by Ward's rule. The share of resamples in which two rows are together is
    their consensus; average linkage of it is cut where ``n_themes`` clusters have three rows or more, and a row goes to
    the cluster with which its mean consensus is greatest. A row for which that is below .3 is in no theme: it changes
    sides too often to be counted on any of them.
    """
    assert n_themes is not None
    rows = resamples.rows
    if n_themes == 1 or len(rows) == 1:
        return np.zeros(len(rows), np.int64)
    partitions = resamples.partitions(n_themes)
    core = _core(np.stack([labels[resamples.sample] for labels in partitions]), n_themes)
    together = _consensus_with(partitions, resamples.sample, core)
    labels = np.asarray(together.argmax(axis=1), np.int64)
    if len(np.unique(labels)) < together.shape[1]:  # rows that made a theme stay where they would else leave it empty
        labels[resamples.sample[core >= 0]] = core[core >= 0]
    own = together[np.arange(len(rows)), labels]
    greatest = np.zeros(together.shape[1])
    np.maximum.at(greatest, labels, own)
    return np.where((own >= LOOSE) | (own >= greatest[labels]), labels, -1)


def _core(partitions: Labels, n_themes: int) -> Labels:
    """Return labels of the sample from its consensus: ``n_themes`` clusters of three or more, -1 for smaller ones."""
    from scipy.cluster.hierarchy import linkage
    from scipy.spatial.distance import squareform

    count = partitions.shape[1]
    together = np.zeros((count, count), np.float32)
    for labels in partitions:
        together += labels[:, None] == labels[None, :]
    tree = linkage(squareform(1 - together / len(partitions), checks=False), method="average")
    for number in range(n_themes, min(4 * n_themes, count)):
        labels = cut(tree, [number])[:, 0]
        large = np.flatnonzero(np.bincount(labels) >= SMALLEST_THEME)
        if len(large) == n_themes:
            place = np.full(number, -1, np.int64)
            place[large] = np.arange(len(large))
            return np.asarray(place[labels])
    return cut(tree, [n_themes])[:, 0]


def _consensus_with(partitions: Sequence[Labels], sample: Labels, core: Labels) -> NDArray[np.float64]:
    """Return the mean consensus of each row with the other rows of each cluster of ``core``: (rows, clusters)."""
    number, inside = int(core.max()) + 1, core >= 0
    sizes = np.bincount(core[inside], minlength=number)
    found = np.zeros((len(partitions[0]), number))
    for labels in partitions:
        counts = np.zeros((int(labels.max()) + 1, number))
        np.add.at(counts, (labels[sample[inside]], core[inside]), 1.0)
        found += (counts / sizes)[labels]
    found /= len(partitions)
    own, theme = sample[inside], core[inside]
    others = sizes[theme] - 1  # a row is always with itself, which says nothing
    found[own, theme] = np.where(others > 0, (found[own, theme] * sizes[theme] - 1) / np.maximum(others, 1), 1.0)
    return found


def ward(resamples: Resamples, n_themes: int | None) -> Labels:
    """Cut Ward's tree of all rows, see ``ward_of``."""
    return ward_of(resamples.rows, n_themes, resamples.random_state)


def ward_of(rows: Features, n_themes: int | None, random_state: int) -> Labels:
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
    near = nearest_centre(rows, middle)
    _, labels = np.unique(near, return_inverse=True)
    return settled(rows, labels.astype(np.int64))


def kmeans(resamples: Resamples, n_themes: int | None) -> Labels:
    """Run k-means++ ten times and keep the tightest."""
    from sklearn.cluster import KMeans

    model = KMeans(n_themes, n_init=10, random_state=resamples.random_state)
    return np.asarray(model.fit_predict(resamples.rows), np.int64)


def hdbscan(resamples: Resamples, n_themes: int | None) -> Labels:  # noqa: ARG001 (finds its number)
    """Find dense regions (Campello et al. 2013) on the rows' first 15 principal components; the rest is -1.

    Raises:
        MissingExtraError: hdbscan is not installed (extra ``density``).
    """
    try:
        from hdbscan import HDBSCAN
    except ImportError as fault:
        raise MissingExtraError(package="hdbscan", extra="density", purpose=message("core.purpose.density")) from fault
    from sklearn.decomposition import PCA

    rows = resamples.rows
    few = PCA(min(15, *rows.shape), random_state=resamples.random_state).fit_transform(rows)
    size = min(5, len(rows))
    if size < 2:
        return np.zeros(len(rows), np.int64)
    model = HDBSCAN(min_cluster_size=size, min_samples=1, core_dist_n_jobs=1, allow_single_cluster=False)
    return np.asarray(model.fit_predict(few), np.int64)


def bertopic(resamples: Resamples, n_themes: int | None) -> Labels:  # noqa: ARG001 (finds its number)
    """Run BERTopic's own two steps, UMAP and HDBSCAN, with settings for small data: 10 neighbours, 5 in a cluster."""
    try:
        from hdbscan import HDBSCAN
        from umap import UMAP
    except ImportError as fault:
        raise MissingExtraError(
            package="umap-learn", extra="bertopic", purpose=message("core.purpose.bertopic")
        ) from fault
    rows = resamples.rows
    near = min(10, len(rows) - 1)
    if near < 4:
        return np.zeros(len(rows), np.int64)
    mapped = UMAP(
        n_neighbors=near, n_components=min(5, len(rows) - 2), min_dist=0.0, metric="cosine",
        random_state=resamples.random_state, n_jobs=1, init="random" if len(rows) < 20 else "spectral",
    ).fit_transform(rows)  # fmt: skip
    model = HDBSCAN(min_cluster_size=min(5, len(rows)), min_samples=1, core_dist_n_jobs=1)
    return np.asarray(model.fit_predict(mapped), np.int64)


_CLUSTERERS: dict[str, Clusterer] = {
    DEFAULT_CLUSTERER: consensus, "ward.v1": ward, "kmeans.v1": kmeans, "hdbscan.v1": hdbscan, "bertopic.v1": bertopic,
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
