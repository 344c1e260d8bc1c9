"""Where a stretch of speech may be cut: marks, words, their weakness, and the cheapest choice of cuts."""

import re
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, pairwise
from math import log, sqrt

from lbc_themes.text.words import WordCutter, filler_pattern, simplified, table

# --- Punctuation marks: where sentences and clauses end in text that has any, and what must never be cut.

WEAKNESS = {"sentence": 0.1, "semicolon": 0.5, "line": 0.5, "ellipsis": 0.6, "clause": 2.0, "pause": 2.0, "inner": 4.0}

_CLOSERS = r"[”’\"'」』）)】》\]]*+"
_NO_COMMA = r"(?![，、；：,;:])"
_MARKS = re.compile(
    rf"(?P<sentence>(?:[。！？!?｡]++|(?<=[^\W\d_])[.．](?![A-Za-z0-9_.．])){_CLOSERS}){_NO_COMMA}"
    rf"|(?P<ellipsis>(?:…++|\.{{3,}}+|—{{2,}}+){_CLOSERS}){_NO_COMMA}"
    rf"|(?P<semicolon>[；;]{_CLOSERS})"
    r"|(?P<line>[^\S\n]*\n\s*)"
    rf"|(?P<clause>(?:，|,(?!\d)){_CLOSERS})"
    rf"|(?P<inner>(?:、|：|:(?!\d)){_CLOSERS})"
    r"|(?P<pause>[^\S\n]+)"
)
_PAIRS = re.compile(r"(?P<open>[“‘「『（(【《\[])|[”’」』）)】》\]]")
_IN_QUOTES = 1.0
_UNBROKEN = re.compile(r"<[^<>\s]{1,24}>|[A-Za-z0-9]+(?:[-_.,'’@/:&+][A-Za-z0-9]+)*%?")
_COUNTED = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]|<[^<>\s]{1,24}>|[^\W_\u3400-\u9fff]+")


def mark_weakness(text: str) -> dict[int, float]:
    """Return the offsets after punctuation, line breaks and blanks, and how weak a boundary each is (0: none stronger).

    Closing quotes and brackets belong to the sentence before. A full stop or comma within a number or Latin word is no
    mark, and a boundary inside quotes or brackets is weaker than one outside.
    """
    found: dict[int, float] = {}
    for match in _MARKS.finditer(text):
        cost = WEAKNESS[match.lastgroup or "inner"]
        if match.lastgroup in {"line", "pause"}:
            cost = min(cost, found.pop(match.start(), cost))
        found[match.end()] = cost
    depth, edges = 0, deque((match.end(), match["open"] is not None) for match in _PAIRS.finditer(text))
    for place in sorted(found):
        while edges and edges[0][0] <= place:
            depth = max(0, depth + (1 if edges.popleft()[1] else -1))
        found[place] += _IN_QUOTES * (depth > 0)
    return found


def sentence_ends(text: str) -> list[int]:
    """Return the offsets after the sentences of ``text``: sentence marks with what closes after them, and line breaks.

    >>> sentence_ends("身高1.5米。他说“别哭！”我没哭……真的")
    [7, 14, 19]
    """
    return [place for place, cost in sorted(mark_weakness(text).items()) if cost < WEAKNESS["clause"]]


def unbroken(text: str) -> set[int]:
    """Return the offsets inside numbers, Latin words and placeholders such as ``<city>``, where nothing may be cut."""
    return {place for match in _UNBROKEN.finditer(text) for place in range(match.start() + 1, match.end())}


def sizes_before(copy: str) -> list[int]:
    """Return, for each offset of the simplified ``copy``, how much has been said before it (see `size_of`)."""
    ends = [0] * (len(copy) + 1)
    fillers = {end for match in filler_pattern().finditer(copy) for end in range(match.start() + 1, match.end() + 1)}
    for match in _COUNTED.finditer(copy):
        ends[match.end()] = int(match.end() not in fillers)
    sizes, total = [], 0
    for end in ends:
        total += end
        sizes.append(total)
    return sizes


def size_of(text: str) -> int:
    """Return the size of ``text``: its Chinese characters and other words, fillers not counted.

    >>> size_of("eng 我想my妈，嗯")
    4
    """
    return sizes_before(simplified(text))[-1]


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


# --- Choosing cuts by dynamic programming: weak boundaries cost, and so do passages of an odd size.


@dataclass(frozen=True, kw_only=True, slots=True)
class SizePlan:
    """What sizes of passages are wanted, in characters: about ``shortest`` to ``longest``.

    The best size is their geometric mean. A size costs the square of its log ratio to the best, more below
    ``shortest``, and far more above ``longest``.
    """

    shortest: int
    longest: int

    @property
    def whole(self) -> int:
        """The largest size of a stretch that is never cut: two passages cut from it would be too short."""
        return 2 * self.shortest - 1

    def cost(self, size: int) -> float:
        """Return the cost of a passage of ``size``."""
        odd = log(max(size, 1) / sqrt(self.shortest * self.longest)) ** 2
        short = 3 * max(0.0, 1 - size / self.shortest)
        long = 3 + 20 * (size / self.longest - 1) if size > self.longest else 0.0
        return odd + short + long


@cache
def size_costs(plan: SizePlan) -> tuple[float, ...]:
    """Return the cost of each size from 0 to the largest that is looked at; larger ones cost at least as much."""
    return tuple(plan.cost(size) for size in range(3 * plan.longest // 2 + 1))


def best_cuts(sizes: Sequence[int], weakness: Sequence[float], plan: SizePlan) -> list[int]:
    """Return the indices of the candidates at which to cut.

    ``sizes[i]`` is what has been said before candidate ``i`` and ``weakness[i]`` the cost of cutting there; the first
    and last candidates are the ends of the stretch. The sum of the weakness of the cuts and of the costs of the sizes
    between them is the least that any choice has that leaves no passage above one and a half times ``plan.longest``
    uncut where there is a candidate in it.
    """
    costs = size_costs(plan)
    largest = len(costs) - 1
    best, back, first = [0.0], [0], 0
    for j in range(1, len(sizes)):
        while first < j - 1 and sizes[j] - sizes[first] > largest:
            first += 1
        total, before = min((best[i] + costs[min(sizes[j] - sizes[i], largest)], i) for i in range(first, j))
        best.append(total + weakness[j])
        back.append(before)
    cuts, at = [], back[-1]
    while at > 0:
        cuts.append(at)
        at = back[at]
    return cuts[::-1]
