"""From sums to measures. Every function takes sums whose first axis is draws and returns one figure a draw.

A figure that the data leave undefined (chance agreement of one: nothing varies) is NaN.
"""

import numpy as np

from lbc_themes.agreement.arrays import Floats
from lbc_themes.agreement.sums import Sums


def percent(sums: Sums) -> Floats:
    """Return the share of agreeing pairs of coders, averaged over units."""
    return over(sums.agree, sums.units)


def fleiss_kappa(sums: Sums) -> Floats:
    """Return Fleiss' kappa (Fleiss 1971, Psychological Bulletin 76; for missing ratings Gwet 2014, section 2.4)."""
    return _corrected(percent(sums), (_shares(sums) ** 2).sum(-1))


def gwet_ac1(sums: Sums) -> Floats:
    """Return AC1 (Gwet 2008, British Journal of Mathematical and Statistical Psychology 61)."""
    shares = _shares(sums)
    values = shares.shape[-1]
    return _corrected(
        percent(sums), (shares * (1 - shares)).sum(-1) / (values - 1) if values > 1 else np.ones(len(shares))
    )


def brennan_prediger(sums: Sums) -> Floats:
    """Return kappa with equal chance for each value.

    Brennan & Prediger (1981), Educational and Psychological Measurement 41, 687.
    """
    values = sums.counts.shape[-1]
    return _corrected(percent(sums), np.full(len(sums.units), 1 / values))


def alpha(sums: Sums) -> Floats:
    """Return nominal alpha (Krippendorff 2019, Content Analysis, 4th ed., section 12.3)."""
    total = sums.counts.sum(-1)
    return 1 - over(sums.disagree, over(total**2 - (sums.counts**2).sum(-1), total - 1))


def cohen_kappas(sums: Sums) -> Floats:
    """Return Cohen's kappa (1960, Educational and Psychological Measurement 20) of each pair, (draws, pairs)."""
    expected = over((sums.first * sums.second).sum(-1), sums.pair_units**2)
    return _corrected(over(sums.pair_agree, sums.pair_units), expected)


def mean_cohen_kappa(sums: Sums) -> Floats:
    """Return the mean of Cohen's kappa over the pairs of coders for whom it is defined."""
    kappas = cohen_kappas(sums)
    defined = ~np.isnan(kappas)
    return over(np.where(defined, kappas, 0.0).sum(-1), defined.sum(-1).astype(np.float64))


def distance_alpha(disagree: Floats, counts: Floats, distances: Floats) -> Floats:
    """Return alpha with a distance between values.

    ``disagree`` (draws,) is the observed disagreement, ``counts`` (draws, V) how often each value is given and
    ``distances`` (V, V) symmetric with a zero diagonal.
    """
    total = counts.sum(-1)
    expected = ((counts @ distances) * counts).sum(-1)
    return 1 - over(disagree, over(expected, total - 1))


def _shares(sums: Sums) -> Floats:
    return over(sums.shares, sums.units[..., None])


def _corrected(observed: Floats, expected: Floats) -> Floats:
    return over(observed - expected, 1 - expected)


def over(above: Floats, below: Floats) -> Floats:
    """Return ``above / below``, NaN where ``below`` is 0."""
    found: Floats = np.divide(
        above, below, out=np.full(np.broadcast(above, below).shape, np.nan), where=np.abs(below) > 1e-12
    )
    return found
