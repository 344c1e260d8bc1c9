"""Working titles for themes, from their most telling words and the phrases that people say."""

from collections import Counter
from collections.abc import Collection, Mapping
from itertools import pairwise

from lbc_themes.themes.name_words import fits_a_name, is_a_person
from lbc_themes.themes.phrases import Phrases, Words

WORDS_IN_NAME = 3
UNNAMED = "未命名"


def names_of(
    keywords: Mapping[int, Words],
    phrases: Mapping[int, Phrases] | None = None,
    common: Mapping[int, Collection[str]] | None = None,
) -> dict[int, str]:
    """Return a name for each theme: up to three telling words that share nothing, told apart if need be.

    ``keywords`` are the words of each theme, best first. Words that only one passage says (not in ``common``), words of
    one character, persons, and words that say little in a title (今天, 一直, 看见, 两个月) are passed over while there
    are others; a word stands in the commonest of its phrases (``phrases``, from ``phrases_in``).

    >>> names_of({0: ["妈妈", "妈妈打电话", "想家"], 1: ["妈妈", "想家", "看见"]})
    {0: '妈妈、想家', 1: '妈妈、想家（2）'}
    """
    names: dict[int, str] = {}
    taken: Counter[str] = Counter()
    for theme, words in keywords.items():
        shared = words if common is None else [word for word in words if word in common[theme]]
        name = "、".join(_chosen(_best_kind(shared, words), (phrases or {}).get(theme, {}))) or UNNAMED
        taken[name] += 1
        names[theme] = name if taken[name] == 1 else f"{name}（{taken[name]}）"
    return names


def _best_kind(shared: Words, every: Words) -> Words:
    kinds = (
        [word for word in shared if fits_a_name(word)],
        [word for word in shared if len(word) > 1 and not is_a_person(word)],
        [word for word in every if fits_a_name(word)],
        [word for word in every if len(word) > 1],
        every,
    )
    return next((words for words in kinds if words), ())


def _chosen(words: Words, phrases: Phrases) -> list[str]:
    chosen: list[str] = []
    for word in words:
        if len(chosen) == WORDS_IN_NAME:
            break
        title = next((said for said in (*phrases.get(word, ()), word) if not _shares(said, chosen)), None)
        if title is not None:
            chosen.append(title)
    return chosen


def _shares(title: str, chosen: Words) -> bool:
    """Say whether a title holds, or is held by, two characters on end of one that is chosen."""
    pairs = {"".join(pair) for pair in pairwise(title)} or {title}
    return any(title in other or other in title or any(pair in other for pair in pairs) for other in chosen)
