"""Working titles for themes, from their most telling words and the passages that show them best."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path

from lbc_themes.segmenting.simplify import simplified
from lbc_themes.segmenting.tables import lines_of_file

Words = Sequence[str]
Phrases = Mapping[str, Sequence[str]]
"""Phrases by the word that they begin or end with, the commonest first."""

WORDS_IN_NAME = 3
UNNAMED = "未命名"

_LIST = Path(__file__).parent / "data" / "not_in_names.txt"
_COUNTED = re.compile(r"[一二三四五六七八九十百千万两几半第\d].{0,3}")
_LITTLE_NEGATED = re.compile(r"[不没别无未]+[太跟了来去是有会能要得好过到给在用行对上下出起叫没再先就都也]*")
_LONGEST_PHRASE = 8
_TEXTS = 2
_SHARE = 0.5


def names_of(keywords: Mapping[int, Words], phrases: Mapping[int, Phrases] | None = None) -> dict[int, str]:
    """Return a name for each theme: up to three telling words that do not hold one another, told apart if need be.

    ``keywords`` are the words of each theme, best first. Words of one character and words that say little in a title
    (今天, 一直, 看见, 两个月) are passed over while there are others; two words that the theme's passages say together
    (``phrases``, from ``phrases_in``) stand together.

    >>> names_of({0: ["妈妈", "妈妈打电话", "想家"], 1: ["妈妈", "想家", "看见"]})
    {0: '妈妈、想家', 1: '妈妈、想家（2）'}
    """
    names: dict[int, str] = {}
    taken: Counter[str] = Counter()
    for theme, words in keywords.items():
        name = "、".join(_chosen(words, (phrases or {}).get(theme, {}))) or UNNAMED
        taken[name] += 1
        names[theme] = name if taken[name] == 1 else f"{name}（{taken[name]}）"
    return names


def _chosen(words: Words, phrases: Phrases) -> list[str]:
    chosen: list[str] = []
    fit = [word for word in words if fits_a_name(word)]
    for word in fit or [word for word in words if len(word) > 1] or words:
        if len(chosen) == WORDS_IN_NAME:
            break
        title = next((phrase for phrase in phrases.get(word, ()) if not _holds_any(phrase, chosen)), word)
        if not _holds_any(word, chosen) and not any(word in other for other in chosen):
            chosen.append(title)
    return chosen


def _holds_any(title: str, chosen: Words) -> bool:
    return any(other in title for other in chosen)


@cache
def _not_in_names() -> frozenset[str]:
    return frozenset(word for _, line in lines_of_file(_LIST) for word in line.split())


def fits_a_name(word: str) -> bool:
    """Say whether a word may stand in a name: two characters or more, no amount, and not one that says little.

    >>> [fits_a_name(word) for word in ("奶奶", "打", "四亩", "不了", "不想", "没人管", "今天")]
    [True, False, False, False, True, True, False]
    """
    plain = simplified(word)
    if len(plain) < 2 or plain in _not_in_names():
        return False
    return not (_COUNTED.fullmatch(plain) or _LITTLE_NEGATED.fullmatch(plain))


def phrases_in(texts: Sequence[str], words: Sequence[Words]) -> dict[str, list[str]]:
    """Return the phrases of a theme's passages under each of their two words, commonest first.

    ``words`` are the content words of each text, in order. A phrase is two of them, each of two characters or more,
    with at most one character between, eight characters in all at most, said in two texts or more and in half or more
    of the texts that hold the rarer one.
    """
    holders: Counter[str] = Counter(word for own in words for word in set(own))
    found: Counter[tuple[str, str, str]] = Counter()
    for text, own in zip(texts, words, strict=True):
        found.update(set(_side_by_side(text, own)))
    kept: dict[str, list[str]] = {}
    for (phrase, first, second), count in sorted(found.items(), key=lambda pair: (-pair[1], pair[0])):
        if count >= _TEXTS and count >= _SHARE * min(holders[first], holders[second]):
            for word in (first, second):
                kept.setdefault(word, []).append(phrase)
    return kept


def _side_by_side(text: str, words: Words) -> Iterator[tuple[str, str, str]]:
    places: list[tuple[int, str]] = []
    at = 0
    for word in words:
        start = text.find(word, at)
        if start >= 0:
            places.append((start, word))
            at = start + len(word)
    for (start, first), (after, second) in pairwise(places):
        phrase, between = text[start : after + len(second)], text[start + len(first) : after]
        close = len(between) <= 1 and (not between or between.isalpha())
        if close and first != second and min(len(first), len(second)) > 1 and len(phrase) <= _LONGEST_PHRASE:
            yield phrase, first, second
