"""Where a stretch of speech may be cut, and how weak each such boundary is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, pairwise

from lbc_themes.segmenting.marks import WEAKNESS, mark_weakness, sizes_before, unbroken
from lbc_themes.text.simplify import simplified
from lbc_themes.text.word_tables import table
from lbc_themes.text.words import WordCutter

Place = tuple[int, float]

_BARE = 2.5  # between two words without a mark, in log odds as in boundaries.tsv
_IN_CLAUSE = 6.0  # more than that, where the text has punctuation
_JOIN = 1.0  # less than that, where one turn ends and the next begins
_BY_MARK = 0.1  # the share of a word's gain that counts beside a mark
_STRONGEST, _OFFERED = -0.5, 2.0
_LONGEST_CLAUSE = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class Boundaries:
    """Candidates of one stretch: offsets into its text, the size of what is before each, and how weak each is."""

    offsets: list[int]
    sizes: list[int]
    weakness: list[float]


def boundaries(pieces: Sequence[str], cutter: WordCutter, longest: int) -> Boundaries:
    """Return where the speech ``pieces`` (one a turn) put together may be cut, its two ends among them.

    No boundary is inside a word. Boundaries between words that nothing speaks for are offered only where others are
    more than half of ``longest`` apart.
    """
    copies = [simplified(piece) for piece in pieces]
    copy, joins = "".join(copies), set(accumulate(map(len, copies)))
    closed = unbroken(copy) - joins
    every = [
        (place, max(cost - _JOIN * (place in joins), _STRONGEST))
        for place, cost in _between_words(copies, mark_weakness(copy), cutter)
        if place not in closed
    ]
    sizes = sizes_before(copy)
    offered = [(0, 0.0), *_offered(every, sizes, len(copy), longest // 2), (len(copy), 0.0)]
    offsets = [place for place, _ in offered]
    return Boundaries(offsets=offsets, sizes=[sizes[at] for at in offsets], weakness=[cost for _, cost in offered])


@cache
def _gains() -> tuple[dict[str, float], dict[str, float]]:
    rows = table("boundaries.tsv")
    return {row[0]: float(row[1]) for row in rows}, {row[0]: float(row[2]) for row in rows}


def _between_words(copies: Sequence[str], marks: dict[int, float], cutter: WordCutter) -> Iterator[Place]:
    before, after = _gains()
    spoken = _without_marks(marks, sum(map(len, copies)))
    place, last = 0, ""
    for word in (word for copy in copies for word in cutter.cut(copy)):
        mark, gain = marks.get(place), before.get(word, 0.0)
        if mark is not None:
            yield place, mark - _BY_MARK * gain
        elif place and not word.isspace():
            yield place, _BARE - gain - after.get(last, 0.0) + _IN_CLAUSE * (place not in spoken)
        place, last = place + len(word), word


def _without_marks(marks: dict[int, float], end: int) -> set[int]:
    """Return the offsets in runs so long without a mark that whoever wrote them down put none."""
    strong = sorted({0, end, *(place for place, cost in marks.items() if cost <= WEAKNESS["clause"])})
    return {place for a, b in pairwise(strong) if b - a > _LONGEST_CLAUSE for place in range(a, b)}


def _offered(every: Sequence[Place], sizes: Sequence[int], end: int, apart: int) -> list[Place]:
    offered: list[Place] = []
    others: list[Place] = []
    for place, cost in [*every, (end, 0.0)]:
        if cost > _OFFERED and place < end:
            others.append((place, cost))
            continue
        if sizes[place] - (sizes[offered[-1][0]] if offered else 0) > apart:
            offered += others
        others = []
        offered.append((place, cost))
    return offered[:-1]
