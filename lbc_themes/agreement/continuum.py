"""Each transcript as one line of characters that each coder cuts into units and gaps."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from lbc_themes.agreement.units import Span
from lbc_themes.core.records import Coding

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
