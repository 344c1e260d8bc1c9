"""Which suggestions may stand unchecked, as they are or as the parent of several codes."""

import numpy as np

from lbc_themes.core.errors import InputError
from lbc_themes.suggest.hierarchy import Family, sure_parents
from lbc_themes.suggest.learner import Learner
from lbc_themes.suggest.stacking import Floats
from lbc_themes.suggest.thresholds import Bools


def accepted(learner: Learner | None, logits: Floats, kin: list[Family], max_error: float) -> tuple[Bools, Floats]:
    """Return which texts have a first suggestion that errs at most ``max_error`` of the time, and the log-odds to use.

    Where no code of a text is sure but a parent of ``kin`` is, its log-odds are raised to its family's. Refuses a rate
    that is none, and a suggester that has learned nothing to measure errors on.
    """
    if learner is None:
        raise InputError("max_error needs coded passages to measure errors on: call fit first, or leave max_error out")
    if not 0 < max_error < 1:
        raise InputError(f"max_error is a rate between 0 and 1, such as 0.05; got {max_error}")
    sure = learner.sure(logits, max_error)
    doubtful = ~learner.sure(learner.left_out_, max_error)
    targets = learner.targets_[: learner.checked_] > 0
    parents, odds = sure_parents(logits, learner.left_out_, targets, doubtful, kin, max_error)
    rows = np.flatnonzero(~sure & (parents >= 0))
    raised = logits.copy()
    raised[rows, parents[rows]] = odds[rows]
    sure[rows] = True
    return sure, raised
