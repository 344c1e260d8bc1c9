"""Positions in a text, as different programs count them."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Literal

_MARKS = re.compile(r"[\s\x00-\x1f\ufeff\ufffe\uffff\ufffd]+")
_CUT = re.compile(r"(?:\.\.\.|…)$")
_SHORTEST_CUT = 4
_LABEL = re.compile(r"\d+\s*[,:–-]\s*\d+|\w+\s+\d+:\d+")
_NUMBER = re.compile(r"^\s*\d+:\d+\s+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    r"""One way of counting: UTF-16 units or code points, \r\n and \n as they stand or as one or two, last included."""

    utf16: bool = False
    line_ends: Literal["as they stand", "one", "two"] = "as they stand"
    inclusive: bool = False

    def __str__(self) -> str:
        units = "UTF-16 units" if self.utf16 else "code points"
        end = "last included" if self.inclusive else "last excluded"
        return f"{units}, line ends counted {self.line_ends}, {end}"


READINGS = tuple(
    Reading(utf16=utf16, line_ends=ends, inclusive=inclusive)
    for inclusive in (False, True)
    for utf16 in (False, True)
    for ends in ("as they stand", "one", "two")
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Marked:
    """A selection as a file gives it: two positions, and the words that stand there, in full or cut short, or "".

    ``key`` is whatever the caller needs to know it again by.
    """

    key: str
    start: int
    end: int
    words: str


class Ruler:
    """The boundaries of a text's characters, by one way of counting."""

    def __init__(self, text: str, reading: Reading) -> None:
        """Measure ``text``."""
        self._inclusive = reading.inclusive
        sizes = [2 if reading.utf16 and letter > "\uffff" else 1 for letter in text]
        if reading.line_ends == "one":
            for hit in re.finditer("\r\n", text):
                sizes[hit.start()] = 0
        elif reading.line_ends == "two":
            for hit in re.finditer("(?<!\r)\n", text):
                sizes[hit.start()] = 2
        self._bounds = [0, *accumulate(sizes)]

    def slice(self, start: int, end: int) -> tuple[int, int] | None:
        """Return the code points from ``start`` to ``end`` as a half-open slice, or None where there is no such one."""
        last = end + 1 if self._inclusive else end
        if not 0 <= start < last <= self._bounds[-1]:
            return None
        # A pair of surrogates or a line end that a position would split is taken whole.
        first = bisect_left(self._bounds, start)
        return first - (self._bounds[first] > start), bisect_left(self._bounds, last)


def how_well(text: str, words: str) -> int:
    """Return 2 where ``words`` are the text, 1 where they are its beginning and say so, else 0.

    Blanks do not count, nor does a number before the words, as in "1:2 想我妈".
    """
    here = _MARKS.sub("", text)
    return max(_fit(here, _MARKS.sub("", said)) for said in (words, _NUMBER.sub("", words)))


def _fit(here: str, said: str) -> int:
    if not said:
        return 0
    if here == said:
        return 2
    cut = _CUT.sub("", said)
    return int(cut != said and len(cut) >= _SHORTEST_CUT and here.startswith(cut))


Score = tuple[int, int]
"""How well the words of selections fit, and how many selections lie within the text."""


def scores(text: str, marked: Sequence[Marked]) -> dict[Reading, Score]:
    """Return the score of a text's selections under each reading."""
    return {reading: _score(text, marked, Ruler(text, reading)) for reading in _different(text)}


def _different(text: str) -> Iterable[Reading]:
    astral, breaks, pairs = max(text, default="") > "\uffff", "\n" in text, "\r\n" in text
    for reading in READINGS:
        ends = {"as they stand": True, "one": pairs, "two": breaks}[reading.line_ends]
        if ends and (astral or not reading.utf16):
            yield reading


def _score(text: str, marked: Sequence[Marked], ruler: Ruler) -> Score:
    found = [(where, mark) for mark in marked if (where := ruler.slice(mark.start, mark.end))]
    fit = sum(how_well(text[a:b], mark.words) for (a, b), mark in found)
    return fit, sum(mark.start < mark.end for _, mark in found)


def best(found: dict[Reading, Score], usual: Reading) -> Reading:
    """Return the reading with the highest score: of several, ``usual`` where it is one, else the earliest."""
    top = max(found.values(), default=None)
    if top is None or found.get(usual) == top:
        return usual
    return next(reading for reading in READINGS if found.get(reading) == top)


def undecided(text: str, marked: Sequence[Marked]) -> bool:
    """Say whether ways of counting that differ on a selection all leave every selection within the text."""
    readings = [each for each in _different(text) if not each.inclusive]
    marks = [mark for mark in marked if mark.start < mark.end]
    found = {tuple(Ruler(text, each).slice(mark.start, mark.end) for mark in marks) for each in readings}
    return sum(None not in places for places in found) > 1


def placed(text: str, mark: Marked, reading: Reading) -> tuple[tuple[int, int] | None, bool]:
    """Return where a selection is, and whether its words are there, if it is words and no number that it is called by.

    Where they are not there under ``reading``, the first other reading under which they are is taken.
    """
    where = Ruler(text, reading).slice(mark.start, mark.end)
    if not _MARKS.sub("", mark.words) or (where and how_well(text[where[0] : where[1]], mark.words)):
        return where, True
    for other in _different(text):
        there = Ruler(text, other).slice(mark.start, mark.end)
        if there and how_well(text[there[0] : there[1]], mark.words):
            return there, True
    return where, _LABEL.fullmatch(mark.words.strip()) is not None


def unix(text: str) -> tuple[str, list[int]]:
    r"""Return a text with "\n" line ends, and where characters were taken out, for ``moved``."""
    gone = [hit.start() for hit in re.finditer("\r\n", text)]
    return text.replace("\r\n", "\n").replace("\r", "\n"), gone


def moved(position: int, gone: Sequence[int]) -> int:
    """Return where ``position`` of a text is after ``unix``."""
    return position - bisect_left(gone, position)
