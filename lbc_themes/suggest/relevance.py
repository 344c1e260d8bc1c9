"""Whether a passage says anything that a code could apply to."""

import math
from typing import TYPE_CHECKING

from lbc_themes.segmenting.marks import size_of

if TYPE_CHECKING:
    from lbc_themes.suggest.zero_shot import Compared, ZeroShot

SHORTEST = 8
USUAL = 25
SIZE_WEIGHT = 0.3
LEAST = 0.75

TOO_SHORT = "too-short"
NOTHING_FITS = "nothing-fits"
NOT_SURE = "not-sure"


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


def silences(compared: "Compared", zero_shot: "ZeroShot") -> list[str]:
    """Return for each text why nothing is suggested before anything has been coded, or an empty string."""
    reasons = [TOO_SHORT if too_short(text) else "" for text in compared.texts]
    if all(example.codes for example in zero_shot.examples):
        return reasons
    sums = zero_shot.example_scores(compared).sum(axis=1)
    pairs = zip(compared.texts, reasons, sums.tolist(), strict=True)
    return [reason or ("" if relevant(text, total) else NOTHING_FITS) for text, reason, total in pairs]
