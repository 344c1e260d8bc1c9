"""Cut a SentencePiece vocabulary to Chinese, punctuation and the most frequent ASCII pieces."""

import re
from typing import Any

HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
PLAIN = re.compile(r"[\u3000-\u303f\uff00-\uffef\u2000-\u206f\x21-\x7e]*")
SPECIAL = (0, 1, 2, 3)  # <s> <pad> </s> <unk>, in the order of the original vocabulary


def kept_pieces(vocabulary: list[tuple[str, float]], ascii_pieces: int) -> list[int]:
    """Return the ids to keep, in order: special pieces, all with a Chinese character, the best ``ascii_pieces`` others.

    ``vocabulary`` is a list of (piece, log probability). A piece counts as ASCII when, without the word mark ▁, it
    is made of ASCII and East Asian punctuation only.
    """
    han = {i for i, (piece, _) in enumerate(vocabulary) if HAN.search(piece)}
    plain = [
        i
        for i, (piece, _) in enumerate(vocabulary)
        if i not in SPECIAL and i not in han and PLAIN.fullmatch(piece.replace("\u2581", ""))
    ]
    best = sorted(plain, key=lambda i: (-vocabulary[i][1], i))[:ascii_pieces]
    return sorted({*SPECIAL, *han, *best})


def cut_tokenizer(tokenizer: dict[str, Any], kept: list[int]) -> dict[str, Any]:
    """Return ``tokenizer`` (a tokenizer.json) with only the pieces ``kept``, renumbered in their order."""
    renumbered = {old: new for new, old in enumerate(kept)}
    vocabulary = tokenizer["model"]["vocab"]
    return tokenizer | {
        "model": tokenizer["model"] | {"vocab": [vocabulary[i] for i in kept]},
        "added_tokens": [t | {"id": renumbered[t["id"]]} for t in tokenizer["added_tokens"] if t["id"] in renumbered],
    }
