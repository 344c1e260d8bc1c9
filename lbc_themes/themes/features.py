"""Features for clustering: meaning and wording, each centred, then drawn a little towards their neighbours."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lbc_themes.text.fillers import filler_pattern
from lbc_themes.text.simplify import simplified
from lbc_themes.themes.material import Material

Features = NDArray[np.float64]

WORDING_DIMENSIONS = 64
NEIGHBOURS = 5
DRAW = 0.5
_RARE_FROM = 50
_SHRINK = 5.0
_BLOCK = 1024


def features_of(material: Material, *, centre_speakers: bool) -> Features:
    """Return the features of the rows of ``material.order``, shape (rows, dimensions), about unit length.

    Half is the dense vectors less their mean, half the first 64 singular vectors of character 1-3-gram TF-IDF (fillers
    left out); both halves are brought to unit length row by row. Then every row is drawn half way to the mean of its
    five nearest neighbours. With ``centre_speakers`` the mean of each participant's rows, shrunk as n / (n + 5), is
    taken off as well: how someone speaks is then not what makes a theme. No chance is in any of it.
    """
    texts = [material.texts[i] for i in material.order]
    groups = np.array([material.groups[i] for i in material.order]) if centre_speakers else None
    dense = material.vectors[material.order].astype(np.float64)
    wording = _wording(texts)
    return _drawn(np.hstack([_centred(dense, groups), _centred(wording, groups)]))


def _wording(texts: Sequence[str]) -> Features:
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.preprocessing import normalize

    bare = [filler_pattern().sub("", simplified(text)) for text in texts]
    counts = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True).fit_transform(bare)
    common = np.flatnonzero(np.bincount(counts.indices, minlength=counts.shape[1]) > 1)
    if len(texts) >= _RARE_FROM and len(common) > WORDING_DIMENSIONS:
        counts = normalize(counts[:, common])
    dimensions = min(WORDING_DIMENSIONS, min(counts.shape) - 1)
    if dimensions < 1 or len(set(bare)) == 1:
        return np.zeros((len(texts), 1))
    rows: Features = TruncatedSVD(dimensions, algorithm="arpack", random_state=0).fit_transform(counts)
    return rows


def _centred(rows: Features, groups: NDArray[np.str_] | None) -> Features:
    rows = rows - rows.mean(axis=0)
    if groups is not None:
        for group in np.unique(groups):
            own = groups == group
            rows[own] -= rows[own].mean(axis=0) * own.sum() / (own.sum() + _SHRINK)
    return unit(rows)


def unit(rows: Features) -> Features:
    """Return rows of unit length; rows of zeros stay."""
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    scaled: Features = rows / np.where(length > 1e-12, length, 1.0)
    return scaled


def _drawn(rows: Features) -> Features:
    neighbours = min(NEIGHBOURS, (len(rows) - 1) // 4)
    if neighbours < 1:
        return unit(rows)
    units, means = unit(rows), np.empty_like(rows)
    for start in range(0, len(rows), _BLOCK):
        near = _nearest(units, start, neighbours)
        means[start : start + len(near)] = rows[near].mean(axis=1)
    return unit((1 - DRAW) * rows + DRAW * means)


def _nearest(units: Features, start: int, neighbours: int) -> NDArray[np.int64]:
    likeness = np.round(units[start : start + _BLOCK] @ units.T, 9)
    likeness[np.arange(len(likeness)), start + np.arange(len(likeness))] = -2
    nearest: NDArray[np.int64] = np.argsort(-likeness, axis=1, kind="stable")[:, :neighbours]
    return nearest
