"""How many themes, and how firm each is: both from what comes back when participants are resampled."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lbc_themes.themes.clustering import (
    FEWEST_GROUPS,
    Resamples,
    centres,
    cut,
    finds_own_number,
    load_clusterer,
    nearest_centre,
    ward_linkage,
)
from lbc_themes.themes.features import Features, Labels

FEWEST_ROWS = 10
HALVINGS = 8
_MOST_THEMES = 80


@dataclass(frozen=True, kw_only=True, slots=True)
class CurvePoint:
    """One number of themes.

    ``information`` is how many nats the themes of one half of the participants tell, beyond chance, of the themes that
    the other half would put the same passages in; ``stability`` the adjusted Rand index of the two; both are means.
    ``chosen`` marks the number taken.
    """

    n_themes: int
    stability: float
    information: float
    chosen: bool = False


def numbers_for(rows: int) -> list[int]:
    """Return the numbers to look at: about 16, evenly spaced by ratio, from half to twice the root of ``rows``."""
    low, high = max(2, round(rows**0.5 / 2)), max(3, min(round(2 * rows**0.5), _MOST_THEMES, rows // 3))
    return sorted({round(low * (high / low) ** (i / 15)) for i in range(16)})


def curve_of(resamples: Resamples, most: int, fewest: int = 2) -> tuple[CurvePoint, ...]:
    """Return the curve over the numbers of themes from ``fewest`` to ``most``; empty for fewer than ten rows.

    Participants are halved eight times (rows, where there are fewer than eight participants), each half is cut into so
    many themes by Ward's rule, and its passages are also put to the nearest theme of the other half. Taken is the
    number at which the two say most of one another: their mutual information less what two partitions of these sizes
    share by chance (Vinh, Epps & Bailey 2010, JMLR 11). It has a maximum, for more themes tell more only as long as
    other people have them too. Prediction from one half to the other as in Tibshirani & Walther (2005), JCGS 14(3).
    """
    if len(resamples.rows) < FEWEST_ROWS:
        return ()
    rows, whose = resamples.rows[resamples.sample], resamples.whose
    most = max(2, min(most, len(rows) // 2 - 1))
    fewest = min(fewest, most)
    numbers = sorted({min(max(n, fewest), most) for n in (*numbers_for(len(rows)), fewest * 5 // 4, fewest * 3 // 2)})
    chance = np.random.default_rng(resamples.random_state)
    seen = [_told(rows, *halves(whose, chance), numbers) for _ in range(HALVINGS)]
    figures = np.mean(seen, axis=0)
    best = int(figures[:, 1].argmax())
    return tuple(
        CurvePoint(n_themes=number, stability=float(stability), information=float(information), chosen=at == best)
        for at, (number, (stability, information)) in enumerate(zip(numbers, figures, strict=True))
    )


def halves(whose: NDArray[np.str_], chance: np.random.Generator) -> tuple[Labels, Labels]:
    """Return the positions of the rows of two halves of the participants, or of two halves of the rows of a few."""
    people = np.unique(whose)
    order = chance.permutation(people if len(people) >= FEWEST_GROUPS else len(whose))
    first = np.isin(whose if len(people) >= FEWEST_GROUPS else np.arange(len(whose)), order[: len(order) // 2])
    return np.flatnonzero(first), np.flatnonzero(~first)


def _told(rows: Features, these: Labels, those: Labels, numbers: list[int]) -> NDArray[np.float64]:
    """Return stability and information for each number, shape (numbers, 2), a mean of both ways."""
    if len(these) < 2 or len(those) < 2:
        return np.zeros((len(numbers), 2))
    found = np.zeros((len(numbers), 2))
    both = [(half, cut(ward_linkage(rows[half]), [min(n, len(half)) for n in numbers])) for half in (these, those)]
    for (half, own), (other, others) in (both, both[::-1]):
        for at in range(len(numbers)):
            middle = centres(rows[other], others[:, at], int(others[:, at].max()) + 1)
            found[at] += _agreement(own[:, at], nearest_centre(rows[half], middle))
    return found / 2


def _agreement(labels: Labels, others: Labels) -> tuple[float, float]:
    """Return the adjusted Rand index of two partitions, and their mutual information less what chance gives."""
    from sklearn.metrics import adjusted_rand_score, mutual_info_score
    from sklearn.metrics.cluster import contingency_matrix, expected_mutual_information

    both = contingency_matrix(labels, others)
    mutual = mutual_info_score(None, None, contingency=both) - expected_mutual_information(both, both.sum())
    return float(adjusted_rand_score(labels, others)), float(mutual)


# --- How often a theme comes back when some of the participants are left out.

FEWER = 6
COMES_BACK = 0.5
FEWEST_VOICES = 2


def stability_of(resamples: Resamples, labels: Labels, *, clusterer: str) -> dict[int, float]:
    """Return, for each theme, the share of resamples in which it comes back.

    A theme comes back where a cluster of the resample shares half or more of what the two hold together: Jaccard 0.5,
    the line of Hennig (2007), "Cluster-wise assessment of cluster stability", below which a cluster dissolves. Where
    participants are resampled, two of those who speak of it must be kept: what one person says is no theme of the
    study, however alike it is, and one of two people comes back in two resamples of three at most. Clusterers that
    find their own number run anew on the first six resamples; for the others Ward's trees are cut.
    """
    themes = [int(theme) for theme in np.unique(labels) if theme >= 0]
    if len(themes) < 2:
        return dict.fromkeys(themes, 1.0)
    enough = FEWEST_VOICES if len(set(resamples.whose)) >= FEWEST_GROUPS else 1
    own = labels[resamples.sample]
    back: dict[int, list[bool]] = {theme: [] for theme in themes}
    for at, kept in enumerate(resamples.kept[: FEWER if finds_own_number(clusterer) else None]):
        if finds_own_number(clusterer):
            some = resamples.sample[kept]
            fewer = Resamples(rows=resamples.rows[some], groups=[], random_state=resamples.random_state)
            again = load_clusterer(clusterer)(fewer, None)
        else:
            again = cut(resamples.trees[at], [min(len(themes), len(kept))])[:, 0]
        likeness = _best_jaccard(own[kept], again)
        for theme in themes:
            voices = len(np.unique(resamples.whose[kept[own[kept] == theme]]))
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
