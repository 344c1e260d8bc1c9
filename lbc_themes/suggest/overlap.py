"""How much rows of weights have in common, quickly where some pieces stand in most texts."""

import numpy as np

from lbc_themes.suggest.counts import Floats, Sparse

OFTEN = 0.1
"""A piece that this share of texts has is multiplied as a full column, the others as sparse ones."""


def overlap(here: Sparse, there: Sparse) -> Floats:
    """Return ``here @ there.T`` of two sparse arrays as a full one, shape ``(len(here), len(there))``."""
    often = np.bincount(there.indices, minlength=there.shape[1]) > OFTEN * there.shape[0]
    if not often.any():
        return np.asarray((here @ there.T).toarray(), np.float64)
    common = np.flatnonzero(often)
    found: Floats = here[:, common].toarray() @ there[:, common].toarray().T
    rare = _without(there, often)
    found += (_without(here, often) @ rare.T).toarray()
    return found


def _without(rows: Sparse, columns: "np.ndarray[tuple[int, ...], np.dtype[np.bool_]]") -> Sparse:
    import scipy.sparse

    kept = ~columns[rows.indices]
    ends = np.concatenate([[0], np.cumsum(kept)])[rows.indptr]
    return scipy.sparse.csr_array((rows.data[kept], rows.indices[kept], ends), shape=rows.shape)
