"""The word cutter: jieba with the project's lexicon, its own dictionary and no files written."""

import re
import warnings
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from lbc_themes.segmenting.lexicon import Lexicon, LexiconWord, lexicon_words, load_lexicon
from lbc_themes.segmenting.simplify import simplified
from lbc_themes.segmenting.tables import DATA

_JIEBA_BLOCK = re.compile(r"[\u4e00-\u9fd5a-zA-Z0-9+#&._%\-]+")


class WordCutter:
    """Cuts text into words by jieba, the project's lexicon and the words given; the shared jieba stays as it is."""

    def __init__(self, lexicon: tuple[LexiconWord, ...] = ()) -> None:
        """Read jieba's dictionary (about half a second) and put the lexicon into it."""
        self.lexicon = lexicon
        every = {simplified(entry.word): entry for entry in (*load_lexicon(DATA / "lexicon.txt"), *lexicon)}
        self._jieba = _own_jieba(every)
        self._whole = _across_blocks(every)
        self._parts = {word: self._apart(word) for word, entry in every.items() if entry.frequency == 0}

    def _apart(self, word: str) -> list[str]:
        frequency = self._jieba.FREQ.get(word, 0)
        self._jieba.FREQ[word] = 0
        parts = [part for part in self._jieba.cut(word, HMM=False) if part]
        self._jieba.FREQ[word] = frequency
        return parts

    def cut(self, text: str, cut_all: bool = False) -> list[str]:  # noqa: ARG002, FBT001, FBT002 (spaCy passes it)
        """Return the words of ``text`` in order, traditional ones too; joined they are ``text``."""
        words, at = [], 0
        for word in self._words(simplified(text)):
            words.append(text[at : at + len(word)])
            at += len(word)
        return words

    def frequency(self, word: str) -> int:
        """Return how often jieba's dictionary or the lexicon counts a simplified word, 0 where neither holds it."""
        return int(self._jieba.FREQ.get(word) or 0)

    def _words(self, copy: str) -> Iterator[str]:
        for number, part in enumerate(self._whole.split(copy) if self._whole else [copy]):
            if number % 2:
                yield part
                continue
            for word in self._jieba.cut(part):
                yield from self._parts.get(word, (word,))


def _own_jieba(lexicon: dict[str, LexiconWord]) -> Any:  # noqa: ANN401 (jieba has no types)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import jieba

        tokenizer = jieba.Tokenizer()
        # jieba's own initialize() logs, and shares a cache file in the temporary folder.
        tokenizer.FREQ, tokenizer.total = tokenizer.gen_pfdict(tokenizer.get_dict_file())
        tokenizer.initialized = True
    for word, entry in lexicon.items():
        # Words to be taken apart stay in: without them the hidden Markov model joins their parts to their neighbours.
        if entry.frequency != 0 and _JIEBA_BLOCK.fullmatch(word):
            tokenizer.add_word(word, entry.frequency, entry.tag)
    return tokenizer


def _across_blocks(lexicon: dict[str, LexiconWord]) -> re.Pattern[str] | None:
    words = sorted((word for word in lexicon if not _JIEBA_BLOCK.fullmatch(word)), key=lambda word: (-len(word), word))
    return re.compile(f"({'|'.join(map(re.escape, words))})") if words else None


@lru_cache(maxsize=8)
def _cutter(lexicon: tuple[LexiconWord, ...]) -> WordCutter:
    return WordCutter(lexicon)


def word_cutter(lexicon: Lexicon | None = None) -> WordCutter:
    """Return the cutter for the project's lexicon and ``lexicon`` (a file or its words); made once, then kept."""
    return _cutter(lexicon_words(lexicon))
