"""Alpha for unitized continua: Krippendorff, Mathet, Bouvry & Widlöcher (2016), doi 10.1007/s11135-015-0266-1."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lbc_themes.agreement.arrays import Floats, Ints
from lbc_themes.agreement.continuum import GAP, Continuum
from lbc_themes.agreement.formulas import over


@dataclass(frozen=True, kw_only=True, eq=False)
class Coincidences:
    """Observed coincidences of continua, in characters; the first axis is participants, the second values (gap first).

    ``margins``: the length that each value takes, over coders. ``agree``: coincidences of equal values; ``gaps``: of
    two gaps. ``alone``: lengths that pair a unit with itself, the square of its length (of a gap its plain length;
    equation 4). The three ``valued`` sums are the same over intersections of units alone (equation 10).
    """

    margins: Floats
    agree: Floats
    gaps: Floats
    alone: Floats
    valued_margins: Floats
    valued_agree: Floats
    valued_alone: Floats

    def drawn(self, weights: Floats) -> "Coincidences":
        """Return the sums of each draw; ``weights`` is (draws, participants)."""
        return Coincidences(**{name: np.tensordot(weights, value, axes=1) for name, value in vars(self).items()})


def coincidences(lines: Sequence[Continuum], participant: Mapping[str, int], participants: int) -> Coincidences:
    """Return the coincidences of ``lines``; ``participant`` maps transcript ids to positions."""
    sets = {GAP, *(s.codes for line in lines for cut in line.cuts for s in cut)}
    number = {codes: i for i, codes in enumerate(sorted(sets, key=lambda codes: sorted(codes)))}
    shape = (participants, len(number))
    found = Coincidences(
        margins=np.zeros(shape), valued_margins=np.zeros(shape),
        agree=np.zeros(participants), gaps=np.zeros(participants),
        alone=np.zeros(participants), valued_agree=np.zeros(participants), valued_alone=np.zeros(participants),
    )  # fmt: skip
    for line in lines:
        _add_line(found, line, number, participant[line.transcript_id])
    return found


def _add_line(found: Coincidences, line: Continuum, number: Mapping[frozenset[str], int], p: int) -> None:
    edges = np.unique([0, line.length, *(s.start for cut in line.cuts for s in cut)])
    length = np.diff(edges).astype(np.float64)
    values, units = _cells(line, edges, number)
    coders = len(values)
    for i in range(coders):
        np.add.at(found.margins[p], values[i], length)
        own = np.bincount(units[i], weights=length)
        gap = np.bincount(units[i], weights=values[i] == 0) > 0
        found.alone[p] += np.where(gap, own, own**2).sum()
        for j in range(coders):
            if i != j:
                _add_pair(found, p, values[i], values[j], units[i], length, share=1 / (coders - 1))


def _cells(line: Continuum, edges: Ints, number: Mapping[frozenset[str], int]) -> tuple[list[Ints], list[Ints]]:
    values, units = [], []
    for cut in line.cuts:
        at = np.searchsorted([s.start for s in cut], edges[:-1], side="right") - 1
        values.append(np.array([number[s.codes] for s in cut], dtype=np.int64)[at])
        units.append(at.astype(np.int64))
    return values, units


def _add_pair(found: Coincidences, p: int, one: Ints, two: Ints, units: Ints, length: Floats, *, share: float) -> None:
    valued = (one > 0) & (two > 0)
    same = one == two
    found.agree[p] += share * length[same].sum()
    found.gaps[p] += share * length[same & (one == 0)].sum()
    found.valued_agree[p] += share * length[same & valued].sum()
    np.add.at(found.valued_margins[p], one[valued], share * length[valued])
    found.valued_alone[p] += share * (np.bincount(units, weights=length * valued) ** 2).sum()


def u_alpha(sums: Coincidences) -> Floats:
    """Return uα (equation 5): do coders mark the same stretches with the same values, gaps included."""
    return _alpha(sums.margins, sums.agree, sums.alone)


def bar_u_alpha(sums: Coincidences) -> Floats:
    """Return |uα (equation 6): do coders tell relevant text from gaps, whatever values they give it."""
    total, gap = sums.margins.sum(-1), sums.margins[:, 0]
    expected = over(total * gap * (total - gap), total**2 - sums.alone)
    return 1 - over(gap - sums.gaps, expected)


def cu_alpha(sums: Coincidences) -> Floats:
    """Return cuα (equation 11): do coders give the same values where both mark something; gaps do not count."""
    return _alpha(sums.valued_margins, sums.valued_agree, sums.valued_alone)


def _alpha(margins: Floats, agree: Floats, alone: Floats) -> Floats:
    total = margins.sum(-1)
    expected = over(total * (total**2 - (margins**2).sum(-1)), total**2 - alone)
    return 1 - over(total - agree, expected)
