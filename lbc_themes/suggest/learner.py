"""What the suggester has learned from coded passages: views apart, blended with what the codebook says."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lbc_themes.suggest.abstention import Codable, fit_codable
from lbc_themes.suggest.calibration import MACRO, f1_thresholds, sigmoid
from lbc_themes.suggest.features import Bools, ContextViews, Corpus, Floats, Ints, Kernels
from lbc_themes.suggest.zero_shot import Prior, fit_kernel_ridge, zero_shot_logits

# --- Logistic regression on the sum of the views' kernels, one code against the rest.

LOGISTIC_ROUNDS = 10
"""Steps from zero. Both the model and its left-out answers stop there, so that the ones speak for the other."""

LOGISTIC_FOLDS = 5


@dataclass(frozen=True, kw_only=True)
class KernelLogistic:
    """A fitted model: log-odds of new texts are ``kernel @ weights + bias``; ``left_out`` as in ``KernelRidge``."""

    weights: Floats
    bias: Floats
    left_out: Floats

    def scores(self, kernel: Floats) -> Floats:
        """Return log-odds of shape ``(n, outputs)`` for a kernel of shape ``(n, fitted)``."""
        scores: Floats = kernel @ self.weights + self.bias
        return scores


def fit_kernel_logistic(
    kernel: Floats, targets: Floats, ridge: float, groups: Sequence[object] | None = None, *, leave_out: bool = True
) -> KernelLogistic:
    """Fit 0/1 ``targets`` of shape ``(n, outputs)`` on a kernel of shape ``(n, n)``.

    The likelihood is raised by steps that a fixed bound on its curvature allows (Boehning & Lindsay 1988,
    "Monotonicity of quadratic-approximation algorithms"), so that one factorisation serves every code and step. The
    left-out scores are those of models fitted without a fifth of the groups each.
    """
    left_out = np.zeros((len(targets) if leave_out else 0, targets.shape[1]))
    used = np.flatnonzero(targets.any(axis=0))
    wanted = targets[:, used]
    weights, bias = np.zeros_like(targets), _log_odds_of_use(targets)
    weights[:, used], bias[used] = _logistic_steps(kernel, wanted, ridge)
    if not leave_out:
        return KernelLogistic(weights=weights, bias=bias, left_out=left_out)
    left_out[:] = bias
    for fitted, out in _folds(groups, len(targets)):
        part, base = _logistic_steps(kernel[np.ix_(fitted, fitted)], wanted[fitted], ridge)
        left_out[np.ix_(out, used)] = kernel[np.ix_(out, fitted)] @ part + base
    return KernelLogistic(weights=weights, bias=bias, left_out=left_out)


def _folds(groups: Sequence[object] | None, count: int) -> list[tuple[Ints, Ints]]:
    from sklearn.model_selection import GroupKFold

    names = np.array([str(group) for group in groups] if groups is not None else np.arange(count))
    folds = min(LOGISTIC_FOLDS, len(np.unique(names)))
    return list(GroupKFold(folds).split(names, groups=names)) if folds > 1 else []


def _logistic_steps(kernel: Floats, targets: Floats, ridge: float) -> tuple[Floats, Floats]:
    import scipy.linalg
    from scipy.special import expit

    small = kernel.astype(np.float32)
    bound = small / 4
    bound[np.diag_indices(len(bound))] += ridge
    factor = scipy.linalg.cho_factor(bound, overwrite_a=True, check_finite=False)
    wanted = targets.astype(np.float32)
    bias = _log_odds_of_use(targets).astype(np.float32)
    weights, scores = np.zeros_like(wanted), np.zeros_like(wanted)
    for _ in range(LOGISTIC_ROUNDS):
        step = wanted - expit(scores + bias) + scores / 4
        weights = scipy.linalg.cho_solve(factor, step, check_finite=False)
        scores = small @ weights
        bias = bias + 4 * (wanted - expit(scores + bias)).mean(axis=0)
    return weights.astype(np.float64), bias.astype(np.float64)


def _log_odds_of_use(targets: Floats) -> Floats:
    used: Floats = targets.sum(axis=0)
    odds: Floats = np.log((used + 0.5) / (len(targets) - used + 0.5))
    return odds


# --- Blend what was learned from coded passages with what the codebook says, into calibrated probabilities.


def pair_features(
    learned: Sequence[Floats], prior: Floats, often: Floats, tuned: Floats | None = None, asked: Floats | None = None
) -> Floats:
    """Return features of each pair of a text and a code, shape ``(n, codes, features)``.

    They are each of the ``learned`` scores with its lead over the best other code, the log-odds of the ``tuned``
    encoder with theirs where there are any, what was ``asked`` likewise, the zero-shot scores ``prior`` with theirs,
    and last ``often`` (see ``log_use``).
    """
    scores = [*learned, *(each for each in (tuned, asked) if each is not None), prior]
    views = [view for score in scores for view in (score, _lead(score))]
    return np.stack([*views, np.broadcast_to(often, prior.shape)], axis=2)


def log_use(used: Floats, coded: Floats | int) -> Floats:
    """Return the log of how often each code was used among ``coded`` passages, smoothed by half a passage."""
    often: Floats = np.log((used + 0.5) / (coded + 1))
    return often


def _lead(scores: Floats) -> Floats:
    """How far each code is above the best of the others, or below it."""
    ordered = np.partition(scores, -2, axis=1)
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
        odds: Floats = features @ (self.weights / self.scale) + self.bias
        return odds


def fit_stack(features: Floats, targets: Floats) -> Stack:
    """Learn the blend from left-out scores; where the targets are all alike, how often that was so.

    A score that would count against its own code is left out: among few texts the left-out answer leans to the codes of
    the others, which are fewer of the same code, and the blend would learn to turn it round. Only the last feature, how
    often a code is used, may count against it.
    """
    from sklearn.linear_model import LogisticRegression

    count = features.shape[2]
    flat, wanted = features.reshape(-1, count), targets.ravel() > 0
    if wanted.all() or not wanted.any():
        odds = (wanted.sum() + 0.5) / ((~wanted).sum() + 0.5)
        return Stack(scale=np.ones(count), weights=np.zeros(count), bias=float(np.log(odds)))
    scale = flat.std(axis=0)
    scale[scale < 1e-3] = 1
    weights, kept = np.zeros(count), list(range(count))
    while True:
        model = LogisticRegression(C=1.0, max_iter=500).fit(flat[:, kept] / scale[kept], wanted)
        against = [at for at, weight in zip(kept, model.coef_[0], strict=True) if weight < 0 and at < count - 1]
        if not against:
            weights[kept] = model.coef_[0]
            return Stack(scale=scale, weights=weights, bias=float(model.intercept_[0]))
        kept = [at for at in kept if at not in against]


EVEN = 50
"""The number of coded passages at which weights learned for each score count as much as one weight for their mean."""

ALL_OWN = 0.99
"""From this share on the learned weights are all: with ten times as many passages the mean only takes time."""


def fit_blend(features: Floats, targets: Floats, learned: int) -> Stack:
    """Return ``fit_stack`` with weights drawn to equal ones for the first ``learned`` scores, the fewer the texts are.

    A few dozen texts do not tell which of the learned scores to trust, and their mean is better than any choice; how
    much it counts beside the scores of the codebook and the use of codes is learned all the same. The features are
    those of ``pair_features``; what comes out is a stack as any other.
    """
    each = fit_stack(features, targets)
    own = len(targets) ** 2 / (len(targets) ** 2 + EVEN**2)
    if own > ALL_OWN:
        return each
    scores = np.arange(0, features.shape[2] - 1, 2)
    by_code = [*scores[learned:], features.shape[2] - 1]
    scaled = features / each.scale
    mean = scaled[..., scores[:learned]].mean(axis=2, keepdims=True)
    even = fit_stack(np.concatenate([mean, scaled[..., by_code]], axis=2), targets)
    weights = np.zeros_like(each.weights)
    weights[scores[:learned]] = even.weights[0] / even.scale[0] / learned
    weights[by_code] = even.weights[1:] / even.scale[1:]
    return Stack(
        scale=each.scale,
        weights=own * each.weights + (1 - own) * weights,
        bias=own * each.bias + (1 - own) * even.bias,
    )


RIDGE = 0.5
LOGISTIC_RIDGE = 0.1
FEW = 9
"""The number of coded passages at which what they teach counts as much as a codebook that was right as often, for a
code that an eighth of them have."""

TRIED = 5.0
USUALLY_RIGHT = 0.3
"""Before either was tried its first code is held to be right so often, as if it had been seen on so many passages."""

USED_OFTEN = 1 / 8
"""The share of coded passages from which on a code learns from all of them; a code that none has learns from half."""

FEWEST_GROUPS = 3
DEFAULT_LINE = 0.5


class Learner:
    """Learns from each view of coded passages apart and from all together, blended and calibrated on left-out answers.

    The views are those of ``ContextViews``. Each is a ridge regression of its own, all together are a logistic
    regression, and a logistic regression over pairs of text and code weighs them (stacking with left-out scores,
    Wolpert 1992, "Stacked generalization"): a view that says nothing gets no weight.
    """

    def __init__(
        self,
        *,
        ridge: float = RIDGE,
        logistic_ridge: float = LOGISTIC_RIDGE,
        blend: float = FEW,
        macro_weight: float = MACRO,
    ) -> None:
        """Remember the choices, which are those of ``CodeSuggester``."""
        self.ridge, self.logistic_ridge, self.blend, self.macro_weight = ridge, logistic_ridge, blend, macro_weight

    def fit(
        self, corpus: Corpus, targets: Floats, prior: Prior, groups: Sequence[object] | None,
        tuned: Floats | None = None,
    ) -> "Learner":  # fmt: skip
        """Learn from the texts of ``corpus`` with 0/1 ``targets`` of shape ``(n, codes)`` and what the codebook says.

        ``tuned`` are what a tuned encoder says of these texts without having seen them, log-odds of that shape. Answers
        are left out by group where there are three groups or more, else one by one.
        """
        self.targets_, self.coded_, self.checked_ = targets, len(targets), len(targets)
        self.views_ = ContextViews().fit(corpus)
        self.kernels_ = self.views_.kernels(self.views_.rows_)
        apart = leavable(groups)
        self._fit_models(apart, leave_out=True)
        learned = [*(model.left_out for model in self.ridges_.values()), self.logistic_.left_out]
        used, coded = used_without(targets, apart)
        features = self._features(learned, prior, log_use(used, coded), tuned)
        self.stack_ = fit_blend(features, targets, len(learned) + (tuned is not None))
        self.trust_ = trust_in(prior.scores, self.logistic_.left_out, targets > 0)
        self.concentration_ = concentration_of(targets.sum(axis=0))
        self.left_out_ = self._logits(features, prior, used)
        if not self.stack_.weights.any():
            self.thresholds_ = np.full(targets.shape[1], DEFAULT_LINE)
        else:
            self.thresholds_ = f1_thresholds(sigmoid(self.left_out_), targets > 0, self.macro_weight)
        self.codable_: Codable | None = fit_codable(corpus.texts, self.left_out_, targets > 0)
        return self

    def _fit_models(self, groups: Sequence[object] | None, *, leave_out: bool) -> None:
        self.ridges_ = {
            name: fit_kernel_ridge(kernel, self.targets_, self.ridge, groups, leave_out=leave_out)
            for name, kernel in self.kernels_.items()
        }
        together = _together(self.kernels_)
        self.logistic_ = fit_kernel_logistic(together, self.targets_, self.logistic_ridge, groups, leave_out=leave_out)

    def extended(self, parts: Sequence[Corpus], targets: Floats) -> "Learner":
        """Return a learner that has these coded texts as well, blended and calibrated as this one is.

        It is what a page calls after each decision; ``fit`` anew every so often brings calibration up to date.
        ``parts`` are taken one after another, so that a suggester read from a file has the same digits to the last.
        """
        longer = Learner()
        vars(longer).update(vars(self))
        for part in parts:
            known = len(longer.kernels_["meaning"])
            longer.views_ = longer.views_.extended(part)
            beside = longer.views_.kernels(longer.views_.rows(part))
            longer.kernels_ = {
                name: np.block([[kernel, beside[name][:, :known].T], [beside[name]]])
                for name, kernel in longer.kernels_.items()
            }
        longer.targets_ = np.vstack([self.targets_, targets])
        longer.coded_ = self.coded_ + len(targets)
        longer._fit_models(None, leave_out=False)
        return longer

    def kernels(self, corpus: Corpus) -> Kernels:
        """Return similarities to the coded passages by view, each of shape ``(n, coded)``."""
        return self.views_.kernels(self.views_.rows(corpus))

    def logits(self, kernels: Kernels, prior: Prior, tuned: Floats | None = None) -> Floats:
        """Return log-odds of shape ``(n, codes)`` for texts with these similarities and scores, the rest as in fit."""
        learned = [model.scores(kernels[name]) for name, model in self.ridges_.items()]
        learned.append(self.logistic_.scores(_together(kernels)))
        used = self.targets_.sum(axis=0)
        return self._logits(self._features(learned, prior, log_use(used, self.coded_), tuned), prior, used)

    def _features(self, learned: Sequence[Floats], prior: Prior, often: Floats, tuned: Floats | None) -> Floats:
        """Return the features of pairs; what was asked is one where the coded passages answer different questions."""
        asked = None
        if self.views_.questions_ is not None:
            asked = np.zeros_like(prior.scores) if prior.asked is None else prior.asked
        return pair_features(learned, prior.scores / prior.scale, often, tuned, asked)

    def _logits(self, features: Floats, prior: Prior, used: Floats) -> Floats:
        """Return the blend; ``used`` is how often each code was used, shape ``(codes,)`` or ``(n, codes)``.

        A code that few passages have keeps more of what the codebook says of it, so that it is not lost beside the
        common ones; and of two codes that fit alike the codebook suggests the one that is used more.
        """
        known = zero_shot_logits(prior.scores, log_expected_use(used, self.concentration_))
        telling = self.coded_ / 2 * (1 + np.minimum(1, used / (USED_OFTEN * self.coded_)))
        share = telling**2 / (telling**2 + self.trust_ * self.blend**2)
        blended: Floats = share * self.stack_.logits(features) + (1 - share) * known
        return blended


def trust_in(prior: Floats, learned: Floats, targets: Bools) -> float:
    """Return how far the codebook is to be believed beside what is learned, from 0 to 1.

    It is the odds that the first code by the zero-shot scores ``prior`` is right, divided by those of the left-out
    scores ``learned``, at most 1; all have shape ``(n, codes)``. Names that say little of the texts are then given up
    after a handful of coded passages, and a codebook that is right as often as its passages is not.
    """
    rows = np.flatnonzero(targets.any(axis=1))

    def odds(scores: Floats) -> float:
        right = float(targets[rows, scores[rows].argmax(axis=1)].sum())
        return (right + TRIED * USUALLY_RIGHT) / (len(rows) - right + TRIED * (1 - USUALLY_RIGHT))

    return min(1.0, odds(prior) / odds(learned))


def _together(kernels: Kernels) -> Floats:
    together: NDArray[np.float64] = sum(kernels.values(), np.zeros(1))
    return together


def used_without(targets: Floats, groups: Sequence[object] | None) -> tuple[Floats, Floats]:
    """Return, for each text, the uses of each code ``(n, codes)`` and the texts ``(n, 1)`` outside its own group.

    With a text's own use counted, the blend would learn that only codes already used can be right.
    """
    if groups is None:
        return targets.sum(axis=0) - targets, np.full((len(targets), 1), len(targets) - 1.0)
    at = np.unique([str(group) for group in groups], return_inverse=True)[1]
    own = np.zeros((at.max() + 1, targets.shape[1]))
    np.add.at(own, at, targets)
    return targets.sum(axis=0) - own[at], len(targets) - np.bincount(at)[at, None].astype(np.float64)


CONCENTRATIONS = np.logspace(-1.5, 2.5, 33)
WIDTH = 1.5
"""How far the logarithm of a concentration is held to lie from 0, codes used by chance as likely as not, beforehand."""


def concentration_of(used: Floats) -> float:
    """Return how evenly codes are used, from how often each was: small where few of them get most of the uses.

    It is the concentration of a symmetric Dirichlet prior under which the counts ``used`` are likeliest (Minka 2000,
    "Estimating a Dirichlet distribution"), drawn to 1 while they are few.
    """
    from scipy.special import gammaln

    codes, uses = len(used), used.sum()
    each = gammaln(used + CONCENTRATIONS[:, None]) - gammaln(CONCENTRATIONS)[:, None]
    together = gammaln(codes * CONCENTRATIONS) - gammaln(codes * CONCENTRATIONS + uses)
    likely = each.sum(axis=1) + together - (np.log(CONCENTRATIONS) / WIDTH) ** 2 / 2
    return float(CONCENTRATIONS[int(likely.argmax())])


def log_expected_use(used: Floats, concentration: float) -> Floats:
    """Return the log of the share of uses expected of each code, of the shape of ``used``, the last axis codes.

    Until half as many uses as codes are seen the logs are drawn to equal shares by what is lacking: one coded passage
    says nothing of how often codes will be used, and leaves the codebook's order nearly as it was.
    """
    uses, codes = used.sum(axis=-1, keepdims=True), used.shape[-1]
    shares = (used + concentration) / (uses + codes * concentration)
    telling = np.minimum(1.0, uses / (codes / 2))
    expected: Floats = telling * np.log(shares) - (1 - telling) * np.log(codes)
    return expected


def leavable(groups: Sequence[object] | None) -> Sequence[object] | None:
    """Return ``groups`` where there are three or more, which is the least that can be left out by turns."""
    return groups if groups is not None and len(set(groups)) >= FEWEST_GROUPS else None
