"""A person's changes to the themes: merge, split, move up or down the tree."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from lbc_themes.core.errors import InputError
from lbc_themes.themes.describe import numbered
from lbc_themes.themes.material import Labels, is_whole
from lbc_themes.themes.tree import groups_at
from lbc_themes.themes.ward import cut, settled, ward_linkage

if TYPE_CHECKING:
    from lbc_themes.themes.model import ThemeModel


def merged(labels: Labels, theme_ids: Sequence[int]) -> Labels:
    """Return labels with the themes put together under the smallest of their ids."""
    return np.where(np.isin(labels, theme_ids), min(theme_ids), labels)


def divided(model: "ThemeModel", labels: Labels, theme_id: int, parts: int, first_free: int) -> Labels:
    """Return labels with a theme cut by Ward's tree; its largest part keeps the id, the rest get new ones."""
    own = np.flatnonzero(labels == theme_id)
    if len(own) == 1:
        raise InputError(f"theme {theme_id} has one passage; it cannot be split")
    if not is_whole(parts) or not 2 <= parts <= len(own):
        raise InputError(
            f"theme {theme_id} has {len(own)} passages; parts must be a whole number from 2 to that, not {parts!r}"
        )
    rows = model.rows_[own]
    inner = numbered(settled(rows, cut(ward_linkage(rows), [parts])[:, 0]))
    new = labels.copy()
    new[own] = np.where(inner == 0, theme_id, first_free + inner - 1)
    return new


def at_number(model: "ThemeModel", n_themes: int) -> Labels:
    """Return labels for ``n_themes`` themes: joined along the tree, or the loosest theme divided again and again."""
    labels = model.row_labels_
    themes = [theme.id for theme in model.themes_]
    most = int((labels >= 0).sum())
    if not most:
        raise InputError("there is no theme to move from; fit the model on texts that say something")
    if not is_whole(n_themes) or not 1 <= n_themes <= most:
        raise InputError(f"n_themes is {n_themes!r}; these passages can be in 1 to {most} themes")
    for group in groups_at(model.tree_, themes, n_themes):
        labels = merged(labels, group)
    for more in range(n_themes - len(themes)):
        labels = divided(model, labels, _loosest(model, labels), 2, model.next_id_ + more)
    return labels


def _loosest(model: "ThemeModel", labels: Labels) -> int:
    gain = {}
    for theme in np.unique(labels[labels >= 0]):
        rows = model.rows_[labels == theme]
        gain[int(theme)] = float(ward_linkage(rows)[-1, 2]) if len(rows) > 1 else -1.0
    return max(gain, key=lambda theme: (gain[theme], -theme))
