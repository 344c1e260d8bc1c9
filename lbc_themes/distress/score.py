"""A small linear score for wordings that no pattern foresees, learned from character pairs."""

import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FILE = Path(__file__).parent / "data" / "weights.json"
_LONGEST = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Weights:
    """Weights of characters and character pairs: ``ngrams`` maps each to its inverse document frequency and weight."""

    ngrams: Mapping[str, tuple[float, float]]
    intercept: float
    threshold: float


@cache
def shipped_weights() -> Weights:
    """Return the weights that travel with the library (see ``data/weights.md``)."""
    raw = json.loads(_FILE.read_text(encoding="utf-8"))
    ngrams = {ngram: (float(idf), float(weight)) for ngram, (idf, weight) in raw["ngrams"].items()}
    return Weights(ngrams=ngrams, intercept=raw["intercept"], threshold=raw["threshold"])


def _ngrams(text: str, weights: Weights) -> Iterator[tuple[int, str]]:
    for size in range(1, _LONGEST + 1):
        for start in range(len(text) - size + 1):
            ngram = text[start : start + size]
            if ngram in weights.ngrams:
                yield start, ngram


def _parts(text: str, weights: Weights) -> dict[str, float]:
    counts = Counter(ngram for _, ngram in _ngrams(text, weights))
    values = {ngram: (1 + math.log(count)) * weights.ngrams[ngram][0] for ngram, count in counts.items()}
    length = math.sqrt(sum(value * value for value in values.values())) or 1.0
    return {ngram: value / length * weights.ngrams[ngram][1] for ngram, value in values.items()}


def score(text: str, weights: Weights) -> float:
    """Return the decision value of ``text``: logistic regression on TF-IDF with sublinear counts, length one."""
    return sum(_parts(text, weights).values()) + weights.intercept


def loudest(text: str, weights: Weights) -> tuple[int, int]:
    """Return the slice of ``text`` whose characters add most to its score (the largest sum of any run)."""
    parts = _parts(text, weights)
    shares = [0.0] * len(text)
    for start, ngram in _ngrams(text, weights):
        for at in range(start, start + len(ngram)):
            shares[at] += parts[ngram] / len(ngram)
    best, span, total, start = 0.0, (0, len(text)), 0.0, 0
    for at, share in enumerate(shares):
        if total <= 0:
            total, start = 0.0, at
        total += share
        if total > best:
            best, span = total, (start, at + 1)
    return span
