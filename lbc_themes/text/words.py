"""Words of Chinese speech: simplified, cut, with their negation; those that name a topic, and those that only fill."""

import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import message

# --- Word tables in ``data/``: one entry a line, ``#`` begins a comment, columns are parted by tabs.

DATA = Path(__file__).parent / "data"


def lines_of_file(path: Path) -> list[tuple[int, str]]:
    """Return the numbered lines of a UTF-8 text file that say something, without BOM, line ends and comments."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        problem = f"cannot be read ({error.strerror}); give the path of a text file, one word a line"
        raise InputError(message("text.refused_3", path=path, problem=problem)) from error
    except UnicodeDecodeError as error:
        problem = f"byte {error.start} is not UTF-8; save the file as UTF-8 text and try again"
        raise InputError(message("text.refused_3", path=path, problem=problem)) from error
    bare = ((number, _bare(line)) for number, line in enumerate(text.splitlines(), 1))
    return [(number, line) for number, line in bare if line]


def _bare(line: str) -> str:
    return line.split("#", 1)[0].strip("\ufeff \t\u3000")


@cache
def table(name: str) -> tuple[tuple[str, ...], ...]:
    """Return the rows of the table ``data/<name>`` as tuples of cells."""
    return tuple(tuple(cell.strip() for cell in line.split("\t")) for _, line in lines_of_file(DATA / name))


@cache
def words_of(name: str) -> frozenset[str]:
    """Return the first column of the table ``data/<name>``."""
    return frozenset(row[0] for row in table(name))


# --- Simplified characters.

_SURROGATE = re.compile("[\ud800-\udfff]")


@cache
def _converter() -> Callable[[str], str]:
    from opencc import OpenCC

    convert: Callable[[str], str] = OpenCC("t2s").convert
    return convert


def simplified(text: str) -> str:
    """Return ``text`` in simplified characters for looking words up; character ``i`` stands for ``text[i]``.

    The conversion knows phrases (乾隆 stays, 乾杯 does not). Where it would change the length, each character is
    converted alone, so that the copy always has the length of the text. An unpaired surrogate, which none takes, stands
    as U+FFFD in the copy.

    >>> simplified("媽媽說：別哭")
    '妈妈说：别哭'
    """
    if text.isascii():
        return text
    text = _SURROGATE.sub("\ufffd", text)
    copy = _converter()(text)
    return copy if len(copy) == len(text) else "".join(_one(character) for character in text)


def _one(character: str) -> str:
    converted = _converter()(character)
    return converted if len(converted) == 1 else character


# --- Negation: which words a 不, 没 or 别 begins, and how far it reaches.

_FARTHEST = 3


@cache
def _negation_words(kind: str) -> frozenset[str]:
    return frozenset(word for row in table("negation.tsv") if row[0] == kind for word in row[1].split())


def negated(words: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield the half-open ranges of ``words`` (simplified) that are a negation together with what it negates.

    不想, 不敢 are whole by themselves; 没, 没人, 不会 take the next word with them. Words that only look negated
    (不过, 差不多) and questions (想不想, 有没有) are none.

    >>> list(negated(["没", "人", "管", "我", "，", "不过", "我", "不想", "走"]))
    [(0, 3), (7, 8)]
    """
    first, at = _first_signs(), 0
    for start in [number for number, word in enumerate(words) if word[:1] in first]:
        end = _end(words, start) if start >= at else start
        if end > start:
            yield start, end
            at = end


@cache
def _first_signs() -> frozenset[str]:
    return frozenset(word[0] for word in _negation_words("begins"))


def _end(words: Sequence[str], at: int) -> int:
    word = words[at]
    if word in _negation_words("none") or not word.startswith(tuple(_negation_words("begins"))) or _asks(words, at):
        return at
    if word not in _negation_words("reaches"):
        return at + 1 if len(word) > 1 and word not in _negation_words("never alone") else at
    end = at + 1
    while end < len(words) and end - at < _FARTHEST and _can_be_negated(words[end]):
        end += 1
        if words[end - 1] not in _negation_words("reaches on"):
            break
    return end if end > at + 1 or len(word) > 1 else at


def _asks(words: Sequence[str], at: int) -> bool:
    word, before = words[at], words[at - 1] if at else ""
    after = words[at + 1] if at + 1 < len(words) else ""
    return bool(before) and (word[1:] == before or (len(word) == 1 and after == before))


def _can_be_negated(word: str) -> bool:
    return word[0].isalpha() and word not in _negation_words("cannot be negated")


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


# --- Fillers and back-channels: what shows that one listens or thinks, and carries nothing to code.

_STAGE = re.compile(r"[（(【\[][^（()）【】\[\]]{1,12}[）)\]】]")
_OPENS = re.compile(r"[（(【\[]")
_LONGEST_BACKCHANNEL = 24


def _any_of(words: Iterable[str]) -> str:
    longest_first = sorted(words, key=lambda word: (-len(word), word))
    return "|".join(re.escape(word) + ("(?![a-z])" if word[-1:].isascii() else "") for word in longest_first)


@cache
def _only(*, interviewer: bool) -> re.Pattern[str]:
    said = {row[0] for row in table("backchannels.txt") if interviewer or len(row) == 1}
    return re.compile(rf"(?:[\W_]|{_any_of(said | words_of('fillers.txt'))})*", re.IGNORECASE)


@cache
def filler_pattern() -> re.Pattern[str]:
    """Return the pattern of one filler (嗯, eng, erm) in simplified text."""
    return re.compile(rf"(?<![A-Za-z])(?:{_any_of(words_of('fillers.txt'))})", re.IGNORECASE)


@cache
def _stage_note() -> re.Pattern[str]:
    inner, close, said = r"[^（()）【】\[\]]", r"[）)\]】]", _any_of(words_of("stage.txt"))
    return re.compile(rf"[（(【\[](?={inner}{{1,12}}{close}){inner}*?(?:{said}){inner}*{close}")


def without_stage_notes(text: str) -> str:
    """Return ``text``, as long as it was, with blanks for a transcriber's notes in brackets; other brackets stay.

    >>> without_stage_notes("（笑）我想（那个）妈妈")
    '   我想（那个）妈妈'
    """
    if not _OPENS.search(text):
        return text
    copy = list(text)
    for note in _stage_note().finditer(simplified(text)):
        copy[note.start() : note.end()] = " " * (note.end() - note.start())
    return "".join(copy)


def is_backchannel(text: str) -> bool:
    """Say whether ``text`` is nothing but sounds and words that show listening (嗯, 对对, eng eng); blank text is.

    >>> [is_backchannel(text) for text in ("嗯嗯。", "eng eng", "對啊，對", "对，我想他们", "知道")]
    [True, True, True, False, False]
    """
    return _holds_only(text, interviewer=False)


def is_listening(text: str) -> bool:
    """Say whether an interviewer's turn only shows listening or asks to go on (然后呢, 明白, 嗯（点头）).

    >>> [is_listening(text) for text in ("嗯。（点头）", "然後呢？", "然后你怎么办？")]
    [True, True, False]
    """
    return _holds_only(_STAGE.sub("", text), interviewer=True)


def _holds_only(text: str, *, interviewer: bool) -> bool:
    bare = text.strip()
    return len(bare) <= _LONGEST_BACKCHANNEL and _only(interviewer=interviewer).fullmatch(simplified(bare)) is not None
