"""Pictures of themes and codes, as plotly figures with Chinese or English titles."""

from lbc_themes.themes.pictures.attributes import code_attribute_matrix
from lbc_themes.themes.pictures.cooccurrence import code_cooccurrence
from lbc_themes.themes.pictures.number import number_curve
from lbc_themes.themes.pictures.passages import passage_map
from lbc_themes.themes.pictures.saturation import saturation_curve
from lbc_themes.themes.pictures.theme_code import theme_code_heatmap
from lbc_themes.themes.pictures.tree import theme_tree

__all__ = [
    "code_attribute_matrix", "code_cooccurrence", "number_curve", "passage_map", "saturation_curve",
    "theme_code_heatmap", "theme_tree",
]  # fmt: skip
