"""Punctuation marks: where sentences and clauses end in text that has any, and what must never be cut."""

import re
from collections import deque

from lbc_themes.text.fillers import filler_pattern
from lbc_themes.text.simplify import simplified

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
