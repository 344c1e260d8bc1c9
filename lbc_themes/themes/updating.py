"""New interviews come in: old themes stay, and passages that fit none of them may make new ones."""

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lbc_themes.core.errors import InputError
from lbc_themes.themes.clusterers import ward
from lbc_themes.themes.features import Features
from lbc_themes.themes.material import Labels, Material

if TYPE_CHECKING:
    from lbc_themes.themes.model import ThemeModel

FAR = 0.9
SMALLEST_NEW = 3


def joined(old: Material, new: Material) -> Material:
    """Return the old material with the new behind it; refuses passages that are already in it, and mixed kinds."""
    if bool(old.passages) != bool(new.passages) and len(old) and len(new):
        raise InputError(
            "update got texts for a model fitted on passages, or the reverse; give the same kind as to fit"
        )
    twice = {passage.id for passage in old.passages} & {passage.id for passage in new.passages}
    if twice:
        raise InputError(
            f"{len(twice)} passages are in the model already, the first is {min(twice)}; give new ones only"
        )
    if old.vectors.shape[1] != new.vectors.shape[1]:
        raise InputError(
            f"the new vectors have {new.vectors.shape[1]} dimensions, the model's {old.vectors.shape[1]}; "
            "use the same encoder"
        )
    return Material(
        texts=old.texts + new.texts,
        groups=old.groups + new.groups,
        vectors=np.vstack([old.vectors, new.vectors]),
        passages=old.passages + new.passages,
    )


def placed(model: "ThemeModel", old_labels: NDArray[np.int64], first_free: int) -> Labels:
    """Return labels for the rows of the joined material: old ones as they were, new ones placed.

    A new passage goes to the theme with the nearest centre. Those farther from it than nine tenths of the old passages
    are from theirs are first clustered among themselves: a group of three or more that holds together as the old themes
    do is a new theme, with an id from ``first_free``.
    """
    order = model.material_.order
    is_old = order < len(old_labels)
    labels = np.full(len(order), -1, np.int64)
    labels[is_old] = old_labels[order[is_old]]
    themes = np.unique(labels[labels >= 0])
    fresh = np.flatnonzero(~is_old)
    if not len(themes) or not len(fresh):
        return labels
    middle = np.stack([model.rows_[labels == theme].mean(axis=0) for theme in themes])
    nearest, distance = _nearest(model.rows_[fresh], middle)
    usual = _own_distance(model.rows_, labels, themes, middle)
    line = float(np.quantile(usual, FAR))
    labels[fresh] = themes[nearest]
    far = fresh[distance > line]
    return _with_new_themes(model.rows_, labels, far, line, first_free)


def _nearest(rows: Features, middle: Features) -> tuple[Labels, Features]:
    squares = (rows**2).sum(axis=1)[:, None] + (middle**2).sum(axis=1) - 2 * rows @ middle.T
    distance = np.sqrt(np.maximum(squares, 0))
    return distance.argmin(axis=1), distance.min(axis=1)


def _own_distance(rows: Features, labels: Labels, themes: Labels, middle: Features) -> Features:
    held = np.flatnonzero(labels >= 0)
    own: Features = np.linalg.norm(rows[held] - middle[np.searchsorted(themes, labels[held])], axis=1)
    return own


def _with_new_themes(rows: Features, labels: Labels, far: Labels, line: float, first_free: int) -> Labels:
    if len(far) < SMALLEST_NEW:
        return labels
    groups = ward(rows[far], max(1, round(len(far) ** 0.5)), 0)
    for group, size in sorted(Counter(groups.tolist()).items(), key=lambda pair: (-pair[1], pair[0])):
        own = far[groups == group]
        spread = np.linalg.norm(rows[own] - rows[own].mean(axis=0), axis=1).mean()
        if size >= SMALLEST_NEW and spread <= line:
            labels[own] = first_free
            first_free += 1
    return labels
