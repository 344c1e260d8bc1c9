"""The words that tell themes apart."""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

Words = Sequence[str]
Counts = dict[int, dict[str, float]]

MOST_WORDS = 10
SHORT = 0.4


def telling_words(
    words: Sequence[Words],
    labels: Sequence[int],
    most: int = MOST_WORDS,
    weights: Sequence[float] | None = None,
    spread: float = 0.5,
) -> dict[int, tuple[str, ...]]:
    """Return the most telling words of each theme, best first.

    ``words`` are the content words of each text, ``labels`` its theme, -1 for none, ``weights`` how much each text
    counts, 1 where none are given. A word counts by class TF-IDF (Grootendorst 2022, arXiv:2203.05794: its share of
    the theme's words times log(1 + mean words per theme / its count overall)) times the share of the theme's texts
    that hold it to the power of ``spread``, so that one talkative passage names no theme. Words of one character
    (走, 打) say little by themselves and count 0.4 times as much. Words of one text only come last.
    """
    each = [1.0] * len(labels) if weights is None else weights
    once = [sorted(set(own)) for own in words]
    counts, held = _counts(words, labels, each), _counts(once, labels, each)
    if not counts:
        return {}
    texts = _counts(once, labels, [1.0] * len(labels))
    overall: Counter[str] = Counter()
    for own in counts.values():
        overall.update(own)
    usual = sum(overall.values()) / len(counts)
    found = {}
    for theme, own in counts.items():
        size = sum(weight for weight, label in zip(each, labels, strict=True) if label == theme)
        score = _scores(own, {word: (count / size) ** spread for word, count in held[theme].items()}, overall, usual)
        often = min(2, sum(label == theme for label in labels))
        found[theme] = tuple(sorted(score, key=lambda word: (texts[theme][word] < often, -score[word], word))[:most])
    return found


def _counts(words: Sequence[Words], labels: Sequence[int], weights: Sequence[float]) -> Counts:
    counts: Counts = {}
    for said, label, weight in zip(words, labels, weights, strict=True):
        if label >= 0:
            own = counts.setdefault(int(label), {})
            for word in said:
                own[word] = own.get(word, 0.0) + weight
    return counts


def _scores(
    own: Mapping[str, float], reach: Mapping[str, float], overall: Mapping[str, float], usual: float
) -> dict[str, float]:
    total = sum(own.values())
    return {
        word: float((count / total) * np.log1p(usual / overall[word]) * reach[word]) * (SHORT if len(word) == 1 else 1)
        for word, count in own.items()
    }
