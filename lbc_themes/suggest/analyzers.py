"""How a text becomes counted pieces: n-grams of characters and letters."""

import re
from functools import lru_cache
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from lbc_themes.text.simplify import simplified

Keys = NDArray[np.int64]

_HAN_BLOCKS = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF))
_LATIN_WORD = re.compile(r"[a-z][a-z']*")
_STRINGS = 1 << 62


@lru_cache(maxsize=100_000)
def _key(piece: str) -> int:
    return _STRINGS | int.from_bytes(blake2b(piece.encode("utf-8", "surrogatepass"), digest_size=7).digest(), "little")


def gram_keys(texts: list[str]) -> tuple[Keys, Keys]:
    """Return the position of a text and the number of a piece, for every piece of every text.

    Pieces are the 1- to 3-grams of Chinese characters, traditional ones as their simplified forms (their code points,
    16 bits each, are the number), and of English the words and the 4-grams of ``<word>``. All texts are looked at
    together.
    """
    texts = [simplified(text) for text in texts]
    points = np.frombuffer("\n".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.int64)
    owner = np.repeat(np.arange(len(texts)), [len(text) + 1 for text in texts])[: len(points)]
    han = np.zeros(len(points), bool)
    for first, last in _HAN_BLOCKS:
        han |= (points >= first) & (points <= last)
    inside, numbers = han, points
    rows, keys = [owner[inside]], [numbers[inside]]
    for width in (1, 2):
        inside = inside[:-1] & han[width:]
        numbers = numbers[:-1] + (points[width:] << 16 * width)
        rows.append(owner[: len(inside)][inside])
        keys.append(numbers[inside])
    for row, text in enumerate(texts):
        if english := _letters(text):
            rows.append(np.full(len(english), row, np.int64))
            keys.append(np.array([_key(piece) for piece in english], np.int64))
    return np.concatenate(rows), np.concatenate(keys)


def _letters(text: str) -> list[str]:
    found: list[str] = []
    for word in _LATIN_WORD.findall(text.lower()):
        marked = f"<{word}>"
        found += [word, *(marked[i : i + 4] for i in range(len(marked) - 3))]
    return found
