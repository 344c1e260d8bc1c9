"""Alpha for unitized continua: Krippendorff, Mathet, Bouvry & Widlöcher (2016), doi 10.1007/s11135-015-0266-1."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

import numpy as np

from lbc_themes.agreement.coefficients import Floats, Ints, over
from lbc_themes.agreement.ratings import Material, Span
from lbc_themes.core.records import Coding

# --- Each transcript as one line of characters that each coder cuts into units and gaps.

GAP: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class Stretch:
    """A unit or a gap of one coder: positions on the continuum and its set of codes, empty for a gap."""

    start: int
    end: int
    codes: frozenset[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Continuum:
    """The codable characters of one transcript, ``length`` of them, and how each coder cut them."""

    transcript_id: str
    length: int
    cuts: tuple[tuple[Stretch, ...], ...]


def continua(
    codings: Sequence[Coding],
    spans: Mapping[str, tuple[Span, ...]],
    *,
    coders: Sequence[str],
    codes: Collection[str],
    read: Mapping[str, Collection[str]],
) -> list[Continuum]:
    """Return a continuum of each transcript that two coders or more worked through.

    Text outside ``spans`` (the interviewer's, for one) is taken out, so that a coding which runs across it stays one
    unit. Where codings with different codes overlap, each stretch with its own set of codes is a unit; overlapping
    codings with the same code are one.
    """
    found: dict[tuple[str, str], list[Coding]] = defaultdict(list)
    for coding in codings:
        if coding.code_id in codes:
            found[coding.transcript_id, coding.coder].append(coding)
    lines = []
    for transcript_id, slices in spans.items():
        present = [coder for coder in coders if transcript_id in read[coder]]
        if len(present) >= 2 and slices:
            line = _Line(slices)
            cuts = tuple(_cut(line, found[transcript_id, coder]) for coder in present)
            lines.append(Continuum(transcript_id=transcript_id, length=line.length, cuts=cuts))
    return lines


def continua_of(material: Material, codes: Collection[str]) -> list[Continuum]:
    """Return the continua on which these codes alone are marked, for the transcripts that have units."""
    inside = {unit.transcript_id for unit in material.grid.units}
    spans = {key: value for key, value in material.spans.items() if key in inside}
    return continua(material.codings, spans, coders=material.grid.coders, codes=codes, read=material.read)


class _Line:
    """Offsets of a transcript as positions among its codable characters."""

    def __init__(self, slices: tuple[Span, ...]) -> None:
        self._slices = slices
        self._starts = [a for a, _ in slices]
        self._before = [0, *accumulate(b - a for a, b in slices)]
        self.length = self._before[-1]

    def position(self, offset: int) -> int:
        at = bisect_right(self._starts, offset) - 1
        if at < 0:
            return 0
        start, end = self._slices[at]
        return self._before[at] + min(offset, end) - start


def _cut(line: _Line, codings: Sequence[Coding]) -> tuple[Stretch, ...]:
    by_code: dict[str, list[Span]] = defaultdict(list)
    for coding in sorted(codings, key=lambda c: (c.start, c.end)):
        start, end = line.position(coding.start), line.position(coding.end)
        spans = by_code[coding.code_id]
        if spans and start < spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        elif start < end:
            spans.append((start, end))
    opened: dict[int, set[str]] = defaultdict(set)
    closed: dict[int, set[str]] = defaultdict(set)
    for code, spans in by_code.items():
        for start, end in spans:
            opened[start].add(code)
            closed[end].add(code)
    stretches, now = [], GAP
    edges = sorted({0, line.length, *opened, *closed})
    for start, end in pairwise(edges):
        now = frozenset((now - closed[start]) | opened[start])
        stretches.append(Stretch(start=start, end=end, codes=now))
    return tuple(stretches)


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
