"""Let the texts of a corpus correct one another's scores where nothing has been coded yet."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lbc_themes.suggest.standardise import Floats, Standard, standard_of

Rows = NDArray[np.intp]

ROUNDS = 3
RIDGE = 0.6
MANY = 60
"""The number of texts at which what they say of one another counts half of its full weight."""


@dataclass(frozen=True, kw_only=True)
class Neighbours:
    """What the teachers say after the last round: answers to be told through similarities, and how they are added."""

    answers: Floats
    mean: Floats
    standard: Standard
    share: float

    def added(self, scores: Floats, told: Floats) -> Floats:
        """Return ``scores`` with what the teachers say: ``told`` is their ``answers`` times the similarities."""
        moved: Floats = scores + self.share * self.standard.applied(told + self.mean)
        return moved


def self_trained(
    scores: Floats, among: Floats, tell: Callable[[Floats], Floats], teachers: Rows, weight: float
) -> tuple[Floats, Neighbours]:
    """Return ``scores`` of shape ``(n, codes)`` with what their neighbours' scores say added, and what was said.

    In each round the scores of the ``teachers`` (positions among the texts) become soft labels, a ridge regression
    learns them (``among`` holds the similarities of the teachers, shape ``(teachers, teachers)``; ``tell`` multiplies
    the similarities of all texts to the teachers by the answers learned), and what it says, standardised, is added with
    ``weight``, less where the texts are few. It is expectation-maximisation with soft labels (Nigam et al. 2000, "Text
    Classification from Labeled and Unlabeled Documents using EM"), with the first scores as the starting point and as a
    part that always stays.
    """
    import scipy.linalg

    share = share_of(len(scores), weight)
    held = among.copy()
    held[np.diag_indices(len(held))] += RIDGE
    factor = scipy.linalg.cho_factor(held, overwrite_a=True)
    current = scores
    for _ in range(ROUNDS):
        soft = _softmax(current[teachers])
        mean = soft.mean(axis=0)
        answers = scipy.linalg.cho_solve(factor, soft - mean)
        told = tell(answers)
        standard = standard_of(told + mean, centred=False)
        said = Neighbours(answers=answers, mean=mean, standard=standard, share=share)
        current = said.added(scores, told)
    return current, said


def share_of(texts: int, weight: float) -> float:
    """Return what so many texts say of one another counts beside the first scores."""
    return weight * texts / (texts + MANY)


def _softmax(scores: Floats) -> Floats:
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares: Floats = raised / raised.sum(axis=1, keepdims=True)
    return shares
