"""Positions in a text, as different programs count them, and how to tell which way a file counts."""

import math
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate
from typing import Literal

from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import message
from lbc_themes.text.words import cut

_MARKS = re.compile(r"[\s\x00-\x1f\ufeff\ufffe\uffff\ufffd]+")
_CUT = re.compile(r"(?:\.\.\.|…)$")
_SHORTEST_CUT = 4
_LABEL = re.compile(r"\d+\s*[,:–-]\s*\d+|\w+\s+\d+:\d+")
_NUMBER = re.compile(r"^\s*\d+:\d+\s+")
_LONE = re.compile("(?<!\r)\n")
_RUN = re.compile(r"\w+")
_HAN = re.compile("[\u3400-\u9fff\U00020000-\U0003ffff]")


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    r"""One way of counting positions.

    ``utf16`` counts UTF-16 code units in place of code points. ``line_ends`` says whether \r\n and \n count as they
    stand in the file, as one, or as two. ``inclusive`` ends name the last character, not the one after it. ``bom``
    counts a byte order mark at the head of the file.
    """

    utf16: bool = False
    line_ends: Literal["as they stand", "one", "two"] = "as they stand"
    inclusive: bool = False
    bom: bool = False

    def __str__(self) -> str:
        """Return the name by which ``--positions`` takes it, such as "utf-16" or "code-points-crlf"."""
        ends = {"as they stand": "", "one": "-lf", "two": "-crlf"}[self.line_ends]
        units = "utf-16" if self.utf16 else "code-points"
        return f"{units}{ends}{'-bom' if self.bom else ''}{'-inclusive' if self.inclusive else ''}"


READINGS = tuple(
    Reading(utf16=utf16, line_ends=ends, inclusive=inclusive, bom=bom)
    for inclusive in (False, True)
    for bom in (False, True)
    for utf16 in (False, True)
    for ends in ("as they stand", "one", "two")
)  # fmt: skip


def reading_named(name: str) -> Reading:
    """Return the way of counting that ``name`` means, as ``str(reading)`` writes it.

    Raises:
        InputError: if there is none of that name; the message lists them.

    >>> reading_named("utf-16").utf16
    True
    """
    named = {str(reading): reading for reading in READINGS}
    if name not in named:
        raise InputError(message("exchange.positions_unknown", name=name, allowed=list(named)))
    return named[name]


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
    """The boundaries of a text's characters, by one way of counting; ``inclusive`` is the reading's."""

    def __init__(self, text: str, reading: Reading) -> None:
        """Measure ``text``."""
        self.inclusive = reading.inclusive
        sizes = [2 if reading.utf16 and letter > "\uffff" else 1 for letter in text]
        if reading.line_ends == "one":
            for hit in re.finditer("\r\n", text):
                sizes[hit.start()] = 0
        elif reading.line_ends == "two":
            for hit in re.finditer("(?<!\r)\n", text):
                sizes[hit.start()] = 2
        self._bounds = [*accumulate(sizes, initial=int(reading.bom))]

    def slice(self, start: int, end: int) -> tuple[int, int] | None:
        """Return the code points from ``start`` to ``end`` as a half-open slice, or None where there is no such one."""
        last = end + 1 if self.inclusive else end
        if not self._bounds[0] <= start < last <= self._bounds[-1]:
            return None
        # A pair of surrogates or a line end that a position would split is taken whole.
        first = bisect_left(self._bounds, start)
        return first - (self._bounds[first] > start), bisect_left(self._bounds, last)

    def splits(self, start: int, end: int) -> bool:
        """Say whether one of two positions lies inside a pair of surrogates or a line end."""
        edges = (start, end + 1 if self.inclusive else end)
        return any(
            (at := bisect_left(self._bounds, edge)) < len(self._bounds) and self._bounds[at] != edge for edge in edges
        )


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


