"""How often a theme comes back when some of the participants are left out."""

from collections.abc import Sequence

import numpy as np

from lbc_themes.themes.clusterers import finds_own_number, load_clusterer
from lbc_themes.themes.curve import resample
from lbc_themes.themes.features import Features
from lbc_themes.themes.material import Labels

RESAMPLES = 20
FEWER = 6
COMES_BACK = 0.5
_MOST_ROWS = 1500


def stability_of(
    rows: Features, labels: Labels, groups: Sequence[str], *, clusterer: str, random_state: int
) -> dict[int, float]:
    """Return, for each theme, the share of resamples in which it comes back.

    A resample keeps 80 % of participants (of passages where there are fewer than eight participants), at most 1,500
    passages, and clusters them anew. A theme comes back where a cluster shares half or more of what the two hold
    together: Jaccard 0.5, the line of Hennig (2007), "Cluster-wise assessment of cluster stability", below which a
    cluster dissolves. Resamples that keep nothing of a theme do not count. 20 resamples; 6 for clusterers that find
    their own number, which are slow.
    """
    themes = [int(theme) for theme in np.unique(labels) if theme >= 0]
    if len(themes) < 2:
        return dict.fromkeys(themes, 1.0)
    chance, whose, run = np.random.default_rng(random_state), np.array(groups), load_clusterer(clusterer)
    back: dict[int, list[bool]] = {theme: [] for theme in themes}
    for _ in range(FEWER if finds_own_number(clusterer) else RESAMPLES):
        kept = np.flatnonzero(resample(whose, chance))
        if len(kept) > _MOST_ROWS:
            kept = np.sort(chance.choice(kept, _MOST_ROWS, replace=False))
        again = run(rows[kept], None if finds_own_number(clusterer) else min(len(themes), len(kept)), random_state)
        for theme, likeness in _best_jaccard(labels[kept], again).items():
            back[theme].append(likeness >= COMES_BACK)
    return {theme: float(np.mean(found)) if found else 0.0 for theme, found in back.items()}


def _best_jaccard(labels: Labels, again: Labels) -> dict[int, float]:
    best = {}
    for theme in np.unique(labels[labels >= 0]):
        own = labels == theme
        others = np.unique(again[own & (again >= 0)])
        pairs = [(own, again == other) for other in others]
        best[int(theme)] = max((float((a & b).sum() / (a | b).sum()) for a, b in pairs), default=0.0)
    return best
