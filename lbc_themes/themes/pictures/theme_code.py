"""Themes beside codes."""

from typing import TYPE_CHECKING

import numpy as np

from lbc_themes.core.records import Bilingual, Language
from lbc_themes.themes.mapping import ThemeMap
from lbc_themes.themes.pictures.style import heatmap, laid_out

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

_TITLE = Bilingual(
    zh="主题与编码：各主题中每个编码所占比例", en="Themes and codes: the share of each theme that a code holds"
)


def theme_code_heatmap(found: ThemeMap, language: Language = "zh", *, all_codes: bool = False) -> "Figure":
    """Return themes by codes; codes that hold nothing of any theme are left out unless ``all_codes``."""
    columns = np.arange(len(found.codebook)) if all_codes else np.flatnonzero(found.matrix.sum(axis=0) > 0)
    names = [found.codebook[found.codebook.ids[i]].name.said(language) for i in columns]
    rows = [f"{theme.theme_id} {theme.name}" for theme in found.themes]
    values = found.matrix[:, columns].tolist()
    hover = "%{customdata[0]}<br>%{customdata[1]}<br>%{z:.0%}<extra></extra>"
    return laid_out(heatmap(values, rows, names, hover=hover, percent=True), _TITLE, language)