@dataclass(frozen=True, kw_only=True)
class Measured:
    """A text and what is marked in it; ``bom`` says whether its file began with a byte order mark."""

    text: str
    marked: Sequence[Marked]
    bom: bool = False

    @cached_property
    def _shape(self) -> tuple[bool, bool, bool]:
        r"""Whether the text has characters beyond the BMP, \r\n, and \n without \r."""
        return max(self.text, default="") > "\uffff", "\r\n" in self.text, _LONE.search(self.text) is not None

    def simplest(self, reading: Reading) -> Reading:
        """Return the simplest way of counting that counts this text as ``reading`` does."""
        astral, pairs, lone = self._shape
        ends = reading.line_ends
        if (ends == "one" and not pairs) or (ends == "two" and not lone):
            ends = "as they stand"
        return replace(reading, line_ends=ends, utf16=reading.utf16 and astral, bom=reading.bom and self.bom)


@dataclass(frozen=True, kw_only=True)
class Counting:
    """How the positions of one text are counted, and ``rivals``: other ways that the evidence does not rule out."""

    reading: Reading
    rivals: tuple[Reading, ...]


# How often a person's selection begins and ends at each kind of edge, assumed: mostly at a line, sentence or clause,
# seldom inside a word. How often positions of the text at large do is counted in the text itself; the two together give
# the log-likelihood ratio of a hypothesis.
_KINDS = ("line", "sentence", "clause", "word", "inside", "odd")
_STARTS = dict(zip(_KINDS, (0.30, 0.25, 0.22, 0.15, 0.04, 0.04), strict=True))
_ENDS = dict(zip(_KINDS, (0.25, 0.35, 0.20, 0.12, 0.04, 0.04), strict=True))
_SENTENCE = frozenset("。！？!?…｡")
_CLOSING = frozenset("。！？!?…，、；：,;:）)」』”’》〉】]}｡.")
_OPENING = frozenset("（(「『“‘《〈【[{")
_JOINERS = frozenset("\u200d\ufe0f\u20e3") | {chr(point) for point in range(0x1F3FB, 0x1F400)}
_ANYWHERE = dict(zip(_KINDS, (0.06, 0.06, 0.16, 0.37, 0.25, 0.10), strict=True))
_ANYWHERE_WEIGHT = 20
"""In a short text, what is assumed of positions anywhere counts as much as this many positions of the text."""
_A_LETTER, _NAMED_AT_MOST, _IMPOSSIBLE, _MARGIN = 3.0, 20.0, -8.0, 5.0
_LIKE_A_PERSON = 0.75
"""Edges count only where some way of counting makes the selections of a project look as a person's do: at least this
many nats each. Selections of lines, sentences and phrases come to 1 to 3 each, any slices of a text to -2, and among
hundreds of the latter some way of counting is far ahead of the others by chance alone."""


def decide(texts: Sequence[Measured], origin: str = "") -> list[Counting]:
    """Return how the positions of each text of a project are counted, from where it comes from and from evidence.

    Every way of counting gets a score, in nats: how much likelier the selections are if people made them than if the
    positions fell anywhere. The words that selections are named by tell most; else that selections lie within the text,
    split no character, and begin and end where lines, sentences, clauses and words do, if they do so under any way of
    counting. To that comes what is known of the program: .NET and JavaScript (NVivo) count UTF-16 units, ATLAS.ti
    counts a line end as one. A text whose names decide goes by them; the others by the score of all texts together, for
    they come from one program.

    Args:
        texts: All texts of the project with their selections.
        origin: What the project says it comes from.
    """
    evidence = [_evidence(each) for each in texts]
    factor = _weight_of_edges(texts, evidence)
    scores = [{r: found.firm + factor * found.edges for r, found in each.items()} for each in evidence]
    pooled = {
        reading: _prior(reading, origin)
        + sum(each[text.simplest(reading)] for text, each in zip(texts, scores, strict=True))
        for reading in READINGS
    }
    return [_counting(text, each, pooled, origin) for text, each in zip(texts, scores, strict=True)]


