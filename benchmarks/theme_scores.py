"""Figures of a partition: agreement with the truth, words, and whether it stays the same."""

from collections.abc import Callable, Iterable
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.theme_studies import Study
from lbc_themes.core.errors import InputError
from lbc_themes.themes.summaries import telling_words

Labels = NDArray[np.int64]
Method = Callable[[Study, int], tuple[Labels, float]]
"""Takes a study and a seed; gives labels and the seconds that finding them took."""

SEEDS = (0, 1, 2)


def measured(study: Study, method: Method) -> dict[str, Any]:
    """Return the figures of one method: the mean over seeds, and agreement between seeds and between two orders."""
    from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

    runs, seconds = zip(*(method(study, seed) for seed in SEEDS), strict=True)
    other, order = study.shuffled(7)
    again, _ = method(other, SEEDS[0])
    coherence, diversity = zip(*(wording(study, labels) for labels in runs), strict=True)
    return {
        "NMI": mean(normalized_mutual_info_score(study.truth, labels) for labels in runs),
        "ARI": mean(adjusted_rand_score(study.truth, labels) for labels in runs),
        "themes": mean(len(set(labels.tolist()) - {-1}) for labels in runs),
        "outliers": mean((labels < 0).mean() for labels in runs),
        "NPMI": mean(coherence),
        "diversity": mean(diversity),
        "same over seeds": mean(adjusted_rand_score(a, b) for a, b in combinations(runs, 2)),
        "same when shuffled": float(adjusted_rand_score(runs[0][order], again)),
        "seconds": min(seconds),
    }


def mean(values: Iterable[float]) -> float:
    """Return the mean."""
    return float(np.mean(list(values)))


def wording(study: Study, labels: Labels, most: int = 10) -> tuple[float, float]:
    """Return NPMI coherence over passages and the share of different words, of the themes' ten telling words."""
    found = telling_words(study.words, labels.tolist(), most)
    if not found:
        return 0.0, 0.0
    holders: dict[str, set[int]] = {word: set() for own in found.values() for word in own}
    for at, words in enumerate(study.words):
        for word in set(words) & holders.keys():
            holders[word].add(at)
    pairs = [npmi(holders[a], holders[b], len(study.texts)) for own in found.values() for a, b in combinations(own, 2)]
    return mean(pairs) if pairs else 0.0, len(holders) / sum(map(len, found.values()))


def npmi(a: set[int], b: set[int], n: int) -> float:
    """Return the NPMI of two words from the places where they stand among ``n``: 1 always together, -1 never."""
    if not (a and b):
        raise InputError("a word that stands nowhere has no NPMI")
    both = len(a & b) / n
    if both == 0:
        return -1.0
    return 1.0 if both == 1 else float(np.log(both * n * n / (len(a) * len(b))) / -np.log(both))
