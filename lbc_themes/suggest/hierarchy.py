"""Where no single code is sure enough, the parent of several may be: a child's evidence supports its parent."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lbc_themes.core.records import Codebook
from lbc_themes.suggest.stacking import Floats, sigmoid
from lbc_themes.suggest.thresholds import Bools, risk_thresholds

Ints = NDArray[np.intp]


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
