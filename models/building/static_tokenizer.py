"""The tokenizer of the static tier: the pieces of the first encoder and whole words of the dictionary beside them."""

import math
import re
from typing import Any

import numpy as np

HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
UNKNOWN = "<unk>"


def with_words(tokenizer: dict[str, Any], words: dict[str, int], ascii_pieces: int, most_words: int) -> dict[str, Any]:
    """Return ``tokenizer`` (a tokenizer.json) with ``<unk>``, its Chinese pieces, few of ASCII, and ``words`` added.

    ``words`` are words with their frequencies, the most frequent first. A word's log probability is that of its
    frequency, moved by the mean distance of the two scales over the words that are pieces already; so the tokenizer
    prefers whole words as a word segmenter would.
    """
    pieces = [(piece, score) for piece, score in tokenizer["model"]["vocab"] if not re.fullmatch(r"<[^<>]+>", piece)]
    han = [pair for pair in pieces if HAN.search(pair[0])]
    plain = sorted((pair for pair in pieces if not HAN.search(pair[0])), key=lambda pair: (-pair[1], pair[0]))
    kept = [*han, *plain[:ascii_pieces]]
    known, total = dict(kept), sum(words.values())
    both = [(known[word], math.log(count / total)) for word, count in words.items() if word in known]
    moved = float(np.mean([score - own for score, own in both]))
    new = [(word, moved + math.log(count / total)) for word, count in words.items() if word not in known][:most_words]
    vocabulary = [[UNKNOWN, 0.0], *([piece, round(score, 4)] for piece, score in (*kept, *new))]
    return tokenizer | {
        "model": tokenizer["model"] | {"vocab": vocabulary, "unk_id": 0},
        "added_tokens": [special | {"id": 0} for special in tokenizer["added_tokens"] if special["content"] == UNKNOWN],
        "post_processor": None,
    }
