"""How a Chinese name is said: 王小雨, 小雨, 王老师, 老王, 阿雨, 雨雨 are forms of the same few parts."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache

from lbc_themes.privacy.tables import either_of, plain_surnames, words_of

_PREFIXES = "小老阿大"
_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]+")
_KIN = re.compile(r"([\u4e00-\u9fff]{1,3})([叔婶姨哥姐嫂伯爷总])$")
_LONGEST_GIVEN = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Parts:
    """A form of a name: what stays as it is around the surname and the given name.

    ``last`` is set where the form holds only the last character of the given name ``given`` (阿强 of 志强), as often
    as it is said (强强).
    """

    before: str = ""
    surname: str = ""
    given: str = ""
    after: str = ""
    last: int = 0


@cache
def _title() -> re.Pattern[str]:
    return re.compile(rf"(.+?)({either_of(words_of('titles.txt'))})$")


def surname_of(word: str) -> str:
    """Return the surname that ``word`` begins with, or nothing."""
    return next(
        (word[:size] for size in (2, 1) if word[:size] in words_of("surnames.txt") and len(word[:size]) == size), ""
    )


def is_han(word: str) -> bool:
    """Say whether ``word`` is written in Chinese characters alone."""
    return _HAN.fullmatch(word) is not None


def parts_of(form: str, *, givens: Collection[str], by_last: Mapping[str, str]) -> Parts:
    """Take a form of a name (simplified characters) apart.

    Args:
        form: What is said.
        givens: Given names known from full names of the study.
        by_last: The given name by its last character, where only one known given name ends in it.

    >>> parts_of("王老师", givens=(), by_last={})
    Parts(before='', surname='王', given='', after='老师', last=0)
    >>> parts_of("阿强", givens=("志强",), by_last={"强": "志强"})
    Parts(before='阿', surname='', given='志强', after='', last=1)
    """
    titled = _title().match(form) or _KIN.match(form)
    if titled is None:
        return _bare(form, "", givens, by_last)
    return _bare(titled[1], titled[2], givens, by_last)


def _bare(word: str, after: str, givens: Collection[str], by_last: Mapping[str, str]) -> Parts:
    if word in givens or not is_han(word):
        return Parts(given=word, after=after)
    if len(word) == 1 and after:
        return _single(word, after, by_last)
    if len(word) == 2 and word[0] in _PREFIXES:
        return _nickname(word, after, by_last)
    if len(word) == 2 and word[0] == word[1]:
        return _last("", word, after, by_last)
    surname = surname_of(word)
    if surname == word:
        return Parts(surname=surname, after=after)
    if surname and len(word) - len(surname) <= _LONGEST_GIVEN:
        return Parts(surname=surname, given=word[len(surname) :], after=after)
    return Parts(given=word, after=after)


def _single(word: str, after: str, by_last: Mapping[str, str]) -> Parts:
    if word in by_last and word not in plain_surnames():
        return Parts(given=by_last[word], after=after, last=1)
    return Parts(surname=word, after=after) if word in words_of("surnames.txt") else Parts(given=word, after=after)


def _nickname(word: str, after: str, by_last: Mapping[str, str]) -> Parts:
    if word[1] in by_last:
        return Parts(before=word[0], given=by_last[word[1]], after=after, last=1)
    if word[1] in words_of("surnames.txt"):
        return Parts(before=word[0], surname=word[1], after=after)
    return Parts(given=word, after=after)


def _last(before: str, word: str, after: str, by_last: Mapping[str, str]) -> Parts:
    if word[0] in by_last:
        return Parts(before=before, given=by_last[word[0]], after=after, last=len(word))
    return Parts(given=word, after=after)
