"""Passages that show a theme: typical, borderline, contrary."""

from typing import TYPE_CHECKING

import numpy as np

from lbc_themes.core.errors import InputError
from lbc_themes.text.simplify import simplified
from lbc_themes.themes.describe import by_closeness
from lbc_themes.themes.features import Features
from lbc_themes.themes.material import Labels, is_whole
from lbc_themes.themes.ward import centres

if TYPE_CHECKING:
    import pandas as pd

    from lbc_themes.themes.model import ThemeModel

COLUMNS = ("theme", "kind", "position", "passage", "speaker", "role", "text", "nearest_other")
_NEGATIONS = ("不", "没", "别", "无", "未")


def examples_of(model: "ThemeModel", theme_id: int, count: int = 3) -> "pd.DataFrame":
    """Return up to ``count`` passages of each kind for a theme, with speaker.

    Typical passages are nearest the theme's centre. Borderline ones are nearly as near another theme's, which
    ``nearest_other`` names. Contrary ones negate a word that the theme mostly affirms, or affirm one that it negates:
    the negative cases that a careful analysis reports.
    """
    import pandas as pd

    if not is_whole(count) or count < 1:
        raise InputError(f"count is {count!r}; give a whole number from 1")
    theme = model.theme(theme_id)
    near = by_closeness(model.rows_, model.row_labels_, theme_id)
    other, margin = _margins(model, theme_id, near)
    border = near[np.argsort(margin, kind="stable")][:count] if len(model.themes_) > 1 else near[:0]
    contrary = [
        row for row in near.tolist() if _contradicts(model.material_.texts[model.material_.order[row]], theme.keywords)
    ]
    rest = dict(zip(near.tolist(), other, strict=True))
    kinds = {"typical": near[:count].tolist(), "borderline": border.tolist(), "contrary": contrary[:count]}
    rows = [_row(model, theme_id, kind, row, rest[row]) for kind, those in kinds.items() for row in those]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _margins(model: "ThemeModel", theme_id: int, near: Labels) -> tuple[list[int | None], Features]:
    ids = [theme.id for theme in model.themes_]
    if len(ids) == 1:
        return [None] * len(near), np.zeros(len(near))
    at = np.searchsorted(ids, model.row_labels_)
    held = model.row_labels_ >= 0
    middle = centres(model.rows_[held], at[held], len(ids))
    distance = np.linalg.norm(model.rows_[near][:, None] - middle[None], axis=2)
    own = distance[:, ids.index(theme_id)].copy()
    distance[:, ids.index(theme_id)] = np.inf
    return [ids[i] for i in distance.argmin(axis=1)], distance.min(axis=1) - own


def _contradicts(text: str, keywords: tuple[str, ...]) -> bool:
    said = simplified(text)
    for word in map(simplified, keywords):
        bare = word.lstrip("".join(_NEGATIONS))
        if bare != word:
            if len(bare) > 1 and bare in said and not any(sign + bare in said for sign in _NEGATIONS):
                return True
        elif len(word) > 1 and any(sign + word in said for sign in _NEGATIONS):
            return True
    return False


def _row(model: "ThemeModel", theme_id: int, kind: str, row: int, other: int | None) -> dict[str, object]:
    position = int(model.material_.order[row])
    passage = model.material_.passages[position] if model.material_.passages else None
    return {
        "theme": theme_id,
        "kind": kind,
        "position": position,
        "passage": passage.id if passage else "",
        "speaker": passage.speaker if passage else model.material_.groups[position],
        "role": str(passage.role) if passage else "",
        "text": model.material_.texts[position],
        "nearest_other": other,
    }
