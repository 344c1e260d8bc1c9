"""Whether a passage says anything that a code could apply to."""

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from lbc_themes.segmenting import boundaries
from lbc_themes.suggest.code_texts import Shown
from lbc_themes.suggest.tfidf import Bools, Floats

if TYPE_CHECKING:
    from lbc_themes.suggest.zero_shot import Compared


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


def relevant(text: str, example_sum: float) -> bool:
    """Tell whether ``text`` is like the codebook's examples rather than like small talk.

    ``example_sum`` is the sum over codes of what the examples say: near 1 for sentences that carry a code, near 0 for
    small talk and logistics. Longer passages get the benefit of the doubt. The bound was set on the invented
    demonstration interviews, and so that few coded passages are silenced rather than all small talk.
    """
    return example_sum + SIZE_WEIGHT * math.log(max(size_of(text), 1) / USUAL) >= LEAST


def line_of_nothing(left_out: Floats, targets: Bools) -> float:
    """Return the probability below which the best code of a text is taken not to apply, learned from coded texts.

    ``left_out`` are their left-out probabilities and ``targets`` their codes, both of shape ``(n, codes)``; a text
    without codes was coded, and nothing applied. Of n texts that carry a code, the line is at the k-th smallest best
    probability, k being the whole part of ``0.05 (n + 1)``: of further texts like them that carry a code no more than
    5 % are silenced on average (as in conformal prediction, Vovk et al. 2005). With fewer than five texts that carry
    none, or fewer than 19 that carry one, it is 0 and silences nothing.
    """
    carry = targets.any(axis=1)
    place = int(SILENCED * (carry.sum() + 1))
    if (~carry).sum() < FEWEST_EMPTY or not place:
        return 0.0
    return float(np.sort(left_out[carry].max(axis=1))[place - 1])


def silences(
    compared: "Compared", examples: Sequence[Shown], probabilities: Floats | None = None, line: float = 0.0
) -> list[str]:
    """Return for each text why nothing is suggested, or an empty string.

    Too short is silent always. Before anything has been coded, the codebook's examples tell small talk (``relevant``).
    Then ``probabilities`` of shape ``(n, codes)`` are learned: a text is silent whose best code is below ``line``, or
    that is small talk by the codebook with no code likelier than not.
    """
    reasons = [TOO_SHORT if too_short(text) else "" for text in compared.corpus.texts]
    best = np.zeros(len(reasons)) if probabilities is None else probabilities.max(axis=1)
    fits: Bools = np.asarray(best >= SURE)
    if all(example.codes for example in examples):
        fits[:] = True
    else:
        sums = compared.taught.sum(axis=1).tolist()
        fits |= [relevant(text, total) for text, total in zip(compared.corpus.texts, sums, strict=True)]
    spoken = fits & (best >= line)
    return [reason or ("" if speaks else NOTHING_FITS) for reason, speaks in zip(reasons, spoken.tolist(), strict=True)]
