"""Whether a passage says anything that a code could apply to."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from lbc_themes.segmenting import boundaries
from lbc_themes.suggest.calibration import sigmoid
from lbc_themes.suggest.features import Bools, CodeExample, Floats
from lbc_themes.suggest.zero_shot import SECOND_CODE

SHORTEST = 8
USUAL = 25
SIZE_WEIGHT = 0.3
LEAST = 0.75
SURE = 0.5
FEWEST_EMPTY = 5
SILENCED = 0.05
KEPT = 20_000
"""How many texts' sizes are kept in memory, for a page that asks after each decision."""

TOO_SHORT = "too-short"
NOTHING_FITS = "nothing-fits"
NOT_SURE = "not-sure"


@lru_cache(maxsize=KEPT)
def size_of(text: str) -> int:
    """Return the size of ``text`` (see `marks.size_of`), from memory where the text was seen before."""
    return boundaries.size_of(text)


def too_short(text: str) -> bool:
    """Tell whether ``text`` has fewer than 8 characters or words that are not fillers."""
    return size_of(text) < SHORTEST


def usual_sum(examples: Sequence[CodeExample]) -> float:
    """Return what ``examples`` say of a sentence that is like none of them: the mean of what they teach, at most 1.

    It is the share of examples that carry a code, each counted by its codes as they are taught.
    """
    taught = [1 + SECOND_CODE * (len(example.codes) - 1) if example.codes else 0.0 for example in examples]
    return min(1.0, sum(taught) / max(len(taught), 1))


def relevant(text: str, example_sum: float, usual: float = 1.0) -> bool:
    """Tell whether ``text`` is like the codebook's examples rather than like small talk.

    ``example_sum`` is the sum over codes of what the examples say: near 1 for sentences that carry a code, near 0 for
    small talk and logistics, and near ``usual`` (`usual_sum`) for what is like no example. The bound is a share of the
    last, so that a codebook of few examples beside much small talk does not take all that is new to it for small talk.
    Longer passages get the benefit of the doubt. The bound was set on the invented demonstration interviews, and so
    that few coded passages are silenced rather than all small talk.
    """
    return _above_small_talk(text, example_sum, usual) >= 0


def _above_small_talk(text: str, example_sum: float, usual: float) -> float:
    return example_sum + SIZE_WEIGHT * math.log(max(size_of(text), 1) / USUAL) - LEAST * usual


# --- Learned from passages that were coded, with codes or with none.

FEWEST_CARRYING = 19


@dataclass(frozen=True, kw_only=True)
class Codable:
    """How likely any code applies to a text, learned from coded texts, those coded with nothing among them.

    A logistic regression on four features of a text: the greatest log-odds of a code, the expected number of codes,
    the logarithm of its size, and whether its codes stand out. ``threshold`` is the probability below which a text is
    taken to carry none.
    """

    centre: Floats
    scale: Floats
    weights: Floats
    bias: float
    threshold: float

    def probabilities(self, texts: Sequence[str], logits: Floats) -> Floats:
        """Return the probability that any code applies, shape ``(n,)``, from log-odds of shape ``(n, codes)``."""
        features = (_codable_features(texts, logits) - self.centre) / self.scale
        return sigmoid(features @ self.weights + self.bias)


def _codable_features(texts: Sequence[str], logits: Floats) -> Floats:
    best = logits.max(axis=1)
    expected = np.log(sigmoid(logits).sum(axis=1) + 1e-6)
    size = np.log1p([size_of(text) for text in texts])
    return np.stack([best, expected, size, best - logits.mean(axis=1)], axis=1)


