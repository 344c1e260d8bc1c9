"""How often a theme comes back when some of the participants are left out."""

from collections.abc import Sequence

import numpy as np

from lbc_themes.themes.clusterers import finds_own_number, load_clusterer
from lbc_themes.themes.curve import FEWEST_GROUPS, resample
from lbc_themes.themes.features import Features
from lbc_themes.themes.material import Labels

RESAMPLES = 20
FEWER = 6
COMES_BACK = 0.5
FEWEST_VOICES = 2
_MOST_ROWS = 1500


def stability_of(
    rows: Features, labels: Labels, groups: Sequence[str], *, clusterer: str, random_state: int
) -> dict[int, float]:
    """Return, for each theme, the share of resamples in which it comes back.

    A resample keeps 80 % of participants (of passages where there are fewer than eight participants), at most 1,500
    passages, and clusters them anew. A theme comes back where a cluster shares half or more of what the two hold
    together: Jaccard 0.5, the line of Hennig (2007), "Cluster-wise assessment of cluster stability", below which a
    cluster dissolves. Where participants are resampled, two of those who speak of it must be kept: what one person says
    is no theme of the study, however alike it is, and one of two people comes back in two resamples of three at most.
    20 resamples; 6 for clusterers that find their own number, which are slow.
    """
    themes = [int(theme) for theme in np.unique(labels) if theme >= 0]
    if len(themes) < 2:
        return dict.fromkeys(themes, 1.0)
    chance, whose, run = np.random.default_rng(random_state), np.array(groups), load_clusterer(clusterer)
    enough = FEWEST_VOICES if len(set(groups)) >= FEWEST_GROUPS else 1
    back: dict[int, list[bool]] = {theme: [] for theme in themes}
    for _ in range(FEWER if finds_own_number(clusterer) else RESAMPLES):
        kept = np.flatnonzero(resample(whose, chance))
        if len(kept) > _MOST_ROWS:
            kept = np.sort(chance.choice(kept, _MOST_ROWS, replace=False))
        again = run(rows[kept], None if finds_own_number(clusterer) else min(len(themes), len(kept)), random_state)
        likeness = _best_jaccard(labels[kept], again)
        for theme in themes:
            voices = len(np.unique(whose[kept[labels[kept] == theme]]))
            if enough > 1 or voices:
                back[theme].append(voices >= enough and likeness[theme] >= COMES_BACK)
    return {theme: float(np.mean(found)) if found else 0.0 for theme, found in back.items()}


def _best_jaccard(labels: Labels, again: Labels) -> dict[int, float]:
    best = {}
    for theme in np.unique(labels[labels >= 0]):
        own = labels == theme
        others = np.unique(again[own & (again >= 0)])
        pairs = [(own, again == other) for other in others]
        best[int(theme)] = max((float((a & b).sum() / (a | b).sum()) for a, b in pairs), default=0.0)
    return best
