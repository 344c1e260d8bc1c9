"""Which passages to code next."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import message
from lbc_themes.core.records import Passage
from lbc_themes.suggest.calibration import sigmoid
from lbc_themes.suggest.features import AnyFloats, Floats

if TYPE_CHECKING:
    from lbc_themes.suggest.suggester import CodeSuggester


CANDIDATES = 5
"""How many uncertain passages are looked at for each that is chosen."""


def uncertainty(logits: Floats) -> Floats:
    """Return how unsure the best code of each text is, from 0 to 1: one less the lead of the best over the second."""
    ordered = np.sort(sigmoid(logits), axis=1)
    unsure: Floats = 1 - (ordered[:, -1] - ordered[:, -2])
    return unsure


def most_telling(logits: Floats, vectors: Floats, n: int) -> list[int]:
    """Return up to ``n`` rows whose coding would teach most, the most telling first.

    The ``5 n`` most uncertain texts (margin sampling, Scheffer et al. 2001) are thinned to ``n`` that lie far apart:
    the first is the most uncertain, each further one the text with the greatest product of uncertainty and distance to
    those chosen (as in core-set selection, Sener & Savarese 2018, weighted by uncertainty). Distances of unit vectors
    above 1 count as 1; of texts alike the first is taken.
    """
    unsure = uncertainty(logits)
    pool = np.argsort(-unsure, kind="stable")[: CANDIDATES * n]
    unit = vectors[pool] / np.maximum(np.linalg.norm(vectors[pool], axis=1, keepdims=True), 1e-12)
    unit = unit - unit.mean(axis=0)
    chosen: list[int] = []
    apart = np.ones(len(pool))
    for _ in range(min(n, len(pool))):
        worth = unsure[pool] * apart
        worth[chosen] = -np.inf
        best = int(np.argmax(worth))
        chosen.append(best)
        apart = np.minimum(apart, np.linalg.norm(unit - unit[best], axis=1))
    return [int(pool[row]) for row in chosen]


# --- When more coding no longer changes what is suggested.

LITTLE = 0.02


@dataclass(frozen=True, kw_only=True, slots=True)
class Changes:
    """Shares of passages whose first suggestion changed, from 0 to 1: one for each round of coding, the last one last.

    ``coded`` are the numbers of coded passages before the first round and after each. ``settled`` is true where no
    round changed more than 2 %: further coding of the same kind will then teach the suggester little. It says nothing
    of whether the suggestions are right, nor whether the codes are all found. (Stabilising predictions, Bloodgood &
    Vijay-Shanker 2009, "A Method for Stopping Active Learning Based on Stabilizing Predictions", who stop after three
    rounds at an agreement of .99.)
    """

    coded: tuple[int, ...]
    shares: tuple[float, ...]

    @property
    def settled(self) -> bool:
        """Whether no round changed more than 2 %."""
        return max(self.shares) <= LITTLE


def changes_of(
    suggester: "CodeSuggester", passages: Sequence[Passage], step: int, rounds: int, vectors: AnyFloats | None
) -> Changes:
    """Fit the coded passages less the last ``step``, ``2 * step`` and so on, and compare the first suggestions."""
    if step < 1 or rounds < 1:
        raise InputError(message("suggest.step_and_rounds", step=step, rounds=rounds))
    if not passages:
        raise InputError(message("suggest.still_changing_passages"))
    counts = tuple(suggester.coded_ - step * back for back in range(rounds, -1, -1))
    if counts[0] < 1:
        raise InputError(
            message(
                "suggest.too_few_coded_for_rounds",
                rounds=rounds,
                step=step,
                needed=rounds * step,
                coded=suggester.coded_,
            )
        )
    best = []
    for count in counts:
        earlier = suggester.unfitted()
        groups = suggester.groups_[:count] if suggester.groups_ is not None else None
        earlier.fit(
            suggester.context_.part(slice(count)), suggester.targets_[:count], groups, suggester.vectors_[:count]
        )
        best.append(earlier.rank(passages, vectors).argmax(axis=1))
    shares = tuple(float((a != b).mean()) for a, b in pairwise(best))
    return Changes(coded=counts, shares=shares)
