"""Which of the two languages a text is in."""

import re

from lbc_themes.core.records import Language

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_LATIN_WORD = re.compile(r"[A-Za-z]+")


def language_of(text: str) -> Language:
    """Return "en" where ``text`` has more Latin words than Chinese characters, else "zh".

    >>> language_of("我也不知道 OK"), language_of("I don't know, 奶奶 said")
    ('zh', 'en')
    """
    return "en" if len(_LATIN_WORD.findall(text)) > len(_HAN.findall(text)) else "zh"
