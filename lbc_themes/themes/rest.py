"""Groups among the passages that nobody coded: candidates for codes that the codebook lacks."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lbc_themes.core.records import Theme
from lbc_themes.themes.clusterers import ward
from lbc_themes.themes.describe import numbered, themes_of

if TYPE_CHECKING:
    from lbc_themes.themes.model import ThemeModel

FEWEST = 10
SMALLEST_GROUP = 3


def groups_of_rest(model: "ThemeModel", bare: NDArray[np.bool_], *, first_id: int) -> tuple[Theme, ...]:
    """Return groups of the clustered inputs where ``bare`` is true, as themes with ids from ``first_id``.

    One and a half times the root of their number are cut from Ward's tree; groups below three passages are left out,
    and fewer than ten passages make none.
    """
    inside = np.flatnonzero(bare[model.material_.order] & (model.row_labels_ >= 0))
    if len(inside) < FEWEST:
        return ()
    labels = np.full(len(model.rows_), -1, np.int64)
    labels[inside] = ward(model.rows_[inside], round(1.5 * len(inside) ** 0.5), model.random_state)
    found = themes_of(model.material_, model.rows_, numbered(labels), (), {}, {})
    kept = [theme for theme in found if len(theme.passages) >= SMALLEST_GROUP]
    return tuple(replace(theme, id=first_id + number) for number, theme in enumerate(kept))
