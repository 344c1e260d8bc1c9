"""Intervals of shares."""

import math

_Z95 = 1.959963984540054


def wilson(seen: int, of: int) -> tuple[float, float, float]:
    """Return a share with its 95 % interval: Wilson (1927), JASA 22(158). Not a number where there is nothing to count.

    >>> [round(figure, 3) for figure in wilson(5, 10)]
    [0.5, 0.237, 0.763]
    """
    if of == 0:
        return math.nan, math.nan, math.nan
    share, square = seen / of, _Z95**2 / of
    middle = (share + square / 2) / (1 + square)
    half = _Z95 / (1 + square) * math.sqrt(share * (1 - share) / of + square / (4 * of))
    return share, middle - half if seen else 0.0, middle + half if seen < of else 1.0
