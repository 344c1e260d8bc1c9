"""Lexicon files: words that are to stay whole."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lbc_themes.errors import InputError
from lbc_themes.segmenting.tables import lines_of_file

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
            raise InputError(f"a lexicon word is {self.word!r}; leave blank words out")


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
        raise InputError(
            f"{path}, line {number}: {line!r} is not a lexicon line; write the word alone, or between tabs the word, "
            "a whole number for its frequency and a tag such as n"
        )
    frequency = columns["frequency"]
    return LexiconWord(word=columns["word"], frequency=int(frequency) if frequency else None, tag=columns["tag"])
