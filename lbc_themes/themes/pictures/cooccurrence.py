"""Codes that stand together on a passage."""

from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from lbc_themes.core.records import Bilingual, Codebook, Language
from lbc_themes.themes.pictures.style import heatmap, laid_out

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

_TITLE = Bilingual(zh="编码共现：同时带有两个编码的话语数", en="Codes that stand together: passages that carry both")


def code_cooccurrence(codes: Sequence[Iterable[str]], codebook: Codebook, language: Language = "zh") -> "Figure":
    """Return how many passages carry each pair of codes; ``codes`` are those of each passage.

    Codes that stand with no other are left out; where none do, all codes that were seen are shown.
    """
    sets = [{codebook[code_id].id for code_id in own} for own in codes]
    at = {code_id: i for i, code_id in enumerate(codebook.ids)}
    counts = np.zeros((len(at), len(at)), int)
    for own in sets:
        for a, b in combinations(sorted(own), 2):
            counts[at[a], at[b]] += 1
            counts[at[b], at[a]] += 1
    kept = np.flatnonzero(counts.sum(axis=0))
    if not len(kept):
        kept = np.array(sorted(at[code_id] for code_id in set().union(*sets)), int)
    names = [codebook[codebook.ids[i]].name.said(language) for i in kept]
    hover = "%{customdata[0]}<br>%{customdata[1]}<br>%{z}<extra></extra>"
    figure = heatmap(counts[np.ix_(kept, kept)].tolist(), names, names, hover=hover, percent=False)
    return laid_out(figure, _TITLE, language)
