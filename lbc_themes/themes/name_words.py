"""Which words may stand in the name of a theme."""

import re
from functools import cache
from pathlib import Path

from lbc_themes.text.names import either_of, plain_surnames
from lbc_themes.text.names import words_of as list_of
from lbc_themes.text.simplify import simplified
from lbc_themes.text.word_tables import lines_of_file
from lbc_themes.text.words import word_cutter

_LIST = Path(__file__).parent / "data" / "not_in_names.txt"
_COUNTED = re.compile(r"[一二三四五六七八九十百千万两几半第\d].{0,3}")
_LITTLE_NEGATED = re.compile(r"[不没别无未]+[太跟了来去是有会能要得好过到给在用行对上下出起叫没再先就都也]*")
_KIN = frozenset("叔婶姑姨舅伯爷奶娘爹妈爸哥姐弟妹嫂公婆孙孩")
_EVERYDAY = 30
_EVERYDAY_OLD = 400


@cache
def not_in_names() -> frozenset[str]:
    """Return the words that say little in a title, simplified."""
    return frozenset(word for _, line in lines_of_file(_LIST) for word in line.split())


@cache
def fits_a_name(word: str) -> bool:
    """Say whether a word may stand in a name: two characters or more, no amount, no person, and it says something.

    >>> [fits_a_name(word) for word in ("奶奶", "打", "四亩", "不了", "不想", "没人管", "今天", "老王")]
    [True, False, False, False, True, True, False, False]
    """
    plain = simplified(word)
    if len(plain) < 2 or plain in not_in_names() or is_a_person(plain):
        return False
    return not (_COUNTED.fullmatch(plain) or _LITTLE_NEGATED.fullmatch(plain))


@cache
def is_a_person(word: str) -> bool:
    """Say whether a word looks like what one person is called (小海, 老杨头, 李老师); kin (小姨, 奶奶) are roles.

    A name in the title of a theme says who spoke or is spoken of, and nothing of what is said.

    >>> [is_a_person(word) for word in ("小海", "老杨头", "李老师", "小姨", "小学", "老师", "老家")]
    [True, True, True, False, False, False, False]
    """
    plain = simplified(word)
    if plain in list_of("no_names.txt") or plain in list_of("titles.txt"):
        return False
    if len(plain) == 2 and plain[0] in "小阿老":
        return plain[1] not in _KIN and _is_nickname(plain)
    return _full_name().fullmatch(plain) is not None and _said(plain) < _EVERYDAY


def _is_nickname(word: str) -> bool:
    if word[0] == "老":
        return word[1] in list_of("surnames.txt") and _said(word) < _EVERYDAY_OLD
    return _said(word) < _EVERYDAY


def _said(word: str) -> int:
    return word_cutter(None).frequency(word)


@cache
def _full_name() -> re.Pattern[str]:
    surname, given = either_of(plain_surnames()), either_of(list_of("given_characters.txt"))
    title, second = either_of(list_of("titles.txt")), either_of(list_of("nickname_surnames.txt"))
    return re.compile(rf"{surname}(?:{title}|{given}{{1,2}})|[小老]{second}[头哥姐]?")