def fit_codable(texts: Sequence[str], left_out: Floats, targets: Bools) -> Codable | None:
    """Learn which texts carry a code from left-out log-odds ``left_out`` and codes ``targets``, both ``(n, codes)``.

    Returns None with fewer than five texts that were coded with nothing, or fewer than 19 that carry a code.
    """
    from sklearn.linear_model import LogisticRegression

    carry: Bools = np.asarray(targets.any(axis=1))
    if (~carry).sum() < FEWEST_EMPTY or carry.sum() < FEWEST_CARRYING:
        return None
    features = _codable_features(texts, left_out)
    centre, scale = features.mean(axis=0), np.maximum(features.std(axis=0), 1e-9)
    model = LogisticRegression(C=1.0, max_iter=500).fit((features - centre) / scale, carry)
    found = Codable(centre=centre, scale=scale, weights=model.coef_[0], bias=float(model.intercept_[0]), threshold=0.0)
    return replace(found, threshold=abstention_threshold(found.probabilities(texts, left_out), carry))


def abstention_threshold(likely: Floats, carry: Bools) -> float:
    """Return the value of ``likely`` below which a text is taken to carry no code.

    ``likely``, shape ``(n,)``, tells from left-out answers how likely each coded text carries a code, and ``carry``
    whether it does. Of n texts that carry one, the threshold is at the k-th smallest value, k being the whole part of
    ``0.05 (n + 1)``: of further texts like them that carry a code no more than 5 % are silenced on average (as in
    conformal prediction, Vovk et al. 2005). With fewer than five texts that carry none, or fewer than 19 that carry
    one, it is 0 and silences nothing.
    """
    place = int(SILENCED * (carry.sum() + 1))
    if (~carry).sum() < FEWEST_EMPTY or not place:
        return 0.0
    return float(np.sort(likely[carry])[place - 1])


def abstention_reasons(
    texts: Sequence[str], examples: Sequence[CodeExample], example_scores: Floats,
    logits: Floats | None = None, codable: Codable | None = None,
) -> list[str]:  # fmt: skip
    """Return for each text why nothing is suggested, or an empty string.

    A text that is too short carries nothing, always. Before anything has been coded, the codebook's examples tell small
    talk (``relevant``); ``example_scores`` is what they say, shape ``(n, codes)``. Once codes are learned, ``logits``,
    that holds only where no code is likelier than not; and a text is left alone that ``codable`` takes to carry none.
    """
    reasons = [TOO_SHORT if too_short(text) else "" for text in texts]
    fits: Bools = np.zeros(len(texts), bool) if logits is None else sigmoid(logits).max(axis=1) >= SURE
    if all(example.codes for example in examples):
        fits = np.ones(len(texts), bool)
    else:
        sums, usual = example_scores.sum(axis=1).tolist(), usual_sum(examples)
        fits |= [relevant(text, total, usual) for text, total in zip(texts, sums, strict=True)]
    if codable is not None and logits is not None:
        fits &= codable.probabilities(texts, logits) >= codable.threshold
    return [reason or ("" if fit else NOTHING_FITS) for reason, fit in zip(reasons, fits.tolist(), strict=True)]


def zero_shot_codable(
    texts: Sequence[str], examples: Sequence[CodeExample], example_scores: Floats, logits: Floats | None = None
) -> Floats:
    """Return about how likely any code applies while too little is coded to learn it, shape ``(n,)``.

    It goes by size and the codebook's examples, and orders texts; its values are not calibrated, for there is nothing
    to calibrate them on. At .5 lies the bound of ``relevant``, or, for codes without examples of small talk, of
    ``too_short``. With the log-odds ``logits`` that codes have by what is coded, shape ``(n, codes)``, it is no less
    than the probability of the likeliest code.
    """
    if all(example.codes for example in examples):
        size = np.log([max(size_of(text), 1) for text in texts])
        likely = sigmoid(2 * (size - np.log(SHORTEST)))
    else:
        sums, usual = example_scores.sum(axis=1).tolist(), usual_sum(examples)
        above = [_above_small_talk(text, total, usual) for text, total in zip(texts, sums, strict=True)]
        likely = sigmoid(4 * np.array(above))
    return likely if logits is None else np.maximum(likely, sigmoid(logits).max(axis=1))
