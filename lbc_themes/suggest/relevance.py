"""Whether a passage says anything that a code could apply to."""

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from lbc_themes.segmenting import marks
from lbc_themes.suggest.code_texts import Shown

if TYPE_CHECKING:
    from lbc_themes.suggest.zero_shot import Compared

SHORTEST = 8
USUAL = 25
SIZE_WEIGHT = 0.3
LEAST = 0.75
KEPT = 20_000
"""How many texts' sizes are kept in memory, for a page that asks after each decision."""

TOO_SHORT = "too-short"
NOTHING_FITS = "nothing-fits"
NOT_SURE = "not-sure"


@lru_cache(maxsize=KEPT)
def size_of(text: str) -> int:
    """Return the size of ``text`` (see `marks.size_of`), from memory where the text was seen before."""
    return marks.size_of(text)


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


def silences(compared: "Compared", examples: Sequence[Shown]) -> list[str]:
    """Return for each text why nothing is suggested before anything has been coded, or an empty string."""
    reasons = [TOO_SHORT if too_short(text) else "" for text in compared.corpus.texts]
    if all(example.codes for example in examples):
        return reasons
    sums = compared.taught.sum(axis=1)
    pairs = zip(compared.corpus.texts, reasons, sums.tolist(), strict=True)
    return [reason or ("" if relevant(text, total) else NOTHING_FITS) for text, reason, total in pairs]
