"""TF-IDF over any texts, those without a single piece as well."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix
    from sklearn.feature_extraction.text import TfidfVectorizer

_ANY_WORD = "无 none"


def weighed(analyzer: Callable[[str], Sequence[str]], texts: Sequence[str]) -> "tuple[TfidfVectorizer, csr_matrix]":
    """Return TF-IDF weights fitted to ``texts``, with sublinear term frequency, and the texts' rows.

    Where no text has a piece (digits, another script) scikit-learn would refuse them all; here their rows are zero.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer

    some = [] if any(analyzer(text) for text in texts) else [_ANY_WORD]
    weights = TfidfVectorizer(analyzer=analyzer, sublinear_tf=True)
    return weights, weights.fit_transform([*texts, *some])[: len(texts)]
