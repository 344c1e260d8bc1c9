"""The words that tell themes apart, and names made of them."""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

Words = Sequence[str]

MOST_WORDS = 10
WORDS_IN_NAME = 3
SHORT = 0.4


def telling_words(words: Sequence[Words], labels: Sequence[int], most: int = MOST_WORDS) -> dict[int, tuple[str, ...]]:
    """Return the most telling words of each theme, best first.

    ``words`` are the content words of each text, ``labels`` its theme, -1 for none. A word counts by class TF-IDF
    (Grootendorst 2022, arXiv:2203.05794: its share of the theme's words times log(1 + mean words per theme / its count
    overall)) times the root of the share of the theme's texts that hold it, so that one talkative passage names no
    theme. Words of one character (走, 打) say little by themselves and count 0.4 times as much. Words of one text only
    come last.
    """
    counts, texts = _counts(words, labels)
    if not counts:
        return {}
    overall: Counter[str] = sum(counts.values(), Counter())
    usual = sum(overall.values()) / len(counts)
    sizes = Counter(label for label in labels if label >= 0)
    found = {}
    for theme, own in counts.items():
        total = sum(own.values())
        score = {
            word: (count / total)
            * np.log1p(usual / overall[word])
            * (texts[theme][word] / sizes[theme]) ** 0.5
            * (SHORT if len(word) == 1 else 1)
            for word, count in own.items()
        }
        often = min(2, sizes[theme])
        best = sorted(score, key=lambda word: (texts[theme][word] < often, -score[word], word))
        found[theme] = tuple(best[:most])
    return found


def _counts(words: Sequence[Words], labels: Sequence[int]) -> tuple[dict[int, Counter[str]], dict[int, Counter[str]]]:
    counts: dict[int, Counter[str]] = {}
    texts: dict[int, Counter[str]] = {}
    for said, label in zip(words, labels, strict=True):
        if label >= 0:
            counts.setdefault(label, Counter()).update(said)
            texts.setdefault(label, Counter()).update(set(said))
    return counts, texts


def names_of(keywords: Mapping[int, Words]) -> dict[int, str]:
    """Return a name for each theme: its three most telling words that do not hold one another, told apart if need be.

    >>> names_of({0: ["妈妈", "妈妈打电话", "想"], 1: ["妈妈", "想"]})
    {0: '妈妈、想', 1: '妈妈、想（2）'}
    """
    names: dict[int, str] = {}
    taken: Counter[str] = Counter()
    for theme, words in keywords.items():
        chosen: list[str] = []
        for word in words:
            if len(chosen) < WORDS_IN_NAME and not any(word in other or other in word for other in chosen):
                chosen.append(word)
        name = "、".join(chosen) or "未命名"
        taken[name] += 1
        names[theme] = name if taken[name] == 1 else f"{name}（{taken[name]}）"
    return names
