"""Negation in a list of words: which words a 不, 没 or 别 begins, and how far it reaches."""

from collections.abc import Iterator, Sequence
from functools import cache

from lbc_themes.text.word_tables import table

_FARTHEST = 3


@cache
def _words(kind: str) -> frozenset[str]:
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
    return frozenset(word[0] for word in _words("begins"))


def _end(words: Sequence[str], at: int) -> int:
    word = words[at]
    if word in _words("none") or not word.startswith(tuple(_words("begins"))) or _asks(words, at):
        return at
    if word not in _words("reaches"):
        return at + 1 if len(word) > 1 and word not in _words("never alone") else at
    end = at + 1
    while end < len(words) and end - at < _FARTHEST and _can_be_negated(words[end]):
        end += 1
        if words[end - 1] not in _words("reaches on"):
            break
    return end if end > at + 1 or len(word) > 1 else at


def _asks(words: Sequence[str], at: int) -> bool:
    word, before = words[at], words[at - 1] if at else ""
    after = words[at + 1] if at + 1 < len(words) else ""
    return bool(before) and (word[1:] == before or (len(word) == 1 and after == before))


def _can_be_negated(word: str) -> bool:
    return word[0].isalpha() and word not in _words("cannot be negated")
