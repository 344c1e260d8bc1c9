"""Candidate themes: passages that belong together, counted, named and mapped to a codebook; a person decides."""

from lbc_themes.themes.clustering import DEFAULT_CLUSTERER, clusterer_names
from lbc_themes.themes.mapping import CodeSeen, MappedTheme, ThemeMap
from lbc_themes.themes.model import ThemeModel
from lbc_themes.themes.model_selection import CurvePoint
from lbc_themes.themes.saturation import Saturation, codes_by_interview, saturation, themes_by_interview
from lbc_themes.themes.summaries import TreeNode

__all__ = [
    "DEFAULT_CLUSTERER", "CodeSeen", "CurvePoint", "MappedTheme", "Saturation", "ThemeMap", "ThemeModel", "TreeNode",
    "clusterer_names", "codes_by_interview", "saturation", "themes_by_interview",
]  # fmt: skip
