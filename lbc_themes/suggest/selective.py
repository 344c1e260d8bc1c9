"""Which suggestions may stand unchecked, as they are or as the parent of several codes."""

from dataclasses import dataclass

import numpy as np

from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import message
from lbc_themes.core.records import Codebook
from lbc_themes.suggest.calibration import sigmoid
from lbc_themes.suggest.features import Bools, Floats, Ints

CODE_ENOUGH = 20
"""The number of passages of a code at which its own error counts as much as the common one."""

NEVER = np.inf


def risk_thresholds(probabilities: Floats, targets: Bools, max_error: float) -> Floats:
    """Return one threshold a code above which a first suggestion is wrong at most ``max_error`` of the time.

    For each line t, the first suggestions at or above t are counted with their errors; the estimate for a code is
    ``(its errors + 20 * common error rate + 1) / (its count + 20 + 1)``, so that a rare code leans on the others and a
    single case never passes. The least t at which the common estimate ``(errors + 1) / (count + 1)`` and the code's own
    are within ``max_error`` is taken; where there is none, the threshold is infinite and the code is never
    accepted. It is the plug-in rule of selective classification with the correction of conformal risk control
    (Angelopoulos et al. 2022, arXiv:2208.02814); the realised error is in the benchmark.
    """
    best = probabilities.argmax(axis=1)
    rows = np.arange(len(best))
    confident, right = probabilities[rows, best], targets[rows, best]
    order = np.argsort(-confident, kind="stable")
    common = _running_error(~right[order])
    line = _least(confident[order], common, max_error)
    thresholds = np.full(probabilities.shape[1], NEVER)
    for code in range(probabilities.shape[1]):
        mine = order[best[order] == code]
        if not len(mine) or line == NEVER:
            continue
        lent = common[np.searchsorted(-confident[order], -confident[mine], side="right") - 1]
        errors, counts = np.cumsum(~right[mine]), np.arange(1, len(mine) + 1)
        own = (errors + CODE_ENOUGH * lent + 1) / (counts + CODE_ENOUGH + 1)
        thresholds[code] = max(line, _least(confident[mine], own, max_error))
    return thresholds


def _running_error(wrong: Bools) -> Floats:
    errors: Floats = (np.cumsum(wrong) + 1) / (np.arange(1, len(wrong) + 1) + 1)
    return errors


def _least(confident: Floats, error: Floats, max_error: float) -> float:
    """Return the confidence of the last place at which the error is within bounds; infinite where there is none."""
    within = np.flatnonzero(error <= max_error)
    return float(confident[within[-1]]) if len(within) else float(NEVER)


def sure_first(logits: Floats, left_out: Floats, targets: Bools, max_error: float) -> Bools:
    """Return for which texts, by log-odds of shape ``(n, codes)``, the first suggestion may stand unchecked.

    ``left_out`` are the log-odds of left-out answers and ``targets`` their codes, both ``(coded, codes)``.
    """
    thresholds = risk_thresholds(sigmoid(left_out), targets, max_error)
    best = logits.argmax(axis=1)
    certain: Bools = sigmoid(logits[np.arange(len(best)), best]) >= thresholds[best]
    return certain


# --- Where no single code is sure enough, the parent of several may be: a child's evidence supports its parent.


@dataclass(frozen=True, kw_only=True, slots=True)
class Family:
    """Positions of a parent and of ``members``: the parent itself and the codes directly below it."""

    parent: int
    members: tuple[int, ...]


def families(codebook: Codebook | None) -> list[Family]:
    """Return the families of a codebook; none where it has no parents."""
    if codebook is None:
        return []
    position = {code_id: i for i, code_id in enumerate(codebook.ids)}
    below = {code.id: [position[child.id] for child in codebook.children(code.id)] for code in codebook}
    return [
        Family(parent=position[parent], members=(position[parent], *children))
        for parent, children in below.items()
        if children
    ]


def family_logits(logits: Floats, kin: list[Family]) -> Floats:
    """Return log-odds, shape ``(n, families)``, that any member applies, as if members were independent.

    It is ``log(expm1(sum of log(1 + exp(logits))))``: the chance that none applies is the product of theirs.
    """
    none = np.logaddexp(0, logits)
    total = np.stack([none[:, family.members].sum(axis=1) for family in kin], axis=1)
    odds: Floats = np.where(total > 30, total, np.log(np.expm1(np.clip(total, 1e-12, 30))))
    return odds


def sure_parents(
    logits: Floats, left_out: Floats, targets: Bools, doubtful: Bools, kin: list[Family], max_error: float
) -> tuple[Ints, Floats]:
    """Return for each text the parent that may be suggested, or -1, and the log-odds of its family.

    ``left_out`` are the log-odds of left-out answers with ``targets``; those ``doubtful``, where no code was sure, set
    the thresholds (``risk_thresholds``). A parent is wrong where neither it nor a code directly below it applies. It is
    suggested only where its family is likelier than any single code.
    """
    nothing = np.full(len(logits), -1, np.intp)
    if not kin:
        return nothing, np.zeros(len(logits))
    known = family_logits(left_out, kin)
    asked = doubtful & (known.max(axis=1) > left_out.max(axis=1))
    right = np.stack([targets[:, family.members].any(axis=1) for family in kin], axis=1)
    odds = family_logits(logits, kin)
    best = odds.argmax(axis=1)
    most = odds[np.arange(len(odds)), best]
    if not asked.any():
        return nothing, most
    lines = risk_thresholds(sigmoid(known[asked]), right[asked], max_error)
    sure = (most > logits.max(axis=1)) & (sigmoid(most) >= lines[best])
    parents = np.array([family.parent for family in kin], np.intp)
    return np.where(sure, parents[best], -1), most


def accepted(
    logits: Floats, left_out: Floats, targets: Bools, kin: list[Family], max_error: float
) -> tuple[Bools, Floats]:
    """Return which texts have a first suggestion that errs at most ``max_error`` of the time, and the log-odds to use.

    ``left_out`` are the log-odds of left-out answers and ``targets`` their codes, on which errors are measured. Where
    no code of a text is sure but a parent of ``kin`` is, its log-odds are raised to its family's. Raises InputError if
    ``max_error`` is not between 0 and 1.
    """
    if not 0 < max_error < 1:
        raise InputError(message("suggest.max_error", max_error=max_error))
    certain = sure_first(logits, left_out, targets, max_error)
    doubtful = ~sure_first(left_out, left_out, targets, max_error)
    parents, odds = sure_parents(logits, left_out, targets, doubtful, kin, max_error)
    rows = np.flatnonzero(~certain & (parents >= 0))
    raised = logits.copy()
    raised[rows, parents[rows]] = odds[rows]
    certain[rows] = True
    return certain, raised
