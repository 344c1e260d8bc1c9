"""The words of the codes: those that a codebook's texts consist of, and how often each code uses each of them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lbc_themes.core.records import Codebook
from lbc_themes.suggest.code_texts import described, shown
from lbc_themes.suggest.prepared import Arrays, digest, prepared
from lbc_themes.text.simplify import simplified
from lbc_themes.text.words import cut, joined, names_a_topic, without_placeholders


@dataclass(frozen=True, kw_only=True)
class CodeWords:
    """``vocabulary`` are all words of two characters or more; ``used`` counts, for each code, those that name a topic.

    All are simplified and in small letters. In ``used`` a negation stands together with what it negates.
    """

    vocabulary: frozenset[str]
    used: tuple[Mapping[str, int], ...]


def texts_by_code(codebook: Codebook | None, names: Sequence[str] | None) -> list[str]:
    """Return for each code what describes and shows it, in both languages together."""
    texts = [
        f"{zh.words}\n{en.words}"
        for zh, en in zip(described(codebook, names, "zh"), described(codebook, names, "en"), strict=True)
    ]
    for example in shown(codebook):
        for code in example.codes[:1]:
            texts[code] += f"\n{example.text}"
    return texts


def counted_code_words(texts: Sequence[str]) -> CodeWords:
    """Cut the texts of each code into words, which takes about a second for 3,000 sentences, and count them."""
    vocabulary: set[str] = set()
    used = []
    for text in texts:
        words = cut(simplified(without_placeholders(text)).lower())
        vocabulary.update(word for word in words if len(word) > 1)
        used.append(Counter(word for word in joined(words, simple=True) if len(word) > 1 and names_a_topic(word)))
    return CodeWords(vocabulary=frozenset(vocabulary), used=tuple(used))


def code_words(codebook: Codebook | None, names: Sequence[str] | None) -> CodeWords:
    """Return the words of a codebook or of bare names; those of the library's own codebook lie ready."""
    texts = texts_by_code(codebook, names)
    found = prepared(words_key(texts), PARTS)
    return counted_code_words(texts) if found is None else from_arrays(found)


PARTS = ("words", "known", "used")


def words_key(texts: Sequence[str]) -> str:
    """Return what the words of these texts are kept under."""
    return digest("words", list(texts))


def to_arrays(words: CodeWords) -> Arrays:
    """Return ``words`` as arrays: all words in order, which are the vocabulary, and (code, word, times) in rows."""
    every = sorted(words.vocabulary.union(*words.used))
    at = {word: number for number, word in enumerate(every)}
    rows = [(code, at[word], times) for code, used in enumerate(words.used) for word, times in sorted(used.items())]
    return {
        "words": np.frombuffer("\n".join(every).encode(), np.uint8),
        "known": np.array([word in words.vocabulary for word in every]),
        "used": np.array([(len(words.used), 0, 0), *rows], np.int32),
    }


def from_arrays(arrays: Sequence[NDArray[Any]]) -> CodeWords:
    """Return the words that ``to_arrays`` made ``arrays`` of, in the order of ``PARTS``."""
    every = arrays[0].tobytes().decode().split("\n")
    (codes, *_), *rows = arrays[2].tolist()
    used: tuple[dict[str, int], ...] = tuple({} for _ in range(codes))
    for code, word, times in rows:
        used[code][every[word]] = times
    return CodeWords(vocabulary=frozenset(compress(every, arrays[1].tolist())), used=used)
