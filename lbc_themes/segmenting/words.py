"""Words of Chinese speech: all of them, and those that name a topic."""

import re
from collections.abc import Iterator

from lbc_themes.segmenting.cutter import word_cutter
from lbc_themes.segmenting.lexicon import Lexicon, LexiconWord, load_lexicon
from lbc_themes.segmenting.negation import negated
from lbc_themes.segmenting.simplify import simplified
from lbc_themes.segmenting.tables import words_of

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


def _english_backchannels() -> frozenset[str]:
    return frozenset(word for word in words_of("backchannels.txt") if word.isascii())
