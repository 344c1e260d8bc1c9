"""What people say in one breath: phrases of a theme's passages that may stand in its name."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from lbc_themes.text.simplify import simplified
from lbc_themes.themes.name_words import fits_a_name

Words = Sequence[str]
Phrases = Mapping[str, Sequence[str]]
"""Phrases by the word that they begin or end with, the commonest first."""

_LONGEST = 8
_TEXTS = 2
_SHARE = 1 / 3
_BETWEEN = frozenset({"", "的", "和", "跟"})
_EMPTY = frozenset("说讲问要给来去叫弄搞整会能有到在先再完没想做干算看老大小多好新爸妈爷奶哥姐弟妹爹娘他她我你")


def phrases_in(texts: Sequence[str], words: Sequence[Words]) -> dict[str, list[str]]:
    """Return the phrases of a theme's passages under each of their two words, commonest first.

    ``words`` are the content words of each text, in order. A phrase is two of them side by side or joined by 的, 和 or
    跟 (语文老师, 县里的老师), or one with a word of one character that is not empty (写作业, 腿疼); eight characters in
    all at most, said in two texts or more and in a third or more of the texts that hold the word.
    """
    holders: Counter[str] = Counter(word for own in words for word in set(own))
    found: Counter[tuple[str, str, str]] = Counter()
    for text, own in zip(texts, words, strict=True):
        found.update(set(_side_by_side(text, own)))
    kept: dict[str, list[str]] = {}
    for (phrase, *both), count in sorted(found.items(), key=lambda pair: (-pair[1], -len(pair[0][0]), pair[0])):
        for word in both:
            if len(word) > 1 and count >= max(_TEXTS, _SHARE * holders[word]):
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
        if between in _BETWEEN and len(phrase) <= _LONGEST and _go_together(first, second, between):
            yield phrase, first, second


def _go_together(first: str, second: str, between: str) -> bool:
    if first == second or not (_may_join(first) and _may_join(second)):
        return False
    short = (len(first) == 1) + (len(second) == 1)
    return short == 0 or (short == 1 and not between)


def _may_join(word: str) -> bool:
    return simplified(word) not in _EMPTY if len(word) == 1 else fits_a_name(word)
