"""How often each piece stands in each text, counted once and weighted by TF-IDF as often as is needed."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lbc_themes.text.simplify import simplified
from lbc_themes.text.words import cut

# --- How a text becomes counted pieces: n-grams of characters and letters.

Keys = NDArray[np.int64]

_HAN_BLOCKS = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF))
_LATIN_WORD = re.compile(r"[a-z][a-z']*")
_STRINGS = 1 << 62


@lru_cache(maxsize=100_000)
def _key(piece: str) -> int:
    return _STRINGS | int.from_bytes(blake2b(piece.encode("utf-8", "surrogatepass"), digest_size=7).digest(), "little")


def gram_keys(texts: list[str]) -> tuple[Keys, Keys]:
    """Return the position of a text and the number of a piece, for every piece of every text.

    Pieces are the 1- to 3-grams of Chinese characters, traditional ones as their simplified forms (their code points,
    16 bits each, are the number), and of English the words and the 4-grams of ``<word>``. All texts are looked at
    together.
    """
    texts = [simplified(text) for text in texts]
    points = np.frombuffer("\n".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.int64)
    owner = np.repeat(np.arange(len(texts)), [len(text) + 1 for text in texts])[: len(points)]
    han = np.zeros(len(points), bool)
    for first, last in _HAN_BLOCKS:
        han |= (points >= first) & (points <= last)
    inside, numbers = han, points
    rows, keys = [owner[inside]], [numbers[inside]]
    for width in (1, 2):
        inside = inside[:-1] & han[width:]
        numbers = numbers[:-1] + (points[width:] << 16 * width)
        rows.append(owner[: len(inside)][inside])
        keys.append(numbers[inside])
    for row, text in enumerate(texts):
        if english := _letters(text):
            rows.append(np.full(len(english), row, np.int64))
            keys.append(np.array([_key(piece) for piece in english], np.int64))
    return np.concatenate(rows), np.concatenate(keys)


def _letters(text: str) -> list[str]:
    found: list[str] = []
    for word in _LATIN_WORD.findall(text.lower()):
        marked = f"<{word}>"
        found += [word, *(marked[i : i + 4] for i in range(len(marked) - 3))]
    return found


Floats = NDArray[np.float64]
AnyFloats = NDArray[np.float32] | NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.intp]
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


def counted_words(texts: Sequence[str]) -> Counts:
    """Count the words of each text, traditional characters as their simplified forms."""
    found = [_word_keys(text) for text in texts]
    rows = np.repeat(np.arange(len(found), dtype=np.int64), [len(keys) for keys in found])
    return _counted(rows, np.array([key for keys in found for key in keys], np.int64), len(found))


@lru_cache(maxsize=20_000)
def _word_keys(text: str) -> tuple[int, ...]:
    return tuple(_key(word) for word in cut(simplified(text).lower()))


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


# --- How much rows of weights have in common, quickly where some pieces stand in most texts.

OFTEN = 0.1
"""A piece that this share of texts has is multiplied as a full column, the others as sparse ones."""


def overlap(here: Sparse, there: Sparse) -> Floats:
    """Return ``here @ there.T`` of two sparse arrays as a full one, shape ``(len(here), len(there))``."""
    often = np.bincount(there.indices, minlength=there.shape[1]) > OFTEN * there.shape[0]
    if not often.any():
        return np.asarray((here @ there.T).toarray(), np.float64)
    common, rare = _parted(here, often)
    # A product with itself is symmetric, and numpy then makes half of it, where it sees that both are one array.
    others, other_rare = (common, rare) if there is here else _parted(there, often)
    found: Floats = common @ others.T
    found += (rare @ other_rare.T).toarray()
    return found


def _parted(rows: Sparse, often: Bools) -> tuple[Floats, Sparse]:
    """Return the columns of ``rows`` that are ``often`` there as a full array, and the others as a sparse one."""
    import scipy.sparse

    kept = often[rows.indices]
    full = np.zeros((rows.shape[0], int(often.sum())))
    owner = np.repeat(np.arange(rows.shape[0]), np.diff(rows.indptr))
    full[owner[kept], (np.cumsum(often) - 1)[rows.indices[kept]]] = rows.data[kept]
    ends = np.concatenate([[0], np.cumsum(~kept)])[rows.indptr]
    return full, scipy.sparse.csr_array((rows.data[~kept], rows.indices[~kept], ends), shape=rows.shape)
