"""How a text becomes counted pieces: character and letter n-grams, and words with their pairs."""

import re
from functools import lru_cache
from itertools import pairwise

from lbc_themes.segmenting.words import cut

_HAN_RUN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+")
_LATIN_WORD = re.compile(r"[a-z][a-z']*")


def grams(text: str) -> list[str]:
    """Return the 1- to 3-grams of Chinese characters, and the words and 4-grams of letters of English.

    >>> grams("想妈妈")
    ['想', '妈', '妈', '想妈', '妈妈', '想妈妈']
    """
    found = [run[i : i + n] for run in _HAN_RUN.findall(text) for n in (1, 2, 3) for i in range(len(run) - n + 1)]
    for word in _LATIN_WORD.findall(text.lower()):
        marked = f"<{word}>"
        found += [word, *(marked[i : i + 4] for i in range(len(marked) - 3))]
    return found


@lru_cache(maxsize=20_000)
def words(text: str) -> tuple[str, ...]:
    """Return the Chinese words, and the English words and pairs of words, that stand in ``text``.

    Texts are cut once: fitting, comparing and explaining all ask for the same words.

    >>> words("想妈妈 so much")
    ('想', '妈妈', 'so', 'much', 'so much')
    """
    chinese = [word for word in cut(text) if _HAN_RUN.match(word)]
    english = _LATIN_WORD.findall(text.lower())
    pairs = (f"{a} {b}" for a, b in pairwise(english))
    return (*chinese, *english, *pairs)
