"""Blend what was learned from coded passages with what the codebook says, into calibrated probabilities."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
AnyFloats = NDArray[np.float32] | NDArray[np.float64]


SCORES = (0, 1, 3, 4, 5, 6)
"""The features that speak for a code: the learned score, the zero-shot score, the tuned one, and the lead of each."""


def pair_features(learned: Floats, prior: Floats, often: Floats, tuned: Floats | None = None) -> Floats:
    """Return features of each pair of a text and a code, shape ``(n, codes, 5)``, or 7 with ``tuned``.

    They are the learned score, its distance to the best other code, ``often`` (see ``log_use``), the zero-shot score,
    and its distance to the best other code; then the log-odds of the tuned encoder and their distance.
    """
    often = np.broadcast_to(often, learned.shape)
    views = [learned, _lead(learned), often, prior, _lead(prior)]
    return np.stack([*views, tuned, _lead(tuned)] if tuned is not None else views, axis=2)


def log_use(used: Floats, coded: Floats | int) -> Floats:
    """Return the log of how often each code was used among ``coded`` passages, smoothed by half a passage."""
    often: Floats = np.log((used + 0.5) / (coded + 1))
    return often


def _lead(scores: Floats) -> Floats:
    """How far each code is above the best of the others, or below it."""
    ordered = np.sort(scores, axis=1)
    best, second = ordered[:, -1:], ordered[:, -2:-1]
    lead: Floats = np.where(scores >= best, scores - second, scores - best)
    return lead


@dataclass(frozen=True, kw_only=True)
class Stack:
    """A logistic regression over pairs, one set of weights for all codes, so that rare codes are calibrated too."""

    scale: Floats
    weights: Floats
    bias: float

    def logits(self, features: Floats) -> Floats:
        """Return log-odds of shape ``(n, codes)``."""
        odds: Floats = (features / self.scale) @ self.weights + self.bias
        return odds


def fit_stack(features: Floats, targets: Floats) -> Stack:
    """Learn the blend from left-out scores; where the targets are all alike, how often that was so.

    A score that would count against its own code is left out: among few texts the left-out answer leans to the codes of
    the others, which are fewer of the same code, and the blend would learn to turn it round.
    """
    from sklearn.linear_model import LogisticRegression

    flat, wanted = features.reshape(-1, features.shape[2]), targets.ravel() > 0
    if wanted.all() or not wanted.any():
        odds = (wanted.sum() + 0.5) / ((~wanted).sum() + 0.5)
        return Stack(scale=np.ones(features.shape[2]), weights=np.zeros(features.shape[2]), bias=float(np.log(odds)))
    scale = flat.std(axis=0)
    scale[scale < 1e-3] = 1
    weights, kept = np.zeros(len(scale)), list(range(len(scale)))
    while True:
        model = LogisticRegression(C=1.0, max_iter=500).fit(flat[:, kept] / scale[kept], wanted)
        against = [at for at, weight in zip(kept, model.coef_[0], strict=True) if weight < 0 and at in SCORES]
        if not against:
            weights[kept] = model.coef_[0]
            return Stack(scale=scale, weights=weights, bias=float(model.intercept_[0]))
        kept = [at for at in kept if at not in against]


def sigmoid(logits: Floats) -> Floats:
    """Return probabilities of log-odds."""
    from scipy.special import expit

    shares: Floats = expit(logits)
    return shares
