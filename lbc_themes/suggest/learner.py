"""What the suggester has learned from coded passages."""

from collections.abc import Sequence

import numpy as np

from lbc_themes.suggest.corpus import Corpus
from lbc_themes.suggest.kernel_ridge import fit_kernel_ridge
from lbc_themes.suggest.stacking import Floats, fit_stack, log_use, pair_features, sigmoid
from lbc_themes.suggest.text_space import TextSpace
from lbc_themes.suggest.thresholds import Bools, f1_thresholds, risk_thresholds

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

    def sure(self, logits: Floats, max_error: float) -> Bools:
        """Return for which texts, by log-odds of shape ``(n, codes)``, the first suggestion may stand unchecked."""
        best = logits.argmax(axis=1)
        sure: Bools = sigmoid(logits[np.arange(len(best)), best]) >= self.risk_thresholds(max_error)[best]
        return sure

    def risk_thresholds(self, max_error: float) -> Floats:
        """Return a threshold a code above which a first suggestion errs at most ``max_error`` of the time."""
        return risk_thresholds(sigmoid(self.left_out_), self.targets_[: self.checked_] > 0, max_error)


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
