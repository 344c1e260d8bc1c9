"""Which words of a passage speak for a code."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import accumulate

from lbc_themes.suggest.code_words import CodeWords
from lbc_themes.text.simplify import simplified
from lbc_themes.text.words import joined, without_placeholders

MOST_WORDS = 5

_RUN = re.compile(r"[a-z0-9]+|[^a-z0-9]+")


class WordFinder:
    """Finds known words in a text by the longest match from its end, many times faster than all words are found.

    What is between known words falls into single characters; letters and digits that stand together are one word.
    """

    def __init__(self, vocabulary: Iterable[str]) -> None:
        """Remember the words, which are in simplified characters and small letters, and their lengths by their ends."""
        self._known = frozenset(vocabulary)
        self._lengths: dict[str, list[int]] = {}
        for ending, length in sorted({(word[-2:], len(word)) for word in self._known}, reverse=True):
            self._lengths.setdefault(ending, []).append(length)

    def words(self, text: str) -> list[str]:
        """Return the words of ``text``, which is in simplified characters and small letters; joined they are it."""
        found: list[str] = []
        for run in _RUN.findall(text):
            found += [run] if run[0].isascii() and run[0].isalnum() else self._matched(run)
        return found

    def _matched(self, run: str) -> list[str]:
        found, end, lengths = [], len(run), self._lengths
        while end:
            start = end - 1
            for length in lengths.get(run[end - 2 : end], ()) if end > 1 else ():
                if length <= end and run[end - length : end] in self._known:
                    start = end - length
                    break
            found.append(run[start:end])
            end = start
        return found[::-1]


class WordEvidence:
    """Which words of a passage speak for a code: those that its description and examples use more than others do."""

    def __init__(self, words: CodeWords, indicators: Sequence[Sequence[str]]) -> None:
        """Work out how telling each word is for each code: how many times as often the code uses it as codes do."""
        codes = len(words.used)
        totals = Counter[str]()
        for count in words.used:
            totals.update(count)
        self._finder = WordFinder(words.vocabulary)
        self._telling = [
            {word: -times * codes / totals[word] for word, times in count.items() if times * codes > totals[word]}
            for count in words.used
        ]
        self._ever_telling = frozenset().union(*self._telling)
        self._indicators = indicators

    def words(self, text: str, codes: Sequence[int]) -> list[tuple[str, ...]]:
        """Return for each of ``codes`` up to five words that stand in ``text``, the most telling first.

        Indicators of the codebook come before others. A word is telling that the code uses more often than a code does
        on average.
        """
        said = self._said(text)
        return [self._for_code(text, said, code) for code in codes]

    def _said(self, text: str) -> dict[str, str]:
        """Return the telling words of ``text``, simplified and in small letters, each with how it stands there."""
        copy = _small(simplified(without_placeholders(text)))
        words = list(joined(self._finder.words(copy), simple=True))
        if copy == text:
            return {word: word for word in words if word in self._ever_telling}
        ends = accumulate(map(len, words))
        there = {word: text[end - len(word) : end] for word, end in reversed(list(zip(words, ends, strict=True)))}
        return {word: there[word] for word in there if word in self._ever_telling}

    def _for_code(self, text: str, said: dict[str, str], code: int) -> tuple[str, ...]:
        telling = self._telling[code]
        indicators = [word for word in self._indicators[code] if word in text]
        found = sorted((telling[word], there) for word, there in said.items() if word in telling)
        if indicators:
            shown = "\n".join(indicators)
            found = [(more, word) for more, word in found if word not in shown]
        return tuple([*indicators, *(word for _, word in found)][:MOST_WORDS])


def _small(text: str) -> str:
    small = text.lower()
    return small if len(small) == len(text) else "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