def _prior(reading: Reading, origin: str) -> float:
    """Return what is known before any position is seen, in nats."""
    program = origin.lower()
    score = -6.0 * reading.inclusive - 4.0 * reading.bom
    if "nvivo" in program:
        # Its database counts UTF-16 units of the text as it stands, \r\n as two, from 0, the end not included.
        score -= 7.0 * (not reading.utf16) + 5.0 * (reading.line_ends != "as they stand") + 14.0 * reading.inclusive
    elif "maxqda" in program:
        score -= 1.0 * (not reading.utf16)
    elif any(name in program for name in ("qualcoder", "lbc_themes", "taguette")):
        score -= 3.0 * reading.utf16
    elif "atlas" not in program:
        # The standard counts code points.
        score -= 0.5 * reading.utf16
    usual = "one" if "atlas" in program else "as they stand"
    return score - 2.0 * (reading.line_ends != usual)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Evidence:
    """What speaks for one way of counting: ``firm`` is names and what cannot be, ``edges`` where selections end."""

    firm: float = 0.0
    edges: float = 0.0


def _evidence(each: Measured) -> dict[Reading, _Evidence]:
    different = dict.fromkeys(each.simplest(reading) for reading in READINGS)
    if len(different) == 1 or not each.marked:
        return dict.fromkeys(different, _Evidence())
    edges = _Edges(each.text)
    return {reading: _evidence_for(each, Ruler(each.text, reading), edges) for reading in different}


def _evidence_for(each: Measured, ruler: "Ruler", edges: "_Edges") -> _Evidence:
    firm, likelihoods = 0.0, dict[tuple[int, int], float]()
    for mark in each.marked:
        if mark.start >= mark.end:
            continue
        where = ruler.slice(mark.start, mark.end)
        if where is None or ruler.splits(mark.start, mark.end):
            firm += _IMPOSSIBLE
            continue
        start, end = where
        words = each.text[start:end]
        firm += min(_NAMED_AT_MOST, _A_LETTER * len(_MARKS.sub("", mark.words))) * how_well(words, mark.words) / 2
        # Blanks do not count for whether the words are there, but decide between two places that differ in a blank.
        firm += words == mark.words
        if ruler.inclusive and not each.text[end - 1 : end].isalnum():
            # Whether people select the full stop too is a habit, and says nothing of whether ends are inclusive.
            end -= 1
        # The same words under several codes were selected once.
        likelihoods[start, end] = edges.likelihood(start, end)
    return _Evidence(firm=firm, edges=sum(likelihoods.values()))


def _weight_of_edges(texts: Sequence[Measured], evidence: Sequence[Mapping[Reading, _Evidence]]) -> float:
    """Return 1 where some way of counting makes the selections look like a person's, else 0."""
    counts = [len({(m.start, m.end) for m in text.marked if m.start < m.end}) for text in texts]
    told = [(text, found, n) for text, found, n in zip(texts, evidence, counts, strict=True) if len(found) > 1 and n]
    total = sum(n for *_, n in told)
    sums = [sum(found[text.simplest(reading)].edges for text, found, _ in told) for reading in READINGS]
    return float(bool(told) and max(sums) >= _LIKE_A_PERSON * total)


