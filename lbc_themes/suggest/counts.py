"""How often each piece stands in each text, counted once and weighted by TF-IDF as often as is needed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lbc_themes.suggest.analyzers import Keys, gram_keys

Floats = NDArray[np.float64]
Sparse = Any
"""A sparse array of scipy, which has no types."""


@dataclass(frozen=True, kw_only=True)
class Counts:
    """Counts of shape ``(texts, pieces)``; ``keys`` are the numbers of the pieces, in order, each once."""

    keys: Keys
    matrix: Sparse

    def part(self, rows: Sequence[int] | NDArray[np.intp]) -> "Counts":
        """Return the counts of the texts at ``rows``."""
        return Counts(keys=self.keys, matrix=self.matrix[rows])


def counted_grams(texts: Sequence[str]) -> Counts:
    """Count the n-grams of characters and letters in each text."""
    rows, keys = gram_keys(list(texts))
    return _counted(rows, keys, len(texts))


def _counted(rows: Keys, keys: Keys, texts: int) -> Counts:
    import scipy.sparse

    known, columns = np.unique(keys, return_inverse=True)
    matrix = scipy.sparse.coo_array((np.ones(len(rows)), (rows, columns)), shape=(texts, len(known))).tocsr()
    return Counts(keys=known, matrix=matrix)


class TfIdf:
    """Term frequency (one plus its logarithm) times inverse document frequency, rows of unit length.

    The same weights as scikit-learn's TfidfVectorizer with ``sublinear_tf=True``; only counting is shared.
    """

    def fit(self, counts: Counts) -> "TfIdf":
        """Learn the pieces that occur and how rare each is."""
        texts = counts.matrix.shape[0]
        among = np.bincount(counts.matrix.indices, minlength=len(counts.keys))
        self.keys_ = counts.keys[among > 0]
        self.idf_ = np.log((1 + texts) / (1 + among[among > 0])) + 1
        return self

    def transform(self, counts: Counts) -> Sparse:
        """Return weights of shape ``(texts, pieces)``; pieces that were not there in ``fit`` are left out."""
        import scipy.sparse

        at = np.searchsorted(self.keys_, counts.keys)
        known = self.keys_[np.minimum(at, len(self.keys_) - 1)] == counts.keys if len(self.keys_) else at < 0
        columns, matrix = np.where(known, at, -1), counts.matrix
        kept = columns[matrix.indices] >= 0
        indices = columns[matrix.indices][kept]
        data = (1 + np.log(matrix.data[kept])) * self.idf_[indices]
        ends = np.concatenate([[0], np.cumsum(kept)])[matrix.indptr]
        rows = np.repeat(np.arange(matrix.shape[0]), np.diff(ends))
        lengths = np.sqrt(np.bincount(rows, data**2, minlength=matrix.shape[0]))
        data /= lengths[rows]
        return scipy.sparse.csr_array((data, indices, ends), shape=(matrix.shape[0], len(self.keys_)))
