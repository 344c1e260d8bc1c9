"""Words that everybody says: what a name must not be taken for."""

import logging
from functools import cache

_OFTEN = 30


@cache
def _tags() -> tuple[dict[str, str], dict[str, int]]:
    import jieba
    from jieba import posseg

    jieba.setLogLevel(logging.WARNING)
    posseg.initialize()
    return posseg.dt.word_tag_tab, posseg.dt.tokenizer.FREQ


def is_place_word(word: str) -> bool:
    """Say whether jieba's dictionary has ``word`` as a place, or not at all."""
    return _tags()[0].get(word, "ns").startswith("ns")


def is_everyday(word: str) -> bool:
    """Say whether jieba's dictionary has ``word`` often and as something else than a name (海洋, 比较)."""
    tags, often = _tags()
    return not tags.get(word, "nr").startswith(("nr", "ns", "nt", "nz")) and often.get(word, 0) >= _OFTEN