class _Edges:
    """How likely a slice of a text is to be a selection of a person's, against any slice of the same text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._word_edges = _word_edges(text)
        self._starts = self._ratios(_STARTS, self._start)
        self._ends = self._ratios(_ENDS, self._end)

    def _ratios(self, assumed: Mapping[str, float], kind: Callable[[int], str]) -> dict[str, float]:
        """Return the log-likelihood ratio of each kind of edge; at most 2,000 positions are counted."""
        step = 1 + len(self._text) // 2000
        counts = Counter(kind(at) for at in range(0, len(self._text) + 1, step))
        total = sum(counts.values()) + _ANYWHERE_WEIGHT
        anywhere = {name: (counts[name] + _ANYWHERE_WEIGHT * _ANYWHERE[name]) / total for name in _KINDS}
        return {name: math.log(assumed[name] / anywhere[name]) for name in _KINDS}

    def likelihood(self, start: int, end: int) -> float:
        return self._starts[self._start(start)] + self._ends[self._end(end)]

    def _start(self, at: int) -> str:
        before, after = self._text[at - 1 : at], self._text[at : at + 1]
        if after in _CLOSING or after.isspace() or after in _JOINERS or before in _JOINERS:
            return "odd"
        if before in ("", "\n", "\r"):
            return "line"
        told = self._text[max(0, at - 3) : at].rstrip(" ”’」』)）\t\u3000")
        if told[-1:] in _SENTENCE or (told[-1:] == "." and before.isspace()):
            return "sentence"
        return self._between(at, before)

    def _end(self, at: int) -> str:
        before, after = self._text[at - 1 : at] if at else "", self._text[at : at + 1]
        if not before or before.isspace() or before in _OPENING or after in _JOINERS or before == "\u200d":
            return "odd"
        if after in ("", "\n", "\r"):
            return "line"
        if before in _SENTENCE or after in _SENTENCE or (after == "." and before.isalnum()) or before == ".":
            return "sentence"
        return self._between(at, after)

    def _between(self, at: int, beside: str) -> str:
        if not (beside.isalnum() or beside == "_"):
            return "clause"
        return "word" if at in self._word_edges else "inside"


def _word_edges(text: str) -> frozenset[int]:
    """Return where words begin and end: as blanks and scripts part them, and as the word cutter parts Chinese."""
    edges: set[int] = set()
    for run in _RUN.finditer(text):
        edges |= {run.start(), run.end()}
        if _HAN.search(run[0]):
            edges |= set(accumulate(map(len, cut(run[0])), initial=run.start()))
    return frozenset(edges)


def _counting(
    each: Measured, scores: Mapping[Reading, float], pooled: Mapping[Reading, float], origin: str
) -> Counting:
    own = {r: scores[each.simplest(r)] + _prior(r, origin) for r in READINGS}
    judged = own if _named_apart(each, scores) else pooled
    best = max(READINGS, key=lambda r: (judged[r], pooled[r]))
    if judged is pooled and any(_outside(each, best, mark) for mark in each.marked):
        # What most texts say cannot be of a text whose selections it puts outside.
        best = max(READINGS, key=lambda r: (own[r], pooled[r]))
        judged = own
    close = [r for r in READINGS if judged[best] - judged[r] < _MARGIN and each.simplest(r) != each.simplest(best)]
    places = _places(each, best)
    rivals = [r for r in dict.fromkeys(each.simplest(r) for r in close) if _places(each, r) != places]
    return Counting(reading=each.simplest(best), rivals=tuple(rivals))


def _named_apart(each: Measured, scores: Mapping[Reading, float]) -> bool:
    """Say whether the words of some selection stand where one way of counting puts it and not where another does."""
    rulers = [Ruler(each.text, reading) for reading in scores]
    for mark in each.marked if len(rulers) > 1 else ():
        found = [ruler.slice(mark.start, mark.end) for ruler in rulers]
        fits = {how_well(each.text[where[0] : where[1]], mark.words) if where else 0 for where in found}
        if len(fits) > 1:
            return True
    return False


def _outside(each: Measured, reading: Reading, mark: Marked) -> bool:
    return mark.start < mark.end and Ruler(each.text, reading).slice(mark.start, mark.end) is None


def _places(each: Measured, reading: Reading) -> tuple[tuple[int, int] | None, ...]:
    ruler = Ruler(each.text, reading)
    return tuple(ruler.slice(mark.start, mark.end) for mark in each.marked if mark.start < mark.end)


def placed(each: Measured, mark: Marked, reading: Reading) -> tuple[tuple[int, int] | None, bool]:
    """Return where a selection is, and whether its words are there, if it is words and no number that it is called by.

    Where they are not there under ``reading``, the first other way of counting under which they are is taken.
    """
    text, where = each.text, Ruler(each.text, reading).slice(mark.start, mark.end)
    if not _MARKS.sub("", mark.words) or (where and how_well(text[where[0] : where[1]], mark.words)):
        return where, True
    for other in dict.fromkeys(each.simplest(r) for r in READINGS):
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
