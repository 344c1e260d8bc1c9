"""How many themes: stability under resampling and separation, for every number that is worth a look."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lbc_themes.themes.clustering import cut, finds_own_number, load_clusterer, ward_linkage
from lbc_themes.themes.features import Features, Labels

RESAMPLES = 8
KEPT = 0.8
ENOUGH = 0.85
FEWEST_GROUPS = 8
FEWEST_ROWS = 10
MOST_ROWS = 1500
_MOST_THEMES = 80


@dataclass(frozen=True, kw_only=True, slots=True)
class CurvePoint:
    """One number of themes.

    ``stability`` is the mean adjusted Rand index between the cut of all rows and the cuts of resamples of 80 %;
    ``separation`` the mean silhouette; ``score`` the mean of both, each as a share of its best over all numbers,
    smoothed over neighbours; ``chosen`` marks the number taken.
    """

    n_themes: int
    stability: float
    separation: float
    score: float
    chosen: bool = False


def numbers_for(rows: int) -> list[int]:
    """Return the numbers to look at: about 16, evenly spaced by ratio, from half to twice the root of ``rows``."""
    low, high = max(2, round(rows**0.5 / 2)), max(3, min(round(2 * rows**0.5), _MOST_THEMES, rows // 3))
    return sorted({round(low * (high / low) ** (i / 15)) for i in range(16)})


def curve_of(rows: Features, groups: Sequence[str], random_state: int, most: int) -> tuple[CurvePoint, ...]:
    """Return the curve over the numbers of themes up to ``most``; empty for fewer than ten rows.

    Both figures rise with the number over most of the range, so the smallest number that reaches 85 % of the best score
    is chosen: fewer themes to read for little loss. Ward's tree stands in for every clusterer that needs a number, and
    1,500 rows at random for more. Participants are resampled where there are eight or more, else passages.
    """
    if len(rows) < FEWEST_ROWS:
        return ()
    chance = np.random.default_rng(random_state)
    kept = np.sort(chance.choice(len(rows), MOST_ROWS, replace=False)) if len(rows) > MOST_ROWS else None
    some = rows if kept is None else rows[kept]
    whose = np.array(groups if kept is None else [groups[i] for i in kept])
    numbers = [number for number in numbers_for(len(rows)) if number <= min(most, len(some) - 1)]
    whole = cut(ward_linkage(some), numbers)
    stability = _stability(some, whose, whole, numbers, chance)
    separation = np.array([_silhouette(some, whole[:, at]) for at in range(len(numbers))])
    return _points(numbers, stability, separation)


def _stability(
    rows: Features, groups: NDArray[np.str_], whole: NDArray[np.int64], numbers: list[int], chance: np.random.Generator
) -> NDArray[np.float64]:
    from sklearn.metrics import adjusted_rand_score

    found = np.zeros((RESAMPLES, len(numbers)))
    for at in range(RESAMPLES):
        kept = resample(groups, chance)
        possible = [number for number in numbers if number < kept.sum()]
        again = cut(ward_linkage(rows[kept]), possible)
        for number in range(len(possible)):
            found[at, number] = adjusted_rand_score(whole[kept, number], again[:, number])
    return np.asarray(found.mean(axis=0))


def resample(groups: NDArray[np.str_], chance: np.random.Generator) -> NDArray[np.bool_]:
    """Return which rows are kept when 80 % of participants are, or of rows where there are fewer than eight."""
    people = np.unique(groups)
    if len(people) >= FEWEST_GROUPS:
        return np.isin(groups, chance.choice(people, round(KEPT * len(people)), replace=False))
    kept = np.zeros(len(groups), bool)
    kept[chance.choice(len(groups), max(2, round(KEPT * len(groups))), replace=False)] = True
    return kept


def _silhouette(rows: Features, labels: NDArray[np.int64]) -> float:
    from sklearn.metrics import silhouette_score

    return float(silhouette_score(rows, labels))


def _points(numbers: list[int], *figures: NDArray[np.float64]) -> tuple[CurvePoint, ...]:
    stability, separation = figures
    score = _smooth((_of_best(stability) + _of_best(separation)) / 2)
    best = int(np.flatnonzero(score >= ENOUGH * score.max() - 1e-9)[0])
    return tuple(
        CurvePoint(
            n_themes=number, stability=float(stability[i]), separation=float(separation[i]), score=float(score[i]),
            chosen=i == best,
        )
        for i, number in enumerate(numbers)
    )  # fmt: skip


def _of_best(values: NDArray[np.float64]) -> NDArray[np.float64]:
    best = values.max()
    share: NDArray[np.float64] = np.maximum(values, 0) / best if best > 1e-12 else np.ones_like(values)
    return share


def _smooth(values: NDArray[np.float64]) -> NDArray[np.float64]:
    padded = np.concatenate([values[:1], values, values[-1:]])
    smooth: NDArray[np.float64] = np.convolve(padded, [0.25, 0.5, 0.25], "valid")
    return smooth


# --- How often a theme comes back when some of the participants are left out.

LEAVE_OUT_DRAWS = 20
FEWER = 6
COMES_BACK = 0.5
FEWEST_VOICES = 2


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
    for _ in range(FEWER if finds_own_number(clusterer) else LEAVE_OUT_DRAWS):
        kept = np.flatnonzero(resample(whose, chance))
        if len(kept) > MOST_ROWS:
            kept = np.sort(chance.choice(kept, MOST_ROWS, replace=False))
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
