"""Fillers and back-channels: what is said to show that one listens or thinks, and carries nothing to code."""

import re
from collections.abc import Iterable
from functools import cache

from lbc_themes.text.simplify import simplified
from lbc_themes.text.word_tables import table, words_of

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
