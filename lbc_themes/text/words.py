"""Words of Chinese speech: all of them, and those that name a topic."""

import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import message
from lbc_themes.text.negation import negated
from lbc_themes.text.simplify import simplified
from lbc_themes.text.word_tables import DATA, lines_of_file, words_of

# --- Lexicon files: words that are to stay whole.

_COLUMNS = re.compile(r"(?P<word>.*?\S)(?:\s+(?P<frequency>\d+))?(?:\s+(?P<tag>[a-z]{1,3}))?")
_TABBED = re.compile(r"(?P<word>[^\t]*[^\t\s])\s*(?:\t\s*(?P<frequency>\d+)?\s*(?:\t\s*(?P<tag>[a-z]{1,3})?)?)?")


@dataclass(frozen=True, kw_only=True, slots=True)
class LexiconWord:
    """A word that is to stay whole, with its frequency (None: as high as that needs) and part of speech.

    A frequency of 0 says the opposite: the word is to be taken apart.
    """

    word: str
    frequency: int | None = None
    tag: str | None = None

    def __post_init__(self) -> None:
        """Refuse a blank word."""
        if not self.word.strip():
            raise InputError(message("text.lexicon_word_leave_blank", word=self.word))


Lexicon = str | Path | Sequence[LexiconWord | str]
"""The path of a lexicon file, or its words."""


def load_lexicon(path: str | Path) -> tuple[LexiconWord, ...]:
    """Return the words of a lexicon file: UTF-8, one word a line, ``#`` begins a comment.

    After the word there may be a frequency and a part of speech (``低保 1200 n``), parted by blanks, or by tabs where
    the word itself ends in a number. Words may hold blanks; a BOM and any line ends are read over.

    Raises:
        InputError: The file cannot be read, is not UTF-8, or a line between tabs is not word, frequency, tag.
    """
    return tuple(_word(Path(path), number, line) for number, line in lines_of_file(Path(path)))


def lexicon_words(lexicon: Lexicon | None) -> tuple[LexiconWord, ...]:
    """Return the words of ``lexicon``, be it a path, a list of words, or None."""
    if lexicon is None:
        return ()
    if isinstance(lexicon, str | Path):
        return load_lexicon(lexicon)
    return tuple(LexiconWord(word=entry) if isinstance(entry, str) else entry for entry in lexicon)


def _word(path: Path, number: int, line: str) -> LexiconWord:
    columns = (_TABBED if "\t" in line else _COLUMNS).fullmatch(line)
    if columns is None:
        raise InputError(message("text.line_lexicon_line_write", path=path, number=number, line=line))
    frequency = columns["frequency"]
    return LexiconWord(word=columns["word"], frequency=int(frequency) if frequency else None, tag=columns["tag"])


# --- The word cutter: jieba with the project's lexicon, its own dictionary and no files written.

_JIEBA_BLOCK = re.compile(r"[\u4e00-\u9fd5a-zA-Z0-9+#&._%\-]+")
_JIEBA_BLOCKS = re.compile(f"({_JIEBA_BLOCK.pattern})")
_LATIN_HELD = 20_000


class WordCutter:
    """Cuts text into words by jieba, the project's lexicon and the words given; the shared jieba stays as it is."""

    def __init__(self, lexicon: tuple[LexiconWord, ...] = ()) -> None:
        """Read jieba's dictionary (about half a second) and put the lexicon into it."""
        self.lexicon = lexicon
        every = {simplified(entry.word): entry for entry in (*load_lexicon(DATA / "lexicon.txt"), *lexicon)}
        self._jieba = _own_jieba(every)
        self._whole = _across_blocks(every)
        self._latin_words: dict[str, tuple[str, ...]] = {}
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

    def known_words(self, copy: str) -> Iterator[str]:
        """Yield the words of a simplified text, unknown ones character by character; joined they are the text."""
        for number, part in enumerate(self._whole.split(copy) if self._whole else [copy]):
            yield from [part] if number % 2 else self._jieba.cut(part, HMM=False)

    def frequency(self, word: str) -> int:
        """Return how often jieba's dictionary or the lexicon counts a simplified word, 0 where neither holds it."""
        return int(self._jieba.FREQ.get(word) or 0)

    def _words(self, copy: str) -> Iterator[str]:
        for number, part in enumerate(self._whole.split(copy) if self._whole else [copy]):
            if number % 2:
                yield part
                continue
            # jieba cuts each block by itself, so those of Latin letters, which come again and again, are cut once.
            for block in _JIEBA_BLOCKS.split(part):
                yield from self._latin(block) if block.isascii() else self._block(block)

    def _block(self, block: str) -> Iterator[str]:
        for word in self._jieba.cut(block):
            yield from self._parts.get(word, (word,))

    def _latin(self, block: str) -> tuple[str, ...]:
        held = self._latin_words
        if block not in held:
            if len(held) >= _LATIN_HELD:
                held.clear()
            held[block] = tuple(self._block(block))
        return held[block]


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


__all__ = [
    "Lexicon",
    "LexiconWord",
    "content_words",
    "cut",
    "joined",
    "load_lexicon",
    "names_a_topic",
    "without_placeholders",
]

_PLACEHOLDER = re.compile(r"<[^<>\s]{1,24}>")
_NUMERAL = re.compile(r"第?[\d０-９〇零一二三四五六七八九十百千万亿两半俩仨几多.,%％]+[个回次天年月日岁点块]?")
_WORD = re.compile(r"[^\W\d_]")


def cut(text: str, *, lexicon: Lexicon | None = None) -> list[str]:
    """Return the words of ``text``; joined they are ``text`` again.

    >>> cut("留守儿童想爸爸妈妈")
    ['留守儿童', '想', '爸爸', '妈妈']
    """
    return word_cutter(lexicon).cut(text)


def content_words(text: str, *, lexicon: Lexicon | None = None) -> list[str]:
    """Return the words of ``text`` that may name a topic, in order and as often as they are said.

    Left out are the words of ``data/stopwords.txt``, numerals, fillers, single letters, placeholders such as
    ``<city>`` and all that is not a word. A negation stays with what it negates.

    >>> content_words("然后就是那个没人管我，我也不想上学，eng 三天")
    ['没人管', '不想', '上学']
    """
    words = word_cutter(lexicon).cut(without_placeholders(text))
    return [word for word in joined(words) if names_a_topic(simplified(word))]


def without_placeholders(text: str) -> str:
    """Return ``text``, as long as it was, with blanks for each placeholder such as ``<city>``."""
    return _PLACEHOLDER.sub(lambda found: " " * len(found[0]), text) if "<" in text else text


def joined(words: list[str], *, simple: bool = False) -> Iterator[str]:
    """Yield ``words`` with each negation and what it negates made one; ``simple`` says that they are simplified.

    >>> list(joined(["没", "人", "管", "我"]))
    ['没人管', '我']
    """
    at = 0
    for start, end in negated(words if simple else [simplified(word) for word in words]):
        yield from words[at:start]
        yield "".join(words[start:end])
        at = end
    yield from words[at:]


def names_a_topic(word: str) -> bool:
    """Tell whether ``word``, in simplified characters, is one that ``content_words`` returns."""
    if _WORD.match(word) is None or word in words_of("stopwords.txt") or word.lower() in words_of("fillers.txt"):
        return False
    if word.isascii():
        return len(word) > 1 and word.lower() not in _english_backchannels()
    return _NUMERAL.fullmatch(word) is None


@cache
def _english_backchannels() -> frozenset[str]:
    return frozenset(word for word in words_of("backchannels.txt") if word.isascii())
