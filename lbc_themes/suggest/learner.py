"""What the suggester has learned from coded passages."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lbc_themes.suggest.calibration import f1_thresholds, sigmoid
from lbc_themes.suggest.features import Corpus, TextSpace
from lbc_themes.suggest.tfidf import Floats

# --- Ridge regression on a kernel, with the answer it would have given to each text had its group been left out.


@dataclass(frozen=True, kw_only=True)
class KernelRidge:
    """A fitted model: scores of new texts are ``kernel @ weights + mean``.

    ``left_out`` holds, for each fitted text, the scores of the model fitted without the text's group, in closed form:
    for a group G, ``Y_G - inverse(C_GG) @ weights_G`` with ``C = inverse(K + ridge * I)`` (Rifkin & Lippert 2007,
    "Notes on Regularized Least Squares", MIT-CSAIL-TR-2007-025, section 3, for one left out; blocks likewise).
    """

    weights: Floats
    mean: Floats
    left_out: Floats

    def scores(self, kernel: Floats) -> Floats:
        """Return scores of shape ``(n, outputs)`` for a kernel of shape ``(n, fitted)``."""
        scores: Floats = kernel @ self.weights + self.mean
        return scores


def fit_kernel_ridge(
    kernel: Floats, targets: Floats, ridge: float, groups: Sequence[object] | None = None, *, leave_out: bool = True
) -> KernelRidge:
    """Fit ``targets`` of shape ``(n, outputs)`` on a kernel of shape ``(n, n)``.

    ``groups`` names the group of each text (default: each text is its own). The targets' mean is taken off first and is
    not re-estimated without the group. ``leave_out=False`` saves the inverse where the left-out scores are not wanted.
    """
    import scipy.linalg

    mean = targets.mean(axis=0)
    held = kernel.copy()
    held[np.diag_indices(len(held))] += ridge
    if not leave_out:
        weights = scipy.linalg.solve(held, targets - mean, assume_a="pos", overwrite_a=True)
        return KernelRidge(weights=weights, mean=mean, left_out=np.zeros((0, targets.shape[1])))
    inverse = scipy.linalg.inv(held, overwrite_a=True)
    weights = inverse @ (targets - mean)
    left_out = np.empty_like(targets)
    for rows in _rows_of(groups if groups is not None else range(len(targets))):
        left_out[rows] = targets[rows] - np.linalg.solve(inverse[np.ix_(rows, rows)], weights[rows])
    return KernelRidge(weights=weights, mean=mean, left_out=left_out)


def _rows_of(groups: Sequence[object]) -> list[list[int]]:
    rows: dict[object, list[int]] = {}
    for row, group in enumerate(groups):
        rows.setdefault(group, []).append(row)
    return list(rows.values())


# --- Blend what was learned from coded passages with what the codebook says, into calibrated probabilities.

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


VIEWS = {"dense": 0.35, "gram": 0.65}
RIDGE = 0.5
FEW = 12
"""The number of coded passages at which what they teach counts as much as the codebook alone."""

FEWEST_GROUPS = 3
DEFAULT_LINE = 0.5


class Learner:
    """A ridge regression on coded passages, blended with zero-shot scores and calibrated on left-out answers."""

    def fit(
        self, corpus: Corpus, targets: Floats, prior: Floats, groups: Sequence[object] | None,
        tuned: Floats | None = None, swell: Floats | float = 1.0,
    ) -> "Learner":  # fmt: skip
        """Learn from the texts of ``corpus`` with 0/1 ``targets`` and zero-shot scores ``prior``, both ``(n, codes)``.

        ``tuned`` are what a tuned encoder says of these texts without having seen them, log-odds of that shape;
        ``swell``, shape ``(n, 1)``, is how wide the number of texts made ``prior`` (`ZeroShot.swell`). Answers are left
        out by group where there are three groups or more, else one by one.
        """
        self.targets_, self.coded_, self.checked_ = targets, len(targets), len(targets)
        self.space_ = TextSpace(**VIEWS).fit(corpus)
        self.kernel_ = self.space_.own_kernel()
        apart = leavable(groups)
        self.ridge_ = fit_kernel_ridge(self.kernel_, targets, RIDGE, apart)
        features = pair_features(self.ridge_.left_out, prior / swell, log_use(*used_without(targets, apart)), tuned)
        self.stack_ = fit_stack(features, targets)
        self.left_out_ = self._logits(features, prior)
        if not self.stack_.weights.any():
            self.thresholds_ = np.full(targets.shape[1], DEFAULT_LINE)
        else:
            self.thresholds_ = f1_thresholds(sigmoid(self.left_out_), targets > 0)
        return self

    def extended(self, parts: Sequence[Corpus], targets: Floats) -> "Learner":
        """Return a learner that has these coded texts as well, blended and calibrated as this one is.

        It is what a page calls after each decision; ``fit`` anew every so often brings calibration up to date.
        ``parts`` are taken one after another, so that a suggester read from a file has the same digits to the last.
        """
        longer = Learner()
        longer.space_, longer.kernel_ = self.space_, self.kernel_
        for part in parts:
            known = len(longer.kernel_)
            longer.space_ = longer.space_.extended(part)
            beside = longer.space_.kernel(longer.space_.views(part))
            longer.kernel_ = np.block([[longer.kernel_, beside[:, :known].T], [beside]])
        longer.targets_ = np.vstack([self.targets_, targets])
        longer.coded_ = self.coded_ + len(targets)
        longer.ridge_ = fit_kernel_ridge(longer.kernel_, longer.targets_, RIDGE, leave_out=False)
        longer.stack_, longer.thresholds_ = self.stack_, self.thresholds_
        longer.left_out_, longer.checked_ = self.left_out_, self.checked_
        return longer

    def kernel(self, corpus: Corpus) -> Floats:
        """Return similarities to the coded passages, shape ``(n, coded)``."""
        return self.space_.kernel(self.space_.views(corpus))

    def logits(self, kernel: Floats, prior: Floats, tuned: Floats | None = None, swell: Floats | float = 1.0) -> Floats:
        """Return log-odds of shape ``(n, codes)`` for texts with these similarities and scores, the rest as in fit."""
        learned = self.ridge_.scores(kernel)
        often = log_use(self.targets_.sum(axis=0), self.coded_)
        return self._logits(pair_features(learned, prior / swell, often, tuned), prior)

    def _logits(self, features: Floats, prior: Floats) -> Floats:
        unlearned = zero_shot_logits(prior)
        share = self.coded_**2 / (self.coded_**2 + FEW**2)
        return share * self.stack_.logits(features) + (1 - share) * unlearned


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


def leavable(groups: Sequence[object] | None) -> Sequence[object] | None:
    """Return ``groups`` where there are three or more, which is the least that can be left out by turns."""
    return groups if groups is not None and len(set(groups)) >= FEWEST_GROUPS else None


TEMPERATURE = 2.8
"""Set on the invented demonstration interviews: shares there come near to how often the first code is right."""


def zero_shot_logits(scores: Floats) -> Floats:
    """Return log-odds whose shares add up to one in each text: softmax over the codes at a fixed temperature."""
    raised = np.exp((scores - scores.max(axis=1, keepdims=True)) / TEMPERATURE)
    shares = np.clip(raised / raised.sum(axis=1, keepdims=True), 1e-9, 1 - 1e-9)
    logits: Floats = np.log(shares / (1 - shares))
    return logits
